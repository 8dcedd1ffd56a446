"""What is said of a process's health, and what readers are told when something broke."""

import pytest
from django.db import IntegrityError, InterfaceError, OperationalError, ProgrammingError
from django.test import Client

from articles.reading.parts import topics
from newsroom.ground import health


@pytest.fixture
def browser():
    return Client(headers={"host": "localhost:8000"}, raise_request_exception=False)


def test_a_process_that_lives_says_so_and_asks_nobody(browser):
    response = browser.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")
    assert response["Cache-Control"] == "private, no-store"


@pytest.mark.django_db
def test_a_process_that_can_work_is_ready(browser):
    assert browser.get("/readyz").content == b"ok\n"


@pytest.mark.django_db
def test_a_process_says_what_it_lacks(browser, monkeypatch):
    monkeypatch.setitem(health.CHECKS, "database", lambda: "has migrations pending")
    response = browser.get("/readyz")
    assert (response.status_code, response.content) == (503, b"database: has migrations pending\n")


@pytest.mark.django_db
@pytest.mark.parametrize("error", [OperationalError, InterfaceError, IntegrityError, ProgrammingError, ValueError])
def test_only_an_absent_database_is_told_as_one(browser, monkeypatch, error):
    def broken(*args, **kwargs):
        raise error("x")

    monkeypatch.setattr(topics, "get_object_or_404", broken)
    response = browser.get("/sections/water/")
    away = error in (OperationalError, InterfaceError)
    assert response.status_code == (503 if away else 500)
    assert ("Retry-After" in response) == away
