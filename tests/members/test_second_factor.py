"""Second factors: set up with proof, asked for at sign-in, told by mail, and the only way into the desk."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.urls import reverse

from members.accounts.factors.adapter import FactorAdapter, qr_code
from tests.conftest import PASSWORD
from tests.members.factors import SECRET, code, give_app
from tests.members.mail import delivered
from tests.members.test_account_pages import check

pytestmark = pytest.mark.django_db

DESK = "/admin/"


@pytest.fixture
def verified(aram):
    EmailAddress.objects.create(user=aram, email=aram.email, verified=True, primary=True)
    return aram


@pytest.fixture
def editor(nino):
    EmailAddress.objects.create(user=nino, email=nino.email, verified=True, primary=True)
    return nino


@pytest.fixture
def for_real(settings):
    """As everywhere but in the demo."""
    settings.DEMO = False


def sign_in(browser, email="aram@example.com", **more):
    return browser.post(reverse("account_login"), {"login": email, "password": PASSWORD, **more})


def enter(browser, number, **more):
    return browser.post(reverse("mfa_authenticate"), {"code": number, **more})


def prove(browser, address):
    """Give the password where it is asked for before `address` opens."""
    return browser.post(browser.get(address).url, {"password": PASSWORD}, follow=True)


def is_known(browser):
    return browser.get(reverse("account")).status_code == 200


# Setting up


def set_up_app(browser):
    page = prove(browser, reverse("mfa_activate_totp"))
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", page.content.decode())[1]
    return browser.post(reverse("mfa_activate_totp"), {"code": code(secret)}, follow=True)


def test_an_app_is_set_up_with_the_password_and_its_first_code(as_, verified, django_capture_on_commit_callbacks):
    browser = as_(verified)
    with django_capture_on_commit_callbacks(execute=True):
        done = set_up_app(browser)
    assert done.redirect_chain[-1][0] == reverse("mfa_view_recovery_codes")
    assert len(re.findall(r"<code>\d{8}</code>", done.content.decode())) == 10
    (message,) = delivered()
    assert "authenticator app was set up" in message.body
    assert message.to == [verified.email]


def test_without_the_password_no_factor_is_set_up_taken_away_or_shown(as_, verified):
    codes, browser = give_app(verified), as_(verified)
    for name in ("mfa_activate_totp", "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes",
                 "mfa_download_recovery_codes", "mfa_add_webauthn"):  # fmt: skip
        for answer in (browser.get(reverse(name)), browser.post(reverse(name), {"code": code()})):
            assert answer.status_code in (302, 405), name
            assert codes[0] not in answer.content.decode()
    assert Authenticator.objects.count() == 2


def test_a_wrong_first_code_sets_nothing_up_and_keeps_the_secret(as_, verified):
    browser = as_(verified)
    page = prove(browser, reverse("mfa_activate_totp")).content.decode()
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", page)[1]
    again = browser.post(reverse("mfa_activate_totp"), {"code": "000000"}).content.decode()
    assert secret in again
    assert "errorlist" in again
    assert not Authenticator.objects.exists()


def test_the_square_for_the_camera_needs_no_other_address_and_no_style():
    drawn = str(qr_code("otpauth://totp/a?secret=<b>"))
    assert drawn.startswith("<svg")
    assert "style" not in drawn
    assert "href" not in drawn


def test_what_could_sign_somebody_in_lies_encrypted(verified, settings):
    codes = give_app(verified)
    kept = " ".join(str(one.data) for one in Authenticator.objects.all())
    assert SECRET not in kept
    assert not any(one in kept for one in codes)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another " + "k" * 50
    app = Authenticator.objects.get(type="totp")
    assert FactorAdapter().decrypt(app.data["secret"]) == SECRET


def test_taking_the_app_away_is_told_by_mail(as_, verified):
    give_app(verified)
    browser = as_(verified)
    prove(browser, reverse("mfa_deactivate_totp"))
    browser.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.exists()
    assert "was removed" in delivered()[-1].body


@pytest.mark.parametrize("name", ["mfa_index", "mfa_list_webauthn"])
def test_pages_are_whole(as_, verified, name):
    give_app(verified)
    check(as_(verified).get(reverse(name)))


@pytest.mark.parametrize(
    "name", ["mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_activate_totp"]
)
def test_pages_behind_the_password_are_whole(as_, verified, name):
    if name != "mfa_activate_totp":
        give_app(verified)
    page = check(prove(as_(verified), reverse(name)))
    assert ">Aram</a>" in page


def test_recovery_codes_are_saved_as_a_file_and_made_anew(as_, verified, django_capture_on_commit_callbacks):
    codes = give_app(verified)
    browser = as_(verified)
    saved = prove(browser, reverse("mfa_download_recovery_codes"))
    assert saved.content.decode().split() == codes
    assert "attachment" in saved["Content-Disposition"]
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(reverse("mfa_generate_recovery_codes"))
    assert codes[0] not in browser.get(reverse("mfa_view_recovery_codes")).content.decode()
    assert "new recovery codes" in delivered()[-1].subject


# Signing in


def test_a_password_alone_no_longer_signs_in(stranger, verified):
    give_app(verified)
    assert sign_in(stranger, next="/join/").url.startswith(reverse("mfa_authenticate"))
    assert not is_known(stranger)
    check(stranger.get(reverse("mfa_authenticate")))
    assert enter(stranger, "000000").status_code == 200
    assert not is_known(stranger)
    assert enter(stranger, code()).url == "/join/"
    assert is_known(stranger)


def test_nor_does_the_link_for_a_new_password(stranger, verified):
    give_app(verified)
    stranger.post(reverse("account_reset_password"), {"email": verified.email})
    link = re.search(r"https?://[^/\s]+(/\S*key/\S*)", delivered()[0].body)[1]
    page = stranger.get(link, follow=True)
    new = "a mill stands by the water"
    done = stranger.post(page.context["action_url"], {"password1": new, "password2": new})
    assert done.url.startswith(reverse("mfa_authenticate"))
    assert not is_known(stranger)


def test_an_apps_code_is_good_once_as_long_as_it_holds(as_, verified, time_machine):
    give_app(verified)
    start = datetime(2026, 11, 24, 12, tzinfo=UTC)
    time_machine.move_to(start, tick=False)
    seen = code()
    first, second = as_(None), as_(None)
    sign_in(first)
    enter(first, seen)
    assert is_known(first)
    time_machine.move_to(start + timedelta(seconds=45), tick=False)
    sign_in(second)
    assert enter(second, seen).status_code == 200
    assert not is_known(second)
    assert enter(second, code()).status_code == 302
    assert is_known(second)


@pytest.mark.parametrize(("steps", "known"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_an_apps_clock_may_go_a_little_wrong(stranger, verified, steps, known):
    give_app(verified)
    sign_in(stranger)
    enter(stranger, code(steps=steps))
    assert is_known(stranger) == known


def test_a_recovery_code_signs_in_once(as_, verified):
    codes = give_app(verified)
    first, second = as_(None), as_(None)
    for browser in (first, second):
        sign_in(browser)
        enter(browser, codes[3])
    assert is_known(first)
    assert not is_known(second)


def test_guessing_codes_is_slowed_down(stranger, verified):
    give_app(verified)
    sign_in(stranger)
    for guess in range(6):
        page = enter(stranger, f"00000{guess}")
    assert "tried too often" in page.content.decode()
    enter(stranger, code())
    assert not is_known(stranger)


# The desk


def test_staff_without_a_second_factor_are_sent_to_set_one_up_and_told_why(stranger, editor, for_real):
    sign_in(stranger, editor.email)
    sent = stranger.get(DESK)
    assert sent.url == reverse("mfa_index")
    page = stranger.get(sent.url).content.decode()
    assert "The desk opens with a second factor only" in page
    assert reverse("mfa_activate_totp") in page


def test_who_has_just_set_one_up_goes_straight_to_the_desk(as_, editor, for_real):
    browser = as_(editor)
    set_up_app(browser)
    assert browser.get(DESK).status_code == 200


def test_a_session_from_before_shows_the_second_factor_once(as_, editor, for_real):
    give_app(editor)
    browser = as_(editor)
    asked = browser.get(DESK + "articles/article/?o=1")
    assert asked.url == f"{reverse('mfa_reauthenticate')}?next=%2Fadmin%2Farticles%2Farticle%2F%3Fo%3D1"
    check(browser.get(asked.url))
    shown = browser.post(asked.url, {"code": code()})
    assert shown.url == DESK + "articles/article/?o=1"
    assert browser.get(DESK).status_code == 200


def test_signing_in_with_the_second_factor_opens_the_desk(stranger, editor, for_real):
    give_app(editor)
    sign_in(stranger, editor.email, next=DESK)
    assert enter(stranger, code()).url == DESK
    assert stranger.get(DESK).status_code == 200


def test_the_password_given_again_is_no_second_factor(as_, editor, for_real):
    give_app(editor)
    browser = as_(editor)
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert browser.get(DESK).status_code == 302


def test_a_factor_that_was_taken_away_closes_the_desk(as_, editor, for_real):
    browser = as_(editor)
    set_up_app(browser)
    Authenticator.objects.all().delete()
    assert browser.get(DESK).url == reverse("mfa_index")


def test_no_page_of_the_desk_opens_by_a_password_alone(as_, editor, for_real):
    browser = as_(editor)
    for path in ("login/", "articles/article/", "articles/article/add/", "members/user/", "autocomplete/", "jsi18n/"):
        for answer in (
            browser.get(DESK + path),
            browser.post(DESK + path, {"username": editor.email, "password": PASSWORD}),
        ):
            assert answer.status_code == 302, path
    browser.post(DESK + "logout/")
    assert not is_known(browser)


def test_the_demo_on_this_machine_goes_without(as_, editor, settings):
    assert as_(editor).get(DESK).status_code == 200
    settings.ALLOWED_HOSTS = ["news.example"]
    browser = as_(editor)
    assert browser.get(DESK, headers={"host": "news.example"}).url == reverse("mfa_index")


def test_readers_are_turned_away_by_the_desk_itself(as_, aram, for_real):
    assert as_(aram).get(DESK).url.startswith("/admin/login/")


def test_owners_see_who_has_which_factor_and_no_secret(as_, aram, django_user_model):
    owner = django_user_model.objects.create_superuser("owner@example.com", PASSWORD)
    codes = give_app(aram)
    app = Authenticator.objects.get(type="totp")
    browser = as_(owner)
    for path in ("", f"{app.pk}/change/"):
        page = browser.get(f"{DESK}mfa/authenticator/{path}").content.decode()
        assert "Aram" in page
        for secret in (SECRET, app.data["secret"], codes[0]):
            assert secret not in page
    assert browser.post(f"{DESK}mfa/authenticator/{app.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Authenticator.objects.filter(pk=app.pk).exists()


# Lost


def test_who_runs_the_site_takes_a_lost_factor_away_and_its_owner_is_told(verified, stranger, capsys):
    give_app(verified)
    call_command("forget_second_factor", "Aram@example.com")
    assert "password alone" in capsys.readouterr().out
    assert not Authenticator.objects.exists()
    (message,) = delivered()
    assert message.to == [verified.email]
    assert "was taken away" in message.subject
    sign_in(stranger)
    assert is_known(stranger)


@pytest.mark.parametrize(
    ("email", "words"), [("no@example.com", "No account"), ("aram@example.com", "no second factor")]
)
def test_where_there_is_nothing_to_take_away_the_command_says_so(verified, email, words):
    with pytest.raises(CommandError, match=words):
        call_command("forget_second_factor", email)
    assert delivered() == []
