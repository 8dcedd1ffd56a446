"""A wrong setting stops start-up with one clear line; the right ones start a site that passes Django's own checks."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings

from newsroom.ground.hosts import is_loopback

PRODUCTION = {
    "SECRET_KEY": "p" * 10 + "-A1b2C3d4E5f6G7h8I9j0-" * 3,
    "SITE_HOSTS": "news.example.com,mirror.example.org",
    "TIME_ZONE": "Asia/Tbilisi",
    "TRUSTED_PROXIES": "1",
    "DATABASE_URL": "sqlite://:memory:",
}


def check(*arguments, **environment):
    """(exit status, all that is printed) of `manage.py check` on a host with that environment and no other."""
    return run("manage.py", "check", *arguments, **environment)


def read(expression, **environment):
    """What an expression in the settings' words is worth on such a host."""
    status, printed = run(
        "-c", f"import json; from newsroom.settings import *; print(json.dumps({expression}))", **environment
    )
    assert status == 0, printed
    return json.loads(printed)


def run(*arguments, **environment):
    """environment: what differs from PRODUCTION; None for what is not set."""
    environment = {"PATH": os.environ["PATH"], "VAR_DIR": os.environ["MEDIA_ROOT"], **PRODUCTION, **environment}
    environment = {name: value for name, value in environment.items() if value is not None}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, (done.stdout + done.stderr).strip()


def test_production_settings_pass_djangos_deployment_checks():
    status, printed = check("--deploy", "--fail-level", "WARNING")
    assert status == 0, printed


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PAGES_MEMORY_MB", "0"),
        ("PAGES_MEMORY_MB", "many"),
        ("METER_STRANGERS", "51"),
        ("METER_REGISTERED", "-1"),
        ("METER_BUDGET", "0"),
        ("GRACE_DAYS", "-1"),
        ("CURRENCY", "euro"),
        ("CURRENCY", ""),
        ("COUNTRY_HEADER", "CF IPCountry"),
        ("DEVICE_HEADER", "X-Device: "),
        ("ADS_OUTSIDE", "1234567/front"),
        ("ADS_OUTSIDE", "/1234567/<script>"),
        ("SITE_HOSTS", ""),
        ("SITE_HOSTS", "https://news.example.com"),
        ("SITE_HOSTS", "news.example.com/"),
        ("SITE_HOSTS", "news.example.com:abc"),
        ("SITE_HOSTS", "news.example.com:70000"),
        ("SITE_HOSTS", "news.example.com,"),
        ("SITE_HOSTS", "news.example.com mirror.example.org"),
        ("SITE_HOSTS", "[::zz]:8000"),
        ("ALLOWED_HOSTS", "https://news.example.com"),
        ("ALLOWED_HOSTS", "*"),
        ("SECRET_KEY", ""),
        ("VAR_DIR", "/dev/null/var"),
        ("VAR_DIR", __file__),
        ("MEMBERS_EMAIL", "members"),
        ("MEMBERS_EMAIL", "The Courier <members@news.example.com>"),
        ("REGISTRATION", "maybe"),
        ("DEBUG", "maybe"),
        ("TIME_ZONE", "Mars/Olympus"),
        ("TRUSTED_PROXIES", "-1"),
        ("TRUSTED_PROXIES", "two"),
        ("DATABASE_URL", "mysql://root@localhost/news"),
        ("DATABASE_URL", "postgres://u:p@h:abc/db"),
        ("DATABASE_URL", "postgres://u:p@h"),
        ("REDIS_URL", "localhost"),
        ("REDIS_URL", "redis://h:abc/0"),
        ("EMAIL_URL", "pigeon://loft"),
        ("EMAIL_URL", "smtp://h:abc"),
        ("EMAIL_URL", "smtp://[::1"),
        ("DEMO", "1"),
    ],
)
def test_a_wrong_value_stops_start_up_with_one_line_that_names_it(name, value):
    status, printed = check(**{name: value})
    assert status != 0
    assert len(printed.splitlines()) == 1
    assert printed.startswith("Newsroom cannot start:")
    assert name in printed


def test_the_demo_is_for_loopback_hosts_alone():
    assert check(DEMO="1", SITE_HOSTS="localhost:8000,127.0.0.1:8000,[::1]:8000")[0] == 0
    assert "loopback" in check(DEMO="1", SITE_HOSTS="localhost:8000", ALLOWED_HOSTS="news.example.com")[1]


def test_hosts_are_taken_as_browsers_write_them():
    hosts = read("[SITE_HOSTS, ALLOWED_HOSTS, SITE_URL]", SITE_HOSTS="News.example.com, 127.0.0.1:8000 , [::1]:8000")
    assert hosts == [
        ["news.example.com", "127.0.0.1:8000", "[::1]:8000"],
        ["news.example.com", "127.0.0.1", "[::1]"],
        "https://news.example.com",
    ]


def test_headers_are_kept_as_requests_name_them_and_no_ad_server_is_asked_unless_named():
    told = "[COUNTRY_HEADER, DEVICE_HEADER, ADS_OUTSIDE]"
    assert read(told) == ["", "", ""]
    named = read(told, COUNTRY_HEADER="CF-IPCountry", DEVICE_HEADER="X-Device", ADS_OUTSIDE="/1234567/front")
    assert named == ["HTTP_CF_IPCOUNTRY", "HTTP_X_DEVICE", "/1234567/front"]


def test_a_value_that_may_hold_a_password_is_not_told():
    for name, value in (("DATABASE_URL", "postgres://u:pangolin@h:abc/db"), ("EMAIL_URL", "smtp://u:pangolin@h:abc")):
        assert "pangolin" not in check(**{name: value})[1]


def test_limits_live_in_the_database_and_redis_holds_what_may_be_lost():
    backends = "{name: one['BACKEND'].rpartition('.')[2] for name, one in CACHES.items()}"
    assert read(backends) == {"default": "DatabaseCache"}
    assert read(backends, REDIS_URL="redis://127.0.0.1:6379/9") == {"default": "DatabaseCache", "shared": "RedisCache"}


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8000", "127.0.0.1", "127.8.9.1:80", "[::1]", "[::1]:80", "::1"]
)
def test_this_machine_is_known_however_it_is_written(host):
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    ["", "news.example.com", "localhost.example.com", "localhost@evil.example", "10.0.0.4", "0.0.0.0", "::", "*"],  # noqa: S104
)
def test_no_other_machine_is_taken_for_this_one(host):
    assert not is_loopback(host)


def test_mail_goes_by_the_service_that_is_named():
    told = read("[EMAIL_BACKEND, ANYMAIL]", EMAIL_URL="postmark://pangolin@")
    assert told[0] == "anymail.backends.postmark.EmailBackend"
    assert told[1]["POSTMARK_SERVER_TOKEN"] == "pangolin"
    status, printed = check(EMAIL_URL="mailgun://pangolin@")
    assert status != 0
    assert printed.startswith("Newsroom cannot start: EMAIL_URL")
    assert "pangolin" not in printed
