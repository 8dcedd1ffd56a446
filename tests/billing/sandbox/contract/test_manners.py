"""How the API behaves whatever is asked: keys, errors, idempotency, pages of lists, expansion."""

import pytest
from stripe import AuthenticationError, IdempotencyError, InvalidRequestError


def _refusal(call, *given):
    with pytest.raises(InvalidRequestError) as caught:
        call(*given)
    return caught.value


def test_a_wrong_key_is_refused(signed_with):
    with pytest.raises(AuthenticationError) as caught:
        signed_with("sk_wrong").customers.list()
    assert caught.value.http_status == 401


def test_an_unknown_parameter_is_named(api):
    error = _refusal(api.customers.create, {"emial": "leyla@example.com"})
    assert (error.http_status, error.code, error.param) == (400, "parameter_unknown", "emial")


def test_a_missing_parameter_is_named(api):
    error = _refusal(api.subscriptions.create, {"items": []})
    assert (error.http_status, error.code, error.param) == (400, "parameter_missing", "customer")


def test_a_value_that_is_none_of_its_kind_is_refused(api):
    error = _refusal(api.checkout.sessions.create, {"mode": "gift", "success_url": "https://example.com/"})
    assert (error.http_status, error.param) == (400, "mode")


def test_what_does_not_exist_is_a_404_in_the_address_and_a_400_in_a_parameter(api, price):
    error = _refusal(api.customers.retrieve, "cus_unknown")
    assert (error.http_status, error.code, error.param) == (404, "resource_missing", "id")

    error = _refusal(api.subscriptions.create, {"customer": "cus_unknown", "items": [{"price": price.id}]})
    assert (error.http_status, error.code, error.param) == (400, "resource_missing", "customer")


def test_the_same_idempotency_key_gives_the_same_answer(api, unique):
    key = unique("join")
    first = api.customers.create({"email": "aram@example.com"}, {"idempotency_key": key})
    again = api.customers.create({"email": "aram@example.com"}, {"idempotency_key": key})

    assert again.id == first.id
    assert again.last_response.headers["Idempotent-Replayed"] == "true"


def test_an_idempotency_key_does_not_serve_for_something_else(api, unique):
    key = unique("join")
    api.customers.create({"email": "aram@example.com"}, {"idempotency_key": key})

    with pytest.raises(IdempotencyError) as caught:
        api.customers.create({"email": "davit@example.com"}, {"idempotency_key": key})
    assert caught.value.http_status == 400


def test_a_request_refused_for_its_parameters_leaves_its_idempotency_key_free(api, unique):
    key = unique("join")
    _refusal(api.customers.create, {"emial": "aram@example.com"}, {"idempotency_key": key})

    made = api.customers.create({"email": "aram@example.com"}, {"idempotency_key": key})
    assert made.email == "aram@example.com"


def test_lists_come_newest_first_in_pages(api, product):
    given = {"product": product.id, "currency": "eur"}
    made = [api.prices.create({**given, "unit_amount": amount}).id for amount in (100, 200, 300, 400, 500)]
    newest = made[::-1]

    page = api.prices.list({"product": product.id, "limit": 2})
    assert ([one.id for one in page.data], page.has_more) == (newest[:2], True)
    page = api.prices.list({"product": product.id, "limit": 2, "starting_after": newest[3]})
    assert ([one.id for one in page.data], page.has_more) == (newest[4:], False)
    page = api.prices.list({"product": product.id, "limit": 2, "ending_before": newest[3]})
    assert ([one.id for one in page.data], page.has_more) == (newest[1:3], True)
    every = api.prices.list({"product": product.id, "limit": 2}).auto_paging_iter()
    assert [one.id for one in every] == newest


def test_lists_are_cut_by_when_things_were_made(api, product):
    price = api.prices.create({"product": product.id, "currency": "eur", "unit_amount": 100})

    def found(**bounds):
        return [one.id for one in api.prices.list({"product": product.id, "created": bounds}).data]

    assert found(gte=price.created) == found(lte=price.created) == [price.id]
    assert found(gt=price.created) == found(lt=price.created) == []


def test_expansion_goes_as_deep_as_four_levels(api, membership):
    path = "latest_invoice.customer.invoice_settings.default_payment_method"
    told = api.subscriptions.retrieve(membership.id, {"expand": [path]})
    assert told.latest_invoice.customer.invoice_settings.default_payment_method.card.last4 == "4242"

    deeper = "latest_invoice.customer.invoice_settings.default_payment_method.customer"
    _refusal(api.subscriptions.retrieve, membership.id, {"expand": [deeper]})


def test_what_cannot_be_expanded_is_refused(api, leyla):
    _refusal(api.customers.retrieve, leyla.id, {"expand": ["email"]})


def test_a_list_expands_what_it_lists(api, membership, leyla):
    (told,) = api.subscriptions.list({"customer": leyla.id, "expand": ["data.latest_invoice", "data.customer"]}).data
    assert (told.latest_invoice.status, told.customer.id) == ("paid", leyla.id)
