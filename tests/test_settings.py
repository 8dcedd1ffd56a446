"""A wrong setting stops start-up with one clear line; the right ones start a site that passes Django's own checks."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

PRODUCTION = {
    "SECRET_KEY": "p" * 10 + "-A1b2C3d4E5f6G7h8I9j0-" * 3,
    "SITE_HOSTS": "news.example.com,mirror.example.org",
    "TIME_ZONE": "Asia/Tbilisi",
    "DATABASE_URL": "sqlite://:memory:",
}


def check(*arguments, **environment):
    """(exit status, all that is printed) of `manage.py check` on a host with that environment and no other."""
    environment = {"PATH": os.environ["PATH"], "VAR_DIR": os.environ["MEDIA_ROOT"], **PRODUCTION, **environment}
    done = subprocess.run(
        [sys.executable, "manage.py", "check", *arguments],
        cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, (done.stdout + done.stderr).strip()


def test_production_settings_pass_djangos_deployment_checks():
    status, printed = check("--deploy", "--fail-level", "WARNING")
    assert status == 0, printed


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SITE_HOSTS", ""),
        ("SECRET_KEY", ""),
        ("DEBUG", "maybe"),
        ("TIME_ZONE", "Mars/Olympus"),
        ("TRUSTED_PROXIES", "-1"),
        ("TRUSTED_PROXIES", "two"),
        ("DATABASE_URL", "mysql://root@localhost/news"),
        ("REDIS_URL", "localhost"),
        ("EMAIL_URL", "pigeon://loft"),
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
