"""What is noted of sign-ins, how long one holds, and when a session gets another key."""

import logging
import re
from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import signing
from django.urls import reverse

from members import emails
from members.accounts import signed_in
from members.accounts.factors import shown
from members.models import Session, User
from newsroom.ground import challenge
from newsroom.ground.models import Deed
from tests.conftest import PASSWORD
from tests.members.factors import code, give_app
from tests.members.mail import code_in, delivered
from tests.test_settings import read

pytestmark = pytest.mark.django_db

DESK = "/admin/"


@pytest.fixture
def confirmed(aram, nino, leyla):
    for user in (aram, nino, leyla):
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)


@pytest.fixture
def editor(nino, confirmed, settings):
    """Somebody who works here, with an app, and not in the demo."""
    settings.DEMO = False
    give_app(nino)
    return nino


@pytest.fixture
def owner(db):
    return User.objects.create_superuser("owner@example.com", PASSWORD)


def sign_in(browser, email, password=PASSWORD):
    return browser.post(reverse("account_login"), {"login": email, "password": password})


def is_known(browser):
    return browser.get(reverse("account")).status_code == 200


# What is noted


def test_a_sign_in_of_who_works_here_is_noted_with_its_proofs(stranger, editor):
    sign_in(stranger, editor.email)
    assert not Deed.objects.exists(), "half-way in is not in"
    stranger.post(reverse("mfa_authenticate"), {"code": code()})
    deed = Deed.objects.get()
    assert (deed.actor, deed.deed, deed.note) == (editor.key, "signed in", "password, totp")


def test_of_a_readers_sign_in_nothing_is_noted(stranger, confirmed, aram, caplog):
    sign_in(stranger, aram.email)
    assert is_known(stranger)
    assert not Deed.objects.exists()
    assert aram.key not in caplog.text
    assert aram.email not in caplog.text


def test_refused_sign_ins_are_told_in_the_log_by_what_did_not_fit(as_, confirmed, editor, aram, caplog):
    caplog.set_level(logging.INFO)
    sign_in(as_(None), aram.email, "not the password")
    sign_in(as_(None), "nobody@example.com")
    browser = as_(None)
    sign_in(browser, editor.email)
    browser.post(reverse("mfa_authenticate"), {"code": "000000"})
    browser = as_(None)
    browser.post(reverse("account_request_login_code"), {"email": aram.email})
    browser.post(reverse("account_confirm_login_code"), {"code": "WRONG-1"})
    as_(None).post(reverse("mfa_login_webauthn"), {"credential": "{}"})
    told = [line for line in caplog.messages if "was refused" in line]
    assert [line.split(": ")[1].split(" did")[0] for line in told] == [
        "the password", "the password", "the second factor", "the code by mail", "the passkey",
    ]  # fmt: skip
    # The tries at one account are seen to be at one, whatever was tried.
    assert told[0].rpartition(" ")[2] == told[3].rpartition(" ")[2] != told[1].rpartition(" ")[2]
    assert "@" not in "".join(told)
    assert "not the password" not in caplog.text


def test_a_try_over_its_limit_is_told_in_the_log(stranger, confirmed, aram, caplog):
    for _number in range(11):
        sign_in(stranger, aram.email, "not the password")
    assert [line for line in caplog.messages if "over its limit" in line] == ["A try is over its limit: sign-in to."]


def test_who_asks_the_desk_for_what_is_not_theirs_is_told_in_the_log(as_, editor, caplog, settings):
    settings.DEMO = True
    assert as_(editor).get(DESK + "members/membership/").status_code == 403
    assert f"{editor.key} was refused: GET /admin/members/membership/" in caplog.messages
    caplog.clear()
    assert as_(editor).get(DESK + "members/membership/%0A%0D2026 forged/").status_code in (302, 403, 404)
    assert not any("\n" in line or "\r" in line for line in caplog.messages)


# How long it holds


def test_a_session_ends_fourteen_days_after_its_sign_in_whatever_it_is_used_for(
    stranger, confirmed, aram, time_machine
):
    start = datetime(2026, 11, 24, 12, tzinfo=UTC)
    time_machine.move_to(start, tick=False)
    sign_in(stranger, aram.email)
    for day in (5, 10, 13):
        time_machine.move_to(start + timedelta(days=day), tick=False)
        # Writes something into the session.
        stranger.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        assert is_known(stranger)
    time_machine.move_to(start + timedelta(days=14, seconds=1), tick=False)
    assert not is_known(stranger)


def test_the_desk_asks_for_the_second_factor_again_after_a_working_day(stranger, editor, time_machine):
    start = datetime(2026, 11, 24, 8, tzinfo=UTC)
    time_machine.move_to(start, tick=False)
    sign_in(stranger, editor.email)
    stranger.post(reverse("mfa_authenticate"), {"code": code()})
    time_machine.move_to(start + timedelta(seconds=shown.HOLDS - 1), tick=False)
    assert stranger.get(DESK).status_code == 200
    time_machine.move_to(start + timedelta(seconds=shown.HOLDS), tick=False)
    asked = stranger.get(DESK)
    assert asked.url.startswith(reverse("mfa_reauthenticate"))
    assert stranger.post(asked.url, {"code": code()}).url == DESK
    assert stranger.get(DESK).status_code == 200


# Asked again

ASKS = ("account_data", "account_delete", "account_email", "mfa_activate_totp")


@pytest.mark.parametrize("way", ["password", "code"])
@pytest.mark.parametrize("name", ASKS)
def test_who_has_just_signed_in_is_not_asked_again_for_five_minutes(stranger, confirmed, aram, time_machine, way, name):
    start = datetime(2026, 11, 24, 12, tzinfo=UTC)
    time_machine.move_to(start, tick=False)
    if way == "password":
        sign_in(stranger, aram.email)
    else:
        stranger.post(reverse("account_request_login_code"), {"email": aram.email})
        stranger.post(reverse("account_confirm_login_code"), {"code": code_in(delivered()[0])})
    form = {"email": "new@example.com", "action_add": ""} if name == "account_email" else {}
    time_machine.move_to(start + timedelta(minutes=5, seconds=-1), tick=False)
    assert "reauthenticate" not in stranger.post(reverse(name), form).headers.get("location", "")
    time_machine.move_to(start + timedelta(minutes=5), tick=False)
    assert stranger.post(reverse(name), form).url.startswith(reverse("account_reauthenticate"))


# Another key


def test_a_session_that_proves_anew_whose_it_is_gets_another_key_and_the_old_one_is_nobodys(as_, confirmed, aram):
    browser, thief = as_(aram), as_(None)
    thief.cookies["sessionid"] = old = browser.cookies["sessionid"].value
    assert is_known(thief)
    assert browser.post(reverse("account_reauthenticate"), {"password": "wrong"}).status_code == 200
    assert browser.cookies["sessionid"].value == old, "what failed changes nothing"
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert browser.cookies["sessionid"].value != old
    assert is_known(browser)
    assert not is_known(thief)
    assert Session.objects.filter(user=aram).count() == 1


def test_so_does_one_that_shows_the_second_factor(as_, editor):
    browser = as_(editor)
    old = browser.cookies["sessionid"].value
    browser.post(browser.get(DESK).url, {"code": code()})
    assert browser.cookies["sessionid"].value != old
    assert browser.get(DESK).status_code == 200


def test_a_sessions_key_cannot_be_guessed(as_, aram):
    """32 letters and digits of 36: 165 bits."""
    keys = {as_(aram).cookies["sessionid"].value for _number in range(20)}
    assert len(keys) == 20
    assert {len(key) for key in keys} == {32}
    assert len(set("".join(keys))) == 36


# Signing out


def test_an_owner_signs_somebody_out_everywhere(as_, confirmed, owner, aram, leyla):
    browsers, other = [as_(aram), as_(aram)], as_(leyla)
    form = {"action": "sign_out", "_selected_action": [aram.pk]}
    assert as_(owner).post(DESK + "members/user/", form).status_code == 302
    assert not any(is_known(browser) for browser in browsers)
    assert is_known(other)
    deed = Deed.objects.get(deed="ended the sessions")
    assert (deed.actor, deed.key) == (owner.key, aram.key)


def test_an_editor_signs_nobody_out(as_, confirmed, nino, aram):
    browser = as_(aram)
    as_(nino).post(DESK + "members/user/", {"action": "sign_out", "_selected_action": [aram.pk]})
    assert is_known(browser)


@pytest.mark.parametrize(
    "name", ["account", "sessions", "mail_preferences", "gifts", "history", "account_email", "mfa_index"]
)
def test_every_page_of_an_account_leads_to_signing_out(as_, confirmed, aram, name):
    """By the reader's corner, at most one page away."""
    browser = as_(aram)
    page = browser.get(reverse(name)).content.decode()
    assert f'href="{reverse("account")}"' in page or f'action="{reverse("account_logout")}"' in page
    assert f'action="{reverse("account_logout")}"' in browser.get(reverse("account")).content.decode()


def test_a_link_in_a_mail_signs_nobody_in_by_being_followed(as_, confirmed, aram):
    """A mail program that looks at links before its owner does opens no session."""
    browser = as_(None)
    browser.post(reverse("account_reset_password"), {"email": aram.email})
    link = delivered()[0].body.split("http://localhost:8000")[1].split()[0]
    as_(None).get(link, follow=True)
    assert not Session.objects.filter(user=aram).exists()


# What we sign

SALTS = (emails.SALT, signed_in.SALT, challenge.SALT, "django.core.signing", "another")


def test_what_is_signed_for_one_purpose_is_good_for_no_other(rf, aram):
    """Whatever it holds: the salt is a part of the key."""
    held = {emails.SALT: [aram.key, "new_browser"], signed_in.SALT: [signed_in._mark(aram)]}
    for made_for in SALTS:
        for value in held.values():
            word = signing.dumps(value, salt=made_for)
            request = rf.get("/")
            request.COOKIES["browser"] = word
            assert (emails.off(word) is None) == (made_for != emails.SALT or value != held[emails.SALT])
            assert signed_in._marks(request) == (value if made_for == signed_in.SALT else [])
            assert made_for == challenge.SALT or challenge._ticket(word, {}) is None


def test_what_is_signed_names_no_method_and_no_key_to_check_it_by(rf, aram):
    """A header that says "none" is a value like any other: it stands in no place that is looked at."""
    off = signing.dumps([aram.key, "new_browser"], salt=emails.SALT)
    value, _moment, signature = off.rsplit(":", 2)
    for forged in (f"{value}::", f"{value}:none:", f"alg=none:{value}:{signature}", value, f"{off}.{off}", "", ":" * 9):
        assert emails.off(forged) is None


def test_what_a_key_of_before_has_signed_holds_while_it_is_named(settings, aram):
    off = signing.dumps([aram.key, "new_browser"], salt=emails.SALT)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another " + "k" * 50
    assert emails.off(off)
    settings.SECRET_KEY_FALLBACKS = []
    assert emails.off(off) is None


def test_keys_of_before_are_named_in_the_environment():
    assert read("SECRET_KEY_FALLBACKS", SECRET_KEY_FALLBACKS="one,two") == ["one", "two"]
    assert read("SECRET_KEY_FALLBACKS") == []


def test_a_line_of_the_log_tells_the_moment_with_its_offset():
    line = read("LOGGING['formatters']['line']")
    said = logging.Formatter(line["format"], line["datefmt"], line["style"]).format(
        logging.LogRecord("newsroom", logging.WARNING, "", 1, "A sign-in was refused.", None, None)
    )
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4} WARNING newsroom A sign-in was refused\.", said)
    assert read("LOGGING['handlers']") == {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}}
