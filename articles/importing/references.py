"""Stories that name others by external id or slug: remembered as they come, resolved when all have come."""

from django.db import transaction

from articles import publishing
from articles.importing.models import Origin, Reference
from articles.models import Article

ROWS_A_STEP = 500
Kind = Reference.Kind


def named(steps):
    """(id of the story, kind, external id or slug) of all that the stories of the steps name."""
    for step in steps:
        story = step.sight.story
        for key in story.related:
            yield step.known.pk, Kind.RELATED.value, key
        if story.translation_of:
            yield step.known.pk, Kind.TRANSLATION_OF.value, story.translation_of


def remember(steps):
    """Keep what the stories of the steps name. What was resolved once stays so, whatever an editor did to it since."""
    rows = [Reference(origin_id=pk, kind=kind, key=key) for pk, kind, key in named(steps)]
    Reference.objects.bulk_create(rows, batch_size=ROWS_A_STEP, ignore_conflicts=True)


def resolve(results, say):
    """Link what can be linked by now; what this run named in vain is told to `say(file, line, text)`."""
    last = 0
    while rows := list(Reference.objects.filter(resolved=False, pk__gt=last).order_by("pk")[:ROWS_A_STEP]):
        last = rows[-1].pk
        targets = _targets({row.key for row in rows})
        with transaction.atomic():
            _link([(row, targets[row.key]) for row in rows if row.key in targets])
        for row in rows:
            if row.key not in targets and (spot := results.spot(row.origin_id)):
                say(*spot, f"{row.kind}: no story has the id or slug {row.key!r} yet")


def _targets(keys):
    """{key: article id}; an external id goes before a slug."""
    slugs = dict(Article.objects.filter(slug__in=keys).values_list("slug", "pk"))
    return slugs | dict(Origin.objects.filter(external_id__in=keys).values_list("external_id", "pk"))


def _link(found):
    publishing.relate([(row.origin_id, target) for row, target in found if row.kind == Kind.RELATED])
    originals = {row.origin_id: target for row, target in found if row.kind == Kind.TRANSLATION_OF}
    articles = Article.objects.in_bulk(originals)
    for pk, article in articles.items():
        if originals[pk] != pk:
            article.translation_of_id = originals[pk]
    publishing.save([publishing.Draft(article) for article in articles.values()])
    Reference.objects.filter(pk__in=[row.pk for row, _target in found]).update(resolved=True)
