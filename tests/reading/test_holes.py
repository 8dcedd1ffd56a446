"""What fills the slots: ads in turn, prompts that fit, the reader's corner."""

from datetime import UTC, datetime, timedelta

import pytest

from articles.ads import choose as ads
from articles.ads.models import Ad
from members.prompts import choose as prompts
from members.prompts.models import Prompt, own_prompts
from members.reader import Reader

pytestmark = pytest.mark.django_db


@pytest.fixture
def bookings():
    since = datetime.now(UTC) - timedelta(hours=1)
    return [Ad.objects.create(name=n, headline=n, url="https://example.com/", starts_at=since) for n in "abc"]


def advertised(places, story, language, at):
    """The names of the ads in so many places of a story, None where the house stands in."""
    return [ad and ad.name for ad in ads.choose(places, story, ads.Booked.load().running(language, at))]


def test_neighbours_on_a_page_differ(bookings, now):
    for story in range(5):
        assert sorted(advertised(3, story, "en", now)) == ["a", "b", "c"]


def test_ads_take_turns_from_story_to_story(bookings, now):
    assert {advertised(1, story, "en", now)[0] for story in range(3)} == {"a", "b", "c"}


def test_an_ad_runs_in_its_time_and_while_it_is_active(bookings, now):
    a, b, c = bookings
    Ad.objects.filter(pk=a.pk).update(active=False)
    Ad.objects.filter(pk=b.pk).update(ends_at=now)
    Ad.objects.filter(pk=c.pk).update(starts_at=now + timedelta(seconds=1))
    booked = ads.Booked.load()
    for seconds, runs in ((-1, ["b"]), (0, []), (0.5, []), (1, ["c"]), (0, []), (-1, ["b"])):
        # One snapshot serves every moment: nothing but time has changed.
        assert [ad.name for ad in booked.running("en", now + timedelta(seconds=seconds))] == runs
    assert advertised(2, 0, "en", now) == [None, None]


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://example.com/x", True),
        ("/join/", True),
        ("http://example.com/", False),
        ("//evil.example/", False),
        ("/\\evil.example/", False),
        ("javascript:alert(1)", False),
        ("https://", False),
    ],
)
def test_an_ad_leads_to_https_or_to_a_page_of_ours(url, good):
    from django.core.exceptions import ValidationError

    ad = Ad(name="x", headline="x", url=url)
    if good:
        ad.full_clean()
    else:
        with pytest.raises(ValidationError, match="https://"):
            ad.full_clean()


def prompted(story, language, reader=None):
    """The title of the prompt for a reader (default: a stranger) of a story, or None."""
    running = prompts.Running.load()
    chosen = prompts.choose(list(own_prompts(story)), language, reader or Reader.stranger(), running)
    return chosen and running.prompts[chosen].title


def test_a_storys_own_prompt_comes_before_the_one_for_everywhere():
    everywhere = Prompt.objects.create(title="Everywhere", everywhere=True)
    own = Prompt.objects.create(title="Own")
    Prompt.objects.create(title="Of another story").attach([8])
    own.attach([7])
    assert prompted(7, "en") == "Own"
    assert prompted(9, "en") == "Everywhere"
    Prompt.objects.filter(pk=own.pk).update(active=False)
    assert prompted(7, "en") == "Everywhere"
    Prompt.objects.filter(pk=everywhere.pk).update(active=False)
    assert prompted(7, "en") is None


def test_a_member_is_not_asked_to_join(leyla, aram, now):
    Prompt.objects.create(title="Everywhere", everywhere=True)
    assert prompted(7, "en", Reader.of_user(aram, now)) == "Everywhere"
    assert prompted(7, "en", Reader.of_user(leyla, now)) is None


def test_a_story_gets_ads_and_prompts_of_its_own_language(bookings, now):
    Prompt.objects.create(title="Everywhere", everywhere=True)
    Prompt.objects.create(title="Везде", everywhere=True, language="ru")
    Ad.objects.create(name="яблоки", headline="Яблоки", url="/join/", language="ru", starts_at=now)
    assert prompted(7, "ru") == "Везде"
    assert set(advertised(2, 0, "ru", now)) == {"яблоки"}
    assert "яблоки" not in set(advertised(4, 0, "en", now))


def test_a_prompt_of_the_same_words_is_one_row():
    first = Prompt.objects.record(title="Join the voices", text="For years.", pitch="Today", button="Join")
    again = Prompt.objects.record(title="Join  the voices ", text="for years", pitch="Today", button="Become a member")
    other = Prompt.objects.record(title="Join the voices", text="For months.", pitch="Today", button="Join")
    assert first == again != other


def test_the_corner_says_who_is_asking(story, stranger, as_, aram, leyla, nino):
    story()
    assert "Sign in" in stranger.get("/").content.decode()
    for user, says, never in ((aram, "Aram", "Desk"), (leyla, "Leyla", "Desk"), (nino, "Desk", "Sign in")):
        text = as_(user).get("/").content.decode()
        corner = text[: text.index("<main")]
        assert says in corner
        assert never not in corner


def test_a_name_is_text(story, as_, aram):
    aram.display_name = "<b>Aram</b>"
    aram.save()
    assert "&lt;b&gt;Aram&lt;/b&gt;" in as_(aram).get("/").content.decode()


def test_nobody_can_write_a_slot_into_a_story(story, stranger):
    text = stranger.get(story(html="<p>a</p><!--x:ad:0--><p>&lt;!--x:ad:0--&gt;</p><p>b</p>").get_absolute_url())
    assert text.content.decode().count('data-insert="ad"') == 0
