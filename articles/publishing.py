"""Save, publish and withdraw stories: one or thousands, in one transaction, and what follows from it.

The only writer of `Body`, `Revision` and of the public fields that are worked out from a text.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max, OuterRef, Subquery
from django.utils import timezone

from articles import body
from articles.models import (
    Article,
    ArticlePlan,
    ArticleTag,
    Author,
    Body,
    Byline,
    Correction,
    Related,
    Revision,
    Section,
)
from articles.models.address import free_slugs, slug_of
from articles.models.author import one_line
from articles.reading import tasks as compiling
from articles.tags.models import Tag, fold
from newsroom.ground import stamps

EXCERPT_LENGTH = 240
ROWS_A_STATEMENT = 500


class Stale(Exception):
    """A story was saved by somebody else since it was read: writing what is held would undo that. Read it again."""

    def __init__(self, article):
        super().__init__(f"“{article}” was saved by somebody else since version {article.version}.")
        self.article = article


@dataclass
class Draft:
    """A story as it should become. What is None stays as it is.

    article: a new `Article`, or a stored one with changes. html: any markup. section, tags, hashtags (without #) and
    authors: names, in order; rows are made for new ones. corrections: (moment, text) pairs, the whole list.
    plans: ids of those that it is for. as_section: which of `models.author.LENT` it takes over from its section as that
    is now, if it has one: for new stories whose author chose nothing. external_id: gives a story its address when its
    headline has no letters. revise: make a revision even where headline, standfirst and text are the same.
    """

    article: Article
    html: str | None = None
    section: str | None = None
    tags: list[str] | None = None
    hashtags: list[str] | None = None
    authors: list[str] | None = None
    corrections: list[tuple[datetime, str]] | None = None
    plans: list[int] | None = None
    as_section: frozenset[str] = frozenset()
    external_id: str = ""
    revise: bool = False


def publish(drafts, *, by=None, reason="", at=None):
    """Save the drafts as published stories, from `at` (aware; default now) on where they have no date. Returns them."""
    moment = at or timezone.now()
    for draft in drafts:
        draft.article.status = Article.Status.PUBLISHED
        draft.article.published_at = draft.article.published_at or moment
    return save(drafts, by=by, reason=reason)


def withdraw(articles, *, by=None, reason=""):
    """Take stories off the site; they stay in the desk."""
    for article in articles:
        article.status = Article.Status.WITHDRAWN
    return save([Draft(article) for article in articles], by=by, reason=reason)


def save(drafts, *, by=None, reason=""):
    """Save the drafts with the status they have; returns their articles, all with keys. All or nothing.

    Raises Stale where a story has moved on since it was read. by: the account that did it. reason: a few words for the
    revisions that are made where a text, headline or standfirst changed.
    """
    drafts = list(drafts)
    with transaction.atomic():
        # Two who give out addresses, tags or numbers of revisions at once would give the same ones.
        stamps.hold()
        _refuse_stale([draft.article for draft in drafts if draft.article.pk is not None])
        _plain(drafts)
        _sections(drafts)
        _terms(drafts)
        texts = _texts(drafts)
        _articles(drafts)
        _write_texts(drafts, texts, by, reason)
        _plans(drafts)
        _tags(drafts)
        _bylines(drafts)
        _corrections(drafts)
        compiling.enqueue([draft.article for draft in drafts])
    return [draft.article for draft in drafts]


def rehearse(draft):
    """Make of a draft's article what `save` would, as far as readers see it: terms and preview. Writes nothing."""
    _terms([draft])
    if draft.html is not None:
        _derive(draft.article, body.canonical(draft.html))


def relate(pairs):
    """Link stories in both directions: pairs of ids. Links that are there stay where they are."""
    wanted = dict.fromkeys((a, b) for pair in pairs for a, b in (pair, pair[::-1]) if a != b)
    with transaction.atomic():
        stamps.hold()
        sources = {a for a, _b in wanted}
        held = set(Related.objects.filter(article__in=sources).values_list("article_id", "other_id"))
        last = dict(
            Related.objects.filter(article__in=sources).order_by().values_list("article").annotate(Max("position"))
        )
        rows = []
        for a, b in wanted:
            if (a, b) not in held:
                last[a] = last.get(a, -1) + 1
                rows.append(Related(article_id=a, other_id=b, position=last[a]))
        Related.objects.bulk_create(rows, batch_size=ROWS_A_STATEMENT, ignore_conflicts=True)


def unrelate(pairs):
    """Take the links between stories away, in both directions: pairs of ids."""
    others = {}
    for a, b in pairs:
        others.setdefault(a, set()).add(b)
        others.setdefault(b, set()).add(a)
    with transaction.atomic():
        stamps.hold()
        for article, gone in others.items():
            Related.objects.filter(article=article, other__in=gone).delete()


def arrange_related(article_id, other_ids):
    """Put an article's own links into the order of these ids; others keep their places behind them."""
    with transaction.atomic():
        stamps.hold()
        links = {link.other_id: link for link in Related.objects.filter(article=article_id)}
        behind = [other for other in links if other not in set(other_ids)]
        for position, other in enumerate([*other_ids, *behind]):
            if other in links:
                links[other].position = position
        Related.objects.bulk_update(links.values(), ["position"], batch_size=ROWS_A_STATEMENT)


def _refuse_stale(articles):
    stored = dict(Article.objects.filter(pk__in=[article.pk for article in articles]).values_list("pk", "version"))
    for article in articles:
        if stored.get(article.pk) != article.version:
            raise Stale(article)


def _plain(drafts):
    """Control characters out of what stands in one line: XML, and so a feed, cannot say them at all."""
    for article in (draft.article for draft in drafts):
        article.headline, article.standfirst, article.source = map(
            body.printable, (article.headline, article.standfirst, article.source)
        )


def _sections(drafts):
    for language in {draft.article.language for draft in drafts if draft.section}:
        named = [draft for draft in drafts if draft.section and draft.article.language == language]
        found = Section.objects.named([draft.section for draft in named], language=language)
        for draft in named:
            draft.article.section = found[one_line(draft.section)]


def _terms(drafts):
    """What the section says, for whom it is left to the section; and until when members are first, for whom that is
    counted from publication: it moves with a date that is moved."""
    for draft in drafts:
        article = draft.article
        if article.section and draft.as_section:
            article.section.lend(article, draft.as_section)
            if "audience" in draft.as_section:
                draft.plans = article.section.plan_ids
        if article.early_access_hours and article.published_at:
            article.early_access_until = article.published_at + timedelta(hours=article.early_access_hours)


def _texts(drafts):
    """The canonical HTML of each draft that has a new text, and its public fields worked out from it."""
    kept = _kept_texts([draft.article.pk for draft in drafts if draft.html is None and draft.article.pk])
    texts = {}
    for number, draft in enumerate(drafts):
        parts = body.canonical(draft.html) if draft.html is not None else kept.get(draft.article.pk, [])
        texts[number] = body.html(parts)
        _derive(draft.article, parts)
    return texts


def _kept_texts(ids):
    return Body.of_many(ids)


def _derive(article, parts):
    preview, rest = body.split_preview(parts)
    free = " ".join(block.text for block in preview if block.kind == "paragraph")
    article.preview = body.html(preview)
    article.excerpt = _cut(article.standfirst or free)
    article.words = body.words(parts)
    article.paragraphs_after = sum(block.kind == "paragraph" for block in rest)


def _cut(text):
    """The beginning of a text, whole words of it."""
    if len(text) <= EXCERPT_LENGTH:
        return text
    return f"{text[:EXCERPT_LENGTH].rpartition(' ')[0] or text[:EXCERPT_LENGTH]} …"


def _articles(drafts):
    new = [draft.article for draft in drafts if draft.article.pk is None]
    held = [draft.article for draft in drafts if draft.article.pk is not None]
    _address([draft for draft in drafts if not draft.article.slug])
    for article in [*new, *held]:
        article.version += 1
    Article.objects.bulk_create(new, batch_size=ROWS_A_STATEMENT)
    if held:
        fields = [field.name for field in Article._meta.concrete_fields if not field.primary_key]
        Article.objects.bulk_update(held, fields, batch_size=20)


def _address(drafts):
    stems = [slug_of(draft.article.headline, draft.external_id) for draft in drafts]
    taken = _held_slugs(stems)
    wanted = Counter(stems)
    for stem in {stem for stem in stems if stem in taken or wanted[stem] > 1}:
        taken |= _held_numbers(stem, wanted[stem])
    for draft, slug in zip(drafts, free_slugs(stems, taken), strict=True):
        draft.article.slug = slug


def _held_slugs(slugs):
    return set(Article.objects.filter(slug__in=slugs).values_list("slug", flat=True))


def _held_numbers(stem, wanted):
    """The numbered forms of a stem that are held, as far as is needed to find so many free ones."""
    held, first = set(), 2
    while True:
        numbered = [f"{stem}-{number}" for number in range(first, first + ROWS_A_STATEMENT)]
        found = _held_slugs(numbered)
        held |= found
        if len(numbered) - len(found) >= wanted:
            return held
        first += ROWS_A_STATEMENT


def _write_texts(drafts, texts, by, reason):
    ids = [draft.article.pk for draft in drafts]
    latest = _latest_revisions(ids)
    numbers = dict(Revision.objects.filter(article__in=ids).order_by().values_list("article").annotate(Max("number")))
    now = timezone.now()
    bodies, revisions = [], []
    for number, draft in enumerate(drafts):
        article, html = draft.article, texts[number]
        if latest.get(article.pk) == (article.headline, article.standfirst, html) and not draft.revise:
            continue
        bodies.append(Body(article=article, html=html))
        revisions.append(
            Revision(
                article=article,
                number=numbers.get(article.pk, 0) + 1,
                headline=article.headline,
                standfirst=article.standfirst,
                html=html,
                reason=reason,
                author=by,
                created_at=now,
            )
        )
    Body.objects.bulk_create(
        bodies, batch_size=ROWS_A_STATEMENT, update_conflicts=True, unique_fields=["article"], update_fields=["html"]
    )
    Revision.objects.bulk_create(revisions, batch_size=ROWS_A_STATEMENT)


def _latest_revisions(ids):
    newest = Revision.objects.filter(article=OuterRef("article")).order_by("-number").values("number")[:1]
    rows = Revision.objects.filter(article__in=ids, number=Subquery(newest))
    return {pk: tuple(said) for pk, *said in rows.values_list("article", "headline", "standfirst", "html")}


def _plans(drafts):
    told = [draft for draft in drafts if draft.plans is not None]
    if not told:
        return
    ArticlePlan.objects.filter(article__in=[draft.article.pk for draft in told]).delete()
    ArticlePlan.objects.bulk_create(
        [ArticlePlan(article=draft.article, plan_id=plan) for draft in told for plan in dict.fromkeys(draft.plans)],
        batch_size=ROWS_A_STATEMENT,
    )
    for draft in told:
        # What the article knew of its plans is old now.
        vars(draft.article).pop("ranks", None)


def _tags(drafts):
    tagged = [draft for draft in drafts if draft.tags is not None or draft.hashtags is not None]
    if not tagged:
        return
    names = [name for draft in tagged for name in [*(draft.tags or []), *(draft.hashtags or [])]]
    tags = Tag.objects.named(names)
    held = _held_tags([draft.article.pk for draft in tagged])
    rows = []
    for draft in tagged:
        rows += _links(draft, tags, held.get(draft.article.pk, []))
    ArticleTag.objects.filter(content_object__in=[draft.article.pk for draft in tagged]).delete()
    ArticleTag.objects.bulk_create(rows, batch_size=ROWS_A_STATEMENT)


def _held_tags(ids):
    held = {}
    for link in ArticleTag.objects.filter(content_object__in=ids).select_related("tag"):
        held.setdefault(link.content_object_id, []).append(link)
    return held


def _links(draft, tags, held):
    """The tag rows of one story: first its tags in order, then those that are hashtags alone."""
    listed = draft.tags if draft.tags is not None else [link.tag.name for link in held if link.listed]
    writings = draft.hashtags if draft.hashtags is not None else [link.hashtag for link in held if link.hashtag]
    tags = {link.tag.key: link.tag for link in held} | tags
    links = {}
    for name in listed:
        if (key := fold(name)) in tags and key not in links:
            links[key] = ArticleTag(content_object=draft.article, tag=tags[key], position=len(links))
    for writing in writings:
        if (key := fold(writing)) not in tags:
            continue
        link = links.setdefault(
            key, ArticleTag(content_object=draft.article, tag=tags[key], position=len(links), listed=False)
        )
        link.hashtag = link.hashtag or writing[:100]
    return list(links.values())


def _bylines(drafts):
    signed = [draft for draft in drafts if draft.authors is not None]
    if not signed:
        return
    found = Author.objects.named([name for draft in signed for name in draft.authors])
    Byline.objects.filter(article__in=[draft.article.pk for draft in signed]).delete()
    rows = [
        Byline(article=draft.article, author=found[name], position=position)
        for draft in signed
        for position, name in enumerate(dict.fromkeys(one_line(name) for name in draft.authors if one_line(name)))
    ]
    Byline.objects.bulk_create(rows, batch_size=ROWS_A_STATEMENT)


def _corrections(drafts):
    corrected = [draft for draft in drafts if draft.corrections is not None]
    if not corrected:
        return
    Correction.objects.filter(article__in=[draft.article.pk for draft in corrected]).delete()
    Correction.objects.bulk_create(
        Correction(article=draft.article, text=text, published_at=moment)
        for draft in corrected
        for moment, text in draft.corrections
    )
