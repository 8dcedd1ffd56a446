"""The customer portal's page."""

import pytest

from tests.billing.sandboxed import ASKS_ONCE, DECLINED, FAILS_LATER, WORKS, NotPaid

BACK = "http://localhost:8000/account/"


@pytest.fixture
def member(sandbox):
    return sandbox.subscribe(FAILS_LATER)


@pytest.fixture
def portal(sandbox, member):
    """portal(…) is the address of a portal session of the member."""

    def opened(**given):
        session = {"customer": member.customer, "return_url": BACK, **given}
        return sandbox.client.v1.billing_portal.sessions.create(session).url

    return opened


@pytest.fixture
def held(sandbox, member):
    return lambda: sandbox.client.v1.subscriptions.retrieve(
        member.subscription.id, {"expand": ["default_payment_method"]}
    )


def test_it_shows_subscription_card_and_invoices(sandbox, portal):
    page = sandbox.page(portal())
    for words in ("leyla@example.com", "Member", "5.00 EUR a month", "Renews on", "ending in 0341", "Paid", BACK):
        assert words in page


def test_a_subscription_is_cancelled_and_taken_up_again(sandbox, portal, member, held):
    url = portal()
    sandbox.press(url, act="cancel", subscription=member.subscription.id)
    assert (held().cancel_at_period_end, held().status) == (True, "active")
    assert "Ends on" in sandbox.page(url)

    sandbox.press(url, act="resume", subscription=member.subscription.id)
    assert (held().cancel_at_period_end, held().cancel_at) == (False, None)


def test_some_accounts_cancel_by_a_date(sandbox, portal, member, held):
    sandbox.set(portal_cancels_by="cancel_at")
    url = portal()
    sandbox.press(url, act="cancel", subscription=member.subscription.id)
    assert (held().cancel_at_period_end, held().cancel_at) == (False, held()["items"].data[0].current_period_end)

    sandbox.press(url, act="resume", subscription=member.subscription.id)
    assert held().cancel_at is None


def test_another_card_is_charged_from_then_on(sandbox, portal, held):
    url = portal()
    with pytest.raises(NotPaid, match="declined"):
        sandbox.press(url, act="method", card=DECLINED)
    sandbox.press(url, act="method", card=WORKS)

    assert held().default_payment_method.card.last4 == "4242"
    sandbox.advance(days=32, hours=2)
    assert held().status == "active"


def test_a_card_that_asks_is_authenticated_before_it_is_saved(sandbox, portal, held):
    url = portal()
    with pytest.raises(NotPaid, match="unable to authenticate"):
        sandbox.press(url, bank="fail", act="method", card=ASKS_ONCE)
    assert held().default_payment_method.card.last4 == "0341"

    sandbox.press(url, act="method", card=ASKS_ONCE)
    assert held().default_payment_method.card.last4 == "3155"


def test_a_flow_leads_back_when_it_is_done(sandbox, portal, member, held):
    after = {"type": "redirect", "redirect": {"return_url": f"{BACK}?cancelled"}}
    cancel = {"subscription": member.subscription.id}
    url = portal(flow_data={"type": "subscription_cancel", "subscription_cancel": cancel, "after_completion": after})

    assert sandbox.press(url, act="cancel", subscription=member.subscription.id) == f"{BACK}?cancelled"
    assert held().cancel_at_period_end is True


def test_a_plan_is_switched_where_the_configuration_allows_it(sandbox, portal, member, held):
    dearer = sandbox.price(900, name="Supporter")
    update = {
        "enabled": True,
        "default_allowed_updates": ["price"],
        "products": [{"product": dearer.product, "prices": [dearer.id]}],
        "proration_behavior": "always_invoice",
    }
    configuration = sandbox.client.v1.billing_portal.configurations.create(
        {"features": {"subscription_update": update}}
    )
    url = portal(configuration=configuration.id)
    assert "9.00 EUR" in sandbox.page(url)

    sandbox.press(url, act="method", card=WORKS)
    sandbox.press(url, act="switch", subscription=member.subscription.id, price=dearer.id)
    assert held()["items"].data[0].price.id == dearer.id


def test_nobody_s_subscription_but_one_s_own_is_touched(sandbox, portal):
    other = sandbox.subscribe(email="aram@example.com")
    sandbox.press(portal(), act="cancel", subscription=other.subscription.id)
    assert sandbox.client.v1.subscriptions.retrieve(other.subscription.id).cancel_at_period_end is False


def test_it_closes_after_an_hour(sandbox, portal):
    url = portal()
    sandbox.advance(hours=2)
    assert "expired" in sandbox.page(url)
