"""What would make a served site unsafe is told before it is served, in one line with its remedy."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.core import checks as django_checks

from members.accounts import demo
from members.models import User
from newsroom import checks
from newsroom.management.commands import _readiness
from tests.conftest import PASSWORD
from tests.test_settings import check, read

pytestmark = pytest.mark.django_db

SECRET = "A1b2C3d4E5f6G7h8I9j0-" * 3


@pytest.fixture(autouse=True)
def _served(settings, tmp_path):
    """A host that is served for real, with nothing to find fault with."""
    settings.DEMO, settings.SECURE, settings.SECRET_KEY, settings.PROXIES_COUNTED = False, True, SECRET, True
    settings.VAR_DIR, settings.STATIC_ROOT, settings.MEDIA_ROOT = tmp_path, tmp_path / "static", tmp_path / "media"


def found():
    """The ids of all that our own checks tell."""
    told = django_checks.run_checks(include_deployment_checks=True, databases=["default"])
    return {one.id for one in told if one.id.startswith("newsroom.")}


def test_a_host_that_is_set_up_well_is_told_nothing():
    assert found() == set()


def test_every_check_tells_its_remedy_in_one_line():
    told = [one for one in vars(checks).values() if isinstance(one, django_checks.CheckMessage)]
    assert len({one.id for one in told}) == len(told) == 9
    for one in told:
        assert one.hint
        assert "\n" not in one.msg + one.hint
        assert len(one.hint) < 130


@pytest.mark.parametrize("secret", ["short", "a" * 60, "changeme" * 8, "django-insecure-" + SECRET])
def test_a_secret_that_can_be_guessed(settings, secret):
    settings.SECRET_KEY = secret
    assert found() == {"newsroom.E002"}


@pytest.mark.parametrize("backend", ["locmem.LocMemCache", "dummy.DummyCache"])
def test_a_cache_that_processes_do_not_share(settings, backend):
    settings.CACHES = {"default": {"BACKEND": f"django.core.cache.backends.{backend}"}}
    assert found() == {"newsroom.E003"}


@pytest.mark.parametrize("folder", ["static/media", "static", "."])
def test_pictures_among_files_that_are_public_or_secret(settings, tmp_path, folder):
    settings.MEDIA_ROOT = tmp_path / folder
    assert found() == {"newsroom.E004"}


@pytest.mark.parametrize("host", ["*", ".example.com"])
def test_hosts_that_nobody_named(settings, host):
    settings.ALLOWED_HOSTS = ["news.example.com", host]
    assert found() == {"newsroom.E005"}


def test_proxies_that_nobody_counted(settings):
    settings.PROXIES_COUNTED = False
    assert found() == {"newsroom.W001"}


def test_no_proxy_is_a_count_too():
    assert read("PROXIES_COUNTED", TRUSTED_PROXIES="0")
    uncounted = {"TRUSTED_PROXIES": None}
    assert not read("PROXIES_COUNTED", **uncounted)
    status, printed = check("--deploy", "--fail-level", "WARNING", **uncounted)
    assert status != 0
    assert "newsroom.W001" in printed


def test_payments_that_nobody_hears_of(settings):
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = "sk_test_of_nobody", []
    assert found() == {"newsroom.E006"}
    settings.STRIPE_WEBHOOK_SECRET = ["whsec_x"]
    assert found() == set()


def test_the_demos_accounts():
    User.objects.create_user(demo.MEMBER, PASSWORD)
    assert found() == {"newsroom.E001"}


def test_staff_without_a_second_factor(nino, davit):
    assert found() == {"newsroom.W002"}
    TOTP.activate(nino, "secret")
    davit.banned_at = datetime.now(UTC)
    davit.save()
    assert found() == set()


def test_nothing_is_asked_of_the_demo(settings, nino):
    settings.DEMO, settings.SECURE, settings.PROXIES_COUNTED, settings.SECRET_KEY = True, False, False, "short"
    User.objects.create_user(demo.MEMBER, PASSWORD)
    assert found() == set()


def test_what_is_an_error_keeps_the_site_from_being_served_and_a_warning_does_not(settings, nino):
    assert _readiness.refusals() == []
    settings.SECRET_KEY = "short"
    (line,) = _readiness.refusals()
    assert "SECRET_KEY" in line
    assert "Make one:" in line


TLS = {"OPTIONS": {"sslmode": "verify-full"}}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASES", {"default": {"HOST": "db.example.com", "OPTIONS": {}}}),
        ("DATABASES", {"default": {"HOST": "db.example.com", "OPTIONS": {"sslmode": "require"}}}),
        ("REDIS_URL", "redis://redis.example.com:6379/0"),
        ("EMAIL_HOST", "mail.example.com"),
    ],
)
def test_servers_elsewhere_that_are_spoken_with_in_the_clear(monkeypatch, name, value):
    monkeypatch.setattr(checks, "settings", SimpleNamespace(**{**OF_THIS_MACHINE, name: value}))
    assert checks.servers_elsewhere_are_spoken_with_over_tls() == [checks.IN_THE_CLEAR]


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"DATABASES": {"default": {"HOST": "/run/postgresql"}}, "REDIS_URL": "unix:///run/redis.sock"},
        {"DATABASES": {"default": {"HOST": "db.example.com", **TLS}}, "REDIS_URL": "rediss://redis.example.com"},
        {"EMAIL_HOST": "mail.example.com", "EMAIL_USE_TLS": True},
    ],
)
def test_servers_of_this_machine_and_those_that_prove_who_they_are(monkeypatch, changed):
    monkeypatch.setattr(checks, "settings", SimpleNamespace(**{**OF_THIS_MACHINE, **changed}))
    assert checks.servers_elsewhere_are_spoken_with_over_tls() == []


OF_THIS_MACHINE = {
    "DATABASES": {"default": {"HOST": "127.0.0.1"}},
    "REDIS_URL": "redis://localhost:6379/0",
    "EMAIL_HOST": "localhost",
    "EMAIL_USE_TLS": False,
    "EMAIL_USE_SSL": False,
}
