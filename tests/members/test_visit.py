"""Who looks at a page, as far as prompts and advertisements may know."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from django.utils import timezone

from members.access import Audience
from members.models import User
from members.reader import Reader
from members.visit import Device, Referrer, State, Visitor, country, device, referrer, state

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari"
ANDROID = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36"
SLATE = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36"
IPAD = "Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) AppleWebKit/605.1.15 Version/12.1 Mobile/15E148 Safari/604.1"
DESK = "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"

STRANGER = Reader.stranger()
REGISTERED = replace(STRANGER, level=Audience.REGISTERED, user=User(pk=1))
STATES = [
    (STRANGER, State.ANONYMOUS),
    (REGISTERED, State.REGISTERED),
    (replace(REGISTERED, level=Audience.MEMBERS), State.MEMBER),
    (replace(REGISTERED, lapsed=True), State.LAPSED),
    (replace(REGISTERED, owes=True), State.PAST_DUE),
    (replace(REGISTERED, owes=True, lapsed=True), State.PAST_DUE),
    (replace(REGISTERED, level=Audience.MEMBERS, lapsed=True), State.MEMBER),
    # In the days of grace a member still, who had better be told.
    (replace(REGISTERED, level=Audience.MEMBERS, grace_until=timezone.now() + timedelta(days=1)), State.PAST_DUE),
]


@pytest.mark.parametrize(("reader", "expected"), STATES)
def test_everybody_is_one_thing_to_the_newsroom(reader, expected):
    assert state(reader) == expected == Visitor(reader).state


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        (PHONE, Device.MOBILE),
        (ANDROID, Device.MOBILE),
        (SLATE, Device.TABLET),
        (IPAD, Device.TABLET),
        (DESK, Device.DESKTOP),
        ("", Device.DESKTOP),
        ("Mobi" * 10_000, Device.MOBILE),
        ("x" * 600 + "Mobi", Device.DESKTOP),
    ],
)
def test_a_device_is_known_by_what_the_browser_calls_itself(agent, expected):
    assert device({"HTTP_USER_AGENT": agent}) == expected


def test_the_proxys_word_on_the_device_goes_first(settings):
    settings.DEVICE_HEADER = "HTTP_X_DEVICE"
    assert device({"HTTP_X_DEVICE": "Tablet", "HTTP_USER_AGENT": PHONE}) == Device.TABLET
    assert device({"HTTP_X_DEVICE": "toaster", "HTTP_USER_AGENT": PHONE}) == Device.MOBILE


@pytest.mark.parametrize(
    ("told", "expected"),
    [("GE", "GE"), ("ge", "GE"), ("", ""), ("XXX", ""), ("1A", ""), ("გე", ""), ("<>", ""), ("G", "")],
)
def test_a_country_is_what_the_named_header_says(settings, told, expected):
    meta = {"HTTP_CF_IPCOUNTRY": told}
    assert country(meta) == ""
    settings.COUNTRY_HEADER = "HTTP_CF_IPCOUNTRY"
    assert country(meta) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("", Referrer.DIRECT),
        ("http://localhost:8000/articles/x/", Referrer.OWN),
        ("http://testserver/", Referrer.OTHER),
        ("https://www.google.com/search?q=x", Referrer.SEARCH),
        ("https://www.google.co.uk/", Referrer.SEARCH),
        ("https://duckduckgo.com/", Referrer.SEARCH),
        ("https://notgoogle.com/", Referrer.OTHER),
        ("https://google.example.com/", Referrer.SEARCH),
        ("https://t.co/abc", Referrer.SOCIAL),
        ("https://l.facebook.com/l.php", Referrer.SOCIAL),
        ("https://VK.com/feed", Referrer.SOCIAL),
        ("https://t.me/channel", Referrer.SOCIAL),
        ("https://example.com/", Referrer.OTHER),
        ("android-app://com.example/", Referrer.OTHER),
        ("https://[::1", Referrer.OTHER),
        ("nonsense", Referrer.OTHER),
        ("https://example.com/?facebook.com", Referrer.OTHER),
    ],
)
def test_where_a_reader_was_before(settings, address, expected):
    settings.SITE_HOSTS = ["localhost:8000", "mirror.example.org"]
    assert referrer(address) == expected


def asking(**meta):
    request = RequestFactory().get("/", **{"HTTP_USER_AGENT": DESK, **meta})
    request.user = AnonymousUser()
    return request


def test_robots_and_staff_are_not_counted_and_robots_remember_nothing():
    ordinary = Visitor.of(asking(), STRANGER)
    assert (ordinary.counted, ordinary.habits is not None) == (True, True)
    robot = Visitor.of(asking(HTTP_USER_AGENT="Examplebot/1.0"), STRANGER)
    assert (robot.counted, robot.habits) == (False, None)
    assert not Visitor.of(asking(), replace(REGISTERED, desk=True)).counted
    assert not Visitor.of(asking(), STRANGER, counts=False).counted
    assert Visitor.of(asking(HTTP_SEC_GPC="1"), STRANGER).habits is None
