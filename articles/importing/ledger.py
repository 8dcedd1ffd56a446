"""Where what is known of imported stories is kept: the database, and for a dry run a scratch file over it."""

import json

from django.db.models import Q

from articles.importing.identity import Known, Seen
from articles.importing.models import Origin, Sighting

ROWS_A_STATEMENT = 500
FIELDS = ("external_id", "headline_key", "text_key", "source", "form", "digest")


# A dry run's own tables.
SCRATCH = """
    CREATE TABLE known (pk INTEGER PRIMARY KEY, headline TEXT, text TEXT, id TEXT, told TEXT);
    CREATE INDEX known_headline ON known (headline);
    CREATE INDEX known_text ON known (text);
    CREATE INDEX known_id ON known (id);
    CREATE TABLE seen (
        pk INTEGER, name TEXT, place INTEGER, digest TEXT, prompt TEXT, said TEXT, UNIQUE (pk, name, place)
    );
    CREATE INDEX seen_digest ON seen (digest);
"""
BY_KEYS = "SELECT pk FROM known WHERE headline = ? OR text = ? OR id = ?"
SPOTS = "SELECT name, place, digest, prompt, said FROM seen WHERE pk = ?"
BY_DIGEST = "SELECT DISTINCT pk FROM seen WHERE digest = ?"


class Ledger:
    """The tables of this room."""

    def known(self, sights):
        """The `Known` stories that any of the sights may be, with what was seen of them at the sights' places."""
        digests = {sight.digest for sight in sights}
        writings = list(Sighting.objects.filter(digest__in=digests).values_list("origin", "digest").distinct())
        found = {}
        for pk, *values in Origin.objects.filter(_matching(sights, writings)).values_list("pk", *FIELDS):
            found[pk] = Known(pk, **dict(zip(FIELDS, values, strict=True)))
        for pk, digest in writings:
            found[pk].digests.add(digest)
        # A file's name alone makes no story known: there may be ten thousand index.md.
        spots = Sighting.objects.filter(name__in={sight.name for sight in sights}, origin__in=list(found))
        for pk, name, place, *told in spots.values_list("origin", "name", "place", "digest", "prompt", "said"):
            found[pk].seen[name, place] = Seen(*told)
            found[pk].digests.add(told[0])
        return sorted(found.values(), key=lambda known: known.pk)

    def keep(self, changed, seen):
        """Remember the keys of changed `Known` stories, and sights: (`Known`, `Sight`) pairs."""
        Origin.objects.bulk_create(
            [Origin(article_id=known.pk, **{name: getattr(known, name) for name in FIELDS}) for known in changed],
            batch_size=ROWS_A_STATEMENT, update_conflicts=True, unique_fields=["article"], update_fields=FIELDS,
        )  # fmt: skip
        rows = {
            (known.pk, sight.spot): Sighting(
                origin_id=known.pk, name=sight.name, place=sight.story.place, **sight.seen._asdict()
            )
            for known, sight in seen
        }
        Sighting.objects.bulk_create(
            rows.values(), batch_size=ROWS_A_STATEMENT,
            update_conflicts=True, unique_fields=["name", "place", "origin"],
            update_fields=Seen._fields,
        )  # fmt: skip


class DryLedger(Ledger):
    """Reads the database and writes a scratch file: what would be known if the run were not dry."""

    def __init__(self, scratch):
        self.scratch = scratch  # an open sqlite3 connection
        self.last = 0
        scratch.executescript(SCRATCH)

    def known(self, sights):
        found = {known.pk: known for known in super().known(sights)}
        pks = set(found)
        for sight in sights:
            keys = (sight.headline_key, sight.text_key or None, sight.story.external_id or None)
            pks.update(pk for (pk,) in self.scratch.execute(BY_KEYS, keys))
            pks.update(pk for (pk,) in self.scratch.execute(BY_DIGEST, (sight.digest,)))
        for pk in pks:
            self._read(found.setdefault(pk, Known(pk)))
        return sorted(found.values(), key=lambda known: (known.pk < 0, abs(known.pk)))

    def keep(self, changed, seen):
        for known in changed:
            if known.pk is None:
                self.last -= 1
                known.pk = self.last
            told = json.dumps({name: getattr(known, name) for name in FIELDS})
            row = (known.pk, known.headline_key, known.text_key, known.external_id, told)
            self.scratch.execute("INSERT OR REPLACE INTO known VALUES (?, ?, ?, ?, ?)", row)
        rows = [(known.pk, *sight.spot, *sight.seen) for known, sight in seen]
        self.scratch.executemany("INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?, ?, ?)", rows)

    def _read(self, known):
        for (told,) in self.scratch.execute("SELECT told FROM known WHERE pk = ?", (known.pk,)):
            for name, value in json.loads(told).items():
                setattr(known, name, value)
        for name, place, *told in self.scratch.execute(SPOTS, (known.pk,)):
            known.seen[name, place] = Seen(*told)
            known.digests.add(told[0])


def _matching(sights, writings):
    return (
        Q(headline_key__in={sight.headline_key for sight in sights})
        | Q(text_key__in={sight.text_key for sight in sights} - {""})
        | Q(external_id__in={sight.story.external_id for sight in sights} - {""})
        | Q(pk__in={pk for pk, _digest in writings})
    )
