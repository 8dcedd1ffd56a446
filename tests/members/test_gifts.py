"""Gift links as they are kept: whom they name, how many there are, what the database tells of them, when they go."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
import time_machine
from django.apps import apps
from django.db import connection
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from members import gifts
from members.models import Gift, User
from tests.conftest import BROWSER, PASSWORD
from tests.members.test_account_pages import check

pytestmark = pytest.mark.django_db

GIFTS = "/account/gifts/"
STORY = ["article:7"]
# In Tbilisi, where the tests' newsroom is, it is December by then.
TURN_OF_MONTH = datetime(2026, 11, 30, 20, tzinfo=UTC)


def give(user, click="a click", keys=STORY, now=None):
    return gifts.give(user, keys, click, now or timezone.now())


def test_a_link_lives_five_days_and_opens_fifty_times(leyla, now):
    _token, gift = give(leyla, now=now)
    assert (gift.made_at, gift.ends_at, gift.left) == (now, now + timedelta(days=5), 50)


def test_ten_links_a_month(leyla, now):
    for number in range(10):
        assert gifts.left(leyla, now) == 10 - number
        give(leyla, f"click {number}", now=now)
    with pytest.raises(gifts.Spent):
        give(leyla, "one more", now=now)
    assert leyla.gifts.count() == 10
    assert gifts.left(leyla, now) == 0


def test_each_account_has_ten_of_its_own(leyla, aram, now):
    for number in range(10):
        give(leyla, f"click {number}", now=now)
    assert gifts.left(aram, now) == 10


def test_the_month_is_that_of_the_newsrooms_clock(leyla):
    before = TURN_OF_MONTH - timedelta(seconds=1)
    give(leyla, now=before)
    assert gifts.left(leyla, before) == 9
    assert gifts.left(leyla, TURN_OF_MONTH) == 10


def test_a_link_that_is_withdrawn_still_counts(leyla, now):
    _token, gift = give(leyla, now=now)
    assert gifts.withdraw(leyla, str(gift.pk), now)
    assert gifts.left(leyla, now) == 9


def test_a_page_that_is_sent_twice_makes_one_link(leyla, now):
    assert give(leyla, "one click", now=now) == give(leyla, "one click", now=now)
    assert gifts.left(leyla, now) == 9
    assert give(leyla, "another click")[0] != give(leyla, "one click")[0]


def test_the_same_click_of_two_accounts_or_on_two_stories_makes_two_links(leyla, aram):
    tokens = {give(leyla)[0], give(aram)[0], give(leyla, keys=["article:8"])[0]}
    assert len(tokens) == 3


def test_the_database_alone_tells_neither_the_story_nor_the_link(leyla):
    """Two links to one story have nothing in common, and what they open cannot be found by trying all stories."""
    (one, first), (_two, second) = give(leyla, "one"), give(leyla, "two")
    assert first.piece != second.piece
    for model in apps.get_models():
        for row in model.objects.values():
            assert one not in str(row), model
    tried = {gifts.piece(guess, {"article"}, "7") for guess in ("", first.token, first.piece)}
    assert first.piece not in tried
    assert first.piece == gifts.piece(one, {"article"}, "7")


def test_only_whose_it_is_withdraws_a_link(leyla, aram, now):
    _token, gift = give(leyla)
    for number in (str(gift.pk), "0", "-1", "x", "", "9" * 40, "²"):
        assert not gifts.withdraw(aram, number, now)
    gift.refresh_from_db()
    assert gift.revoked_at is None


def test_links_are_forgotten_once_they_are_over_and_count_no_more(leyla):
    early, late = TURN_OF_MONTH - timedelta(days=20), TURN_OF_MONTH - timedelta(days=1)
    for number, made_at in enumerate((early, late)):
        give(leyla, f"click {number}", now=made_at)
    gifts.forget_past_gifts(TURN_OF_MONTH - timedelta(seconds=1))
    assert Gift.objects.count() == 2, "the month is not over: both count"
    gifts.forget_past_gifts(TURN_OF_MONTH)
    assert [gift.made_at for gift in Gift.objects.all()] == [late], "it is still open"
    gifts.forget_past_gifts(late + timedelta(days=5))
    assert not Gift.objects.exists()


def test_the_list_tells_of_each_link_when_it_was_made_how_often_opened_and_how_it_stands(as_, leyla):
    with time_machine.travel(datetime(2026, 11, 20, 9, tzinfo=UTC), tick=False) as clock:
        give(leyla, "a")
        clock.shift(timedelta(days=5))
        for click in "bcd":
            give(leyla, click)
        newest = list(leyla.gifts.all())
        gifts.withdraw(leyla, str(newest[1].pk), timezone.now())
        leyla.gifts.filter(pk=newest[2].pk).update(left=47)
        page = check(as_(leyla).get(GIFTS))
    assert page.count("Made on") == 4
    assert page.count("opened 0 of 50 times") == 3
    assert page.count("opened 3 of 50 times") == 1
    assert page.count("withdrawn") == 1
    assert page.count("times, over") == 1
    assert page.count('name="withdraw"') == 2
    assert "6 are left to you" in " ".join(page.split())


def test_the_list_says_that_nobody_knows_which_stories_they_were(as_, leyla):
    page = check(as_(leyla).get(GIFTS))
    assert "Which stories they were we cannot say" in page
    assert "You have given nothing away lately" in page


def test_a_link_is_withdrawn_from_the_list_by_its_owner_alone(as_, leyla, aram):
    _token, gift = give(leyla)
    page = as_(aram).post(GIFTS, {"withdraw": gift.pk}, follow=True).content.decode()
    assert "That link had ended already" in page
    gift.refresh_from_db()
    assert gift.revoked_at is None
    page = check(as_(leyla).post(GIFTS, {"withdraw": gift.pk}, follow=True))
    assert "The link is withdrawn" in page
    gift.refresh_from_db()
    assert gift.revoked_at is not None


def test_nobody_sees_the_links_of_another(as_, leyla, aram, stranger):
    give(leyla)
    assert "Made on" not in check(as_(aram).get(GIFTS))
    for answer in (stranger.get(GIFTS), stranger.post(GIFTS, {"withdraw": "1"})):
        assert answer.url.startswith(reverse("account_login"))


TABS = 6


def at_once(work):
    """work(number) in as many threads as TABS, all set off together; the results in order."""
    assert connection.vendor == "postgresql", "Run by: make test-postgres"
    gate = Barrier(TABS)

    def run(number):
        gate.wait(timeout=30)
        try:
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(TABS) as threads:
        return sorted(threads.map(run, range(TABS)))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_tabs_at_nine_of_ten_make_one_link():
    user = User.objects.create_user("leyla@example.com", PASSWORD)
    for number in range(9):
        give(user, f"click {number}")

    def click(number):
        try:
            give(user, f"tab {number}")
        except gifts.Spent:
            return False
        return True

    assert at_once(click) == [False] * (TABS - 1) + [True]
    assert user.gifts.count() == 10


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_one_of_many_who_come_at_once_takes_the_last_opening():
    token, gift = give(User.objects.create_user("leyla@example.com", PASSWORD))
    Gift.objects.update(left=1)

    def come(number):
        request = RequestFactory(headers={"user-agent": BROWSER}).get(f"/?gift={token}")
        given = gifts.of_request(request, timezone.now())
        return STORY[0] in given and given.open()

    assert at_once(come) == [False] * (TABS - 1) + [True]
    gift.refresh_from_db()
    assert gift.left == 0
