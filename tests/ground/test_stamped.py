"""However a row that readers' pages show is written, the log names it and the lists that it stands in."""

from contextlib import contextmanager, suppress
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction

from articles import publishing
from articles.ads.models import ADS, Advertiser, Campaign, Creative
from articles.models import Article, ArticlePlan, ArticleTag, Author, Byline, Correction, Image, Related, Section
from articles.publishing import Draft
from articles.tags.models import Tag, fold
from members.models import OPEN_HOUSE, PLANS, OpenHouse, Plan, Price
from members.prompts import models as prompts
from members.prompts.models import PROMPTS, words_key
from newsroom.ground import stamps
from newsroom.ground.models import Stamp
from newsroom.ground.stamped import Stamped, StampedQuerySet
from newsroom.ground.stamps import EVERYTHING

pytestmark = pytest.mark.django_db

PUBLISHED, WITHDRAWN, DRAFT = Article.Status.PUBLISHED, Article.Status.WITHDRAWN, Article.Status.DRAFT


@contextmanager
def stamping():
    """A set that holds, at the end, the changes that were stamped meanwhile."""
    newest = max(Stamp.objects.values_list("number", flat=True), default=0)
    made = set()
    yield made
    made |= set(Stamp.objects.filter(number__gt=newest).values_list("kind", "key"))


# What names a row, by its model: kinds and keys as pages ask for them.


def own(row):
    return (row.stamp_kind, str(row.pk))


def article(pk):
    return ("article", str(pk))


def lists(*keys):
    return {("list", key) for key in keys}


def all_of_a_story(story):
    links = [f"tag:{link.tag_id}" for link in story.tagged.all()]
    links += [f"author:{byline.author_id}" for byline in story.bylines.all()]
    links += [f"section:{story.section_id}"] if story.section_id else []
    shown = lists(story.language, *links) | {("versions", str(story.translation_of_id or story.pk))}
    return {own(story)} | (shown if story.status == PUBLISHED else set())


NAMES = {
    Article: all_of_a_story,
    Section: lambda section: {own(section), ("menu", section.language)},
    Author: lambda author: {own(author)},
    Image: lambda image: {own(image)},
    Tag: lambda tag: {own(tag)},
    ArticleTag: lambda link: {article(link.content_object_id)} | lists(f"tag:{link.tag_id}"),
    Byline: lambda byline: {article(byline.article_id)} | lists(f"author:{byline.author_id}"),
    Related: lambda link: {article(link.article_id)},
    Correction: lambda correction: {article(correction.article_id)},
    ArticlePlan: lambda link: {article(link.article_id)},
    Plan: lambda plan: {own(plan), PLANS},
    Price: lambda price: {PLANS},
    OpenHouse: lambda night: {OPEN_HOUSE},
    Advertiser: lambda advertiser: {ADS},
    Campaign: lambda campaign: {ADS},
    Creative: lambda creative: {ADS},
    prompts.Campaign: lambda campaign: {PROMPTS},
    prompts.Variant: lambda variant: {PROMPTS},
    prompts.Drive: lambda drive: {PROMPTS},
    prompts.CampaignStory: lambda link: {("prompt-story", str(link.story))},
}
MODELS = pytest.mark.parametrize("model", NAMES, ids=lambda model: model.__name__)


def names(row):
    """What names a row as it is stored."""
    return NAMES[type(row)](type(row).objects.get(pk=row.pk))


def stored(*rows):
    """These rows of one model, in the database, by a way that stamps nothing."""
    return list(models.QuerySet(type(rows[0])).bulk_create(rows))


class Scene:
    """Two rows of each model. The stories stand in sections among others, so that no menu changes with them."""

    def __init__(self, now):
        self.now = now
        self.sections = stored(*[Section(name=name, slug=name) for name in ("Water", "Hills")])
        self.authors = stored(*[Author(name=name, slug=name) for name in ("Tamta", "Gio")])
        self.images = stored(*[Image(digest=digest * 32, width=9, height=9) for digest in "ab"])
        self.tags = stored(*[Tag(name=name, slug=name, key=fold(name)) for name in ("Dam", "Ford")])
        self.stories, self.neighbours = [
            stored(*[self.new_story(f"{word} {n}", section=self.sections[n], image=self.images[n]) for n in (0, 1)])
            for word in ("Story", "Neighbour")
        ]
        pairs = list(zip(self.stories, self.neighbours, strict=True))
        self.links = stored(*[ArticleTag(content_object=self.stories[n], tag=self.tags[n]) for n in (0, 1)])
        self.bylines = stored(*[Byline(article=self.stories[n], author=self.authors[n]) for n in (0, 1)])
        self.relations = stored(*[Related(article=one, other=other) for one, other in pairs])
        self.corrections = stored(*[Correction(article=one, text="It was the left bank.") for one in self.stories])
        self.advertisers = stored(*[Advertiser(name=name) for name in ("Bakery", "Forge")])
        self.booked = stored(*[Campaign(advertiser=one, name="Bread") for one in self.advertisers])
        self.ads = stored(*[Creative(campaign=one, name="Ad", headline="Join", url="/join/") for one in self.booked])
        self.prompts = stored(*[prompts.Campaign(name=name) for name in ("Join", "Stay")])
        variants = [prompts.Variant(campaign=one, heading=one.name, key=words_key(one.name)) for one in self.prompts]
        self.worded = stored(*variants)
        self.prompted = stored(
            *[prompts.CampaignStory(campaign=self.prompts[n], story=self.stories[n].pk) for n in (0, 1)]
        )
        spans = {"starts_at": now, "ends_at": now + timedelta(days=9)}
        self.drives = stored(*[prompts.Drive(name=name, slug=name, **spans) for name in ("Spring", "Autumn")])
        self.plans = stored(*[Plan(name=name, slug=name) for name in ("Reader", "Friend", "Patron")])
        self.planned = stored(*[ArticlePlan(article=self.stories[n], plan=self.plans[n + 1]) for n in (0, 1)])
        self.prices = stored(*[Price(plan=plan, amount=500) for plan in self.plans[:2]])
        self.nights = stored(*[OpenHouse(reason=reason, closed_at=now) for reason in ("Flood", "Vote")])
        every = (
            self.planned,
            self.plans[:2],
            self.prices,
            self.nights,
            self.stories,
            self.sections,
            self.authors,
            self.images,
            self.tags,
            self.links,
            self.bylines,
        )
        every += (
            self.relations,
            self.corrections,
            self.advertisers,
            self.booked,
            self.ads,
            self.prompts,
            self.worded,
            self.prompted,
            self.drives,
        )
        self.rows = {type(row): row for row, _other in every}

    def new_story(self, headline, **fields):
        """A published story that is not saved yet."""
        fields = {"status": PUBLISHED, "published_at": self.now - timedelta(hours=1)} | fields
        return Article(headline=headline, slug=headline.replace(" ", "-"), **fields)

    def new(self, model):
        """A row that is not saved yet, beside those of the scene."""
        story, neighbour = self.stories[0], self.neighbours[0]
        fields = {
            Section: {"name": "City", "slug": "city"},
            Author: {"name": "Ana", "slug": "ana"},
            Image: {"digest": "c" * 32, "width": 9, "height": 9},
            Tag: {"name": "Mill", "slug": "mill", "key": "mill"},
            ArticleTag: {"content_object": story, "tag": self.tags[1]},
            Byline: {"article": story, "author": self.authors[1]},
            Related: {"article": neighbour, "other": story},
            Correction: {"article": story, "text": "It was the right bank."},
            ArticlePlan: {"article": story, "plan": self.plans[2]},
            Plan: {"name": "New", "slug": "new"},
            Price: {"plan": self.plans[0], "interval": "year", "amount": 5000},
            OpenHouse: {"reason": "Fire"},
            Advertiser: {"name": "New"},
            Campaign: {"advertiser": self.advertisers[0], "name": "New"},
            Creative: {"campaign": self.booked[0], "name": "New", "headline": "Read", "url": "/join/"},
            prompts.Campaign: {"name": "New"},
            prompts.Variant: {"campaign": self.prompts[1], "name": "B", "heading": "New", "key": "new"},
            prompts.CampaignStory: {"campaign": self.prompts[1], "story": story.pk},
            prompts.Drive: {"slug": "new", "starts_at": self.now, "ends_at": self.now + timedelta(days=1)},
        }
        return self.new_story("New", section=self.sections[0]) if model is Article else model(**fields[model])


@pytest.fixture
def scene(now):
    return Scene(now)


# The ways of writing.


def set_all(row, fields):
    for name, value in fields.items():
        setattr(row, name, value)


def by_save(row, **fields):
    set_all(row, fields)
    row.save()


def by_saving_fields(row, **fields):
    set_all(row, fields)
    row.save(update_fields=list(fields))


def by_update(row, **fields):
    type(row).objects.filter(pk=row.pk).update(**fields)


def by_bulk_update(row, **fields):
    set_all(row, fields)
    type(row).objects.bulk_update([row], list(fields))


def by_update_or_create(row, **fields):
    type(row).objects.update_or_create(pk=row.pk, defaults=fields)


WRITES = pytest.mark.parametrize(
    "write", [by_save, by_saving_fields, by_update, by_bulk_update, by_update_or_create], ids=lambda one: one.__name__
)
DELETES = pytest.mark.parametrize(
    "delete", [lambda row: row.delete(), lambda row: type(row).objects.filter(pk=row.pk).delete()], ids=["row", "query"]
)
CREATES = pytest.mark.parametrize(
    "create",
    [lambda row: row.save(), lambda row: type(row).objects.bulk_create([row])],
    ids=["save", "bulk_create"],
)
CHANGES = {
    Article: lambda scene: {"headline": "The mill road is open"},
    Section: lambda scene: {"description": "Rivers and springs"},
    Author: lambda scene: {"about": "Walks"},
    Image: lambda scene: {"alt": "A mill"},
    Tag: lambda scene: {"description": "All dams"},
    ArticleTag: lambda scene: {"hashtag": "Dam"},
    Byline: lambda scene: {"position": 4},
    Plan: lambda scene: {"level": 30},
    Price: lambda scene: {"amount": 700},
    OpenHouse: lambda scene: {"reason": "High water"},
    Related: lambda scene: {"position": 4},
    Correction: lambda scene: {"text": "It was the right bank."},
    Advertiser: lambda scene: {"exclusion_group": "bakers"},
    Campaign: lambda scene: {"weight": 20},
    Creative: lambda scene: {"headline": "Come"},
    prompts.Campaign: lambda scene: {"priority": 7},
    prompts.Variant: lambda scene: {"text": "Come"},
    prompts.CampaignStory: lambda scene: {"story": 4711},
    prompts.Drive: lambda scene: {"overrides": True},
    ArticlePlan: lambda scene: {"plan": scene.plans[2]},
}


@WRITES
@MODELS
def test_a_row_that_is_changed_is_named_and_nothing_else_is(model, write, scene):
    row = scene.rows[model]
    before = names(row)
    with stamping() as made:
        write(row, **CHANGES[model](scene))
    assert made == before | names(row)


@DELETES
@MODELS
def test_a_row_that_is_deleted_is_named(model, delete, scene):
    row = scene.rows[model]
    if model in (Section, Author, Advertiser):
        # Of what others use the database lets none go.
        row = scene.new(model)
        row.save()
    told = names(row)
    with stamping() as made:
        delete(row)
    assert told <= made


@CREATES
@MODELS
def test_a_new_row_is_told_to_all_that_may_list_it(model, create, scene):
    row = scene.new(model)
    with stamping() as made:
        create(row)
    assert made == names(row) - {own(row)}


@pytest.mark.parametrize("name", ["update", "delete"])
@MODELS
def test_a_query_that_meets_nothing_stamps_nothing(model, name, scene):
    query = model.objects.filter(pk=0)
    with stamping() as made:
        query.update(**CHANGES[model](scene)) if name == "update" else query.delete()
    assert made == set()


# What it was before.


MOVES = {
    "a story to another section": (Article, "section_id", lambda scene: scene.sections[1].pk),
    "a story out of all sections": (Article, "section_id", lambda scene: None),
    "a story to another language": (Article, "language", lambda scene: "ru"),
    "a story to another original": (Article, "translation_of_id", lambda scene: scene.stories[1].pk),
    "a story off the site": (Article, "status", lambda scene: WITHDRAWN),
    "a section to another language": (Section, "language", lambda scene: "ru"),
    "a byline to another author": (Byline, "author_id", lambda scene: scene.authors[1].pk),
    "a byline to another story": (Byline, "article_id", lambda scene: scene.stories[1].pk),
    "a link to another tag": (ArticleTag, "tag_id", lambda scene: scene.tags[1].pk),
    "a tag to another story": (ArticleTag, "content_object_id", lambda scene: scene.stories[1].pk),
    "a relation to another story": (Related, "article_id", lambda scene: scene.stories[1].pk),
    "a correction to another story": (Correction, "article_id", lambda scene: scene.stories[1].pk),
    "a plan to another story": (ArticlePlan, "article_id", lambda scene: scene.stories[1].pk),
    "a prompt to another story": (prompts.CampaignStory, "story", lambda scene: scene.stories[1].pk),
}


@WRITES
@pytest.mark.parametrize("move", MOVES)
def test_what_moves_is_told_where_it_was_and_where_it_is(move, write, scene):
    model, field, target = MOVES[move]
    row, before = scene.rows[model], names(scene.rows[model])
    with stamping() as made:
        write(row, **{field: target(scene)})
    assert names(row) != before
    assert made == before | names(row)


@DELETES
def test_a_row_is_told_where_it_is_stored_when_it_is_deleted_not_where_it_was_read(delete, scene):
    story = scene.stories[0]
    Article.objects.filter(pk=story.pk).update(section=scene.sections[1])
    told = names(story)
    with stamping() as made:
        delete(story)
    assert told <= made


@WRITES
@pytest.mark.parametrize("status", [DRAFT, WITHDRAWN])
def test_what_readers_cannot_see_is_told_to_no_list(status, write, scene):
    story = scene.stories[0]
    story.status = status
    story.save()
    with stamping() as made:
        write(story, headline="Not yet", section_id=scene.sections[1].pk)
    assert made == {own(story)}


@WRITES
def test_a_draft_that_is_published_is_told_to_its_lists(write, scene):
    story = scene.stories[0]
    story.status = DRAFT
    story.save()
    with stamping() as made:
        write(story, status=PUBLISHED)
    assert made == names(story)
    assert len(made) == 6


@CREATES
def test_a_new_draft_stamps_nothing(create, scene):
    with stamping() as made:
        create(scene.new_story("Draft", status=DRAFT, section=scene.sections[0]))
    assert made == set()


# Menus.


@pytest.fixture
def lonely(scene):
    """The only story of its section, which is a Russian one."""
    section = Section.objects.create(name="Вода", slug="voda", language="ru")
    lonely = scene.new_story("Lonely", section=section, language="ru")
    with stamping() as made:
        lonely.save()
    assert ("menu", "ru") in made
    return lonely


MENU = ("menu", "ru")


@WRITES
@pytest.mark.parametrize("fields", [{"status": WITHDRAWN}, {"section_id": None}], ids=["withdrawn", "moved"])
def test_a_menu_hears_of_the_last_story_that_leaves_a_section(fields, write, lonely):
    with stamping() as made:
        write(lonely, **fields)
    assert MENU in made


@DELETES
def test_a_menu_hears_of_the_last_story_that_is_deleted(delete, lonely):
    with stamping() as made:
        delete(lonely)
    assert MENU in made


@WRITES
def test_a_menu_hears_of_the_first_story_that_moves_into_a_section(write, lonely, scene):
    section = Section.objects.create(name="Горы", slug="gory", language="ru")
    with stamping() as made:
        write(scene.stories[0], section_id=section.pk)
    assert MENU in made


def test_a_menu_hears_of_all_stories_of_a_section_that_leave_at_once(lonely, scene):
    scene.new_story("Other", section=lonely.section).save()
    with stamping() as made:
        Article.objects.filter(section=lonely.section).update(status=WITHDRAWN)
    assert MENU in made


def test_a_menu_hears_of_a_story_that_has_only_future_ones_beside_it(lonely, scene):
    scene.new_story("Soon", section=lonely.section, published_at=scene.now + timedelta(days=1)).save()
    with stamping() as made:
        by_update(lonely, status=WITHDRAWN)
    assert MENU in made


@WRITES
@pytest.mark.parametrize("fields", [{"status": WITHDRAWN}, {"section_id": None}, {"headline": "New"}], ids=str)
def test_a_menu_hears_nothing_of_a_story_among_others(fields, write, lonely, scene):
    scene.new_story("Other", section=lonely.section).save()
    with stamping() as made:
        write(lonely, **fields)
    assert own(lonely) in made
    assert MENU not in made


# What the database does by itself.


@DELETES
def test_the_stories_of_an_image_that_is_deleted_are_named(delete, scene):
    with stamping() as made:
        delete(scene.images[0])
    assert names(scene.stories[0]) | names(scene.neighbours[0]) <= made
    assert own(scene.stories[1]) not in made


@DELETES
@pytest.mark.parametrize("status", [PUBLISHED, DRAFT])
def test_the_translations_of_a_story_that_is_deleted_hear_that_they_are_none(status, delete, scene):
    original, other = scene.stories
    by_update(original, status=status)
    by_update(other, translation_of=original)
    before = names(other)
    assert ("versions", str(original.pk)) in before
    with stamping() as made:
        delete(original)
    assert before | names(other) <= made


# Related managers.

MOVED = {
    "section.articles.add": lambda scene: scene.sections[1].articles.add(scene.stories[0]),
    "section.articles.set": lambda scene: scene.sections[1].articles.set([scene.stories[0]]),
    "section.articles.remove": lambda scene: scene.sections[0].articles.remove(scene.stories[0]),
    "section.articles.clear": lambda scene: scene.sections[0].articles.clear(),
    "section.articles.update": lambda scene: scene.sections[0].articles.update(section=None),
    "story.translations.add": lambda scene: scene.stories[1].translations.add(scene.stories[0]),
    "story.translations.set": lambda scene: scene.stories[1].translations.set([scene.stories[0]]),
}


@pytest.mark.parametrize("way", MOVED)
def test_a_story_that_a_related_manager_moves_is_named(way, scene):
    stories = [*scene.stories, *scene.neighbours]
    before = {story.pk: (vars(Article.objects.get(pk=story.pk)), names(story)) for story in stories}
    with stamping() as made:
        MOVED[way](scene)
    for story in stories:
        fields, told = before[story.pk]
        now = vars(Article.objects.get(pk=story.pk))
        moved = any(now[name] != fields[name] for name in ("section_id", "translation_of_id"))
        assert ((told | names(story)) <= made) == moved
    assert made


LINKED = {
    "story.authors.add": (lambda scene: scene.stories[0].authors.add(scene.authors[1]), ["author:1"]),
    "story.authors.set": (lambda scene: scene.stories[0].authors.set([scene.authors[1]]), ["author:0", "author:1"]),
    "story.authors.remove": (lambda scene: scene.stories[0].authors.remove(scene.authors[0]), ["author:0"]),
    "story.authors.clear": (lambda scene: scene.stories[0].authors.clear(), ["author:0"]),
    "author.articles.add": (lambda scene: scene.authors[1].articles.add(scene.stories[0]), ["author:1"]),
    "author.bylines.add": (lambda scene: scene.authors[1].bylines.add(scene.bylines[0]), ["author:0", "author:1"]),
    "story.bylines.create": (lambda scene: scene.stories[0].bylines.create(author=scene.authors[1]), ["author:1"]),
    "story.bylines.update": (lambda scene: scene.stories[0].bylines.update(position=3), ["author:0"]),
    "story.tags.add": (lambda scene: scene.stories[0].tags.add(scene.tags[1]), ["tag:1"]),
    "story.tags.set": (lambda scene: scene.stories[0].tags.set([scene.tags[1]]), ["tag:0", "tag:1"]),
    "story.tags.remove": (lambda scene: scene.stories[0].tags.remove(scene.tags[0].name), ["tag:0"]),
    "story.tags.clear": (lambda scene: scene.stories[0].tags.clear(), ["tag:0"]),
    "story.related.add": (lambda scene: scene.stories[0].related.add(scene.stories[1]), []),
    "story.related.set": (lambda scene: scene.stories[0].related.set([scene.stories[1]]), []),
    "story.related.clear": (lambda scene: scene.stories[0].related.clear(), []),
    "story.relations.add": (lambda scene: scene.stories[0].relations.add(scene.relations[1]), ["story:1"]),
    "story.corrections.create": (lambda scene: scene.stories[0].corrections.create(text="x"), []),
    "story.corrections.add": (lambda scene: scene.stories[0].corrections.add(scene.corrections[1]), ["story:1"]),
}


@pytest.mark.parametrize("way", LINKED)
def test_a_link_that_a_related_manager_writes_is_told_to_both_ends(way, scene):
    write, ends = LINKED[way]
    rows = {"story": scene.stories, "author": scene.authors, "tag": scene.tags}
    told = {article(scene.stories[0].pk)}
    for kind, _colon, number in (end.partition(":") for end in ends):
        pk = rows[kind][int(number)].pk
        told |= {article(pk)} if kind == "story" else lists(f"{kind}:{pk}")
    with stamping() as made:
        write(scene)
    assert told <= made


@pytest.mark.parametrize("way", ["add", "create", "update", "delete"])
def test_a_prompt_that_a_related_manager_shows_or_hides_is_told_to_its_story(way, scene):
    shown = scene.prompts[0].stories
    write = {
        "add": lambda: shown.add(scene.prompted[1]),
        "create": lambda: shown.create(story=4711),
        "update": lambda: shown.update(story=4711),
        "delete": lambda: shown.all().delete(),
    }
    story = {"add": scene.stories[1].pk, "create": 4711, "update": scene.stories[0].pk, "delete": scene.stories[0].pk}
    with stamping() as made:
        write[way]()
    assert ("prompt-story", str(story[way])) in made


# Many rows at once.


def hears(story, made):
    return EVERYTHING in made or article(story.pk) in made


@pytest.fixture
def many_corrections(scene, monkeypatch):
    """More corrections than are looked at one by one, the last of them of a second story."""
    monkeypatch.setattr(stamps, "MANY", 4)
    Correction.objects.all().delete()
    stories = [scene.stories[0]] * 6 + [scene.stories[1]]
    with stamping() as made:
        rows = Correction.objects.bulk_create(Correction(article=story, text="x") for story in stories)
    assert all(hears(story, made) for story in scene.stories)
    return rows


@pytest.mark.parametrize("way", ["update", "delete", "bulk_update"])
def test_of_many_rows_none_is_left_out(way, many_corrections, scene):
    def move():
        for row in many_corrections:
            row.article = scene.stories[0]
        Correction.objects.bulk_update(many_corrections, ["article"])

    ways = {"update": lambda: Correction.objects.update(text="y"), "delete": Correction.objects.all().delete}
    with stamping() as made:
        ways.get(way, move)()
    assert all(hears(story, made) for story in scene.stories)


def test_many_stories_are_everything(scene, monkeypatch):
    monkeypatch.setattr(stamps, "MANY", 3)
    with stamping() as made:
        Article.objects.update(standfirst="x")
    assert made == {EVERYTHING}


def test_rows_that_may_be_new_or_old_are_everything(scene):
    row = Section(pk=scene.sections[0].pk, name="Renamed", slug="renamed")
    with stamping() as made:
        Section.objects.bulk_create([row], update_conflicts=True, unique_fields=["id"], update_fields=["name", "slug"])
    assert made == {EVERYTHING}


# What comes to nothing.


def test_what_is_not_written_is_not_stamped(scene):
    with stamping() as made:
        with pytest.raises(IntegrityError), transaction.atomic():
            by_save(scene.tags[0], name=scene.tags[1].name, slug=scene.tags[1].slug)
        with pytest.raises(models.ProtectedError), transaction.atomic():
            scene.sections[0].delete()
        with suppress(ZeroDivisionError), transaction.atomic():
            by_update(scene.stories[0], headline="x")
            raise ZeroDivisionError
    assert made == set()


# Publishing.


@pytest.fixture
def published(scene):
    """A story that `publishing` has made, among others of its section."""
    draft = Draft(Article(headline="The mill"), "<p>x</p>", section="Water", tags=["Dam"], authors=["Tamta"])
    with stamping() as made:
        (story,) = publishing.publish([draft])
    assert made >= names(story) - {own(story)}
    return Article.objects.get(pk=story.pk)


def test_a_text_that_is_saved_is_stamped(published):
    with stamping() as made:
        publishing.save([Draft(published, "<p>y</p>")])
    assert made == names(published)


def test_a_story_whose_links_are_replaced_is_told_to_those_that_go_and_those_that_come(published):
    before = names(published)
    with stamping() as made:
        publishing.save([Draft(published, section="Hills", tags=["Ford"], authors=["Gio"])])
    assert before != names(published)
    assert before | names(published) <= made


def test_corrections_that_are_replaced_are_told_to_their_story(published, now):
    with stamping() as made:
        publishing.save([Draft(published, corrections=[(now, "It was the left bank.")])])
    assert made == names(published)


def test_a_story_that_is_withdrawn_is_told_to_its_lists(published):
    before = names(published)
    with stamping() as made:
        publishing.withdraw([published])
    assert made == before


def test_a_draft_is_told_to_no_list_of_stories():
    with stamping() as made:
        (draft,) = publishing.save([Draft(Article(headline="Not yet"), "<p>x</p>", section="Water", tags=["Dam"])])
    assert not made & (lists("en", f"section:{draft.section_id}") | {("versions", str(draft.pk))})
    with stamping() as made:
        publishing.save([Draft(draft, "<p>y</p>")])
    assert made == {own(draft)}


def test_stories_that_are_related_or_no_longer_are_both_named(scene):
    one, other = scene.stories
    pair = {own(one), own(other)}
    with stamping() as made:
        publishing.relate([(one.pk, other.pk)])
    assert made == pair
    with stamping() as made:
        publishing.relate([(one.pk, other.pk)])
    assert made == set(), "they are already"
    with stamping() as made:
        publishing.arrange_related(one.pk, [other.pk])
    assert made == {own(one)}
    with stamping() as made:
        publishing.unrelate([(one.pk, other.pk)])
    assert made == pair


# New models.

ROOMS = ("articles", "members.prompts")
UNSTAMPED = {
    "ads.Sellers": "a file of its own, asked each time",
    "articles.Body": "written by publishing alone, always with its Article, whose version moves",
    "articles.Revision": "read in the desk alone",
    "articles.SectionPlan": "asked where a story is made; no page shows it",
    "importing.Origin": "what an import remembers; no page asks",
    "importing.Sighting": "what an import remembers; no page asks",
    "importing.Reference": "what an import remembers; no page asks",
    "prompts.Reminder": "a mail to be written; no page shows it",
    "reading.CompiledPage": "the pages themselves, compiled",
    "reading.Visit": "a reader's own list, made anew each time",
}


def rooms_models():
    for app in apps.get_app_configs():
        if app.name in ROOMS or app.name.startswith("articles."):
            yield from app.get_models()


def test_every_model_is_stamped_or_has_a_reason():
    unstamped = {model._meta.label for model in rooms_models() if not issubclass(model, Stamped)}
    assert unstamped == set(UNSTAMPED)


def test_every_stamped_model_is_tried_above():
    assert {model for model in apps.get_models() if issubclass(model, Stamped)} == set(NAMES)


@MODELS
def test_no_manager_of_a_stamped_model_writes_without_a_stamp(model):
    managers = [*model._meta.managers, model._default_manager, model._base_manager]
    assert all(isinstance(manager.all(), StampedQuerySet) for manager in managers)
