"""The cast and the stage of all tests.

Nino edits, Davit publishes, Leyla is a member, Aram is registered, a stranger has no name.
"""

import os
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import Group
from django.core.cache import caches
from django.test import Client
from django.utils import timezone

from articles import publishing
from articles.models import Article
from articles.reading import store
from members import meter
from members.models import Grant, User
from newsroom.ground import counters, keys

PASSWORD = "the river rises at noon"
# What a reader's browser calls itself: what calls itself a robot, or nothing, is answered as one.
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
HEADERS = {"host": "localhost:8000", "user-agent": BROWSER}

# What stands in the gated half of a story, and nowhere else; and what stands in its free half.
FREE_WORD, GATED_WORD = "freeparakeet", "gatedpangolin"


def pytest_configure(config):
    # Files are served as they lie: the names that collectstatic makes are tried where collectstatic is.
    django_settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    django_settings.MEDIA_ROOT = f"{django_settings.MEDIA_ROOT}-{worker}"
    django_settings.EMAIL_FILE_PATH = f"{django_settings.MEDIA_ROOT}-outbox"


@pytest.fixture(autouse=True)
def _clean_cache(request):
    """Pages are kept by the process and by those that share them: each test starts with none."""
    if "db" in request.fixturenames or request.node.get_closest_marker("django_db"):
        request.getfixturevalue("db")
        for name in django_settings.CACHES:
            caches[name].clear()
        store.default.forget()
        store.default.follower.forget()
        counters.forget()


@pytest.fixture
def serving(db):
    """This process follows the log of changes as one that serves does: not at each request, but when told to, by
    `serving()`, as the beat does every second."""
    follower = store.default.follower
    follower.followed = True
    store.default.catch_up()
    yield follower.poll
    follower.followed = False


@pytest.fixture
def now():
    return datetime.now(UTC)


@pytest.fixture
def aram(db):
    return User.objects.create_user("aram@example.com", PASSWORD, display_name="Aram")


@pytest.fixture
def leyla(db):
    user = User.objects.create_user("leyla@example.com", PASSWORD, display_name="Leyla")
    Grant.objects.create(user=user, reason="a test", starts_at=datetime.now(UTC) - timedelta(days=1))
    return user


@pytest.fixture
def nino(db):
    return _staff("nino@example.com", "Nino", User.Role.EDITOR)


@pytest.fixture
def davit(db):
    return _staff("davit@example.com", "Davit", User.Role.PUBLISHER)


def _staff(email, name, role):
    user = User.objects.create_user(email, PASSWORD, display_name=name, role=role, is_staff=True)
    user.groups.set(Group.objects.filter(name="Editors"))
    return user


@pytest.fixture
def as_(db):
    """as_(user) is a browser signed in as the user; as_(None) a stranger's."""

    def browser(user=None):
        client = Client(headers=HEADERS)
        if user is not None:
            client.force_login(user)
        return client

    return browser


@pytest.fixture
def stranger(as_):
    return as_(None)


@pytest.fixture
def story(db):
    """story(headline="…", paragraphs=6, …) publishes a story; its free half holds FREE_WORD, its gated half GATED_WORD."""

    def publish(headline="The mill road reopens", html=None, paragraphs=6, **fields):
        draft_fields = {
            name: fields.pop(name)
            for name in ("section", "tags", "hashtags", "authors", "corrections")
            if name in fields
        }
        fields.setdefault("published_at", datetime.now(UTC) - timedelta(hours=2))
        draft = publishing.Draft(Article(headline=headline, **fields), html or story_html(paragraphs), **draft_fields)
        return publishing.publish([draft])[0]

    return publish


def story_html(paragraphs=6):
    free = [f"<p>Paragraph {n} is free and says {FREE_WORD}.</p>" for n in (1, 2)]
    gated = [f"<p>Paragraph {n} is gated and says {GATED_WORD}.</p>" for n in range(3, paragraphs + 1)]
    return "".join(free + gated)


@pytest.fixture
def own_keys(settings, tmp_path):
    """A folder of keys of the test's own, which no other host shares; it is the value."""
    settings.VAR_DIR, settings.REDIS_URL = tmp_path, ""
    keys.forget()
    yield tmp_path / "keys"
    keys.forget()


@pytest.fixture
def metered(settings, own_keys):
    """A newsroom with the meter: 3 free articles a month, 10 with an account. The value is its settings."""
    settings.METER = True
    meter.budget.forget()
    yield settings
    meter.budget.forget()


@pytest.fixture
def on_day(time_machine):
    """on_day(2026, 12, 1, hour) makes it that moment, in the newsroom's time zone, and stops the clock; returns it."""

    def move(*told):
        moment = timezone.make_aware(timezone.datetime(*told))
        time_machine.move_to(moment, tick=False)
        return moment

    return move
