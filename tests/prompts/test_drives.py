"""Drives: their page, their goals, the mail before they end, and that their campaigns run as long and go first."""

import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.db import IntegrityError
from django.db.models import ProtectedError

from members import trail
from members.accounts import personal_data
from members.accounts.pages.drives import bars
from members.billing.brought import Brought
from members.prompts import reminders
from members.prompts.choose import choose, explain
from members.prompts.models import Campaign, Drive, Reminder, Variant
from members.prompts.rules import Fit
from members.prompts.running import Running, places_in_use
from members.visit import State
from newsroom.ground import counters
from newsroom.ground.models import Count
from tests.billing.shop import text
from tests.billing.test_brought import joined, pay
from tests.members.mail import delivered
from tests.prompts.campaigns import DAY, NOW, PAGE, WATER, campaign, running, visitor

pytestmark = pytest.mark.django_db

START, END = datetime(2026, 11, 10, 6, tzinfo=UTC), datetime(2026, 12, 10, 14, tzinfo=UTC)
MIDDLE = datetime(2026, 11, 24, 12, tzinfo=UTC)
EMAIL = "tamar@example.com"


@pytest.fixture
def drive(time_machine):
    """A drive, in the middle of it."""
    time_machine.move_to(MIDDLE, tick=False)
    return Drive.objects.create(
        name="Autumn", slug="500-members", heading="500 new members", text="Why now.\n\nBecause.", starts_at=START,
        ends_at=END, goal_members=500, amount=1_000_000, currency="EUR",
    )  # fmt: skip


@pytest.fixture
def asking(drive):
    """A running campaign of the drive, with two variants."""
    made = Campaign.objects.create(name="Ask", status="running", drive=drive, from_view=1)
    Variant.objects.create(campaign=made, name="A", heading="Join us", weight=1)
    Variant.objects.create(campaign=made, name="B", heading="Join us now", weight=3)
    return made


def page(browser, path="/drives/500-members/"):
    return text(browser.get(path))


# When and for whom its campaigns are shown


def of_drive(overrides=False, starts_at=NOW - DAY, ends_at=NOW + DAY, **fields):
    drive = Drive(pk=3, starts_at=starts_at, ends_at=ends_at, overrides=overrides)
    return campaign(drive=drive, **fields)


@pytest.mark.parametrize(
    ("span", "own", "shown"),
    [
        ((-1, 1), (None, None), True),
        ((1, 2), (None, None), False),
        ((-2, -1), (None, None), False),
        ((-2, 0), (None, None), False),
        ((0, 1), (None, None), True),
        ((-1, 1), (1, 2), False),
        ((-1, 1), (-3, -1), False),
        ((-1, 1), (-3, 3), True),
        ((1, 2), (-3, 3), False),
        ((-3, -1), (-3, 3), False),
    ],
)
def test_a_campaign_of_a_drive_is_shown_while_both_run(span, own, shown):
    starts, ends = (NOW + days * DAY for days in span)
    dates = {name: days and NOW + days * DAY for name, days in zip(("starts_at", "ends_at"), own, strict=True)}
    drive = Drive(pk=3, starts_at=starts, ends_at=ends)
    chosen = choose(PAGE, visitor(), running(campaign(drive=drive, **dates)), NOW)
    assert bool(chosen) is shown


def test_a_drive_that_goes_before_all_others_goes_before_a_story_s_own():
    own, first = campaign(5, by_story=True, priority=99), of_drive(True, pk=2, priority=0)
    told = explain(PAGE, visitor(), running(own, first), NOW)
    assert [verdict.fit for verdict in told][:2] == [Fit.DRIVE, Fit.STORY]
    assert choose(PAGE, visitor(), running(own, first), NOW).campaign == 2


def test_any_other_drive_waits_for_its_turn():
    own, other = campaign(5, by_story=True), of_drive(pk=2)
    assert choose(PAGE, visitor(), running(own, other), NOW).campaign == 5


def test_once_it_is_over_the_others_have_the_site_again():
    own, first = campaign(5, by_story=True), of_drive(True, pk=2, ends_at=NOW)
    assert choose(PAGE, visitor(), running(own, first), NOW).campaign == 5


@pytest.mark.parametrize(
    ("fields", "who"),
    [
        ({}, {"quiet": True}),
        ({"frequency": True, "views_max": 2, "from_view": 1}, {"views": {2: 2}}),
        ({}, {"state": State.MEMBER}),
        ({"include": {"tag": [WATER + 50]}}, {}),
        ({"exclude": {"story": [7]}}, {}),
    ],
)
def test_going_first_is_no_leave_to_ask_whom_or_where_it_may_not(fields, who):
    assert choose(PAGE, visitor(**who), running(of_drive(True, pk=2, **fields)), NOW) is None


def test_of_the_database_a_drive_is_read_with_its_campaigns_in_as_many_queries(asking, django_assert_num_queries):
    # Three where nothing is sold by the month.
    with django_assert_num_queries(3):
        now = Running.load(MIDDLE)
    one = now.by_pk[asking.pk]
    assert (one.starts_at, one.ends_at, one.goes_first) == (START, END, False)
    Drive.objects.update(overrides=True)
    assert Running.load(MIDDLE).by_pk[asking.pk].goes_first


def test_no_page_leaves_room_for_the_prompts_of_a_drive_that_is_over(asking):
    assert places_in_use(MIDDLE) == Running.load(MIDDLE).places == {0, -1}
    assert places_in_use(END) == Running.load(END).places == {-1}


def test_a_drive_with_campaigns_cannot_be_deleted_under_them(asking, drive):
    with pytest.raises(ProtectedError):
        drive.delete()


def test_a_copy_belongs_to_the_same_drive(asking, drive):
    assert asking.copy().drive == drive


def test_it_ends_after_it_starts(drive):
    drive.ends_at = START
    with pytest.raises(IntegrityError):
        drive.save()


# Its page


def test_it_says_what_it_is_for_how_far_it_is_and_until_when(drive, stranger):
    said = page(stranger)
    for words in ("500 new members", "Why now.", "Because.", "It runs until Thursday, 10 December.", "0 of 500 members",
                  "€0 of €10,000", "Become a member", "Remind me"):  # fmt: skip
        assert words in said, words


def test_before_it_begins_it_says_when(drive, stranger, time_machine):
    time_machine.move_to(START - DAY)
    said = page(stranger)
    assert "It begins on 10 November 2026." in said
    assert "of 500" not in said
    assert '<a class="button"' not in main(stranger)
    assert "Remind me" in said


def test_once_it_is_over_it_says_so_and_asks_nobody(drive, stranger, time_machine):
    time_machine.move_to(END)
    said = page(stranger)
    assert "It ended on" in said
    assert "0 of 500 members" in said
    assert "Remind me" not in said
    assert '<a class="button"' not in main(stranger)


def main(browser):
    return re.search(r"(?s)<main.*</main>", browser.get("/drives/500-members/").content.decode())[0]


def test_a_member_is_thanked_and_asked_for_nothing(drive, as_, leyla):
    said = main(as_(leyla))
    assert "You are a member. Thank you." in said
    assert "Remind me" not in said
    assert '<a class="button"' not in said


def test_a_drive_that_nobody_made_and_one_of_another_language_is_not_there(drive, stranger):
    assert stranger.get("/drives/nothing/").status_code == 404
    assert stranger.get("/ru/drives/500-members/").status_code == 404
    Drive.objects.update(language="ru")
    assert stranger.get("/drives/500-members/").status_code == 404
    assert stranger.get("/ru/drives/500-members/").status_code == 200


def test_its_button_is_that_of_its_first_campaign_s_heaviest_words(asking, stranger):
    variant = asking.variants.get(name="B")
    way = re.search(r'<a class="button" href="([^"]*)"', main(stranger))[1].replace("&amp;", "&")
    assert way == f"/prompts/{asking.pk}/join/?v={variant.pk}&at=page&next=%2Fdrives%2F500-members%2F"
    there = stranger.get(way)
    told = trail.source(asking.pk, variant.pk, "page").replace(":", "%3A")
    assert there.url == f"/join/?next=%2Fdrives%2F500-members%2F&source={told}"
    counters.flush()
    name = f"{asking.pk}.{variant.pk}.page"
    assert Count.objects.get(series="prompt-click").key == name
    assert Count.objects.get(series="prompt").key == name


@pytest.mark.parametrize("status", ["draft", "paused", "archived"])
def test_without_a_running_campaign_it_leads_straight_to_join(asking, stranger, status):
    Campaign.objects.update(status=status)
    assert 'href="/join/?next=%2Fdrives%2F500-members%2F"' in main(stranger)
    counters.flush()
    assert not Count.objects.filter(series="prompt").exists()


def test_staff_and_robots_are_not_counted_there(asking, as_, nino):
    as_(nino).get("/drives/500-members/")
    as_(None).get("/drives/500-members/", headers={"user-agent": "Googlebot/2.1"})
    as_(None).head("/drives/500-members/")
    counters.flush()
    assert not Count.objects.filter(series="prompt").exists()


# How far it has come


def test_who_joined_since_it_began_counts_and_so_does_what_they_pay(drive, aram, stranger):
    joined(aram, MIDDLE)
    pay(1, at=MIDDLE)
    pay(2, at=END - DAY)
    said = page(stranger)
    assert "1 of 500 members" in said
    assert "1 reader has become a member. Together it is €5." in said, "what is paid tomorrow is not there yet"


def test_it_is_added_up_once_a_minute(drive, aram, stranger):
    page(stranger)
    joined(aram, MIDDLE)
    assert "0 of 500 members" in page(stranger)
    cache.clear()
    assert "1 of 500 members" in page(stranger)


@pytest.mark.parametrize(
    ("goals", "came", "told"),
    [
        ({}, (3, {"EUR": 5}), []),
        ({"goal_members": 10}, (3, {}), [("New members", 3, 10, "3 of 10 members")]),
        ({"goal_members": 10}, (12, {}), [("New members", 10, 10, "12 of 10 members")]),
        ({"goal_members": 1}, (0, {}), [("New members", 0, 1, "0 of 1 member")]),
        ({"amount": 1000}, (3, {"EUR": 450, "USD": 900}), [("Raised", 450, 1000, "€4.50 of €10")]),
        ({"amount": 1000}, (3, {"USD": 900}), [("Raised", 0, 1000, "€0 of €10")]),
        ({"goal_members": 2, "amount": 1000}, (1, {"EUR": 2000}),
         [("New members", 1, 2, "1 of 2 members"), ("Raised", 1000, 1000, "€20 of €10")]),
    ],
)  # fmt: skip
def test_a_goal_is_a_bar_with_its_words(goals, came, told):
    drive = SimpleNamespace(**{"goal_members": None, "amount": None, "currency": "EUR", **goals})
    assert bars(drive, Brought(*came)) == told


def test_a_bar_has_a_label_and_no_style_of_its_own(drive, stranger):
    said = main(stranger)
    assert '<label for="goal-1">New members</label> <progress id="goal-1" value="0" max="500">' in said
    assert '<progress id="goal-2" value="0" max="1000000">' in said
    assert "style=" not in said


# The mail before it ends


def ask(browser, email=EMAIL):
    return browser.post("/drives/500-members/remind/", {"email": email})


def link(message, number=0):
    return re.findall(r"http://localhost:8000(/\S*reminders/\S*)", message.body)[number]


def kept(browser):
    """A stranger's mailbox is kept."""
    ask(browser)
    (question,) = delivered()
    return browser.post(link(question))


def test_a_strangers_mailbox_is_asked_first_and_no_row_knows_it_until_it_has_said_yes(drive, stranger):
    answer = ask(stranger)
    assert (answer.status_code, answer.url) == (303, "/drives/500-members/?asked=mail")
    assert "We have written to this address." in page(stranger, answer.url)
    assert not Reminder.objects.exists()
    (question,) = delivered()
    assert (question.to, question.subject) == ([EMAIL], "Shall we remind you of “500 new members”?")
    assert "without you nothing happens" in question.body
    assert EMAIL not in link(question)


def test_a_mail_scanner_that_follows_the_link_says_yes_for_nobody(drive, stranger):
    ask(stranger)
    (question,) = delivered()
    assert "Shall we remind you?" in page(stranger, link(question))
    assert not Reminder.objects.exists()


def test_who_says_yes_is_kept_once_and_unreadably(drive, stranger):
    answer = kept(stranger)
    assert answer.url == "/drives/500-members/?asked=kept"
    said = page(stranger, answer.url)
    assert "We will remind you by mail, two days before it ends." in said
    assert "Not now?" not in said
    kept(stranger)
    row = Reminder.objects.get()
    assert EMAIL not in str(vars(row))
    assert row.key[:6] in str(row)


def test_one_mail_comes_two_days_before_the_end_and_then_nothing_is_kept(drive, stranger, time_machine):
    kept(stranger)
    call_due(END - reminders.BEFORE - timedelta(seconds=1))
    assert delivered() == []
    call_due(END - reminders.BEFORE)
    (mail,) = delivered()
    assert (mail.to, mail.subject) == ([EMAIL], "“500 new members” ends soon")
    assert "http://localhost:8000/drives/500-members/" in mail.body
    assert "This was the one mail about it." in mail.body
    assert not Reminder.objects.exists()
    call_due(END - DAY)
    assert delivered() == []


def call_due(now):
    reminders.send_reminders(now)


def test_it_is_in_the_language_of_the_drive(drive, as_):
    Drive.objects.update(language="ru")
    browser = as_(None)
    browser.post("/ru/drives/500-members/remind/", {"email": EMAIL})
    (question,) = delivered()
    assert "/ru/reminders/" in question.body
    browser.post(link(question))
    call_due(END - DAY)
    (mail,) = delivered()
    assert "http://localhost:8000/ru/drives/500-members/" in mail.body


def test_two_workers_write_it_once(drive, stranger, monkeypatch):
    kept(stranger)
    written, whole = [], reminders._write

    def write(reminder):
        written.append(reminder)
        whole(reminder)
        if len(written) == 1:
            # The other one has read the same row before this one deleted it.
            assert Reminder.objects.filter(pk=reminder.pk).delete()[0] == 0

    monkeypatch.setattr(reminders, "_write", write)
    call_due(END - DAY)
    call_due(END - DAY)
    assert len(written) == 1


def test_the_mail_ends_at_a_click_in_the_mail_program(drive, stranger):
    kept(stranger)
    call_due(END - DAY)
    (mail,) = delivered()
    off = mail.extra_headers["List-Unsubscribe"].strip("<>").removeprefix("http://localhost:8000")
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert off in mail.body
    assert "No mail about this?" in page(stranger, off)
    kept(stranger)
    assert "Switched off" in text(stranger.post(off, {"List-Unsubscribe": "One-Click"}))
    assert not Reminder.objects.exists()
    assert stranger.post(off).status_code == 200


@pytest.mark.parametrize("way", ["/reminders/broken/", "/reminders/broken/off/"])
def test_a_link_that_is_not_ours_does_nothing(drive, stranger, way):
    for answer in (stranger.get(way), stranger.post(way)):
        assert answer.status_code == 404
        assert "This link no longer works" in text(answer)
    assert not Reminder.objects.exists()


def test_neither_link_does_what_the_other_is_for(drive, stranger):
    kept(stranger)
    token = reminders.off_token(drive, "nino@example.com")
    assert stranger.post(f"/reminders/{token}/").status_code == 404
    assert Reminder.objects.count() == 1


def test_the_link_of_a_drive_that_is_over_or_gone_keeps_nobody(drive, stranger, time_machine):
    ask(stranger)
    (question,) = delivered()
    time_machine.move_to(END - DAY)
    assert stranger.post(link(question)).status_code == 404
    drive.delete()
    assert stranger.post(link(question)).status_code == 404
    assert not Reminder.objects.exists()


@pytest.mark.parametrize("days", [2, 1, 0, -1])
def test_when_it_ends_too_soon_no_mail_is_offered(drive, stranger, time_machine, days):
    time_machine.move_to(END - days * DAY)
    assert "Remind me" not in page(stranger)
    assert ask(stranger).status_code == 400
    assert delivered() == []


@pytest.mark.parametrize(
    "typed", ["", "tamar", "tamar@example.com\nBcc: x@example.com", "a" * 400 + "@example.com", "\0@x.com"]
)
def test_what_is_no_address_is_said_at_the_field(drive, stranger, typed):
    answer = ask(stranger, typed)
    assert answer.status_code == 400
    assert 'class="errorlist"' in answer.content.decode()
    assert delivered() == []


def test_an_account_s_proven_address_is_kept_at_once_and_no_other_is_taken_from_it(drive, as_, aram):
    EmailAddress.objects.create(user=aram, email=aram.email, verified=True, primary=True)
    browser = as_(aram)
    assert 'type="email"' not in main(browser)
    assert ask(browser, "leyla@example.com").url.endswith("?asked=kept")
    call_due(END - DAY)
    (mail,) = delivered()
    assert mail.to == [aram.email]


def test_an_account_s_address_that_nobody_has_proven_is_asked_first(drive, as_, aram):
    assert ask(as_(aram)).url.endswith("?asked=mail")
    assert not Reminder.objects.exists()


def test_the_answer_does_not_tell_whether_an_address_has_an_account(drive, stranger, aram):
    assert ask(stranger, aram.email).url == ask(stranger, "nobody@example.com").url


def test_many_mails_to_one_address_are_challenged(drive, as_):
    answers = [ask(as_(None)).status_code for _n in range(6)]
    assert answers == [303] * 5 + [429]


def test_of_a_drive_that_is_over_nobody_is_kept(drive, stranger):
    kept(stranger)
    reminders.forget_reminders(END - timedelta(seconds=1))
    assert Reminder.objects.exists()
    reminders.forget_reminders(END)
    assert not Reminder.objects.exists()


def test_without_the_key_an_address_cannot_be_read_and_nobody_is_written_to(drive, stranger, settings):
    kept(stranger)
    settings.SECRET_KEY = "another"
    call_due(END - DAY)
    assert not Reminder.objects.exists()
    assert delivered() == []


def test_whose_it_is_may_read_it_and_takes_it_along_on_leaving(drive, aram):
    reminders.keep(drive, aram.email)
    assert personal_data.everything(aram)["reminders_of_drives"] == [
        {"drive__heading": "500 new members", "drive__ends_at": END}
    ]
    personal_data.delete(aram)
    assert not Reminder.objects.exists()


# The desk


FORM = {
    "name": "Winter", "slug": "winter", "language": "en", "heading": "Winter", "text": "", "starts_at_0": "2026-12-01",
    "starts_at_1": "06:00", "ends_at_0": "2026-12-31", "ends_at_1": "18:00", "goal_members": "", "amount": "",
    "currency": "", "overrides": "on",
}  # fmt: skip


def test_editors_make_drives_with_a_goal_in_money_as_people_write_it(as_, nino, drive):
    browser = as_(nino)
    assert browser.post("/admin/prompts/drive/add/", {**FORM, "amount": "10 000", "currency": "eur"}).status_code == 302
    made = Drive.objects.get(slug="winter")
    assert (made.amount, made.currency, made.overrides) == (1_000_000, "EUR", True)
    said = text(browser.get("/admin/prompts/drive/"))
    assert "Winter Begins later" in said
    assert "Autumn Running" in said
    assert browser.get(f"/admin/prompts/drive/{made.pk}/change/").status_code == 200


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"amount": "1000"}, "Name the currency of the goal."),
        ({"amount": "much", "currency": "EUR"}, ""),
        ({"ends_at_0": "2026-11-01"}, "It ends before it starts."),
        ({"slug": "500-members"}, "already exists"),
        ({"goal_members": "0"}, "greater than or equal to 1"),
    ],
)
def test_what_cannot_be_is_said_in_the_form(as_, nino, drive, wrong, words):
    answer = as_(nino).post("/admin/prompts/drive/add/", {**FORM, **wrong})
    assert answer.status_code == 200
    assert words in text(answer)
    assert "errorlist" in answer.content.decode()
    assert Drive.objects.count() == 1


def test_readers_make_none(as_, aram):
    assert as_(aram).get("/admin/prompts/drive/").status_code == 302


def test_a_campaign_s_form_names_its_drive(as_, nino, asking):
    page = as_(nino).get(f"/admin/prompts/campaign/{asking.pk}/change/").content.decode()
    assert '<select name="drive"' in page
