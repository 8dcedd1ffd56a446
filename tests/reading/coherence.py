"""A small paper, and everything that may happen to it: what the tests of coherence put their stores through.

Words that readers see carry the number of their edition: a page that mixes two editions of a story shows it. Each happening
is a function of the paper and a number, which chooses what it happens to; what cannot happen does nothing.
"""

import re
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from urllib.parse import unquote

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone, translation

from articles import publishing
from articles.ads.models import Advertiser, Campaign, Creative
from articles.models import Article, ArticleTag, Author, Body, Byline, Correction, Image, Related, Section
from articles.publishing import Draft
from articles.reading.parts.keys import key_of
from articles.tags.models import Tag
from members.access import Audience
from members.models import Grant, User
from members.prompts import models as prompts
from members.reader import Reader
from newsroom.ground.models import Clock, Stamp
from tests.ads.bookings import book

# An hour and a half before midnight in the newsroom's time zone, so that an hour or two leads into another day.
START = datetime(2026, 3, 10, 18, 30, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = (timedelta(seconds=n) for n in (1, 60, 3600, 86_400))
LANGUAGES = [language for language, _name in settings.LANGUAGES]
READERS = {"stranger": None, "aram": "aram@example.com", "leyla": "leyla@example.com", "nino": "nino@example.com"}
STORIES_MAX = 6

# What pages are made of, those that others point to first.
SHOWN = (Section, Author, Image, Tag, Article, Body, Byline, ArticleTag, Related, Correction)
SHOWN += (Advertiser, Campaign, Creative, prompts.Campaign, prompts.Variant, prompts.CampaignStory)

EDITIONS = re.compile(rb"\b(headline|free|gated)-([a-z]+)-e(\d+)\b")


def editions(content):
    """{story: the set of its editions that this content holds words of}, and the set of stories whose gated half it
    shows."""
    found, gated = {}, set()
    for half, name, edition in EDITIONS.findall(content):
        found.setdefault(name.decode(), set()).add(int(edition))
        if half == b"gated":
            gated.add(name.decode())
    return found, gated


def lay_stage():
    """Two published stories in English, one in Russian, one under embargo and a draft, some of them versions of others;
    readers, ads and prompts, some of which begin or end within hours."""
    now = timezone.now()
    picture = Image.objects.create(
        digest="a" * 32, alt="A mill", caption="Old mill", credit="Tamta", width=900, height=600
    )
    Image.objects.create(digest="b" * 32, alt="A map", width=600, height=600)
    mill = _new("mill", published_at=now - 2 * HOUR, audience=Audience.MEMBERS, audio="members", image=picture)
    registered = {"audience": Audience.REGISTERED, "section": "City", "authors": ["Giorgi", "Tamta"]}
    choir = _new("choir", published_at=now - 26 * HOUR, **registered)
    bridge = _new("bridge", published_at=now - 50 * MINUTE, language="ru", section="Вода", translation_of=mill)
    early = {"early_access_until": now + 3 * HOUR, "audio": "everyone"}
    keys = _new("keys", published_at=now + 2 * HOUR, tags=["Bread"], authors=["Giorgi"], **early)
    ferry = _new("ferry", status="draft", tags=["Dam", "Ferry"], authors=["Lado"], translation_of=mill)
    Article.objects.filter(pk=choir.pk).update(translation_of=ferry)
    Section.objects.create(name="River", slug="river")
    publishing.relate([(mill.pk, choir.pk), (mill.pk, keys.pk), (choir.pk, bridge.pk)])
    Grant.objects.create(user=_user("leyla"), reason="a test", starts_at=now - DAY, ends_at=now + 5 * HOUR)
    _user("aram")
    _user("nino", is_staff=True, role=User.Role.EDITOR)
    book("Bread", language="en", text="Mornings.", starts_at=now - DAY)
    book("Nails", language="en", starts_at=now + HOUR, ends_at=now + 4 * HOUR)
    book("Мука", language="ru", starts_at=now - DAY, ends_at=now + HOUR)
    prompts.Campaign.objects.record(heading="Everybody joins", text="One.\n\nTwo.")
    prompts.Campaign.objects.record(heading="The mill's friends", by_story=True).attach([mill.pk])


def _new(name, *, section="Water", tags=("Dam",), authors=("Tamta",), status="published", **fields):
    article = Article(headline=headline(name, 1), slug=name, status=status, **fields)
    lists = {"tags": list(tags), "hashtags": ["UpperDam"], "authors": list(authors)}
    return publishing.save([Draft(article, text(name, 1), section=section, **lists)])[0]


def _user(name, **fields):
    return User.objects.create(email=READERS[name], display_name=name.title(), **fields)


def headline(name, edition):
    return f"headline-{name}-e{edition}"


def text(name, edition):
    """Five free blocks, with a place for an advertisement among them, and four gated ones."""
    images = list(Image.objects.order_by("pk").values_list("pk", flat=True)[:2]) or [0]
    free, gated = (f"<p>free-{name}-e{edition}</p>", f"<p>gated-{name}-e{edition}</p>")
    figures = [f'<figure data-image="{pk}"></figure>' for pk in (images[0], images[-1])]
    return f'{free * 4}{figures[0]}<hr data-mark="wall">{gated}{figures[1]}{gated}<hr data-mark="ad">{gated}'


class Paper:
    """The paper while things happen to it, and what it was like before.

    changed: how often something was changed. addresses: of all pages that there are or ever were.
    """

    def __init__(self):
        self.changed = 0
        self.addresses = {}
        self._numbers = count(2)
        self._state, self._readers = None, {}
        self._learn_addresses()

    def happen(self, name, number):
        HAPPENINGS[name](self, number)
        self._changed()

    def _changed(self):
        self.changed += 1
        self._state, self._readers = None, {}
        self._learn_addresses()

    def number(self):
        """A number that was not used before, for the next edition of anything."""
        return next(self._numbers)

    def reader(self, name):
        """Who asks by this name of READERS, at this moment."""
        key = name, timezone.now()
        if key not in self._readers:
            user = User.objects.filter(email=READERS[name]).first() if READERS[name] else AnonymousUser()
            self._readers[key] = Reader.of_user(user, key[1])
        return self._readers[key]

    def state(self):
        """(number, all rows that pages are made of), as they are now."""
        if self._state is None:
            self._state = self.changed, rows_of(SHOWN)
        return self._state

    def backup(self):
        return rows_of([*SHOWN, Clock, Stamp])

    def restore(self, backup):
        put_back(backup)
        self._changed()

    def _learn_addresses(self):
        pages = [
            "/sitemap.xml",
            "404:en",
            *(at(language, name) for language in LANGUAGES for name in ("front", "feed")),
        ]
        for by, rows in (("tag", Tag.objects.order_by("pk")), ("author", Author.objects.order_by("pk"))):
            pages += [at("en", by, row.slug) for row in rows] + [at("ru", by, row.slug) for row in rows[:1]]
        sections = [at(section.language, "section", section.slug) for section in Section.objects.order_by("pk")]
        articles = Article.objects.order_by("pk")
        pages += [*sections, *(f"{path}feed/" for path in sections[:1])]
        pages += [at(article.language, "article", article.slug) for article in articles]
        dated = articles.exclude(published_at=None)[:1]
        pages += [f"{path}?after={key_of(article)}" for article in dated for path in ("/", "/tags/dam/")]
        # The key is made up: nothing of that page is kept, so whoever asks for it learns of changes.
        self.addresses |= dict.fromkeys([*pages, "/?after=99999999999999999-1"])


def at(language, name, *slug):
    """An address, as a browser's request carries it to a view."""
    with translation.override(language):
        return unquote(reverse(name, args=slug))


def exist_at(moment, stories):
    """Those of these rows that exist for readers."""
    return [one for one in stories if one.status == "published" and one.published_at <= moment]


def terms_of(stories):
    """{story: what its text asks of a reader}."""
    return {article.headline.split("-")[1]: article.terms for article in stories}


def rows_of(some):
    """{model: its rows}, read as no page reads them."""
    return {model: list(models.QuerySet(model)) for model in some}


def put_back(rows):
    """Have the database hold these rows of these models and no others, without a stamp: as a backup that is restored."""
    for model in reversed(rows):
        models.QuerySet(model)._raw_delete(using="default")
    for model, some in rows.items():
        models.QuerySet(model).bulk_create(some)


@contextmanager
def as_it_was(rows):
    """Inside, the database says what it said when the rows were read."""
    with transaction.atomic():
        put_back(rows)
        yield
        transaction.set_rollback(True)


HAPPENINGS = {}


def happens_to(model, **kept):
    """Registers what happens to one row of a model, of those that these filters keep."""

    def register(act):
        def happen(paper, number):
            rows = list(model.objects.filter(**kept).order_by("pk"))
            if rows:
                act(paper, rows[number % len(rows)])

        HAPPENINGS[act.__name__.replace("_", " ")] = happen
        return act

    return register


def next_of(options, held):
    """What follows in a round of options."""
    options = list(options)
    return options[(options.index(held) + 1) % len(options)] if held in options else options[0]


def edited(paper, article, **lists):
    name, edition = article.headline.split("-")[1], paper.number()
    article.headline = headline(name, edition)
    return Draft(article, text(name, edition), **lists)


def saved(article, **lists):
    publishing.save([Draft(article, **lists)])


# Stories.


@happens_to(Article)
def a_story_is_edited(paper, article):
    publishing.save([edited(paper, article)])


@happens_to(Article)
def all_stories_are_edited_at_once(paper, article):
    publishing.save([edited(paper, one) for one in Article.objects.all()])


@happens_to(Article, status__in=["draft", "withdrawn"])
def a_story_is_published(paper, article):
    publishing.publish([edited(paper, article)])


@happens_to(Article)
def a_story_is_scheduled(paper, article):
    article.published_at = timezone.now() + HOUR
    publishing.publish([Draft(article)])


@happens_to(Article, status="published")
def a_story_is_withdrawn(paper, article):
    publishing.withdraw([article])


@happens_to(Article)
def all_stories_are_withdrawn(paper, article):
    publishing.withdraw(Article.objects.filter(status="published"))


@happens_to(Article)
def a_story_becomes_a_draft_by_update(paper, article):
    Article.objects.filter(pk=article.pk).update(status="draft")


@happens_to(Article)
def a_new_story_appears(paper, article):
    stories, name = Article.objects.all(), f"new{'abcdefgh'[paper.number() % 8]}"
    if len(stories) < STORIES_MAX and name not in terms_of(stories) and not stories.filter(slug=name).exists():
        _new(name, published_at=timezone.now(), section=None, audience=Audience.MEMBERS, translation_of=article)


@happens_to(Article, published_at__isnull=False)
def a_story_gets_another_date(paper, article):
    article.published_at = next_of([START - n * HOUR for n in (1, 3, 30)], article.published_at)
    saved(article)


@happens_to(Article)
def a_story_is_said_to_be_updated(paper, article):
    article.updated_at = timezone.now()
    saved(article)


@happens_to(Article)
def a_story_gets_another_audience(paper, article):
    article.audience = next_of(Audience, article.audience)
    saved(article)


@happens_to(Article)
def a_story_gets_another_audience_by_update(paper, article):
    Article.objects.filter(pk=article.pk).update(audience=next_of(Audience, article.audience))


@happens_to(Article)
def all_stories_are_for_members_by_bulk_update(paper, article):
    stories = list(Article.objects.all())
    for one in stories:
        one.audience = Audience.MEMBERS
    Article.objects.bulk_update(stories, ["audience"])


@happens_to(Article)
def members_first_for_an_hour_or_not(paper, article):
    article.early_access_until = None if article.early_access_until else timezone.now() + HOUR
    saved(article)


@happens_to(Article)
def a_story_gets_another_audio(paper, article):
    article.audio = next_of(Article.Audio.values, article.audio)
    saved(article)


@happens_to(Article)
def a_story_moves_to_another_section(paper, article):
    article.section = next_of([None, *Section.objects.order_by("pk")], article.section)
    saved(article)


@happens_to(Article)
def a_story_moves_to_another_section_by_update(paper, article):
    section = next_of([None, *Section.objects.order_by("-pk")], article.section)
    Article.objects.filter(pk=article.pk).update(section=section)


@happens_to(Article)
def a_story_gets_other_tags(paper, article):
    held = list(article.tagged.filter(listed=True).values_list("tag__name", flat=True))
    saved(article, tags=next_of([["Dam"], ["Bread", "Dam"], [], ["Ferry"]], held))


@happens_to(Article)
def a_story_gets_other_hashtags(paper, article):
    saved(article, hashtags=[[], ["Bread"], ["UpperDam", "NewWord"]][paper.number() % 3])


@happens_to(ArticleTag)
def a_tag_of_a_story_becomes_a_hashtag_alone(paper, link):
    link.listed, link.hashtag = not link.listed, f"Word{paper.number()}"
    link.save()


@happens_to(Article)
def a_story_gets_other_authors(paper, article):
    held = list(article.bylines.values_list("author__name", flat=True))
    saved(article, authors=next_of([["Tamta"], ["Lado", "Giorgi"], [], ["Giorgi"]], held))


@happens_to(Byline)
def a_byline_moves_by_update(paper, byline):
    Byline.objects.filter(pk=byline.pk).update(position=9 - byline.position)


@happens_to(Article)
def a_story_becomes_a_version_of_another(paper, article):
    others = Article.objects.exclude(pk=article.pk).order_by("pk")
    article.translation_of = next_of([None, *others], article.translation_of)
    saved(article)


@happens_to(Article)
def a_story_changes_its_language(paper, article):
    article.language = next_of(LANGUAGES, article.language)
    saved(article)


@happens_to(Article)
def a_story_gets_another_image(paper, article):
    article.image = next_of([None, *Image.objects.order_by("pk")], article.image)
    saved(article)


@happens_to(Article)
def a_story_gets_a_standfirst_and_a_source(paper, article):
    article.standfirst, article.source = f"In short, {paper.number()}", f"The Post {paper.number()}"
    saved(article)


@happens_to(Article)
def a_story_moves_to_another_address(paper, article):
    article.slug = f"moved-{paper.number()}"
    saved(article)


@happens_to(Article)
def a_story_is_corrected(paper, article):
    saved(article, corrections=[(timezone.now(), f"Correction {paper.number()}")])


@happens_to(Correction)
def a_correction_is_written_anew(paper, correction):
    correction.text = f"Corrected correction {paper.number()}"
    correction.save()


@happens_to(Correction)
def a_correction_is_taken_away(paper, correction):
    correction.delete()


@happens_to(Article)
def stories_are_related(paper, article):
    others = list(Article.objects.exclude(pk=article.pk).order_by("pk"))
    if others:
        publishing.relate([(article.pk, others[paper.number() % len(others)].pk)])


@happens_to(Related)
def stories_are_unrelated(paper, link):
    publishing.unrelate([(link.article_id, link.other_id)])


@happens_to(Article, relations__isnull=False)
def related_stories_are_arranged(paper, article):
    links = article.relations.order_by("position", "pk").values_list("other", flat=True)
    publishing.arrange_related(article.pk, list(links)[::-1])


@happens_to(Article, status="withdrawn")
def a_withdrawn_story_is_deleted(paper, article):
    article.delete()


@happens_to(Article)
def a_story_is_deleted_by_query(paper, article):
    Article.objects.filter(pk=article.pk).delete()


# What stories are listed by, and pictures.


@happens_to(Section)
def a_section_is_renamed(paper, section):
    section.name = f"Section {paper.number()}"
    section.save()


@happens_to(Section)
def a_section_is_renamed_by_update(paper, section):
    Section.objects.filter(pk=section.pk).update(name=f"Section {paper.number()}", description="By update")


@happens_to(Section)
def a_section_moves_in_the_menu(paper, section):
    section.position = 1 if section.position == 100 else 100
    section.save(update_fields=["position"])


@happens_to(Section)
def a_section_moves_to_another_address(paper, section):
    section.slug = f"section-{paper.number()}"
    section.save()


@happens_to(Section)
def a_section_changes_its_language(paper, section):
    section.language = next_of(LANGUAGES, section.language)
    section.save()


@happens_to(Section, articles__isnull=True)
def an_empty_section_is_deleted(paper, section):
    section.delete()


@happens_to(Section)
def a_section_takes_all_stories(paper, section):
    section.articles.add(*Article.objects.all(), bulk=True)


@happens_to(Tag)
def a_tag_is_renamed(paper, tag):
    tag.name = f"Tag {paper.number()}"
    tag.save()


@happens_to(Tag)
def a_tag_is_described_by_update(paper, tag):
    Tag.objects.filter(pk=tag.pk).update(description=f"About the tag, {paper.number()}")


@happens_to(Tag)
def a_tag_moves_to_another_address(paper, tag):
    tag.slug = f"tag-{paper.number()}"
    tag.save()


@happens_to(Tag)
def a_tag_is_deleted(paper, tag):
    tag.delete()


@happens_to(Author)
def an_author_is_renamed(paper, author):
    author.name = f"Author {paper.number()}"
    author.save()


@happens_to(Author)
def an_author_is_described_by_update(paper, author):
    Author.objects.filter(pk=author.pk).update(about=f"About the author, {paper.number()}")


@happens_to(Author)
def an_author_moves_to_another_address(paper, author):
    author.slug = f"author-{paper.number()}"
    author.save()


@happens_to(Author, bylines__isnull=True)
def an_author_of_nothing_is_deleted(paper, author):
    author.delete()


@happens_to(Image)
def an_image_is_described(paper, image):
    image.alt = f"Seen {paper.number()}"
    image.save()


@happens_to(Image)
def an_image_gets_another_credit_by_update(paper, image):
    Image.objects.filter(pk=image.pk).update(credit=f"Credit {paper.number()}", caption="By update")


@happens_to(Image)
def an_image_is_deleted(paper, image):
    image.delete()


# Advertisements and prompts.


@happens_to(Creative)
def an_ad_is_edited(paper, ad):
    ad.headline = f"Ad {paper.number()}"
    ad.save()


@happens_to(Creative)
def an_ad_is_edited_by_update(paper, ad):
    Creative.objects.filter(pk=ad.pk).update(text=f"Ad by update {paper.number()}", button="Come in")


@happens_to(Campaign)
def an_ad_is_added(paper, campaign):
    Creative.objects.create(campaign=campaign, name="new", headline=f"Ad {paper.number()}", url="/join/")


@happens_to(Creative)
def an_ad_is_activated_or_not(paper, ad):
    ad.active = not ad.active
    ad.save()


@happens_to(Creative)
def an_ad_is_sponsored(paper, ad):
    ad.sponsored_by = f"Baker {paper.number()}"
    ad.save()


@happens_to(Campaign)
def a_campaign_runs_from_now_for_an_hour(paper, campaign):
    campaign.starts_at, campaign.ends_at = timezone.now(), timezone.now() + HOUR
    campaign.save()


@happens_to(Campaign)
def a_campaign_changes_its_language(paper, campaign):
    campaign.include = {"language": [next_of(LANGUAGES, campaign.include["language"][0])]}
    campaign.save()


@happens_to(Campaign)
def a_campaign_is_paused_or_goes_on(paper, campaign):
    campaign.paused = not campaign.paused
    campaign.save()


@happens_to(Campaign)
def a_campaign_comes_before_others(paper, campaign):
    campaign.priority = next_of((1, 2, 3), campaign.priority)
    campaign.save()


@happens_to(Advertiser)
def an_advertiser_has_competitors(paper, advertiser):
    advertiser.exclusion_group = f"bakers {paper.number()}"
    advertiser.save()


@happens_to(Creative)
def an_ad_is_deleted(paper, ad):
    ad.delete()


@happens_to(Campaign)
def a_campaign_is_deleted(paper, campaign):
    campaign.delete()


@happens_to(prompts.Variant)
def a_prompt_is_edited(paper, variant):
    variant.heading = f"Prompt {paper.number()}"
    variant.save()


@happens_to(prompts.Variant)
def a_prompt_is_edited_by_update(paper, variant):
    prompts.Variant.objects.filter(pk=variant.pk).update(pitch=f"Pitch {paper.number()}", button="Come in")


@happens_to(prompts.Variant)
def a_prompt_gets_a_second_wording(paper, variant):
    number = paper.number()
    variant.campaign.variants.create(name=f"B {number}", heading=f"Or else {number}")


@happens_to(prompts.Campaign)
def a_prompt_is_added_everywhere(paper, campaign):
    heading = f"Everywhere {paper.number()}"
    prompts.Campaign.objects.record(heading=heading, language=next_of(LANGUAGES, campaign.language))


@happens_to(prompts.Campaign)
def a_prompt_runs_or_not(paper, campaign):
    campaign.status = next_of(prompts.Campaign.Status.values, campaign.status)
    campaign.save()


@happens_to(prompts.Campaign)
def a_prompt_moves(paper, campaign):
    campaign.place = next_of(prompts.Place.values, campaign.place)
    campaign.save()


@happens_to(prompts.Campaign)
def a_prompt_is_for_stories_of_its_own_or_not(paper, campaign):
    campaign.by_story = not campaign.by_story
    campaign.save()


@happens_to(prompts.Campaign)
def a_prompt_is_for_a_tag(paper, campaign):
    campaign.include = {"tag": [Tag.objects.values_list("pk", flat=True).first() or 1]}
    campaign.save()


@happens_to(prompts.Campaign)
def a_prompt_is_attached_to_all_stories(paper, campaign):
    campaign.attach(Article.objects.values_list("pk", flat=True))


@happens_to(prompts.CampaignStory)
def a_prompt_is_taken_from_a_story(paper, link):
    link.delete()


@happens_to(prompts.Campaign)
def a_prompt_is_deleted(paper, campaign):
    campaign.delete()


# Readers.


@happens_to(User)
def a_membership_is_given_for_an_hour(paper, user):
    user.grants.create(reason="a test", starts_at=timezone.now(), ends_at=timezone.now() + HOUR)


@happens_to(Grant)
def a_membership_is_taken(paper, grant):
    grant.revoke()


@happens_to(User)
def a_reader_is_renamed(paper, user):
    user.display_name = f"Reader {paper.number()}"
    user.save()


@happens_to(User)
def a_reader_is_banned_or_not(paper, user):
    user.banned_at = None if user.banned_at else timezone.now()
    user.save()


def due(paper):
    """The moments, in order, at which something begins or ends by itself."""
    now = timezone.now()
    rows = (
        (Article, "published_at", "early_access_until"),
        (Campaign, "starts_at", "ends_at"),
        (Grant, "starts_at", "ends_at"),
    )
    moments = {moment for model, *fields in rows for row in model.objects.values_list(*fields) for moment in row}
    return sorted(moment for moment in moments if moment is not None and moment > now)
