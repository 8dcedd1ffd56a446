"""What a run did, story by story, kept in a scratch file so that memory does not grow with the archive."""

import json
import sqlite3
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC

from articles.importing import rehearsal
from articles.models import Article, ArticleTag, Body, Related
from articles.models.address import slug_of

CREATED, UPDATED, UNCHANGED, FAILED = "created", "updated", "unchanged", "failed"
STATUSES = (CREATED, UPDATED, UNCHANGED, FAILED)
ROWS_A_STEP = 200


@dataclass(frozen=True, slots=True)
class Result:
    """One writing of a story: its article's id (below 0 in a dry run), what happened, and what it says of itself.

    stands: whether this writing was taken over in this run. rank: else the higher of two results of one story is told.
    changes, fills: in a dry run, what would be written over what is stored, and what where nothing is.
    """

    pk: int
    status: str
    stands: bool
    rank: int
    told: dict
    changes: dict = field(default_factory=dict)
    fills: dict = field(default_factory=dict)


class Results:
    """Keeps results and failures; a story's result is that of the writing that won."""

    def __init__(self):
        # Without a name SQLite unlinks the file once it is open: a killed run leaves nothing behind.
        self.scratch = sqlite3.connect("", isolation_level=None)
        self.scratch.execute("PRAGMA journal_mode=OFF")
        self.scratch.execute("PRAGMA synchronous=OFF")
        self.scratch.execute(
            "CREATE TABLE story (pk INTEGER PRIMARY KEY, number INTEGER, status TEXT, rank INTEGER, told TEXT,"
            " changes TEXT, fills TEXT)"
        )
        self.scratch.executescript(rehearsal.SCRATCH)
        self.scratch.execute("CREATE TABLE link (pk INTEGER, other INTEGER, UNIQUE (pk, other))")
        self.scratch.execute("CREATE TABLE failure (file TEXT, line INTEGER, reason TEXT)")
        self.number = 0

    def __enter__(self):
        return self

    def __exit__(self, *_raised):
        self.scratch.close()

    def add(self, result):
        """A story counts once a run: created, if it was made in it; else updated, if anything of it was."""
        self.number += 1
        row = self.scratch.execute(
            "SELECT status, rank, changes, fills FROM story WHERE pk = ?", (result.pk,)
        ).fetchone()
        if row is None:
            values = (result.pk, self.number, result.status, result.rank, json.dumps(result.told))
            values += json.dumps(result.changes), json.dumps(result.fills)
            self.scratch.execute("INSERT INTO story VALUES (?, ?, ?, ?, ?, ?, ?)", values)
            return
        status = min(row[0], result.status, key=STATUSES.index)
        changes, fills = json.loads(row[2]) | result.changes, result.fills | json.loads(row[3])
        values = status, json.dumps(changes), json.dumps(fills), result.pk
        self.scratch.execute("UPDATE story SET status = ?, changes = ?, fills = ? WHERE pk = ?", values)
        if result.stands or result.rank > row[1]:
            self.scratch.execute(
                "UPDATE story SET rank = ?, told = ? WHERE pk = ?", (result.rank, json.dumps(result.told), result.pk)
            )

    def link(self, pairs):
        rows = [pair for a, b in pairs for pair in ((a, b), (b, a))]
        self.scratch.executemany("INSERT OR IGNORE INTO link VALUES (?, ?)", rows)

    def fail(self, failure):
        self.scratch.execute("INSERT INTO failure VALUES (?, ?, ?)", (failure.file, failure.line, failure.reason))

    def counts(self):
        """{status: number of stories}; each failure counts as one."""
        counts = Counter(dict.fromkeys(STATUSES, 0))
        counts.update(dict(self.scratch.execute("SELECT status, count(*) FROM story GROUP BY status")))
        counts[FAILED] = self.scratch.execute("SELECT count(*) FROM failure").fetchone()[0]
        return dict(counts)

    def stories(self):
        """Yields each story once as a dict of plain values, in the order of the run, failures last."""
        rows = self.scratch.execute("SELECT pk, status, told, changes, fills FROM story ORDER BY number")
        while step := rows.fetchmany(ROWS_A_STEP):
            stored = _stored([row[0] for row in step])
            for pk, status, told, changes, fills in step:
                story = _merged(json.loads(told), stored.get(pk, {})) | json.loads(changes) | {"status": status}
                story |= {name: value for name, value in json.loads(fills).items() if not story[name]}
                if pk < 0:
                    story["slug"] = rehearsal.slugs_of(self.scratch, [pk]).get(pk, story["slug"])
                if changes != "{}":
                    story["tags"] = rehearsal.tag_names(self.scratch, story["tags"])
                story["related"] = list(dict.fromkeys([*story.get("related", ()), *self._linked(pk)]))
                yield story
        for file, line, reason in self.scratch.execute("SELECT file, line, reason FROM failure ORDER BY rowid"):
            yield EMPTY | {"status": FAILED, "file": file, "line": line, "reason": reason}

    def spot(self, pk):
        """(file, line) of a story that was in this run, else None."""
        row = self.scratch.execute("SELECT told FROM story WHERE pk = ?", (pk,)).fetchone()
        story = json.loads(row[0]) if row else None
        return story and (story["file"], story["line"])

    def _linked(self, pk):
        """Slugs of stories that a dry run would link."""
        rows = self.scratch.execute("SELECT other FROM link WHERE pk = ? ORDER BY rowid", (pk,))
        others = [other for (other,) in rows]
        slugs = rehearsal.slugs_of(self.scratch, others)
        return [slugs[other] for other in others if other in slugs]


EMPTY = {
    "slug": "", "headline": "", "status": "", "tags": [], "hashtags": [], "source": "", "published": None,
    "paragraphs": 0, "ad_breaks": [], "audio_gate": False, "related": [], "file": "", "line": 0,
}  # fmt: skip

# What an import writes of that.
WRITTEN = ("headline", "tags", "hashtags", "source", "published", "paragraphs", "ad_breaks", "audio_gate")


def told(story, file):
    """What a file says of a story, as a result tells it."""
    return EMPTY | {
        "slug": slug_of(story.headline, story.external_id), "headline": story.headline, "tags": list(story.tags),
        "hashtags": list(story.hashtags), "source": story.source,
        "published": story.published.astimezone(UTC).isoformat() if story.published else None,
        "paragraphs": story.paragraphs, "ad_breaks": story.ad_breaks,
        "audio_gate": story.audio not in ("", Article.Audio.OFF),
        "file": file, "line": story.line,
    }  # fmt: skip


def _merged(told, stored):
    """The story as it is stored; names in the file's order where they are the same."""
    same = {name: told[name] for name in ("tags", "hashtags") if sorted(told[name]) == sorted(stored.get(name, ()))}
    return told | stored | same


def _counts(blocks):
    """The numbers of paragraphs in all, and before each ad break."""
    count, breaks = 0, []
    for block in blocks:
        count += block.kind == "paragraph"
        if block.kind == "ad_break":
            breaks.append(count)
    return {"paragraphs": count, "ad_breaks": breaks}


def _stored(pks):
    """What the database says of the stories, {pk: dict}."""
    found = {}
    for article in Article.objects.filter(pk__in=pks):
        found[article.pk] = {
            "slug": article.slug, "headline": article.headline, "tags": [], "hashtags": [], "source": article.source,
            "published": article.published_at.isoformat() if article.published_at else None,
            "audio_gate": article.audio != Article.Audio.OFF, "related": [],
        }  # fmt: skip
    for pk, blocks in Body.of_many(pks).items():
        found[pk] |= _counts(blocks)
    for link in ArticleTag.objects.filter(content_object__in=pks).select_related("tag"):
        if link.listed:
            found[link.content_object_id]["tags"].append(link.tag.name)
        if link.hashtag:
            found[link.content_object_id]["hashtags"].append(link.hashtag)
    for pk, slug in Related.objects.filter(article__in=pks).values_list("article", "other__slug"):
        found[pk]["related"].append(slug)
    return found
