"""How the desk finds an account among a million: by the beginning of what it knows, which an index answers, and by
filters. What tells of payments finds for those alone who may see them."""

from datetime import timedelta

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.billing.letters import CARD_EXPIRES, ENDS_SOON
from members.models import Grant, Membership, Plan
from members.standing import PAID, Status

# Beginnings of Stripe's ids, and the fields that hold them.
AT_STRIPE = {"cus_": "customer__stripe_id", "sub_": "membership__stripe_subscription", "pi_": "payments__stripe_id"}
TRIAL_ENDS = timedelta(days=3)


def found(accounts, words, sees_payments):
    """Accounts (a QuerySet) by words: an address or a name from its beginning, a key, an id at Stripe; where none
    begins so, by any part of address or name."""
    words = words.strip()
    for beginning, field in AT_STRIPE.items() if sees_payments else ():
        if words.startswith(beginning):
            return accounts.filter(**{field: words})
    begins = Q(email__startswith=words.lower()) | Q(key=words)
    # The index knows capitals from small letters, and people seldom type them.
    for written in {words, words.capitalize(), words.title()}:
        begins |= Q(display_name__startswith=written)
    if accounts.filter(begins).exists():
        return accounts.filter(begins)
    return accounts.filter(Q(email__contains=words.lower()) | Q(display_name__icontains=words))


def _granted(now, **which):
    """The Q of accounts that hold such a grant: asked once for all of them, and not for each of a million."""
    return Q(pk__in=Grant.objects.running(now).filter(**which).values("user"))


def _holding(paid, given, now):
    """The Q of accounts with such a membership, or such a grant that runs. One set: else a database walks through all
    accounts to see of each whether it is in either."""
    memberships = Membership.objects.filter(**paid).order_by().values("user")
    return Q(pk__in=memberships.union(Grant.objects.running(now).filter(**given).order_by().values("user")))


class MembershipFilter(admin.SimpleListFilter):
    title = _("membership")
    parameter_name = "membership"

    def lookups(self, request, model_admin):
        return [*Status.choices, ("grant", _("By a grant")), ("none", _("None"))]

    def queryset(self, request, accounts):
        now, value = timezone.now(), self.value()
        if value in Status.values:
            return accounts.filter(membership__status=value)
        if value == "grant":
            return accounts.filter(_granted(now))
        if value == "none":
            paid = Exists(Membership.objects.running(now).filter(user=OuterRef("pk")))
            return accounts.filter(~_granted(now), ~paid)
        return accounts


class PlanFilter(admin.SimpleListFilter):
    title = _("plan")
    parameter_name = "plan"

    def lookups(self, request, model_admin):
        return list(Plan.objects.values_list("slug", "name"))

    def queryset(self, request, accounts):
        slug = self.value()
        if not slug:
            return accounts
        return accounts.filter(_holding({"plan__slug": slug}, {"plan__slug": slug}, timezone.now()))


class MemberSinceFilter(admin.DateFieldListFilter):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.title = _("member since")


def _ends_soon(now):
    soon = now + ENDS_SOON
    return _holding({"status__in": PAID, "ends_at__gt": now, "ends_at__lte": soon}, {"ends_at__lte": soon}, now)


def _card_expires(now):
    """Of those alone from whom another payment is to come."""
    expires = {"customer__card_expires_on__range": (now.date(), (now + CARD_EXPIRES).date())}
    return Q(membership__status__in=PAID, membership__ends_at=None, **expires)


def _trial_ends(now):
    return Q(membership__status=Status.TRIALING, membership__trial_ends_at__range=(now, now + TRIAL_ENDS))


# name -> (in words, the Q at a moment).
RISKS = {
    "failed": (_("Payment failed"), lambda now: Q(membership__status=Status.PAST_DUE)),
    "card": (_("Card expires within 30 days"), _card_expires),
    "ends": (_("Ends within 7 days"), _ends_soon),
    "trial": (_("Trial ends within 3 days"), _trial_ends),
    "disputed": (_("Disputed"), lambda now: Q(membership__status=Status.SUSPENDED)),
}


class RiskFilter(admin.SimpleListFilter):
    title = _("what may go wrong")
    parameter_name = "risk"

    def lookups(self, request, model_admin):
        return [(name, words) for name, (words, _condition) in RISKS.items()]

    def queryset(self, request, accounts):
        if self.value() not in RISKS:
            return accounts
        _words, condition = RISKS[self.value()]
        return accounts.filter(condition(timezone.now()))
