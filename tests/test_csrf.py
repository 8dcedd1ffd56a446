"""A form that does not prove where it comes from is answered with a page that says what may have happened."""

import re
from unittest.mock import patch

import pytest
from django.db import OperationalError
from django.test import Client, RequestFactory
from django.urls import reverse

from newsroom.ground import health
from tests.conftest import HEADERS

TYPED = {"login": "aram@example.com", "password": "not a password"}


@pytest.fixture
def browser():
    return Client(enforce_csrf_checks=True, headers=HEADERS)


@pytest.mark.parametrize(
    ("prefix", "words"), [("", ("signed in or out in another tab", "cookies")), ("/ru", ("в другой вкладке", "куки"))]
)
def test_it_says_what_happened_and_leads_to_the_form(browser, prefix, words):
    """Without a question to the database, which may be away."""
    path = prefix + reverse("account_login")
    with patch("django.db.backends.utils.CursorWrapper.execute", side_effect=OperationalError):
        answer = browser.post(f"{path}?next=/join/", TYPED)
    page = answer.content.decode()
    assert answer.status_code == 403
    assert all(word in page for word in words)
    assert f'href="{path}?next=/join/"' in page
    assert 'rel="stylesheet"' in page
    assert "style=" not in page
    assert "<script" not in page
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert TYPED["password"] not in page
    assert TYPED["login"] not in page


@pytest.mark.parametrize("path", ["//evil.example/x", "/\\evil.example/x", "///evil.example"])
def test_it_leads_nowhere_but_to_paths_of_ours(path):
    request = RequestFactory().post("/")
    request.path = request.path_info = path
    page = health.unproven(request).content.decode()
    assert not re.search(r'href="[/\\]{2}', page)
    assert "Go to the front page" in page


def test_what_the_address_says_is_no_markup(browser):
    page = browser.post(reverse("account_login") + '?next="><script>alert(1)</script>', TYPED).content.decode()
    assert "<script" not in page
