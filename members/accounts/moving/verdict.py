"""What becomes of a person of a file, given what is known. Pure: nothing is asked of the database, nothing is saved."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from members.accounts.moving.cells import Wrong, short
from members.models import Grant, User

CREATED, UPDATED, UNCHANGED, LEFT_OUT, FAILED = "created", "updated", "unchanged", "left out", "failed"
STATUSES = (CREATED, UPDATED, UNCHANGED, LEFT_OUT, FAILED)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be saved: user: the account, new or not; named: whether it gets its name; grant: a new one; longer:
    one that lasts longer now; note: its text; customer: an id at Stripe. why: of a failure."""

    status: str
    why: str = ""
    remarks: tuple = ()
    user: object = None
    named: bool = False
    grant: object = None
    longer: object = None
    note: str = ""
    customer: str = ""

    @classmethod
    def failed(cls, why):
        return cls(FAILED, why)


def decide(person, known, now):
    """The Verdict on a `person.Person` by what is `known.Known`, at `now` (aware)."""
    try:
        account = _account(person, known)
        if account is None:
            return _created(person, known, now)
        if account.is_staff or account.is_superuser or account.banned_at:
            words = _("is banned: nothing was changed") if account.banned_at else _("works here: nothing was changed")
            return Verdict(UNCHANGED, remarks=(words,))
        return _updated(person, account, known, now)
    except Wrong as error:
        return Verdict.failed(str(error))


def _account(person, known):
    """The account of a person, None: none. In a table of ours the key tells, where the address was changed since."""
    by_email, by_key = known.by_email.get(person.email), known.by_key.get(person.key)
    if by_key and by_key.erased_at:
        raise Wrong(_("who this was had the account erased; delete the line"))
    if by_key and by_email and by_key != by_email:
        raise Wrong(_("address and key belong to two accounts; clear the key"))
    return by_key or by_email


def _created(person, known, now):
    if person.joined and person.joined > now:
        raise Wrong(_("it joined in the future; mend the date"))
    user = User(
        email=person.email,
        display_name=person.name,
        language=person.language or settings.LANGUAGE_CODE,
        date_joined=person.joined or now,
    )
    grant, _longer = _grant(person, user, [], known, now)
    customer = _customer(person, None, known)
    return Verdict(CREATED, "", _remarks(person, customer), user, False, grant, None, person.note, customer)


def _updated(person, user, known, now):
    named = bool(person.name and not user.display_name)
    if named:
        user.display_name = person.name
    grant, longer = _grant(person, user, known.grants.get(user.pk, []), known, now)
    note = person.note if person.note not in {note.text for note in known.notes.get(user.pk, [])} else ""
    customer = _customer(person, user, known)
    status = UPDATED if any((named, grant, longer, note, customer)) else UNCHANGED
    return Verdict(status, "", _remarks(person, customer), user, named, grant, longer, note, customer)


def _remarks(person, customer):
    said = [person.remark] if person.remark else []
    if customer:
        said.append(_("has a customer at Stripe: adopt_subscriptions takes over what it pays"))
    return tuple(said)


def _grant(person, user, held, known, now):
    """(a new Grant, one of `held` with a later end), each perhaps None."""
    given = person.given
    if given is None:
        return None, None
    plan, starts = _plan(given, known), given.starts or now
    if given.ends and given.ends <= starts:
        raise Wrong(_("the membership ends before it starts; mend its dates"))
    same = next((grant for grant in held if _is_same(grant, given, plan, now)), None)
    if same is None:
        paid = {"paid_through": given.through, "amount": given.amount, "currency": given.currency}
        grant = Grant(user=user, reason=given.reason, plan=plan, starts_at=starts, ends_at=given.ends, **paid)
        return grant, None
    if given.through and (same.amount, same.currency) != (given.amount, given.currency):
        raise Wrong(_("this payment is recorded already, with another amount; look at the account's grants"))
    if same.revoked_at or same.ends_at is None or (given.ends and given.ends <= same.ends_at):
        return None, None
    same.ends_at = given.ends
    return None, same


def _is_same(grant, given, plan, now):
    """Whether a grant is the one that a row tells of: a payment by its way and moment; what was given by the plan and
    the moment or, where the row names none, by the plan of one that runs."""
    if grant.paid_through != given.through:
        return False
    if given.through or given.starts:
        return grant.starts_at == given.starts and (bool(given.through) or grant.plan == plan)
    return grant.plan == plan and grant.revoked_at is None and (grant.ends_at is None or grant.ends_at > now)


def _plan(given, known):
    """The Plan of what was given; None: what all members may read."""
    if given.plan:
        if plan := known.plans.get(given.plan.casefold()):
            return plan
        raise Wrong(_("there is no plan “%(plan)s”; make it first, or write the name of one that there is")
                    % {"plan": short(given.plan)})  # fmt: skip
    tiers = [given.tier, *given.tier.split(",")]
    return next(
        (known.plans[name] for tier in tiers if (name := tier.strip().casefold()) in known.plans), known.fallback
    )


def _customer(person, user, known):
    """The id at Stripe that the account gets; "" where it gets none."""
    if not person.customer:
        return ""
    owner, own = known.owners.get(person.customer), known.customers.get(user.pk) if user else None
    if owner is not None and (user is None or owner != user.pk):
        raise Wrong(_("the customer at Stripe belongs to another account; clear it, or mend the address"))
    if own is not None:
        if own.stripe_id != person.customer:
            raise Wrong(_("the account is another customer at Stripe already; clear the column"))
        return ""
    return person.customer
