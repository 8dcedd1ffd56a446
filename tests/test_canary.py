"""The canary walk: a secret in every gated half, every address, every kind of reader, in both orders.

Each look is a pair: gated words absent *and* free words present. An address that the walk does not know fails it.
"""

import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, get_resolver, reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import override
from PIL import Image as Picture

from articles import publishing
from articles.models import Article, ArticlePlan, Image
from articles.reading import store
from members import gifts
from members.access import Audience
from members.accounts.roles import appoint
from members.models import Membership, Plan, User
from members.standing import Status
from tests.conftest import FREE_WORD, GATED_WORD, HEADERS

pytestmark = pytest.mark.django_db

HIDDEN_WORD = "hiddenibex"
HIGH, LOW = "high", "low"
# Who has a membership that opens everything for members.
PAYING = {"member", LOW, HIGH, "in grace", "editor"}
SPENT = {"stranger, spent", "registered, spent"}
# Every kind of reader, and what its account holds; None for a stranger.
READERS = {
    "stranger": None,
    "stranger, spent": None,
    "gifted": None,
    "registered": {},
    "registered, spent": {},
    "lapsed": {"plan": HIGH, "status": Status.CANCELED},
    "owing": {"plan": HIGH, "status": Status.PAST_DUE, "failed": timedelta(days=15)},
    "in grace": {"plan": LOW, "status": Status.PAST_DUE, "failed": timedelta(days=13)},
    "member": {"grant": True},
    LOW: {"plan": LOW, "status": Status.ACTIVE},
    HIGH: {"plan": HIGH, "status": Status.TRIALING},
    "editor": {"desk": True},
}
STRANGERS = {name for name, account in READERS.items() if account is None}
ALL = set(READERS)

# The kinds of terms -> readers who get the whole text
MAY_READ = {
    "open": ALL,
    "registered": ALL - STRANGERS,
    "members": PAYING | {"gifted"},
    "early": PAYING,
    "early-members": PAYING,
    "metered": ALL - SPENT,
    "metered-registered": ALL - STRANGERS - SPENT,
    "plan": {HIGH, "editor"},
}
FIELDS = {
    "open": {},
    "registered": {"audience": Audience.REGISTERED, "audio": "registered"},
    "members": {"audience": Audience.MEMBERS, "audio": "members"},
    "early": {"early": True},
    "early-members": {"early": True, "audience": Audience.MEMBERS},
    "metered": {"metered": True},
    "metered-registered": {"metered": True, "audience": Audience.REGISTERED},
    "plan": {"audience": Audience.MEMBERS, "audio": "members"},
}
LEVELS = {LOW: 10, HIGH: 20}
# Metered stories beside them, as many as strangers and accounts may open a month here.
FREE_A_MONTH = 3

# Addresses with arguments, by the name of their pattern: what to fill in.
ARGUMENTS = {
    "article": [[f"story-{name}"] for name in FIELDS],
    "gift": [[f"story-{name}"] for name in FIELDS],
    "section": [["water"], ["hiddenibex"]],
    "section-feed": [["water"], ["hiddenibex"]],
    "tag": [["dam"], ["hiddenibex"]],
    "tag-feed": [["dam"], ["hiddenibex"]],
    "author": [["tamta"], ["hiddenibex"]],
    "author-feed": [["tamta"], ["hiddenibex"]],
    "go": [["1"]],
    "creative": [["1"]],
    "outside": [["inline"]],
    "advertiser": [["no-such-token".ljust(32, "x")]],
    "advertiser-csv": [["no-such-token".ljust(32, "x")]],
    "picture": [["images/00000000000000000000000000000000/480.webp"]],
    "account_confirm_email": [["no-such-key"]],
    "account_reset_password_from_key": [["1", "no-such-key"]],
    "mail_off": [["no-such-token"]],
    "prompt_join": [["1"]],
    "prompt_second": [["1"]],
    "prompt_answer": [["1"]],
    "drive": [["no-such-drive"], ["hiddenibex"]],
    "drive_remind": [["no-such-drive"]],
    "drive_confirm": [["no-such-token"]],
    "drive_off": [["no-such-token"]],
    "mfa_edit_webauthn": [["1"]],
    "mfa_remove_webauthn": [["1"]],
}
# Lists that show the stories' excerpts, which hold the free word.
SHOWS_EXCERPTS = {"front", "section", "tag", "author", "feed", "section-feed", "tag-feed", "author-feed"}
STORY = "article"
# Lists that go on into the past, from a key that lies far in the future.
PAGED = {"front", "section", "tag", "author"}
AFTER = "?after=99999999999999999-1"
# The desk's own pages show its readers everything: for them another test asks that nobody else sees a thing.
DESK = "admin"


@pytest.fixture
def stage(story, settings):
    """One story for each kind of terms, and others that nobody may see. The meter is on."""
    settings.METER, settings.METER_STRANGERS, settings.METER_REGISTERED = True, FREE_A_MONTH, FREE_A_MONTH
    store.default.forget()
    for number in range(FREE_A_MONTH):
        story(f"spent {number}", slug=f"spent-{number}", metered=True)
    for name, fields in FIELDS.items():
        fields = dict(fields)
        if fields.pop("early", False):
            fields["early_access_until"] = datetime.now(UTC) + timedelta(days=2)
        story(name, html=text(), slug=f"story-{name}", section="Water", tags=["Dam"], authors=["Tamta"], **fields)
    plans = {name: Plan.objects.create(name=name, slug=name, level=level) for name, level in LEVELS.items()}
    ArticlePlan.objects.create(article=Article.objects.get(slug="story-plan"), plan=plans[HIGH])
    hidden = f"<p>{HIDDEN_WORD}</p>"
    story("scheduled", html=hidden, published_at=datetime.now(UTC) + timedelta(days=1), section="Water", tags=["Dam"])
    draft = Article(headline=f"draft {HIDDEN_WORD}", slug="draft")
    publishing.save([publishing.Draft(draft, hidden, section="Water", tags=["Dam"], authors=["Tamta"])])
    named = Article(headline="Another draft", slug="draft-named")
    word = [HIDDEN_WORD.capitalize()]
    publishing.save([publishing.Draft(named, hidden, section=word[0], tags=word, hashtags=word, authors=word)])
    publishing.withdraw([story("withdrawn", html=hidden, section="Water", tags=["Dam"])])


def text():
    made = io.BytesIO()
    Picture.new("RGB", (60, 40), "teal").save(made, "PNG")
    image = Image.objects.store(io.BytesIO(made.getvalue()), alt=GATED_WORD, credit=GATED_WORD, caption=GATED_WORD).pk
    free = f"<p>First {FREE_WORD}.</p><p>Second.</p>"
    gated = [
        f"<p>{GATED_WORD} in a paragraph.</p>",
        f"<h2>{GATED_WORD} in a heading</h2>",
        f'<blockquote data-kind="pull"><p>{GATED_WORD}</p><cite>{GATED_WORD}</cite></blockquote>',
        f'<figure data-image="{image}" data-alt="{GATED_WORD}"><figcaption>{GATED_WORD} <small>{GATED_WORD}</small></figcaption></figure>',
        f'<figure data-embed="https://www.youtube.com/watch?v={GATED_WORD}"><figcaption>{GATED_WORD}</figcaption></figure>',
        f"<table><tr><td>{GATED_WORD}</td></tr></table>",
        f'<p><a href="https://example.com/{GATED_WORD}" title="{GATED_WORD}">link</a></p>',
    ]
    return free + "".join(gated)


class Gifted(Client):
    """A browser that brings the link of a gift, the members' story, to every address."""

    def __init__(self, token, **kwargs):
        super().__init__(**kwargs)
        self.token = token

    def generic(self, method, path, *args, **kwargs):
        return super().generic(method, f"{path}{'&' if '?' in path else '?'}gift={self.token}", *args, **kwargs)


@pytest.fixture
def browsers(stage, as_, leyla):
    """{kind of reader: its browser}. Those who have spent their month have read other stories."""
    key = Article.objects.get(slug="story-members").terms.key
    given, _gift = gifts.give(leyla, [key], "a click", timezone.now())
    found = {name: as_(account_of(name, leyla)) for name in READERS}
    found["gifted"] = Gifted(given, headers=HEADERS)
    for name in SPENT:
        for number in range(FREE_A_MONTH):
            assert GATED_WORD in said(found[name].get(f"/articles/spent-{number}/"))
    return found


def account_of(name, leyla):
    """The account of a kind of reader, None for strangers."""
    held = READERS[name]
    if held is None or held.get("grant"):
        return leyla if held else None
    user = User.objects.create_user(f"{slugify(name)}@example.com", display_name=name, is_staff="desk" in held)
    if "desk" in held:
        appoint(user, User.Role.EDITOR)
    if "plan" in held:
        failed = held.get("failed")
        Membership.objects.create(
            user=user,
            plan=Plan.objects.get(slug=held["plan"]),
            status=held["status"],
            failed_at=failed and timezone.now() - failed,
        )
    return user


def patterns(resolver=None, names=()):
    """(namespaces and name, pattern) of every address of the site."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLPattern):
            yield ":".join([*names, entry.name or str(entry.pattern)]), entry
        else:
            yield from patterns(entry, [*names, *([entry.namespace] if entry.namespace else [])])


def addresses():
    """(name, address) of every pattern. Fails for one with arguments that ARGUMENTS does not know."""
    for name, _pattern in patterns():
        if name.split(":")[0] == DESK:
            continue
        for arguments in ARGUMENTS.get(name, [[]]):
            for language, _words in settings.LANGUAGES:
                with override(language):
                    yield name, (address := address_of(name, arguments))
                if name in PAGED:
                    yield name, address + AFTER


def address_of(name, arguments):
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        pytest.fail(f"The walk does not know the address {name!r}: add it to ARGUMENTS.")


def walk(browsers):
    for name, address in addresses():
        for reader, browser in browsers.items():
            for headers in ({}, {"range": "bytes=0-999999"}):
                yield name, address, reader, browser.get(address, headers=headers)


def said(response):
    """Everything that a response says: its body and its headers."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return body.decode(errors="replace") + "\n".join(f"{k}: {v}" for k, v in response.headers.items())


def check(name, address, reader, response):
    words = said(response)
    where = f"{address} as {reader}"
    assert response.status_code < 500, where
    assert HIDDEN_WORD not in words.lower().replace(address, ""), f"{where} shows what is not published"
    kind = address.strip("/").rpartition("story-")[2].split("/")[0]
    if name == STORY and response.status_code == 200:
        assert FREE_WORD in words, f"{where} lost its free half"
        granted = reader in MAY_READ[kind]
        assert (GATED_WORD in words) == granted, where
        assert words.count("data-wall=") == (not granted), f"{where} has not one wall where it is walled"
        return
    assert GATED_WORD not in words, f"{where} leaks"
    if HIDDEN_WORD in address:
        assert response.status_code == 404, f"{where} tells of a draft"
    elif name in SHOWS_EXCERPTS and not address.startswith("/ru/"):
        assert FREE_WORD in words, f"{where} shows no story"


@pytest.fixture(params=["long", "short"])
def way(request):
    """Both ways of answering: the long one, and as a process that serves does, which answers strangers the short way
    once it knows a page."""
    if request.param == "short":
        request.getfixturevalue("serving")()


def test_no_address_gives_away_what_was_not_granted(stage, way, browsers):
    for look in walk(browsers):
        check(*look)


def test_nor_in_the_other_order_and_again(stage, way, browsers):
    backwards = dict(reversed(browsers.items()))
    for _round in range(2):
        for look in walk(backwards):
            check(*look)


def test_nor_to_who_comes_after_each_other_kind_of_reader(stage, way, browsers):
    """Every pair, on a process that knows nothing yet and on one that knows the page as the first got it."""
    for first in READERS:
        for second in READERS:
            store.default.forget()
            for kind in FIELDS:
                address = reverse(STORY, args=[f"story-{kind}"])
                for reader in (first, second, second, first):
                    check(STORY, address, reader, browsers[reader].get(address))


def test_head_says_what_get_says_and_no_more(stage, browsers):
    for name, address in addresses():
        for reader, browser in browsers.items():
            response = browser.head(address)
            assert response.status_code < 500
            assert GATED_WORD not in said(response), f"HEAD {address} as {reader} ({name})"


def test_odd_forms_of_an_address_open_nothing(stage, stranger):
    path = reverse("article", args=["story-members"])
    for odd in ("?format=txt", "?x=.css", "?preview=1", "?amp=1", "?after=1-1"):
        assert GATED_WORD not in said(stranger.get(path + odd))
    for gone in ("y.css", "feed/", "amp/", "print/", "audio/"):
        assert stranger.get(path + gone).status_code == 404


def test_a_crawlers_name_opens_nothing(stage, stranger):
    path = reverse("article", args=["story-registered"])
    for agent in ("Googlebot/2.1 (+http://www.google.com/bot.html)", "facebookexternalhit/1.1", "Twitterbot/1.0"):
        assert GATED_WORD not in said(stranger.get(path, headers={"user-agent": agent}))


@pytest.mark.parametrize("header", ["x-forwarded-host", "x-original-url", "x-rewrite-url", "x-http-method-override"])
def test_headers_that_proxies_add_change_nothing(stage, stranger, header):
    path = reverse("article", args=["story-members"])
    plain, odd = stranger.get(path), stranger.get(path, headers={header: "/articles/story-open/"})
    assert odd.content == plain.content


def desk_addresses():
    """Every address of the desk, those of one object for each story; what else it takes is the first of its kind."""
    ids = [str(pk) for pk in Article.objects.values_list("pk", flat=True)]
    for name, pattern in patterns():
        if name.split(":")[0] != DESK:
            continue
        takes = len(pattern.pattern.converters) + pattern.pattern.regex.groups * (not pattern.pattern.converters)
        for first in ids if takes else [None]:
            arguments = ["articles"] if name.endswith(":app_list") else [first, "1"][:takes]
            try:
                yield reverse(name, args=arguments)
            except NoReverseMatch:
                assert pattern.name is None or name.endswith((":app_list", ":view_on_site")), name


def test_the_desk_shows_readers_nothing(stage, browsers):
    found = set(desk_addresses())
    assert len(found) > 60
    for reader in ("stranger", "registered", "gifted", HIGH):
        for path in found:
            response = browsers[reader].get(path)
            assert response.status_code in (302, 403, 404) or path.endswith(("/jsi18n/", "/login/", "/logout/")), path
            words = said(response)
            assert not {GATED_WORD, HIDDEN_WORD, FREE_WORD} & set(re.findall(r"\w+", words)), f"{path} as {reader}"


def test_an_error_page_shows_nothing(stage, stranger):
    for path in ("/articles/draft/", "/articles/scheduled/", "/articles/withdrawn/", "/articles/nothing/"):
        response = stranger.get(path)
        assert response.status_code == 404
        assert HIDDEN_WORD not in said(response)
        assert GATED_WORD not in said(response)


def test_losing_a_grant_acts_at_the_next_request(stage, browsers, leyla):
    path = reverse("article", args=["story-members"])
    assert GATED_WORD in said(browsers["member"].get(path))
    leyla.grants.get().revoke()
    assert GATED_WORD not in said(browsers["member"].get(path))


def test_a_banned_account_reads_as_a_stranger(stage, browsers, leyla):
    path = reverse("article", args=["story-registered"])
    leyla.banned_at = datetime.now(UTC)
    leyla.save()
    assert GATED_WORD not in said(browsers["member"].get(path))


def test_what_holds_granted_text_is_kept_nowhere(stage, browsers):
    for kind, may in MAY_READ.items():
        for reader, browser in browsers.items():
            response = browser.get(reverse("article", args=[f"story-{kind}"]))
            if reader not in STRANGERS or reader == "gifted" or (reader in may and kind != "open"):
                assert response["Cache-Control"] == "private, no-store"
                assert "ETag" not in response
            else:
                assert response["Cache-Control"] == "private, no-cache"
