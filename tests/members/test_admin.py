"""Accounts and grants in the desk: what editors may do, and what they cannot take."""

from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from members.accounts.roles import GROUPS, appoint, ensure_roles
from members.models import Grant, User
from members.reader import Reader

pytestmark = pytest.mark.django_db

# Tables of rights as rooms write them.
SOME = {"reporter": {"ads.campaign": ("view",), "prompts.campaign": ("view",)}}
MORE = {"reporter": {"ads.campaign": ("add",)}}

RIGHTS = {"role": "publisher", "is_staff": "on", "is_superuser": "on", "password": "x", "email": "x@example.com"}


@pytest.fixture
def owner(db):
    return User.objects.create_superuser("owner@example.com", "the river rises at noon")


def change(user):
    return reverse("admin:members_user_change", args=[user.pk])


def rights(user):
    user = User.objects.get(pk=user.pk)
    return user.role, user.is_staff, user.is_superuser, user.password, user.email, set(user.groups.all())


# Accounts


def test_an_editor_finds_an_account_by_address_or_name(as_, nino, aram, leyla):
    listed = reverse("admin:members_user_changelist")
    for words in ("aram@", "Aram"):
        page = as_(nino).get(listed, {"q": words}).content.decode()
        assert "aram@example.com" in page
        assert "leyla@example.com" not in page


def test_an_editor_sees_no_more_of_an_account_than_is_needed(as_, nino, aram):
    page = as_(nino).get(change(aram))
    assert page.status_code == 200
    text = page.content.decode()
    assert "aram@example.com" in text
    for hidden in (aram.password, "last_login", "is_superuser", "groups", "user_permissions"):
        assert hidden not in text


@pytest.mark.parametrize("who", ["aram", "nino", "davit", "owner"])
def test_an_editors_forged_post_grants_no_rights(as_, nino, who, request):
    victim = request.getfixturevalue(who)
    everybody = {str(one.pk) for one in Group.objects.all()}
    before = rights(victim)
    answer = as_(nino).post(change(victim), {**RIGHTS, "groups": [*everybody], "user_permissions": ["1"]})
    assert answer.status_code == 403
    assert rights(victim) == before


def test_an_editor_makes_no_account_and_deletes_none(as_, nino, aram):
    browser = as_(nino)
    assert browser.post(reverse("admin:members_user_add"), {**RIGHTS, "language": "en"}).status_code == 403
    assert browser.post(reverse("admin:members_user_delete", args=[aram.pk]), {"post": "yes"}).status_code == 403
    listed = reverse("admin:members_user_changelist")
    browser.post(listed, {"action": "delete_selected", "_selected_action": aram.pk, "post": "yes"})
    assert User.objects.filter(pk=aram.pk).exists()
    assert not User.objects.filter(email="x@example.com").exists()


def test_an_editor_reaches_neither_groups_nor_addresses_nor_the_queue(as_, nino):
    for model in (Group, EmailAddress, DBTaskResult):
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        assert as_(nino).get(address).status_code == 403


def test_an_owner_appoints_by_the_role_alone(as_, owner, aram):
    form = {"display_name": "Aram", "language": "en", "banned_at_0": "", "banned_at_1": "", "role": "editor"}
    assert as_(owner).post(change(aram), form).status_code == 302
    aram.refresh_from_db()
    assert aram.is_staff
    assert [group.name for group in aram.groups.all()] == ["Editors"]
    as_(owner).post(change(aram), {**form, "role": "reader"})
    aram.refresh_from_db()
    assert not aram.is_staff
    assert not aram.groups.exists()


def test_an_owner_cannot_change_the_address_of_another(as_, owner, aram):
    as_(owner).post(change(aram), {"display_name": "A", "language": "en", "role": "reader", "email": "x@example.com"})
    aram.refresh_from_db()
    assert (aram.email, aram.display_name) == ("aram@example.com", "A")


def test_an_account_that_an_owner_makes_has_no_password_yet(as_, owner):
    form = {"email": "Davit@Example.com", "display_name": "", "language": "en", "role": "reporter"}
    assert as_(owner).post(reverse("admin:members_user_add"), form).status_code == 302
    user = User.objects.get(email="davit@example.com")
    assert not user.has_usable_password()
    assert [group.name for group in user.groups.all()] == ["Reporters"]


# Roles


def test_a_fresh_database_has_the_groups_with_exactly_their_permissions(nino):
    user = User.objects.get(pk=nino.pk)
    for permission in ("articles.add_article", "articles.publish_article", "tags.delete_tag", "ads.add_campaign"):
        assert user.has_perm(permission)
    for permission in ("prompts.change_campaign", "members.add_grant", "members.change_grant", "members.view_user"):
        assert user.has_perm(permission)
    for permission in ("members.change_user", "members.add_user", "members.delete_grant", "auth.change_group"):
        assert not user.has_perm(permission)


def test_making_the_roles_again_changes_nothing_and_takes_back_what_was_added(db):
    editors = Group.objects.get(name="Editors")
    editors.permissions.add(Permission.objects.get(codename="change_user"))
    ensure_roles()
    assert not editors.permissions.filter(codename="change_user").exists()
    before = set(editors.permissions.all())
    call_command("migrate", verbosity=0)
    assert set(editors.permissions.all()) == before


def test_a_reporter_does_not_publish(aram):
    appoint(aram, User.Role.REPORTER)
    user = User.objects.get(pk=aram.pk)
    assert user.has_perm("articles.add_article")
    assert not user.has_perm("articles.publish_article")


def test_a_reporter_changes_nothing_that_others_stories_use(aram):
    appoint(aram, User.Role.REPORTER)
    user = User.objects.get(pk=aram.pk)
    for model in ("articles.{}_image", "tags.{}_tag"):
        assert user.has_perms([model.format("add"), model.format("view")])
        assert not any(user.has_perm(model.format(deed)) for deed in ("change", "delete"))
    assert not any(user.has_perm(f"{app}.view_{name}") for app, name in (("members", "user"), ("members", "grant")))


def test_the_rights_of_a_role_are_those_of_all_tables_that_the_settings_list(settings, aram):
    settings.ROLE_RIGHTS = [f"{__name__}.SOME", f"{__name__}.MORE"]
    ensure_roles()
    appoint(aram, User.Role.REPORTER)
    assert User.objects.get(pk=aram.pk).get_all_permissions() == {
        "ads.add_campaign",
        "ads.view_campaign",
        "prompts.view_campaign",
    }
    assert not Group.objects.get(name="Editors").permissions.exists()


def test_one_role_at_a_time(aram):
    for role in (*GROUPS, User.Role.READER):
        appoint(aram, role)
        assert aram.groups.count() == (role in GROUPS)
        assert aram.is_staff == (role in GROUPS)


def test_a_group_of_the_newsrooms_own_is_left_alone(aram):
    aram.groups.add(Group.objects.create(name="Photographers"))
    appoint(aram, User.Role.READER)
    assert [group.name for group in aram.groups.all()] == ["Photographers"]


# Grants


def give(browser, user, **more):
    form = {"user": user.pk, "reason": "a friend of the house", "starts_at_0": "2026-01-01", "starts_at_1": "00:00"}
    return browser.post(reverse("admin:members_grant_add"), {**form, "ends_at_0": "", "ends_at_1": "", **more})


def test_an_editor_gives_a_membership_by_hand(as_, nino, aram, time_machine):
    time_machine.move_to(datetime(2026, 6, 1, tzinfo=UTC))
    assert give(as_(nino), aram).status_code == 302
    grant = aram.grants.get()
    assert grant.granted_by == nino
    assert Reader.of_user(aram, datetime(2026, 6, 1, tzinfo=UTC)).level.name == "MEMBERS"


def test_the_account_is_found_by_typing(as_, nino, aram):
    query = {"term": "aram", "app_label": "members", "model_name": "grant", "field_name": "user"}
    found = as_(nino).get(reverse("admin:autocomplete"), query).json()["results"]
    assert [one["id"] for one in found] == [str(aram.pk)]


def test_nobody_gives_in_anothers_name(as_, nino, davit, aram):
    give(as_(nino), aram, granted_by=davit.pk, revoked_at="2026-01-02", created_at="2020-01-01")
    grant = aram.grants.get()
    assert grant.granted_by == nino
    assert grant.revoked_at is None


def test_of_a_given_grant_reason_and_end_may_change_and_nothing_else(as_, nino, aram, leyla):
    grant = leyla.grants.get()
    form = {
        "user": aram.pk,
        "reason": "longer",
        "ends_at_0": "2099-01-01",
        "ends_at_1": "00:00",
        "starts_at_0": "1999-01-01",
    }
    as_(nino).post(reverse("admin:members_grant_change", args=[grant.pk]), form)
    changed = Grant.objects.get(pk=grant.pk)
    assert changed.reason == "longer"
    assert changed.ends_at is not None
    assert (changed.user, changed.starts_at) == (leyla, grant.starts_at)


def test_grants_are_ended_and_stay_on_record(as_, nino, leyla):
    grant = leyla.grants.get()
    listed = reverse("admin:members_grant_changelist")
    as_(nino).post(listed, {"action": "revoke", "_selected_action": grant.pk})
    assert not Grant.objects.running(datetime.now(UTC) + timedelta(seconds=1)).exists()
    first = Grant.objects.get(pk=grant.pk).revoked_at
    as_(nino).post(listed, {"action": "revoke", "_selected_action": grant.pk})
    assert Grant.objects.get(pk=grant.pk).revoked_at == first


def test_an_ended_grant_stays_ended(as_, nino, leyla):
    grant = leyla.grants.get()
    grant.revoke()
    form = {"reason": "again", "ends_at_0": "2099-01-01", "ends_at_1": "00:00", "revoked_at": ""}
    as_(nino).post(reverse("admin:members_grant_change", args=[grant.pk]), form)
    kept = Grant.objects.get(pk=grant.pk)
    assert (kept.reason, kept.ends_at) == ("a test", None)
    assert kept.revoked_at is not None


def test_no_grant_is_deleted_not_even_by_an_owner(as_, owner, leyla):
    grant = leyla.grants.get()
    assert as_(owner).post(reverse("admin:members_grant_delete", args=[grant.pk]), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize(("state", "seen"), [("running", True), ("over", False), ("", True)])
def test_grants_are_listed_by_state(as_, nino, leyla, state, seen):
    page = as_(nino).get(reverse("admin:members_grant_changelist"), {"state": state} if state else {})
    assert (f"/admin/members/grant/{leyla.grants.get().pk}/change/" in page.content.decode()) == seen
