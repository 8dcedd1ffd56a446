"""Products, prices, coupons and promotion codes."""

import pytest
from stripe import InvalidRequestError


def test_a_price_is_found_by_its_look_up_key(api, product, unique):
    key = unique("member-monthly")
    recurring = {"interval": "year"}
    made = api.prices.create(
        {"product": product.id, "unit_amount": 5_000, "currency": "eur", "recurring": recurring, "lookup_key": key}
    )

    (found,) = api.prices.list({"lookup_keys": [key], "expand": ["data.product"]}).data
    assert found.id == made.id
    assert (found.unit_amount, found.currency, found.type, found.active) == (5_000, "eur", "recurring", True)
    assert (found.recurring.interval, found.recurring.interval_count) == ("year", 1)
    assert found.product.name == product.name


def test_a_look_up_key_moves_to_the_price_that_asks_for_it(api, product, unique):
    key = unique("member-monthly")
    given = {"product": product.id, "currency": "eur", "recurring": {"interval": "month"}, "lookup_key": key}
    old = api.prices.create({**given, "unit_amount": 500})

    with pytest.raises(InvalidRequestError):
        api.prices.create({**given, "unit_amount": 600})
    new = api.prices.create({**given, "unit_amount": 600, "transfer_lookup_key": True})

    assert new.lookup_key == key
    assert api.prices.retrieve(old.id).lookup_key is None


def test_an_archived_price_sells_no_more(api, price, leyla):
    assert api.prices.update(price.id, {"active": False}).active is False

    with pytest.raises(InvalidRequestError):
        api.subscriptions.create({"customer": leyla.id, "items": [{"price": price.id}]})
    assert api.prices.list({"product": price.product, "active": True}).data == []


def test_a_product_is_made_with_its_default_price(api, unique):
    recurring = {"interval": "month"}
    product = api.products.create(
        {
            "name": unique("Supporter"),
            "metadata": {"plan": "supporter"},
            "default_price_data": {"currency": "eur", "unit_amount": 900, "recurring": recurring},
            "expand": ["default_price"],
        }
    )

    assert product.default_price.unit_amount == 900
    assert product.metadata.to_dict() == {"plan": "supporter"}


def test_a_product_without_prices_can_be_deleted_and_one_with_prices_cannot(api, product, unique):
    other = api.products.create({"name": unique("Nobody's")})
    assert api.products.delete(other.id).deleted is True

    api.prices.create({"product": product.id, "unit_amount": 500, "currency": "eur"})
    with pytest.raises(InvalidRequestError):
        api.products.delete(product.id)


def test_metadata_are_merged_and_an_empty_value_takes_one_out(api, product):
    api.products.update(product.id, {"metadata": {"plan": "member", "level": "1"}})
    after = api.products.update(product.id, {"metadata": {"level": "", "since": "2026"}})

    assert after.metadata.to_dict() == {"plan": "member", "since": "2026"}
    assert api.products.update(product.id, {"metadata": ""}).metadata.to_dict() == {}


def test_a_promotion_code_gives_its_coupon(api, unique):
    coupon = api.coupons.create({"percent_off": 25, "duration": "once", "name": "Spring"})
    code = unique("SPRING").replace("-", "").upper()
    promotion = {"type": "coupon", "coupon": coupon.id}
    made = api.promotion_codes.create({"promotion": promotion, "code": code, "max_redemptions": 10})

    (found,) = api.promotion_codes.list({"code": code, "active": True, "expand": ["data.promotion.coupon"]}).data
    assert (found.id, found.promotion.coupon.percent_off, found.times_redeemed) == (made.id, 25, 0)
    assert api.promotion_codes.update(made.id, {"active": False}).active is False


def test_a_coupon_takes_off_a_share_or_an_amount_but_not_both(api):
    with pytest.raises(InvalidRequestError):
        api.coupons.create({"percent_off": 10, "amount_off": 100, "currency": "eur", "duration": "once"})
    with pytest.raises(InvalidRequestError):
        api.coupons.create({"amount_off": 100, "duration": "once"})


def test_a_deleted_coupon_is_gone(api):
    coupon = api.coupons.create({"amount_off": 100, "currency": "eur", "duration": "forever"})
    assert api.coupons.delete(coupon.id).deleted is True

    with pytest.raises(InvalidRequestError):
        api.coupons.retrieve(coupon.id)
