"""What somebody at /join/ asks for, as it was typed, and what it comes to."""

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from allauth.account.utils import get_next_redirect_url
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from members.billing import arrival, offers, quotes
from members.billing.models import Customer
from members.billing.pages import comparing
from members.billing.quotes import Quote
from members.models import Price

# The mark of the paragraph at which a wall stood, in the address that leads back there.
WALLED = "rest"
# Letters of anything typed here that are looked at.
LETTERS_MAX = 100


@dataclass(frozen=True)
class Wish:
    """price: the id of a `Price`; amount: one's own price; offer: a code; source: where the reader comes from, as
    `arrival.known` lets it through; story: the address to go back to, of ours, or None."""

    price: str
    amount: str
    offer: str
    currency: str
    source: str
    story: str | None

    @classmethod
    def of(cls, request):
        told = request.POST if request.method == "POST" else request.GET
        story = get_next_redirect_url(request)
        typed = [told.get(name, "").strip()[:LETTERS_MAX] for name in ("price", "amount", "offer", "currency")]
        return cls(*typed, _source(told, story), story)

    def query(self, **changes):
        """The wish as the query of an address, without what is blank."""
        said = {
            "price": self.price, "amount": self.amount, "offer": self.offer, "currency": self.currency,
            "source": self.source, "next": self.story, **changes,
        }  # fmt: skip
        return urlencode({name: value for name, value in said.items() if value})


def _source(told, story):
    walled = story and urlsplit(story).fragment == WALLED
    return arrival.known(told.get("source", "")) or ("wall" if walled else "")


@dataclass(frozen=True)
class Asked:
    """What a Wish comes to for an account. price: the Price that is wished for, None: none that is on offer; refused:
    why the offer that is named cannot be taken, ""; locked: the currency that the account's payments have had so far,
    which Stripe lets nobody change, ""."""

    wish: Wish
    price: Price | None
    buyer: comparing.Buyer
    refused: str
    locked: str

    @classmethod
    def by(cls, wish, user, now):
        """user: None for a stranger."""
        price, offered, locked = _price(wish), comparing.currencies(), _locked(user)
        wanted = [locked, wish.currency, price.currency if price else "", settings.CURRENCY, *offered]
        currency = next((one for one in wanted if one in offered), settings.CURRENCY)
        offer = offers.found(wish.offer) if wish.offer else None
        refused = offers.refusal(offer, user, now) if wish.offer else ""
        buyer = comparing.Buyer(currency, None if refused else offer, comparing.is_new(user))
        return cls(wish, price, buyer, refused, locked if locked in offered else "")

    def quote(self) -> Quote:
        """What is to be paid. Raises ValidationError, in words for the reader, where it cannot be."""
        if self.price is None:
            raise ValidationError(_("This price is not offered any more. These are the prices now."))
        if self.refused:
            raise ValidationError(self.refused)
        if self.locked and self.price.currency != self.locked:
            raise ValidationError(_("Your payments are in %(currency)s.") % {"currency": self.locked})
        if self.buyer.offer and not offers.holds_for(self.buyer.offer, self.price):
            raise ValidationError(_("The offer is not for this plan, or not in this currency."))
        return self.buyer.quote(self.price, self._amount())

    def _amount(self):
        """For each interval."""
        price = self.price
        if not price.plan.names_own_price or not self.wish.amount:
            return price.amount
        return quotes.named(price, self.wish.amount)


def _price(wish):
    is_number = wish.price.isascii() and wish.price.isdigit() and len(wish.price) < 19
    return comparing.sold().filter(pk=wish.price).first() if is_number else None


def _locked(user):
    if user is None:
        return ""
    return Customer.objects.filter(user=user, deleted_at=None).values_list("currency", flat=True).first() or ""
