"""What a dry run gives out instead of the database: addresses, names of tags, links. Kept in the run's scratch file."""

from articles.importing.models import Origin, Reference
from articles.models import Article
from articles.models.address import free_slugs
from articles.tags.models import Tag, fold

SCRATCH = """
    CREATE TABLE slug (slug TEXT PRIMARY KEY, pk INTEGER UNIQUE);
    CREATE TABLE tag (key TEXT PRIMARY KEY, name TEXT);
    CREATE TABLE reference (pk INTEGER, kind TEXT, key TEXT, UNIQUE (pk, kind, key));
"""
GIVEN = "SELECT slug FROM slug WHERE slug = :stem OR (slug > :stem || '-' AND slug < :stem || '.')"


def give_slugs(scratch, stems):
    """Give each new story an address that neither the site nor this run has given. stems: {pk: stem}, in order."""
    for pk, stem in stems.items():
        taken = {slug for (slug,) in scratch.execute(GIVEN, {"stem": stem})}
        held = Article.objects.filter(slug__startswith=f"{stem}-").values_list("slug", flat=True)
        if taken or Article.objects.filter(slug=stem).exists():
            taken |= {stem, *held}
        scratch.execute("INSERT INTO slug VALUES (?, ?)", (free_slugs([stem], taken)[0], pk))


def slugs_of(scratch, pks):
    """{pk: address} of stored stories and of those that the dry run would make."""
    found = dict(Article.objects.filter(pk__in=[pk for pk in pks if pk > 0]).values_list("pk", "slug"))
    for pk in pks:
        if row := scratch.execute("SELECT slug FROM slug WHERE pk = ?", (pk,)).fetchone():
            found[pk] = row[0]
    return found


def remember_tags(scratch, names):
    """The first writing of a tag is its name."""
    rows = [(fold(name), " ".join(name.split())) for name in names if name.strip()]
    scratch.executemany("INSERT OR IGNORE INTO tag VALUES (?, ?)", rows)


def tag_names(scratch, names):
    """The names as the site writes them, or would once the run had been; each tag once."""
    keys = list(dict.fromkeys(fold(name) for name in names))
    found = {fold(name): name for name in reversed(names)}
    for key in keys:
        if row := scratch.execute("SELECT name FROM tag WHERE key = ?", (key,)).fetchone():
            found[key] = row[0]
    found |= dict(Tag.objects.filter(key__in=keys).values_list("key", "name"))
    return [found[key] for key in keys]


def remember_references(scratch, rows):
    """rows: (pk, kind, key) of what stories name."""
    scratch.executemany("INSERT OR IGNORE INTO reference VALUES (?, ?, ?)", rows)


def resolve(results, say):
    """As `references.resolve`, on paper: link what could be linked, tell what was named in vain."""
    scratch = results.scratch
    settled = Reference.objects.filter(resolved=True)
    remember_references(scratch, Reference.objects.filter(resolved=False).values_list("origin_id", "kind", "key"))
    for pk, kind, key in scratch.execute("SELECT pk, kind, key FROM reference ORDER BY rowid").fetchall():
        if settled.filter(origin=pk, kind=kind, key=key).exists():
            continue
        target = _target(scratch, key)
        if target is None:
            if spot := results.spot(pk):
                say(*spot, f"{kind}: no story has the id or slug {key!r} yet")
        elif kind == Reference.Kind.RELATED and target != pk:
            results.link([(pk, target)])


def _target(scratch, key):
    """The id of the story of that external id or, after it, slug."""
    stored = Origin.objects.filter(external_id=key).values_list("pk", flat=True).first()
    made = scratch.execute("SELECT pk FROM known WHERE id = ?", (key,)).fetchone()
    slug = scratch.execute("SELECT pk FROM slug WHERE slug = ?", (key,)).fetchone()
    if stored or made or slug:
        return stored or (made or slug)[0]
    return Article.objects.filter(slug=key).values_list("pk", flat=True).first()
