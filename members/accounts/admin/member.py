"""One member's page in the desk: how the membership stands, what happened, and what can be done, each by a form that
asks why. Owners alone see it, since it tells of payments; what somebody reads stands nowhere here."""

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from members.accounts import support, timeline
from members.accounts.admin.acts import ACTS, TROUBLE, possible, told
from members.accounts.roles import may_change_payments, sees_payments
from members.billing import situation, words
from members.models import User
from newsroom.ground.money import money

PAGE = "admin:members_user_member"
# What a situation is called; its moment follows where it has one.
SITUATIONS = {
    situation.Kind.TRIAL: _("On trial until"),
    situation.Kind.RUNNING: _("Paid, and renewed on"),
    situation.Kind.ENDING: _("Cancelled, and ends on"),
    situation.Kind.PAUSING: _("Will rest; goes on by itself on"),
    situation.Kind.PAUSED: _("Rests; goes on by itself on"),
    situation.Kind.FAILED: _("A payment failed; everything stays open until"),
    situation.Kind.OWING: _("A payment is owed, and everything closed"),
    situation.Kind.SUSPENDED: _("Suspended: a payment is disputed"),
    situation.Kind.UNBEGUN: _("Never begun: its first payment never went through"),
    situation.Kind.ENDED: _("Ended"),
    situation.Kind.BY_HAND: _("Made by hand, and known at Stripe to nobody"),
}


def page(request, pk):
    """GET: the whole story, the newest first; ?until=: that moment, and what is older."""
    if not sees_payments(request.user):
        raise PermissionDenied
    user = _account(pk)
    now = timezone.now()
    context = {
        "title": str(user),
        "account": user,
        "is_confirmed": EmailAddress.objects.filter(user=user, verified=True).exists(),
        "held": _held(user, now),
        "customer": _customer(user),
        "grants": user.grants.select_related("plan").filter(revoked_at=None).order_by("-starts_at"),
        "story": timeline.of(user, _until(request)),
        "is_older": "until" in request.GET,
    }
    if may_change_payments(request.user) and user.erased_at is None:
        context |= {"acts": possible(user, now), "note": ACTS["note"].form(user, initial=_seen(user))}
    return _page(request, user, "member", context)


def act(request, pk, name):
    """A form that asks for the reason, then the deed, and back to the page."""
    if not may_change_payments(request.user):
        raise PermissionDenied
    user, deed = _account(pk), ACTS.get(name)
    if deed is None or user.erased_at is not None:
        raise Http404
    form = deed.form(user, request.POST if request.method == "POST" else None, initial=_seen(user))
    if request.method == "POST" and form.is_valid():
        _do(request, user, deed, form)
        return redirect(PAGE, pk)
    return _page(request, user, "act", {"title": deed.title, "deed": deed, "form": form})


def _do(request, user, deed, form):
    try:
        deed.run(request, user, form.cleaned_data)
    except TROUBLE as error:
        messages.error(request, told(error))
    else:
        messages.success(request, deed.done)


def _account(pk):
    return get_object_or_404(User.objects.select_related("membership__plan", "customer"), pk=pk)


def _seen(user):
    return {"seen": support.newest_note(user)}


def _until(request):
    """The moment that `?until=` says, None where it says none."""
    try:
        found = parse_datetime(request.GET.get("until", ""))
    except ValueError:
        return None
    return found if found and timezone.is_aware(found) else None


def _held(user, now):
    """The membership in what the page says of it; None where there is none."""
    held = getattr(user, "membership", None)
    if held is None:
        return None
    stands = situation.of(held, now, settings.GRACE)
    return {
        "membership": held,
        "price": words.price_of(held) if held.amount is not None and held.interval else "",
        "situation": SITUATIONS[stands.kind],
        "until": stands.until,
        "url": timeline.at_stripe(getattr(user, "customer", None), "subscriptions", held.stripe_subscription),
    }


def _customer(user):
    customer = getattr(user, "customer", None)
    if customer is None:
        return None
    return {
        "row": customer,
        "card": words.card(customer),
        "owed": money(customer.owed_amount, _currency(user)) if customer.owed_amount else "",
        "url": timeline.at_stripe(customer, "customers", customer.stripe_id),
    }


def _currency(user):
    return user.membership.currency if hasattr(user, "membership") else user.customer.currency


def _page(request, user, template, context):
    context |= admin.site.each_context(request) | {"opts": User._meta, "original": user}
    return render(request, f"admin/members/{template}.html", context)
