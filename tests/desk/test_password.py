"""Who works here changes the password where every account does: limited, and with a notice by mail."""

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "leads_to"), [("password_change", "account_change_password"), ("password_change_done", "account")]
)
def test_the_desks_own_page_for_a_password_leads_to_the_guarded_one(as_, nino, name, leads_to):
    browser, form = as_(nino), {"old_password": "x", "new_password1": "y", "new_password2": "y"}
    for answer in (browser.get(reverse(f"admin:{name}")), browser.post(reverse(f"admin:{name}"), form)):
        assert (answer.status_code, answer.url) == (302, reverse(leads_to))


def test_a_reader_finds_neither_there(as_, aram):
    assert as_(aram).get(reverse("admin:password_change")).url.startswith(reverse("admin:login"))
