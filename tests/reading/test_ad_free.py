"""Who pays for a paper without advertisements sees none, on both ways of answering, and everybody else does."""

import re

import pytest

from articles.reading import store
from members.access import Audience
from members.models import Grant, Membership, Plan, User
from newsroom.ground import counters
from newsroom.ground.models import Count
from tests.ads.bookings import book
from tests.conftest import GATED_WORD
from tests.plans import sold

pytestmark = pytest.mark.django_db

AD = re.compile(r'(?s)<aside class="ad".*?</aside>')
ADVERTISED = "advertisedplatypus"


@pytest.fixture(params=["long", "short"])
def poll(request):
    """Both ways of answering; poll() is what a process does every second."""
    return request.getfixturevalue("serving") if request.param == "short" else store.default.catch_up


@pytest.fixture
def path(story):
    """The address of a story for members, with an advertisement in either half, each long enough for one."""
    words = "and so on " * 80
    for _place in range(2):
        book(ADVERTISED, placements=["inline"])
    parts = [f"<p>Paragraph {number}. {words}</p>" for number in range(2)] + [
        f"<p>{GATED_WORD} {number}. {words}</p>" for number in range(9)
    ]
    for place in (8, 1):
        parts.insert(place, '<hr data-mark="ad">')
    return story(html="".join(parts), audience=Audience.MEMBERS).get_absolute_url()


@pytest.fixture
def quiet(db):
    return sold("Quiet", level=20, ad_free=True)


@pytest.fixture
def reads(as_):
    """reads("Loud", plan) is the browser of a member of a plan."""

    def browser(name, plan, **fields):
        user = User.objects.create_user(f"{name}@example.com", display_name=name)
        Membership.objects.create(user=user, plan=plan, **{"status": "active", **fields})
        return as_(user)

    return browser


def page(browser, path):
    return browser.get(path).content.decode()


def ads(browser, path):
    said = page(browser, path)
    assert said.count('data-insert="ad"') == said.count(ADVERTISED)
    return said.count(ADVERTISED)


@pytest.mark.parametrize("order", [1, -1], ids=["ads first", "none first"])
def test_a_member_without_advertisements_sees_none_whoever_came_before(poll, path, reads, stranger, quiet, order):
    expected = [(stranger, 1), (reads("loud", sold("Loud", level=10)), 2), (reads("calm", quiet), 0)][::order]
    poll()
    for _cold_and_warm in range(2):
        for browser, count in expected:
            assert ads(browser, path) == count


def test_the_story_is_the_same_without_them(poll, path, reads, quiet):
    loud, calm = reads("Loud", sold("Loud", level=10)), reads("Calm", quiet)
    poll()
    for _cold_and_warm in range(2):
        with_ads, without = page(loud, path), page(calm, path)
        assert without.split() == AD.sub("", with_ads).replace("Loud", "Calm").split()
    assert GATED_WORD in without


def test_a_higher_plan_includes_it_and_a_lower_one_does_not(poll, path, reads, quiet):
    higher, beside, lower = (reads(f"r{level}", sold(f"P{level}", level=level)) for level in (30, 20, 10))
    poll()
    assert [ads(browser, path) for browser in (higher, beside, lower)] == [0, 2, 2]


def test_a_plan_that_becomes_ad_free_or_stops_being_it_acts_at_the_next_poll(poll, path, reads, quiet):
    calm = reads("calm", quiet)
    poll()
    assert ads(calm, path) == 0
    for ad_free, count in ((False, 2), (True, 0)):
        Plan.objects.update(ad_free=ad_free)
        poll()
        assert ads(calm, path) == count


def test_it_ends_with_the_membership_at_the_next_request(poll, path, reads, quiet):
    calm = reads("calm", quiet)
    poll()
    assert ads(calm, path) == 0
    Membership.objects.update(status="canceled")
    assert ads(calm, path) == 1, "in the half that is left"


def test_a_grant_of_the_plan_gives_it_and_one_without_a_plan_does_not(poll, path, as_, aram, leyla, quiet):
    Grant.objects.create(user=aram, plan=quiet, reason="thanks")
    poll()
    assert [ads(as_(user), path) for user in (aram, leyla)] == [0, 2]


def test_what_nobody_saw_is_not_counted(poll, path, reads, quiet):
    calm, loud = reads("calm", quiet), reads("loud", sold("Loud", level=10))
    poll()
    for _cold_and_warm in range(2):
        page(calm, path)
    page(loud, path)
    counters.flush()
    assert sum(Count.objects.filter(series="ad").values_list("number", flat=True)) == 2


def test_a_known_page_costs_no_query_more(path, reads, quiet, serving, django_assert_num_queries):
    calm = reads("calm", quiet)
    serving()
    page(calm, path)
    with django_assert_num_queries(1):
        assert ads(calm, path) == 0
