"""The meter's stated limit and its bound: who carries no cookie is a new stranger, but a network opens so many a day."""

import re
from ipaddress import ip_network

import pytest

from members import meter
from newsroom.ground import counters
from newsroom.ground.budgets import Budget
from newsroom.ground.models import Count
from tests.conftest import GATED_WORD

pytestmark = pytest.mark.django_db

BUDGET = 10


@pytest.fixture(autouse=True)
def _metered(metered):
    metered.METER_BUDGET = BUDGET


@pytest.fixture
def stories(on_the_meter):
    return on_the_meter(30)


@pytest.fixture
def another_process(monkeypatch):
    """another_process() lets this one go on as if it were another, which knows nothing yet; the value goes back."""

    def step_in(budget=None):
        budget = budget or Budget("meter")
        monkeypatch.setattr(meter, "budget", budget)
        return budget

    return step_in


def opens(browser, path, address="192.0.2.7", **headers):
    """Whether a browser that keeps no cookie gets the whole of a story."""
    browser.cookies.clear()
    response = browser.get(path, REMOTE_ADDR=address, headers=headers)
    assert response.status_code == 200
    whole = GATED_WORD in response.content.decode()
    assert whole or 'data-wall="meter"' in response.content.decode()
    return whole


def test_without_a_cookie_the_whole_sitemap_yields_no_more_than_the_budget(way, stories, stranger):
    addresses = re.findall(
        r"<loc>http://localhost:8000(/articles/[^<]+)</loc>", stranger.get("/sitemap.xml").content.decode()
    )
    assert sorted(addresses) == sorted(stories)
    got = [opens(stranger, path) for _round in range(2) for path in addresses]
    assert got == [True] * BUDGET + [False] * (60 - BUDGET)


def test_nor_by_any_trick_of_the_request(stories, stranger):
    """Other hosts, forged cookies, other names for a browser, made-up proxies, other cases of the address."""
    tricks = [
        {"host": "127.0.0.1:8000"}, {"cookie": "reader=forged"}, {"cookie": "reader=" + "A" * 4000},
        {"user-agent": "Mozilla/5.0 (Windows NT 10.0) Chrome/140"}, {"x-forwarded-for": "198.51.100.1"},
        {"x-real-ip": "198.51.100.2"}, {"forwarded": "for=198.51.100.3"}, {"accept-language": "ka"}, {"sec-gpc": "1"}, {"dnt": "1"},
    ]  # fmt: skip
    got = [opens(stranger, path, **tricks[number % len(tricks)]) for number, path in enumerate(stories)]
    assert sum(got) == BUDGET


def test_what_was_opened_before_stays_open_when_the_networks_budget_is_spent(stories, as_):
    reader = as_(None)
    assert GATED_WORD in reader.get(stories[0], REMOTE_ADDR="192.0.2.7").content.decode()
    other = as_(None)
    for path in stories:
        opens(other, path)
    assert GATED_WORD in reader.get(stories[0], REMOTE_ADDR="192.0.2.8").content.decode()
    assert GATED_WORD not in reader.get(stories[1], REMOTE_ADDR="192.0.2.8").content.decode()


def test_accounts_and_members_do_not_meet_it(stories, stranger, as_, aram, leyla):
    for path in stories:
        opens(stranger, path)
    for user, count in ((aram, 10), (leyla, 30)):
        browser = as_(user)
        pages = [browser.get(path, REMOTE_ADDR="192.0.2.7").content.decode() for path in stories]
        assert sum(GATED_WORD in page for page in pages) == count


def test_a_school_behind_one_address_reads_within_the_budget(metered, stories, as_):
    """Thirty pupils, each with a browser of one's own, read one story and then others."""
    metered.METER_BUDGET = 300
    for _pupil in range(30):
        pupil = as_(None)
        pages = [pupil.get(path, REMOTE_ADDR="192.0.2.7").content.decode() for path in stories[:3]]
        assert all(GATED_WORD in page for page in pages)
    meter.budget.poll()
    assert Count.objects.get(series="meter").number == 90


def test_to_read_again_takes_nothing_of_it(stories, as_):
    reader = as_(None)
    for _again in range(3 * BUDGET):
        assert GATED_WORD in reader.get(stories[0], REMOTE_ADDR="192.0.2.7").content.decode()
    assert opens(as_(None), stories[1])


def test_heads_robots_and_prefetches_take_nothing_of_it(stories, stranger):
    for path in stories:
        stranger.head(path, REMOTE_ADDR="192.0.2.7")
        stranger.get(path, REMOTE_ADDR="192.0.2.7", headers={"user-agent": "curl/8"})
        stranger.get(path, REMOTE_ADDR="192.0.2.7", headers={"sec-purpose": "prefetch"})
    assert [opens(stranger, path) for path in stories[: BUDGET + 1]] == [True] * BUDGET + [False]


@pytest.mark.parametrize(
    ("same", "other"),
    [
        (["192.0.2.7", "192.0.2.8", "192.0.2.255", "::ffff:192.0.2.1"], "192.0.3.7"),
        (["2001:db8:7::1", "2001:db8:7:ffff::2", "2001:DB8:0007:0:aaaa::3"], "2001:db8:8::1"),
    ],
)
def test_a_network_is_what_a_provider_gives_a_household_or_a_school(stories, stranger, same, other):
    got = [opens(stranger, path, same[number % len(same)]) for number, path in enumerate(stories[: 2 * BUDGET])]
    assert sum(got) == BUDGET
    assert opens(stranger, stories[20], other)


def test_behind_proxies_the_network_is_the_clients(metered, stories, stranger):
    metered.TRUSTED_PROXIES = 1
    proxy = "10.0.0.1"
    for path in stories[:BUDGET]:
        assert opens(stranger, path, proxy, **{"x-forwarded-for": "6.6.6.6, 192.0.2.7"})
    # What stands further left is the client's own word.
    assert not opens(stranger, stories[20], proxy, **{"x-forwarded-for": "7.7.7.7, 192.0.2.9"})
    assert opens(stranger, stories[20], proxy, **{"x-forwarded-for": "192.0.2.7, 198.51.100.7"})


def test_processes_hold_one_budget_between_them(stories, stranger, another_process):
    first, second = another_process(), Budget("meter")
    got = 0
    for number, path in enumerate(stories):
        another_process(first if number % 2 else second)
        got += opens(stranger, path)
        if number % 4 == 3:
            first.poll()
            second.poll()
    assert BUDGET <= got <= BUDGET + 4


def test_a_restart_gives_away_one_more_and_no_second_budget(stories, stranger, another_process):
    for path in stories[:BUDGET]:
        opens(stranger, path)
    meter.budget.poll()
    another_process()
    assert opens(stranger, stories[20])
    meter.budget.poll()
    assert not opens(stranger, stories[21])


def test_the_next_day_has_a_budget_of_its_own_and_knows_nothing_of_the_last(stories, stranger, on_day):
    on_day(2026, 11, 24, 23, 59)
    assert sum(opens(stranger, path) for path in stories) == BUDGET
    meter.budget.poll()
    keys = set(Count.objects.filter(series="meter").values_list("key", flat=True))
    now = on_day(2026, 11, 25)
    meter.forget_past_months(now)
    assert not Count.objects.filter(series="meter").exists()
    assert sum(opens(stranger, path) for path in stories) == BUDGET
    meter.budget.poll()
    later = set(Count.objects.filter(series="meter").values_list("key", flat=True))
    assert len(keys) == len(later) == 1
    # Nothing of the one day's digest is found in the other's: nobody can be followed over days.
    assert {key.split()[1] for key in keys}.isdisjoint(key.split()[1] for key in later)
    meter.forget_past_months(now)
    assert Count.objects.filter(series="meter").exists(), "today's stays"


def test_what_is_kept_of_an_address_is_a_salted_digest(stories, stranger, on_day, own_keys):
    on_day(2026, 11, 24)
    opens(stranger, stories[0], "192.0.2.7")
    meter.budget.poll()
    (row,) = Count.objects.filter(series="meter")
    day, told = row.key.split()
    assert (day, re.fullmatch("[0-9a-f]{16}", told) is not None) == ("2026-11-24", True)
    # Without the month's key nobody finds the network by trying all of them.
    for secret in (b"", bytes(32)):
        for network in ip_network("192.0.0.0/20").subnets(new_prefix=24):
            assert meter.digest(secret, b"2026-11-", f"{network}2026-11-24").hex() != told


def test_a_database_that_is_away_opens_nothing_more(stories, stranger, monkeypatch):
    def away(rows):
        raise counters.connection.Database.DatabaseError("away")

    with monkeypatch.context() as patch:
        patch.setattr(counters, "_write", away)
        for path in stories[:BUDGET]:
            assert opens(stranger, path)
            with pytest.raises(counters.connection.Database.DatabaseError):
                meter.budget.poll()
        assert not opens(stranger, stories[20])
    meter.budget.poll()
    assert Count.objects.get(series="meter").number == BUDGET
