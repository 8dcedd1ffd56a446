"""The desk's pages of campaigns: what an editor may say, what is refused in words, and what the list tells."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from articles.models import Section
from articles.tags.models import Tag
from members.prompts.models import Campaign, CampaignStory
from newsroom.ground.models import Count

pytestmark = pytest.mark.django_db

ADD = "admin:prompts_campaign_add"
CHANGE = "admin:prompts_campaign_change"
LIST = "admin:prompts_campaign_changelist"


def typed(**changes):
    """The form as an editor fills it in: a campaign of one variant, which runs everywhere."""
    form = {
        "name": "Spring", "status": "running", "language": "en", "priority": "10", "holdback": "0", "reads_min": "0",
        "read_tag_min": "1", "walls_min": "0", "place": "top", "after": "3", "frequency": "on", "views_max": "4",
        "from_view": "2", "quiet_days": "30",
        "variants-TOTAL_FORMS": "1", "variants-INITIAL_FORMS": "0", "variants-0-name": "A", "variants-0-weight": "1",
        "variants-0-heading": "Stand with us",
    }  # fmt: skip
    return {name: value for name, value in (form | changes).items() if value is not None}


def stored(campaign):
    """The form of a stored campaign, as the page shows it, to be sent again."""
    variant = campaign.variants.get()
    return typed(
        **{
            "name": campaign.name, "variants-INITIAL_FORMS": "1", "variants-0-id": variant.pk,
            "variants-0-campaign": campaign.pk, "variants-0-heading": variant.heading, "from_view": campaign.from_view,
        }
    )  # fmt: skip


@pytest.fixture
def desk(as_, nino):
    return as_(nino)


def text(response):
    return response.content.decode()


def row(page, name):
    return next(part for part in page.split("<tr")[1:] if name in part)


@pytest.fixture
def named(story):
    """Stories with tags and a section, as the desk names them: {headline: story}."""
    tags = {"tags": ["Water", "Upper Dzor"], "section": "City"}
    return {headline: story(headline, **tags) for headline in ("The mill road reopens", "A spring dries up")}


def ids(*names):
    return [Tag.objects.get(name=name).pk for name in names]


def test_an_editor_makes_a_campaign_by_names(desk, named):
    mill, spring = named.values()
    section = Section.objects.get()
    aims = {
        "include_tag": "upper dzor, #Water", "include_section": [section.pk], "include_kind": ["gated"],
        "include_country": "ge am", "include_device": ["mobile", "tablet"], "states": ["lapsed"], "read_tag": "water",
        "exclude_story": f"http://localhost:8000{mill.get_absolute_url()}\n{spring.pk}",
    }  # fmt: skip
    assert desk.post(reverse(ADD), typed(**aims)).status_code == 302
    campaign = Campaign.objects.get()
    dzor, water = ids("Upper Dzor", "Water")
    assert campaign.include == {
        "tag": [dzor, water], "section": [section.pk], "kind": ["gated"], "country": ["GE", "AM"],
        "device": ["mobile", "tablet"],
    }  # fmt: skip
    assert (campaign.exclude, campaign.states) == ({"story": [mill.pk, spring.pk]}, ["lapsed"])
    assert (campaign.read_tag, campaign.tag_names) == (water, {str(dzor): "Upper Dzor", str(water): "Water"})
    page = text(desk.get(reverse(CHANGE, args=[campaign.pk])))
    for said in ('value="Upper Dzor, Water"', 'value="Water"', 'value="GE, AM"', spring.get_absolute_url()):
        assert said in page


def test_a_form_that_is_sent_again_changes_nothing(desk, named):
    mill, spring = named.values()
    aims = {"include_tag": "Water", "by_story": "on", "own_stories": f"{mill.pk}\n{spring.pk}", "read_tag": "Water"}
    desk.post(reverse(ADD), typed(**aims))
    Campaign.objects.update(follows_import=True)
    before, stories = Campaign.objects.values().get(), set(CampaignStory.objects.values_list("story", flat=True))
    assert desk.post(reverse(CHANGE, args=[before["id"]]), stored(Campaign.objects.get()) | aims).status_code == 302
    assert Campaign.objects.values().get() == before
    assert set(CampaignStory.objects.values_list("story", flat=True)) == stories == {mill.pk, spring.pk}


def test_stories_of_its_own_are_taken_off_and_added(desk, named):
    mill, spring = named.values()
    desk.post(reverse(ADD), typed(by_story="on", own_stories=str(mill.pk)))
    campaign = Campaign.objects.get()
    change = {"by_story": "on", "own_stories": spring.get_absolute_url()}
    desk.post(reverse(CHANGE, args=[campaign.pk]), stored(campaign) | change)
    assert set(campaign.stories.values_list("story", flat=True)) == {spring.pk}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"include_tag": "Water, Mud"}, "There is no tag “Mud”."),
        ({"read_tag": "Water, Upper Dzor"}, "Name one tag alone."),
        ({"include_section": ["77"]}, "Select a valid choice."),
        ({"exclude_story": "/articles/nowhere/"}, "There is no story at “/articles/nowhere/”."),
        ({"own_stories": "4711\n" * 101}, "No more than 100 stories fit here."),
        ({"variants-0-image": "4711", "variants-0-image_alt": "A mill"}, "The library has no such image."),
        ({"variants-0-heading": "Hello {reader}"}, "{reader} is no placeholder. These are: {tag}, {articles_read}"),
        ({"variants-0-second_url": "https://evil.example/"}, "Take a path of this site, such as /join/."),
        ({"variants-TOTAL_FORMS": "0"}, "Please submit at least 1 form."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_made(desk, named, changes, said):
    response = desk.post(reverse(ADD), typed(**changes))
    assert response.status_code == 200
    assert said in text(response)
    assert not Campaign.objects.exists()


def test_where_an_editor_has_aimed_a_campaign_no_import_does(desk, named):
    mill, _spring = named.values()
    campaign = Campaign.objects.record(heading="Stand with us", by_story=True, follows_import=True)
    campaign.attach([mill.pk])
    same = stored(campaign) | {"by_story": "on", "own_stories": str(mill.pk)}
    desk.post(reverse(CHANGE, args=[campaign.pk]), same | {"name": "Ours"})
    campaign.refresh_from_db()
    assert (campaign.name, campaign.follows_import) == ("Ours", True), "its name is no aim"
    desk.post(reverse(CHANGE, args=[campaign.pk]), same | {"exclude_tag": "Water"})
    campaign.refresh_from_db()
    assert not campaign.follows_import


def test_the_stories_of_a_whole_archive_are_not_in_the_form_and_stay(desk):
    campaign = Campaign.objects.record(heading="Stand with us", by_story=True)
    campaign.attach(range(1, 102))
    page = text(desk.get(reverse(CHANGE, args=[campaign.pk])))
    assert "More than fit here" in page
    form = stored(campaign) | {"by_story": "on", "name": "Ours"}
    assert desk.post(reverse(CHANGE, args=[campaign.pk]), form).status_code == 302
    assert Campaign.objects.get().name == "Ours"
    assert campaign.stories.count() == 101


def test_who_may_only_look_sees_a_campaign(as_, aram):
    campaign = Campaign.objects.record(heading="Stand with us", include={"country": ["GE"]})
    aram.is_staff = True
    aram.save()
    aram.user_permissions.set(Permission.objects.filter(codename__in=["view_campaign", "view_variant"]))
    page = text(as_(aram).get(reverse(CHANGE, args=[campaign.pk])))
    assert "GE" in page
    assert "Stand with us" in page
    assert 'name="_save"' not in page


def test_the_list_tells_state_and_how_often_each_was_shown(desk):
    now = timezone.now()
    for name, fields in {
        "Now": {}, "Soon": {"starts_at": now + timedelta(days=1)}, "Gone": {"ends_at": now - timedelta(days=1)},
        "Rests": {"status": "paused"}, "Idea": {"status": "draft"}, "Old": {"status": "archived"},
    }.items():  # fmt: skip
        Campaign.objects.record(heading=name, **fields)
    pk = Campaign.objects.get(name="Now").pk
    hour = now.replace(minute=0, second=0, microsecond=0)
    for key, number in ((f"{pk}.1.top", 30), (f"{pk}.2.end", 7), (str(pk), 500), (f"{pk}9.1.top", 9)):
        Count.objects.create(series="prompt", key=key, hour=hour, number=number)
    page = text(desk.get(reverse(LIST)))
    states = {
        "Now": "Running",
        "Soon": "Scheduled",
        "Gone": "Ended",
        "Rests": "Paused",
        "Idea": "Draft",
        "Old": "Put away",
    }
    for name, state in states.items():
        assert f">{state}<" in row(page, f">{name}<")
    assert ">537<" in row(page, ">Now<")
    assert ">0<" in row(page, ">Soon<")


def test_the_list_names_what_always_goes_first(desk):
    Campaign.objects.record(heading="Loud", frequency=False, priority=20)
    Campaign.objects.record(heading="Quiet")
    page = text(desk.get(reverse(LIST)))
    assert "Never shown: “Loud” always goes first." in row(page, ">Quiet<")
    assert "Never shown" not in row(page, ">Loud<")
    Campaign.objects.filter(name="Loud").update(status="paused")
    assert "Never shown" not in text(desk.get(reverse(LIST)))


def act(desk, action, *campaigns):
    return desk.post(reverse(LIST), {"action": action, "_selected_action": [one.pk for one in campaigns]}, follow=True)


@pytest.mark.parametrize(
    ("action", "before", "after"),
    [("run", "draft", "running"), ("run", "paused", "running"), ("pause", "running", "paused"), ("put_away", "paused", "archived")],
)  # fmt: skip
def test_campaigns_are_run_paused_and_put_away_from_the_list(desk, action, before, after):
    one = Campaign.objects.record(heading="One", status=before)
    same = Campaign.objects.record(heading="Two", status=after)
    page = text(act(desk, action, one, same))
    assert "1 campaign was changed." in page
    one.refresh_from_db()
    assert one.status == after
    history = text(desk.get(reverse("admin:prompts_campaign_history", args=[one.pk])))
    assert "Changed status" in history


def test_a_campaign_is_copied_as_a_draft_with_all_it_has(desk):
    one = Campaign.objects.record(
        heading="One", text="Words", include={"tag": [4]}, tag_names={"4": "Water"}, states=["lapsed"], priority=7,
        by_story=True, follows_import=True,
    )  # fmt: skip
    one.variants.create(name="B", heading="Two", weight=3)
    one.attach([5, 6])
    assert "1 draft was made." in text(act(desk, "copy", one))
    copy = Campaign.objects.exclude(pk=one.pk).get()
    assert (copy.name, copy.status, copy.follows_import) == ("Copy of One", "draft", False)
    assert (copy.include, copy.tag_names, copy.states, copy.priority) == ({"tag": [4]}, {"4": "Water"}, ["lapsed"], 7)
    assert [(v.name, v.heading, v.text, v.weight) for v in copy.variants.all()] == [
        ("A", "One", "Words", 1),
        ("B", "Two", "", 3),
    ]
    assert set(copy.stories.values_list("story", flat=True)) == {5, 6}
    assert one.variants.count() == 2
    # By its words an import still knows the first one.
    assert Campaign.objects.record(heading="One", text="words") == one


def test_words_of_one_spelling_are_one_campaign_to_an_import():
    first = Campaign.objects.record(heading="Join the voices", text="For years.", pitch="Today", button="Join")
    again = Campaign.objects.record(heading="Join  the voices ", text="for years", pitch="Today", button="Go")
    other = Campaign.objects.record(heading="Join the voices", text="For months.", pitch="Today", button="Join")
    assert first == again != other
    assert again.variants.get().button == "Join"


def test_what_is_changed_to_other_words_is_known_by_those():
    variant = Campaign.objects.record(heading="One").variants.get()
    variant.heading = "Two"
    variant.save(update_fields=["heading"])
    assert Campaign.objects.record(heading="Two").pk == variant.campaign_id
    assert Campaign.objects.record(heading="One").pk != variant.campaign_id


def test_who_does_not_edit_sees_no_campaigns(as_, aram):
    assert as_(aram).get(reverse(LIST)).status_code in (302, 403)
    assert as_(None).get(reverse(LIST)).status_code == 302
