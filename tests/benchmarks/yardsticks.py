"""What our pages are measured against: the WSGI entry of a Django project of its own, one yardstick a process.

YARDSTICK says which: `constant` (a view that returns a constant, behind the middleware of `django-admin startproject`),
`short` (a middleware in front of all others that answers with a constant and with our own page's headers: what stays of
Django under our short way), `plain` (an ordinary view, `plain/`: three queries and a template), `insert` (a signed note
is kept by one INSERT, on PostgreSQL).
"""

import hashlib
import hmac
import json
import os
from pathlib import Path

import dj_database_url
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

YARDSTICK = os.environ["YARDSTICK"]
# Of `short`: a file with {"headers": [[name, value], …], "length": bytes} of the page that it stands for.
PAGE = os.environ.get("YARDSTICK_PAGE")
# Of `plain` a file, of `insert` an address; and of `insert` the webhook's secret.
DATABASE = os.environ.get("YARDSTICK_DATABASE")
SECRET = os.environ.get("YARDSTICK_SECRET", "").encode()

# As `django-admin startproject` of Django 5.2 writes them.
STARTPROJECT = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
SESSIONS = {name for name in STARTPROJECT if "contrib" in name}
MIDDLEWARE = {
    "constant": STARTPROJECT,
    "insert": STARTPROJECT,
    "short": ["tests.benchmarks.yardsticks.ShortWay", *STARTPROJECT],
    "plain": [name for name in STARTPROJECT if name not in SESSIONS],
}
# The same connection that our own site has on SQLite: opening one for each request would make this yardstick too easy.
SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": DATABASE,
    "CONN_MAX_AGE": 60,
    "CONN_HEALTH_CHECKS": True,
    "OPTIONS": {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    },
}

POSTGRES = {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
KEEP = (
    "INSERT INTO note (stripe_id, type, made_at) VALUES (%s, %s, to_timestamp(%s)) ON CONFLICT (stripe_id) DO NOTHING"
)

contents = {}


def constant(request, length):
    """A page of so many bytes that costs nothing to make."""
    content = contents.get(length) or contents.setdefault(length, b"x" * length)
    return HttpResponse(content)


@csrf_exempt
def insert(request):
    """What a webhook does at the very least."""
    body = request.body
    at, code = (part.partition("=")[2] for part in request.headers["Stripe-Signature"].split(","))
    if not hmac.compare_digest(hmac.new(SECRET, f"{at}.".encode() + body, hashlib.sha256).hexdigest(), code):
        return HttpResponse(status=400)
    told = json.loads(body)
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [told["id"], told["type"], told["created"]])
    return HttpResponse("Kept.")


class ShortWay:
    def __init__(self, get_response):
        page = json.loads(Path(PAGE).read_text())
        self.headers, self.content = page["headers"], b"x" * page["length"]

    def __call__(self, request):
        response = HttpResponse(self.content)
        for name, value in self.headers:
            response.headers[name] = value
        return response


def database():
    return dj_database_url.parse(DATABASE) | POSTGRES if DATABASE.startswith("postgres") else SQLITE


settings.configure(
    SECRET_KEY=os.environ["SECRET_KEY"],
    ALLOWED_HOSTS=["localhost"],
    ROOT_URLCONF="tests.benchmarks.yardsticks",
    MIDDLEWARE=MIDDLEWARE[YARDSTICK],
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "tests.benchmarks.plain",
    ],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    DATABASES={"default": database()} if DATABASE else {},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
)
application = get_wsgi_application()

urlpatterns = [
    path("constant/<int:length>/", constant),
    path("insert/", insert),
    path("plain/", include("tests.benchmarks.plain.urls")),
]
