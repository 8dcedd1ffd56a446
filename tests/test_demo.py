"""The newsroom on one machine: prepared once, served with its worker, stopped together."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from io import StringIO
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as project
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError
from django.urls import reverse

from articles.ads.models import Campaign
from articles.models import Article, Revision
from members.accounts.demo import EDITOR, MEMBER, READER
from members.models import Grant, User
from members.prompts import models as prompts
from newsroom.management.commands import _cast as cast
from newsroom.management.commands import _readiness as readiness
from newsroom.management.commands import serve
from newsroom.management.commands._together import Ended, run_together
from newsroom.management.commands.worker import TidyWorker

STOPS_WITHIN = 8  # seconds


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# Preparing


@pytest.fixture
def room(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    settings.STATIC_ROOT = tmp_path / "static"
    settings.MEDIA_ROOT = str(tmp_path / "media")
    settings.DEMO_PASSWORD = ""
    return tmp_path


def prepare():
    said = StringIO()
    call_command("demo", no_serve=True, stdout=said, stderr=StringIO())
    return said.getvalue()


def counts():
    return {
        model.__name__: model.objects.count()
        for model in (Article, Revision, User, Grant, prompts.Variant, Campaign, EmailAddress)
    }


@pytest.mark.django_db
def test_a_second_run_changes_nothing_and_says_the_same(room):
    first = prepare()
    made = counts()
    hashes = list(User.objects.order_by("pk").values_list("password", flat=True))
    assert made["Article"] >= 24
    assert {one.include["language"][0] for one in Campaign.objects.all()} == {"en", "ru"}
    assert sorted(prompts.Campaign.objects.filter(by_story=False).values_list("language", flat=True)) == ["en", "ru"]
    second = prepare()
    assert counts() == made
    assert list(User.objects.order_by("pk").values_list("password", flat=True)) == hashes
    assert first.partition("Front page")[2] == second.partition("Front page")[2]


@pytest.mark.django_db
def test_it_says_where_to_go_and_how_to_get_in(room):
    said = prepare()
    for words in ("http://localhost:8000/", "/admin/", "/outbox/", *cast.NAMES, cast.password()):
        assert words in said


# Accounts


@pytest.fixture
def accounts(room, db):
    cast.make(cast.password())


def sign_in(browser, email, word):
    return browser.post(reverse("account_login"), {"login": email, "password": word})


@pytest.mark.parametrize("email", cast.NAMES)
def test_the_demo_accounts_sign_in_at_once(stranger, accounts, email):
    assert sign_in(stranger, email, cast.password()).url == "/"
    assert stranger.get(reverse("account")).status_code == 200


def test_the_editor_works_here_and_owns_nothing(accounts):
    editor = User.objects.get(email=EDITOR)
    assert editor.is_staff
    assert not editor.is_superuser
    assert editor.has_perm("articles.publish_article")


def test_the_member_is_one_and_the_reader_is_not(accounts, now):
    running = Grant.objects.running(now).values_list("user__email", flat=True)
    assert list(running) == [MEMBER]


def test_the_password_is_made_once_for_this_machine_and_kept_to_its_owner(room):
    word = cast.password()
    assert cast.password() == word
    assert len(word) >= 12
    assert (room / "demo_password").stat().st_mode & 0o077 == 0


def test_a_password_that_the_environment_sets_is_taken(stranger, accounts, settings):
    settings.DEMO_PASSWORD = "another word for today"
    cast.make(cast.password())
    assert sign_in(stranger, READER, "another word for today").url == "/"


def test_what_an_editor_made_of_prompts_and_ads_is_left_alone(accounts):
    prompts.Variant.objects.update(heading="Our own words")
    Campaign.objects.all()[0].delete()
    left = counts()
    cast.make(cast.password())
    assert set(prompts.Variant.objects.values_list("heading", flat=True)) == {"Our own words"}
    assert counts() == left


# Serving


@pytest.mark.django_db
def test_a_taken_port_is_refused_before_anything_is_done(room):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=f"Port {port} is taken.*--port {port + 1}"):
            call_command("demo", port=port, stdout=StringIO())
    assert not User.objects.exists()


@pytest.mark.django_db
def test_without_demo_there_is_no_demo(settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="DEMO"):
        call_command("demo", no_serve=True)


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["0.0.0.0", "10.0.0.4", "::"])  # noqa: S104
def test_the_demo_is_not_served_to_the_network(host):
    with pytest.raises(CommandError, match="served on 127"):
        serve.check(host, free_port())


@pytest.mark.django_db
def test_what_is_missing_is_said_in_a_line_each(room, monkeypatch):
    monkeypatch.setattr(readiness, "migrated", lambda: False)
    with pytest.raises(CommandError) as refusal:
        serve.check("127.0.0.1", free_port())
    migrate, static = str(refusal.value).splitlines()
    assert "manage.py migrate" in migrate
    assert "manage.py collectstatic" in static


@pytest.mark.django_db
def test_with_all_in_place_it_becomes_the_server(room, monkeypatch):
    call_command("collectstatic", interactive=False, verbosity=0)
    (room / "static" / readiness.MANIFEST).touch()
    became = []
    monkeypatch.setattr(os, "execv", lambda program, command: became.append(command))
    port = free_port()
    call_command("serve", port=port, workers=3)
    (command,) = became
    assert command[command.index("--port") + 1] == str(port)
    assert command[command.index("--workers") + 1] == "3"
    assert command[-1] == project.WSGI_APPLICATION.replace(".application", ":application")


@pytest.fixture
def served_to_all(settings, accounts):
    """A real site that was made of a demo's database."""
    settings.DEMO = False


def deploy_check():
    # Of the others one refuses what the tests themselves set.
    call_command("check", deploy=True, tags=["database"], databases=["default"], stdout=StringIO(), stderr=StringIO())


def test_a_site_with_the_demos_accounts_fails_its_deploy_check_until_the_remedy_is_taken(served_to_all):
    with pytest.raises(SystemCheckError, match=r"newsroom.E001") as refusal:
        deploy_check()
    remedy = re.search(r'manage.py shell -c "(.*)"', str(refusal.value))[1]
    User.objects.create_user("tamar@example.org")
    call_command("shell", command=remedy)
    deploy_check()
    assert [user.email for user in User.objects.all()] == ["tamar@example.org"]


def test_a_site_with_the_demos_accounts_is_not_served(served_to_all):
    with pytest.raises(CommandError, match="the demo's accounts"):
        serve.check("127.0.0.1", free_port())


def test_the_demo_may_have_its_accounts(accounts):
    deploy_check()
    assert not any("accounts" in line for line in readiness.missing())


def test_static_files_are_collected_when_one_changed_and_not_otherwise(room, settings, monkeypatch):
    source = room / "source"
    source.mkdir()
    (source / "a.css").write_text("a {}")
    settings.STATICFILES_DIRS = [source]
    settings.STATIC_ROOT.mkdir()
    monkeypatch.setattr(readiness, "call_command", lambda *_, **__: (settings.STATIC_ROOT / readiness.MANIFEST).touch())
    assert readiness.collect_static()
    assert not readiness.collect_static()
    (source / "a.css").write_text("a { color: red }")
    assert readiness.collect_static()
    (settings.STATIC_ROOT / readiness.MANIFEST).unlink()
    assert readiness.collect_static()


# Together


def python(code):
    return [sys.executable, "-c", f"import os, signal, sys, time; {code}"]


def together(commands):
    run_together(commands, environment=dict(os.environ), folder=Path.cwd(), port=free_port(), when_open=lambda: None)


def test_one_that_dies_stops_the_other(tmp_path):
    note = tmp_path / "stopped"
    patient = python(
        f"signal.signal(signal.SIGTERM, lambda *_: (open({str(note)!r}, 'w'), sys.exit())); time.sleep(60)"
    )
    dying = python("time.sleep(.5); sys.exit(3)")
    began = time.monotonic()
    with pytest.raises(Ended) as ended:
        together({"patient": patient, "dying": dying})
    assert (ended.value.name, ended.value.status) == ("dying", 3)
    assert note.exists()
    assert time.monotonic() - began < STOPS_WITHIN


@pytest.mark.parametrize("told", ["SIGTERM", "SIGINT"])
def test_told_to_stop_it_stops_them_and_that_is_no_failure(told):
    telling = python(f"os.kill(os.getppid(), signal.{told}); time.sleep(60)")
    before = signal.getsignal(signal.SIGINT)
    began = time.monotonic()
    together({"one": python("time.sleep(60)"), "telling": telling})
    assert time.monotonic() - began < STOPS_WITHIN
    assert signal.getsignal(signal.SIGINT) is before


def test_none_is_left_behind_when_it_is_killed(tmp_path):
    note = tmp_path / "stopped"
    patient = f"signal.signal(signal.SIGTERM, lambda *_: (open({str(note)!r}, 'w'), sys.exit())); time.sleep(60)"
    killing = "time.sleep(.5); os.kill(os.getppid(), signal.SIGKILL); time.sleep(60)"
    code = f"from tests.test_demo import python, together; together({{'a': python({patient!r}), 'b': python({killing!r})}})"
    killed = subprocess.run(
        [sys.executable, "-c", f"import tests.environment, django; django.setup(); {code}"], check=False
    )
    assert killed.returncode == -signal.SIGKILL
    wait_for(note.exists, None, patience=STOPS_WITHIN)


def test_a_worker_that_is_told_twice_to_stop_still_finishes_its_task():
    worker = TidyWorker.__new__(TidyWorker)
    worker.running, worker.running_task = True, True
    worker.shutdown(signal.SIGINT, None)
    worker.shutdown(signal.SIGTERM, None)
    assert not worker.running


def test_the_whole_demo_opens_sends_mail_and_stops(tmp_path):
    """The one test that starts it as a reader of the README does."""
    port = free_port()
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    command = [sys.executable, "manage.py", "demo", "--port", str(port)]
    with (tmp_path / "said").open("w") as said:
        demo = subprocess.Popen(
            command, cwd=project.BASE_DIR, env={**kept, "VAR_DIR": str(tmp_path)}, stdout=said, stderr=said
        )
    try:
        site, browser = f"http://localhost:{port}", urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        wait_for(lambda: "Open." in (tmp_path / "said").read_text(), demo)
        for path in ("/", "/join/", "/accounts/login/", "/outbox/"):
            assert browser.open(site + path).status == 200
        assert "Try 7 days, then pay €5 a month" in browser.open(f"{site}/join/").read().decode()
        control = re.search(r"Payments +(\S+/control/)", (tmp_path / "said").read_text())[1]
        assert browser.open(control).status == 200
        ask_for_a_new_password(browser, site, READER)
        wait_for(lambda: "A new password for" in browser.open(f"{site}/outbox/").read().decode(), demo)
    finally:
        demo.send_signal(signal.SIGTERM)
        began = time.monotonic()
        status = demo.wait(timeout=30)
    assert time.monotonic() - began < STOPS_WITHIN
    assert status == 0
    assert readiness.port_is_free("127.0.0.1", port)
    assert readiness.port_is_free("127.0.0.1", urlsplit(control).port)


def ask_for_a_new_password(browser, site, email):
    address = site + reverse("account_reset_password")
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', browser.open(address).read().decode())[1]
    browser.open(address, urlencode({"csrfmiddlewaretoken": token, "email": email}).encode())


def wait_for(happens, process, patience=150):
    """Wait until something happens that another process does; fails when that process, if one is given, ends before."""
    deadline = time.monotonic() + patience
    while not happens():
        assert process is None or process.poll() is None, "it ended by itself"
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.2)
