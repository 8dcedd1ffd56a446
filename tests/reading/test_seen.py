"""The beacon that tells what readers really saw: counts what there is, believes no other site, needs no cookie."""

from datetime import UTC, datetime, timedelta

import pytest

from articles.ads.models import Advertiser, Creative
from articles.ads.models import Campaign as Booking
from members.prompts.models import Campaign, Variant
from newsroom.ground import counters
from newsroom.ground.models import Count

pytestmark = pytest.mark.django_db
OURS = {"HTTP_SEC_FETCH_SITE": "same-origin"}


@pytest.fixture
def creative(db):
    since = datetime.now(UTC) - timedelta(days=1)
    campaign = Booking.objects.create(
        advertiser=Advertiser.objects.create(name="Mill"), name="Flour", starts_at=since, placements=["inline"]
    )
    return Creative.objects.create(campaign=campaign, name="Flour", headline="Flour", url="https://example.com/")


@pytest.fixture
def variant(db):
    campaign = Campaign.objects.create(name="Join", status="running", place="end")
    return Variant.objects.create(campaign=campaign, heading="Join us")


def tell(client, *lines, **meta):
    return client.post("/seen/", "\n".join(lines), content_type="text/plain;charset=UTF-8", **(meta or OURS))


def counted():
    counters.flush()
    return {
        (row.series, row.key): row.number
        for row in Count.objects.exclude(series__in=["compiled", "read", "prompt-story"])
    }


def test_what_was_seen_is_counted_by_place_and_story(stranger, creative, variant):
    name = f"{variant.campaign_id}.{variant.pk}"
    tell(stranger, f"prompt:{name}.end.31")
    assert counted() == {("prompt-seen", f"{name}.end"): 1}, "on a story where it never stood"
    Count.objects.all().delete()
    Count.objects.create(series="prompt-story", key=f"{name}:31", hour=datetime.now(UTC), number=1)
    response = tell(stranger, f"ad:{creative.pk}:inline1", f"prompt:{name}.end.31", "ad:house:inline2")
    assert (response.status_code, response.content) == (204, b"")
    assert not response.cookies
    assert counted() == {
        ("ad-seen", f"{creative.pk}:inline1"): 1,
        ("ad-seen", "house:inline2"): 1,
        ("prompt-seen", f"{name}.end"): 1,
        ("prompt-story-seen", f"{variant.campaign_id}.{variant.pk}:31"): 1,
    }


def test_what_there_is_not_is_passed_over(stranger, creative, variant):
    lines = [
        "", "ad", "ad:", f"ad:{creative.pk}", f"ad:{creative.pk}:inline", f"ad:{creative.pk}:inline0",
        f"ad:{creative.pk + 1}:inline1", f"ad:{creative.pk}:moon", "ad:0:top", "ad:-1:top", "ad:٣:top",
    ]  # fmt: skip
    assert tell(stranger, *lines).status_code == 204
    lines = [
        f"prompt:{variant.campaign_id}.{variant.pk + 1}.end.31", f"prompt:{variant.campaign_id + 1}.{variant.pk}.end",
        "prompt:0.0.end.31", f"prompt:{variant.campaign_id}.{variant.pk}.moon.31", "\0", "ad:1:top\r", "x" * 200,
    ]  # fmt: skip
    assert tell(stranger, *lines).status_code == 204
    assert counted() == {}


def test_an_insert_counts_once_a_beacon_and_a_dozen_at_most(stranger, creative):
    line = f"ad:{creative.pk}:inline1"
    tell(stranger, line, line)
    tell(stranger, *[f"ad:{n}:top" for n in range(1_000, 1_012)], line)
    assert counted() == {("ad-seen", line.removeprefix("ad:")): 1}


@pytest.mark.parametrize(
    ("meta", "status"),
    [
        ({"HTTP_SEC_FETCH_SITE": "same-origin"}, 204),
        ({"HTTP_SEC_FETCH_SITE": "same-origin", "HTTP_ORIGIN": "https://evil.example"}, 204),
        ({"HTTP_SEC_FETCH_SITE": "cross-site"}, 403),
        ({"HTTP_SEC_FETCH_SITE": "same-site"}, 403),
        ({"HTTP_SEC_FETCH_SITE": "none"}, 403),
        ({"HTTP_SEC_FETCH_SITE": ""}, 403),
        ({"HTTP_ORIGIN": "http://localhost:8000"}, 204),
        ({"HTTP_ORIGIN": "https://localhost:8000"}, 403),
        ({"HTTP_ORIGIN": "http://localhost"}, 403),
        ({"HTTP_ORIGIN": "null"}, 403),
        ({"HTTP_ORIGIN": "http://[::1"}, 403),
        ({"HTTP_ORIGIN": "http://user@localhost:8000"}, 403),
        ({"HTTP_REFERER": "http://localhost:8000/"}, 403),
    ],
)
def test_only_pages_of_ours_are_believed(stranger, creative, meta, status):
    assert tell(stranger, f"ad:{creative.pk}:top", **meta).status_code == status
    assert bool(counted()) == (status == 204)


def test_robots_and_who_works_here_are_not_counted(stranger, as_, nino, creative):
    line = f"ad:{creative.pk}:top"
    assert tell(as_(nino), line).status_code == 204
    assert tell(stranger, line, HTTP_USER_AGENT="Examplebot/1.0", **OURS).status_code == 204
    assert counted() == {}


def test_members_are_counted_as_strangers_are(as_, leyla, creative):
    assert tell(as_(leyla), f"ad:{creative.pk}:top").status_code == 204
    assert counted()


def test_what_is_long_or_no_post_is_refused(stranger, creative):
    assert tell(stranger, "x" * 1_001).status_code == 413
    assert stranger.get("/seen/").status_code == 405
    assert stranger.post("/seen/", b"\xff\xfe", content_type="text/plain", **OURS).status_code == 204
