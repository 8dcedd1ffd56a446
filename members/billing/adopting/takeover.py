"""Writing down what a survey found: prices of plans, accounts, customers and memberships, one person at a time. Killed
in the middle and started again, it goes on; whoever joined here meanwhile stays as they are.
"""

from django.conf import settings
from django.db import transaction

from members.billing import customers, ledger, state
from members.billing.adopting import rules
from members.billing.adopting.survey import total
from members.billing.models import Customer
from members.billing.refresh import refresh
from members.models import Membership, Price, User
from newsroom.ground import audit
from newsroom.ground.money import each

LANGUAGES = {code for code, _name in settings.LANGUAGES}
# In these a membership is what the survey foresaw, or it is not.
FORESEEN = (
    "plan_id", "status", "amount", "currency", "interval", "interval_count", "trial_ends_at", "ends_at", "paused_until",
)  # fmt: skip


def take(found, advance=lambda: None):
    """Take over all candidates of a `survey.Survey`. advance: called after each. Raises the errors of `client`: what
    was written until then stays, and a new survey and this again go on from there."""
    for key in found.by_price:
        _own(*found.prices[key])
    for candidate in found.candidates:
        if not _agrees(candidate, _membership(candidate)):
            customer = _customer(candidate)
            if customer:
                refresh(customer)
        advance()


def held(found):
    """(how many of the candidates have a membership now, {currency: what those bring in a month})."""
    rows = list(filter(None, map(_membership, found.candidates)))
    return len(rows), total(map(ledger.worth, rows))


def differing(found):
    """[(Candidate, what it came to, in words)] of those that the survey foresaw otherwise."""
    rows = [(candidate, _membership(candidate)) for candidate in found.candidates]
    return [(candidate, _in_words(row)) for candidate, row in rows if not _agrees(candidate, row)]


def _own(told, plan):
    """A plan owns a price of Stripe's from now on; nobody new is offered it. Those of the plan's own product it owns
    already, such as what members named themselves."""
    if told["product"] == plan.stripe_product:
        return
    recurring = told["recurring"]
    Price.objects.get_or_create(
        stripe_id=told["id"],
        defaults={
            "plan": plan,
            "interval": recurring["interval"],
            "interval_count": recurring["interval_count"],
            "currency": told["currency"].upper(),
            "amount": told["unit_amount"],
            "is_offered": False,
        },
    )


def _membership(candidate):
    return Membership.objects.filter(stripe_subscription=candidate.told["id"]).first()


def _agrees(candidate, row):
    return row is not None and all(getattr(row, name) == getattr(candidate.state, name) for name in FORESEEN)


def _in_words(row):
    if row is None:
        return "no membership"
    return f"{row.status}, {each(row.amount, row.currency, row.interval, row.interval_count)}"


@transaction.atomic
def _customer(candidate):
    """The id of the Customer row that a candidate's customer is from now on; None where the account has become another
    customer meanwhile."""
    user = candidate.user or _account(candidate)
    row, _new = Customer.objects.select_for_update().get_or_create(user=user)
    if row.stripe_id != candidate.customer:
        if customers.is_good(row):
            return None
        row.stripe_id, row.live, row.deleted_at = candidate.customer, settings.STRIPE_LIVE, None
        row.save(update_fields=["stripe_id", "live", "deleted_at"])
        audit.record(None, "took over a subscription", "account", user.key, candidate.told["id"])
    return row.pk


def _account(candidate):
    """An account without a password: its owner signs in by a code that is sent to the address."""
    customer, email = candidate.told["customer"], rules.email_of(candidate.told)
    spoken = (locale.lower() for locale in customer.get("preferred_locales") or ())
    language = next((one for one in spoken if one in LANGUAGES), settings.LANGUAGE_CODE)
    joined = {"language": language, "date_joined": state.moment(customer["created"])}
    return User.objects.filter(email=email).first() or User.objects.create_user(email, **joined)
