"""A reader described in the desk's form is the visitor that the description says; what is wrong is said at its field."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from articles.desk.described import GRACE, READERS
from members import habits
from members.access import Audience
from members.models import OpenHouse, Plan
from members.visit import State
from tests.desk.looks import form, visitor

pytestmark = pytest.mark.django_db

# A description, and what it says of the visitor before the visit.
DESCRIPTIONS = {
    "": {"state": State.ANONYMOUS, "device": "mobile", "country": "", "referrer": "direct", "bucket": 0, "reads": 0},
    "who=registered&device=tablet&country=ge": {"state": State.REGISTERED, "device": "tablet", "country": "GE"},
    "referrer=search&bucket=999": {"referrer": "search", "bucket": 999},
    "reads=4&walls=2": {"reads": 4, "walls": 2, "quiet": False},
    "reads=4&tags_7=3&tags_8=1": {"reads": 4, "with 7": 3, "with 8": 1, "with 9": 0},
    "quiet=on": {"quiet": True},
    "views_5=4": {"views of 5": 4, "views of 6": 0},
    "ads_3=2": {"ads": {3: 2}},
    "gpc=on&reads=4&bucket=7": {"habits": None},
    "at=2026-12-24T18:30": {"now": timezone.make_aware(datetime(2026, 12, 24, 18, 30))},
}
OF_VISITOR = {
    "state": lambda one: one.state,
    "device": lambda one: one.device,
    "country": lambda one: one.country,
    "referrer": lambda one: one.referrer,
    "now": lambda one: one.reader.now,
    "habits": lambda one: one.habits,
    "bucket": lambda one: one.habits.bucket,
    "reads": lambda one: one.habits.reads_lately,
    "walls": lambda one: one.habits.walls_lately,
    "with 7": lambda one: one.habits.reads_with(7),
    "with 8": lambda one: one.habits.reads_with(8),
    "with 9": lambda one: one.habits.reads_with(9),
    "quiet": lambda one: one.habits.is_quiet,
    "views of 5": lambda one: one.habits.views(5),
    "views of 6": lambda one: one.habits.views(6),
    "ads": lambda one: one.habits.ads,
}
COUNTED = {"tags": {7: "Dams", 8: "Bread", 9: "Mills"}, "views": {5: "Join", 6: "Stay"}, "ads": {3: "Bread"}}


@pytest.mark.parametrize("query", DESCRIPTIONS)
def test_a_description_makes_a_visitor(query, time_machine):
    time_machine.move_to(datetime(2026, 11, 24, 12, tzinfo=UTC), tick=False)
    made = visitor(query, **COUNTED)
    for what, value in DESCRIPTIONS[query].items():
        assert OF_VISITOR[what](made) == value, what
    assert made.counted


@pytest.mark.parametrize(
    ("who", "state", "level"),
    [
        ("anonymous", State.ANONYMOUS, Audience.EVERYONE),
        ("registered", State.REGISTERED, Audience.REGISTERED),
        ("member", State.MEMBER, Audience.MEMBERS),
        ("lapsed", State.LAPSED, Audience.REGISTERED),
        (GRACE, State.PAST_DUE, Audience.MEMBERS),
        ("past_due", State.PAST_DUE, Audience.REGISTERED),
    ],
)
def test_each_reader_that_can_be_chosen_is_what_the_choice_says(who, state, level):
    made = visitor(f"who={who}")
    assert (made.state, made.reader.level, made.reader.desk) == (state, level, False)
    assert made.reader.known == (who != "anonymous")


def test_every_kind_of_reader_can_be_chosen():
    assert {visitor(f"who={who}").state for who in READERS} == set(State)


def test_a_member_may_have_a_plan(db):
    plan = Plan.objects.create(name="Patron", slug="patron", level=20)
    assert visitor(f"who=member&plan={plan.pk}").reader.plans == {plan.rank}
    assert visitor("who=member").reader.plans == frozenset()


def test_it_is_as_open_as_the_site_is_tonight(nino):
    assert not visitor().reader.open_house
    OpenHouse.objects.create(opened_by=nino, reason="the night of the flood")
    assert visitor().reader.open_house


def test_what_is_remembered_by_the_description_fits_into_a_cookie():
    made = visitor("reads=9&walls=2&tags_7=3&views_5=4&ads_3=2&quiet=on", **COUNTED).habits
    assert habits.read(made.told(), made.day) == made


WRONG = {
    "who=ghost": ("who", "Select a valid choice."),
    "who=registered&plan=1": ("plan", "Select a valid choice."),
    "who=member&plan=one": ("plan", "Select a valid choice."),
    "country=Georgia": ("country", "A country has two letters, as in GE."),
    "country=G1": ("country", "A country has two letters, as in GE."),
    "country=%D0%93%D0%95": ("country", "A country has two letters, as in GE."),
    "device=radio": ("device", "Select a valid choice."),
    "referrer=dream": ("referrer", "Select a valid choice."),
    "bucket=1000": ("bucket", "less than or equal to 999"),
    "bucket=-1": ("bucket", "greater than or equal to 0"),
    "reads=many": ("reads", "Enter a whole number."),
    "reads=256": ("reads", "less than or equal to 255"),
    "reads=1&walls=2": ("walls", "More than all stories read."),
    "reads=1&tags_7=2": ("tags_7", "More than all stories read."),
    "views_5=7": ("views_5", "less than or equal to 6"),
    "at=yesterday": ("at", "Enter a valid date/time."),
    "at=9999-12-31T23:59": ("at", "Take a moment within a year from now."),
    "at=0001-01-01T00:00": ("at", "Take a moment within a year from now."),
}


@pytest.mark.parametrize("query", WRONG)
def test_what_is_wrong_is_said_at_its_field(query):
    made = form(query, **COUNTED)
    field, message = WRONG[query]
    assert [*made.errors] == [field]
    assert message in made.errors[field][0]


def test_a_plan_without_a_membership_is_no_reader():
    plan = Plan.objects.create(name="Patron", slug="patron", level=20)
    assert form(f"who=registered&plan={plan.pk}").errors["plan"] == ["Members alone have a plan."]


def test_nobody_is_described_who_remembers_more_than_a_browser_does():
    names = {pk: str(pk) for pk in range(1, 20)}
    told_of = "&".join(f"views_{pk}=1" for pk in range(1, habits.PROMPTS_MAX + 2))
    made = form(told_of, views=names)
    last = f"views_{habits.PROMPTS_MAX + 1}"
    assert made.errors == {last: [f"A browser keeps count of {habits.PROMPTS_MAX} of these at most."]}
