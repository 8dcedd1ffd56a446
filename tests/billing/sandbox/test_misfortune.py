"""Faults of the API, and what banks do: ordered by the control, met through the SDK."""

import threading

import pytest
import stripe

ARAM = {"email": "aram@example.com"}


@pytest.fixture
def create(sandbox):
    """create(…) makes a customer by an SDK that tries so often again and waits so long for an answer."""

    def make(retries=0, timeout=10, key=None):
        http = stripe.RequestsClient(timeout=timeout)
        client = stripe.StripeClient(
            "sk_test_sandbox", base_addresses={"api": sandbox.url}, max_network_retries=retries, http_client=http
        )
        return client.v1.customers.create(ARAM, {"idempotency_key": key} if key else {})

    return make


def _customers(sandbox):
    return len(sandbox.client.v1.customers.list().data)


def test_stripe_s_own_errors_come_as_often_as_ordered(sandbox, create):
    sandbox.faults({"what": "500", "path": "/v1/customers", "times": 2})
    for _time in range(2):
        with pytest.raises(stripe.APIError):
            create()
    assert _customers(sandbox) == 0
    create()
    assert _customers(sandbox) == 1


def test_too_many_requests_are_refused(sandbox, create):
    sandbox.faults({"what": "429"})
    with pytest.raises(stripe.RateLimitError):
        create()


def test_faults_meet_only_what_they_are_ordered_for(sandbox, create):
    sandbox.faults({"what": "500", "path": "/v1/customers", "method": "GET"})
    create()
    with pytest.raises(stripe.APIError):
        _customers(sandbox)


@pytest.mark.parametrize("what", ["reset", "nothing"])
def test_a_connection_that_breaks_is_an_error_of_the_connection(sandbox, create, what):
    sandbox.faults({"what": what})
    with pytest.raises(stripe.APIConnectionError):
        create()
    assert _customers(sandbox) == 0


def test_an_answer_that_does_not_come_is_waited_for_no_longer_than_asked(sandbox, create):
    sandbox.faults({"what": "timeout", "seconds": 0.4})
    with pytest.raises(stripe.APIConnectionError):
        create(timeout=0.1)


@pytest.mark.parametrize("what", ["500", "reset", "nothing"])
def test_work_whose_answer_was_lost_is_not_done_twice(sandbox, create, what):
    sandbox.faults({"what": what, "when": "after"})
    made = create(retries=1)

    assert _customers(sandbox) == 1
    assert sandbox.client.v1.customers.list().data[0].id == made.id
    keys = [one["idempotency_key"] for one in sandbox.requests("POST", "/v1/customers")]
    assert len(keys) == 2
    assert len(set(keys)) == 1


def test_the_same_key_at_the_same_time_is_a_conflict(sandbox, create):
    sandbox.faults({"what": "slow", "seconds": 5})
    first = threading.Thread(target=create, kwargs={"key": "join-1"})
    first.start()
    while not sandbox.told("at_work")["keys"]:
        pass
    with pytest.raises(stripe.APIError) as caught:
        create(key="join-1")
    sandbox.control("let_go")
    first.join()

    assert (caught.value.http_status, caught.value.error.code) == (409, "idempotency_key_in_use")
    assert _customers(sandbox) == 1


def test_requests_can_be_counted(sandbox, create):
    create(key="join-1")
    (request,) = sandbox.requests("POST")
    assert request["path"] == "/v1/customers"
    assert (request["idempotency_key"], request["status"]) == ("join-1", 200)
    assert request["body"] == "email=aram%40example.com"


def test_an_order_that_makes_no_sense_is_refused(sandbox):
    with pytest.raises(AssertionError, match="what must be one of"):
        sandbox.faults({"what": "plague"})
    with pytest.raises(AssertionError, match="no such setting"):
        sandbox.set(weather="bad")


@pytest.mark.parametrize("status", ["won", "lost"])
def test_a_dispute_is_opened_and_decided(sandbox, status):
    sandbox.subscribe()
    v1 = sandbox.client.v1
    (charge,) = v1.charges.list().data
    sandbox.discard(*sandbox.pending())
    dispute = sandbox.control("dispute", charge=charge.id)

    assert v1.charges.retrieve(charge.id).disputed is True
    told = v1.disputes.list({"payment_intent": charge.payment_intent}).data[0]
    assert (told.id, told.status, told.amount) == (dispute["id"], "needs_response", 500)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        v1.refunds.create({"charge": charge.id})
    assert caught.value.code == "charge_disputed"

    sandbox.control("close_dispute", dispute=dispute["id"], status=status)
    assert v1.disputes.retrieve(dispute["id"]).status == status
    types = [one.type for one in sandbox.pending()]
    assert types[:3] == ["charge.updated", "charge.dispute.created", "charge.dispute.funds_withdrawn"]
    assert ("charge.dispute.funds_reinstated" in types) == (status == "won")
    assert types[-1] == "charge.dispute.closed"


def test_a_card_for_disputes_is_disputed_soon(sandbox):
    sandbox.subscribe("4000000000000259")
    assert sandbox.client.v1.disputes.list().data == []
    sandbox.advance(seconds=60)
    assert len(sandbox.client.v1.disputes.list().data) == 1


def test_a_price_can_be_archived_under_a_member(sandbox):
    session = sandbox.subscribe()
    price = session.subscription["items"].data[0].price
    sandbox.control("archive", price=price.id)

    told = sandbox.client.v1.subscriptions.retrieve(session.subscription.id)
    assert told["items"].data[0].price.active is False
    sandbox.advance(days=32, hours=2)
    assert sandbox.client.v1.subscriptions.retrieve(session.subscription.id).status == "active"


def test_the_control_page_shows_everything_and_its_forms_work(sandbox):
    session = sandbox.subscribe()
    control = f"{sandbox.url}/control/"
    page = sandbox.page(control)
    for words in ("leyla@example.com", session.subscription.id, "invoice.paid", "/v1/checkout/sessions", "5.00 EUR"):
        assert words in page

    before = sandbox.now
    assert sandbox.press(f"{control}clock", advance="86400") == control
    assert sandbox.now - before >= 86_400
    (charge,) = sandbox.client.v1.charges.list().data
    sandbox.press(f"{control}dispute", charge=charge.id, reason="fraudulent")
    sandbox.press(f"{control}decline", customer=session.customer, code="expired_card")
    sandbox.press(f"{control}fault", what="500", times="1", path="/v1/refunds", when="before")
    sandbox.press(f"{control}settings", delivery="hold", delay="0", drop="0", duplicate="false", reorder="false")
    page = sandbox.page(control)
    assert "disputed" in page
    assert "500 for 1 × /v1/refunds" in page
    sandbox.press(f"{control}reset")
    assert "Nobody has bought anything yet" in sandbox.page(control)


def test_a_bank_replaces_a_card_without_asking(sandbox):
    session = sandbox.subscribe()
    sandbox.control("replace_card", customer=session.customer)

    (told,) = sandbox.pending("payment_method.automatically_updated")
    card = told.told["data"]["object"]["card"]
    assert card["exp_year"] == told.told["data"]["previous_attributes"]["card"]["exp_year"] + 3
