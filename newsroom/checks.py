"""What Django's checks cannot know: `manage.py check --deploy --database default` asks these too, and so does serve.

An error keeps the site from being served; a warning does not.
"""

from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register
from django.db import connections

from members.accounts import demo
from members.accounts.factors import shown
from newsroom.ground.hosts import is_loopback

DEMO_ACCOUNTS = Error(
    "This database has the demo's accounts, whose passwords are no secret.",
    hint='Delete them: manage.py shell -c "from members.accounts import demo; demo.accounts().delete()"',
    id="newsroom.E001",
)
WEAK_SECRET = Error(
    "SECRET_KEY can be guessed: it is short, of few letters, or an example.",
    hint="Make one: python -c 'import secrets; print(secrets.token_urlsafe(50))'",
    id="newsroom.E002",
)
OWN_CACHES = Error(
    "Each process would have a cache of its own, so that sign-in limits would not hold.",
    hint="Set CACHES['default'] to django.core.cache.backends.db.DatabaseCache, as newsroom/settings.py has it.",
    id="newsroom.E003",
)
PUBLIC_MEDIA = Error(
    "MEDIA_ROOT lies where files are public or secret: in or around STATIC_ROOT, static/, or around VAR_DIR.",
    hint="Give pictures a folder of their own: MEDIA_ROOT=/srv/newsroom/media",
    id="newsroom.E004",
)
ANY_HOST = Error(
    "ALLOWED_HOSTS lets any host in, so that links in mails could lead anywhere.",
    hint="Name the hosts: ALLOWED_HOSTS=news.example.com",
    id="newsroom.E005",
)
UNHEARD_STRIPE = Error(
    "Payments are taken, but nothing that Stripe tells of them: STRIPE_WEBHOOK_SECRET is not set.",
    hint="Add an endpoint at Stripe for https://HOST/stripe/webhook/, and set the secret that it shows: whsec_…",
    id="newsroom.E006",
)
UNCOUNTED_PROXIES = Warning(
    "TRUSTED_PROXIES is not set, so that behind a proxy all readers count as one, and TLS is not seen.",
    hint="Set it to the number of proxies in front of this server, or to 0 if readers reach it themselves.",
    id="newsroom.W001",
)
ONE_FACTOR = Warning(
    "Some who work here have no second factor; the desk lets them in once they have set one up.",
    hint="Have them sign in and set one up at /accounts/2fa/, or take their role away.",
    id="newsroom.W002",
)

IN_THE_CLEAR = Warning(
    "The database, Redis or the mail server is another machine and is spoken with in the clear, or without proof.",
    hint="Set DATABASE_URL=postgres://…?sslmode=verify-full, REDIS_URL=rediss://…, EMAIL_URL=submission://…",
    id="newsroom.W003",
)

SECRET_LETTERS, SECRET_DIFFERENT = 40, 10
EXAMPLES = ("django-insecure", "changeme", "change-me", "example")
# Backends that live in one process.
PRIVATE_CACHES = ("locmem.LocMemCache", "dummy.DummyCache")


@register(Tags.security, deploy=True)
def secret_is_one(**kwargs):
    secret = settings.SECRET_KEY
    weak = len(secret) < SECRET_LETTERS or len(set(secret)) < SECRET_DIFFERENT or secret.lower().startswith(EXAMPLES)
    return [WEAK_SECRET] if weak and not settings.DEMO else []


@register(Tags.security, deploy=True)
def processes_share_a_cache(**kwargs):
    return [OWN_CACHES] if settings.CACHES["default"]["BACKEND"].endswith(PRIVATE_CACHES) else []


@register(Tags.security, deploy=True)
def pictures_have_a_folder_of_their_own(**kwargs):
    media, var = Path(settings.MEDIA_ROOT).resolve(), Path(settings.VAR_DIR).resolve()
    served = [Path(folder).resolve() for folder in (settings.STATIC_ROOT, *settings.STATICFILES_DIRS)]
    overlap = any(media.is_relative_to(folder) or folder.is_relative_to(media) for folder in served)
    return [PUBLIC_MEDIA] if overlap or var.is_relative_to(media) else []


@register(Tags.security, deploy=True)
def hosts_are_named(**kwargs):
    return [ANY_HOST] if any(host == "*" or host.startswith(".") for host in settings.ALLOWED_HOSTS) else []


@register(Tags.security, deploy=True)
def proxies_are_counted(**kwargs):
    return [] if settings.PROXIES_COUNTED or not settings.SECURE else [UNCOUNTED_PROXIES]


@register(Tags.security, deploy=True)
def stripe_is_heard(**kwargs):
    return [UNHEARD_STRIPE] if settings.STRIPE_SECRET_KEY and not settings.STRIPE_WEBHOOK_SECRET else []


@register(Tags.security, deploy=True)
def servers_elsewhere_are_spoken_with_over_tls(**kwargs):
    database, shared = settings.DATABASES["default"], urlsplit(settings.REDIS_URL)
    servers = [
        (database.get("HOST"), database.get("OPTIONS", {}).get("sslmode") in ("verify-full", "verify-ca")),
        (shared.hostname, shared.scheme == "rediss"),
        (settings.EMAIL_HOST, settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL),
    ]
    return [IN_THE_CLEAR] if any(_is_elsewhere(host) and not over_tls for host, over_tls in servers) else []


def _is_elsewhere(host):
    """Whether a host of the settings is another machine; none and sockets (a path) are this one."""
    return bool(host) and not host.startswith("/") and not is_loopback(host)


@register(Tags.database, deploy=True)
def only_the_demo_has_its_accounts(databases=None, **kwargs):
    return [DEMO_ACCOUNTS] if not settings.DEMO and _exist(demo.accounts(), databases) else []


@register(Tags.database, deploy=True)
def staff_have_a_second_factor(databases=None, **kwargs):
    return [ONE_FACTOR] if not settings.DEMO and _exist(shown.staff_without(), databases) else []


def _exist(accounts, databases):
    """Whether any of these accounts is in one of the databases; not in one that is not set up yet, either."""
    for alias in databases or []:
        tables = connections[alias].introspection.table_names()
        asked = {accounts.model._meta.db_table, shown.Authenticator._meta.db_table}
        if asked <= set(tables) and accounts.using(alias).exists():
            return True
    return False
