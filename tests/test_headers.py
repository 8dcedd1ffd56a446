"""Every response of every kind carries the headers that bind browsers, and every page lives under a strict policy."""

import io
import re
from html.parser import HTMLParser

import pytest
from allauth.account.models import EmailAddress
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from PIL import Image as Picture

from articles.models import Image
from members import sessions
from members.access import Audience
from members.models import User
from tests.conftest import PASSWORD
from tests.test_canary import addresses, desk_addresses, patterns, stage  # noqa: F401 (a fixture)
from tests.test_settings import read

pytestmark = pytest.mark.django_db

HOST = "news.example.com"
ALWAYS = {
    "Content-Security-Policy": r"(?=.*default-src 'none')(?=.*frame-ancestors 'none')(?=.*base-uri 'none')(?!.*unsafe).*",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": r".*camera=\(\).*",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": ".+",
}
HSTS = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload"}
# What a host that is served for real sets, and a test that plays one needs.
OF_PRODUCTION = "SECURE|SECURE_.*|(SESSION|CSRF)_COOKIE_.*|(READER|BROWSER)_COOKIE_NAME|DEMO|DEBUG|SITE_HOSTS|SITE_URL|ALLOWED_HOSTS"


class OverTls(Client):
    def generic(self, *args, secure=True, **kwargs):
        return super().generic(*args, **{**kwargs, "secure": True})


@pytest.fixture(scope="module")
def production():
    """{name: value} of the settings of a host that is served for real."""
    return read(f"{{name: value for name, value in vars().items() if re.fullmatch({OF_PRODUCTION!r}, name)}}")


@pytest.fixture
def secure(settings, production):
    """secure(user) is a browser over TLS at a host that is served for real."""
    for name, value in production.items():
        setattr(settings, name, value)

    def browser(user=None, **kwargs):
        client = OverTls(
            headers={"host": HOST, "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Firefox/145.0"}, **kwargs
        )
        if user is not None:
            client.force_login(user)
        return client

    return browser


@pytest.fixture
def owner(db):
    return User.objects.create_superuser("owner@example.com", PASSWORD)


def carries(response, *tables):
    for table in tables:
        for name, wanted in table.items():
            said = response.headers.get(name)
            assert said is not None, f"{response.status_code} lacks {name}"
            assert re.fullmatch(wanted, said), f"{name}: {said}"


def broken(error):
    def view(request):
        raise error

    return view


@pytest.fixture
def breaking(monkeypatch):
    """breaking(error): /healthz raises it from now on."""

    def breaks(error):
        monkeypatch.setattr(dict(patterns())["healthz"], "callback", broken(error))

    return breaks


def test_pages_of_every_status_carry_them(secure, story, aram, breaking):
    path = story().get_absolute_url()
    browser = secure(raise_request_exception=False)
    tag = browser.get(path)["ETag"]
    found = [
        browser.get(path),
        browser.head(path),
        browser.get(path, headers={"if-none-match": tag}),
        browser.get("/account/"),
        browser.get("/nowhere/"),
        browser.get("/articles"),
        browser.post(path),
        browser.options(path),
        browser.get(path, headers={"host": "evil.example"}),
        browser.get(path, headers={"sec-purpose": "prefetch"}),
        secure(enforce_csrf_checks=True).post(reverse("account_login")),
        secure(aram).get("/admin/"),
        browser.get("/robots.txt"),
        browser.get("/feed/"),
        browser.get("/readyz"),
    ]
    for error in (RuntimeError("broken"), OperationalError("away")):
        breaking(error)
        found.append(browser.get("/healthz"))
    statuses = [response.status_code for response in found]
    assert {200, 302, 304, 400, 403, 404, 405, 500, 503} <= set(statuses), statuses
    for response in found:
        carries(response, ALWAYS)
        if response.status_code != 400:
            carries(response, HSTS)


def test_the_way_to_tls_carries_them(secure):
    response = Client(headers={"host": HOST}).get("/")
    assert (response.status_code, response["Location"]) == (301, f"https://{HOST}/")
    carries(response, ALWAYS)
    refused = Client(headers={"host": "evil.example"}).get("/")
    assert refused.status_code == 400
    carries(refused, ALWAYS)


def test_files_carry_them(secure, settings):
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True
    sheet = secure().get("/static/css/base.css")
    assert sheet.status_code == 200
    carries(sheet, ALWAYS, HSTS)


def test_pictures_carry_them(secure):
    made = io.BytesIO()
    Picture.new("RGB", (60, 40), "teal").save(made, "PNG")
    picture = secure().get(Image.objects.store(io.BytesIO(made.getvalue())).url)
    assert picture.status_code == 200
    carries(picture, ALWAYS, HSTS)


def test_the_short_way_carries_them(secure, story, serving, monkeypatch):
    path = story().get_absolute_url()
    serving()
    browser = secure()
    browser.get(path)
    # What is not answered the short way would break now.
    monkeypatch.setattr("articles.reading.views.article", broken(RuntimeError))
    carries(browser.get(path), ALWAYS, HSTS)
    tag = browser.get(path)["ETag"]
    held = browser.get(path, headers={"if-none-match": tag})
    assert held.status_code == 304
    carries(held, ALWAYS, HSTS)


def test_what_breaks_on_the_short_way_carries_them_too(secure, aram, story, serving, monkeypatch):
    path = story().get_absolute_url()
    serving()
    browser = secure(aram, raise_request_exception=False)
    browser.get(path)

    def away(*asked):
        raise OperationalError("away")

    monkeypatch.setattr(sessions, "_signed_in", away)
    response = browser.get(path)
    assert response.status_code == 503
    assert "Retry-After" in response.headers
    carries(response, ALWAYS, HSTS)


class Inline(HTMLParser):
    """What in a page a strict policy would have to be loosened for."""

    # Data, not code; an import map counts as code, which the policy lets in by its nonce.
    DATA = ("application/json", "application/ld+json")

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        told = dict(attributes)
        if tag == "style" or (
            tag == "script" and not (told.get("src") or told.get("type") in self.DATA or told.get("nonce"))
        ):
            self.found.append(tag)
        for name, value in attributes:
            if (
                name.startswith("on")
                or name in ("style", "srcdoc")
                or (value or "").strip().lower().startswith("javascript:")
            ):
                self.found.append(f"{tag} {name}={value}")


def inline(response):
    parser = Inline()
    parser.feed(response.content.decode())
    return parser.found


def test_no_page_has_inline_style_or_script_and_no_policy_is_loosened(stage, as_, aram, owner):  # noqa: F811
    looked = 0
    pages = [(as_(user), address) for user in (None, aram, owner) for _name, address in addresses()]
    pages += [(as_(owner), address) for address in set(desk_addresses())]
    for browser, address in pages:
        response = browser.get(address)
        carries(response, ALWAYS)
        if response.headers.get("Content-Type", "").startswith("text/html") and not response.streaming:
            looked += 1
            assert inline(response) == [], address
    assert looked > 200


def test_every_cookie_is_bound_to_this_host_and_to_tls(secure, settings, aram, story):
    settings.METER = True
    EmailAddress.objects.create(user=aram, email=aram.email, verified=True, primary=True)
    browser, cookies = secure(), {}
    visits = [
        lambda: browser.get(story(audience=Audience.REGISTERED, metered=True).get_absolute_url()),
        lambda: browser.get(reverse("account_login")),
        lambda: browser.post(reverse("account_login"), {"login": aram.email, "password": PASSWORD}),
        lambda: browser.get(reverse("account_change_password")),
        lambda: browser.post(
            reverse("account_change_password"),
            {"oldpassword": PASSWORD, "password1": "a mill by the water", "password2": "a mill by the water"},
        ),
        lambda: browser.get("/ru/"),
        lambda: browser.get(reverse("account")),
    ]
    for visit in visits:
        for name, cookie in visit().cookies.items():
            if cookie.value:
                cookies[name] = cookie
    assert {f"__Host-{name}" for name in ("sessionid", "csrftoken", "browser")} <= set(cookies)
    for name, cookie in cookies.items():
        assert name.startswith("__Host-"), name
        assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", ""), name
        assert cookie["samesite"] in ("Lax", "Strict"), name
        assert cookie["httponly"], name


def test_nothing_is_taken_from_a_form_that_did_not_come_from_our_page(stage, as_, owner, settings):  # noqa: F811
    """Every address, posted to without a token: refused, unless it takes no POST at all. Stripe proves itself by a
    signature instead, and what has none is no note of Stripe's."""
    settings.STRIPE_WEBHOOK_SECRET = ["whsec_of_the_test"]
    client = Client(enforce_csrf_checks=True, headers={"host": "localhost:8000"})
    client.force_login(owner)
    posted = {address for _name, address in addresses()} | set(desk_addresses())
    before = User.objects.count()
    taken = {address: status for address in posted if (status := client.post(address).status_code) not in REFUSED}
    assert {address for address, status in taken.items() if (address, status) not in UNSIGNED} == set()
    assert User.objects.count() == before


REFUSED = {403, 404, 405}
UNSIGNED = {("/stripe/webhook/", 400), ("/stripe/webhook", 400)}


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:9999"])
def test_a_token_does_not_help_another_origin(secure, aram, origin):
    browser = secure(enforce_csrf_checks=True)
    page = browser.get(reverse("account_login")).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    form = {"csrfmiddlewaretoken": token, "login": aram.email, "password": PASSWORD}
    assert browser.post(reverse("account_login"), form, headers={"origin": origin}).status_code == 403
    assert browser.post(reverse("account_login"), form, headers={"origin": f"https://{HOST}"}).status_code in (200, 302)
