"""What was decided of an account while it was changing something about itself stands."""

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse
from django.utils import timezone

from members.accounts.roles import appoint
from members.models import User
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db

NEW = "a mill stands by the water"
DECISIONS = {
    "banned": {"banned_at": timezone.now()},
    "erased": {"email": "erased-1@invalid", "erased_at": timezone.now(), "role": "reader", "is_staff": False},
    "demoted": {"role": "reader", "is_staff": False, "is_superuser": False},
}


@pytest.fixture
def owner(db):
    user = User.objects.create_superuser("owner@example.com", PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.fixture(params=DECISIONS)
def decide(request, monkeypatch):
    """decide(user, name) lets the desk decide about an account just before its User.`name` runs; the value is what was
    decided."""

    def meanwhile(user, name):
        decided, real = DECISIONS[request.param], getattr(User, name)

        def after_the_decision(self, *args, **kwargs):
            User.objects.filter(pk=user.pk).update(**decided)
            return real(self, *args, **kwargs)

        monkeypatch.setattr(User, name, after_the_decision)
        return decided

    return meanwhile


def kept(user, decided):
    return User.objects.filter(pk=user.pk).values(*decided).get()


def test_a_new_password_takes_back_nothing_that_was_decided_meanwhile(as_, owner, decide):
    browser = as_(owner)
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    decided = decide(owner, "set_password")
    browser.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    assert User.objects.get(pk=owner.pk).check_password(NEW)
    assert kept(owner, decided) == decided


def test_nor_does_a_wish_about_mail(as_, owner, decide):
    browser = as_(owner)
    decided = decide(owner, "full_clean")
    browser.post(reverse("mail_preferences"), {"language": "ru", "told_of_browsers": "on"})
    assert User.objects.get(pk=owner.pk).language == "ru"
    assert kept(owner, decided) == decided


def test_nor_does_the_desk_that_changes_a_name(as_, owner, aram, decide):
    decided = decide(aram, "full_clean")
    form = {"display_name": "Aram H.", "language": "en", "role": "reader"}
    as_(owner).post(reverse("admin:members_user_change", args=[aram.pk]), form)
    told = User.objects.get(pk=aram.pk)
    assert told.display_name == ("Aram" if told.erased_at else "Aram H."), "who is erased gets no name again"
    assert kept(aram, decided) == decided


def test_who_is_appointed_keeps_whatever_else_was_decided_of_them(owner):
    stale = User.objects.get(pk=owner.pk)
    decided = DECISIONS["banned"] | {"is_superuser": False, "display_name": "Another name"}
    User.objects.filter(pk=owner.pk).update(**decided)
    appoint(stale, User.Role.READER)
    assert kept(owner, decided) == decided
    assert not User.objects.get(pk=owner.pk).is_staff, "what a role gives follows from the row, not from what was read"


def test_nobody_appoints_an_account_that_is_erased(nino):
    stale = User.objects.get(pk=nino.pk)
    User.objects.filter(pk=nino.pk).update(**DECISIONS["erased"])
    appoint(stale, User.Role.EDITOR)
    assert kept(nino, DECISIONS["erased"]) == DECISIONS["erased"]
    assert not nino.groups.exists()
