"""Where an account is signed in: listed, ended one by one, and told of by mail when a browser is new."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.accounts import signed_in
from members.accounts.browsers import name_of
from members.models import Session, User
from members.sessions import SessionStore
from tests.conftest import PASSWORD
from tests.members.mail import delivered
from tests.members.test_account_pages import check

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"
CHROME = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36"
)


@pytest.fixture(autouse=True)
def _verified(aram):
    EmailAddress.objects.create(user=aram, email=aram.email, verified=True, primary=True)


def browser_of(agent, user="aram@example.com"):
    """A browser in which the account has just signed in."""
    browser = Client(headers={"host": "localhost:8000", "user-agent": agent})
    browser.post(reverse("account_login"), {"login": user, "password": PASSWORD})
    return browser


def is_known(browser):
    return browser.get(reverse("account")).status_code == 200


def listed(browser):
    return check(browser.get(reverse("sessions")))


def names(page):
    return re.findall(r'name="end" value="([^"]+)"', page)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox, Linux"),
        (PHONE, "Safari, iPhone"),
        (EDGE, "Edge, Windows"),
        (CHROME, "Chrome, Android"),
        ("curl/8.5.0", ""),
        ("<script>", ""),
    ],
)
def test_a_browser_is_called_by_its_name_and_system_alone(agent, words):
    assert name_of(agent) == words


def test_a_reader_sees_where_the_account_is_signed_in_the_own_browser_first(aram):
    browser_of(FIREFOX)
    here = browser_of(PHONE)
    page = listed(here)
    assert page.index("Safari, iPhone") < page.index("this one") < page.index("Firefox, Linux")
    assert "last seen" in page
    assert len(names(page)) == 1


def test_browsers_of_one_name_are_told_apart_by_the_moment_of_their_sign_in(aram, time_machine):
    with timezone.override("Asia/Tbilisi"):
        for minute in (5, 6):
            time_machine.move_to(datetime(2026, 11, 24, 8, minute, tzinfo=UTC), tick=False)
            here = browser_of(FIREFOX)
        page = listed(here)
    assert re.search(r"this one</strong></dt>\s*<dd>signed in on 24 November 2026, 12:06", page)
    assert "signed in on 24 November 2026, 12:05" in page


def test_no_page_and_no_row_tells_the_key_or_the_address_of_a_session(aram):
    here, other = browser_of(FIREFOX), browser_of(PHONE)
    page = listed(here)
    for browser in (here, other):
        assert browser.cookies["sessionid"].value not in page
    for row in Session.objects.filter(user=aram).values():
        assert "127.0.0.1" not in str(row)


def test_one_session_is_ended_and_acts_at_the_next_request(aram):
    here, other, third = browser_of(FIREFOX), browser_of(PHONE), browser_of(EDGE)
    wanted = signed_in.name(other.cookies["sessionid"].value)
    assert wanted in names(listed(here))
    here.post(reverse("sessions"), {"end": wanted})
    assert [is_known(browser) for browser in (here, other, third)] == [True, False, True]


def test_all_others_are_ended_at_once(aram):
    here, *others = browser_of(FIREFOX), browser_of(PHONE), browser_of(EDGE)
    done = here.post(reverse("sessions"), {"others": ""}, follow=True)
    assert "2 sessions were ended" in done.content.decode()
    assert is_known(here)
    assert not any(is_known(browser) for browser in others)


def test_a_new_password_leaves_no_other_session_in_the_list(aram):
    here, _other = browser_of(FIREFOX), browser_of(PHONE)
    here.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    new = "a mill stands by the water"
    here.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert Session.objects.filter(user=aram).count() == 1
    assert is_known(here)


def test_nobody_ends_the_session_of_another(aram, leyla):
    EmailAddress.objects.create(user=leyla, email=leyla.email, verified=True, primary=True)
    mine, theirs = browser_of(FIREFOX), browser_of(PHONE, leyla.email)
    key = theirs.cookies["sessionid"].value
    for wanted in (signed_in.name(key), key, "", "x" * 5000, "é"):
        mine.post(reverse("sessions"), {"end": wanted})
    mine.post(reverse("sessions"), {"others": "", "user": leyla.pk})
    assert is_known(theirs)


def test_a_session_tells_the_day_it_was_seen_and_no_time(aram, time_machine):
    browser = browser_of(FIREFOX)
    time_machine.move_to(datetime.now(UTC) + timedelta(days=2))
    assert is_known(browser)
    assert Session.objects.get(user=aram).seen_on == datetime.now(UTC).date()


def test_a_session_of_an_older_day_costs_one_note_a_day(aram, django_assert_num_queries, time_machine):
    browser = browser_of(FIREFOX)
    time_machine.move_to(datetime.now(UTC) + timedelta(days=2))
    key = browser.cookies["sessionid"].value
    for queries in (2, 1):
        with django_assert_num_queries(queries):
            SessionStore(key).load()


# Mail


def test_a_new_browser_is_told_by_mail_once(aram):
    browser = browser_of(FIREFOX)
    (message,) = delivered()
    assert message.to == ["aram@example.com"]
    assert "Firefox, Linux" in message.body
    assert reverse("sessions") in message.body
    assert "127.0.0.1" not in message.body
    browser.post(reverse("account_logout"))
    browser.post(reverse("account_login"), {"login": "aram@example.com", "password": PASSWORD})
    assert is_known(browser)
    assert delivered() == []


def test_a_forged_cookie_makes_no_browser_known(aram):
    browser = Client(headers={"host": "localhost:8000"})
    browser.cookies["browser"] = signed_in._mark(aram)
    browser.post(reverse("account_login"), {"login": "aram@example.com", "password": PASSWORD})
    assert len(delivered()) == 1


def test_the_browser_that_made_an_account_is_not_new_to_it(stranger):
    stranger.post(reverse("account_signup"), {"email": "tamar@example.com", "password1": PASSWORD})
    code = re.search(r"^[A-Z]+-[A-Z]+$", delivered()[0].body, re.M)[0]
    stranger.post(reverse("account_email_verification_sent"), {"code": code})
    assert is_known(stranger)
    assert delivered() == []


def test_who_does_not_want_these_mails_switches_them_off(aram, as_):
    browser = as_(aram)
    check(browser.get(reverse("mail_preferences")))
    assert browser.post(reverse("mail_preferences"), {"language": "ru"}).status_code == 302
    aram.refresh_from_db()
    assert (aram.language, aram.told_of_browsers) == ("ru", False)
    browser_of(FIREFOX)
    assert delivered() == []


def test_mails_speak_the_language_that_the_account_chose(aram):
    User.objects.update(language="ru")
    browser_of(FIREFOX)
    (message,) = delivered()
    assert "Браузер: Firefox, Linux" in message.body
    assert "/ru/account/sessions/" in message.body


def link_off(message):
    return re.fullmatch(r"<http://localhost:8000(/\S+)>", message.extra_headers["List-Unsubscribe"])[1]


def test_a_mail_program_switches_them_off_without_signing_in(aram):
    browser_of(FIREFOX)
    (message,) = delivered()
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = link_off(message)
    assert path in message.body
    browser = Client(headers={"host": "localhost:8000"}, enforce_csrf_checks=True)
    assert "No more of these mails?" in check(browser.get(path))
    assert User.objects.get(pk=aram.pk).told_of_browsers, "a link that is only followed changes nothing"
    assert browser.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not User.objects.get(pk=aram.pk).told_of_browsers


def test_a_link_that_is_not_whole_switches_nothing_off(aram, stranger):
    browser_of(FIREFOX)
    path = link_off(delivered()[0])
    for odd in (path[:-2] + "/", path.replace("off/", "off/x"), reverse("mail_off", args=[aram.key])):
        assert stranger.post(odd).status_code == 404
    assert User.objects.get(pk=aram.pk).told_of_browsers


def test_other_mails_carry_no_such_link(aram, stranger):
    stranger.post(reverse("account_request_login_code"), {"email": aram.email})
    assert "List-Unsubscribe" not in delivered()[0].extra_headers
