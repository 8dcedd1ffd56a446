"""The payments sandbox as tests use it: its control, its deliveries, and people who pay on its pages."""

import http.client
import json
import time
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import urlencode, urljoin, urlsplit

import stripe

WORKS, DECLINED, NO_MONEY = "4242424242424242", "4000000000000002", "4000000000009995"
ASKS_ONCE, ASKS_ALWAYS, FAILS_LATER = "4000002500003155", "4000002760003184", "4000000000000341"
SLOW, SLOW_AND_FAILS = "AT611904300234573201", "AT861904300235473202"
DISPUTED = "4000000000000259"
SECRET = "whsec_of_the_sandbox_in_tests"
# Nothing listens there: deliveries are held, and tests take them to where they want them.
NOWHERE = "http://127.0.0.1:9/stripe/webhook/"
WEBHOOK = "/stripe/webhook/"
DAY = 86_400


class NotPaid(Exception):
    """A page that came back instead of going on. `page`: its HTML."""

    def __init__(self, page):
        super().__init__(page)
        self.page = page


@dataclass(frozen=True)
class Delivery:
    """One event on its way to one endpoint; body and headers as they would be posted."""

    id: int
    event: str
    type: str
    object: str
    body: bytes
    headers: dict

    @property
    def told(self):
        return json.loads(self.body)

    def post(self, client, path=WEBHOOK):
        """The response of Django's test client to it."""
        headers = {name: value for name, value in self.headers.items() if name != "Content-Type"}
        return client.post(path, self.body, content_type=self.headers["Content-Type"], headers=headers)


class Sandbox:
    """A running sandbox. url: its address, the setting STRIPE_API_BASE; secret: that of its deliveries; client: the
    official SDK, pointed at it."""

    secret = SECRET

    def __init__(self, url):
        self.url = url
        self.client = stripe.StripeClient("sk_test_sandbox", base_addresses={"api": url}, max_network_retries=0)

    # Control.

    def control(self, name, **given):
        """POST /control/NAME."""
        return _answered("POST", f"{self.url}/control/{name}", json.dumps(given), "application/json")

    def told(self, name, **query):
        """GET /control/NAME."""
        return _answered("GET", f"{self.url}/control/{name}?{urlencode(query)}")

    def reset(self):
        """Forget everything, and hold what is delivered."""
        self.control("reset")
        self.set(delivery="hold")

    def set(self, **settings):
        """Settings of `members.billing.sandbox.core.books.DEFAULTS`."""
        return self.control("settings", **settings)

    def tell(self, url):
        """Have events delivered to this address, by themselves."""
        (endpoint,) = self.client.v1.webhook_endpoints.list().data
        self.client.v1.webhook_endpoints.update(endpoint.id, {"url": url})
        self.set(delivery="normal")

    def settle(self, seconds=10):
        """Wait until nothing is left to deliver."""
        assert self.control("settle", seconds=seconds)["settled"]

    @property
    def now(self):
        return self.told("clock")["now"]

    def freeze(self, to):
        """Stop the clock at a moment (seconds since 1970, or ISO 8601)."""
        return self.control("clock", to=to, frozen=True)["now"]

    def advance(self, days=0, hours=0, seconds=0):
        """Move the clock, doing all that falls due. Returns what time it then is."""
        return self.control("clock", advance=days * DAY + hours * 3_600 + seconds)["now"]

    def faults(self, *faults):
        """Each {"what": "500"|"429"|"timeout"|"slow"|"reset"|"nothing", "path": prefix, "method", "times": 1,
        "when": "before"|"after" the work was done, "seconds"}."""
        return self.control("faults", faults=list(faults))

    def requests(self, method=None, path="/v1/", after=0):
        """The API requests made, oldest first, as dicts."""
        found = self.told("requests", after=after)["requests"]
        return [one for one in found if one["path"].startswith(path) and method in (None, one["method"])]

    # Deliveries.

    def pending(self, *types, at=None):
        """The Deliveries that are held, oldest first, signed for this process's time. types: of these alone."""
        moment = int(time.time() if at is None else at)
        rows = self.told("deliveries", at=moment)["deliveries"]
        found = [
            Delivery(row["id"], row["event"], row["type"], row["object"], row["body"].encode(), row["headers"])
            for row in rows
        ]
        return [one for one in found if not types or one.type in types]

    def deliver(self, client, order=None, path=WEBHOOK):
        """Post what is held to Django's test client, and forget what it took. order: a function from the Deliveries to
        those to post, in their order. Returns the responses."""
        found = self.pending()
        responses = []
        for one in order(found) if order else found:
            response = one.post(client, path)
            responses.append(response)
            if response.status_code < 300:
                self.discard(one, as_="delivered")
        return responses

    def discard(self, *deliveries, as_="dropped"):
        self.control("discard", ids=[one.id for one in deliveries], **{"as": as_})

    # People.

    def price(self, amount=500, currency="eur", interval="month", name="Member", **more):
        """A price of a new product; once if it has no interval."""
        recurring = {"recurring": {"interval": interval}} if interval else {}
        product = {"product_data": {"name": name}} if "product" not in more else {}
        given = {"unit_amount": amount, "currency": currency, **product, **recurring, **more}
        return self.client.v1.prices.create(given)

    def subscribe(self, card=WORKS, price=None, email="leyla@example.com", **given):
        """A subscription bought on the page: the session as it then is, with its subscription."""
        price = price or self.price()
        given = {"customer_email": email, "success_url": "http://localhost:8000/join/done/", **given}
        lines = [{"price": price.id, "quantity": 1}]
        session = self.client.v1.checkout.sessions.create({"mode": "subscription", "line_items": lines, **given})
        self.pay(session.url, card)
        return self.client.v1.checkout.sessions.retrieve(session.id, {"expand": ["subscription"]})

    def pay(self, url, card=WORKS, email="leyla@example.com", name="Leyla", bank="complete", **form):
        """Fill in a hosted page and send it: the address that the buyer is led to. bank: what they do where they are asked
        to authenticate (complete or fail). Raises NotPaid with the page where it does not go on."""
        return self.press(url, bank=bank, act="pay", card=card or "", email=email, name=name, **form)

    def press(self, url, bank="complete", **form):
        """Send a form of a page and follow where it leads on the sandbox itself: the address outside."""
        status, there, page = _asked("POST", url, urlencode(form), "application/x-www-form-urlencoded")
        if status != 303:
            raise NotPaid(page)
        there = urljoin(url, there)
        if there.endswith("/authenticate") or "/authenticate/" in there:
            return self.press(there, act=bank)
        return there

    def page(self, url):
        """The HTML of a page of the sandbox."""
        return _asked("GET", url)[2]


def _answered(method, url, *body):
    status, _there, told = _asked(method, url, *body)
    assert status == 200, f"{url}: {told}"
    return json.loads(told)


def _asked(method, url, body=None, kind=""):
    """(status, Location or None, body) of a request, redirects not followed."""
    address = urlsplit(url)
    with closing(http.client.HTTPConnection(address.hostname, address.port, timeout=30)) as connection:
        path = f"{address.path}?{address.query}" if address.query else address.path
        connection.request(method, path, body, {"Content-Type": kind} if kind else {})
        response = connection.getresponse()
        return response.status, response.getheader("Location"), response.read().decode(errors="replace")
