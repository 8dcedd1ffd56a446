"""Creating an account: an address, a password, a code, and back to the story."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from members.accounts.forms import SignupForm
from members.models import User
from tests.conftest import PASSWORD
from tests.members.mail import code_in, delivered, link_in

pytestmark = pytest.mark.django_db

STORY = "/articles/the-mill-road-reopens/?from=front#p4"


def sign_up(browser, email="Tamar@Example.com", password=PASSWORD, **more):
    return browser.post(reverse("account_signup"), {"email": email, "password1": password, **more})


def enter(browser, code, **more):
    return browser.post(reverse("account_email_verification_sent"), {"code": code, **more})


def test_a_reader_signs_up_and_lands_back_at_the_story(stranger):
    response = sign_up(stranger, next=STORY)
    assert response.url.startswith(reverse("account_email_verification_sent"))
    page = stranger.get(response.url)
    assert "tamar@example.com" in page.content.decode()
    (message,) = delivered()
    response = enter(stranger, code_in(message))
    assert response.url == STORY
    user = User.objects.get(email="tamar@example.com")
    assert stranger.session["_auth_user_id"] == str(user.pk)
    assert EmailAddress.objects.get(user=user).verified


def test_the_code_page_keeps_where_the_reader_was_going_when_the_address_was_wrong(stranger):
    response = sign_up(stranger, email="wrong@example.com", next=STORY)
    page = stranger.get(response.url).content.decode()
    again = stranger.post(reverse("account_logout"), {"next": hidden_value(page, "next", last=True)})
    assert stranger.get(again.url).status_code == 200
    assert sign_up(stranger, next=STORY).status_code == 302
    code = code_in(delivered()[-1])
    assert enter(stranger, code).url == STORY


def test_starting_again_with_the_same_address_sends_another_code_but_no_flood(stranger, as_):
    assert [sign_up(as_(None)).status_code for _time in range(3)] == [302, 302, 302]
    assert len(delivered()) == 3
    answers = [sign_up(as_(None)).status_code for _time in range(5)]
    assert len(delivered()) == 2
    assert answers[-1] == 429


def hidden_value(page, name, last=False):
    found = re.findall(rf'<input type="hidden" name="{name}" value="([^"]*)"', page)
    return html.unescape(found[-1 if last else 0])


def test_an_account_speaks_the_language_it_was_made_in(stranger):
    with_prefix = "/ru" + reverse("account_signup")
    stranger.post(with_prefix, {"email": "tamar@example.com", "password1": PASSWORD})
    assert User.objects.get().language == "ru"


def test_nobody_is_signed_in_before_the_code(stranger):
    sign_up(stranger)
    assert "_auth_user_id" not in stranger.session
    assert stranger.get(reverse("account")).status_code == 302


def test_a_wrong_code_is_refused_and_the_third_one_ends_it(stranger):
    sign_up(stranger)
    for _attempt in range(2):
        page = enter(stranger, "WRONG1")
        assert page.status_code == 200
        assert "errorlist" in page.content.decode()
    assert enter(stranger, "WRONG1").url == reverse("account_login")
    (message,) = delivered()
    assert enter(stranger, code_in(message)).url == reverse("account_login")
    assert "_auth_user_id" not in stranger.session


def test_a_new_code_may_be_asked_for(stranger, time_machine):
    sign_up(stranger, next=STORY)
    first = code_in(delivered()[0])
    time_machine.move_to(datetime.now(UTC) + timedelta(seconds=11))
    stranger.post(reverse("account_email_verification_sent"), {"action": "resend"})
    second = code_in(delivered()[0])
    assert second != first
    assert enter(stranger, second).url == STORY


def test_addresses_are_one_whatever_their_capitals(stranger, aram):
    sign_up(stranger, email="ARAM@Example.com")
    assert User.objects.count() == 1


def test_a_taken_address_is_answered_like_a_free_one(as_, aram):
    free, taken = as_(None), as_(None)
    answers = [sign_up(free, email="tamar@example.com"), sign_up(taken, email="aram@example.com")]
    assert answers[0].status_code == answers[1].status_code == 302
    assert answers[0].url == answers[1].url
    pages = [
        browser.get(answers[0].url).content.decode().replace(email, "ADDRESS")
        for browser, email in ((free, "tamar@example.com"), (taken, "aram@example.com"))
    ]
    assert without_tokens(pages[0]) == without_tokens(pages[1])
    wrong = [enter(browser, "WRONG1") for browser in (free, taken)]
    assert wrong[0].status_code == wrong[1].status_code == 200


def without_tokens(page):
    return re.sub(r'(csrfmiddlewaretoken" value=")[^"]*|nonce="[^"]*"', "", page)


def test_the_owner_of_a_taken_address_is_told_by_mail(stranger, aram):
    EmailAddress.objects.create(user=aram, email=aram.email, verified=True, primary=True)
    sign_up(stranger, email="aram@example.com")
    (message,) = delivered()
    assert message.to == ["aram@example.com"]
    assert link_in(message) == reverse("account_reset_password")


def test_a_password_is_hashed_for_a_taken_address_as_well(aram, monkeypatch, stranger):
    hashed = []
    monkeypatch.setattr("members.accounts.forms.make_password", lambda password: hashed.append(password) or "!")
    sign_up(stranger, email="aram@example.com")
    assert hashed == [PASSWORD]


def test_who_loses_a_race_for_an_address_is_answered_as_for_any_taken_one(stranger, aram, monkeypatch):
    monkeypatch.setattr(SignupForm, "validate_unique_email", lambda form, email: email)
    assert sign_up(stranger, email="aram@example.com").status_code == 302
    (message,) = delivered()
    assert "create an account" in message.body


def test_an_account_and_its_mail_are_saved_together_or_not_at_all(stranger, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("no queue")

    monkeypatch.setattr("members.accounts.adapter.emails.account", broken)
    with pytest.raises(RuntimeError):
        sign_up(stranger)
    assert not User.objects.exists()


def test_a_weak_password_is_refused_and_the_address_kept(stranger):
    page = sign_up(stranger, password="short").content.decode()
    assert 'value="Tamar@Example.com"' in page
    assert "short" not in page.replace("too short", "")
    assert not User.objects.exists()


def test_a_sign_up_sets_no_rights(stranger):
    sign_up(stranger, is_staff="on", is_superuser="on", role="publisher", banned_at="", groups="1")
    user = User.objects.get()
    assert (user.is_staff, user.is_superuser, user.role) == (False, False, "reader")


def test_who_signs_up_over_and_over_is_slowed_down(stranger):
    answers = [sign_up(stranger, email=f"a{n}@example.com", password="x").status_code for n in range(21)]
    assert answers[-1] == 429
    assert set(answers[:-1]) == {200}


def test_a_reset_by_mail_leads_back_to_the_story(stranger, aram):
    EmailAddress.objects.create(user=aram, email=aram.email, verified=True, primary=True)
    asked = stranger.post(reverse("account_reset_password"), {"email": "Aram@example.com", "next": STORY})
    assert asked.url == reverse("account_reset_password_done")
    (message,) = delivered()
    page = stranger.get(link_in(message), follow=True)
    assert page.context["form"].fields.keys() == {"password1", "password2"}
    new = "a mill stands by the water"
    done = stranger.post(page.context["action_url"], {"password1": new, "password2": new, "next": STORY})
    assert done.url == STORY
    aram.refresh_from_db()
    assert aram.check_password(new)
    assert stranger.get(link_in(message)).status_code == 200, "the link works once and says so"


def test_asking_for_a_new_password_tells_nothing_of_accounts(as_, aram):
    answers = [
        as_(None).post(reverse("account_reset_password"), {"email": email}) for email in (aram.email, "no@example.com")
    ]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0].url == answers[1].url
    assert {message.to[0] for message in delivered()} == {aram.email, "no@example.com"}


def test_a_banned_account_is_sent_no_new_password(stranger, aram):
    aram.banned_at = datetime.now(UTC)
    aram.save()
    stranger.post(reverse("account_reset_password"), {"email": aram.email})
    (message,) = delivered()
    assert "/password/reset/key/" not in message.body
