"""What the sandbox promises, asked through the official SDK. With STRIPE_TEST_KEY set the same tests ask Stripe's own
test mode instead: what they pass there, the sandbox has to pass too."""

import os
import secrets

import pytest
import stripe

TEST_KEY = os.environ.get("STRIPE_TEST_KEY", "")


@pytest.fixture
def signed_with(request):
    """signed_with(key) is the SDK's resources (v1), of Stripe's test mode or of an empty sandbox."""
    addresses = {} if TEST_KEY else {"api": request.getfixturevalue("sandbox").url}
    return lambda key: stripe.StripeClient(key, base_addresses=addresses, max_network_retries=2 if TEST_KEY else 0).v1


@pytest.fixture
def api(signed_with):
    """Those with a key that is right."""
    assert not TEST_KEY or TEST_KEY.startswith(("sk_test_", "rk_test_")), "STRIPE_TEST_KEY is no key of the test mode"
    return signed_with(TEST_KEY or "sk_test_sandbox")


@pytest.fixture
def unique():
    """unique("x") is a name that nobody has used before, in a test mode that keeps what earlier runs left."""
    return lambda name: f"{name}-{secrets.token_hex(6)}"


@pytest.fixture
def product(api, unique):
    return api.products.create({"name": unique("Member")})


@pytest.fixture
def price(api, product):
    return api.prices.create(
        {"product": product.id, "unit_amount": 500, "currency": "eur", "recurring": {"interval": "month"}}
    )


@pytest.fixture
def dearer(api, product):
    return api.prices.create(
        {"product": product.id, "unit_amount": 1_000, "currency": "eur", "recurring": {"interval": "month"}}
    )


@pytest.fixture
def leyla(api, unique):
    """A customer whose card works."""
    return buyer(api, unique, "pm_card_visa")


@pytest.fixture
def membership(api, leyla, price):
    """Leyla's subscription, active."""
    return api.subscriptions.create({"customer": leyla.id, "items": [{"price": price.id}]})


def buyer(api, unique, token):
    """A customer with this card of the test mode as default."""
    customer = api.customers.create({"email": f"{unique('leyla')}@example.com"})
    method = api.payment_methods.attach(token, {"customer": customer.id})
    settings = {"default_payment_method": method.id}
    return api.customers.update(customer.id, {"invoice_settings": settings})
