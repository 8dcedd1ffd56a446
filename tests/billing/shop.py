"""A newsroom that takes payments by way of the sandbox, and readers who walk through it."""

import re
from html import unescape

import pytest
from django.urls import reverse

from members.models import Price
from tests.billing.sandboxed import WORKS
from tests.plans import sold


@pytest.fixture
def shop(db, settings, sandbox):
    """Two plans on sale: Reader, €5 a month or €50 a year, in dollars too; Friend, €12 a month. The value is the
    sandbox at which they are paid."""
    settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE = "sk_test_of_the_sandbox", sandbox.url
    settings.STRIPE_WEBHOOK_SECRET = [sandbox.secret]
    reader = sold("Reader", 500, level=10, position=1)
    reader.prices.create(currency="EUR", interval="year", amount=5000)
    reader.prices.create(currency="USD", interval="month", amount=600)
    sold("Friend", 1200, level=20, position=2)
    return sandbox


def price(plan="Reader", interval="month", currency="EUR"):
    return Price.objects.offered().get(plan__name=plan, interval=interval, currency=currency)


def choose(browser, wanted=None, **more):
    """POST /join/: the response."""
    return browser.post(reverse("join"), {"price": (wanted or price()).pk, **more})


def pays(browser, sandbox, card=WORKS, wanted=None, **more):
    """Choose, pay on the sandbox's page, and come back: the response of the page that one is led back to."""
    left = choose(browser, wanted, **more)
    assert left.status_code == 303, text(left)[:2000]
    return comes_back(browser, sandbox.pay(left.url, card))


def comes_back(browser, address):
    return browser.get(address.removeprefix("http://localhost:8000"))


def text(response):
    """What a page says, without its markup and with single spaces."""
    page = re.sub(r"(?s)<(script|style).*?</\1>", " ", response.content.decode())
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", page))).strip()
