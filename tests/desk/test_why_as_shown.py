"""What the desk says a described reader sees is what the page shows a real one, for every kind of reader."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from articles.desk import why
from articles.desk.described import GRACE
from members.access import Audience
from members.models import Grant, Membership, Plan, User
from members.prompts.models import Variant
from members.standing import Status
from tests.ads.bookings import book
from tests.conftest import HEADERS
from tests.desk.looks import LONG, prompt, told, visitor

pytestmark = pytest.mark.django_db

TELEPHONE = "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"

ACCOUNTS = {
    "anonymous": None,
    "registered": {},
    "member": {"grant": True},
    "lapsed": {"status": Status.CANCELED},
    GRACE: {"status": Status.PAST_DUE, "failed": timedelta(days=13)},
    "past_due": {"status": Status.PAST_DUE, "failed": timedelta(days=20)},
}
# What a browser tells of itself, as a description says it -> as its headers do.
TOLD = {
    "": {},
    "reads=3&walls=1&bucket=41": {},
    "reads=1&quiet=on": {},
    "reads=5&bucket=970&device=desktop": {"user-agent": HEADERS["user-agent"]},
    "gpc=on": {"sec-gpc": "1"},
    "country=GE&referrer=search&bucket=500": {"x-country": "GE", "referer": "https://www.google.com/"},
}


@pytest.fixture
def campaigns(settings, story):
    """Prompts and advertisements of many kinds, with a story that is for members and one for all."""
    settings.COUNTRY_HEADER = "HTTP_X_COUNTRY"
    prompt("Georgia", place="top", include={"country": ["GE"]}, priority=30)
    prompt("Walled", place="after", after=2, walls_min=2, priority=25)
    prompt("Readers", place="bar", reads_min=3, priority=20, holdback=30, variants=["A", "B"])
    prompt("Registered", place="top", states=["registered", "past_due"], priority=15)
    prompt("Any", place="end", frequency=True, from_view=2, variants=["A", "B", "C"])
    book("Bread", placements=["inline"])
    book("Salt", placements=["inline", "end"], include={"device": ["mobile"]}, cap=3)
    book("Flour", placements=["top"], include={"audience": ["anonymous", "member"]}, priority=1)
    return [story("Open", html=LONG), story("Gated", html=LONG, audience=Audience.MEMBERS)]


def browser_of(who, habits_told, headers):
    """The browser of a real reader of a kind, that remembers what is told."""
    client = Client(headers=HEADERS | {"user-agent": TELEPHONE} | headers)
    if ACCOUNTS[who] is not None:
        client.force_login(account(**ACCOUNTS[who]))
    if habits_told is not None:
        client.cookies["reader"] = f".{habits_told.told()}"
    return client


def account(grant=False, status=None, failed=None):
    user = User.objects.create_user("reader@example.com")
    if grant:
        Grant.objects.create(user=user, reason="a test", starts_at=datetime.now(UTC) - timedelta(days=1))
    if status:
        plan = Plan.objects.create(name="Reader", slug="reader", level=10)
        failed_at = failed and timezone.now() - failed
        Membership.objects.create(user=user, plan=plan, status=status, failed_at=failed_at)
    return user


@pytest.mark.parametrize("query", TOLD)
@pytest.mark.parametrize("who", ACCOUNTS)
def test_what_is_told_is_what_the_page_shows_a_real_reader(campaigns, who, query):
    looks = visitor(f"who={who}&{query}", **vars_of(why.counted(why.held())))
    client = browser_of(who, looks.habits, TOLD[query])
    for article in campaigns:
        found = told(article, f"who={who}&{query}")
        page = client.get(article.get_absolute_url()).content.decode()
        # Each look starts from what was described.
        if looks.habits is not None:
            client.cookies["reader"] = f".{looks.habits.told()}"
        assert shown_prompt(page) == told_prompt(found)
        ads = dict(reversed(one.split(":")) for one in re.findall(r'data-seen="ad:([^"]+)"', page))
        assert ads.keys() <= {place.name for place in found.places}
        taken = set()
        for place in found.places:
            # None stands on a page twice.
            left = {str(one.creative.pk) for one in place.eligible} - taken
            usual = "house" if place.name.startswith("inline") else None
            assert ads.get(place.name) in (left or {usual}), place.name
            taken.add(ads.get(place.name))


def vars_of(counted):
    return {"tags": counted.tags, "views": counted.views, "ads": counted.ads}


def shown_prompt(page):
    """(campaign, variant's name, place) that a page shows, None for none."""
    found = re.search(r'data-seen="prompt:(\d+)\.(\d+)\.(\w+)', page)
    if found is None:
        return None
    variant = Variant.objects.filter(pk=found[2]).first()
    return int(found[1]) or None, variant.name if variant else "", found[3]


WHERE = {"above the story": "top", "in the story": "after", "below the story": "end", "in a bar at": "bar"}


def told_prompt(found):
    first = next((line for line in found.lines if line.result == "Shown"), None)
    assert (first is None) == found.prompt.startswith("No prompt is shown")
    if first is None:
        return None
    assert f"“{first.name}” is shown" in found.prompt
    variant = re.search(r"in the variant “(\w+)”", found.prompt)
    place = next(place for where, place in WHERE.items() if f"is shown {where}" in found.prompt)
    return first.pk, variant[1] if variant else "", place
