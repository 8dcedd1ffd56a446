"""Stories come in: what they become, how they are linked, and what a run tells of them."""

from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image as Picture

from articles.models import Article, Body, Image, Revision
from articles.tags.models import Tag
from members.prompts.models import Campaign
from tests.importing.conftest import NOON
from tests.importing.dumps import AUDIO, BODY, LINE, PROMPT, dump, related

# A bare date is noon where the newsroom is.
AS_OF = datetime(2025, 7, 4, 8, tzinfo=UTC)
MAIN, FERRY, BREAD = "Council agrees on nothing", "Ferry stays in port", "Bread is dear"
PAGE = dump(hashtags=("#UpperDzor",), stories=[related(audio=AUDIO), related(BREAD, "It costs five. Nobody pays.")])


def markdown(front, text="The ferry left.\n\nIt came back.\n\nNobody was on it."):
    return f"---\n{front}\n---\n\n{text}\n"


def article(headline):
    return Article.objects.get(headline=headline)


def test_a_page_becomes_published_stories(import_, folder):
    told = import_(folder("page.txt", PAGE))

    assert (told.counts, told.status, told.lines) == ({"created": 3, "updated": 0, "unchanged": 0, "failed": 0}, 0, [])
    main, ferry = article(MAIN), article(FERRY)
    assert {story.status for story in (main, ferry)} == {Article.Status.PUBLISHED}
    assert (main.published_at, main.source, main.section, main.audio) == (AS_OF, "", None, "off")
    assert (ferry.published_at, ferry.source, ferry.audio) == (AS_OF - timedelta(days=1), "OC Media", "registered")
    assert [block.kind for block in Body.of(main.pk)] == ["paragraph", "paragraph", "ad_break", "paragraph"]


def test_the_run_tells_each_story_as_it_stands(import_, folder):
    told = import_(folder("page.txt", PAGE))

    assert told[MAIN] == {
        "slug": "council-agrees-on-nothing", "headline": MAIN, "status": "created", "tags": ["Water", "Upper Dzor", "Dams"],
        "hashtags": ["UpperDzor"], "source": "", "published": "2025-07-04T08:00:00+00:00", "paragraphs": 3, "ad_breaks": [2],
        "audio_gate": False, "related": ["ferry-stays-in-port", "bread-is-dear"], "file": str(folder() / "page.txt"), "line": 2,
    }  # fmt: skip
    assert told[FERRY]["related"] == told[BREAD]["related"] == ["council-agrees-on-nothing"]
    assert (told[FERRY]["audio_gate"], told[FERRY]["ad_breaks"], told[FERRY]["line"]) == (True, [1], 25)


def test_a_hashtag_is_another_writing_of_its_tag(import_, folder):
    import_(folder("page.txt", PAGE))
    assert sorted(Tag.objects.values_list("name", flat=True)) == ["Dams", "Upper Dzor", "Water"]


def test_the_prompt_is_one_record_attached_to_the_stories_it_stood_in(import_, folder):
    import_(folder("page.txt", dump(stories=[related(), related(BREAD, "It costs five.", prompt=None)])))

    campaign = Campaign.objects.get()
    said = campaign.variants.get()
    assert (said.heading, said.text, said.pitch, said.button) == (*PROMPT, "Become a member")
    assert {row.story for row in campaign.stories.all()} == {article(MAIN).pk, article(FERRY).pk}


def test_without_as_of_a_file_s_own_time_is_its_date_and_never_later_than_now(import_, folder):
    import os

    path = folder("page.txt", PAGE) / "page.txt"
    os.utime(path, (NOON.timestamp() - 3600, NOON.timestamp() - 3600))
    import_(path, as_of=None)
    assert article(MAIN).published_at == NOON - timedelta(hours=1)

    late = folder("late.txt", dump("Tomorrow came", body=("It did.",))) / "late.txt"
    tomorrow = timezone.now().timestamp() + 86400
    os.utime(late, (tomorrow, tomorrow))
    import_(late, as_of=None)
    assert article("Tomorrow came").published_at <= timezone.now()


@time_machine.travel(datetime(2025, 7, 4, 6, tzinfo=UTC), tick=False)
def test_today_s_bare_date_is_not_later_than_now(import_, folder):
    import_(folder("page.txt", PAGE), as_of="2025-07-04")
    assert article(MAIN).published_at == datetime(2025, 7, 4, 6, tzinfo=UTC)


def test_markdown_brings_all_its_fields(import_, folder):
    front = """id: vc-1
headline: Ferry leaves
standfirst: Late.
section: Roads
tags: [Ferries]
authors: [Dato Kerim, Elza Marand]
published: 2025-07-01
access: members
preview: 1
metered: true
audio: members
early_access_until: 2025-07-09
corrections: [{date: 2025-07-02, text: It left at nine.}]"""
    told = import_(folder("ferry.md", markdown(front)))

    ferry = article("Ferry leaves")
    assert told["Ferry leaves"]["audio_gate"] is True
    assert (ferry.section.name, ferry.standfirst, ferry.audience, ferry.metered, ferry.audio) == (
        "Roads",
        "Late.",
        2,
        True,
        "members",
    )
    assert [author.name for author in ferry.authors.order_by("bylines__position")] == ["Dato Kerim", "Elza Marand"]
    assert [correction.text for correction in ferry.corrections.all()] == ["It left at nine."]
    assert ferry.preview == "<p>The ferry left.</p>"
    assert (ferry.published_at, ferry.early_access_until) == (
        datetime(2025, 7, 1, 8, tzinfo=UTC), datetime(2025, 7, 9, 8, tzinfo=UTC),
    )  # fmt: skip


def test_stories_are_linked_by_id_or_slug_even_to_one_that_comes_later(import_, folder):
    folder("a.md", markdown("id: a\nheadline: First\nrelated: [b, third]", "One."))
    told = import_(folder())
    assert [line.split(": ", 1)[1] for line in told.lines] == [
        "related: no story has the id or slug 'b' yet", "related: no story has the id or slug 'third' yet",
    ]  # fmt: skip

    folder("b.md", markdown("id: b\nheadline: Second", "Two."))
    told = import_(folder("c.md", markdown("headline: Third", "Three.")))
    assert told.lines == []
    assert sorted(told["First"]["related"]) == ["second", "third"]
    assert told["Second"]["related"] == told["Third"]["related"] == ["first"]


def test_translations_point_to_their_original(import_, folder):
    folder("a.ru.md", markdown("id: a-ru\nheadline: Паром\nlanguage: ru\ntranslation_of: a", "Ушёл."))
    import_(folder("b.md", markdown("id: a\nheadline: Ferry", "It left.")))
    assert article("Паром").translation_of == article("Ferry")


def test_images_are_stored_once_with_their_words(import_, folder, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    Picture.new("RGB", (640, 480), "navy").save(folder("x.txt") / "boat.png")
    (folder() / "x.txt").unlink()
    front = "headline: Ferry\nimage: boat.png\nimage_alt: A boat\nimage_credit: Elza"
    text = 'It left.\n\n![The same](boat.png "At dawn | Elza")\n\n![Gone](gone.png)'
    told = import_(folder("ferry.md", markdown(front, text)))

    image = Image.objects.get()
    assert (article("Ferry").image, image.alt, image.credit, image.caption) == (image, "A boat", "Elza", "")
    assert [block.attribute("data-image") for block in Body.of(article("Ferry").pk)] == [None, str(image.pk)]
    assert [line.split(": ", 1)[1] for line in told.lines] == ["the image gone.png is not there"]
    assert default_storage.exists(image.path(image.widths[0]))
    assert import_(folder()).counts["unchanged"] == 1


def test_the_words_of_a_figure_stand_in_the_text_and_nowhere_else(import_, folder, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    Picture.new("RGB", (640, 480), "navy").save(folder("x.txt") / "boat.png")
    (folder() / "x.txt").unlink()
    text = 'It left.\n\n![A "boat" > 3](boat.png "At dawn | Elza")\n\n![](boat.png "At noon")'
    import_(folder("ferry.md", markdown("headline: Ferry\naccess: members\npreview: 1", text)))

    image = Image.objects.get()
    assert (image.alt, image.caption, image.credit) == ("", "", "")
    _first, _wall, *figures = Body.of(article("Ferry").pk)
    assert [(figure.attribute("data-image"), figure.text) for figure in figures] == [
        (str(image.pk), "At dawn Elza"), (str(image.pk), "At noon"),
    ]  # fmt: skip
    assert figures[0].html.endswith("<figcaption>At dawn <small>Elza</small></figcaption></figure>")
    assert unescape(figures[0].html).count('data-alt="A "boat" > 3"') == 1


def test_a_picture_that_is_none_is_left_out_with_a_warning(import_, folder):
    folder("x.jpg", "no picture")
    told = import_(folder("ferry.md", markdown("headline: Ferry\nimage: x.jpg", "It left.")))
    assert told.counts["created"] == 1
    assert "x.jpg is left out" in told.lines[0]


def test_with_draft_new_stories_wait_in_the_desk(import_, folder):
    import_(folder("page.txt", PAGE), draft=True)
    assert set(Article.objects.values_list("status", flat=True)) == {Article.Status.DRAFT}


def test_a_dry_run_tells_all_and_writes_nothing(import_, folder, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    Picture.new("RGB", (64, 48)).save(folder("page.txt", PAGE) / "boat.png")
    folder("ferry.md", markdown("headline: Boat\nimage: boat.png", "It left."))
    folder("again.txt", dump(FERRY, body=(LINE.replace("Advertisement ", ""),), tags=None))
    told = import_(folder(), dry_run=True)

    assert told.counts == {"created": 4, "updated": 0, "unchanged": 0, "failed": 0}
    assert told[FERRY]["paragraphs"] == 1
    assert (told[MAIN]["slug"], told[MAIN]["related"]) == (
        "council-agrees-on-nothing",
        ["ferry-stays-in-port", "bread-is-dear"],
    )
    assert not Article.objects.exists()
    assert not Campaign.objects.exists()
    assert not (tmp_path / "media").exists()


def test_a_dry_run_tells_what_an_import_would_change(import_, folder):
    import_(folder("page.txt", PAGE))
    folder("page.txt", PAGE.replace(BODY[1], "It will not meet again."))
    told = import_(folder(), dry_run=True)

    assert told.statuses == {MAIN: "updated", FERRY: "unchanged", BREAD: "unchanged"}
    assert Revision.objects.count() == 3


@pytest.mark.parametrize("size", [1, 2, 1000])
def test_the_size_of_a_batch_changes_nothing(import_, folder, monkeypatch, size):
    monkeypatch.setattr("articles.importing.load.STORIES_A_BATCH", size)
    folder("page.txt", PAGE)
    folder(
        "z.txt",
        dump(
            FERRY, body=(LINE.replace("Advertisement ", ""),), stories=[related(BREAD, "It costs five. Nobody pays.")]
        ),
    )
    told = import_(folder())

    assert told.statuses == {MAIN: "created", FERRY: "created", BREAD: "created"}
    assert told[FERRY]["related"] == ["council-agrees-on-nothing", "bread-is-dear"]
