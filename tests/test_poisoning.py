"""Nothing that a request brings along, besides its address and its cookies, changes what others get afterwards."""

import re
from datetime import UTC, datetime

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.conf import settings as django_settings
from django.urls import reverse

from articles.reading import store
from tests.conftest import PASSWORD
from tests.members.mail import delivered
from tests.test_canary import addresses, browsers, stage, way  # noqa: F401 (fixtures)

pytestmark = pytest.mark.django_db

EVIL = "evil.example"
# Public pages of every kind: compiled ones with holes, ones that anybody may keep, files, one that is not there.
PAGES = [
    "/", "/ru/", "/articles/story-open/", "/articles/story-members/", "/sections/water/", "/tags/dam/",
    "/authors/tamta/", "/feed/", "/tags/dam/feed/", "/sitemap.xml", "/robots.txt", "/join/", "/nowhere/",
]  # fmt: skip
HEADERS = {
    "x-forwarded-host": EVIL,
    "x-forwarded-server": EVIL,
    "x-forwarded-port": "8443",
    "x-forwarded-proto": "https",
    "x-forwarded-scheme": "https",
    "x-forwarded-ssl": "on",
    "x-forwarded-prefix": "/evil",
    "x-forwarded-for": "127.0.0.1",
    "forwarded": f"host={EVIL};proto=https",
    "x-host": EVIL,
    "x-http-host-override": EVIL,
    "x-original-host": EVIL,
    "x-original-url": "/admin/",
    "x-rewrite-url": "/articles/story-members/",
    "x-script-name": "/evil",
    "x-http-method-override": "POST",
    "x-method-override": "DELETE",
    "x-real-ip": "127.0.0.1",
    "x-wap-profile": f"http://{EVIL}/wap.xml",
    "x-requested-with": "XMLHttpRequest",
    "front-end-https": "on",
    "origin": f"https://{EVIL}",
    "referer": f"https://{EVIL}/?next=//{EVIL}",
    "accept": "application/json",
    "accept-language": "ru",
    "accept-charset": "utf-7",
    "user-agent": "<script>alert(1)</script>",
    "purpose": "prefetch",
    "sec-purpose": "prefetch;prerender",
    "sec-fetch-dest": "script",
    "save-data": "on",
    "if-none-match": "*",
    "if-modified-since": "Fri, 01 Jan 2100 00:00:00 GMT",
    "range": "bytes=0-9",
    "content-type": "application/x-www-form-urlencoded",
    "cache-control": "only-if-cached",
    "pragma": "x-get-true-cache-key",
}
COOKIES = {
    "reader": "forged",
    "sessionid": "forged",
    "csrftoken": "forged",
    "browser": "forged",
    "django_language": "ru",
}
METHODS = ["HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PURGE", "BREW", "get"]
QUERIES = [
    "utm_source=evil", "utm_content=%3Cscript%3E", "_method=POST", "callback=evil", "format=json", "lang=ru", "x=.css",
    "amp=1", "preview=1", "print=1", "nocache=1", "page=2", "after=", "aft%65r=1-1", "AFTER=1-1", "after[]=1-1",
    ";after=1-1", "next=//evil.example", "%00", "a=1&a=2", "=", "&&&", "q=" + "x" * 5000,
]  # fmt: skip

# By kind: {name: what is brought along}.
ATTACKS = {
    "headers": {name: {"headers": {name: value}} for name, value in HEADERS.items()},
    "cookies": {name: {"cookie": (name, value)} for name, value in COOKIES.items()},
    "methods": {name: {"method": name} for name in METHODS},
    "queries": {name: {"query": name} for name in QUERIES},
    "hosts": {name: {"headers": {"host": name}} for name in (EVIL, f"localhost@{EVIL}", "LOCALHOST", "127.0.0.1:8000")},
    "bodies": {"of a GET": {"body": b"after=1-1&lang=ru"}},
}


def clean(as_):
    """{page: status, body and headers} as a stranger with a new browser gets them."""
    told = {}
    for page in PAGES:
        response = as_(None).get(page)
        # A form's token is another one each time, for that very browser.
        body = re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"", response.content)
        told[page] = response.status_code, body, sorted(response.headers.items())
    return told


def attack(browser, page, method="GET", query="", headers=None, cookie=None, body=b""):
    if cookie:
        browser.cookies[cookie[0]] = cookie[1]
    return browser.generic(method, page, body, QUERY_STRING=query, headers=headers or {})


def is_shared(response):
    return "public" in response.headers.get("Cache-Control", "")


@pytest.fixture
def noon():
    with time_machine.travel(datetime.now(UTC), tick=False):
        yield


def test_there_are_enough_attacks():
    assert sum(map(len, ATTACKS.values())) >= 40


@pytest.mark.parametrize("kind", ATTACKS)
def test_what_an_attacker_brings_along_reaches_nobody_else(stage, way, noon, as_, kind):  # noqa: F811
    before = clean(as_)
    for name, brought in ATTACKS[kind].items():
        # Pages that are made at this very request; the others are known by then.
        store.default.forget()
        for page in PAGES:
            response = attack(as_(None), page, **brought)
            assert response.status_code < 500 or response.status_code in (501, 503), (name, page)
            if is_shared(response) and response.status_code == 200 and brought.get("method", "GET") == "GET":
                assert response.content == before[page][1], f"{page} may be kept, and is not what others get: {name}"
        assert clean(as_) == before, name
        # And once more on pages that are known.
        for page in PAGES:
            attack(as_(None), page, **brought)
        assert clean(as_) == before, name


def test_no_page_says_what_a_header_said(stage, way, as_):  # noqa: F811
    for page in PAGES:
        for name, value in HEADERS.items():
            response = attack(as_(None), page, headers={name: value})
            said = response.content + str(response.headers).encode()
            assert EVIL.encode() not in said, f"{name} at {page}"
            assert b"alert(1)" not in said, f"{name} at {page}"


@pytest.mark.parametrize(
    "end", ["y.css", "y.js", "y.jpg", "index.html", ".css", "%2e%2e/y.css", ";.css", "x/y.css", "?.css", "#.css"]
)
def test_no_story_stands_at_an_address_that_looks_like_a_file(stage, browsers, end):  # noqa: F811
    for browser in browsers.values():
        response = browser.get("/articles/story-members/" + end)
        if end[0] in "?#":
            assert "public" not in response["Cache-Control"]
        else:
            assert response.status_code == 404, end
            assert not is_shared(response)


# Addresses that no account and no cookie changes, and those that take a POST alone.
SAME_FOR_ALL = {
    "healthz",
    "readyz",
    "favicon",
    "stripe_webhook",
    "stripe_webhook_bare",
    "prompt_answer",
    "drive_remind",
    "seen",
}


def test_vary_says_exactly_what_a_response_depends_on(stage, way, browsers):  # noqa: F811
    """Cookies where there may be holes or an account; nothing where all get the same."""
    for _round in range(2):
        for name, address in addresses():
            for reader, browser in browsers.items():
                response = browser.get(address)
                vary = response.headers.get("Vary")
                assert vary in (None, "Cookie"), f"{address} as {reader}: {vary}"
                if is_shared(response):
                    assert vary is None, address
                    assert not response.cookies, address
                elif vary is None:
                    assert name in SAME_FOR_ALL, address


def test_who_is_known_gets_nothing_that_may_be_kept(stage, way, browsers):  # noqa: F811
    for _name, address in addresses():
        told = {reader: browser.get(address) for reader, browser in browsers.items()}
        for response in told.values():
            if is_shared(response) and not response.streaming:
                assert response.content == told["stranger"].content, address


@pytest.fixture
def mirrors(settings):
    settings.SITE_HOSTS = ["localhost:8000", "127.0.0.1:8000", "mirror.example.org"]
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "mirror.example.org"]
    return settings.SITE_HOSTS


@pytest.mark.parametrize(
    "host",
    [
        EVIL, f"localhost:8000.{EVIL}", f"{EVIL}:8000", f"localhost@{EVIL}", "localhost:8000/evil", "localhost:port",
        "mirror.example.org.evil.example", "evil-mirror.example.org", "xmirror.example.org", "", " ", "[::1]", "*",
        "localhost\t", "local host", "localhost:8000,evil.example", "ⓛocalhost",
    ],
)  # fmt: skip
def test_a_host_that_is_not_ours_is_refused_everywhere(stage, way, as_, mirrors, host):  # noqa: F811
    browser = as_(None)
    for page in PAGES:
        browser.get(page)
        response = browser.get(page, headers={"host": host})
        assert response.status_code == 400 or not host.strip(), (page, host)
        assert EVIL.encode() not in response.content + str(response.headers).encode()


def test_every_mirror_shows_every_page_and_leads_to_no_other_host(stage, way, as_, mirrors):  # noqa: F811
    for host in mirrors:
        for page in PAGES:
            response = as_(None).get(page, headers={"host": host})
            assert response.status_code == (404 if page == "/nowhere/" else 200), (host, page)
            html = response.content.decode()
            for form in re.findall(r'<form[^>]* action="([^"]*)"', html):
                assert form.startswith("/"), (host, page, form)
            for link in re.findall(r'<a [^>]*href="([^"]*)"', html):
                assert link.startswith(("/", "#", "mailto:")) or (
                    "://" in link and django_settings.SITE_URL not in link
                ), link
            location = response.headers.get("Location", "/")
            assert location.startswith("/"), (host, page)


def test_one_signs_in_on_every_mirror_and_stays_there(as_, aram, mirrors):
    EmailAddress.objects.create(user=aram, email=aram.email, verified=True, primary=True)
    for host in mirrors:
        browser, form = as_(None), {"login": aram.email, "password": PASSWORD, "next": "/join/"}
        assert browser.post(reverse("account_login"), form, headers={"host": host}).url == "/join/"
        assert browser.get(reverse("account"), headers={"host": host}).status_code == 200


def test_mail_names_the_sites_own_host_whatever_host_it_was_asked_by(as_, aram, mirrors):
    for host in [*mirrors, "localhost:9999", "LOCALHOST:8000"]:
        as_(None).post(
            reverse("account_reset_password"), {"email": aram.email}, headers={"host": host, "x-forwarded-host": EVIL}
        )
    messages = delivered()
    assert len(messages) == len(mirrors) + 2
    for message in messages:
        hosts = set(re.findall(r"https?://([^/\s]+)", message.body))
        assert hosts
        assert hosts <= set(mirrors)
