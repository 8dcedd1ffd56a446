"""What every address answers, whoever asks: true types, no repetition of what was sent, no change by looking, nothing
to other origins, nothing of the machine behind it."""

import logging
import re

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import User
from tests.conftest import PASSWORD
from tests.test_canary import addresses, desk_addresses, patterns, stage  # noqa: F401 (a fixture)

pytestmark = pytest.mark.django_db

# Types that say in which letters they are written.
WRITTEN = re.compile(
    r"(text/(html|plain|css|csv|javascript)|application/(rss\+xml|xml)); charset=\"?utf-8\"?", re.IGNORECASE
)
# Types that need not: bytes, or always UTF-8 (RFC 8259).
OTHERS = {"image/webp", "image/jpeg", "application/json"}
# Tables that looking at a page may write to: what was spent, the session with its messages, a count, a compiled page.
MAY_WRITE = {"members_session", "members_opened", "ground_count", "reading_compiledpage"}
WRITES = re.compile(r'^\s*(?:INSERT INTO|UPDATE|DELETE FROM|REPLACE INTO)\s+"?(\w+)', re.IGNORECASE)


@pytest.fixture
def owner(db):
    return User.objects.create_superuser("owner@example.com", PASSWORD)


@pytest.fixture
def looks(stage, as_, aram, owner):  # noqa: F811
    """(browser, address) of every address: a stranger's, a reader's, and an owner's, who sees all of the desk."""
    for user in (aram, owner):
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    browsers = {user: as_(user) for user in (None, aram, owner)}
    for browser in browsers.values():
        # What breaks is an answer too.
        browser.raise_request_exception = False
    seen = sorted({address for _name, address in addresses()})
    found = [(browser, address) for browser in browsers.values() for address in seen]
    return found + [(browsers[owner], address) for address in sorted(set(desk_addresses()))]


def body(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_whatever_has_a_body_says_its_type_and_its_letters(looks):
    for browser, address in looks:
        response = browser.get(address)
        if body(response):
            said = response.headers.get("Content-Type", "")
            assert WRITTEN.fullmatch(said) or said in OTHERS, f"{address}: {said!r}"


def test_no_answer_repeats_a_request_that_traces_it(looks):
    for browser, address in looks:
        response = browser.trace(address, headers={"x-private": "tracedheron"})
        assert response.status_code == 405, address
        assert b"tracedheron" not in body(response)


def test_to_look_at_a_page_changes_nothing(looks):
    """GET writes to no table but those that count what was read and carry a message to the next page."""
    for browser, address in looks:
        with CaptureQueriesContext(connection) as asked:
            browser.get(address)
        written = {found[1] for one in asked if (found := WRITES.match(one["sql"]))}
        assert written <= MAY_WRITE, f"{address}: {written - MAY_WRITE}"


def test_no_other_origin_may_read_an_answer(looks, settings):
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True
    for browser, address in [*looks, (looks[0][0], "/static/css/base.css")]:
        response = browser.get(address, headers={"origin": "https://evil.example"})
        assert not [name for name in response.headers if name.lower().startswith("access-control-")], address


@pytest.mark.parametrize(
    "path",
    [
        "/.git/config", "/.git/HEAD", "/.env", "/manage.py", "/newsroom/settings.py", "/var/newsroom.sqlite3",
        "/static/", "/static/css/", "/static/../manage.py", "/static/%2e%2e/manage.py", "/static/../var/secret_key",
        "/media/", "/media/images/", "/media/../newsroom.sqlite3", "/__debug__/", "/metrics",
        "/server-status", "/swagger.json", "/graphql", "/tests/conftest.py", "/requirements.txt", "/keys/",
    ],
)  # fmt: skip
def test_no_file_of_the_machine_and_no_list_of_files_has_an_address(stranger, path):
    assert stranger.get(path).status_code == 404


def test_what_breaks_is_told_in_the_log_and_not_to_who_asks(as_, monkeypatch, caplog):
    """The page says that something broke and nothing else; the log has what, and where."""

    def broken(request):
        secret_word = "brokenheron"
        raise RuntimeError(f"no {secret_word}")

    monkeypatch.setattr(dict(patterns())["healthz"], "callback", broken)
    browser = as_(None)
    browser.raise_request_exception = False
    with caplog.at_level(logging.ERROR):
        answer = browser.get(reverse("healthz"))
    assert answer.status_code == 500
    for word in ("brokenheron", "RuntimeError", "Traceback", "test_answers", "Django"):
        assert word not in answer.content.decode()
    record = caplog.records[-1]
    assert (record.name, record.levelname) == ("django.request", "ERROR")
    assert "no brokenheron" in caplog.text


@pytest.mark.parametrize("values", [("/account/", "https://evil.example/"), ("https://evil.example/", "/account/")])
def test_of_two_values_of_one_name_the_one_that_is_used_is_the_one_that_was_checked(as_, aram, values):
    EmailAddress.objects.create(user=aram, email=aram.email, verified=True, primary=True)
    form = {"login": aram.email, "password": PASSWORD, "next": values}
    answer = as_(None).post(reverse("account_login"), form)
    assert (answer.status_code, answer.url) == (302, "/account/" if values[-1] == "/account/" else "/")
    # The address counts for nothing where the form names a page.
    form["next"] = "/join/"
    assert as_(None).post(f"{reverse('account_login')}?next=https://evil.example/", form).url == "/join/"
