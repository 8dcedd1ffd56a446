"""What readers answer: where it leads, what is counted, what the browser remembers, and who is not believed."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members import habits, trail
from members.models import Membership, Plan
from members.prompts.models import Campaign
from members.standing import Status
from newsroom.ground import counters
from newsroom.ground.models import Count
from tests.conftest import HEADERS

pytestmark = pytest.mark.django_db

OURS = {"sec-fetch-site": "same-origin"}
SCRIPT = {"accept": "application/json"}
PAGE = "/articles/mill/?a=b"


@pytest.fixture
def variant():
    made = Campaign.objects.record(heading="Join us", quiet_days=12).variants.get()
    Count.objects.create(series="prompt-story", key=f"{made.campaign_id}.{made.pk}:7", hour=timezone.now(), number=1)
    return made


def sent(variant, **changes):
    return {"v": variant.pk, "at": "top", "story": "7", "next": PAGE, "answer": "no", **changes}


def answered(browser, variant, headers=OURS, **changes):
    address = reverse("prompt_answer", args=[variant.campaign_id])
    return browser.post(address, sent(variant, **changes), headers=headers)


def joined(browser, variant, headers=None, method="get", **changes):
    address = reverse("prompt_join", args=[variant.campaign_id])
    return getattr(browser, method)(address, sent(variant, **changes), headers=headers)


def counted():
    counters.flush()
    rows = Count.objects.filter(series__startswith="prompt-").exclude(series="prompt-story")
    return {(one.series, one.key): one.number for one in rows}


def remembered(browser):
    """The Habits that a browser carries, None for none."""
    told = browser.cookies.get(settings.READER_COOKIE_NAME)
    half = told.value.partition(".")[2] if told else ""
    return habits.read(half, habits.day_of(timezone.now())) if half else None


@pytest.mark.parametrize(("answer", "series"), [("no", "prompt-no"), ("mine", "prompt-mine")])
def test_an_answer_leads_back_is_counted_and_keeps_prompts_away(stranger, variant, answer, series):
    response = answered(stranger, variant, answer=answer)
    assert (response.status_code, response["Location"]) == (303, PAGE)
    assert "no-store" in response["Cache-Control"]
    name = f"{variant.campaign_id}.{variant.pk}"
    assert counted() == {(series, f"{name}.top"): 1, (series, trail.key(f"{name}:7")): 1}
    kept = remembered(stranger)
    assert kept.is_quiet
    assert kept.quiet_until == habits.day_of(timezone.now()) + 12


def test_a_script_is_answered_with_nothing(stranger, variant):
    response = answered(stranger, variant, headers=OURS | SCRIPT)
    assert (response.status_code, response.content) == (204, b"")
    assert remembered(stranger).is_quiet


def test_under_global_privacy_control_nothing_is_remembered_and_the_reader_goes_back(stranger, variant):
    response = answered(stranger, variant, headers=OURS | {"sec-gpc": "1"})
    assert (response.status_code, response["Location"]) == (303, PAGE)
    assert settings.READER_COOKIE_NAME not in stranger.cookies
    assert len(counted()) == 2


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 303),
        ({"origin": "http://localhost:8000"}, 303),
        ({}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "none"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "http://localhost:8000"}, 403),
    ],
)
def test_an_answer_is_believed_from_pages_of_ours_alone(variant, headers, status):
    browser = Client(enforce_csrf_checks=True, headers=HEADERS)
    assert answered(browser, variant, headers=headers).status_code == status
    assert bool(counted()) is (status == 303)
    assert (remembered(browser) is not None) is (status == 303)


def test_what_is_no_answer_is_refused(stranger, variant):
    assert answered(stranger, variant, answer="yes").status_code == 400
    assert stranger.get(reverse("prompt_answer", args=[variant.campaign_id])).status_code == 405
    assert counted() == {}


def test_to_join_leads_on_with_where_it_came_from(stranger, variant):
    response = joined(stranger, variant)
    assert response.status_code == 303
    source = f"prompt%3A{variant.campaign_id}.{variant.pk}.top.7"
    assert response["Location"] == f"/join/?next=%2Farticles%2Fmill%2F%3Fa%3Db&source={source}"
    name = f"{variant.campaign_id}.{variant.pk}"
    assert counted() == {("prompt-click", f"{name}.top"): 1, ("prompt-click", trail.key(f"{name}:7")): 1}


def test_in_another_language_it_leads_to_that_languages_page(stranger, variant):
    response = stranger.get(f"/ru/prompts/{variant.campaign_id}/join/", sent(variant))
    assert response["Location"].startswith("/ru/join/?")


def test_whoever_has_to_pay_first_is_led_to_the_membership(as_, aram, variant):
    plan = Plan.objects.create(name="Reader", slug="reader")
    failed = timezone.now() - timedelta(days=15)
    Membership.objects.create(user=aram, plan=plan, status=Status.PAST_DUE, failed_at=failed)
    assert joined(as_(aram), variant)["Location"] == reverse("membership")


def test_the_papers_own_word_is_counted_too(stranger):
    response = stranger.get(reverse("prompt_join", args=[0]), {"v": "0", "at": "end", "next": "/"})
    assert response["Location"] == "/join/?next=%2F"
    assert counted() == {("prompt-click", "0.0.end"): 1}


@pytest.mark.parametrize("who", ["robot", "staff", "prefetch", "head"])
def test_robots_staff_and_what_browsers_do_by_themselves_are_not_counted(as_, nino, stranger, variant, who):
    browser = as_(nino) if who == "staff" else stranger
    headers = {"robot": {"user-agent": "Googlebot/2.1"}, "prefetch": {"sec-purpose": "prefetch"}}.get(who)
    assert joined(browser, variant, headers=headers, method="head" if who == "head" else "get").status_code == 303
    if who in ("robot", "staff"):
        assert answered(browser, variant, headers=OURS | (headers or {})).status_code == 303
    assert counted() == {}


@pytest.mark.parametrize(
    "changes",
    [
        {"v": "999999"}, {"v": "x"}, {"v": ""}, {"v": "9" * 30}, {"v": "²"}, {"at": "everywhere"}, {"at": ""},
        {"story": "x"}, {"story": "-1"}, {"story": "9" * 30}, {"story": "0"},
    ],
)  # fmt: skip
def test_what_the_address_makes_up_is_not_counted(stranger, variant, changes):
    joined(stranger, variant, **changes)
    answered(stranger, variant, **changes)
    name = "0.0" if "v" in changes else f"{variant.campaign_id}.{variant.pk}"
    # A story counts where the prompt has stood on it.
    story = {trail.key(f"{name}:7")} if not {"story", "v"} & changes.keys() else set()
    assert {key for _series, key in counted()} == {f"{name}.{'end' if 'at' in changes else 'top'}"} | story


def test_a_variant_of_another_campaign_is_none_of_this_one(stranger, variant):
    other = Campaign.objects.record(heading="Another").variants.get()
    stranger.get(reverse("prompt_join", args=[variant.campaign_id]), sent(other))
    assert {key for _series, key in counted()} == {"0.0.top"}


@pytest.mark.parametrize(
    "path", ["https://evil.example/", "//evil.example/", "/\\evil.example", "x", "", "/" + "a" * 3000]
)
def test_it_leads_back_to_pages_of_ours_alone(stranger, variant, path):
    assert answered(stranger, variant, next=path)["Location"] == "/"
    assert "next=%2F&" in joined(stranger, variant, next=path)["Location"]


def test_the_way_back_may_have_any_letters(stranger, variant):
    assert answered(stranger, variant, next="/articles/მთა/")["Location"] == "/articles/%E1%83%9B%E1%83%97%E1%83%90/"


def test_an_odd_number_of_a_campaign_is_no_trouble(stranger, variant):
    assert stranger.get(f"/prompts/{'9' * 40}/join/", sent(variant)).status_code == 303


def test_what_stands_on_the_page_leads_here(story, stranger, variant):
    """The link and the form as they stand in a story."""
    article = story()
    text = stranger.get(article.get_absolute_url()).content.decode()
    aside = re.search(r'<aside class="prompt".*?</aside>', text, re.S)[0]
    address = re.search(r'href="(/prompts/[^"]*)"', aside)[1].replace("&amp;", "&")
    assert stranger.get(address)["Location"].endswith(
        f"source=prompt%3A{variant.campaign_id}.{variant.pk}.top.{article.pk}"
    )
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', aside))
    action = re.search(r'action="([^"]*)"', aside)[1]
    response = stranger.post(action, fields | {"answer": "no"}, headers=OURS)
    assert response["Location"] == article.get_absolute_url()
    text = stranger.get(article.get_absolute_url()).content.decode()
    assert 'data-insert="prompt"' not in text


# The second button


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("/contribute/", "/contribute/?next=%2Farticles%2Fmill%2F%3Fa%3Db&source={source}"),
        (
            "/contribute/?currency=USD#amount",
            "/contribute/?currency=USD&next=%2Farticles%2Fmill%2F%3Fa%3Db&source={source}#amount",
        ),
    ],
)
def test_the_second_button_leads_on_tells_whence_and_counts_as_a_click(stranger, variant, path, there):
    variant.second_button, variant.second_url = "Give once", path
    variant.save()
    response = stranger.get(reverse("prompt_second", args=[variant.campaign_id]), sent(variant))
    name = f"{variant.campaign_id}.{variant.pk}"
    assert response.status_code == 303
    assert response.url == there.format(source=f"prompt%3A{name}.top.7")
    assert counted() == {("prompt-click", f"{name}.top"): 1, ("prompt-click", trail.key(f"{name}:7")): 1}


def test_a_second_button_that_is_gone_leads_back(stranger, variant):
    assert stranger.get(reverse("prompt_second", args=[variant.campaign_id]), sent(variant)).url == PAGE
    assert stranger.get(reverse("prompt_second", args=[4711]), sent(variant)).url == PAGE
