"""Who signs up with the address of somebody else has nothing of it once its owner comes."""

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from members.models import User
from tests.conftest import PASSWORD
from tests.members.factors import give_app
from tests.members.mail import code_in, delivered, link_in
from tests.members.test_account_pages import check

pytestmark = pytest.mark.django_db

OWNER = "tamar@example.com"
STORY = "/articles/the-mill-road-reopens/"
NEW = "a mill stands by the water"


def sign_up(browser, password=PASSWORD):
    return browser.post(reverse("account_signup"), {"email": OWNER, "password1": password})


def sign_in(browser, password=PASSWORD):
    return browser.post(reverse("account_login"), {"login": OWNER, "password": password})


def sign_in_by_code(browser, **more):
    browser.post(reverse("account_request_login_code"), {"email": OWNER, **more})
    return browser.post(reverse("account_confirm_login_code"), {"code": code_in(delivered()[-1]), **more})


def is_known(browser):
    return browser.get(reverse("account")).status_code == 200


@pytest.fixture
def attacker(as_):
    """A browser that has signed up with the address of somebody else."""
    browser = as_(None)
    sign_up(browser)
    return browser


def test_the_password_of_who_signed_up_first_is_void_once_the_owner_signs_in_by_code(as_, attacker, stranger):
    sign_in_by_code(stranger)
    assert is_known(stranger)
    assert not User.objects.get().has_usable_password()
    assert sign_in(as_(None)).status_code == 200
    assert not is_known(attacker)


def test_the_owner_is_told_and_offered_a_password_and_goes_on_to_the_story_either_way(attacker, stranger):
    led = sign_in_by_code(stranger, next=STORY)
    assert led.url == f"{reverse('account_set_password')}?next=%2Farticles%2Fthe-mill-road-reopens%2F"
    page = check(stranger.get(led.url))
    assert "no longer works" in page
    assert f'href="{STORY}"' in page
    assert stranger.post(led.url, {"password1": NEW, "password2": NEW, "next": STORY}).url == STORY
    assert User.objects.get().check_password(NEW)


def test_sessions_and_second_factors_of_before_go_too(as_, attacker, stranger):
    user = User.objects.get()
    give_app(user)
    other = as_(user)
    sign_in_by_code(stranger)
    assert is_known(stranger)
    assert not is_known(other)
    assert not user.authenticator_set.exists()


def test_so_it_is_with_an_account_that_the_desk_made_and_one_code_is_enough(stranger, db):
    User.objects.create_user(OWNER, PASSWORD)
    sign_in_by_code(stranger)
    assert is_known(stranger)
    assert not User.objects.get().has_usable_password()


def test_who_signs_up_and_confirms_keeps_the_password(as_, attacker):
    attacker.post(reverse("account_email_verification_sent"), {"code": code_in(delivered()[-1])})
    assert is_known(attacker)
    assert sign_in(as_(None)).status_code == 302


def test_who_shows_the_password_before_the_code_keeps_it(as_, attacker, stranger):
    assert sign_in(stranger).url.startswith(reverse("account_email_verification_sent"))
    stranger.post(reverse("account_email_verification_sent"), {"code": code_in(delivered()[-1])})
    assert is_known(stranger)
    assert sign_in(as_(None)).status_code == 302


def test_a_proven_address_keeps_its_password_when_its_owner_signs_in_by_code(stranger, db):
    user = User.objects.create_user(OWNER, PASSWORD)
    EmailAddress.objects.create(user=user, email=OWNER, verified=True, primary=True)
    assert sign_in_by_code(stranger, next=STORY).url == STORY
    assert User.objects.get().check_password(PASSWORD)


def test_who_changes_the_address_keeps_the_password(as_, aram):
    EmailAddress.objects.create(user=aram, email=aram.email, verified=True, primary=True)
    browser = as_(aram)
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    browser.post(reverse("account_email"), {"email": "new@example.com", "action_add": ""})
    browser.post(reverse("account_email_verification_sent"), {"code": code_in(delivered()[-1])})
    aram.refresh_from_db()
    assert aram.email == "new@example.com"
    assert aram.check_password(PASSWORD)


# Signing up twice


def test_who_signs_up_again_without_having_confirmed_is_mailed_the_way_that_works(as_, attacker, stranger):
    """In the very browser, which waits for a code that does not come."""
    delivered()
    assert sign_up(stranger, NEW).url.startswith(reverse("account_email_verification_sent"))
    (message,) = delivered()
    assert "your password" not in message.body
    assert link_in(message) == reverse("account_request_login_code")
    check(stranger.get(link_in(message)))
    sign_in_by_code(stranger)
    assert is_known(stranger)


def test_a_code_proves_no_password_that_was_chosen_in_the_same_browser(as_, attacker):
    """On the computer of a library somebody else may have signed up, and left."""
    delivered()
    sign_in_by_code(attacker)
    assert is_known(attacker)
    assert not User.objects.get().has_usable_password()
    assert sign_in(as_(None)).status_code == 200


@pytest.mark.parametrize("going", ["https://evil.example/x", "//evil.example/x", "javascript:alert(1)"])
def test_the_page_for_a_first_password_leads_nowhere_but_to_us(going, attacker, stranger):
    sign_in_by_code(stranger)
    assert is_known(stranger)
    page = check(stranger.get(reverse("account_set_password"), {"next": going}))
    assert f'href="{going}' not in page
    assert "Go on without one" not in page


def test_a_link_for_a_new_password_proves_the_address_too(as_, attacker, stranger):
    user = User.objects.get()
    give_app(user)
    delivered()
    stranger.post(reverse("account_reset_password"), {"email": OWNER, "next": STORY})
    page = stranger.get(link_in(delivered()[0]), follow=True)
    form = {"password1": NEW, "password2": NEW, "next": STORY}
    assert stranger.post(page.context["action_url"], form).url == STORY
    assert is_known(stranger)
    assert not any("code" in message.subject for message in delivered())
    assert not user.authenticator_set.exists()
    assert sign_in(as_(None), NEW).status_code == 302
    assert sign_in(as_(None)).status_code == 200


def test_a_link_for_a_new_password_takes_no_factor_from_who_has_proven_the_address(as_, stranger, db):
    user = User.objects.create_user(OWNER, PASSWORD)
    EmailAddress.objects.create(user=user, email=OWNER, verified=True, primary=True)
    give_app(user)
    stranger.post(reverse("account_reset_password"), {"email": OWNER})
    page = stranger.get(link_in(delivered()[0]), follow=True)
    led = stranger.post(page.context["action_url"], {"password1": NEW, "password2": NEW})
    assert led.url.startswith(reverse("mfa_authenticate"))
