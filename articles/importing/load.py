"""Brings files into the newsroom: read, parse, compare with what is known, publish in batches, link.

Each batch is one transaction, so that a killed run goes on when it is started again: what is in says unchanged.
"""

import enum
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DatabaseError, OperationalError, transaction
from django.utils import timezone

from articles import publishing
from articles.importing import drafts, files, prompts, references, rehearsal
from articles.importing.formats import PARSERS, detect
from articles.importing.identity import Index, Known, Sight
from articles.importing.ledger import DryLedger, Ledger
from articles.importing.results import CREATED, UNCHANGED, UPDATED, WRITTEN, Result, told
from articles.importing.story import Failure
from articles.models import Article, Image, ImageRefused
from articles.models.address import slug_of
from newsroom.ground import stamps

# A batch is full with so many stories (or files, should they have none), or so many letters.
STORIES_A_BATCH = 150
LETTERS_A_BATCH = 3_000_000
REASON = "import"
# What one story may be refused for; a database that is gone stops the run instead.
REFUSALS = (DatabaseError, ValidationError, ValueError)


class Verdict(enum.Enum):
    """What a writing does to its story."""

    NEW = "makes it"
    TAKEN = "replaces what stands"
    FILLS = "is of a lower form, and adds only what is missing"
    KNOWN = "was seen before"


@dataclass(slots=True)
class Page:
    """A file that was read: its path, as text for people too, and the stories in it."""

    path: Path
    file: str
    sights: list[Sight] = field(default_factory=list)


@dataclass(slots=True)
class Step:
    """What becomes of one story of a page.

    news: whether the place in the file did not say just that before. namesake: whether an older story has the same
    headline. gone: fields that the place told and tells no more. old_prompt: digest of the prompt that stood there.
    """

    page: Page
    sight: Sight
    known: Known
    verdict: Verdict
    news: bool
    namesake: bool = False
    gone: tuple[str, ...] = ()
    old_prompt: str = ""
    status: str = UNCHANGED


@dataclass(slots=True)
class Options:
    """How to import. format: a name of `formats.PARSERS`, or auto. as_of: aware, or None for each file's own time.
    draft: new stories stay drafts. say(file, line, text) hears warnings and failures, advance(files) how many are done.
    """

    format: str = "auto"
    as_of: datetime | None = None
    draft: bool = False
    dry_run: bool = False
    say: Callable = lambda file, line, text: None
    advance: Callable = lambda files: None


def run(paths, results, options):
    """Import the files under the paths into the newsroom; what happened goes into `results`."""
    loading = _Loading(results, options)
    pages, stories, letters, count = [], 0, 0, 0
    for path in loading.paths(paths):
        page = loading.read(path)
        pages.append(page)
        stories, count = stories + len(page.sights), count + 1
        letters += sum(len(sight.story.html) for sight in page.sights)
        if max(stories, count) >= STORIES_A_BATCH or letters >= LETTERS_A_BATCH:
            loading.load(pages)
            options.advance(count)
            pages, stories, letters, count = [], 0, 0, 0
    loading.load(pages)
    options.advance(count)
    (rehearsal if options.dry_run else references).resolve(results, options.say)


class _Loading:
    def __init__(self, results, options):
        self.results = results
        self.options = options
        self.namesakes = set()
        self.ledger = DryLedger(results.scratch) if options.dry_run else Ledger()

    def paths(self, paths):
        for path in paths:
            try:
                yield from files.stories(path)
            except files.Unreadable as wrong:
                self._fail(Failure(str(path), 1, str(wrong)))

    def read(self, path):
        """The `Page` of a file, its failures and warnings told."""
        page = Page(path, files.name_of(path))
        try:
            text = files.read(path)
        except files.Unreadable as wrong:
            self._fail(Failure(page.file, 1, str(wrong)))
            return page
        name = self.options.format if self.options.format != "auto" else detect(text.text, path.suffix)
        as_of = timezone.localtime(min(self.options.as_of or text.changed, timezone.now()))
        parsed = PARSERS[name](text.text, as_of, page.file)
        for note in (*text.warnings, *parsed.warnings):
            self.options.say(page.file, note.line, note.text)
        for failure in parsed.failures:
            self._fail(failure)
        for story in parsed.stories:
            self._add(page, story)
        return page

    def _add(self, page, story):
        languages = dict(settings.LANGUAGES)
        if story.language and story.language not in languages:
            reason = f"the language {story.language!r} is not one of the site's: {', '.join(languages)}"
            self._fail(Failure(page.file, story.line, reason))
            return
        for note in story.warnings:
            self.options.say(page.file, note.line, note.text)
        digests = []
        for picture in _pictures(story):
            try:
                digests.append(files.image_digest(files.image(picture.path, page.path)))
            except files.Unreadable as wrong:
                self.options.say(page.file, story.line, str(wrong))
        page.sights.append(Sight.of(story, Path(page.file).name, digests, prompts.digest(story.prompt)))

    def load(self, pages):
        """Bring the pages in: all in one transaction, or where the database refuses, story by story."""
        pages = [page for page in pages if page.sights]
        if not pages:
            return
        images = {} if self.options.dry_run else self._images(pages)
        try:
            # A dry run must not even hold the lock that writers wait for.
            with nullcontext() if self.options.dry_run else transaction.atomic():
                steps = self._apply(pages, images)
                self._link(steps)
        except OperationalError:
            raise
        except REFUSALS:
            steps = self._one_by_one(pages, images)
        self._report(steps)

    def _one_by_one(self, pages, images):
        steps = []
        with transaction.atomic():
            for page in pages:
                for sight in page.sights:
                    try:
                        with transaction.atomic():
                            steps += self._apply([Page(page.path, page.file, [sight])], images)
                    except OperationalError:
                        raise
                    except REFUSALS as refusal:
                        reason = f"the story was refused: {' '.join(str(refusal).split())}"
                        self._fail(Failure(page.file, sight.story.line, reason))
            self._link(steps)
        return steps

    def _images(self, pages):
        """{(file, picture): image id} of stories that will be taken over. Before the transaction, since it is slow."""
        if not any(_pictures(sight.story) for page in pages for sight in page.sights):
            return {}
        found = {}
        for step in self._plan(pages):
            if step.verdict in (Verdict.NEW, Verdict.TAKEN):
                story = step.sight.story
                for picture in _pictures(story):
                    if (step.page.file, picture) not in found:
                        # A figure's words are the text's, which may be gated; an image's own are public.
                        words = {"alt": picture.alt, "credit": picture.credit[:200]} if picture == story.image else {}
                        found[step.page.file, picture] = self._image(picture, step, words)
        return found

    def _image(self, picture, step, words):
        try:
            return Image.objects.store(files.image(picture.path, step.page.path), **words).pk
        except files.Unreadable:
            return None
        except ImageRefused as refused:
            self.options.say(step.page.file, step.sight.story.line, f"the image {picture.path} is left out: {refused}")
            return None

    def _plan(self, pages):
        """The `Step` of each story of the pages, in order."""
        index = Index(self.ledger.known([sight for page in pages for sight in page.sights]))
        return [_step(page, sight, index) for page in pages for sight in page.sights]

    def _apply(self, pages, images):
        """Write the pages' stories, and remember them; returns the steps."""
        if not self.options.dry_run:
            stamps.hold()
        steps = self._plan(pages)
        made = self._publish(steps, images)
        changed = {id(step.known): step.known for step in steps if step.verdict != Verdict.KNOWN}
        self.ledger.keep(list(changed.values()), [(step.known, step.sight) for step in steps if step.news])
        if self.options.dry_run:
            self._rehearse(steps, made)
        else:
            prompts.attach(steps)
            references.remember(steps)
        return steps

    def _rehearse(self, steps, made):
        scratch = self.results.scratch
        stems = {known.pk: slug_of(draft.article.headline, draft.external_id) for known, draft in made}
        rehearsal.give_slugs(scratch, stems)
        written = [step.sight.story for step in steps if step.verdict in (Verdict.NEW, Verdict.TAKEN)]
        rehearsal.remember_tags(scratch, [name for story in written for name in (*story.tags, *story.hashtags)])
        rehearsal.remember_references(scratch, references.named(steps))

    def _publish(self, steps, images):
        held = [step.known.pk for step in steps if step.verdict in (Verdict.TAKEN, Verdict.FILLS)]
        articles = Article.objects.in_bulk(held)
        made, old = {}, {}
        for step in steps:
            pictures = {picture: images.get((step.page.file, picture)) for picture in _pictures(step.sight.story)}
            _draft(step, pictures, articles, made, old)
        if self.options.dry_run:
            return list(made.values())
        publish = publishing.save if self.options.draft else publishing.publish
        if made:
            publish([draft for _known, draft in made.values()], reason=REASON)
        if old:
            publishing.save(old.values(), reason=REASON)
        for known, draft in made.values():
            known.pk = draft.article.pk
        return list(made.values())

    def _link(self, steps):
        """Link the related stories of each page with its main story, both ways."""
        mains = {step.page.file: step for step in steps if step.sight.story.place == 0}
        pairs = []
        for step in steps:
            main = mains.get(step.page.file)
            if main and step.known.pk != main.known.pk and (step.news or main.news):
                pairs.append((main.known.pk, step.known.pk))
        if self.options.dry_run:
            self.results.link(pairs)
        elif pairs:
            publishing.relate(pairs)

    def _report(self, steps):
        for step in steps:
            story = step.sight.story
            stands = step.verdict in (Verdict.NEW, Verdict.TAKEN)
            rank = 2 * story.form + (step.sight.digest == step.known.digest)
            changes, fills = _changes(step) if self.options.dry_run else ({}, {})
            said = told(story, step.page.file)
            self.results.add(Result(step.known.pk, step.status, stands, rank, said, changes, fills))
            if step.namesake and step.known.pk not in self.namesakes:
                self.namesakes.add(step.known.pk)
                self.options.say(
                    step.page.file, story.line, "another story has the same headline; this one is a story of its own"
                )

    def _fail(self, failure):
        self.results.fail(failure)
        self.options.say(failure.file, failure.line, failure.reason)


def _pictures(story):
    return [picture for picture in (story.image, *story.pictures) if picture]


def _step(page, sight, index):
    known = index.find(sight)
    verdict = _verdict(known, sight) if known else Verdict.NEW
    known = known or Known()
    before = known.seen.get(sight.spot)
    gone = set(before.said.split()) - set(sight.story.said) if before and known.form == sight.story.form else ()
    prompt_changed = before is not None and before.prompt != sight.prompt
    if verdict in (Verdict.NEW, Verdict.TAKEN):
        known.take(sight)
    known.see(sight)
    index.add(known)
    return Step(
        page, sight, known, verdict, news=before != sight.seen, namesake=index.is_namesake(known), gone=tuple(gone),
        old_prompt=before.prompt if prompt_changed else "", status=UPDATED if prompt_changed else UNCHANGED,
    )  # fmt: skip


def _verdict(known, sight):
    """A known place changes when what it says changes; a new place only brings writings that were never seen."""
    before = known.seen[sight.spot].digest if sight.spot in known.seen else None
    if sight.digest in (before, known.digest) or (before is None and sight.digest in known.digests):
        return Verdict.KNOWN
    return Verdict.TAKEN if sight.story.form >= known.form else Verdict.FILLS


def _draft(step, pictures, articles, made, old):
    """Put what a step does into the batch's drafts: `made` {id of known: (known, draft)}, `old` {article id: draft}."""
    story, known = step.sight.story, step.known
    if step.verdict == Verdict.NEW:
        made[id(known)] = known, drafts.new(story, pictures)
        step.status = CREATED
        return
    if step.verdict == Verdict.KNOWN:
        return
    draft = made[id(known)][1] if id(known) in made else old.get(known.pk)
    if draft is None:
        if known.pk not in articles:
            return  # a dry run's own story
        draft = publishing.Draft(articles[known.pk])
    if step.verdict == Verdict.TAKEN:
        drafts.take(draft, story, pictures, step.gone)
    elif not drafts.fill(draft, story):
        return
    step.status = UPDATED
    if id(known) not in made:
        old[known.pk] = draft


def _changes(step):
    """(what a step writes, what it fills where nothing stands) of what a result tells: for a dry run."""
    said = told(step.sight.story, step.page.file)
    if step.verdict == Verdict.FILLS:
        return {}, {name: said[name] for name in ("source", "audio_gate") if said[name]}
    if step.verdict == Verdict.KNOWN:
        return {}, {}
    if step.verdict == Verdict.NEW:
        return {name: said[name] for name in WRITTEN}, {}
    names = {"headline", "paragraphs", "ad_breaks"} | {name for name in ("tags", "hashtags", "source") if said[name]}
    names |= {name for name in ("tags", "hashtags") if name in step.gone}
    names |= {"audio_gate"} if step.sight.story.audio or "audio" in step.gone else set()
    names |= {"published"} if "published" not in step.sight.story.worked_out and said["published"] else set()
    return {name: said[name] for name in names}, {}
