"""Which passwords are taken, and that they are taken as they are typed."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import get_password_validators, validate_password
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.http import int_to_base36

from members.accounts.passwords import BareCommonValidator, own_words
from tests.conftest import PASSWORD
from tests.members.mail import code_in, delivered, link_in
from tests.test_settings import read

pytestmark = pytest.mark.django_db

GOOD = {
    "letters and spaces": "the mill stands by the water",
    "digits alone": "48151623427310958420",
    "signs alone": "=)(/&%$§!?^°*+~#'-_.:,;",
    "another script": "წყალი წისქვილს აბრუნებს",
    "ten letters": "qmzkvtnwpx",
    "a hundred": "river and mill " * 7,
    "our name within a good one": "a courier rises before the mill does",
    "nothing but a picture": "🌊🌾🥖" * 4,
}
# Long enough, and refused all the same.
LEAKED = ["qwertyuiop", "1234567890", "Password1234", "password12", "!!dragon2026!!", "2026sunshine", "iloveyou-1999"]


@pytest.fixture
def own_name(settings):
    settings.SITE_NAME, settings.SITE_HOSTS = "The Valley Courier", ["valleycourier.example:443", "10.0.0.4:8000"]


@pytest.fixture
def verified(aram):
    EmailAddress.objects.create(user=aram, email=aram.email, verified=True, primary=True)
    return aram


def sign_up(browser, password):
    return browser.post(reverse("account_signup"), {"email": "tamar@example.com", "password1": password})


def sign_in(browser, password, email="aram@example.com"):
    return browser.post(reverse("account_login"), {"login": email, "password": password})


def change(browser, old, new):
    form = {"oldpassword": old, "password1": new, "password2": new}
    return browser.post(reverse("account_change_password"), form)


@pytest.mark.parametrize("password", GOOD.values(), ids=GOOD)
def test_any_mixture_of_any_characters_is_welcome(own_name, password):
    validate_password(password)


@pytest.mark.parametrize("password", LEAKED)
def test_a_leaked_password_is_refused_whatever_is_put_before_and_behind_it(stranger, password):
    page = sign_up(stranger, password).content.decode()
    assert "too common" in page
    assert password not in page


def test_a_leaked_password_is_refused_where_one_is_changed_too(as_, verified):
    assert "too common" in change(as_(verified), PASSWORD, "password12").content.decode()
    verified.refresh_from_db()
    assert verified.check_password(PASSWORD)


def test_far_more_than_three_thousand_leaked_ones_of_our_length_are_known():
    """1,780 of Django's list are long enough by themselves; others with two digits behind them, to begin with."""
    validator = BareCommonValidator()
    known = {word for word in validator.passwords if len(word) >= 10}
    disguised = {f"{word}26" for word in validator.passwords if 8 <= len(word) < 10 and not word.isdigit()}
    assert len(known) + len(disguised) > 7_000
    for password in [*sorted(known)[::50], *sorted(disguised)[::50]]:
        with pytest.raises(ValidationError):
            validator.validate(password)


@pytest.mark.parametrize("password", ["valleycourier", "TheValleyCourier2026", "courier+mill", "Valley-Courier!!!"])
def test_our_own_name_is_no_password(own_name, stranger, password):
    page = sign_up(stranger, password).content.decode()
    assert "leans on our own name" in page


def test_our_own_words_are_those_of_name_and_hosts(own_name):
    assert own_words() == ["valleycourier", "courier", "example", "valley"]


def test_a_password_is_taken_letter_by_letter(as_, stranger, django_capture_on_commit_callbacks):
    """Its spaces at the ends, its capitals, its end after seventy-two bytes."""
    password = " The Mill " + "by the water " * 8 + "ქ "
    sign_up(stranger, password)
    stranger.post(reverse("account_email_verification_sent"), {"code": code_in(delivered()[0])})
    for other in (password.strip(), password.lower(), password[:72], password[:-2], password.replace("ქ", "q")):
        assert sign_in(as_(None), other, "tamar@example.com").status_code == 200, other
    assert sign_in(as_(None), password, "tamar@example.com").status_code == 302


def test_a_new_password_needs_the_old_one(as_, verified):
    page = change(as_(verified), "not the password", "a mill by the water").content.decode()
    assert "This is not your password." in page
    verified.refresh_from_db()
    assert verified.check_password(PASSWORD)
    assert change(as_(verified), PASSWORD, "a mill by the water").status_code == 302
    verified.refresh_from_db()
    assert verified.check_password("a mill by the water")


@pytest.mark.parametrize("name", ["account_login", "account_signup"])
def test_a_password_is_hidden_while_it_is_typed_and_password_managers_fill_it_in(stranger, name):
    page = stranger.get(reverse(name)).content.decode()
    fields = re.findall(r"<input[^>]*name=\"password1?\"[^>]*>", page)
    assert fields
    for field in fields:
        assert 'type="password"' in field
        assert re.search(r'autocomplete="(current|new)-password"', field)
        assert "maxlength" not in field


def test_passwords_are_kept_by_a_slow_function():
    """PBKDF2 with SHA-256, as often as OWASP asks for in 2025; weaker hashes of before are renewed at sign-in."""
    name, iterations = read(
        "(lambda hasher: [hasher.algorithm, hasher.iterations])"
        "(__import__('django.contrib.auth.hashers', fromlist=['x']).PBKDF2PasswordHasher())"
    )
    assert name == "pbkdf2_sha256"
    assert iterations >= 600_000
    assert read("'PASSWORD_HASHERS' in vars()") is False


def test_the_rules_are_those_of_the_settings():
    own = read("[one['NAME'].rpartition('.')[2] for one in AUTH_PASSWORD_VALIDATORS]")
    assert own == [
        "UserAttributeSimilarityValidator", "MinimumLengthValidator", "BareCommonValidator", "OwnWordsValidator",
    ]  # fmt: skip
    assert get_password_validators(read("AUTH_PASSWORD_VALIDATORS"))[1].min_length == 10


def test_a_link_for_a_new_password_works_for_an_hour(stranger, verified, time_machine):
    time_machine.move_to(datetime.now(UTC), tick=False)
    stranger.post(reverse("account_reset_password"), {"email": verified.email})
    link = link_in(delivered()[0])
    time_machine.shift(timedelta(minutes=59))
    assert "password1" in stranger.get(link, follow=True).content.decode()
    time_machine.shift(timedelta(minutes=2))
    assert "password1" not in stranger.get(link, follow=True).content.decode()


@pytest.mark.parametrize("way", ["verification", "login"])
def test_a_code_by_mail_holds_for_ten_minutes(stranger, aram, time_machine, way):
    time_machine.move_to(datetime.now(UTC), tick=False)
    EmailAddress.objects.create(user=aram, email=aram.email, verified=True, primary=True)
    asked, page = {
        "verification": (lambda: sign_up(stranger, PASSWORD), "account_email_verification_sent"),
        "login": (
            lambda: stranger.post(reverse("account_request_login_code"), {"email": aram.email}),
            "account_confirm_login_code",
        ),
    }[way]
    asked()
    message = delivered()[0]
    assert "10 minutes" in message.body
    time_machine.shift(timedelta(minutes=10, seconds=1))
    stranger.post(reverse(page), {"code": code_in(message)})
    assert stranger.get(reverse("account")).status_code == 302


def test_a_code_by_mail_is_one_of_a_million_at_least(stranger):
    sign_up(stranger, PASSWORD)
    code = code_in(delivered()[0]).replace("-", "")
    # Of twenty letters and digits or more, which nobody mistakes for each other.
    assert 20 ** len(code) >= 2**20


@pytest.mark.parametrize("prefix", ["", "/ru"])
def test_a_link_for_a_new_password_names_the_account_by_its_key_alone(stranger, verified, prefix):
    stranger.post(prefix + reverse("account_reset_password"), {"email": verified.email})
    link = link_in(delivered()[0])
    name, _dash, token = link.rpartition("/key/")[2].strip("/").partition("-")
    assert bytes.fromhex(name).decode() == verified.key
    assert "password1" in stranger.get(link, follow=True).content.decode()
    by_number = reverse("account_reset_password_from_key", args=[int_to_base36(verified.pk), token])
    assert "password1" not in stranger.get(by_number, follow=True).content.decode()


@pytest.mark.parametrize("name", ["0", "zz", "00", "ff" * 22, "9" * 5000, "41" * 22])
def test_a_link_that_names_no_account_no_longer_works(stranger, verified, name):
    page = stranger.get(f"/accounts/password/reset/key/{name}-token/")
    assert "no longer works" in page.content.decode()
