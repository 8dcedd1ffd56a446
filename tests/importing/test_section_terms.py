"""What files leave open about who may read a story, its section says; once, when it is made."""

import pytest

from articles.models import Article, Section, SectionPlan
from members.access import Audience
from members.models import Plan

pytestmark = pytest.mark.django_db

TEXT = "\n\nThe ferry left.\n\nIt came back.\n\nNobody was on it.\n"


@pytest.fixture
def culture(db):
    """A section whose new stories are for patrons, and members read them first for a day."""
    section = Section.objects.create(
        name="Culture", slug="culture", default_audience=Audience.MEMBERS, default_early_access_hours=24,
        default_metered=True,
    )  # fmt: skip
    patron = Plan.objects.create(name="Patron", slug="patron", level=20)
    SectionPlan.objects.create(section=section, plan=patron)
    return section


def markdown(*lines):
    front = ["id: ferry", "headline: Ferry", "section: Culture", "published: 2025-07-01T12:00", *lines]
    return "---\n" + "\n".join(front) + "\n---" + TEXT


def asks():
    story = Article.objects.get()
    hours = story.early_access_until and (story.early_access_until - story.published_at).total_seconds() / 3600
    return story.audience, len(story.ranks), hours, story.metered


def test_a_new_story_that_says_nothing_takes_its_sections_terms(culture, import_, folder):
    import_(folder("ferry.md", markdown()))
    assert asks() == (Audience.MEMBERS, 1, 24, True)


def test_a_section_that_an_import_makes_asks_for_nothing(import_, folder):
    import_(folder("ferry.md", markdown()))
    assert asks() == (Audience.EVERYONE, 0, None, False)


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("access: everyone", (Audience.EVERYONE, 0, 24, True)),
        ("access: members", (Audience.MEMBERS, 0, 24, True)),
        ("metered: false", (Audience.MEMBERS, 1, 24, False)),
        ("early_access_until: 2025-07-01T14:00", (Audience.MEMBERS, 1, 2, True)),
    ],
)
def test_what_a_file_says_stands_against_the_section(culture, import_, folder, line, asked):
    import_(folder("ferry.md", markdown(line)))
    assert asks() == asked


def test_a_changed_file_changes_no_terms_that_it_is_silent_about(culture, import_, folder):
    import_(folder("ferry.md", markdown()))
    culture.default_audience, culture.default_metered = Audience.EVERYONE, False
    culture.save()
    told = import_(folder("ferry.md", markdown().replace("came back", "came back at noon")))
    assert told.counts["updated"] == 1
    assert asks() == (Audience.MEMBERS, 1, 24, True)


def test_a_story_that_was_there_before_its_section_asked_for_anything_stays_open(import_, folder):
    import_(folder("ferry.md", markdown()))
    Section.objects.update(default_audience=Audience.MEMBERS)
    import_(folder("ferry.md", markdown().replace("came back", "came back at noon")))
    assert asks()[0] == Audience.EVERYONE


def test_a_moment_that_a_file_comes_to_say_stands_against_the_hours_that_were_taken(culture, import_, folder):
    import_(folder("ferry.md", markdown()))
    import_(folder("ferry.md", markdown("early_access_until: 2025-07-01T15:00")))
    assert asks()[2] == 3


@pytest.mark.parametrize("line", ["access: everyone", "metered: false", "early_access_until: 2025-07-01T14:00"])
def test_what_a_file_says_no_more_is_the_sections_again(culture, import_, folder, line):
    import_(folder("ferry.md", markdown(line)))
    import_(folder("ferry.md", markdown()))
    assert asks() == (Audience.MEMBERS, 1, 24, True)
