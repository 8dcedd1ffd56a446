"""What Django's checks cannot know: `manage.py check --deploy --database default` asks these too, and so does serve."""

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.db import connections

from members.accounts import demo

DEMO_ACCOUNTS = Error(
    "This database has the demo's accounts, whose passwords are no secret.",
    hint='Delete them: manage.py shell -c "from members.accounts import demo; demo.accounts().delete()"',
    id="newsroom.E001",
)


@register(Tags.database, deploy=True)
def only_the_demo_has_its_accounts(databases=None, **kwargs):
    if settings.DEMO:
        return []
    found = [alias for alias in databases or [] if _has_demo_accounts(alias)]
    return [DEMO_ACCOUNTS] if found else []


def _has_demo_accounts(alias):
    """False for a database that is not set up yet as well."""
    accounts = demo.accounts().using(alias)
    return accounts.model._meta.db_table in connections[alias].introspection.table_names() and accounts.exists()
