"""Which prompt led to an account and to money: counted once, whatever comes in which order, and told by no row."""

from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from members import habits, trail
from members.accounts import personal_data
from members.billing import arrival, checkout
from members.billing.arrival import Arrival
from members.billing.models import Intent, Payment
from members.models import Plan, User
from newsroom.ground import counters
from newsroom.ground.models import Count
from tests.billing.sandboxed import DECLINED, SLOW, SLOW_AND_FAILS, NotPaid
from tests.billing.shop import choose, comes_back, pays, price
from tests.conftest import PASSWORD
from tests.members.test_no_trace_of_where import readable

pytestmark = pytest.mark.django_db

PROMPT = trail.source(7, 2, "end", 31)
NAMES = ["7.2.end", "7.2:31"]


def counted(name, series, unit=""):
    """How much was counted for a name, once all has been committed: a test never is."""
    while connection.run_on_commit:
        connection.run_on_commit.pop(0)[1]()
    counters.flush()
    now = timezone.now()
    return trail.total(name, series, now - timedelta(days=400), now + timedelta(days=400), unit)


def paid(*names):
    return [counted(name, trail.PAYMENT) for name in names or NAMES]


def of_browser(browser, *held):
    """The browser has been shown campaign 7, and was held back from those named."""
    kept = habits.Habits(1, habits.day_of(timezone.now()))
    kept.note_prompt(7)
    for campaign in held:
        kept.note_prompt(campaign, held=True)
    browser.cookies["reader"] = f".{kept.told()}"
    return browser


# A membership


def test_who_joins_by_a_prompt_is_counted_for_it_with_place_and_story(shop, as_, aram):
    pays(as_(aram), shop, source=PROMPT)
    assert paid() == [1, 1]
    assert [counted(name, trail.MONEY, "EUR") for name in NAMES] == [500, 500]
    assert counted("7.2.end", trail.MONEY, "USD") == 0


def test_the_row_says_that_it_was_a_prompt_and_keeps_sealed_which_until_it_is_paid(shop, as_, aram):
    left = choose(of_browser(as_(aram), 9), source=PROMPT)
    intent = Intent.objects.get()
    assert intent.source == "prompt"
    assert trail.opened(intent.trail) == trail.Trail(7, 2, "end", 31, ((7, False), (9, True)))
    assert not any(word in readable(str(list(Intent.objects.values()))) for word in (PROMPT, *NAMES, "story"))
    shop.pay(left.url)
    checkout.settle(intent.session)
    assert Intent.objects.get().trail == ""


def test_stripe_is_not_told_by_which_prompt_somebody_came(shop, as_, aram):
    choose(as_(aram), source=PROMPT)
    assert "prompt" not in str(shop.requests())


def test_by_the_webhook_alone_it_is_counted_once_and_sent_again_not_again(shop, as_, aram, stranger):
    shop.pay(choose(as_(aram), source=PROMPT).url)
    notes = shop.pending()
    for note in [*reversed(notes), *notes]:
        assert note.post(stranger).status_code == 200
    assert paid() == [1, 1]


def test_return_page_webhook_and_comparison_count_it_once(shop, as_, aram, stranger):
    browser = as_(aram)
    there = shop.pay(choose(browser, source=PROMPT).url)
    comes_back(browser, there)
    shop.deliver(stranger)
    comes_back(browser, there)
    call_command("sync_memberships")
    assert paid() == [1, 1]


def test_of_two_who_look_at_once_one_counts(aram):
    intent = Intent.objects.create(
        user=aram, kind="membership", amount=500, currency="EUR", trail=trail.sealed(trail.of_source(PROMPT))
    )
    for seen in (Intent.objects.get(pk=intent.pk), Intent.objects.get(pk=intent.pk)):
        arrival.count(seen, 500)
    assert paid() == [1, 1]


def test_what_is_taken_back_was_not_counted_and_can_be_later(aram):
    intent = Intent.objects.create(
        user=aram, kind="membership", amount=500, currency="EUR", trail=trail.sealed(trail.of_source(PROMPT))
    )
    with transaction.atomic():
        arrival.count(intent, 500)
        transaction.set_rollback(True)
    assert paid() == [0, 0]
    arrival.count(intent, 500)
    assert paid() == [1, 1]


def test_nobody_is_counted_who_does_not_pay(shop, as_, aram):
    with pytest.raises(NotPaid):
        shop.pay(choose(as_(aram), source=PROMPT).url, DECLINED)
    checkout.settle(Intent.objects.get().session)
    assert paid() == [0, 0]


def test_a_bank_that_needs_days_counts_once_it_has_paid(time, shop, as_, aram, stranger):
    pays(as_(aram), shop, SLOW, source=PROMPT)
    assert paid() == [0, 0]
    time.passes(days=8)
    shop.deliver(stranger)
    assert paid() == [1, 1]
    assert counted("7.2.end", trail.MONEY, "EUR") == 500


def test_and_one_that_then_refuses_does_not(time, shop, as_, aram, stranger):
    pays(as_(aram), shop, SLOW_AND_FAILS, source=PROMPT)
    time.passes(days=8)
    shop.deliver(stranger)
    assert paid() == [0, 0]


def test_a_trial_counts_as_joined_and_brings_no_money_yet(shop, as_, aram):
    Plan.objects.filter(name="Reader").update(trial_days=14)
    pays(as_(aram), shop, source=PROMPT)
    assert paid() == [1, 1]
    assert counted("7.2.end", trail.MONEY, "EUR") == 0


def test_an_experiment_counts_without_any_click(shop, as_, aram):
    pays(of_browser(as_(aram), 9), shop)
    assert paid("7:shown", "9:held", "9:shown", *NAMES) == [1, 1, 0, 0, 0]
    assert counted("9:held", trail.MONEY, "EUR") == 500


def test_under_global_privacy_control_nothing_but_the_click_itself_is_told(shop, as_, aram):
    browser = of_browser(as_(aram), 9)
    browser.defaults["HTTP_SEC_GPC"] = "1"
    pays(browser, shop, source=PROMPT)
    assert paid("7.2.end", "7:shown", "9:held") == [1, 0, 0]


def test_the_prompt_that_was_clicked_last_is_the_one_that_counts(shop, as_, aram):
    browser = as_(aram)
    choose(browser, source="wall")
    choose(browser, source=trail.source(3, 4, "top"))
    left = choose(browser, source=PROMPT)
    assert choose(browser, source="wall").url == left.url, "coming by a wall later takes nothing from the prompt"
    assert Intent.objects.get().source == "prompt"
    comes_back(browser, shop.pay(left.url))
    assert paid("7.2.end", "3.4.top") == [1, 0]


def test_who_turns_back_at_stripe_and_chooses_otherwise_still_came_by_the_prompt(shop, as_, aram):
    browser = as_(aram)
    choose(browser, source=PROMPT)
    back = shop.client.v1.checkout.sessions.retrieve(Intent.objects.get().session).cancel_url
    page = browser.get(back.removeprefix("http://localhost:8000"))
    assert f'name="source" value="{PROMPT}"' in page.content.decode()
    pays(browser, shop, wanted=price("Friend"), source=PROMPT)
    assert paid() == [1, 1]
    assert not any(name.startswith("join") for name in browser.session.keys())  # noqa: SIM118 (a session is no dict)


def test_a_code_that_is_typed_loses_nothing(shop, stranger):
    page = stranger.get(f"/join/?{urlencode({'source': PROMPT})}").content.decode()
    assert page.count(f'name="source" value="{PROMPT}"') == 1 + page.count('method="post" action="/join/"')


@pytest.mark.parametrize(("told", "kept"), [("wall", "wall"), ("prompt:7.2.end.31", "prompt"), ("ad:17", ""), ("", "")])
def test_the_row_tells_the_kind_of_place_alone(shop, as_, aram, told, kept):
    choose(as_(aram), source=told)
    assert Intent.objects.get().source == kept


# Contributions


def give(browser, **more):
    return browser.post(reverse("contribute"), {"amount": "10", "currency": "EUR", **more})


@pytest.mark.parametrize("who", ["aram", None])
def test_who_gives_once_is_counted_once_with_an_account_or_without(shop, as_, request, stranger, who):
    browser = of_browser(as_(who and request.getfixturevalue(who)))
    page = browser.get(f"/contribute/?{urlencode({'source': PROMPT})}")
    assert page.content.decode().count(f'name="source" value="{PROMPT}"') == 2
    there = shop.pay(give(browser, source=PROMPT).url)
    assert Intent.objects.get().source == "prompt"
    comes_back(browser, there)
    shop.deliver(stranger)
    comes_back(browser, there)
    assert paid(*NAMES, "7:shown") == [1, 1, 1]
    assert counted("7.2:31", trail.MONEY, "EUR") == 1000
    assert Intent.objects.get().trail == ""


def test_another_currency_keeps_by_what_the_reader_came(shop, stranger):
    page = stranger.get(f"/contribute/?{urlencode({'source': PROMPT})}").content.decode()
    assert f'href="/contribute/?{urlencode({"currency": "USD", "source": PROMPT}).replace("&", "&amp;")}"' in page


def test_what_is_no_source_of_ours_is_not_written_into_the_page(shop, stranger):
    page = stranger.get("/contribute/?source=%22evil").content.decode()
    assert "evil" not in page
    assert 'name="source"' not in page


def test_a_contribution_that_the_bank_refuses_days_later_is_not_counted(time, shop, stranger):
    shop.pay(give(stranger, source=PROMPT).url, SLOW_AND_FAILS)
    checkout.settle(Intent.objects.get().session)
    time.passes(days=8)
    shop.deliver(stranger)
    assert Payment.objects.get().state == "failed"
    assert paid() == [0, 0]


# What follows for the browser


def quiet(browser):
    told = browser.cookies["reader"].value.partition(".")[2] if "reader" in browser.cookies else ""
    kept = habits.read(told, habits.day_of(timezone.now()))
    return bool(kept) and kept.is_quiet


def test_who_has_joined_is_asked_for_nothing_in_this_browser_for_a_while(shop, as_, aram):
    browser = of_browser(as_(aram))
    left = choose(browser, source=PROMPT)
    assert not quiet(browser)
    comes_back(browser, shop.pay(left.url))
    assert quiet(browser)


def test_nor_is_who_has_given(shop, stranger):
    comes_back(stranger, shop.pay(give(stranger).url))
    assert quiet(stranger)


def test_who_has_not_paid_yet_may_be_asked_again(shop, as_, aram):
    browser = of_browser(as_(aram))
    choose(browser)
    comes_back(browser, f"/join/done/?session_id={Intent.objects.get().session}")
    assert not quiet(browser)


def test_under_global_privacy_control_the_browser_is_given_nothing_to_keep(shop, stranger):
    stranger.defaults["HTTP_SEC_GPC"] = "1"
    comes_back(stranger, shop.pay(give(stranger).url))
    assert "reader" not in stranger.cookies


# Accounts


def sign_up(browser, source, email="tamar@example.com", password=PASSWORD):
    going = f"{reverse('join')}?{urlencode({'price': 1, 'source': source, 'next': '/articles/x/'})}"
    return browser.post(reverse("account_signup"), {"email": email, "password1": password, "next": going})


def test_an_account_made_on_the_way_from_a_prompt_counts_for_it_once(stranger, as_):
    sign_up(of_browser(stranger, 9), PROMPT)
    assert User.objects.filter(email="tamar@example.com").exists()
    assert [counted(name, trail.SIGN_UP) for name in [*NAMES, "7:shown", "9:held"]] == [1, 1, 1, 1]
    sign_up(as_(None), PROMPT)
    assert counted("7.2.end", trail.SIGN_UP) == 1, "the address has an account already, and none was made"


def test_a_form_that_is_refused_makes_none(stranger):
    sign_up(stranger, PROMPT, password="short")
    assert counted("7.2.end", trail.SIGN_UP) == 0


@pytest.mark.parametrize(
    "going", ["/articles/x/", "https://evil.example/?source=prompt:7.2.end.31", "", "//[/?source="]
)
def test_an_account_that_no_prompt_led_to_counts_for_none(stranger, going):
    form = {"email": "tamar@example.com", "password1": PASSWORD, "next": going}
    stranger.post(reverse("account_signup"), form)
    assert User.objects.filter(email="tamar@example.com").exists()
    counted("", trail.SIGN_UP)
    assert not Count.objects.filter(series=trail.SIGN_UP).exists()


def test_from_prompt_to_account_to_payment_each_is_counted_for_the_prompt(shop, stranger, as_):
    door = choose(stranger, source=PROMPT).url
    going = parse_qs(urlsplit(door).query)["next"][0]
    stranger.post(door, {"email": "tamar@example.com", "password1": PASSWORD, "next": going})
    browser = as_(User.objects.get(email="tamar@example.com"))
    assert f'name="source" value="{PROMPT}"' in browser.get(going).content.decode()
    pays(browser, shop, source=PROMPT)
    assert [counted(name, trail.SIGN_UP) for name in NAMES] == paid() == [1, 1]


# What is kept


def test_no_table_tells_of_the_prompt_in_plain_words(shop, as_, aram):
    browser = as_(aram)
    pays(browser, shop, source=PROMPT)
    paid()
    for row in Count.objects.filter(series__in=[trail.PAYMENT, trail.MONEY]).values_list("key", flat=True):
        assert not any(name in row for name in NAMES)
    assert PROMPT not in str(list(Payment.objects.values())) + str(list(Intent.objects.values()))


def test_a_trail_is_forgotten_once_its_intent_came_to_nothing_or_is_old(aram, now):
    for days, state in ((31, "paid"), (29, "paid"), (1, "expired"), (1, "open")):
        Intent.objects.create(
            kind="contribution", amount=1, currency="EUR", state=state, made_at=now - timedelta(days=days), trail="x"
        )
    arrival.forget_trails(now)
    assert sorted(Intent.objects.exclude(trail="").values_list("state", flat=True)) == ["open", "paid"]


def test_whose_it_is_may_read_it_and_takes_it_along_on_leaving(aram):
    came = trail.sealed(trail.of_source(PROMPT))
    Intent.objects.create(user=aram, kind="membership", amount=1, currency="EUR", source="prompt", trail=came)
    assert personal_data.everything(aram)["set_out_to_buy"][0]["trail"] == "7.2.end 7.2:31"
    personal_data.delete(aram)
    assert Intent.objects.get().trail == ""


def test_an_arrival_of_which_nothing_is_known_says_nothing(rf):
    assert Arrival.of("", rf.get("/"), timezone.now()) == arrival.UNKNOWN


def test_a_click_after_the_payment_counts_it_no_second_time(aram):
    """Another tab comes from a prompt while the payment that it would have led to is being written."""
    came = Arrival("prompt", trail.sealed(trail.of_source(PROMPT)))
    for state, kept in (("paid", ""), ("expired", ""), ("open", came.trail)):
        intent = Intent.objects.create(kind="contribution", amount=500, currency="EUR", state=state)
        arrival.note(intent, came)
        intent.refresh_from_db()
        assert intent.trail == kept, state
