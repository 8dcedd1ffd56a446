"""Campaigns are run by editors themselves, in forms that say what to do."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image as Picture

from articles.ads import conflicts
from articles.ads.models import Advertiser, Campaign, Creative, Sellers
from articles.models import Image, Section
from articles.tags.models import Tag
from members.models import User
from newsroom.ground.models import Count
from tests.ads.bookings import book
from tests.desk.people import with_role

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
ADD = "/admin/ads/creative/add/"


@pytest.fixture
def editor(as_):
    return as_(with_role("editor@example.com"))


def png(width, height):
    made = io.BytesIO()
    Picture.new("RGB", (width, height), "teal").save(made, "PNG")
    made.seek(0)
    made.name = "bread.png"
    return made


def campaign_fields(**fields):
    advertiser = Advertiser.objects.get_or_create(name="The bakery")[0]
    sent = {
        "advertiser": advertiser.pk, "name": "Bread", "priority": 2, "weight": 10, "goal_kind": "impressions",
        "starts_at_0": "2026-11-01", "starts_at_1": "08:00:00", "ends_at_0": "2026-12-01", "ends_at_1": "08:00:00",
    }  # fmt: skip
    return sent | fields


def said(response):
    assert response.status_code == 200
    return response.content.decode()


def test_a_campaign_is_booked_in_an_editors_words(editor, story):
    news = Section.objects.create(name="News", slug="news")
    tags = Tag.objects.named(["Dam", "Bread"])
    live, other = story("The mill"), story("The forge")
    sent = campaign_fields(
        include_section=[news.pk], include_tag="bread , Dam", include_article=f"https://x.example{live.get_absolute_url()}",
        include_language=["en"], exclude_device=["mobile"], exclude_audience=["member", "past_due"],
        exclude_article=str(other.pk), placements=["inline", "row2"], weekdays=["0", "4"], hour_from=22, hour_until=4, cap=3,
    )  # fmt: skip
    response = editor.post("/admin/ads/campaign/add/", sent)
    assert response.status_code == 302, response.context["errors"]
    made = Campaign.objects.get()
    assert made.include == {
        "section": [news.pk], "tag": [tags["bread"].pk, tags["dam"].pk], "article": [live.pk], "language": ["en"],
    }  # fmt: skip
    assert made.exclude == {"article": [other.pk], "device": ["mobile"], "audience": ["member", "past_due"]}
    assert (made.placements, made.weekdays) == (["inline", "row2"], [0, 4])
    assert (made.hour_from, made.hour_until, made.cap) == (22, 4, 3)
    page = said(editor.get(reverse("admin:ads_campaign_change", args=[made.pk])))
    for words in ("Bread, Dam", live.get_absolute_url(), 'value="mobile" id="id_exclude_device_0" checked'):
        assert words in page, words


def test_what_is_shown_in_the_form_is_saved_as_it_was(editor, story):
    bread = book("Bread", include={"tag": [Tag.objects.named(["Dam"])["dam"].pk]}, placements=["top"], weekdays=[2])
    path = reverse("admin:ads_campaign_change", args=[bread.campaign_id])
    form = editor.get(path).context["adminform"].form
    sent = {name: form[name].value() for name in form.fields if form[name].value() not in (None, "", [])}
    sent |= {"starts_at_0": "2026-11-01", "starts_at_1": "08:00:00"}
    sent["include_tag"] = "Dam"
    assert editor.post(path, sent).status_code == 302
    after = Campaign.objects.get()
    before = bread.campaign
    assert (after.include, after.exclude, after.placements, after.weekdays) == (
        before.include, before.exclude, before.placements, before.weekdays,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"include_tag": "No such tag"}, "There is no tag “No such tag”"),
        ({"include_article": "/articles/nowhere/"}, "There is no story at “/articles/nowhere/”"),
        ({"include_article": "http://[bad"}, "There is no story at"),
        ({"include_section": ["4711"]}, "4711"),
        ({"include_device": ["toaster"]}, "toaster"),
        ({"placements": ["roof"]}, "roof"),
        ({"goal": 10, "ends_at_0": "", "ends_at_1": ""}, "say when it ends"),
        ({"ends_at_0": "2026-10-01"}, "A campaign ends after it starts."),
        ({"hour_from": 8}, "Give both hours"),
    ],
)
def test_what_is_wrong_is_told_with_what_to_do(editor, fields, words):
    page = said(editor.post("/admin/ads/campaign/add/", campaign_fields(**fields)))
    assert words in page.replace("&#x27;", "'")
    assert not Campaign.objects.exists()


def test_a_draft_needs_no_dates(editor):
    sent = campaign_fields(starts_at_0="", starts_at_1="", ends_at_0="", ends_at_1="")
    assert editor.post("/admin/ads/campaign/add/", sent).status_code == 302
    assert "Draft" in said(editor.get("/admin/ads/campaign/"))


def _sent(editor, campaign):
    form = editor.get(reverse("admin:ads_campaign_change", args=[campaign.pk])).context["adminform"].form
    sent = {name: form[name].value() for name in form.fields if form[name].value() not in (None, "", [], False)}
    moment = timezone.localtime(campaign.starts_at)
    sent.pop("starts_at")
    return sent | {"starts_at_0": f"{moment:%Y-%m-%d}", "starts_at_1": f"{moment:%H:%M:%S}"}


def test_buttons_pause_go_on_and_copy(editor):
    campaign = book("Bread").campaign
    path = reverse("admin:ads_campaign_change", args=[campaign.pk])
    assert "Save and pause" in said(editor.get(path))
    assert editor.post(path, _sent(editor, campaign) | {"_pause": "1"}).status_code == 302
    campaign.refresh_from_db()
    assert campaign.paused
    assert "Save and go on" in said(editor.get(path))
    editor.post(path, _sent(editor, campaign) | {"_resume": "1"})
    campaign.refresh_from_db()
    assert not campaign.paused
    response = editor.post(path, _sent(editor, campaign) | {"_copy": "1"})
    copy = Campaign.objects.latest("pk")
    assert response["Location"] == reverse("admin:ads_campaign_change", args=[copy.pk])
    assert (copy.name, copy.starts_at, copy.creatives.count()) == ("Bread (copy)", None, 1)


def test_actions_do_so_for_several_at_once(editor):
    rows = [book(name).campaign_id for name in ("Bread", "Nails")]
    for action, paused in (("pause", 2), ("resume", 0)):
        editor.post("/admin/ads/campaign/", {"action": action, "_selected_action": rows})
        assert Campaign.objects.filter(paused=True).count() == paused
    editor.post("/admin/ads/campaign/", {"action": "copy", "_selected_action": rows})
    assert Campaign.objects.filter(starts_at=None).count() == 2


def test_the_list_tells_each_state_and_what_is_in_the_way(editor):
    now = timezone.now()
    book("Running")
    book("Off", paused=True)
    book("Later", starts_at=now + DAY)
    behind = book("Slow", goal=1_000, starts_at=now - 10 * DAY, ends_at=now + 10 * DAY, placements=["end"])
    sponsor = book("Sponsor", priority=1)
    Count.objects.create(series="ad", key=f"{behind.pk}:end", hour=now - DAY, number=10)
    page = said(editor.get("/admin/ads/campaign/"))
    rows = {
        name: next(part for part in page.split("<tr")[1:] if f">{name}<" in part)
        for name in ("Running", "Off", "Later", "Slow", "Sponsor")
    }
    for name, words in (("Running", "Running"), ("Off", "Paused"), ("Later", "Scheduled"), ("Slow", "behind its goal")):
        assert words in rows[name]
    assert "Sponsor: It comes first" in rows["Slow"]
    assert "asks for more than its places had" in rows["Slow"]
    assert "comes first" not in rows["Sponsor"]
    assert reverse("admin:ads_campaign_report", args=[sponsor.campaign_id]) in rows["Sponsor"]


def test_the_list_asks_no_more_for_many_campaigns_than_for_few(editor):
    def asked():
        # Once for what this process learns of the changes.
        editor.get("/admin/ads/campaign/")
        with CaptureQueriesContext(connection) as queries:
            editor.get("/admin/ads/campaign/")
        return len(queries)

    now = timezone.now()
    book("First", goal=5, ends_at=now + DAY)
    few = asked()
    for number in range(12):
        book(f"More {number}", goal=5, ends_at=now + DAY)
    assert asked() == few


@pytest.mark.parametrize(
    ("time", "names"),
    [("booked", {"Now", "Later"}), ("draft", {"Draft"}), ("ended", {"Over"}), ("x", {"Now", "Later", "Draft", "Over"})],
)
def test_the_list_is_narrowed_by_time(editor, time, names):
    now = timezone.now()
    book("Now")
    book("Later", starts_at=now + DAY)
    book("Draft", starts_at=None)
    book("Over", ends_at=now - timedelta(hours=1))
    shown = editor.get("/admin/ads/campaign/", {"time": time}).context["cl"].result_list
    assert {campaign.name for campaign in shown} == names


# What the other has -> whether it is in the way of a standard campaign for section 1, this week, within stories.
WAYS = [
    ({}, True),
    ({"priority": 2}, False),
    ({"priority": 3}, False),
    ({"goal": 5, "ends_at": datetime(2026, 12, 1, tzinfo=UTC)}, False),
    ({"cap": 1}, False),
    ({"paused": True}, False),
    ({"placements": ["top"]}, False),
    ({"placements": ["inline2", "top"]}, True),
    ({"include": {"section": [2]}}, False),
    ({"include": {"section": [1, 2]}}, True),
    ({"exclude": {"section": [1]}}, False),
    ({"starts_at": datetime(2026, 11, 8, tzinfo=UTC)}, False),
    ({"starts_at": datetime(2026, 11, 7, tzinfo=UTC)}, True),
    ({"starts_at": datetime(2026, 10, 1, tzinfo=UTC), "ends_at": datetime(2026, 11, 1, tzinfo=UTC)}, False),
]


@pytest.mark.parametrize(("fields", "is_in_the_way"), WAYS)
def test_what_comes_first_is_told_where_it_may_leave_nothing(fields, is_in_the_way):
    start = datetime(2026, 11, 1, tzinfo=UTC)
    own = book(
        "Own", starts_at=start, ends_at=start + 7 * DAY, include={"section": [1]}, placements=["inline"]
    ).campaign
    other = book("Other", **{"priority": 1, "starts_at": start - DAY} | fields).campaign
    found = conflicts.of(own, [own, other], start)
    assert [one.other for one in found] == ([other] if is_in_the_way else [])


@pytest.mark.parametrize(
    ("supply", "left", "told"),
    [(700, 700, False), (700, 1500, True), (0, 1, True), (None, 10_000, False), (5, 0, False)],
)
def test_a_goal_that_last_weeks_readers_could_not_fill_is_told(supply, left, told):
    start = datetime(2026, 11, 1, tzinfo=UTC)
    campaign = book("Own", starts_at=start, ends_at=start + 14 * DAY, goal=10_000).campaign
    assert bool(conflicts.of(campaign, [], start, supply, left)) == told


# Creatives.


def creative_fields(campaign, **fields):
    sent = {"campaign": campaign.pk, "name": "Bread", "kind": "native", "url": "/join/", "active": "on"}
    return sent | {"headline": "", "text": "", "button": "", "alt": "", "html": "", "size": ""} | fields


def test_words_are_enough_for_a_creative(editor):
    sent = creative_fields(book().campaign, name="Words", headline="Rolls")
    assert editor.post(ADD, sent).status_code == 302
    made = Creative.objects.latest("pk")
    assert (made.headline, made.size) == ("Rolls", None)


@pytest.mark.parametrize(("width", "height"), [(300, 250), (600, 500)])
def test_a_picture_of_a_size_that_fits_is_kept_and_drawn_with_its_place_reserved(editor, width, height):
    sent = creative_fields(book().campaign, kind="image", alt="Rolls in a basket", file=png(width, height))
    response = editor.post(ADD, sent)
    assert response.status_code == 302, response.context["errors"]
    made = Creative.objects.latest("pk")
    assert made.size == (300, 250)
    assert made.image == Image.objects.get()
    page = said(editor.get(reverse("admin:ads_creative_change", args=[made.pk])))
    for words in ('width="300" height="250"', 'alt="Rolls in a basket"', made.image.url, "Advertisement"):
        assert words in page, words


def test_a_picture_is_changed_without_being_sent_again(editor):
    editor.post(ADD, creative_fields(book().campaign, kind="image", alt="Rolls", file=png(320, 50)))
    made = Creative.objects.latest("pk")
    path = reverse("admin:ads_creative_change", args=[made.pk])
    sent = creative_fields(made.campaign, kind="image", alt="Rolls, warm")
    assert editor.post(path, sent).status_code == 302
    made.refresh_from_db()
    assert (made.alt, made.size, made.image_id is not None) == ("Rolls, warm", (320, 50), True)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kind": "native"}, "needs a headline"),
        ({"kind": "image", "alt": "x"}, "Choose the picture."),
        ({"kind": "image"}, "for readers who cannot see it"),
        ({"kind": "html", "html": "<a href='{click}'>x</a>"}, "Choose one."),
        ({"kind": "html", "size": "300 × 250", "html": "<script>alert(1)</script>"}, "Scripts are not run"),
        ({"kind": "html", "size": "728 × 90", "html": "<a href='{click}'>x</a>"}, "wider than a telephone"),
        ({"headline": "x", "url": "http://example.com/"}, "begins with https://"),
    ],
)
def test_what_a_creative_lacks_is_told(editor, fields, words):
    campaign = book().campaign
    page = said(editor.post(ADD, creative_fields(campaign, **fields)))
    assert words in page
    assert Creative.objects.count() == 1


@pytest.mark.parametrize(("width", "height"), [(300, 600), (640, 480), (301, 250), (900, 750)])
def test_a_picture_that_would_need_more_room_is_refused_with_the_sizes_there_are(editor, width, height):
    campaign = book(placements=["inline"]).campaign
    page = said(editor.post(ADD, creative_fields(campaign, kind="image", alt="x", file=png(width, height))))
    assert f"The picture has {width} × {height} pixels" in page
    assert "300 × 250" in page
    assert not Creative.objects.filter(kind="image").exists()


def test_what_is_no_picture_is_refused(editor):
    for name, content in (("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"), ("x.png", b"nothing")):
        file = io.BytesIO(content)
        file.name = name
        page = said(editor.post(ADD, creative_fields(book().campaign, kind="image", alt="x", file=file)))
        assert "no picture that we can read" in page


def test_a_wide_frame_is_taken_where_telephones_are_excluded(editor):
    campaign = book(exclude={"device": ["mobile"]}).campaign
    sent = creative_fields(campaign, kind="html", size="728 × 90", html='<a href="{click}" target="_blank">x</a>')
    assert editor.post(ADD, sent).status_code == 302
    assert Creative.objects.latest("pk").size == (728, 90)


def test_what_was_shown_is_not_deleted(editor):
    bread, fresh = book("Bread"), book("Fresh")
    Count.objects.create(series="ad", key=f"{bread.pk}:top", hour=timezone.now(), number=1)
    for kind, shown, new in (("creative", bread.pk, fresh.pk), ("campaign", bread.campaign_id, fresh.campaign_id)):
        path = f"admin:ads_{kind}_delete"
        assert editor.post(reverse(path, args=[shown]), {"post": "yes"}).status_code == 403
        assert editor.post(reverse(path, args=[new]), {"post": "yes"}).status_code == 302
        sent = {"action": "delete_selected", "_selected_action": [shown], "post": "yes"}
        editor.post(f"/admin/ads/{kind}/", sent)
    assert Creative.objects.get() == bread


# Advertisers and ads.txt.


def test_a_link_is_shown_once_and_can_be_withdrawn(editor, stranger):
    advertiser = Advertiser.objects.create(name="The bakery")
    chosen = {"_selected_action": [advertiser.pk]}
    page = said(editor.post("/admin/ads/advertiser/", {"action": "make_links", **chosen}, follow=True))
    path = page[page.index("/advertisers/") :].split(".")[0]
    assert stranger.get(path).status_code == 200
    assert path not in said(editor.get("/admin/ads/advertiser/"))
    editor.post("/admin/ads/advertiser/", {"action": "withdraw_links", **chosen})
    assert stranger.get(path).status_code == 404


def test_ads_txt_is_one_page_in_place_of_a_list(editor):
    first = editor.get("/admin/ads/sellers/")["Location"]
    assert first == "/admin/ads/sellers/add/"
    assert not Sellers.objects.exists(), "to look at it writes nothing"
    assert editor.post(first, {"text": "a.com, 1, DIRECT"}).status_code == 302
    response = editor.get("/admin/ads/sellers/")
    assert response["Location"] == reverse("admin:ads_sellers_change", args=[1])
    assert editor.get(response["Location"]).status_code == 200
    assert editor.get(first)["Location"] == response["Location"]
    assert editor.post("/admin/ads/sellers/1/delete/", {"post": "yes"}).status_code == 403
    assert editor.get("/admin/ads/sellers/").status_code == 302
    assert Sellers.objects.count() == 1


def test_reporters_have_no_part_in_it(as_):
    reporter = as_(with_role("reporter@example.com", User.Role.REPORTER))
    bread = book()
    for path in (
        "/admin/ads/campaign/", "/admin/ads/creative/", "/admin/ads/advertiser/", "/admin/ads/sellers/",
        reverse("admin:ads_campaign_change", args=[bread.campaign_id]), ADD,
    ):  # fmt: skip
        assert reporter.get(path).status_code == 403, path
    reporter.post("/admin/ads/campaign/", {"action": "pause", "_selected_action": [bread.campaign_id]})
    assert not Campaign.objects.get().paused
