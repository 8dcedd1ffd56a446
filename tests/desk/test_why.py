"""Why a reader is shown what the page shows: told of a described reader, by the rules that real ones are led past."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from articles import publishing
from articles.desk import why
from articles.desk.described import GRACE, READERS, Counted, VisitorForm, described
from articles.desk.plan import planned
from articles.models import Article
from articles.tags.models import Tag
from members import habits
from members.access import Audience
from members.models import Grant, Membership, OpenHouse, Plan, User
from members.prompts.models import Campaign, Variant
from members.prompts.rules import Fit
from members.standing import Status
from members.visit import State
from tests.ads.bookings import book
from tests.conftest import HEADERS

pytestmark = pytest.mark.django_db

LONG = ("<p>" + "The river rose in the night and the bridge held. " * 12 + "</p>") * 14
TELEPHONE = "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"


def address(article, query=""):
    return f"{reverse('admin:articles_article_why', args=[article.pk])}?{query}"


def words(html):
    """What a page says, without its markup, white space folded."""
    main = html.partition('id="content-main"')[2]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def asked(browser, article, query=""):
    response = browser.get(address(article, query))
    assert response.status_code == 200
    return words(response.content.decode())


def form(query="", **counted):
    return VisitorForm.asked(QueryDict(query), counted=Counted(**counted))


def visitor(query="", **counted):
    made = form(query, **counted)
    assert made.is_valid(), made.errors
    return described(made.cleaned_data)


def prompt(name="Join us", place="end", variants=("A",), **fields):
    usual = {"status": "running", "from_view": 1, "frequency": False}
    campaign = Campaign.objects.create(name=name, place=place, **usual | fields)
    for variant in variants:
        Variant.objects.create(campaign=campaign, name=variant, heading=f"{name}, {variant}", text="Please.")
    return campaign


def told(article, query=""):
    """The Told of a described reader."""
    inserts = why.held()
    made = VisitorForm.asked(QueryDict(query), counted=why.counted(inserts))
    assert made.is_valid(), made.errors
    looks = described(made.cleaned_data)
    return why.told(planned(Article.objects.get(pk=article.pk), looks.reader), looks, inserts)


# A description, and what it says of the visitor before the visit.
DESCRIPTIONS = {
    "": {"state": State.ANONYMOUS, "device": "mobile", "country": "", "referrer": "direct", "bucket": 0, "reads": 0},
    "who=registered&device=tablet&country=ge": {"state": State.REGISTERED, "device": "tablet", "country": "GE"},
    "referrer=search&bucket=999": {"referrer": "search", "bucket": 999},
    "reads=4&walls=2": {"reads": 4, "walls": 2, "quiet": False},
    "reads=4&tags_7=3&tags_8=1": {"reads": 4, "with 7": 3, "with 8": 1, "with 9": 0},
    "quiet=on": {"quiet": True},
    "views_5=4": {"views of 5": 4, "views of 6": 0},
    "ads_3=2": {"ads": {3: 2}},
    "gpc=on&reads=4&bucket=7": {"habits": None},
    "at=2026-12-24T18:30": {"now": timezone.make_aware(datetime(2026, 12, 24, 18, 30))},
}
OF_VISITOR = {
    "state": lambda one: one.state,
    "device": lambda one: one.device,
    "country": lambda one: one.country,
    "referrer": lambda one: one.referrer,
    "now": lambda one: one.reader.now,
    "habits": lambda one: one.habits,
    "bucket": lambda one: one.habits.bucket,
    "reads": lambda one: one.habits.reads_lately,
    "walls": lambda one: one.habits.walls_lately,
    "with 7": lambda one: one.habits.reads_with(7),
    "with 8": lambda one: one.habits.reads_with(8),
    "with 9": lambda one: one.habits.reads_with(9),
    "quiet": lambda one: one.habits.is_quiet,
    "views of 5": lambda one: one.habits.views(5),
    "views of 6": lambda one: one.habits.views(6),
    "ads": lambda one: one.habits.ads,
}
COUNTED = {"tags": {7: "Dams", 8: "Bread", 9: "Mills"}, "views": {5: "Join", 6: "Stay"}, "ads": {3: "Bread"}}


@pytest.mark.parametrize("query", DESCRIPTIONS)
def test_a_description_makes_a_visitor(query, time_machine):
    time_machine.move_to(datetime(2026, 11, 24, 12, tzinfo=UTC), tick=False)
    made = visitor(query, **COUNTED)
    for what, value in DESCRIPTIONS[query].items():
        assert OF_VISITOR[what](made) == value, what
    assert made.counted


@pytest.mark.parametrize(
    ("who", "state", "level"),
    [
        ("anonymous", State.ANONYMOUS, Audience.EVERYONE),
        ("registered", State.REGISTERED, Audience.REGISTERED),
        ("member", State.MEMBER, Audience.MEMBERS),
        ("lapsed", State.LAPSED, Audience.REGISTERED),
        (GRACE, State.PAST_DUE, Audience.MEMBERS),
        ("past_due", State.PAST_DUE, Audience.REGISTERED),
    ],
)
def test_each_reader_that_can_be_chosen_is_what_the_choice_says(who, state, level):
    made = visitor(f"who={who}")
    assert (made.state, made.reader.level, made.reader.desk) == (state, level, False)
    assert made.reader.known == (who != "anonymous")


def test_every_kind_of_reader_can_be_chosen():
    assert {visitor(f"who={who}").state for who in READERS} == set(State)


def test_a_member_may_have_a_plan(db):
    plan = Plan.objects.create(name="Patron", slug="patron", level=20)
    assert visitor(f"who=member&plan={plan.pk}").reader.plans == {plan.rank}
    assert visitor("who=member").reader.plans == frozenset()


def test_it_is_as_open_as_the_site_is_tonight(nino):
    assert not visitor().reader.open_house
    OpenHouse.objects.create(opened_by=nino, reason="the night of the flood")
    assert visitor().reader.open_house


def test_what_is_remembered_by_the_description_fits_into_a_cookie():
    made = visitor("reads=9&walls=2&tags_7=3&views_5=4&ads_3=2&quiet=on", **COUNTED).habits
    assert habits.read(made.told(), made.day) == made


WRONG = {
    "who=ghost": ("who", "Select a valid choice."),
    "who=registered&plan=1": ("plan", "Select a valid choice."),
    "who=member&plan=one": ("plan", "Select a valid choice."),
    "country=Georgia": ("country", "A country has two letters, as in GE."),
    "country=G1": ("country", "A country has two letters, as in GE."),
    "country=%D0%93%D0%95": ("country", "A country has two letters, as in GE."),
    "device=radio": ("device", "Select a valid choice."),
    "referrer=dream": ("referrer", "Select a valid choice."),
    "bucket=1000": ("bucket", "less than or equal to 999"),
    "bucket=-1": ("bucket", "greater than or equal to 0"),
    "reads=many": ("reads", "Enter a whole number."),
    "reads=256": ("reads", "less than or equal to 255"),
    "reads=1&walls=2": ("walls", "More than all stories read."),
    "reads=1&tags_7=2": ("tags_7", "More than all stories read."),
    "views_5=7": ("views_5", "less than or equal to 6"),
    "at=yesterday": ("at", "Enter a valid date/time."),
    "at=9999-12-31T23:59": ("at", "Take a moment within a year from now."),
    "at=0001-01-01T00:00": ("at", "Take a moment within a year from now."),
}


@pytest.mark.parametrize("query", WRONG)
def test_what_is_wrong_is_said_at_its_field(query):
    made = form(query, **COUNTED)
    field, message = WRONG[query]
    assert [*made.errors] == [field]
    assert message in made.errors[field][0]


def test_a_plan_without_a_membership_is_no_reader():
    plan = Plan.objects.create(name="Patron", slug="patron", level=20)
    assert form(f"who=registered&plan={plan.pk}").errors["plan"] == ["Members alone have a plan."]


def test_nobody_is_described_who_remembers_more_than_a_browser_does():
    names = {pk: str(pk) for pk in range(1, 20)}
    told_of = "&".join(f"views_{pk}=1" for pk in range(1, habits.PROMPTS_MAX + 2))
    made = form(told_of, views=names)
    last = f"views_{habits.PROMPTS_MAX + 1}"
    assert made.errors == {last: [f"A browser keeps count of {habits.PROMPTS_MAX} of these at most."]}


def test_while_something_is_wrong_nothing_is_told(editor, story):
    said = asked(editor, story(html=LONG), "country=Georgia")
    assert "A country has two letters" in said
    assert "Nothing can be told of this reader yet" in said
    assert "Chances are" not in said


def test_who_would_see_which_prompt_where(editor, story):
    prompt("Help the mill", place="after", after=3, variants=["Plain"])
    said = asked(editor, story(html=LONG))
    assert "“Help the mill” is shown in the story, above block 4, in the variant “Plain”." in said
    assert "Help the mill For any story Shown" in said


@pytest.mark.parametrize(
    ("place", "where"),
    [("top", "above the story"), ("end", "below the story"), ("bar", "in a bar at the foot of the page")],
)
def test_each_place_is_said(story, place, where):
    prompt(place=place)
    assert told(story(html=LONG)).prompt == f"“Join us” is shown {where}, in the variant “A”."


def test_a_place_that_the_story_has_not_is_the_end(story):
    prompt(place="after", after=40)
    assert told(story(html="<p>One.</p>")).prompt == "“Join us” is shown below the story, in the variant “A”."


def test_who_may_be_remembered_nothing_of_is_asked_at_the_end(story):
    prompt(place="top")
    assert "below the story" in told(story(html=LONG), "gpc=on").prompt


def test_at_a_wall_what_would_stand_at_the_end_has_no_place(story):
    prompt(place="end")
    article = story(html=LONG, audience=Audience.MEMBERS)
    found = told(article)
    assert found.prompt == "No prompt is shown: it would be “Join us”, and this page has no place for it."
    assert found.lines[0].result == "Fits, and the page has no place for it"


def test_who_is_held_back_is_told_so_and_nobody_stands_in(story):
    campaign = prompt(holdback=20)
    prompt("Second", priority=1)
    held = [bucket for bucket in range(0, 1_000, 10) if "held back" in told_for(bucket, story)]
    assert 5 < len(held) < 40
    found = told(Article.objects.get(), f"bucket={held[0]}")
    assert found.prompt == (
        "No prompt is shown: this browser is one of the 20 % held back from “Join us”, to see what it is worth, and no"
        " other stands in."
    )
    assert [line.result for line in found.lines[:2]] == ["Held back", "Not asked: one above it fits."]
    assert found.lines[0].pk == campaign.pk


def told_for(bucket, story):
    article = Article.objects.first() or story(html=LONG)
    return told(article, f"bucket={bucket}").prompt


def test_variants_follow_the_bucket(story):
    prompt(variants=["A", "B"])
    article = story(html=LONG)
    said = {told(article, f"bucket={bucket}").prompt[-3] for bucket in range(0, 100, 5)}
    assert said == {"A", "B"}


def test_every_reason_of_every_refused_campaign_is_told_in_order(editor, story):
    prompt("Elsewhere", by_story=True, states=["lapsed"], include={"device": ["desktop"]})
    prompt("Not yet", status="draft")
    prompt("Russian", language="ru", include={"country": ["GE"]})
    said = asked(editor, story(html=LONG))
    elsewhere = [
        "It is for other stories by name.",
        "It is for other readers.",
        "It is for other devices.",
    ]
    assert f"Elsewhere For stories by name {' '.join(elsewhere)}" in said
    assert "Russian For any story It is in another language. It is for other countries." in said
    assert "Not yet For any story It does not run." in said
    assert "No prompt is shown: each campaign has a reason against it." in said
    assert said.index("Elsewhere For") < said.index("Russian For") < said.index("Not yet For")


def test_the_papers_own_word_is_a_line_without_a_link(editor, story):
    html = editor.get(address(story(html=LONG), "who=past_due")).content.decode()
    assert "“Your last payment did not go through” is shown below the story." in words(html)
    assert "Your last payment did not go through The paper’s own word Shown" in words(html)
    assert "campaign/0/" not in html


def test_how_close_a_campaign_is_to_the_story_is_said(story):
    article = story(html=LONG, section="Water", tags=["Dam"])
    named = prompt("Named", by_story=True)
    named.attach([article.pk])
    prompt("Tagged", include={"tag": [Tag.objects.get().pk]})
    prompt("In it", include={"section": [article.section_id]})
    prompt("Any")
    assert [(line.name, line.fit) for line in told(article).lines][:4] == [
        ("Named", "For stories by name"),
        ("Tagged", "For a tag of the story"),
        ("In it", "For sections"),
        ("Any", "For any story"),
    ]


def test_there_are_words_for_each_way_to_fit():
    assert {fit.name for fit in Fit} <= set(why.FITS)


def test_which_advertisements_are_eligible_with_their_odds(editor, story):
    book("Bread", weight=30)
    book("Salt", weight=10)
    book("Wine", include={"device": ["desktop"]}, paused=True)
    book("Flour", placements=["top"], priority=1)
    said = asked(editor, story(html=LONG))
    assert re.search(
        r"Advertisement 1, above block \d+ What may stand there Creative Campaign Chance Bread Bread 75", said
    )
    assert "Bread Bread 75.0 % Salt Salt 25.0 %" in said
    assert "Wine Wine Meant for other devices Paused" in said
    assert "Flour Flour Booked for other places" in said
    assert "On top of a page What may stand there Creative Campaign Chance Flour Flour 100.0 %" in said
    assert "Bread Bread A campaign of higher priority takes this place" in said


def test_a_place_that_nobody_booked_is_no_error(editor, story):
    said = asked(editor, story(html=LONG))
    assert re.search(r"Advertisement 1, above block \d+ Nobody booked this place: the paper’s own word stands", said)
    assert "On top of a page Nobody booked this place: it stays empty." in said
    assert "After a story Nobody booked this place: it stays empty." in said


def test_nor_is_one_where_nothing_that_is_booked_fits(editor, story):
    book(language="ru")
    said = asked(editor, story(html=LONG))
    assert "Nothing that is booked fits here: the paper’s own word stands there." in said
    assert "On top of a page Nothing that is booked fits here: it stays empty. 1 that may not stand there" in said
    assert "Meant for another language" in said


def test_where_a_prompt_stands_no_advertisement_does(story):
    book()
    prompt(place="end")
    end = told(story(html=LONG)).places[-1]
    assert (end.name, end.says, end.eligible) == ("end", "The prompt stands there.", [])


def test_a_page_without_advertisements_says_why(editor, story):
    book()
    said = asked(editor, story(html=LONG, sensitive=True))
    assert "No advertisements are shown. The story is marked sensitive." in said
    assert "What may stand there" not in said


def test_members_without_advertisements_are_told_so(editor, story):
    book()
    plan = Plan.objects.create(name="Patron", slug="patron", level=20, ad_free=True)
    article = story(html=LONG)
    said = asked(editor, article, f"who=member&plan={plan.pk}")
    assert "No advertisements are shown. Members with this plan see none." in said
    assert "No advertisements are shown." not in asked(editor, article, "who=member")


def test_from_elsewhere_comes_what_the_reader_said_yes_to_where_nobody_but_the_house_booked(story, settings):
    settings.ADS_OUTSIDE = "/1234/courier"
    book("Bread", placements=["inline"])
    book("Own", priority=3)
    article = story(html=LONG)
    said = {place.name: place for place in told(article, "outside=on").places}
    assert [str(one.creative) for one in said["inline1"].eligible] == ["Bread"]
    assert said["top"].says == "An advertisement from elsewhere stands there, as this reader has said yes to."
    assert (said["top"].eligible, str(said["top"].refused[0].creative)) == ([], "Own")
    assert [str(one.creative) for one in told(article).places[0].eligible] == ["Own"]
    settings.ADS_OUTSIDE = ""
    assert "outside" not in form().fields
    assert told(article, "outside=on").places[0].eligible


def test_a_limit_a_day_is_told_of_the_views_today(story):
    creative = book(cap=2)
    article = story(html=LONG)
    assert told(article, f"ads_{creative.campaign_id}=1").places[0].eligible
    refused = told(article, f"ads_{creative.campaign_id}=2").places[0].refused
    assert [str(reason) for reason in refused[0].reasons] == ["Shown to this browser as often today as it may be"]


def test_at_another_time_other_campaigns_run(story):
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    book(starts_at=tomorrow)
    prompt(starts_at=tomorrow)
    article = story(html=LONG)
    later = (timezone.localtime() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    assert not told(article).places[0].eligible
    assert told(article, f"at={later}").places[0].eligible
    assert "each campaign has a reason" in told(article).prompt
    assert "is shown" in told(article, f"at={later}").prompt


def test_what_browsers_keep_count_of_can_be_described(editor, story):
    story(html=LONG, tags=["Dam", "Bread"])
    dam = Tag.objects.get(name="Dam")
    prompt("By tag", read_tag=dam.pk)
    prompt("Measured", frequency=True)
    book("Bread", cap=1)
    counted = why.counted(why.held())
    assert counted.tags == {dam.pk: "Dam"}
    assert [*counted.views.values()] == ["Measured"]
    assert [*counted.ads.values()] == ["Bread"]
    html = editor.get(address(Article.objects.get())).content.decode()
    for label in ("Of these, how many about “Dam”", "Saw the prompt “Measured” in 30 days"):
        assert label in html
    assert "Saw the advertisement “Bread” today" in html


ACCOUNTS = {
    "anonymous": None,
    "registered": {},
    "member": {"grant": True},
    "lapsed": {"status": Status.CANCELED},
    GRACE: {"status": Status.PAST_DUE, "failed": timedelta(days=13)},
    "past_due": {"status": Status.PAST_DUE, "failed": timedelta(days=20)},
}
# What a browser tells of itself, as a description says it -> as its headers do.
TOLD = {
    "": {},
    "reads=3&walls=1&bucket=41": {},
    "reads=1&quiet=on": {},
    "reads=5&bucket=970&device=desktop": {"user-agent": HEADERS["user-agent"]},
    "gpc=on": {"sec-gpc": "1"},
    "country=GE&referrer=search&bucket=500": {"x-country": "GE", "referer": "https://www.google.com/"},
}


@pytest.fixture
def campaigns(settings, story):
    """Prompts and advertisements of many kinds, with a story that is for members and one for all."""
    settings.COUNTRY_HEADER = "HTTP_X_COUNTRY"
    prompt("Georgia", place="top", include={"country": ["GE"]}, priority=30)
    prompt("Walled", place="after", after=2, walls_min=2, priority=25)
    prompt("Readers", place="bar", reads_min=3, priority=20, holdback=30, variants=["A", "B"])
    prompt("Registered", place="top", states=["registered", "past_due"], priority=15)
    prompt("Any", place="end", frequency=True, from_view=2, variants=["A", "B", "C"])
    book("Bread", placements=["inline"])
    book("Salt", placements=["inline", "end"], include={"device": ["mobile"]}, cap=3)
    book("Flour", placements=["top"], include={"audience": ["anonymous", "member"]}, priority=1)
    return [story("Open", html=LONG), story("Gated", html=LONG, audience=Audience.MEMBERS)]


def browser_of(who, habits_told, headers):
    """The browser of a real reader of a kind, that remembers what is told."""
    client = Client(headers=HEADERS | {"user-agent": TELEPHONE} | headers)
    if ACCOUNTS[who] is not None:
        client.force_login(account(**ACCOUNTS[who]))
    if habits_told is not None:
        client.cookies["reader"] = f".{habits_told.told()}"
    return client


def account(grant=False, status=None, failed=None):
    user = User.objects.create_user("reader@example.com")
    if grant:
        Grant.objects.create(user=user, reason="a test", starts_at=datetime.now(UTC) - timedelta(days=1))
    if status:
        plan = Plan.objects.create(name="Reader", slug="reader", level=10)
        failed_at = failed and timezone.now() - failed
        Membership.objects.create(user=user, plan=plan, status=status, failed_at=failed_at)
    return user


@pytest.mark.parametrize("query", TOLD)
@pytest.mark.parametrize("who", ACCOUNTS)
def test_what_is_told_is_what_the_page_shows_a_real_reader(campaigns, who, query):
    looks = visitor(f"who={who}&{query}", **vars_of(why.counted(why.held())))
    client = browser_of(who, looks.habits, TOLD[query])
    for article in campaigns:
        found = told(article, f"who={who}&{query}")
        page = client.get(article.get_absolute_url()).content.decode()
        # Each look starts from what was described.
        if looks.habits is not None:
            client.cookies["reader"] = f".{looks.habits.told()}"
        assert shown_prompt(page) == told_prompt(found)
        ads = dict(reversed(one.split(":")) for one in re.findall(r'data-seen="ad:([^"]+)"', page))
        assert ads.keys() <= {place.name for place in found.places}
        taken = set()
        for place in found.places:
            # None stands on a page twice.
            left = {str(one.creative.pk) for one in place.eligible} - taken
            usual = "house" if place.name.startswith("inline") else None
            assert ads.get(place.name) in (left or {usual}), place.name
            taken.add(ads.get(place.name))


def vars_of(counted):
    return {"tags": counted.tags, "views": counted.views, "ads": counted.ads}


def shown_prompt(page):
    """(campaign, variant's name, place) that a page shows, None for none."""
    found = re.search(r'data-seen="prompt:(\d+)\.(\d+)\.(\w+)', page)
    if found is None:
        return None
    variant = Variant.objects.filter(pk=found[2]).first()
    return int(found[1]) or None, variant.name if variant else "", found[3]


WHERE = {"above the story": "top", "in the story": "after", "below the story": "end", "in a bar at": "bar"}


def told_prompt(found):
    first = next((line for line in found.lines if line.result == "Shown"), None)
    assert (first is None) == found.prompt.startswith("No prompt is shown")
    if first is None:
        return None
    assert f"“{first.name}” is shown" in found.prompt
    variant = re.search(r"in the variant “(\w+)”", found.prompt)
    place = next(place for where, place in WHERE.items() if f"is shown {where}" in found.prompt)
    return first.pk, variant[1] if variant else "", place


def test_links_to_campaigns_are_for_those_who_may_open_them(editor, reporter, story):
    campaign, creative = prompt(), book()
    article = story(html=LONG)
    links = [
        reverse("admin:prompts_campaign_change", args=[campaign.pk]),
        reverse("admin:ads_campaign_change", args=[creative.campaign_id]),
    ]
    own, others = (browser.get(address(article)).content.decode() for browser in (editor, reporter))
    assert all(link in own for link in links)
    assert not any(link in others for link in links)


def test_from_there_to_the_plan_for_the_same_reader(editor, story):
    article = story(html=LONG)
    html = editor.get(address(article, "who=member&reads=3")).content.decode()
    plan = reverse("admin:articles_article_plan", args=[article.pk])
    assert f'href="{plan}?who=member&amp;reads=3"' in html
    assert editor.get(f"{plan}?who=member&reads=3").status_code == 200


def test_a_draft_without_a_text_has_answers_too(editor):
    article = publishing.save([publishing.Draft(Article(headline="Плотина"), "")])[0]
    prompt("Стоит ли мост?", place="top")
    said = asked(editor, article)
    assert "No prompt is shown: it would be “Стоит ли мост?”, and this page has no place for it." in said
    assert "On top of a page Nobody booked this place" in said


def test_a_very_long_story_asks_no_more_of_the_database(editor, django_assert_max_num_queries):
    article = publishing.save([publishing.Draft(Article(headline="Long"), LONG * 150)])[0]
    why.held()
    with django_assert_max_num_queries(30):
        assert "Advertisement 4" in asked(editor, article)


def test_who_may_open_a_storys_form_is_told_and_nobody_else(reporter, as_, aram, nino, story):
    article = story(html=LONG)
    for browser in (reporter, as_(nino)):
        assert browser.get(address(article)).status_code == 200
    without_rights = User.objects.create_user("new@example.com", is_staff=True)
    assert as_(without_rights).get(address(article)).status_code == 403
    assert as_(without_rights).get(reverse("admin:articles_article_why_of")).status_code == 403
    for browser in (as_(aram), as_(None)):
        for path in (address(article), reverse("admin:articles_article_why_of")):
            response = browser.get(path)
            assert response.status_code == 302
            assert response["Location"].startswith("/admin/login/")


def test_it_is_a_page_to_look_at(editor, story):
    assert editor.post(address(story(html=LONG))).status_code == 405
    assert editor.post(reverse("admin:articles_article_why_of")).status_code == 405
    assert editor.get(reverse("admin:articles_article_why", args=[999_999])).status_code == 404


def test_to_ask_takes_nothing_of_what_a_campaign_may_have(story):
    creative = book(goal=100, ends_at=datetime.now(UTC) + timedelta(days=1))
    article = story(html=LONG)
    delivery = why.held().booked.delivery
    before = dict(delivery.left)
    assert before[creative.campaign_id]
    told(article)
    assert delivery.left == before


@pytest.mark.parametrize(
    "named", ["{pk}", "ხიდი", "/articles/ხიდი/", "http://localhost:8000/articles/%E1%83%AE%E1%83%98%E1%83%93%E1%83%98/"]
)
def test_a_campaigns_page_leads_to_a_story_by_its_number_or_address(editor, story, named):
    article = story("ხიდი", html=LONG)
    response = editor.get(reverse("admin:articles_article_why_of"), {"story": named.format(pk=article.pk)})
    assert (response.status_code, response["Location"]) == (302, address(article)[:-1])


@pytest.mark.parametrize("named", ["99999", "no-such-story", "http://[", "9" * 30, "\0", "/"])
def test_a_story_that_is_not_there_is_said_at_the_field(editor, story, named):
    story(html=LONG)
    response = editor.get(reverse("admin:articles_article_why_of"), {"story": named})
    assert response.status_code == 200
    assert 'class="errorlist"' in response.content.decode()


def test_the_pages_of_campaigns_lead_there(editor):
    campaign, creative = prompt(), book()
    for name, pk in (("prompts", campaign.pk), ("ads", creative.campaign_id)):
        html = editor.get(reverse(f"admin:{name}_campaign_change", args=[pk])).content.decode()
        assert f'href="{reverse("admin:articles_article_why_of")}"' in html
