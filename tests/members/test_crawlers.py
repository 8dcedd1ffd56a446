"""Search engines that the newsroom lets in are known by DNS, both ways, and never by what they call themselves."""

import socket
import threading
from datetime import timedelta

import pytest

from members import crawlers
from members.access import Audience
from members.crawlers import KEPT_FOR, Known, is_named
from members.models import Opened
from tests.conftest import BROWSER, GATED_WORD

DOMAINS = ["googlebot.com", "search.msn.com"]
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
ADDRESS = "66.249.66.1"
NAME = "crawl-66-249-66-1.googlebot.com"


class Zone:
    """DNS as somebody has set it up. asked: what was asked for, and in which thread."""

    def __init__(self, names, addresses):
        self.names, self.addresses = names, addresses
        self.asked, self.threads = [], set()

    def name_of(self, address):
        return self._answer(self.names, address)

    def addresses_of(self, name):
        return self._answer(self.addresses, name)

    def _answer(self, told, question):
        self.asked.append(question)
        self.threads.add(threading.get_ident())
        answer = told.get(question, socket.herror(1, "Unknown host"))
        if isinstance(answer, Exception):
            raise answer
        return answer


def google():
    return Zone({ADDRESS: NAME}, {NAME: {ADDRESS}})


@pytest.mark.parametrize(
    ("address", "name", "forward", "let_in"),
    [
        (ADDRESS, NAME, {ADDRESS}, True),
        (ADDRESS, NAME.upper() + ".", {ADDRESS}, True),
        (ADDRESS, NAME, {"198.51.100.1", ADDRESS}, True),
        ("40.77.167.1", "msnbot-40-77-167-1.search.msn.com", {"40.77.167.1"}, True),
        ("2001:4860:4801:10::1", "crawl.googlebot.com", {"2001:4860:4801:10::1"}, True),
        # Names that only look alike.
        (ADDRESS, "crawl.evilgooglebot.com", {ADDRESS}, False),
        (ADDRESS, "evilgooglebot.com", {ADDRESS}, False),
        (ADDRESS, "googlebot.com.evil.example", {ADDRESS}, False),
        (ADDRESS, "crawl.googlebot.com.evil.example", {ADDRESS}, False),
        (ADDRESS, "googlebot.com", {ADDRESS}, False),
        (ADDRESS, "crawl-googlebot.com", {ADDRESS}, False),
        (ADDRESS, "x.msn.com", {ADDRESS}, False),
        (ADDRESS, "", {ADDRESS}, False),
        (ADDRESS, ".", {ADDRESS}, False),
        # Whoever owns an address can give it any name; the name's owner says whose address it is.
        (ADDRESS, NAME, {"198.51.100.1"}, False),
        (ADDRESS, NAME, set(), False),
        ("2001:4860:4801:10::1", "crawl.googlebot.com", {"2001:4860:4801:10::2"}, False),
        # What is not there, does not answer, or cannot be asked.
        (ADDRESS, socket.herror(1, "Unknown host"), None, False),
        (ADDRESS, socket.gaierror(-3, "Temporary failure"), None, False),
        (ADDRESS, TimeoutError("timed out"), None, False),
        (ADDRESS, NAME, socket.gaierror(-2, "Name or service not known"), False),
        (ADDRESS, "x" * 70 + ".googlebot.com", UnicodeError("label too long"), False),
        (ADDRESS, "a\0b.googlebot.com", ValueError("embedded null character"), False),
    ],
)
def test_an_address_is_let_in_by_its_name_that_leads_back(address, name, forward, let_in):
    zone = Zone({address: name}, {} if isinstance(name, Exception) else {name.rstrip(".").lower(): forward})
    assert is_named(address, DOMAINS, zone.name_of, zone.addresses_of) == let_in


def test_a_name_elsewhere_is_not_even_asked_for():
    zone = Zone({ADDRESS: "trap.evil.example"}, {})
    assert not is_named(ADDRESS, DOMAINS, zone.name_of, zone.addresses_of)
    assert zone.asked == [ADDRESS]


@pytest.fixture
def let_in(settings):
    settings.CRAWLERS = DOMAINS
    return settings


def asked(known):
    """Wait until all that was asked for has been answered."""
    known._asking.submit(lambda: None).result(timeout=30)


def test_dns_is_asked_in_the_background_and_until_then_nobody_is_let_in(let_in):
    zone = google()
    known = Known(zone.name_of, zone.addresses_of)
    assert not known.of(ADDRESS)
    asked(known)
    assert known.of(ADDRESS)
    assert zone.asked == [ADDRESS, NAME]
    assert threading.get_ident() not in zone.threads


def test_an_answer_holds_for_a_day_and_is_asked_for_again_then(let_in, monkeypatch):
    zone, clock = google(), [1000.0]
    monkeypatch.setattr(crawlers.time, "monotonic", lambda: clock[0])
    known = Known(zone.name_of, zone.addresses_of)
    known.look(ADDRESS)
    clock[0] += KEPT_FOR - 1
    assert known.of(ADDRESS)
    assert len(zone.asked) == 2
    # Meanwhile the address belongs to somebody else.
    zone.addresses[NAME] = set()
    clock[0] += 1
    assert not known.of(ADDRESS)
    asked(known)
    assert not known.of(ADDRESS)
    assert len(zone.asked) == 4


def test_who_is_not_let_in_is_not_asked_for_each_time(let_in):
    zone = Zone({}, {})
    known = Known(zone.name_of, zone.addresses_of)
    for _again in range(5):
        assert not known.of(ADDRESS)
        asked(known)
    assert zone.asked == [ADDRESS]


def test_so_many_wait_and_no_more_and_none_is_asked_for_twice(let_in, monkeypatch):
    monkeypatch.setattr(crawlers, "WAITING_MAX", 3)
    zone, go = google(), threading.Event()

    def slow(address):
        assert go.wait(timeout=30)
        return zone.name_of(address)

    known = Known(slow, zone.addresses_of)
    for _again in range(2):
        for number in range(10):
            assert not known.of(f"192.0.2.{number}")
    go.set()
    asked(known)
    assert zone.asked == ["192.0.2.0", "192.0.2.1", "192.0.2.2"]
    # Then others have their turn.
    known.of(ADDRESS)
    asked(known)
    assert known.of(ADDRESS)


def test_names_that_cannot_be_asked_for_do_not_fill_the_queue(let_in, monkeypatch):
    monkeypatch.setattr(crawlers, "WAITING_MAX", 1)
    zone = google()
    zone.names |= dict.fromkeys(("192.0.2.1", "192.0.2.2"), UnicodeError("label too long"))
    known = Known(zone.name_of, zone.addresses_of)
    for address in ("192.0.2.1", "192.0.2.2", ADDRESS):
        known.of(address)
        asked(known)
    assert known.of(ADDRESS)


def test_so_many_addresses_are_remembered_and_no_more(let_in, monkeypatch):
    monkeypatch.setattr(crawlers, "ADDRESSES_MAX", 3)
    zone = google()
    known = Known(zone.name_of, zone.addresses_of)
    for address in ("192.0.2.1", ADDRESS, "192.0.2.2", ADDRESS, "192.0.2.3", "192.0.2.4"):
        known.look(address)
    assert list(known._found) == [ADDRESS, "192.0.2.3", "192.0.2.4"]


# In front of readers' pages.

pytestmark = pytest.mark.django_db


@pytest.fixture
def zone(monkeypatch):
    """The newsroom's DNS is Google's, where only googlebot's address is known."""
    zone = google()
    monkeypatch.setattr(crawlers, "known", Known(zone.name_of, zone.addresses_of))
    return zone


@pytest.fixture
def addresses(story, now):
    return [
        story("For members", audience=Audience.MEMBERS).get_absolute_url(),
        story("For readers", audience=Audience.REGISTERED).get_absolute_url(),
        story("Members first", early_access_until=now + timedelta(days=1)).get_absolute_url(),
        story("On the meter", metered=True).get_absolute_url(),
    ]


def whole(browser, path, address=ADDRESS, agent=GOOGLEBOT):
    response = browser.get(path, REMOTE_ADDR=address, headers={"user-agent": agent})
    assert response.status_code == 200
    return GATED_WORD in response.content.decode()


def test_a_crawler_that_dns_vouches_for_reads_whole_stories_and_spends_nothing(
    way, metered, let_in, zone, addresses, stranger
):
    metered.METER_STRANGERS = 1
    assert not whole(stranger, addresses[0])
    asked(crawlers.known)
    for path in addresses * 2:
        assert whole(stranger, path)
        response = stranger.get(path, REMOTE_ADDR=ADDRESS, headers={"user-agent": GOOGLEBOT})
        assert (response["Cache-Control"], response["X-Robots-Tag"]) == ("private, no-store", "noarchive")
        assert "ETag" not in response
    assert not stranger.cookies
    assert not Opened.objects.exists()


def test_no_name_that_a_client_calls_itself_opens_anything(way, metered, let_in, zone, addresses, stranger):
    crawlers.known.look(ADDRESS)
    reader = BROWSER
    for path in addresses[:3]:
        assert not whole(stranger, path, "192.0.2.7")
        asked(crawlers.known)
        assert not whole(stranger, path, "192.0.2.7")
        assert not whole(stranger, path, ADDRESS, reader), "somebody who reads from that address is no crawler"
        assert not whole(stranger, path, "192.0.2.7", "DuckDuckBot/1.1")


def test_a_made_up_proxy_does_not_lend_its_address(let_in, zone, addresses, stranger):
    crawlers.known.look(ADDRESS)
    for header in ("x-forwarded-for", "x-real-ip", "forwarded", "cf-connecting-ip", "true-client-ip"):
        response = stranger.get(
            addresses[0], REMOTE_ADDR="192.0.2.7", headers={"user-agent": GOOGLEBOT, header: ADDRESS}
        )
        assert GATED_WORD not in response.content.decode()


def test_no_crawler_is_let_in_until_the_newsroom_says_so(settings, zone, addresses, stranger):
    assert settings.CRAWLERS == []
    for path in addresses[:3]:
        assert not whole(stranger, path)
        asked(crawlers.known)
        assert not whole(stranger, path)
    assert zone.asked == []


def test_what_is_not_published_opens_to_no_crawler(let_in, zone, story, stranger, now):
    crawlers.known.look(ADDRESS)
    path = story("Tomorrow's", published_at=now + timedelta(days=1)).get_absolute_url()
    assert stranger.get(path, REMOTE_ADDR=ADDRESS, headers={"user-agent": GOOGLEBOT}).status_code == 404


def test_a_signed_in_robot_is_its_account(let_in, zone, addresses, as_, aram):
    crawlers.known.look(ADDRESS)
    assert not whole(as_(aram), addresses[0])


@pytest.mark.parametrize(
    ("agent", "robot"),
    [
        (BROWSER, False),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 Version/18.6 Mobile/15E148 Safari/604.1", False),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0", False),
        ("Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36", False),
        ("Mozilla/5.0 (Linux; Android 10; CUBOT_X30) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36", False),
        ("Mozilla/5.0 (Linux; Android 9; CUBOT X19) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36", False),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/140.0.0.0 Mobile Safari/537.36 Telegram-Android/11.3.3 (Samsung; SDK 34)", False),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 [Pinterest/iOS]", False),
        ("Mozilla/5.0 (compatible; Pinterestbot/1.0; +https://www.pinterest.com/bot.html)", True),
        ("Opera/9.80 (Android; Opera Mini/85.0.2254) Presto/2.12.423 Version/12.16", False),
        ("Lynx/2.9.2 libwww-FM/2.14", False),
        (GOOGLEBOT, True),
        ("Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", True),
        ("Mozilla/5.0 (compatible; YandexBot/3.0)", True),
        ("Mozilla/5.0 (compatible; GPTBot/1.3; +https://openai.com/gptbot)", True),
        ("CCBot/2.0 (https://commoncrawl.org/faq/)", True),
        ("TelegramBot (like TwitterBot)", True),
        ("WhatsApp/2.23.20.0", True),
        ("facebookexternalhit/1.1", True),
        ("curl/8.5.0", True),
        ("python-requests/2.32", True),
        ("", True),
    ],
)  # fmt: skip
def test_who_calls_itself_a_robot_is_taken_at_its_word(rf, agent, robot):
    assert crawlers.is_bot(rf.get("/", headers={"user-agent": agent})) == robot
