"""Each wall says the true reason and the right next step, leads back to where the reader stopped, and stands alone."""

import json
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from articles.models import ArticlePlan
from articles.reading import store
from members.access import Audience
from members.models import Membership, OpenHouse, Plan, Price
from tests.conftest import FREE_WORD, GATED_WORD
from tests.plans import sold

pytestmark = pytest.mark.django_db

NOVEMBER, EARLY_UNTIL = datetime(2026, 11, 24, 12, tzinfo=UTC), datetime(2026, 11, 26, 5, tzinfo=UTC)
MEMBERS, REGISTERED = Audience.MEMBERS, Audience.REGISTERED
LONG_AGO = datetime(2026, 1, 5, tzinfo=UTC)
SIGN_UP, SIGN_IN, JOIN = "account_signup", "account_login", "join"


@pytest.fixture(autouse=True)
def _november(time_machine):
    time_machine.move_to(NOVEMBER, tick=False)


@pytest.fixture
def plans(db):
    made = [("Friend", 10, 500), ("Reader", 20, 900), ("Patron", 30, 2050)]
    return {name: sold(name, amount, level=level) for name, level, amount in made}


@pytest.fixture
def publish(story):
    """publish(plans=[…], …) publishes a story for these plans; what it returns is the article."""

    def made(headline="The mill road reopens", plans=(), **fields):
        article = story(headline, published_at=LONG_AGO, **fields)
        for plan in plans:
            ArticlePlan.objects.create(article=article, plan=plan)
        return article

    return made


@pytest.fixture
def member_of(aram, as_):
    """member_of(plan, status) is the browser of a member by a plan."""

    def browser(plan, status="active", **fields):
        Membership.objects.create(user=aram, plan=plan, status=status, **fields)
        return as_(aram)

    return browser


class Stands:
    """The one wall in a page: kind, heading, words, and the labels and pages of its answers in their order."""

    def __init__(self, page):
        (wall,) = re.findall(r'<section class="wall" .*?</section>', page, re.DOTALL)
        assert page.count("data-wall") == page.count('class="wall"') == 1
        self.kind = re.search(r'data-wall="(\w+)"', wall)[1]
        self.heading = unescape(re.search(r"<h2>(.*?)</h2>", wall)[1])
        self.words = unescape(re.search(r"<p>(.*?)</p>", wall)[1]).replace("\xa0", " ")
        self.answers = [(unescape(url), label) for url, label in re.findall(r'href="([^"]*)">([^<]*)</a>', wall)]
        assert wall.count("<button") == 0, "answers are links, which work without a script"
        # The text, then the wall, then whatever follows.
        assert page.index('itemprop="articleBody"') < page.index('class="wall"')

    @property
    def steps(self):
        return [urlsplit(url).path for url, _label in self.answers]


def stands(browser, article):
    response = browser.get(article.get_absolute_url())
    page = response.content.decode()
    assert response.status_code == 200
    assert FREE_WORD in page
    assert GATED_WORD not in page
    wall = Stands(page)
    for url, label in wall.answers:
        assert parse_qs(urlsplit(url).query) == {"next": [f"{article.get_absolute_url()}#rest"]}, url
        assert label.strip()
        assert browser.get(url).status_code in (200, 302), url
    return wall


def paths(*names):
    return [reverse(name) for name in names]


def test_register_says_that_it_is_free_and_what_it_takes(publish, stranger):
    wall = stands(stranger, publish(audience=REGISTERED))
    assert (wall.kind, wall.steps) == ("register", paths(SIGN_UP, SIGN_IN))
    assert wall.heading == "The rest is free with an account"
    assert wall.words == "4 paragraphs remain. An e-mail address and a password; no card."


def test_join_says_what_members_pay(publish, stranger, as_, aram, plans):
    article = publish(audience=MEMBERS)
    wall = stands(stranger, article)
    assert (wall.kind, wall.steps) == ("join", paths(JOIN, SIGN_IN))
    assert wall.heading == "The rest is for members"
    assert wall.words == "4 paragraphs remain. Members pay €5 a month for this."
    # Who has an account need not sign in.
    assert stands(as_(aram), article).steps == paths(JOIN)


def test_join_names_no_price_where_nothing_is_sold(publish, stranger, plans):
    article = publish(audience=MEMBERS)
    Plan.objects.update(archived_at=NOVEMBER)
    assert stands(stranger, article).words == "4 paragraphs remain. Members pay for the reporting in this paper."


def test_join_names_the_price_in_the_sites_currency_and_none_where_the_plan_is_not_sold_by_the_month(
    publish, stranger, plans, settings
):
    first, second = publish(audience=MEMBERS), publish("The ford is dry", audience=MEMBERS)
    plans["Friend"].prices.create(currency="AMD", amount=100)
    plans["Friend"].prices.create(currency="GEL", amount=1500)
    assert "Members pay €5 a month for this." in stands(stranger, first).words
    settings.CURRENCY = "GEL"
    assert "Members pay ₾15 a month for this." in stands(stranger, second).words
    plans["Friend"].prices.update(interval="year")
    assert stands(stranger, first).words == "4 paragraphs remain. Members pay for the reporting in this paper."


def test_join_names_no_price_that_is_not_offered_any_more(publish, stranger, plans):
    article = publish(audience=MEMBERS)
    plans["Friend"].prices.update(is_offered=False)
    plans["Friend"].prices.create(amount=600)
    assert "Members pay €6 a month for this." in stands(stranger, article).words


def test_join_names_the_plan_where_it_has_to_be_that_one(publish, stranger, as_, aram, plans):
    article = publish(audience=MEMBERS, plans=[plans["Patron"]])
    for browser in (stranger, as_(aram)):
        wall = stands(browser, article)
        assert (wall.kind, wall.steps[0]) == ("join", reverse(JOIN))
        assert wall.heading == "The rest is part of “Patron”"
        assert wall.words == "4 paragraphs remain. It costs €20.50 a month."


def test_upgrade_says_which_plan_opens_it_and_what_it_costs(publish, member_of, plans):
    browser = member_of(plans["Friend"])
    wall = stands(browser, publish(audience=MEMBERS, plans=[plans["Patron"], plans["Reader"]]))
    assert (wall.kind, wall.steps) == ("upgrade", paths(JOIN))
    assert wall.heading == "The rest is part of “Reader”"
    assert wall.words == "4 paragraphs remain. Your plan does not include it. It costs €9 a month."


def test_upgrade_names_a_plan_that_can_be_taken(publish, member_of, plans):
    browser, article = member_of(plans["Friend"]), publish(audience=MEMBERS, plans=[plans["Reader"]])
    plans["Reader"].archived_at = NOVEMBER
    plans["Reader"].save()
    assert "“Patron”" in stands(browser, article).heading
    Plan.objects.update(archived_at=NOVEMBER)
    assert "“Reader”" in stands(browser, article).heading


def test_pay_says_that_a_payment_is_missing(publish, member_of, plans):
    browser = member_of(plans["Friend"], "past_due", failed_at=NOVEMBER - timedelta(days=20))
    for article in (publish(audience=MEMBERS), publish("For friends", audience=MEMBERS, plans=[plans["Friend"]])):
        wall = stands(browser, article)
        assert (wall.kind, wall.steps) == ("pay", paths(JOIN))
        assert wall.heading == "Your membership waits for a payment"
        assert "did not go through" in wall.words


def test_wait_says_until_when_and_for_whom(publish, stranger, as_, aram, plans):
    for headline, audience, who in (("a", Audience.EVERYONE, ""), ("b", REGISTERED, " with a free account")):
        article = publish(headline, audience=audience, early_access_until=EARLY_UNTIL)
        wall = stands(stranger, article)
        assert (wall.kind, wall.steps) == ("wait", paths(JOIN, SIGN_IN))
        assert wall.heading == "Members read this first"
        # In the newsroom's own time: Tbilisi's.
        opens = f"It opens to everyone{who} on 26 November 2026, 09:00."
        assert wall.words == f"4 paragraphs remain. Members pay €5 a month for this. {opens}"
        assert stands(as_(aram), article).steps == paths(JOIN)


@pytest.mark.usefixtures("metered")
def test_meter_says_what_is_free_and_when_there_is_more(publish, stranger, as_, aram, plans):
    articles = [publish(f"Story {n}", metered=True) for n in range(11)]
    for article in articles[:3]:
        stranger.get(article.get_absolute_url())
    wall = stands(stranger, articles[3])
    assert (wall.kind, wall.steps) == ("meter", paths(SIGN_UP, JOIN, SIGN_IN))
    assert wall.heading == "3 articles a month are free without an account"
    assert wall.words == (
        "None is left this month. With a free account you open 10 more. Members read everything for €5 a month. "
        "New free articles come on 1 December 2026. 4 paragraphs remain."
    )
    browser = as_(aram)
    for article in articles[:10]:
        browser.get(article.get_absolute_url())
    wall = stands(browser, articles[10])
    assert (wall.kind, wall.steps) == ("meter", paths(JOIN))
    assert wall.heading == "10 articles a month are free"
    assert wall.words == (
        "None is left this month. Members read everything for €5 a month. "
        "New free articles come on 1 December 2026. 4 paragraphs remain."
    )


@pytest.mark.usefixtures("metered")
def test_who_has_opened_nothing_and_meets_the_networks_budget_is_not_told_otherwise(settings, publish, stranger, as_):
    settings.METER_BUDGET = 1
    first, second = (publish(f"Story {n}", metered=True) for n in range(2))
    as_(None).get(first.get_absolute_url())
    said = stands(stranger, second).words
    assert "Many were opened from your network today: the next are tomorrow's." in said
    assert not re.search("you have read|you read|used up|spent|None is left|December", said)


@pytest.mark.parametrize("registration", ["closed", "invitation"])
@pytest.mark.usefixtures("metered")
def test_nobody_is_sent_to_a_door_that_is_shut(settings, publish, stranger, registration):
    settings.REGISTRATION = registration
    settings.METER_STRANGERS = 0
    store.default.forget()
    walls = stands(stranger, publish("Spent", metered=True)), stands(stranger, publish("For accounts", audience=1))
    assert [wall.steps for wall in walls] == [paths(JOIN, SIGN_IN), paths(SIGN_IN)]
    assert "account you open" not in walls[0].words
    assert "New accounts are not open to everybody just now." in walls[1].words
    page = stranger.get(publish("Heard", audio="registered").get_absolute_url()).content.decode()
    assert reverse(SIGN_UP) not in page
    assert reverse(SIGN_UP) not in stranger.get(reverse("join")).content.decode()


@pytest.mark.usefixtures("metered")
def test_the_meters_numbers_are_the_newsrooms(settings, publish, stranger):
    settings.METER_STRANGERS, settings.METER_REGISTERED = 1, 7
    first, second = (publish(f"Story {n}", metered=True) for n in range(2))
    stranger.get(first.get_absolute_url())
    wall = stands(stranger, second)
    assert wall.heading == "1 article a month is free without an account"
    assert "With a free account you open 7 more. Members read everything. New" in wall.words


def test_one_paragraph_is_told_as_one(publish, stranger):
    assert stands(stranger, publish(audience=REGISTERED, paragraphs=3)).words.startswith("1 paragraph remains.")


@pytest.mark.usefixtures("metered")
def test_walls_speak_the_storys_language(publish, stranger, plans):
    fields = {"language": "ru"}
    for number, terms in enumerate(
        [{"audience": REGISTERED}, {"audience": MEMBERS}, {"early_access_until": EARLY_UNTIL}, {"metered": True}]
    ):
        path = publish(f"История {number}", **fields, **terms).get_absolute_url()
        page = stranger.head(path) and stranger.get(path, headers={"user-agent": "curl/8"}).content.decode()
        wall = Stands(page)
        assert wall.words.startswith("Осталось ещё 4 абзаца.") or "4 абзаца" in wall.words
        assert not re.search("[A-Za-z]{3}", wall.heading + wall.words + "".join(label for _url, label in wall.answers))
        assert "5 €" in wall.words or wall.kind == "register"


# What a price is and when a wall falls.


def test_a_new_price_is_on_every_wall_at_the_next_poll(publish, stranger, as_, aram, plans, serving):
    first, second = publish(audience=MEMBERS), publish("For patrons", audience=MEMBERS, plans=[plans["Patron"]])
    serving()
    for article in (first, second):
        stands(stranger, article)
    Price.objects.filter(plan=plans["Friend"]).update(amount=700)
    price = plans["Patron"].prices.get()
    price.amount = 3000
    price.save()
    serving()
    assert "€7 a month" in stands(stranger, first).words
    assert "€30 a month" in stands(stranger, second).words
    sold("Pupil", 100, level=5, position=1)
    serving()
    assert "€1 a month" in stands(stranger, first).words


def test_a_plan_that_moves_in_rank_opens_and_shuts_what_is_for_others(publish, member_of, plans, serving):
    browser, article = member_of(plans["Friend"]), publish(audience=MEMBERS, plans=[plans["Reader"]])
    serving()
    assert stands(browser, article).kind == "upgrade"
    Plan.objects.filter(name="Friend").update(level=25)
    serving()
    assert GATED_WORD in browser.get(article.get_absolute_url()).content.decode()
    Plan.objects.filter(name="Friend").update(level=10)
    serving()
    assert stands(browser, article).kind == "upgrade"


@pytest.mark.usefixtures("metered")
def test_the_meters_wall_names_the_next_month_once_it_has_begun(publish, stranger, serving, on_day):
    article = publish(metered=True)
    serving()
    robot = {"user-agent": "curl/8"}
    on_day(2026, 11, 30, 23, 59, 59)
    for moment, said in (((2026, 11, 30, 23, 59, 59), "1 December 2026"), ((2026, 12, 1), "1 January 2027")):
        on_day(*moment)
        for _warm in range(2):
            page = stranger.get(article.get_absolute_url(), headers=robot).content.decode()
            assert f"New free articles come on {said}." in Stands(page).words


# Back to where the reader stopped.


@pytest.mark.parametrize(
    "terms", [{"audience": REGISTERED}, {"audience": MEMBERS}, {"early_access_until": EARLY_UNTIL}, {"metered": True}]
)
@pytest.mark.usefixtures("metered")
def test_the_whole_story_has_the_place_that_the_walls_answers_name(publish, as_, leyla, nino, terms):
    path = publish(**terms).get_absolute_url()
    for user in (leyla, nino):
        page = as_(user).get(path).content.decode()
        assert page.count('id="rest"') == 1
        assert "data-wall" not in page
        before, after = page.split('id="rest"')
        assert FREE_WORD in before
        assert GATED_WORD not in before
        assert GATED_WORD in after


def test_the_place_is_where_the_author_has_set_the_wall(publish, as_, leyla, stranger):
    html = f'<p>{FREE_WORD}</p><hr data-mark="wall"><h2>{GATED_WORD} in a heading</h2><p>{GATED_WORD}</p>'
    article = publish(audience=MEMBERS, html=html)
    stands(stranger, article)
    page = as_(leyla).get(article.get_absolute_url()).content.decode()
    assert re.search(r'id="rest"[^>]*>\s*<h2>gatedpangolin in a heading', page)


# What search engines are told.


def told(browser, article, **headers):
    page = browser.get(article.get_absolute_url(), headers=headers).content.decode()
    said = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)[1])
    return page, said["isAccessibleForFree"], said.get("hasPart")


def part(selector):
    return [{"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": selector}]


@pytest.mark.usefixtures("metered")
@pytest.mark.parametrize(
    "terms",
    [
        {"audience": REGISTERED},
        {"audience": MEMBERS},
        {"audience": MEMBERS, "plan": "Patron"},
        {"early_access_until": EARLY_UNTIL},
        {"metered": True},
        {"metered": True, "audience": REGISTERED},
    ],
)
def test_what_is_gated_is_named_so_in_both_variants(publish, stranger, as_, nino, plans, terms):
    terms = dict(terms)
    named = [plans[terms.pop("plan")]] if "plan" in terms else []
    article = publish(plans=named, **terms)
    page, free, parts = told(stranger, article, **{"user-agent": "curl/8"})
    assert (free, parts) == (False, part(".wall"))
    assert page.count('class="wall"') == 1
    assert 'class="gated"' not in page
    page, free, parts = told(as_(nino), article)
    assert (free, parts) == (False, part(".gated"))
    assert page.count('class="gated"') == 1
    assert 'class="wall"' not in page


@pytest.mark.parametrize(
    "terms", [{}, {"metered": True}, {"early_access_until": NOVEMBER}, {"early_access_until": LONG_AGO}]
)
def test_what_is_open_to_all_is_named_so(publish, stranger, terms):
    """With the meter off, what would be on it is open."""
    page, free, parts = told(stranger, publish(**terms))
    assert (free, parts) == (True, None)
    assert 'class="gated"' not in page
    assert "data-wall" not in page


@pytest.mark.usefixtures("metered")
def test_it_stays_so_for_who_opened_it_on_the_meter_and_on_an_open_night(publish, stranger):
    article = publish(metered=True)
    assert told(stranger, article)[1:] == (False, part(".gated"))
    OpenHouse.objects.create(reason="a test")
    assert told(stranger, publish("Another", audience=MEMBERS))[1:] == (False, part(".gated"))


def test_at_the_second_that_it_opens_it_is_named_open(publish, stranger, serving, time_machine):
    article = publish(early_access_until=EARLY_UNTIL)
    serving()
    for _warm in range(2):
        time_machine.move_to(EARLY_UNTIL - timedelta(microseconds=1), tick=False)
        assert told(stranger, article)[1] is False
    for _warm in range(2):
        time_machine.move_to(EARLY_UNTIL, tick=False)
        page, free, parts = told(stranger, article)
        assert (free, parts, GATED_WORD in page, "data-wall" in page) == (True, None, True, False)


def test_no_wall_presses(publish, stranger, plans):
    """Never guilt, never a clock that runs."""
    for number, terms in enumerate(
        [{"audience": REGISTERED}, {"audience": MEMBERS}, {"early_access_until": EARLY_UNTIL}]
    ):
        wall = stands(stranger, publish(f"Story {number}", **terms))
        said = f"{wall.heading} {wall.words} {' '.join(label for _url, label in wall.answers)}".lower()
        assert not re.search(r"hurry|only today|last chance|don.t miss|no, |sorry|unfortunately|!", said)
