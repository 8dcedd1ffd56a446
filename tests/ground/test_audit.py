"""The audit log says who did what, and nobody strikes anything out of it."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.db import transaction
from django.urls import reverse

from members.models import User
from newsroom.ground import audit, batches
from newsroom.ground.models import AppendOnly, Deed
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(db):
    return User.objects.create_superuser("owner@example.com", PASSWORD)


def log(*fields):
    return list(Deed.objects.values_list(*fields, flat=len(fields) == 1))


def change(browser, user, **fields):
    form = {"display_name": user.display_name, "language": user.language, "role": user.role, **fields}
    return browser.post(reverse("admin:members_user_change", args=[user.pk]), form)


def test_a_deed_is_noted_with_its_actors_key_and_not_the_address(aram):
    audit.record(aram, "opened everything", "switch", 7, "election night")
    assert log("actor", "deed", "kind", "key", "note") == [
        (aram.key, "opened everything", "switch", "7", "election night")
    ]
    assert aram.email not in str(log("actor", "note"))


def test_the_site_itself_has_no_key():
    audit.record(None, "forgot")
    assert log("actor") == [""]


def test_a_text_that_is_too_long_is_cut_and_never_keeps_a_deed_from_being_noted(aram):
    audit.record(aram, "d" * 900, "k" * 900, "k" * 900, "n" * 900)
    assert len(log("note")[0]) == 500


def test_a_deed_that_was_not_done_is_not_noted(aram):
    with transaction.atomic():
        audit.record(aram, "opened everything")
        transaction.set_rollback(True)
    assert log("deed") == []


@pytest.mark.parametrize(
    "tamper",
    [
        lambda deed: deed.save(),
        lambda deed: deed.delete(),
        lambda deed: Deed.objects.update(note=""),
        lambda deed: Deed.objects.all().delete(),
        lambda deed: Deed.objects.filter(pk=deed.pk).delete(),
        lambda deed: Deed.objects.bulk_update([deed], ["note"]),
        lambda deed: Deed.objects.update_or_create(pk=deed.pk, defaults={"note": ""}),
    ],
)
def test_nothing_is_changed_or_struck_out(aram, tamper):
    deed = audit.record(aram, "opened everything", note="why")
    with pytest.raises(AppendOnly):
        tamper(deed)
    assert log("note") == ["why"]


def test_a_deed_goes_when_its_time_is_over(aram, now, monkeypatch):
    monkeypatch.setattr(batches, "MANY", 2)
    for _n in range(5):
        audit.record(aram, "long ago")
    audit.forget_old_deeds(now + audit.KEPT - timedelta(minutes=1))
    assert len(log("deed")) == 5
    audit.forget_old_deeds(now + audit.KEPT + timedelta(minutes=1))
    assert log("deed") == []


def test_giving_a_role_and_banning_are_noted(as_, owner, aram):
    browser = as_(owner)
    assert change(browser, aram, role="editor").status_code == 302
    aram.refresh_from_db()
    assert change(browser, aram, banned_at_0="2026-11-24", banned_at_1="10:00").status_code == 302
    notes = log("note")
    assert notes[1] == "role: reader → editor"
    assert notes[0].startswith("banned_at: None → 2026-11-24")
    assert set(log("actor", "kind", "key")) == {(owner.key, "account", aram.key)}


def test_a_new_name_is_no_matter_for_the_log(as_, owner, aram):
    assert change(as_(owner), aram, display_name="Aram H.").status_code == 302
    assert log("deed") == []


def test_a_second_factor_that_is_taken_away_is_noted_without_its_name(as_, owner, aram):
    for name in ("Aram's key", "Aram's other key", "Aram's third key"):
        Authenticator.objects.create(user=aram, type="webauthn", data={"name": name})
    one, *two = Authenticator.objects.values_list("pk", flat=True)
    browser = as_(owner)
    browser.post(reverse("admin:mfa_authenticator_delete", args=[one]), {"post": "yes"})
    two = {"action": "delete_selected", "_selected_action": two, "post": "yes"}
    browser.post(reverse("admin:mfa_authenticator_changelist"), two)
    assert not Authenticator.objects.exists()
    assert (
        log("actor", "deed", "kind", "key", "note")
        == [(owner.key, "took a second factor", "account", aram.key, "webauthn")] * 3
    )


def test_a_second_factor_that_is_forgotten_on_the_machine_is_noted_too(aram):
    Authenticator.objects.create(user=aram, type="totp", data={})
    call_command("forget_second_factor", aram.email)
    assert log("actor", "deed", "key", "note") == [("", "took a second factor", aram.key, "totp")]


def test_owners_read_the_log_and_nobody_writes_in_it(as_, owner, nino, davit):
    deed = audit.record(owner, "opened everything", note="election night")
    listed, one = reverse("admin:ground_deed_changelist"), reverse("admin:ground_deed_change", args=[deed.pk])
    browser = as_(owner)
    assert "election night" in browser.get(listed).content.decode()
    page = browser.get(one).content.decode()
    assert 'name="_save"' not in page
    assert browser.post(one, {"note": "nothing"}).status_code == 403
    assert browser.get(reverse("admin:ground_deed_add")).status_code == 403
    assert browser.post(reverse("admin:ground_deed_delete", args=[deed.pk]), {"post": "yes"}).status_code == 403
    for staff in (nino, davit):
        assert {as_(staff).get(path).status_code for path in (listed, one)} == {403}
    assert log("note") == ["election night"]
