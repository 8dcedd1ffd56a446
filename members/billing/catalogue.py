"""What is sold, at Stripe: a product for each plan, a price for each price on offer, a coupon for each offer that takes
money off. Made where it is missing, when somebody joins or by `manage.py sync_plans`, and never twice: it is found by
the id that is kept here, else by the name that it carries there, else made with a key of its own.

Words are put right at Stripe. Money never is: whoever pays an amount agreed to it, so what differs is told. Nothing is
switched off there either, for what is archived or withdrawn here is still being paid by its members: whether something
can be bought is decided here alone.
"""

import hashlib
import json
from dataclasses import dataclass, field

from django.utils import timezone

from members.billing import client
from members.billing.models import Offer
from members.models import Plan, Price
from newsroom.ground.money import STEPS, each, money

# Under these names of metadata Stripe's objects carry ours: a plan's short name, an offer's code.
PLAN, OFFER = "newsroom_plan", "newsroom_offer"


@dataclass(frozen=True)
class Line:
    """what: which thing, for people; said: what was, or is to be, done about it, or is wrong; remedy: what to do."""

    what: str
    said: str
    remedy: str = ""


@dataclass
class Report:
    """Lists of Lines. made: what was missing; mended: words that differed; drift: what only people can put right."""

    made: list = field(default_factory=list)
    mended: list = field(default_factory=list)
    drift: list = field(default_factory=list)


def product_at_stripe(plan):
    """The id of a plan's product, made if it never was. Raises the errors of `client`."""
    return plan.stripe_product or _made_product(plan, client.every("products"))


def price_at_stripe(price):
    """The id of the price at Stripe that a `Price` is, made if it never was. Raises the errors of `client`."""
    return price.stripe_id or _made_price(price, product_at_stripe(price.plan))


def bought_at_stripe(price, amount):
    """What is bought, as Stripe's pages and subscriptions take it: a `Price`, or another amount for the same where its
    members name their own."""
    if amount == price.amount:
        return {"price": price_at_stripe(price)}
    return {"price_data": _sold(price, product_at_stripe(price.plan), amount)}


def coupon_at_stripe(offer):
    """The id of the coupon that an `Offer` of percent or an amount is, made if it never was. Raises the errors of
    `client`."""
    return offer.stripe_coupon or _made_coupon(offer, client.every("coupons"))


def sync(dry_run=False):
    """Compare all that is on offer with Stripe, make what is missing and put words right. Returns the Report: of what
    was done, or with dry_run of what would be."""
    products, prices, coupons = ({one["id"]: one for one in client.every(kind)} for kind in KINDS)
    report = Report()
    for plan in Plan.objects.offered():
        _sync_product(plan, products, report, dry_run)
        for price in plan.prices.offered():
            _sync_price(price, products, prices, report, dry_run)
    for offer in Offer.objects.running(timezone.now()):
        if offer.percent or offer.amount:
            _sync_coupon(offer, coupons, report, dry_run)
    return report


KINDS = ("products", "prices", "coupons")


def _sync_product(plan, products, report, dry_run):
    what, told = f"Plan “{plan}”", products.get(plan.stripe_product)
    if told is None:
        report.made.append(Line(what, _missing("product", plan.stripe_product)))
        if not dry_run:
            products.update({key: {"active": True} for key in [_made_product(plan, products.values())]})
        return
    if not told["active"]:
        remedy = "Make the product active there, or archive the plan here."
        report.drift.append(
            Line(what, f"is archived at Stripe, as product {told['id']}: nobody can join by it", remedy)
        )
    words = _words_of_plan(plan)
    differing = [name for name in ("name", "description") if (told.get(name) or "") != words[name]]
    if differing or told["metadata"].get(PLAN) != plan.slug:
        report.mended.append(Line(what, f"{' and '.join(differing) or 'short name'} of product {told['id']}"))
        if not dry_run:
            client.ask("products.update", told["id"], **words)


def _sync_price(price, products, prices, report, dry_run):
    what, told = f"Plan “{price.plan}”, {price}", prices.get(price.stripe_id)
    if unpayable := _unpayable(price):
        report.drift.append(Line(what, unpayable, "Offer an amount that can be paid, on the plan's page in the desk."))
        return
    if told is None:
        report.made.append(Line(what, _missing("price", price.stripe_id)))
        if not dry_run:
            _made_price(price, price.plan.stripe_product)
        return
    anew = "Withdraw it on the plan's page in the desk and add it again: another is made then."
    if not told["active"]:
        said = f"is archived at Stripe, as price {told['id']}: nobody can join at it"
        report.drift.append(Line(what, said, f"Make the price active there. Or: {anew[0].lower()}{anew[1:]}"))
    if _terms(told) != _terms_of(price):
        report.drift.append(Line(what, f"is {_in_words(told)} at Stripe, as price {told['id']}", anew))
    if told["product"] != price.plan.stripe_product:
        said = f"belongs to product {told['product']} at Stripe and not to the plan's, as price {told['id']}"
        report.drift.append(Line(what, said, anew))


def _sync_coupon(offer, coupons, report, dry_run):
    what, told = f"Offer “{offer}”", coupons.get(offer.stripe_coupon)
    if told is None:
        report.made.append(Line(what, _missing("coupon", offer.stripe_coupon)))
        if not dry_run:
            _made_coupon(offer, coupons.values())
        return
    terms = _terms_of_offer(offer)
    differing = [name for name, value in terms.items() if told.get(name) != value]
    if differing:
        said = f"differs in {', '.join(differing)} from coupon {told['id']} at Stripe, which is what buyers get"
        report.drift.append(Line(what, said, "Archive it in the desk and make another."))
    if told["name"] != offer.name:
        report.mended.append(Line(what, f"name of coupon {told['id']}"))
        if not dry_run:
            client.ask("coupons.update", told["id"], name=offer.name)


def _missing(kind, stripe_id):
    return f"{kind} {stripe_id}, which this Stripe account does not have" if stripe_id else kind


# Making.


def _made_product(plan, products):
    """The id of the product of a plan, among Stripe's products (dicts) by its name there, else made."""
    taken = set(Plan.objects.exclude(pk=plan.pk).values_list("stripe_product", flat=True))
    own = (one for one in products if one.get("metadata", {}).get(PLAN) == plan.slug and one["id"] not in taken)
    found = next((one["id"] for one in own), None) or _create("products", plan.slug, _words_of_plan(plan))
    return _keep(plan, "stripe_product", found)


def _made_price(price, product):
    if unpayable := _unpayable(price):
        raise client.Refused(f"{price.plan}, {price}: {unpayable}.", "amount")
    taken = set(Price.objects.exclude(stripe_id=None).values_list("stripe_id", flat=True))
    alike = (one for one in client.every("prices", product=product) if _terms(one) == _terms_of(price))
    found = next((one["id"] for one in alike if one["active"] and one["id"] not in taken), None)
    given = {**_sold(price, product, price.amount), "metadata": {PLAN: price.plan.slug}}
    return _keep(price, "stripe_id", found or _create("prices", price.pk, given))


def _sold(price, product, amount):
    return {
        "product": product,
        "currency": price.currency.lower(),
        "unit_amount": amount,
        "recurring": {"interval": price.interval, "interval_count": price.interval_count},
        # What readers are told is what they pay.
        "tax_behavior": "inclusive",
    }


def _made_coupon(offer, coupons):
    terms = _terms_of_offer(offer)
    own = (one for one in coupons if one.get("metadata", {}).get(OFFER) == offer.code and one["valid"])
    alike = (one["id"] for one in own if all(one.get(name) == value for name, value in terms.items()))
    given = {name: value for name, value in terms.items() if value is not None}
    given |= {"name": offer.name, "metadata": {OFFER: offer.code}}
    return _keep(offer, "stripe_coupon", next(alike, None) or _create("coupons", offer.pk, given))


def _create(kind, name, given):
    """The id of an object that Stripe makes. What is sent with the key is told by the key: the same is never made
    twice, and another wish is no contradiction."""
    digest = hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()[:16]
    return client.ask(f"{kind}.create", key=f"{kind}-{name}-{digest}", **given)["id"]


def _keep(row, name, stripe_id):
    """Keep an id, unless another process kept one meanwhile: the id that is kept."""
    before = getattr(row, name)
    type(row).objects.filter(pk=row.pk, **{name: before}).update(**{name: stripe_id})
    row.refresh_from_db(fields=[name])
    return getattr(row, name)


# Terms and words.


def _unpayable(price):
    step = STEPS.get(price.currency, 1)
    return f"nothing smaller than {money(step, price.currency)} is paid in it" if price.amount % step else ""


def _words_of_plan(plan):
    return {"name": plan.name, "description": plan.text, "metadata": {PLAN: plan.slug}}


def _terms(told):
    """(amount, currency, interval, number of intervals) of one of Stripe's prices."""
    recurring = told.get("recurring") or {}
    return told.get("unit_amount"), told["currency"].upper(), recurring.get("interval"), recurring.get("interval_count")


def _terms_of(price):
    return price.amount, price.currency, price.interval, price.interval_count


def _in_words(told):
    amount, currency, interval, count = _terms(told)
    if amount is None or interval not in ("month", "year"):
        return "no amount for a month or a year"
    return each(amount, currency, interval, count)


def _terms_of_offer(offer):
    """What a coupon of Stripe's is besides its name, which never changes."""
    return {
        "percent_off": offer.percent,
        "amount_off": offer.amount,
        "currency": offer.currency.lower() or None,
        "duration": offer.lasts,
        "duration_in_months": offer.months,
        "max_redemptions": offer.times,
    }
