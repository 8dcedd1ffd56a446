"""What the pages of one's own membership share: whose it is, and how a deed is told."""

from dataclasses import dataclass
from datetime import timedelta
from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from members.billing import client, situation, words
from members.billing.changes import Impossible
from members.billing.models import Customer
from members.billing.refresh import refresh
from members.billing.situation import Situation
from members.models import Membership
from newsroom.ground.challenge import guarded
from newsroom.ground.limits import Rule, by_prefix

TEN_MINUTES = timedelta(minutes=10)


def by_account(request):
    return str(request.user.pk) if request.user.is_authenticated else None


# Each deed asks Stripe several times.
RULES = (Rule("membership from", 120, TEN_MINUTES, by_prefix), Rule("membership", 30, TEN_MINUTES, by_account))


@dataclass(frozen=True, slots=True)
class Held:
    """A membership by way of Stripe, whose it is there, and how it stands."""

    customer: Customer
    membership: Membership
    situation: Situation


def held_by(user, now):
    """The Held of an account at `now`; None where it has no membership that Stripe knows."""
    rows = Membership.objects.filter(user=user, user__customer__stripe_id__isnull=False)
    found = rows.select_related("plan", "user__customer").exclude(stripe_subscription=None).first()
    if found is None:
        return None
    return Held(found.user.customer, found, situation.of(found, now, settings.GRACE))


def own(act, methods=("GET", "HEAD", "POST")):
    """A view that is given the reader's own Held as well, and is asked only where `act` (of `situation.Act`) can be
    done: else the page of the membership says how it stands."""

    def decorate(view):
        def asked(request):
            held = held_by(request.user, timezone.now())
            if held is None or act not in held.situation.acts or not client.is_set():
                return see_other(reverse("membership"))
            return view(request, held)

        return wraps(view)(login_required(require_http_methods(methods)(guarded(RULES, asked))))

    return decorate


def see_other(address):
    """Where a POST leads to: a page that can be loaded again without doing it again."""
    response = HttpResponseRedirect(address)
    response.status_code = 303
    return response


def done(request, held, deed, said):
    """Do a deed of `changes` and lead to the page of the membership, which says that it was done, or why not."""
    trouble = tried(held, deed)
    if trouble is None:
        messages.success(request, said)
    else:
        messages.error(request, trouble)
    return see_other(reverse("membership"))


def tried(held, deed):
    """Do a deed. Why it was not done, in words; None: it was."""
    try:
        deed()
    except client.Declined as error:
        return f"{_('Your card did not pay, and nothing was changed.')} {words.declined(error.code)}"
    except Impossible:
        look_again(held.customer)
        return _("Your membership had changed meanwhile, so nothing was done. This is how it stands now.")
    except client.Unavailable:
        return _("Stripe does not answer at the moment. Try it again in a minute: nothing is done twice.")
    except client.Refused:
        return _("Stripe refused that, so nothing was changed. Write to us, and we put it right.")
    return None


def look_again(customer):
    """Ask Stripe anew how a membership stands, if it can be asked."""
    try:
        refresh(customer.pk)
    except (client.Unavailable, client.Refused):
        return
