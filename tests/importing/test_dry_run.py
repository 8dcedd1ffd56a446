"""A dry run tells beforehand what the run then tells."""

import pytest

from tests.importing.dumps import AUDIO, LINE, dump, related
from tests.importing.test_import_again import LINE as LONG_LINE

FERRY = "Ferry stays in port"
NOTE = "---\nid: {id}\nheadline: {headline}\ntags: [upper dzor, Ferries]\nrelated: [council-agrees-on-nothing, b]\n---\n\nIt left {id}.\n"


def agree(import_, *paths):
    before = import_(*paths, dry_run=True)
    after = import_(*paths)
    assert before.stories == after.stories
    assert (before.counts, before.lines) == (after.counts, after.lines)
    return after


@pytest.mark.parametrize("size", [1, 1000])
def test_of_new_stories(import_, folder, monkeypatch, size):
    monkeypatch.setattr("articles.importing.load.STORIES_A_BATCH", size)
    folder("a.txt", dump(stories=[related(), related("Bread is dear", "It costs five.", audio=AUDIO)]))
    folder("b.txt", dump(body=("Quite another council.",), hashtags=("#UpperDzor",)))
    folder("c.txt", dump(FERRY, body=(LINE.replace("Advertisement ", ""),), tags=None))
    folder("d.md", NOTE.format(id="a", headline="Boat"))
    folder("e.md", NOTE.format(id="b", headline="???"))
    told = agree(import_, folder())
    assert [story["slug"] for story in told.stories] == [
        "council-agrees-on-nothing", "ferry-stays-in-port", "bread-is-dear", "council-agrees-on-nothing-2", "boat", "b",
    ]  # fmt: skip


def test_of_stories_beside_those_that_stand(import_, folder):
    import_(folder("a.txt", dump(stories=[related()])))
    folder("b.txt", dump(body=("Quite another council.",), tags="UPPER dzor, Fire"))
    folder("c.txt", dump(FERRY, body=("Another ferry altogether.",)))
    folder("a.txt", dump(tags=None, stories=[related(audio=AUDIO)]))
    told = agree(import_, folder())
    assert {"council-agrees-on-nothing-2", "ferry-stays-in-port-2"} <= {story["slug"] for story in told.stories}


def test_of_a_lower_form_that_fills(import_, folder):
    import_(folder("a.txt", dump(FERRY, body=LONG_LINE.split(" Advertisement "))))
    text = LONG_LINE + " More."
    told = agree(
        import_, folder("b.txt", dump("Snow", body=("It fell.",), stories=[related(text=text, audio=AUDIO)])) / "b.txt"
    )
    assert (told[FERRY]["paragraphs"], told[FERRY]["ad_breaks"], told[FERRY]["source"]) == (2, [], "OC Media")


def test_the_stored_text_is_told_where_only_a_lower_form_is_met(import_, folder):
    import_(folder("a.txt", dump(FERRY, body=(*LONG_LINE.split(" Advertisement "), "And more."))))
    folder("b.txt", dump("Snow", body=("It fell.",), stories=[related(text=LONG_LINE)]))
    import_(folder() / "b.txt")
    told = agree(import_, folder() / "b.txt")
    assert (told[FERRY]["status"], told[FERRY]["paragraphs"], told[FERRY]["ad_breaks"]) == ("unchanged", 3, [])
