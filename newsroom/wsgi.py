"""The entry of WSGI servers. A serving process follows the log of changes and writes its counts once a second."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")
application = get_wsgi_application()

from articles.reading import history, store  # noqa: E402 (models are there once the application is)
from members.meter import budget  # noqa: E402
from newsroom.ground import counters  # noqa: E402
from newsroom.ground.beat import Beat  # noqa: E402

store.default.follower.followed = True
# Counts and reading histories are written and what others took of the budgets is read back. Each in a thread of its
# own: a write may have to wait for others, and nothing may keep a withdrawn story on the site.
Beat(store.default.follower.poll).start()
Beat(budget.poll, store.default.poll_inserts, history.flush, last=[counters.flush, history.flush]).start()

# What is loaded by now lives as long as the process: the collector need not walk through it again and again.
gc.collect()
gc.freeze()
