"""The one settings file. What differs between hosts comes from the environment; README, Configuration, lists it.

A wrong value stops start-up with one clear line.
"""

import re
import zoneinfo
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONCE, NONE, SELF
from environs import Env, EnvError
from whitenoise.compress import Compressor

from newsroom import mail
from newsroom.environment import as_meta, check, checked_hosts, machine_secret, parsed, stop
from newsroom.ground.hosts import is_loopback, without_port

BASE_DIR = Path(__file__).resolve().parent.parent


env = Env()
try:
    DEBUG = env.bool("DEBUG", False)
    DEMO = env.bool("DEMO", False)
    # What this machine keeps: database, pictures, collected files, the demo's mail and key.
    VAR_DIR = env.path("VAR_DIR", BASE_DIR / "var")
    SITE_NAME = env.str("SITE_NAME", "The Valley Courier" if DEMO else "Newsroom")
    SITE_HOSTS = env.list("SITE_HOSTS", ["localhost:8000", "127.0.0.1:8000"] if DEMO or DEBUG else [])
    ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", [])
    TIME_ZONE = env.str("TIME_ZONE", "UTC")
    # False: nobody has said how many, which `check --deploy` tells.
    PROXIES_COUNTED = env.int("TRUSTED_PROXIES", None) is not None
    TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0)
    SECRET_KEY = env.str("SECRET_KEY", "")
    # Keys of before: what they signed and encrypted is still read.
    SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", [])
    DATABASE_URL = env.str("DATABASE_URL", f"sqlite:///{VAR_DIR / 'newsroom.sqlite3'}")
    REDIS_URL = env.str("REDIS_URL", "")
    MEDIA_ROOT = env.path("MEDIA_ROOT", VAR_DIR / "media")
    # What a process may keep of compiled pages in its memory, in megabytes.
    PAGES_MEMORY_MB = env.int("PAGES_MEMORY_MB", 64)
    DEMO_PASSWORD = env.str("DEMO_PASSWORD", "")
    # Free articles a month: the meter. METER_BUDGET: what one network's strangers may open a day, cookies or none.
    METER = env.bool("METER", DEMO)
    METER_STRANGERS = env.int("METER_STRANGERS", 3)
    METER_REGISTERED = env.int("METER_REGISTERED", 10)
    METER_BUDGET = env.int("METER_BUDGET", 300)
    # Domains whose robots read whole stories, such as googlebot.com.
    CRAWLERS = env.list("CRAWLERS", [])
    # The ad unit of an outside ad server (Google Ad Manager), such as /1234567/front: a mode of its own, with a consent
    # of its own. Empty: no reader's page asks anything of anybody else.
    ADS_OUTSIDE = env.str("ADS_OUTSIDE", "")
    # Headers in which the proxy in front tells a reader's country (two letters) and class of device, such as
    # CF-IPCountry; kept as `request.META` names them.
    COUNTRY_HEADER = env.str("COUNTRY_HEADER", "")
    DEVICE_HEADER = env.str("DEVICE_HEADER", "")
    GRACE_DAYS = env.int("GRACE_DAYS", 14)
    EMAIL_URL = env.str("EMAIL_URL", "" if DEMO or DEBUG else "smtp://localhost:25")
    MEMBERS_EMAIL = env.str("MEMBERS_EMAIL", "")
    # The currency that pages name where the reader has not chosen one, if a plan has a price in it.
    CURRENCY = env.str("CURRENCY", "EUR")
    # Stripe: without a key nobody can pay here. Two webhook secrets, with a comma, while one is being rolled.
    STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", "")
    STRIPE_WEBHOOK_SECRET = env.list("STRIPE_WEBHOOK_SECRET", [])
    STRIPE_API_BASE = env.str("STRIPE_API_BASE", "")
    # Whether Stripe works out and adds taxes.
    STRIPE_TAX = env.bool("STRIPE_TAX", False)
    # Who may open an account.
    REGISTRATION = env.str("REGISTRATION", "open")
except EnvError as error:
    stop(str(error))


if not SITE_HOSTS:
    stop("SITE_HOSTS is empty. Name the site's hosts, the canonical one first: SITE_HOSTS=news.example.com")
SITE_HOSTS = checked_hosts("SITE_HOSTS", SITE_HOSTS)
CRAWLERS = checked_hosts("CRAWLERS", CRAWLERS)
ALLOWED_HOSTS = [without_port(host) for host in checked_hosts("ALLOWED_HOSTS", ALLOWED_HOSTS) or SITE_HOSTS]
if DEMO and not all(is_loopback(host) for host in [*SITE_HOSTS, *ALLOWED_HOSTS]):
    stop("DEMO=1 goes only with loopback hosts. Unset DEMO, or take localhost for SITE_HOSTS and ALLOWED_HOSTS.")
if TIME_ZONE not in zoneinfo.available_timezones():
    stop(f"TIME_ZONE={TIME_ZONE!r} is no time zone. Take a name such as Asia/Tbilisi.")
check(vars())
COUNTRY_HEADER, DEVICE_HEADER = (name and as_meta(name) for name in (COUNTRY_HEADER, DEVICE_HEADER))
GRACE = timedelta(days=GRACE_DAYS)
if STRIPE_SECRET_KEY and not re.fullmatch(r"[sr]k_(test|live)_\S+", STRIPE_SECRET_KEY):
    stop("STRIPE_SECRET_KEY is no secret key. Take one that starts with sk_test_, sk_live_, rk_test_ or rk_live_.")
STRIPE_LIVE = STRIPE_SECRET_KEY.startswith(("sk_live_", "rk_live_"))
STRIPE_WEBHOOK_SECRET = [secret.strip() for secret in STRIPE_WEBHOOK_SECRET if secret.strip()]
if len(STRIPE_WEBHOOK_SECRET) > 2 or not all(secret.startswith("whsec_") for secret in STRIPE_WEBHOOK_SECRET):
    stop("STRIPE_WEBHOOK_SECRET is none that we know. Take one that starts with whsec_, or two with a comma.")
if STRIPE_API_BASE:
    if STRIPE_LIVE:
        stop("STRIPE_API_BASE does not go with a live key: payments would go elsewhere. Unset it.")
    if not is_loopback(urlsplit(STRIPE_API_BASE).netloc):
        stop(f"STRIPE_API_BASE={STRIPE_API_BASE!r} is not this machine. Take http://127.0.0.1:PORT, or unset it.")
if REGISTRATION not in {"open", "invitation", "closed"}:
    stop(f"REGISTRATION={REGISTRATION!r} is none that we know. Take open, invitation or closed.")
if not (SECRET_KEY or DEMO or DEBUG):
    stop("SECRET_KEY is not set. Make one: python -c 'import secrets; print(secrets.token_urlsafe(50))'")
try:
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    SECRET_KEY = SECRET_KEY or machine_secret(VAR_DIR)
except OSError as error:
    stop(f"VAR_DIR={str(VAR_DIR)!r} cannot be written: {error.strerror}.")

SECURE = not (DEMO or DEBUG)
SITE_URL = f"{'https' if SECURE else 'http'}://{SITE_HOSTS[0]}"

INSTALLED_APPS = [
    "newsroom",
    "newsroom.ground",
    "articles.desk",
    "articles.importing",
    "articles.reading",
    "articles.ads",
    "articles",
    "articles.tags",
    "members.accounts",
    "members.billing",
    "members.prompts",
    "members",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "taggit",
    "csp",
    "django_prose_editor",
    "django_tasks",
    "django_tasks_db",
]

MIDDLEWARE = [
    "articles.reading.front.FrontMiddleware",
    "newsroom.ground.headers.PolicyMiddleware",
    "newsroom.ground.headers.HeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "newsroom.ground.language.LanguageMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "members.sessions.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "members.accounts.factors.door.DeskDoorMiddleware",
]

# Those of them that dress a response in headers: the short way (articles.reading.front) lets each kind of response
# pass through these very ones once, and keeps what they added.
DRESS = [
    "newsroom.ground.headers.PolicyMiddleware",
    "newsroom.ground.headers.HeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "newsroom.ground.language.LanguageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "newsroom.urls"
WSGI_APPLICATION = "newsroom.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "newsroom.ground.site.site",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"

DATABASE_FORMS = "postgres://USER:PASSWORD@HOST:5432/NAME or sqlite:///PATH"
if not DATABASE_URL.startswith(("sqlite://", "postgres://", "postgresql://")):
    stop(f"DATABASE_URL names no database that we know. Take {DATABASE_FORMS}.")
DATABASES = {"default": parsed("DATABASE_URL", dj_database_url.parse, DATABASE_URL, DATABASE_FORMS)}
if not DATABASES["default"]["NAME"]:
    stop(f"DATABASE_URL names no database on its server. Take {DATABASE_FORMS}.")
DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    # A server that has vanished without a word is given up after seconds, not minutes.
    limits = {"connect_timeout": 5, "tcp_user_timeout": 10_000, "keepalives_idle": 10, "keepalives_interval": 5}
    DATABASES["default"]["OPTIONS"] = limits | DATABASES["default"].get("OPTIONS", {})
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

if REDIS_URL and not REDIS_URL.startswith(("redis://", "rediss://", "unix://")):
    stop("REDIS_URL names no Redis server. Take redis://HOST:6379/0.")
parsed("REDIS_URL", lambda url: urlsplit(url).port, REDIS_URL, "redis://HOST:6379/0")
# The limits that guard sign-in live in `default`, so it is a table, and one that traffic does not fill: what does not
# fit is forgotten. `shared` is for what may be lost, and is there with REDIS_URL alone.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 1_000_000},
    }
}
if REDIS_URL:
    CACHES["shared"] = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# Languages: the default one has no prefix in addresses, each other lives under /LANG/.
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ru", "Русский")]
LOCALE_PATHS = [BASE_DIR / "newsroom" / "locale"]
FORMAT_MODULE_PATH = ["newsroom.formats"]
USE_TZ = True

# What each role may do in the desk: the rooms' tables, merged by members.accounts.roles, which knows no other room.
ROLE_RIGHTS = ["members.accounts.roles.RIGHTS", "articles.desk.rights.RIGHTS"]

# What the rooms keep of a person, told and erased by their modules; members' own is the last (see there).
PERSONAL_DATA = ["articles.reading.history", "members.billing.personal_data", "members.prompts.personal_data",
                 "members.accounts.personal_data"]  # fmt: skip

# Accounts: e-mail and password, no user names. The rest of allauth's defaults hold: rate limits on, existence not told.
AUTH_USER_MODEL = "members.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "members.accounts.passwords.BareCommonValidator"},
    {"NAME": "members.accounts.passwords.OwnWordsValidator"},
]
ACCOUNT_ADAPTER = "members.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {
    name: f"members.accounts.forms.{form}"
    for name, form in {
        "login": "LoginForm", "signup": "SignupForm", "confirm_email_verification_code": "ConfirmEmailForm",
        "add_email": "AddEmailForm", "change_password": "ChangePasswordForm", "set_password": "SetPasswordForm",
        "reset_password": "ResetPasswordForm", "reset_password_from_key": "ResetPasswordKeyForm",
        "user_token": "TokenForm", "reauthenticate": "ReauthenticateForm", "request_login_code": "AskCodeForm",
        "confirm_login_code": "EnterCodeForm",
    }.items()
}  # fmt: skip
# A code in the same tab, so that the reader comes back to the story. It may be sent again, but not to another address:
# allauth offers that for new accounts alone, which would tell that the others exist.
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
# Seconds for which a code by mail holds (ASVS 6.5.5), and a link for a new password.
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 10 * 60
PASSWORD_RESET_TIMEOUT = 3600
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
# One address an account: a new one takes the place of the old once it is proven.
ACCOUNT_CHANGE_EMAIL = True
# Who finds an open session cannot take the account over: a new address asks for the password first.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
# The link in the mail is proof enough; the reader goes on to the story.
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
# What slows those who try too often is members.accounts.guards, which locks nobody out. allauth's own limits remain
# where one must be hard: how much mail an address is sent (members.accounts.mail_cap says what is open then), and
# guesses at a second factor, which only who knows the password can make (login_failed; sign-in itself does not ask it).
ACCOUNT_RATE_LIMITS = {
    "login": None, "signup": None, "reauthenticate": None, "change_password": None, "manage_email": None,
    "reset_password": "10/h/key", "reset_password_from_key": None, "request_login_code": "10/h/key",
    "login_failed": "5/5m/key", "confirm_email": "10/h/key",
}  # fmt: skip
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_USER_DISPLAY = "members.accounts.adapter.display_name"
# Who has forgotten the password, or never wants to type it, signs in by a code by mail.
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
# What was changed about an account is told at its address, and a change of address at the old one.
ACCOUNT_EMAIL_NOTIFICATIONS = True
# Second factors: an app, passkeys (which also sign in by themselves), recovery codes beside them.
MFA_ADAPTER = "members.accounts.factors.adapter.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# Steps of 30 seconds that an app's clock may go wrong, either way.
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {
    name: f"members.accounts.factors.forms.{form}"
    for name, form in {
        "authenticate": "AuthenticateForm", "reauthenticate": "ReauthenticateForm", "activate_totp": "ActivateForm",
        "add_webauthn": "AddPasskeyForm", "edit_webauthn": "EditPasskeyForm",
    }.items()
}  # fmt: skip
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "front"
LOGOUT_REDIRECT_URL = "front"

# Without EMAIL_URL the demo's mail is written to files, which /outbox/ shows.
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = VAR_DIR / "outbox"
vars().update(mail.taken(EMAIL_URL))
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = SERVER_EMAIL = f"{SITE_NAME} <no-reply@{urlsplit(SITE_URL).hostname}>"
# Where readers write who want to be members.
MEMBERS_EMAIL = MEMBERS_EMAIL or f"members@{urlsplit(SITE_URL).hostname}"

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "newsroom.ground.static.JoinedStaticStorage"
    },
}
# Pages name files by their content alone; the plain names need not be kept beside them.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
# No other site's scripts read them, as none reads our pages.
WHITENOISE_ALLOW_ALL_ORIGINS = False
# Source maps are for developers: compressing them is most of collectstatic's time.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = [*Compressor.SKIP_COMPRESS_EXTENSIONS, "map"]
MEDIA_URL = "/media/"
# Decoded pixels of an upload; a larger picture is refused before it is unpacked.
IMAGE_PIXELS_MAX = 50_000_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE], "script-src": [SELF, NONCE], "style-src": [SELF], "img-src": [SELF], "font-src": [SELF],
        "media-src": [SELF], "frame-src": [SELF], "connect-src": [SELF], "manifest-src": [SELF], "form-action": [SELF],
        "frame-ancestors": [NONE], "base-uri": [NONE],
    }
}  # fmt: skip
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SESSION_ENGINE = "members.sessions"
# In the session, not in a cookie of their own.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
READER_COOKIE_NAME = "reader"
# By which an account's owner is told of new browsers; set at sign-in.
BROWSER_COOKIE_NAME = "browser"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "newsroom.ground.health.unproven"
if SECURE:
    SECURE_SSL_REDIRECT = True
    # Machines do not follow: what they post is signed, and answered as it comes.
    SECURE_REDIRECT_EXEMPT = [r"^stripe/webhook/?$"]
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    READER_COOKIE_NAME = "__Host-reader"
    BROWSER_COOKIE_NAME = "__Host-browser"
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    if TRUSTED_PROXIES:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

SILENCED_SYSTEM_CHECKS = []

# Addresses and paths never stand in one line: Django's own request log is turned down to errors without addresses. Of a
# task that failed newsroom.ground.tasks tells: the queue's own log has the whole error, and a mail server's has names.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} {message}", "datefmt": "%Y-%m-%dT%H:%M:%S%z", "style": "{"}
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        # Whoever wants can ask for what is not there, or by another name: that is no news.
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"handlers": ["stderr"], "level": "CRITICAL", "propagate": False},
        "django_tasks": {"level": "CRITICAL"},
        "newsroom": {"level": "INFO"},
    },
}
