"""What an account keeps of the meter: what comes along at sign-in, two tabs at once, and what is gone with the month."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import product

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from articles.models import Article
from members import meter
from members.models import Opened, User
from members.slip import SPARE, digest, month_end
from newsroom.ground import keys
from newsroom.ground.models import Count
from tests.conftest import PASSWORD
from tests.members.metered import is_open, reads, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("metered")]


def asking(browser):
    request = RequestFactory().get("/")
    request.COOKIES.update({name: one.value for name, one in browser.cookies.items()})
    return request


# What a row tells of a piece.
FIELDS = ("salt", "digest")


def places():
    return sorted(Opened.objects.values_list("place", flat=True))


def test_what_a_stranger_opened_comes_along_and_the_account_has_ten_of_its_own(way, stories, as_, aram):
    EmailAddress.objects.create(user=aram, email=aram.email, verified=True, primary=True)
    browser = as_(None)
    assert reads(browser, stories[:4]) == [True, True, True, False]
    signed_in = browser.post(reverse("account_login"), {"login": aram.email, "password": PASSWORD, "next": stories[3]})
    assert signed_in.url == stories[3]
    assert places() == [-2, -1, 0]
    assert reads(browser, stories[:13]) == [True] * 13
    assert reads(browser, [stories[13], *stories[:13]]) == [False] + [True] * 13
    assert places() == list(range(-2, 11))
    # In another browser, where nothing was opened before.
    assert reads(as_(aram), stories) == [True] * 13 + [False]


def test_signed_out_the_browser_is_the_stranger_that_it_was(stories, as_, aram):
    browser = as_(None)
    reads(browser, stories[:3])
    browser.force_login(aram)
    meter.merge(asking(browser), aram)
    assert reads(browser, stories[3:5]) == [True, True]
    browser.post(reverse("account_logout"))
    assert reads(browser, stories[:5]) == [True] * 3 + [False] * 2


def test_to_sign_in_again_counts_nothing_twice(stories, as_, aram, now):
    browser = as_(None)
    reads(browser, stories[:2])
    for _again in range(3):
        meter.merge(asking(browser), aram, now)
        assert places() == [-2, -1]
    reads(browser, stories[2:3])
    meter.merge(asking(browser), aram)
    assert places() == [-2, -1, 0]


def test_what_other_browsers_opened_takes_the_accounts_own_places_while_there_are_any(stories, as_, aram):
    for _browser in range(6):
        browser = as_(None)
        assert reads(browser, stories[:3]) == [True] * 3
        meter.merge(asking(browser), aram)
    assert places() == list(range(-2, 11))
    assert reads(as_(aram), stories[:4]) == [True] * 3 + [False]


def test_an_account_that_has_spent_all_still_gets_what_came_along_for_free(stories, as_, aram):
    reads(as_(aram), stories[:10])
    browser = as_(None)
    reads(browser, stories[10:13])
    meter.merge(asking(browser), aram)
    assert reads(as_(aram), stories) == [True] * 13 + [False]


@pytest.mark.parametrize("cookie", [None, "", "forged", "A" * 100_000, "\0"])
def test_a_browser_without_a_slip_brings_nothing_along(aram, django_assert_num_queries, cookie):
    request = RequestFactory().get("/")
    if cookie is not None:
        request.COOKIES["reader"] = cookie
    with django_assert_num_queries(0):
        meter.merge(request, aram)


def test_two_accounts_of_one_browser_have_nothing_in_common(stories, stranger, aram, leyla):
    """A seized database must not tell that an account without a name and one with a name are one person's."""
    reads(stranger, stories[:3])
    for user in (aram, leyla):
        meter.merge(asking(stranger), user)
    rows = [set(map(bytes, user.opened.values_list(field, flat=True))) for user in (aram, leyla) for field in FIELDS]
    assert [len(found) for found in rows] == [3] * 4, "nor do the rows of one account show that they came together"
    assert len(set().union(*rows)) == 12


def test_without_the_meter_nothing_comes_along(metered, stories, stranger, aram):
    reads(stranger, stories[:3])
    metered.METER = False
    meter.merge(asking(stranger), aram)
    assert places() == []


# The month's end, and what can be told from what is kept.


def secrets_left(folder):
    """All keys that this machine still has, in files and in this process."""
    return [path.read_bytes() for path in folder.iterdir()] + [keys.key(name, 1) for name in keys.remembered()]


def matches(secrets, user, rows, slip, articles):
    """Which articles can be told from an account's rows and a slip by whoever has these keys."""
    found = set()
    for article, secret in product(articles, secrets):
        key, own = f"article:{article.pk}", digest(secret, b"account", f"account:{user.pk}")
        if digest(secret, slip.salt, key) in slip.opened:
            found.add(article.pk)
        if digest(secret, own, digest(secret, own, key).hex()) in rows:
            found.add(article.pk)
    return found


def test_when_the_month_ends_all_that_told_of_it_is_gone(own_keys, stories, on_day, as_, aram):
    on_day(2026, 11, 30, 23, 58)
    reads(as_(aram), stories[:10])
    stranger = as_(None)
    reads(stranger, stories[:3])
    meter.budget.poll()
    kept = {bytes(one) for one in Opened.objects.values_list("digest", flat=True)}, told(stranger)
    articles = list(Article.objects.all())
    assert len(matches(secrets_left(own_keys), aram, *kept, articles)) == 10, "as long as there is the key"

    meter.forget_past_months(timezone.now())
    assert (Opened.objects.count(), Count.objects.filter(series="meter").count()) == (10, 1), "not a moment early"
    meter.forget_past_months(on_day(2026, 12, 1, 0, 0) + SPARE)
    assert not Opened.objects.exists()
    assert not Count.objects.filter(series="meter").exists()
    assert list(own_keys.iterdir()) == []
    assert keys.remembered() == set()

    # And with the keys of the months that follow nothing can be told of what a backup or a browser still has.
    assert reads(as_(aram), stories[:11]) == [True] * 10 + [False]
    assert reads(stranger, stories[:4]) == [True] * 3 + [False]
    remaining = secrets_left(own_keys)
    assert remaining
    assert matches(remaining, aram, *kept, articles) == set()


def test_across_midnight_the_key_stays_for_clocks_that_differ_and_then_goes(own_keys, stories, on_day, stranger):
    end = month_end(on_day(2026, 11, 30, 23, 58))
    reads(stranger, stories[:1])
    meter.forget_past_months(end + SPARE - timedelta(microseconds=1))
    assert [path.stem for path in own_keys.iterdir()] == ["meter-2026-11"]
    meter.forget_past_months(end + SPARE)
    assert list(own_keys.iterdir()) == []


def test_a_new_month_begins_at_nothing(way, stories, on_day, stranger, as_, aram):
    on_day(2026, 11, 30, 23, 59)
    browser = as_(aram)
    assert reads(browser, stories[:11]) == [True] * 10 + [False]
    assert reads(stranger, stories[:4]) == [True] * 3 + [False]
    on_day(2026, 12, 1)
    assert reads(browser, stories[:11]) == [True] * 10 + [False]
    assert reads(stranger, stories[:4]) == [True] * 3 + [False]
    assert {one.month for one in Opened.objects.all()} == {"2026-11", "2026-12"}


def test_two_accounts_that_opened_one_article_have_nothing_in_common(stories, as_, aram):
    other = User.objects.create_user("other@example.com", PASSWORD)
    for user in (aram, other):
        reads(as_(user), stories[:1])
    first, second = Opened.objects.all()
    assert bytes(first.digest) != bytes(second.digest)
    assert bytes(first.salt) != bytes(second.salt)


def test_a_row_names_no_article_and_no_moment(stories, as_, aram):
    reads(as_(aram), stories[:1])
    assert {field.name for field in Opened._meta.fields} == {"id", "user", "month", "place", "salt", "digest"}
    pk = Article.objects.get(headline="Story 0").pk
    row = Opened.objects.get()
    guesses = {digest(secret, bytes(row.salt), f"article:{pk}") for secret in (b"", bytes(32), bytes(row.salt))}
    assert bytes(row.digest) not in guesses


def test_an_account_that_is_deleted_takes_its_rows_along(stories, as_, aram):
    reads(as_(aram), stories[:3])
    aram.delete()
    assert not Opened.objects.exists()


# Two at once.


def at_once(monkeypatch, browsers_and_paths):
    """What each gets that is asked in a thread of its own, when all have found a place to be free before any takes it."""
    gate, put = threading.Barrier(len(browsers_and_paths)), meter._put
    met = threading.local()

    def meet(row):
        if not hasattr(met, "once"):
            met.once = True
            gate.wait(timeout=30)
        put(row)

    monkeypatch.setattr(meter, "_put", meet)

    def ask(browser, path):
        try:
            return is_open(browser.get(path))
        finally:
            connection.close()

    with ThreadPoolExecutor(len(browsers_and_paths)) as threads:
        return [one.result(timeout=60) for one in [threads.submit(ask, *pair) for pair in browsers_and_paths]]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_tabs_that_open_one_story_at_once_spend_one(stories, as_, aram, monkeypatch):
    assert connection.vendor == "postgresql", "Run by: make test-postgres"
    tabs = [as_(aram), as_(aram)]
    assert at_once(monkeypatch, [(tab, stories[0]) for tab in tabs]) == [True, True]
    assert places() == [1]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_tabs_that_want_the_last_place_one_gets_it_and_the_other_the_wall(stories, as_, aram, monkeypatch):
    assert connection.vendor == "postgresql", "Run by: make test-postgres"
    tabs = [as_(aram), as_(aram)]
    reads(tabs[0], stories[:9])
    assert sorted(at_once(monkeypatch, [(tabs[0], stories[9]), (tabs[1], stories[10])])) == [False, True]
    assert places() == list(range(1, 11))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_tabs_that_open_different_stories_at_once_all_get_a_place(stories, as_, aram, monkeypatch):
    assert connection.vendor == "postgresql", "Run by: make test-postgres"
    assert at_once(monkeypatch, [(as_(aram), path) for path in stories[:4]]) == [True] * 4
    assert places() == [1, 2, 3, 4]
