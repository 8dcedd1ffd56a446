"""Reports of prompts: what is counted where, in which days, by which names, and what of it is told."""

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.admin import site

from members import trail
from members.models import Plan, Price
from members.prompts import report_pages, reports
from members.prompts.experiments import Arm
from members.prompts.models import Campaign, Variant
from members.prompts.reports import Named, Numbers, Span, cell_of
from members.trail import MONEY, PAYMENT, SIGN_UP, Trail
from newsroom.ground.models import Count
from tests.billing.shop import text

pytestmark = pytest.mark.django_db

# Tbilisi is four hours ahead.
NOON = datetime(2026, 11, 24, 8, tzinfo=UTC)
TODAY = date(2026, 11, 24)
SPAN = Span(TODAY - timedelta(days=6), TODAY)


@pytest.fixture(autouse=True)
def _noon(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def asking():
    made = Campaign.objects.create(name="Ask", status="running")
    for name in ("A", "B"):
        Variant.objects.create(campaign=made, name=name, heading=f"Join {name}")
    return made


def counted(series, key, number=1, at=NOON):
    row, _new = Count.objects.get_or_create(series=series, key=key, hour=at.replace(minute=0), defaults={"number": 0})
    row.number += number
    row.save()


def trailed(series, name, number=1, unit="", at=NOON):
    counted(series, trail.key(name, unit), number, at)


def variant(campaign, name="A"):
    return campaign.variants.get(name=name).pk


@pytest.fixture
def busy(asking):
    """Some days of a campaign: 200 views of A at the end, 50 of B on top, and what came of them."""
    a, b = f"{asking.pk}.{variant(asking)}", f"{asking.pk}.{variant(asking, 'B')}"
    counted("prompt", f"{a}.end", 200)
    counted("prompt-seen", f"{a}.end", 150)
    counted("prompt-click", f"{a}.end", 6)
    counted("prompt-no", f"{a}.end", 9)
    counted("prompt-mine", f"{a}.end", 2)
    counted("prompt", f"{b}.top", 50, NOON - timedelta(days=2))
    counted("prompt-seen", f"{b}.top", 40, NOON - timedelta(days=2))
    counted("prompt-story", f"{a}:31", 120)
    counted("prompt-story-seen", f"{a}:31", 90)
    trailed("prompt-click", f"{a}:31", 5)
    counted("prompt-story", f"{b}:32", 30)
    plan = Plan.objects.create(name="Reader", slug="reader")
    for currency in ("EUR", "USD"):
        Price.objects.create(plan=plan, currency=currency, amount=500)
    for name in (f"{a}.end", f"{a}:31"):
        trailed(SIGN_UP, name, 3)
        trailed(PAYMENT, name, 2)
        trailed(MONEY, name, 1050, "EUR")
        trailed(MONEY, name, 600, "USD")
    return asking


def table(report, caption):
    return {line.label: line.numbers for line in dict(report.tables)[caption]}


STORIES = {31: Named("The dam", ("Water", "Dams")), 32: Named("The ford", ("Water",))}


def known(stories):
    return {pk: STORIES[pk] for pk in stories if pk in STORIES}


def test_all_is_told_by_variant_and_by_place(busy):
    report = reports.of_campaign(busy, SPAN, known)
    a, b = (table(report, "By variant")[name] for name in "AB")
    assert (a.served, a.seen, a.no, a.mine, a.clicked, a.signed_up, a.paid) == (200, 150, 9, 2, 6, 3, 2)
    assert a.revenue == "€10.50 + $6"
    assert (b.served, b.seen, b.paid, b.revenue) == (50, 40, 0, "")
    places = table(report, "By place")
    assert places["Below the story"].served == 200
    assert places["Above the story"].served == 50
    assert (report.total.served, report.total.paid) == (250, 2)


def test_by_story_with_its_headline_and_by_tag(busy):
    report = reports.of_campaign(busy, SPAN, known)
    stories = table(report, "By story")
    dam = stories["The dam"]
    assert (dam.served, dam.seen, dam.clicked, dam.signed_up, dam.paid, dam.revenue) == (
        120,
        90,
        5,
        3,
        2,
        "€10.50 + $6",
    )
    tags = table(report, "By tag")
    assert (tags["Water"].served, tags["Dams"].served) == (150, 120)
    assert (tags["Water"].paid, tags["Dams"].paid) == (2, 2)


def test_a_story_that_nobody_knows_any_more_has_its_number_and_no_tag(busy):
    report = reports.of_campaign(busy, SPAN, lambda stories: {})
    assert set(table(report, "By story")) == {"Story 31", "Story 32"}
    assert table(report, "By tag") == {}


def test_what_was_shown_most_comes_first(busy):
    report = reports.of_campaign(busy, SPAN, known)
    assert list(table(report, "By variant")) == ["A", "B"]
    assert list(table(report, "By story")) == ["The dam", "The ford"]


def test_a_day_begins_and_ends_at_the_newsroom_s_midnight(asking):
    key = f"{asking.pk}.{variant(asking)}.end"
    for hour in (datetime(2026, 11, 22, 19, tzinfo=UTC), datetime(2026, 11, 23, 20, tzinfo=UTC)):
        counted("prompt", key, 1, hour)
    counted("prompt", key, 5, datetime(2026, 11, 22, 20, tzinfo=UTC))
    day = date(2026, 11, 23)
    report = reports.of_campaign(asking, Span(day, day), known)
    assert report.total.served == 5
    assert reports.by_day(Span(day, day)) == {day: 5}


def test_each_day_has_its_views_and_so_has_the_chart(busy):
    report = reports.of_campaign(busy, SPAN, known)
    assert report.days[0] == ("24 Nov 2026", 200)
    assert [number for _day, number in report.days] == [200, 0, 50, 0, 0, 0, 0]
    assert "250 views in 7 days." in report.chart.description


def test_where_nothing_was_shown_there_is_no_chart(asking):
    report = reports.of_campaign(asking, SPAN, known)
    assert report.chart is None
    assert report.total == Numbers()


def test_who_pays_now_may_have_clicked_before_these_days(asking):
    key = f"{asking.pk}.{variant(asking)}"
    for series, name in (("prompt", f"{key}.end"), ("prompt-story", f"{key}:31")):
        counted(series, name, 1, NOON - timedelta(days=20))
        trailed(PAYMENT, name)
    report = reports.of_campaign(asking, SPAN, known)
    assert (report.total.clicked, report.total.paid) == (0, 1)
    assert table(report, "By story")["The dam"].paid == 1


def test_a_campaign_s_numbers_are_its_own(busy):
    other = Campaign.objects.create(name="Other")
    counted("prompt", f"{busy.pk}1.7.end", 9)
    assert reports.of_campaign(other, SPAN, known).total.served == 0
    assert reports.of_campaign(busy, SPAN, known).total.served == 250


def test_all_campaigns_together_each_by_its_name(busy):
    counted("prompt", "0.0.end", 7)
    counted("prompt", "4711.1.bar", 3)
    report = reports.of_all(SPAN)
    told = table(report, "By campaign")
    assert {name: numbers.served for name, numbers in told.items()} == {
        "Ask": 250, "The paper’s own word": 7, "4711": 3
    }  # fmt: skip
    assert told["Ask"].paid == 2
    assert report.total.served == 260
    assert table(report, "By place")["In a bar at the foot of the page"].served == 3


@pytest.mark.parametrize(
    ("key", "cell"),
    [
        ("7.2.end", (7, 2, "end")), ("7.2:31", (7, 2, 31)), ("7.2.page", (7, 2, "page")), ("0.0.end", (0, 0, "end")),
        ("7", None), ("7.2", None), ("7.2.sky", None), ("7.2:", None), ("7:31", None), ("", None), ("7.x.end", None),
        ("7.2.end:31", None), ("٧.2.end", None),
    ],
)  # fmt: skip
def test_a_count_s_key_says_what_it_is_of(key, cell):
    assert cell_of(key) == cell


def test_below_a_hundred_views_no_rate_is_told():
    few, many = Numbers(served=60, seen=12, clicked=3), Numbers(served=400, seen=200, clicked=50)
    assert (few.click_rate, few.visibility) == ("3 of 12", "12 of 60")
    assert (many.click_rate, many.visibility) == ("25 %", "50 %")
    assert Numbers(served=200, clicked=10).click_rate == "5 %", "a drive's page is not watched"


def test_many_digests_are_asked_for_in_few_queries(django_assert_num_queries):
    names = [f"7.2:{story}" for story in range(1, 900)]
    trailed(PAYMENT, names[-1], 4)
    with django_assert_num_queries(2):
        found = trail.totals(names, [PAYMENT, SIGN_UP], NOON - timedelta(days=1), NOON + timedelta(days=1))
    assert found == {(names[-1], PAYMENT, ""): 4}


# Beside those from whom it was held back


def test_what_a_campaign_is_worth_is_told_since_it_began(asking):
    pk = asking.pk
    counted("prompt-reach", f"{pk}:shown", 10_000, NOON - timedelta(days=300))
    counted("prompt-reach", f"{pk}:held", 10_000, NOON - timedelta(days=300))
    trailed(PAYMENT, f"{pk}:shown", 120, at=NOON - timedelta(days=200))
    trailed(PAYMENT, f"{pk}:held", 80)
    assert reports.arms(asking) == (Arm(10_000, 120), Arm(10_000, 80))


def test_where_nobody_was_held_back_there_is_nothing_to_compare(asking):
    counted("prompt-reach", f"{asking.pk}:shown", 10)
    assert reports.arms(asking) is None


def test_a_browser_that_pays_twice_joins_once(asking):
    for arm in ("shown", "held"):
        counted("prompt-reach", f"{asking.pk}:{arm}", 1)
        trailed(PAYMENT, f"{asking.pk}:{arm}", 2)
    assert reports.arms(asking) == (Arm(1, 1), Arm(1, 1))


def test_what_trails_count_is_what_reports_read(asking):
    a = variant(asking)
    counted("prompt", f"{asking.pk}.{a}.end")
    counted("prompt-story", f"{asking.pk}.{a}:31")
    for name in trail.names(Trail(asking.pk, a, "end", 31)):
        trailed(PAYMENT, name)
    report = reports.of_campaign(asking, SPAN, known)
    assert report.total.paid == table(report, "By story")["The dam"].paid == 1


# The pages


def test_editors_read_it_with_the_headlines_and_tags_of_their_stories(as_, nino, busy, story):
    told = story("The dam breaks", tags=["Dams"])
    counted("prompt-story", f"{busy.pk}.{variant(busy)}:{told.pk}", 300)
    browser = as_(nino)
    said = text(browser.get(f"/admin/prompts/campaign/{busy.pk}/report/"))
    for words in ("What came of “Ask”", "250 views; seen: 76 %; clicks: 6; accounts: 3; payments: 2; €10.50 + $6",
                  "The dam breaks 300", "By tag", "Dams 300", "Views by day", "24 Nov 2026 200"):  # fmt: skip
        assert words in said, words
    page = browser.get(f"/admin/prompts/campaign/{busy.pk}/report/").content.decode()
    assert '<svg class="chart"' in page
    assert "Beside those" not in said


def test_the_report_tells_what_it_is_worth_where_somebody_was_held_back(as_, nino, busy):
    for arm, paid in (("shown", 120), ("held", 80)):
        counted("prompt-reach", f"{busy.pk}:{arm}", 10_000)
        trailed(PAYMENT, f"{busy.pk}:{arm}", paid)
    said = text(as_(nino).get(f"/admin/prompts/campaign/{busy.pk}/report/"))
    assert "Of 1,000 browsers 1.2 to 6.8 more join or give because of it." in said
    assert "Held back 10000 80" in said


def test_the_days_are_asked_for_in_the_address(as_, nino, busy):
    way = f"/admin/prompts/campaign/{busy.pk}/report/?since=2026-11-22&until=2026-11-22"
    assert "50 views" in text(as_(nino).get(way))


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("since=2026-11-24&until=2026-11-01", "It ends before it starts."),
        ("since=1990-01-01", "Take three years at the most."),
        ("since=yesterday", "Enter a valid date."),
        ("until=%00", "Enter a valid date."),
    ],
)
def test_days_that_cannot_be_are_refused_at_the_field_and_the_last_thirty_told(as_, nino, busy, query, words):
    answer = as_(nino).get(f"/admin/prompts/campaign/{busy.pk}/report/?{query}")
    assert answer.status_code == 400
    assert words in text(answer)
    assert "250 views" in text(answer)


def test_without_days_it_is_the_last_thirty():
    span, form = report_pages.span_of({}, TODAY)
    assert span == Span(date(2026, 10, 26), TODAY)
    assert form.is_valid()


def rows(response):
    return list(csv.DictReader(io.StringIO(response.content.decode())))


def test_the_file_has_all_of_it_and_runs_no_formula(as_, nino, busy):
    Campaign.objects.filter(pk=busy.pk).update(name="=1+1")
    answer = as_(nino).get(f"/admin/prompts/campaign/{busy.pk}/report/csv/?since=2026-11-18&until=2026-11-24")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert f'filename="prompts-{busy.pk}-2026-11-18-2026-11-24.csv"' in answer["Content-Disposition"]
    told = {(row["variant"], row["place"], row["story"]): row for row in rows(answer)}
    end = told["A", "end", ""]
    assert (end["campaign"], end["views"], end["seen"], end["clicks"], end["accounts"], end["payments"]) == (
        "'=1+1", "200", "150", "6", "3", "2",
    )  # fmt: skip
    assert (end["revenue_EUR"], end["revenue_USD"]) == ("10.50", "6.00")
    assert told["A", "", "31"]["payments"] == "2"
    assert told["B", "top", ""]["not_now"] == "0"


def test_of_all_campaigns_there_is_a_page_and_a_file(as_, nino, busy):
    browser = as_(nino)
    assert "What came of prompts" in text(browser.get("/admin/prompts/campaign/report/"))
    assert {row["campaign"] for row in rows(browser.get("/admin/prompts/campaign/report/csv/"))} == {"Ask"}


def test_pages_of_campaigns_lead_there(as_, nino, busy):
    browser = as_(nino)
    assert "/admin/prompts/campaign/report/" in browser.get("/admin/prompts/campaign/").content.decode()
    change = browser.get(f"/admin/prompts/campaign/{busy.pk}/change/").content.decode()
    assert f"/admin/prompts/campaign/{busy.pk}/report/" in change


@pytest.mark.parametrize("way", ["report/", "report/csv/", "1/report/", "1/report/csv/"])
def test_nobody_else_reads_them(as_, aram, way):
    for user in (None, aram):
        assert as_(user).get(f"/admin/prompts/campaign/{way}").status_code == 302


def test_who_works_here_without_the_right_is_refused_and_what_is_not_there_is_not_found(as_, aram, nino, asking):
    aram.is_staff = True
    aram.save()
    assert as_(aram).get(f"/admin/prompts/campaign/{asking.pk}/report/").status_code == 403
    assert as_(nino).get("/admin/prompts/campaign/4711/report/").status_code == 404
    assert as_(nino).get("/admin/prompts/campaign/4711/report/csv/").status_code == 404


def test_a_campaign_s_tags_have_their_names_from_the_desk(asking, story):
    tag = story("The dam", tags=["Dams"]).tagged.get().tag
    asking.include = {"tag": [tag.pk, 4711]}
    assert site._registry[Campaign].tag_names(asking) == {str(tag.pk): "Dams"}
