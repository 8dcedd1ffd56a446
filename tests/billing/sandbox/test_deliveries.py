"""Events on their way: signed, filtered, held, repeated, reordered, lost, and tried again."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import stripe

from tests.billing.sandboxed import NOWHERE, SECRET


class Listener(ThreadingHTTPServer):
    """Somebody who is told of events. heard: [(body, headers)]; answers: the statuses to give, then 200."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Hearing)
        self.heard, self.answers = [], []
        self.url = f"http://127.0.0.1:{self.server_address[1]}/stripe/webhook/"

    def types(self):
        return [stripe.Webhook.construct_event(*one, SECRET).type for one in self.heard]


class Hearing(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((body, self.headers["Stripe-Signature"]))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_what):
        pass


@pytest.fixture
def listener(sandbox):
    server = Listener()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    (endpoint,) = sandbox.client.v1.webhook_endpoints.list().data
    sandbox.client.v1.webhook_endpoints.update(endpoint.id, {"url": server.url})
    yield server
    sandbox.client.v1.webhook_endpoints.update(endpoint.id, {"url": NOWHERE})
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def tell(sandbox):
    """tell(3) makes so many events."""

    def make(count=1):
        for number in range(count):
            sandbox.client.v1.customers.create({"email": f"reader{number}@example.com"})

    return make


def _emails(listener):
    events = [stripe.Webhook.construct_event(*one, SECRET) for one in listener.heard]
    return [event.data.object.email for event in events]


def test_an_event_comes_by_itself_and_is_signed(sandbox, listener, tell):
    sandbox.set(delivery="normal")
    tell()
    sandbox.settle()

    assert listener.types() == ["customer.created"]
    (event,) = sandbox.client.v1.events.list().data
    assert event.pending_webhooks == 0


def test_one_changed_byte_breaks_the_signature(sandbox, tell):
    tell()
    (held,) = sandbox.pending()
    signature = held.headers["Stripe-Signature"]

    assert stripe.Webhook.construct_event(held.body, signature, SECRET).id == held.event
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(held.body.replace(b"reader0", b"reader1"), signature, SECRET)


def test_a_delivery_that_is_refused_is_tried_again(sandbox, listener, tell):
    listener.answers += [500]
    sandbox.set(delivery="normal")
    tell()
    sandbox.settle()

    assert listener.types() == ["customer.created"] * 2
    assert listener.heard[0][0] == listener.heard[1][0]


def test_what_is_held_comes_when_and_in_the_order_it_is_released(sandbox, listener, tell):
    tell(3)
    ids = [one.id for one in sandbox.pending()]
    assert listener.heard == []

    order = [ids[2], ids[0], ids[0]]
    assert sandbox.control("release", ids=order)["answers"] == ["200"] * 3
    assert _emails(listener) == ["reader2@example.com", "reader0@example.com", "reader0@example.com"]
    assert [one.id for one in sandbox.pending()] == [ids[1]]


def test_several_can_come_at_the_same_time(sandbox, listener, tell):
    tell(4)
    assert sandbox.control("release", together=True)["answers"] == ["200"] * 4
    assert len(listener.heard) == 4


def test_ending_the_hold_delivers_what_was_held(sandbox, listener, tell):
    tell(2)
    sandbox.set(delivery="normal")
    sandbox.settle()
    assert len(listener.heard) == 2


def test_deliveries_are_doubled_lost_and_turned_round(sandbox, listener, tell):
    sandbox.set(duplicate=True)
    tell()
    sandbox.set(duplicate=False, drop=1)
    tell()
    tell()
    assert len(sandbox.pending()) == 3

    sandbox.set(reorder=True)
    sandbox.set(delivery="normal")
    sandbox.settle()
    assert len(listener.heard) == 3
    places = [stripe.Webhook.construct_event(*one, SECRET).created for one in listener.heard]
    assert places == sorted(places, reverse=True)


def test_a_delivery_that_was_lost_is_never_made(sandbox, listener, tell):
    tell(2)
    sandbox.discard(sandbox.pending()[0])
    sandbox.set(delivery="normal")
    sandbox.settle()
    assert len(listener.heard) == 1


def test_deliveries_can_be_late(sandbox, tell):
    sandbox.set(delay=60, delivery="normal")
    tell()
    assert sandbox.control("settle", seconds=0.05) == {"settled": False, "left": 1}


def test_an_endpoint_hears_what_it_listens_for(sandbox):
    given = {"url": NOWHERE, "enabled_events": ["product.created", "price.*"]}
    endpoint = sandbox.client.v1.webhook_endpoints.create(given)
    sandbox.price()
    sandbox.client.v1.customers.create({"email": "aram@example.com"})

    rows = [row for row in sandbox.told("deliveries")["deliveries"] if row["endpoint"] == endpoint.id]
    assert [row["type"] for row in rows] == ["product.created", "price.created"]


def test_nothing_is_sent_to_another_machine(sandbox, tell):
    (endpoint,) = sandbox.client.v1.webhook_endpoints.list().data
    sandbox.client.v1.webhook_endpoints.update(endpoint.id, {"url": "http://192.0.2.1/stripe/webhook/"})
    tell()
    assert sandbox.control("release")["answers"] == ["not a host of this machine"]


def test_what_is_no_event_of_ours_can_be_told(sandbox):
    session = sandbox.subscribe()
    sandbox.discard(*sandbox.pending())
    sandbox.control("emit", type="radar.early_fraud_warning.created", object={"id": "issfr_1", "object": "warning"})
    sandbox.control(
        "alter", id=session.subscription.id, change={"items": {"data": []}}, event="customer.subscription.updated"
    )

    strange, impossible = sandbox.pending()
    assert (strange.type, strange.object) == ("radar.early_fraud_warning.created", "issfr_1")
    assert impossible.told["data"]["object"]["items"]["data"] == []
    assert "items" in impossible.told["data"]["previous_attributes"]


def test_after_twelve_failures_a_delivery_is_given_up(sandbox, tell):
    tell()
    (held,) = sandbox.pending()
    answers = sandbox.control("release", ids=[held.id] * 12)["answers"]

    assert all("refused" in answer for answer in answers)
    assert sandbox.pending() == []
