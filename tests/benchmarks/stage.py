"""The newsroom that is measured: its stories, what stands in them, a member who has signed in; and what happens to it."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from html import escape
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from articles import body, publishing
from articles.ads.models import Advertiser, Campaign, Creative
from articles.models import Article
from articles.tags.models import Tag
from members.access import Audience
from members.models import Grant, User
from members.prompts import models as prompts
from newsroom.management.commands import _readiness as readiness
from tests.benchmarks import stories
from tests.benchmarks.load import NotMeasurable, Wrong

# The cold row asks for COLD stories that were never served, after WARM others.
COLD, WARM = 200, 20
ADS, PLACES = 5, 3
# Makes a page of about 30 kB.
LETTERS = 18_000
# The first story may be read in full, the last one is for members; between them stand those of the cold row.
COUNT = 1 + WARM + COLD + 1

COMPILED, COUNTS = "reading_compiledpage", "ground_count"
EDITION = re.compile(rb"Edition ([0-9]+) of")
EDITION_TEXT = re.compile(rb"the text of edition ([0-9]+)")
END = "So ends the whole story."
MEMBER = "Leyla Mammadova"


@dataclass(frozen=True, slots=True)
class Page:
    """A page that is measured. check(body) raises NotMeasurable where the server did less than the row says."""

    path: str
    check: Callable
    cookie: str = ""


@dataclass(frozen=True)
class Stage:
    """pages: {name: Page}. warm, cold: paths of stories. slug: of the story that gets edited."""

    pages: dict
    warm: list
    cold: list
    slug: str


def build():
    """Everything, in the database of the settings, which must be empty."""
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    readiness.collect_static()
    _empty_shared_cache()
    published = _publish()
    _surround()
    paths = [article.get_absolute_url() for article in published]
    first, last = published[0], published[-1]
    tag = Tag.objects.get(name=stories.story(0, LETTERS).tags[0])
    pages = {
        "article": Page(paths[0], holds(ads=PLACES, prompts=1, words=END)),
        "member": Page(paths[-1], holds(ads=PLACES, prompts=0, words=END, name=MEMBER), cookie=_session()),
        "home": Page("/", holds(words=last.section.name)),
        "section": Page(first.section.get_absolute_url(), holds(words=first.section.name)),
        "tag": Page(tag.get_absolute_url(), holds(words=tag.name)),
    }
    return Stage(pages, paths[1 : 1 + WARM], paths[1 + WARM : -1], first.slug)


def holds(*, ads=0, prompts=0, words="", name=""):
    """A check that a page holds so many inserts and these words."""

    def check(content):
        found = content.count(b'data-insert="ad"'), content.count(b'data-insert="prompt"')
        if found != (ads, prompts):
            raise NotMeasurable(f"the page has {found[0]} ads and {found[1]} prompts, not {ads} and {prompts}")
        for wanted in (words, name):
            if wanted.encode() not in content:
                raise NotMeasurable(f"the page does not say “{wanted}”")

    return check


def one_edition(content):
    """The edition that a page of the edited story shows, if all of it is of one."""
    headlines, texts = ({int(n) for n in pattern.findall(content)} for pattern in (EDITION, EDITION_TEXT))
    if len(headlines | texts) != 1 or not headlines or not texts:
        raise Wrong(f"a page mixes versions: headlines of {sorted(headlines)}, text of {sorted(texts)}")
    return headlines.pop()


def edited(article, number):
    """The draft of an edition of the story that gets edited; headline and text both say which."""
    article.headline = f"Edition {number} of the story that everybody reads"
    return publishing.Draft(article, html(0, f"This is the text of edition {number}."))


def expire(slug):
    """Publish another edition from another process, after which nobody may be shown the old one; gives its number."""
    number, process = start_edit(slug)
    edited_at(process)
    return number


def start_edit(slug):
    """(number, process): another process begins to publish the next edition."""
    number = 1 + int(re.search(r"[0-9]+", Article.objects.get(slug=slug).headline)[0])
    command = [sys.executable, "-m", "tests.benchmarks.edit", slug, str(number)]
    return number, subprocess.Popen(command, cwd=settings.BASE_DIR, env=os.environ, stdout=subprocess.PIPE, text=True)


def edited_at(process):
    """When that process had published, in seconds of the monotonic clock, which all processes share."""
    said, _nothing = process.communicate(timeout=60)
    if process.returncode:
        raise NotMeasurable("the edit failed")
    return float(said)


def forget_compiled():
    """Leave no compiled page in what processes share."""
    _empty_shared_cache()
    if COMPILED in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {COMPILED}")  # noqa: S608 (a name of our own)


def counted():
    """{series: sum} of all that the site has counted; None where it counts nothing yet."""
    if COUNTS not in connection.introspection.table_names():
        return None
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT series, SUM(number) FROM {COUNTS} GROUP BY series")  # noqa: S608 (a name of our own)
        return {series: int(number) for series, number in cursor.fetchall()}


def html(number, first=""):
    """A story's text with its ad breaks, equally far apart."""
    paragraphs = [f"<p>{escape(text, quote=False)}</p>" for text in stories.story(number, LETTERS).paragraphs]
    for place in range(PLACES, 0, -1):
        paragraphs.insert(place * len(paragraphs) // (PLACES + 1), body.AD_BREAK)
    return "\n".join([*([f"<p>{first}</p>"] if first else []), *paragraphs, f"<p>{END}</p>"])


def _publish():
    """The stories, in the order of their numbers. Their ages are such that none changes its words during a run."""
    # The newest are an hour and a half old, and an hour lies between any two.
    newest = timezone.now() - timedelta(minutes=90)
    drafts = [_draft(number, newest - timedelta(hours=number)) for number in range(COUNT)]
    published = publishing.publish(drafts)
    ids = [article.pk for article in published]
    publishing.relate((ids[number], ids[other]) for number in range(COUNT) for other in stories.related(number, COUNT))
    return published


def _draft(number, published_at):
    story = stories.story(number, LETTERS)
    audience = Audience.MEMBERS if number == COUNT - 1 else Audience.EVERYONE
    article = Article(headline=story.headline, published_at=published_at, audience=audience)
    draft = edited(article, 0) if number == 0 else publishing.Draft(article, html(number))
    draft.section, draft.tags, draft.authors = story.section, list(story.tags), list(story.authors)
    return draft


def _surround():
    bakery = Advertiser.objects.create(name="The bakery")
    for number in range(ADS):
        campaign = Campaign.objects.create(
            advertiser=bakery, name=f"Ad {number}", starts_at=timezone.now(), placements=["inline"]
        )
        words = {"headline": f"Bread of the day, {number}", "text": "Baked at four.", "url": "/join/"}
        Creative.objects.create(campaign=campaign, name=f"Ad {number}", **words)
    prompts.Campaign.objects.record(
        heading="The valley reads this because its readers pay for it",
        text="Four reporters, one bus pass and no owner but its readers.\n\nIf you would miss us, help to keep us.",
        pitch="Members read everything.",
        frequency=False,
    )


def _session():
    """The cookie of a member who has signed in."""
    user = User.objects.create_user("leyla@example.com", display_name=MEMBER)
    Grant.objects.create(user=user, reason="the benchmark", starts_at=timezone.now() - timedelta(days=1))
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def _empty_shared_cache():
    if "shared" in settings.CACHES:
        caches["shared"].clear()
