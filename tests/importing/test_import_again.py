"""Stories come in again: from other folders, at other times, in other orders, changed or not."""

import os
import tempfile
from itertools import permutations

import pytest

from articles import publishing
from articles.importing.results import Results
from articles.models import Article, Body, Related, Revision
from articles.publishing import Draft
from members.prompts.models import Campaign
from tests.importing.dumps import AUDIO, BODY, dump, related

MAIN, FERRY = "Council agrees on nothing", "Ferry stays in port"
# Longer than what stories are known by, so that the ends may differ.
START = (
    "The ferry stayed at its post on Friday, as it had on the nine days before, while forty people and two cows stood on "
    "the landing and watched the water climb over the lower step.",
    "The wind was blamed by the harbour office, which has blamed it for everything since the beginning of March.",
)
LINE = f"{' '.join(START)} Advertisement Nobody laughed."
PAGE = dump(stories=[related(text=LINE)])
FERRY_PAGE = dump(
    FERRY, tags="Ferries", body=(*START, "Somebody laughed."), stories=[related(MAIN, " ".join((*BODY[:2], BODY[3])))]
)


def text_of(headline):
    return " ".join(block.text for block in Body.of(Article.objects.get(headline=headline).pk) if block.text)


def unchanged(told, count):
    return told.counts == {"created": 0, "updated": 0, "unchanged": count, "failed": 0}


def test_the_same_import_again_changes_nothing(import_, folder):
    import_(folder("page.txt", PAGE))
    assert unchanged(import_(folder()), 2)
    assert (Revision.objects.count(), Related.objects.count()) == (2, 2)


def test_another_folder_another_time_and_another_as_of_change_nothing(import_, folder, tmp_path):
    import_(folder("page.txt", PAGE))
    other = folder("deep/er/page.txt", PAGE, under=tmp_path / "other")
    os.utime(other / "deep/er/page.txt", (1, 1))

    assert unchanged(import_(other, as_of="2025-08-01"), 2)
    assert unchanged(import_(other, as_of=None), 2)


def test_another_file_name_changes_nothing(import_, folder, tmp_path):
    import_(folder("page.txt", PAGE))
    assert unchanged(import_(folder("renamed.txt", PAGE, under=tmp_path / "other")), 2)


@pytest.mark.parametrize("order", list(permutations(["a", "b", "c"])))
def test_in_any_order_the_same_stories_stand_and_a_second_run_changes_nothing(import_, folder, tmp_path, order):
    pages = {
        "a": ("a.txt", PAGE),
        "b": ("b.txt", FERRY_PAGE),
        "c": (
            "c.txt",
            dump("Bread is dear", body=("It is.",), stories=[related(text=LINE + " A late addition.", audio=AUDIO)]),
        ),
    }
    paths = [folder(*pages[name], under=tmp_path / name) for name in order]
    told = import_(*paths)

    assert told.counts == {"created": 3, "updated": 0, "unchanged": 0, "failed": 0}
    assert unchanged(import_(*paths), 3)
    assert unchanged(import_(*reversed(paths)), 3)
    ferry = Article.objects.get(headline=FERRY)
    assert (ferry.source, ferry.audio, text_of(FERRY)) == (
        "OC Media",
        "registered",
        " ".join((*START, "Somebody laughed.")),
    )
    assert set(told[FERRY]["related"]) == {"council-agrees-on-nothing", "bread-is-dear"}


def test_paragraphs_win_over_one_line_whichever_came_first(import_, folder):
    import_(folder("a.txt", PAGE))
    told = import_(folder("b.txt", FERRY_PAGE))

    assert told[FERRY]["status"] == "updated"
    assert (told[FERRY]["file"], told[FERRY]["tags"]) == (str(folder() / "b.txt"), ["Ferries"])
    assert unchanged(import_(folder() / "a.txt"), 2)
    assert "Somebody laughed." in text_of(FERRY)


def test_a_lower_form_adds_the_source_and_the_audio_gate_and_nothing_else(import_, folder):
    import_(folder("a.txt", FERRY_PAGE))
    told = import_(folder("b.txt", dump("Snow", body=("It fell.",), stories=[related(text=LINE, audio=AUDIO)])))

    assert told[FERRY]["status"] == "updated"
    assert (told[FERRY]["source"], told[FERRY]["audio_gate"], told[FERRY]["file"]) == (
        "OC Media",
        True,
        str(folder() / "a.txt"),
    )
    assert "Somebody laughed." in text_of(FERRY)
    assert Revision.objects.filter(article__headline=FERRY).count() == 1


def test_a_changed_file_updates_its_story_and_makes_a_revision(import_, folder):
    import_(folder("page.txt", PAGE))
    told = import_(folder("page.txt", PAGE.replace(BODY[1], "It will not meet again.")))

    assert told.statuses == {MAIN: "updated", FERRY: "unchanged"}
    assert Revision.objects.filter(article__headline=MAIN).count() == 2
    assert "It will not meet again." in text_of(MAIN)


def test_a_changed_headline_is_the_same_story_by_its_text_and_place(import_, folder):
    import_(folder("page.txt", PAGE))
    told = import_(folder("page.txt", PAGE.replace(MAIN, "Council agrees on something")))
    assert told["Council agrees on something"]["status"] == "updated"
    assert told["Council agrees on something"]["slug"] == "council-agrees-on-nothing"


def test_a_file_that_goes_back_to_an_earlier_text_updates_again(import_, folder):
    changed = PAGE.replace(BODY[1], "It will not meet again.")
    for text, status in ((PAGE, "created"), (changed, "updated"), (PAGE, "updated"), (PAGE, "unchanged")):
        assert import_(folder("page.txt", text))[MAIN]["status"] == status
    assert BODY[1] in text_of(MAIN)


def test_what_an_editor_changed_since_stays_while_the_file_is_the_same(import_, folder, tmp_path):
    import_(folder("page.txt", PAGE))
    main = Article.objects.get(headline=MAIN)
    main.headline = "Council agrees after all"
    publishing.save([Draft(main, html="<p>Edited.</p>", tags=["Peace"])])
    Related.objects.all().delete()

    assert unchanged(import_(folder()), 2)
    assert unchanged(import_(folder("page.txt", PAGE, under=tmp_path / "other")), 2)
    main.refresh_from_db()
    assert (main.headline, text_of("Council agrees after all")) == ("Council agrees after all", "Edited.")
    assert not Related.objects.exists()


def test_an_update_leaves_the_status_the_date_and_what_the_file_is_silent_about(import_, folder):
    import_(folder("page.txt", PAGE))
    main = Article.objects.get(headline=MAIN)
    main.standfirst, main.source = "Ours.", "The Courier"
    publishing.withdraw([main])
    date = main.published_at
    import_(folder("page.txt", PAGE.replace(BODY[1], "It will not meet again.")), as_of="2025-07-20")

    main.refresh_from_db()
    assert (main.status, main.standfirst, main.source, main.published_at) == ("withdrawn", "Ours.", "The Courier", date)


def test_an_id_is_stronger_than_headline_text_and_place(import_, folder):
    story = "---\nid: vc-1\nheadline: Ferry leaves\n---\n\nIt left.\n"
    import_(folder("ferry.md", story))
    told = import_(
        folder("boat.md", story.replace("Ferry leaves", "Boat leaves").replace("It left.", "It left at nine."))
    )
    assert told["Boat leaves"]["status"] == "updated"

    told = import_(folder("boat.md", story.replace("vc-1", "vc-2").replace("Ferry leaves", "Boat leaves")))
    assert told.counts["created"] == 1


def test_a_story_of_the_same_headline_alone_is_another_one_with_a_warning(import_, folder):
    import_(folder("a.txt", dump(body=("Morning came.",))))
    told = import_(folder("b.txt", dump(body=("Evening fell.",))) / "b.txt")

    assert (told.counts["created"], told[MAIN]["slug"]) == (1, "council-agrees-on-nothing-2")
    assert told.lines == [
        f"{folder() / 'b.txt'}:2: another story has the same headline; this one is a story of its own"
    ]
    again = import_(folder())
    assert unchanged(again, 2)
    assert again.lines == told.lines


def test_two_known_sources_tell_stories_apart_and_an_unknown_one_does_not(import_, folder):
    import_(folder("a.txt", dump(stories=[related(text=LINE, source="OC Media")])))
    told = import_(
        folder("b.txt", dump("Snow", body=("It fell.",), stories=[related(text=LINE, source="Hill Radio")])) / "b.txt"
    )
    assert told[FERRY]["status"] == "created"

    told = import_(folder("c.txt", FERRY_PAGE) / "c.txt")
    assert told[FERRY]["status"] == "updated"
    assert Article.objects.filter(headline=FERRY).count() == 2


def test_a_late_reference_is_linked_although_the_story_says_nothing_new(import_, folder):
    folder("b.md", "---\nid: b\nheadline: Second\n---\n\nTwo.\n")
    import_(folder("a.md", "---\nid: a\nheadline: First\n---\n\nOne.\n"))
    told = import_(folder("a.md", "---\nid: a\nheadline: First\nrelated: [b]\n---\n\nOne.\n"))

    assert unchanged(told, 2)
    assert (told["First"]["related"], told["Second"]["related"]) == (["second"], ["first"])


def test_many_files_of_one_name_are_many_stories(import_, folder):
    for number in range(6):
        folder(f"{number}/index.md", f"---\nheadline: Story {number}\n---\n\nText number {number}.\n")
    assert import_(folder()).counts["created"] == 6
    assert unchanged(import_(folder()), 6)


OTHER = ("Somebody has to count.", "We count the votes.", "Count on us")


def attached():
    return {campaign.name: campaign.stories.count() for campaign in Campaign.objects.all()}


def test_another_prompt_at_a_known_place_replaces_the_one_that_stood_there(import_, folder):
    import_(folder("page.txt", PAGE))
    text = dump(prompt=OTHER, stories=[related(text=LINE, prompt=OTHER)])
    assert import_(folder("page.txt", text), dry_run=True).statuses == {MAIN: "updated", FERRY: "updated"}
    assert import_(folder("page.txt", text)).statuses == {MAIN: "updated", FERRY: "updated"}

    assert attached() == {"Keep the lamp lit.": 0, OTHER[0]: 2}
    assert unchanged(import_(folder()), 2)


def test_a_prompt_that_another_file_still_gives_stays(import_, folder):
    import_(folder("page.txt", PAGE), folder("other.txt", PAGE))
    import_(folder("page.txt", dump(prompt=OTHER, stories=[related(text=LINE, prompt=OTHER)])))
    assert attached() == {"Keep the lamp lit.": 2, OTHER[0]: 2}


def test_a_change_of_tags_alone_is_an_update_with_a_revision(import_, folder):
    import_(folder("page.txt", PAGE))
    for changed in (PAGE.replace("Water, ", "Fire, "), PAGE.replace("Hashtags", "Hashtags\n#Fire")):
        told = import_(folder("page.txt", changed))
        assert told.statuses == {MAIN: "updated", FERRY: "unchanged"}
    assert Revision.objects.filter(article__headline=MAIN).count() == 3


def test_what_is_taken_out_of_a_page_is_taken_out_of_its_stories(import_, folder):
    whole = dump(audio=AUDIO, hashtags=("#Fire",), stories=[related(text=LINE, audio=AUDIO)])
    import_(folder("page.txt", whole))
    told = import_(folder("page.txt", dump(tags=None, stories=[related(text=LINE)])))

    assert told.statuses == {MAIN: "updated", FERRY: "updated"}
    assert [(told[MAIN][name]) for name in ("tags", "hashtags", "audio_gate")] == [[], [], False]
    assert (told[FERRY]["audio_gate"], told[FERRY]["source"]) == (False, "OC Media")


def test_what_is_taken_out_of_front_matter_is_taken_out_of_its_story(import_, folder):
    front = "standfirst: Late.\nsection: Roads\ntags: [Ferries]\nauthors: [Dato Kerim]\nsource: OC Media\naccess: members\nupdated: 2025-07-02"
    import_(folder("a.md", f"---\nheadline: Ferry\n{front}\n---\n\nIt left.\n"))
    import_(folder("a.md", "---\nheadline: Ferry\n---\n\nIt left.\n"))

    ferry = Article.objects.get()
    assert (ferry.standfirst, ferry.section, ferry.audience, ferry.bylines.count(), ferry.tagged.count()) == (
        "",
        None,
        0,
        0,
        0,
    )
    assert (ferry.source, ferry.updated_at.day) == ("OC Media", 2)


def test_nothing_is_left_on_the_disk_however_a_run_ends(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("SQLITE_TMPDIR", str(tmp_path))
    with Results() as results:
        results.scratch.execute("INSERT INTO failure VALUES ('a', 1, ?)", ("x" * 9_000_000,))
        assert list(tmp_path.iterdir()) == []
