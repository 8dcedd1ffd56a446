"""The demo's mail is read on the machine that runs the demo, and nowhere else."""

import os

import pytest
from django.core.mail import EmailMessage, get_connection
from django.test import Client
from django.urls import reverse

from members.accounts import outbox

pytestmark = pytest.mark.django_db

LINK = "http://localhost:8000/accounts/password/reset/key/1-abc/"


@pytest.fixture
def folder(settings, tmp_path):
    settings.EMAIL_FILE_PATH = tmp_path / "outbox"
    return settings.EMAIL_FILE_PATH


def send(folder, *subjects, text="Enter it."):
    connection = get_connection("django.core.mail.backends.filebased.EmailBackend", file_path=folder)
    connection.send_messages([EmailMessage(subject, text, to=["tamar@example.com"]) for subject in subjects])


def test_mail_is_read_newest_first_with_links_to_click(stranger, folder):
    send(folder, "First", "Second")
    for path in folder.iterdir():
        os.utime(path, (1_000_000_000, 1_000_000_000))
    send(folder, "Third: ключ", text=f"Choose it here:\n\n{LINK}\n\n<b>plain</b>")
    response = stranger.get(reverse("outbox"))
    page = response.content.decode()
    places = [page.index(subject) for subject in ("Third: ключ", "Second", "First")]
    assert places == sorted(places)
    assert f'<a href="{LINK}"' in page
    assert "&lt;b&gt;plain" in page
    assert "no-store" in response["Cache-Control"]


def test_before_the_first_mail_it_says_so(stranger, folder):
    assert "Nothing has been sent yet" in stranger.get(reverse("outbox")).content.decode()


def test_only_the_newest_are_shown(folder):
    send(folder, *[f"Mail {n}" for n in range(outbox.SHOWN_MAX + 5)])
    mails = outbox.sent(folder)
    assert len(mails) == outbox.SHOWN_MAX
    assert mails[0].subject == f"Mail {outbox.SHOWN_MAX + 4}"


def test_outside_the_demo_there_is_none(stranger, folder, settings):
    settings.DEMO = False
    assert stranger.get(reverse("outbox")).status_code == 404


@pytest.mark.parametrize("address", ["10.0.0.7", "203.0.113.9", "", "2001:db8::1"])
def test_a_client_from_elsewhere_finds_none(folder, address):
    browser = Client(headers={"host": "localhost:8000"}, REMOTE_ADDR=address)
    assert browser.get(reverse("outbox")).status_code == 404


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_a_client_of_this_machine_finds_it(folder, address):
    browser = Client(headers={"host": "127.0.0.1:8000"}, REMOTE_ADDR=address)
    assert browser.get(reverse("outbox")).status_code == 200


def test_a_browser_that_asks_by_ipv6_finds_it(folder, settings):
    settings.ALLOWED_HOSTS = ["[::1]"]
    assert Client(headers={"host": "[::1]:8000"}, REMOTE_ADDR="::1").get(reverse("outbox")).status_code == 200


def test_a_host_that_is_not_this_machine_has_none(folder, settings):
    settings.ALLOWED_HOSTS = ["news.example.com"]
    assert Client(headers={"host": "news.example.com"}).get(reverse("outbox")).status_code == 404


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "x-real-ip"])
def test_behind_a_proxy_there_is_none(stranger, folder, header):
    assert stranger.get(reverse("outbox"), headers={header: "127.0.0.1"}).status_code == 404
