"""The whole desk, as those meet it who may not do everything: no rights granted, no secrets read, no payments seen."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.urls import NoReverseMatch, reverse

from members.accounts.roles import appoint
from members.models import Grant, Invitation, Membership, Plan, Session, User
from tests.conftest import PASSWORD
from tests.members.factors import SECRET, give_app

pytestmark = pytest.mark.django_db

# Tables whose pages no role opens: owners alone. The log of the desk and the queue hold what others did and typed.
FOR_OWNERS = {"auth.group", "account.emailaddress", "mfa.authenticator", "members.membership", "billing.movement",
              "django_tasks_database.dbtaskresult"}  # fmt: skip
# Of these no role may change a thing, whatever it sees.
UNCHANGED = (User, Group, Permission, EmailAddress, Authenticator, Session, Membership)
SECRET_NAME = re.compile(r"password|digest|token|session|data")


@pytest.fixture
def stage(leyla, aram):
    """All that is secret or tells of money."""
    EmailAddress.objects.create(user=leyla, email=leyla.email, verified=True, primary=True)
    codes = give_app(leyla)
    plan = Plan.objects.create(name="Friend", slug="friend")
    membership = Membership.objects.create(user=leyla, plan=plan, status="past_due")
    invitation = Invitation(note="x")
    token = invitation.new_token()
    invitation.save()
    return {
        "password": leyla.password, "app": Authenticator.objects.get(type="totp").data["secret"], "plain": SECRET,
        "codes": codes[0], "digest": invitation.digest, "token": token, "membership": membership,
    }  # fmt: skip


def pages():
    """(label of a model, address) of every page of the desk: lists, forms for new ones and for each that there is."""
    for model, model_admin in admin.site._registry.items():
        label, base = model._meta.label_lower, f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield label, reverse(f"{base}_changelist")
        yield label, reverse(f"{base}_add")
        for pk in model_admin.model._base_manager.values_list("pk", flat=True)[:20]:
            for page in ("change", "delete", "history"):
                try:
                    yield label, reverse(f"{base}_{page}", args=[pk])
                except NoReverseMatch:
                    continue


def state():
    """All rows of the tables that no role may change."""
    return {model: sorted(map(str, model.objects.values())) for model in UNCHANGED if model is not Session}


# Campaigns are aimed at kinds of readers, whose names their forms say; they know nobody.
SAYING_STATES = {"ads.campaign", "prompts.campaign"}


@pytest.mark.parametrize("role", ["nino", "davit", "tamta"])
def test_nobody_but_owners_reads_a_secret_or_a_payment(as_, stage, role, request):
    browser = as_(request.getfixturevalue(role))
    sessions = set(Session.objects.values_list("session_key", flat=True))
    seen = 0
    for label, path in pages():
        answer = browser.get(path)
        words = answer.content.decode()
        if label in FOR_OWNERS:
            assert answer.status_code == 403, path
        seen += answer.status_code == 200
        for name in ("password", "app", "plain", "codes", "digest", "token"):
            assert stage[name] not in words, (name, path)
        assert not any(key in words for key in sessions), path
        if label not in SAYING_STATES:
            assert "past_due" not in words.lower(), path
            assert "Payment failed" not in words, path
    assert seen > 5


@pytest.fixture
def tamta(aram):
    """A reporter."""
    user = User.objects.create_user("tamta@example.com", PASSWORD, display_name="Tamta")
    appoint(user, User.Role.REPORTER)
    return user


RIGHTS = {
    "role": "publisher", "is_staff": "on", "is_superuser": "on", "groups": ["1", "2"], "user_permissions": ["1", "2"],
    "email": "forged@example.com", "password": "forged", "display_name": "Forged", "language": "en", "banned_at_0": "",
    "banned_at_1": "", "status": "active", "plan": "1", "verified": "on", "primary": "on", "type": "totp", "data": "{}",
    "name": "Forged", "permissions": ["1"], "post": "yes", "_save": "Save",
}  # fmt: skip


@pytest.mark.parametrize("role", ["nino", "davit", "tamta"])
def test_no_form_of_the_desk_gives_rights_to_who_may_not_give_them(as_, stage, role, request):
    user = request.getfixturevalue(role)
    browser = as_(user)
    before = state()
    for label, path in pages():
        if label.split(".")[0] in {"members", "auth", "account", "mfa"}:
            browser.post(path, {**RIGHTS, "user": user.pk})
    assert state() == before
    assert not Grant.objects.filter(reason="").exists()


@pytest.mark.parametrize("role", ["nino", "davit", "tamta"])
def test_nor_does_an_action_on_a_list(as_, stage, role, request):
    browser = as_(request.getfixturevalue(role))
    before = state()
    for model, model_admin in admin.site._registry.items():
        if model not in UNCHANGED:
            continue
        path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        everything = list(model._base_manager.values_list("pk", flat=True))
        for action in {"delete_selected", *(getattr(model_admin, "actions", None) or [])}:
            browser.post(path, {"action": action, "_selected_action": everything, "post": "yes"})
    assert state() == before


def test_nobody_finds_what_is_hidden_by_filtering_for_it(as_, nino, leyla, stage):
    """A list that may be filtered by any field tells that field letter by letter."""
    path = reverse("admin:members_user_changelist")
    for query in ("password__startswith=md5", "membership__status=past_due", "sessions__session_key__startswith=a",
                  "authenticator__data__contains=a", "emailaddress__verified=1", "is_superuser=1"):  # fmt: skip
        answer = as_(nino).get(f"{path}?{query}")
        assert answer.status_code in (302, 400), query


def test_no_list_of_the_desk_is_filtered_by_a_secret(as_, stage):
    owner = User.objects.create_superuser("owner@example.com", PASSWORD)
    tried = 0
    for model in admin.site._registry:
        for field in model._meta.concrete_fields if model._meta.app_label in {"members", "mfa"} else ():
            if SECRET_NAME.search(field.name):
                path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
                assert as_(owner).get(path, {f"{field.name}__startswith": "a"}).status_code in (302, 400), field
                tried += 1
    assert tried >= 3


def test_no_list_is_searched_by_a_secret(stage):
    for model, model_admin in admin.site._registry.items():
        assert not [name for name in model_admin.search_fields if SECRET_NAME.search(name)], model


def test_what_an_owner_does_to_an_account_stands_in_the_log(as_, aram):
    owner = User.objects.create_superuser("owner@example.com", PASSWORD)
    form = {"display_name": "Aram", "language": "en", "banned_at_0": "", "banned_at_1": "", "role": "editor"}
    as_(owner).post(reverse("admin:members_user_change", args=[aram.pk]), form)
    entry = LogEntry.objects.get(object_id=str(aram.pk))
    assert entry.user == owner
