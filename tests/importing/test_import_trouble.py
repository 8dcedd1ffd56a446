"""Bad input and bad luck: what fails says so in one line, and everything else still comes in."""

import io
import sys

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, OperationalError

from articles import publishing
from articles.importing import load
from articles.importing.models import Origin, Sighting
from articles.models import Article, Body, Revision
from members.prompts.models import Campaign
from tests.importing.dumps import dump, related

MAIN, FERRY = "Council agrees on nothing", "Ferry stays in port"


def test_each_failure_is_one_line_and_the_good_stories_come_in(import_, folder):
    folder("a-good.txt", dump(stories=[related()]))
    folder("b-no-mark.txt", dump("Lost", mark="Tags", stories=[related("Found", "It was here.")]))
    folder("c-empty.txt", "\n \n")
    folder("d-access.md", "---\nheadline: Ferry\naccess: free\n---\n\nIt left.\n")
    folder("e-language.md", "---\nheadline: Ferry\nlanguage: xx\n---\n\nIt left.\n")
    folder("f-lost.txt", dump("Snow", body=("It fell.",), stories=[related("Lost", "", prompt=None)]))
    (folder() / "g-binary.txt").write_bytes(b"\x00\x01\x02")
    (folder() / "h-huge.txt").write_bytes(b"a" * 5_000_001)
    (folder() / "empty").mkdir()
    told = import_(folder(), folder() / "empty", folder() / "nowhere")

    assert told.status == 1
    assert told.counts == {"created": 4, "updated": 0, "unchanged": 0, "failed": 9}
    assert [line.removeprefix(f"{folder()}/").split(": ")[0] for line in told.lines] == [
        "b-no-mark.txt:2", "c-empty.txt:1", "d-access.md:3", "e-language.md:1", "f-lost.txt:21", "g-binary.txt:1", "h-huge.txt:1",
        "empty:1", "nowhere:1",
    ]  # fmt: skip
    failed = [story for story in told.stories if story["status"] == "failed"]
    assert [(story["line"], bool(story["reason"])) for story in failed][:4] == [
        (2, True),
        (1, True),
        (3, True),
        (1, True),
    ]
    assert sorted(Article.objects.values_list("headline", flat=True)) == [MAIN, FERRY, "Found", "Snow"]


def test_warnings_are_told_and_the_stories_come_in(import_, folder):
    folder("a.txt", dump(body=("It <b>rained</b>.", "And then the"), comments=("First!",)))
    (folder() / "b.txt").write_bytes(dump("Café", body=("It rained – once.",), prompt=None).encode("cp1252"))
    told = import_(folder())

    assert (told.status, told.counts["created"]) == (0, 2)
    said = [line.removeprefix(f"{folder()}/").split(": ", 1) for line in told.lines]
    assert [place for place, _text in said] == ["a.txt:15", "a.txt:8", "a.txt:9", "b.txt:2"]
    assert ["First!" in said[0][1], "<b>" in said[1][1], "mid-sentence" in said[2][1], "cp1252" in said[3][1]] == [
        True
    ] * 4
    assert Article.objects.filter(headline="Café").exists()


def test_text_is_never_markup(import_, folder):
    import_(folder("a.txt", dump("A <i>b</i>", body=("<script>alert(1)</script> & <img src=x onerror=y>.",))))
    article = Article.objects.get()
    [block] = Body.of(article.pk)
    assert block.html == "<p>&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;img src=x onerror=y&gt;.</p>"
    assert article.headline == "A <i>b</i>"


def test_one_story_that_the_database_refuses_does_not_lose_the_others(import_, folder, monkeypatch):
    save = publishing.save

    def refuse(drafts, **options):
        drafts = list(drafts)
        saved = save(drafts, **options)
        if any(draft.article.headline == FERRY for draft in drafts):
            raise IntegrityError("value too long\nfor this column")
        return saved

    monkeypatch.setattr(publishing, "save", refuse)
    folder("page.txt", dump(stories=[related(), related("Bread is dear", "It costs five.")]))
    told = import_(folder("z.txt", dump("Snow", body=("It fell.",))))

    assert (told.status, told.counts) == (1, {"created": 3, "updated": 0, "unchanged": 0, "failed": 1})
    assert told.lines == [f"{folder() / 'page.txt'}:24: the story was refused: value too long for this column"]
    assert told[MAIN]["related"] == ["bread-is-dear"]
    assert not Article.objects.filter(headline=FERRY).exists()

    monkeypatch.setattr(publishing, "save", save)
    told = import_(folder())
    assert told.counts == {"created": 1, "updated": 0, "unchanged": 3, "failed": 0}
    assert told[FERRY]["related"] == ["council-agrees-on-nothing"]


@pytest.mark.parametrize("where", ["articles.publishing.relate", "articles.importing.references.remember"])
def test_a_killed_run_leaves_nothing_half_written_and_goes_on_when_started_again(import_, folder, monkeypatch, where):
    monkeypatch.setattr(load, "STORIES_A_BATCH", 2)
    for number in range(4):
        folder(
            f"{number}.txt",
            dump(
                f"Page {number}",
                body=(f"Text {number}.",),
                stories=[related(f"Other {number}", f"It rained {number}.")],
            ),
        )
    module, name = where.rsplit(".", 1)
    work, calls = getattr(sys.modules[module], name), []

    def killed(*arguments):
        calls.append(arguments)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return work(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(sys.modules[module], name, killed)
        with pytest.raises(KeyboardInterrupt):
            import_(folder())
    rows = [model.objects.count() for model in (Article, Body, Revision, Origin, Sighting)]
    assert (rows, Campaign.objects.get().stories.count()) == ([4] * 5, 4)

    told = import_(folder())
    assert told.counts == {"created": 4, "updated": 0, "unchanged": 4, "failed": 0}
    assert all(len(story["related"]) == 1 for story in told.stories)


def test_a_database_that_stops_ends_the_run_with_a_word_on_how_to_go_on(import_, folder, monkeypatch):
    def gone(*_arguments, **_options):
        raise OperationalError("the connection is lost")

    monkeypatch.setattr(publishing, "publish", gone)
    with pytest.raises(CommandError, match=r"connection is lost.*again"):
        import_(folder("page.txt", dump()))


def test_an_unreadable_as_of_is_told(import_, folder):
    with pytest.raises(CommandError, match="soonish"):
        import_(folder("page.txt", dump()), as_of="soonish")


def test_plain_lines_tell_how_far_it_is_and_how_it_ended(db, folder):
    stdout = io.StringIO()
    call_command("import_articles", str(folder("page.txt", dump(stories=[related()]))), stdout=stdout)
    assert stdout.getvalue().splitlines() == ["1 of 1 files", "2 created, 0 updated, 0 unchanged, 0 failed"]


def test_without_a_path_the_sample_stories_come_in(import_, settings, tmp_path, folder):
    folder("seeds/page.txt", dump())
    settings.BASE_DIR = folder()
    assert import_().counts["created"] == 1
