"""One's own membership: what its pages say to whom, and what their forms do."""

import re

import pytest
from django.urls import reverse

from members.access import Audience
from members.billing import changes, client
from members.billing.models import Cancellation, Payment
from members.models import Grant, Membership, Plan
from tests.billing.paying import joined, looked_at
from tests.billing.sandboxed import ASKS_ALWAYS, FAILS_LATER
from tests.billing.shop import price, text

pytestmark = pytest.mark.django_db

OWN = "/account/membership/"
PAGES = ["plan", "pause", "cancel"]


def page(browser, name="", **given):
    """What a page says; POSTed if anything is given, and followed."""
    address = f"{OWN}{name}/" if name else OWN
    response = browser.post(address, given, follow=True) if given else browser.get(address, follow=True)
    assert response.status_code == 200
    return text(response)


def whole(response):
    """A page is one, and runs no script or style of its own."""
    markup = response.content.decode()
    assert response.status_code == 200
    assert len(re.findall(r"<h1>[^<]+</h1>", markup)) == 1
    assert " style=" not in markup
    assert "<script" not in markup
    for name in re.findall(r'<(?:input|select|textarea)(?![^>]*type="hidden")[^>]*\bid="([^"]+)"', markup):
        assert f'<label for="{name}">' in markup
    return markup


def owing(shop, time, user, card=FAILS_LATER):
    customer = joined(shop, user, card, trial_period_days=1)
    time.passes(days=1, hours=2)
    return looked_at(customer)


# Who.


@pytest.mark.parametrize("name", ["", *PAGES, "resume", "portal"])
def test_a_stranger_signs_in_first(shop, stranger, name):
    address = f"{OWN}{name}/" if name else OWN
    for answer in (stranger.get(address), stranger.post(address)):
        assert answer.status_code in (302, 405)
        if answer.status_code == 302:
            assert answer.url.startswith(reverse("account_login"))


def test_who_is_registered_is_told_where_membership_begins(shop, as_, aram):
    browser = as_(aram)
    markup = whole(browser.get(OWN))
    assert "You are not a member yet." in markup
    assert reverse("join") in markup
    for name in PAGES:
        assert browser.get(f"{OWN}{name}/").url == OWN


def test_a_member_by_grant_is_told_who_gave_it_and_can_cancel_nothing(shop, as_, leyla):
    leyla.grants.update(plan=Plan.objects.get(name="Friend"))
    said = page(as_(leyla))
    assert "Given to you Friend Member, without an end" in said
    assert "Cancel" not in said
    assert as_(leyla).post(f"{OWN}cancel/").url == OWN


def test_a_membership_that_the_newsroom_made_by_hand_is_told_as_given(shop, as_, aram):
    Membership.objects.create(user=aram, plan=Plan.objects.get(name="Friend"), status="active")
    assert "Given to you Friend Member, without an end" in page(as_(aram))


def test_one_that_was_made_by_hand_and_waits_for_a_payment_says_so(shop, as_, aram):
    Membership.objects.create(user=aram, plan=Plan.objects.get(name="Friend"), status="unpaid")
    assert "Waits for a payment that did not go through" in page(as_(aram))


def test_who_pays_and_has_a_grant_sees_both(shop, time, as_, leyla):
    joined(shop, leyla)
    said = page(as_(leyla))
    assert "Reader, €5 a month. The next payment, €5, is on 10 December 2026." in said
    assert "Given to you" in said


def test_nobody_sees_anothers(shop, time, as_, leyla, aram):
    joined(shop, leyla)
    assert "4242" not in page(as_(aram))
    as_(aram).post(f"{OWN}cancel/")
    assert Membership.objects.get(user=leyla).ends_at is None


# What is said.


def test_a_paying_member_reads_plan_price_next_payment_card_and_invoices(shop, time, as_, aram):
    joined(shop, aram)
    response = as_(aram).get(OWN)
    markup = whole(response)
    said = text(response)
    assert "Reader, €5 a month. The next payment, €5, is on 10 December 2026." in said
    assert "Visa, ending in 4242, good until" in said
    assert "10 November 2026 €5 · Paid Invoice" in said
    assert Payment.objects.get().invoice_url in markup
    assert "no-store" in response["Cache-Control"]


def test_the_page_lets_forms_lead_to_stripes_and_no_further(shop, time, as_, aram):
    joined(shop, aram)
    browser = as_(aram)
    assert f"form-action 'self' {shop.url}" in browser.get(OWN)["Content-Security-Policy"]
    assert shop.url not in browser.get(f"{OWN}cancel/")["Content-Security-Policy"]


def test_on_trial_the_page_says_until_when_and_what_then(shop, time, as_, aram):
    joined(shop, aram, trial_period_days=7)
    said = page(as_(aram))
    assert "Reader, free until 17 November 2026. Then €5 a month" in said
    assert "ends with it, on 17 November 2026" in page(as_(aram), "cancel")


def test_a_failed_payment_is_told_with_why_until_which_day_and_where_to_pay(shop, time, as_, aram):
    customer = owing(shop, time, aram)
    response = as_(aram).get(OWN)
    said = text(response)
    assert "Your payment of €5 did not go through. You have until Wednesday, 25 November." in said
    assert "declined" in said
    assert "Pay €5 now" in said
    assert f'href="{customer.owed_url}"' in response.content.decode()
    assert "Change the plan" not in said


def test_a_bank_that_asks_is_told_apart(shop, time, as_, aram):
    owing(shop, time, aram, ASKS_ALWAYS)
    said = page(as_(aram))
    assert "Your bank wants you to confirm the payment of €5." in said
    assert "Confirm the payment of €5" in said


def test_once_the_grace_is_over_it_is_closed_and_paying_opens_it(shop, time, as_, aram):
    shop.set(after_dunning="past_due")
    customer = owing(shop, time, aram)
    time.passes(days=15)
    looked_at(customer)
    browser = as_(aram)
    assert "has not gone through, and what is for members is closed to you" in page(browser)
    shop.pay(customer.owed_url)
    time.passes(hours=1)
    assert browser.get(f"{OWN}?back=stripe").url == OWN
    assert "The next payment, €5, is on" in page(browser)


def test_a_dispute_is_told_and_what_to_do(shop, time, as_, aram):
    joined(shop, aram)
    Membership.objects.update(status="suspended")
    assert "A payment is disputed with your bank." in page(as_(aram))


def test_a_first_payment_that_never_went_through_is_no_membership(shop, time, as_, aram):
    joined(shop, aram)
    Membership.objects.update(status="incomplete")
    said = page(as_(aram))
    assert "Nothing was taken, and nothing is owed." in said
    assert "Try again" in said


def test_what_was_given_back_in_part_is_told(shop, time, as_, aram):
    joined(shop, aram)
    changes.refund(Payment.objects.get(), 200)
    assert "€5 · Paid, €2 given back" in page(as_(aram))


# What is done.


def test_cancel_is_one_click_from_the_account_and_one_button(shop, time, as_, aram):
    joined(shop, aram)
    browser = as_(aram)
    account = text(browser.get(reverse("account")))
    assert "Reader, €5 a month, next on 10 December 2026 Manage Cancel" in account
    assert f'href="{OWN}cancel/"' in browser.get(reverse("account")).content.decode()
    whole(browser.get(f"{OWN}cancel/"))
    said = page(browser, "cancel")
    assert "It ends on 10 December 2026, with the time that is paid for." in said
    answer = browser.post(f"{OWN}cancel/", {"reason": "time", "text": "I read on paper."})
    assert (answer.status_code, answer.url) == (303, OWN)
    said = page(browser)
    assert "Your membership is cancelled. Nothing more is taken." in said
    assert "It ends on 10 December 2026." in said
    assert "Keep my membership" in said
    kept = Cancellation.objects.get()
    assert (kept.reason, kept.text, kept.user) == ("time", "I read on paper.", aram)


def test_the_question_need_not_be_answered_and_takes_500_letters(shop, time, as_, aram):
    joined(shop, aram)
    browser = as_(aram)
    assert browser.post(f"{OWN}cancel/", {"text": "x" * 501}).status_code == 200
    assert Membership.objects.get().ends_at is None
    assert browser.post(f"{OWN}cancel/").status_code == 303
    assert Membership.objects.get().ends_at is not None


def test_a48_cancel_and_resume_by_the_pages(shop, time, as_, aram):
    joined(shop, aram)
    browser = as_(aram)
    browser.post(f"{OWN}cancel/")
    answer = browser.post(f"{OWN}resume/")
    assert answer.status_code == 303
    assert "Your membership goes on." in page(browser)
    assert Membership.objects.get().ends_at is None
    assert browser.post(f"{OWN}resume/").url == OWN
    assert browser.get(f"{OWN}resume/").status_code == 405


def test_who_owes_ends_it_at_once(shop, time, as_, aram):
    owing(shop, time, aram)
    browser = as_(aram)
    assert "It ends at once. The €5 that are owed are not taken any more." in page(browser, "cancel")
    browser.post(f"{OWN}cancel/")
    said = page(browser)
    assert "It ended on" in said
    assert "Join again" in said


def test_a_pause_is_chosen_by_when_money_is_taken_again(shop, time, as_, aram):
    joined(shop, aram)
    browser = as_(aram)
    whole(browser.get(f"{OWN}pause/"))
    assert "Two months: the next payment is on 10 February 2027" in page(browser, "pause")
    assert browser.post(f"{OWN}pause/", {"months": "7"}).status_code == 200
    said = page(browser, "pause", months="2")
    assert "paid for until 10 December 2026, and rests from then. On 10 February 2027 it goes on" in said
    time.passes(days=31)
    looked_at(aram.customer)
    browser = as_(aram)
    assert "It rests, and nothing is taken. On 10 February 2027 it goes on" in page(browser)
    assert "Go on now, and pay €5 today" in page(browser)
    browser.post(f"{OWN}resume/")
    assert "The next payment, €5, is on 11 January 2027." in page(browser)


def test_a46_a_plan_is_changed_by_two_pages_and_the_first_says_what_it_costs(shop, time, as_, aram):
    joined(shop, aram)
    time.passes(days=15)
    browser = as_(aram)
    whole(browser.get(f"{OWN}plan/"))
    friend = price("Friend")
    asked = browser.post(f"{OWN}plan/", {"price": friend.pk})
    whole(asked)
    said = text(asked)
    assert "From Reader, €5 a month, to Friend, €12 a month." in said
    assert "Today €3.50 Then €12 a month, next on 10 December 2026" in said
    assert Membership.objects.get().plan.name == "Reader"
    shown = re.search(r'name="shown" value="([^"]+)"', asked.content.decode())[1]
    answer = browser.post(f"{OWN}plan/", {"price": friend.pk, "shown": shown})
    assert answer.status_code == 303
    assert "You have Friend now." in page(browser)
    assert Payment.objects.first().amount == 350


def test_a46_a_lower_plan_says_what_is_left_over_and_what_closes(shop, time, as_, aram):
    joined(shop, aram, wanted=price("Friend"))
    time.passes(days=15)
    said = text(as_(aram).post(f"{OWN}plan/", {"price": price().pk}))
    assert "Today Nothing Then €5 a month, next on 10 December 2026 Left over €3.50" in said
    assert "What is for Friend alone closes at once." in said
    assert "Change to Reader, and pay nothing today" in said


def test_what_was_not_shown_is_not_agreed_to(shop, time, as_, aram):
    """A forged, an old or another one's token shows the cost anew, and changes nothing."""
    joined(shop, aram)
    browser, friend, year = as_(aram), price("Friend"), price(interval="year")
    markup = browser.post(f"{OWN}plan/", {"price": year.pk}).content.decode()
    shown = re.search(r'name="shown" value="([^"]+)"', markup)[1]
    for token in ("", "rubbish", shown):
        assert "What the change costs" in text(browser.post(f"{OWN}plan/", {"price": friend.pk, "shown": token}))
    time.passes(hours=1)
    assert "What the change costs" in text(browser.post(f"{OWN}plan/", {"price": year.pk, "shown": shown}))
    assert Membership.objects.get().interval == "month"


def test_only_what_is_on_offer_can_be_chosen(shop, time, as_, aram):
    joined(shop, aram)
    browser = as_(aram)
    dollars = price(currency="USD")
    friend = price("Friend")
    for wanted in ("0", "x", dollars.pk, ""):
        assert browser.post(f"{OWN}plan/", {"price": wanted}).url == f"{OWN}plan/"
    friend.is_offered = False
    friend.save()
    assert browser.post(f"{OWN}plan/", {"price": friend.pk}).url == f"{OWN}plan/"
    assert "Friend" not in page(browser, "plan")


def test_an_amount_of_ones_own_is_asked_for_within_bounds(shop, time, as_, aram):
    friend = price("Friend")
    friend.plan.names_own_price = True
    friend.plan.save()
    joined(shop, aram)
    browser = as_(aram)
    said = text(browser.post(f"{OWN}plan/", {"price": friend.pk, "amount": "3"}))
    assert "Take a price from €12 to €1,200." in said
    assert "no more digits" in text(browser.post(f"{OWN}plan/", {"price": friend.pk, "amount": "12.345"}))
    assert "to Friend, €20 a month." in text(browser.post(f"{OWN}plan/", {"price": friend.pk, "amount": "20"}))


def test_a_card_that_declines_is_told_and_nothing_is_changed(shop, time, as_, aram):
    customer = joined(shop, aram)
    browser, friend = as_(aram), price("Friend")
    markup = browser.post(f"{OWN}plan/", {"price": friend.pk}).content.decode()
    shown = re.search(r'name="shown" value="([^"]+)"', markup)[1]
    shop.control("decline", customer=customer.stripe_id, code="insufficient_funds")
    said = page(browser, "plan", price=friend.pk, shown=shown)
    assert "Your card did not pay, and nothing was changed. The bank says that there was not enough money" in said
    assert "Reader, €5 a month. The next payment" in said


def test_the_portal_is_opened_for_who_asked_and_leads_back(shop, time, as_, aram):
    joined(shop, aram)
    browser = as_(aram)
    answer = browser.post(f"{OWN}portal/", {"all": ""})
    assert answer.status_code == 303
    assert answer.url.startswith(shop.url)
    assert f"form-action 'self' {shop.url}" in answer["Content-Security-Policy"]
    card = browser.post(f"{OWN}portal/", {"card": ""}).url
    assert card.startswith(shop.url)
    assert len(shop.requests("POST", "/v1/billing_portal/configurations")) == 1


def test_the_settings_of_the_portal_that_others_made_are_left_alone(shop, time, as_, aram):
    joined(shop, aram)
    others = shop.client.v1.billing_portal.configurations.create({"features": {"invoice_history": {"enabled": True}}})
    as_(aram).post(f"{OWN}portal/", {"all": ""})
    made = [one["id"] for one in shop.client.v1.billing_portal.configurations.list().data]
    assert others.id in made
    assert len(made) >= 2


def test_coming_back_asks_stripe_once_in_a_while(shop, time, as_, aram):
    joined(shop, aram)
    time.passes(hours=1)
    browser = as_(aram)
    before = len(shop.requests("GET"))
    for _visit in range(3):
        assert browser.get(f"{OWN}?back=stripe").status_code == 303
    assert 0 < len(shop.requests("GET")) - before < 10


@pytest.mark.parametrize("deed", ["cancel", "pause", "plan", "portal"])
def test_while_stripe_is_away_the_page_says_so_and_nothing_is_lost(shop, time, as_, aram, deed, monkeypatch):
    joined(shop, aram)

    def away(*_asked, **_params):
        raise client.Unavailable("away")

    monkeypatch.setattr(client, "ask", away)
    given = {"months": "1", "price": price("Friend").pk, "reason": "price"}
    said = page(as_(aram), deed, **given)
    assert "Stripe does not answer at the moment. Try it again in a minute: nothing is done twice." in said
    assert "The next payment, €5, is on 10 December 2026." in said
    assert not Cancellation.objects.exists()
    monkeypatch.setattr(client, "every", away)
    time.passes(hours=1)
    assert as_(aram).get(f"{OWN}?back=stripe").status_code == 303


def test_a_refusal_is_told_and_a_change_meanwhile_is_found(shop, time, as_, aram, monkeypatch):
    customer = joined(shop, aram)
    shop.client.v1.subscriptions.cancel(Membership.objects.get().stripe_subscription)
    said = page(as_(aram), "cancel", reason="price")
    assert "Your membership had changed meanwhile, so nothing was done." in said
    assert "It ended on 10 November 2026" in said
    Membership.objects.update(status="active", ends_at=None)

    def refused(*_asked, **_params):
        raise client.Refused("no")

    monkeypatch.setattr(client, "ask", refused)
    assert "Stripe refused that, so nothing was changed." in page(as_(aram), "cancel", reason="price")
    assert customer.pk


def test_without_a_key_the_page_still_says_how_it_stands(shop, time, as_, aram, settings):
    joined(shop, aram)
    settings.STRIPE_SECRET_KEY = ""
    said = page(as_(aram))
    assert "Reader, €5 a month." in said
    assert "Cancel" not in said
    assert as_(aram).get(f"{OWN}cancel/").url == OWN


def test_every_page_is_there_in_russian(shop, time, as_, aram):
    joined(shop, aram)
    browser = as_(aram)
    for name in ("", "plan/", "pause/", "cancel/"):
        markup = whole(browser.get(f"/ru{OWN}{name}"))
        assert re.search(r"<h1>[А-Яа-я ]+</h1>", markup), name


def test_who_clicks_all_day_is_slowed_and_not_shut_out(shop, time, as_, aram):
    joined(shop, aram)
    browser = as_(aram)
    answers = [browser.post(f"{OWN}pause/", {"months": "9"}).status_code for _click in range(31)]
    assert answers == [200] * 30 + [429]


def test_who_deletes_the_account_is_told_of_the_paid_time(shop, time, as_, aram):
    joined(shop, aram)
    browser = as_(aram)
    browser.post(reverse("account_reauthenticate"), {"password": "the river rises at noon"})
    said = text(browser.get(reverse("account_delete")))
    assert "Your membership (Reader) ends at this click" in said
    assert "until 10 December 2026, is lost" in said


def test_a_grant_alone_says_nothing_of_paid_time(shop, as_, leyla):
    browser = as_(leyla)
    browser.post(reverse("account_reauthenticate"), {"password": "the river rises at noon"})
    assert "ends at this click" not in text(browser.get(reverse("account_delete")))
    assert Grant.objects.exists()


def test_who_reads_on_in_the_days_of_grace_is_told_on_every_page(shop, time, as_, aram, leyla, story):
    page_of = story(audience=Audience.MEMBERS).get_absolute_url()
    owing(shop, time, aram)
    joined(shop, leyla)
    for address in (page_of, reverse("account"), "/"):
        assert f'<a class="due" href="{OWN}">Payment failed</a>' in as_(aram).get(address).content.decode()
        assert "Payment failed" not in as_(leyla).get(address).content.decode()


def test_plans_to_change_to_say_what_they_include_as_those_to_join_by_do(shop, as_, aram):
    Plan.objects.filter(name="Friend").update(ad_free=True)
    joined(shop, aram)
    said = text(as_(aram).get("/account/membership/plan/"))
    assert "Everything in “Reader”" in said
    assert "No advertisements" in said


def test_on_trial_the_account_says_until_when_it_is_free(shop, time, as_, aram):
    joined(shop, aram, trial_period_days=7)
    assert "Reader, free until 17 November 2026, then €5 a month" in text(as_(aram).get("/account/"))


def test_a_trial_that_ends_with_the_change_is_said_before(shop, time, as_, aram):
    joined(shop, aram, trial_period_days=7)
    said = text(as_(aram).post("/account/membership/plan/", {"price": price("Friend").pk}))
    assert "Today €12" in said
    assert "Friend has no free days: your trial ends with the change, and the first payment is taken." in said
    assert "nothing is taken before it ends" not in said
