"""What stands where the preview ends: why, and the next step. Real words, one row a wall."""

from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from articles.reading.parts import words
from members.access import Audience, Wall
from members.models import PLANS, Plan
from members.slip import month_end
from newsroom.ground.money import money

# The id of the first block that stands behind a wall: where a reader goes on who came through.
REST = "rest"


def is_registration_open():
    """Whether anybody can make an account: nobody is sent to a door that is shut."""
    return settings.REGISTRATION == "open"


def wall(article, variant, basis):
    """{kind, heading, words, answers} of the wall of a variant in an article."""
    basis.rests_on(*PLANS)
    heading, sentences = WORDS[variant.wall](article, variant, basis)
    # After a heading that counts articles, what counts paragraphs comes last.
    remain = [_remain(article)]
    sentences = [*sentences, *remain] if variant.wall is Wall.METER else [*remain, *sentences]
    return {
        "kind": variant.wall.value,
        "heading": heading,
        "words": " ".join(filter(None, sentences)),
        "answers": _answers(article, variant),
    }


def _remain(article):
    left = article.paragraphs_after
    return ngettext("%(n)d paragraph remains.", "%(n)d paragraphs remain.", left) % {"n": left} if left else ""


def _register(article, variant, basis):
    easy, shut = _("An e-mail address and a password; no card."), _("New accounts are not open to everybody just now.")
    return _("The rest is free with an account"), [easy if is_registration_open() else shut]


def _join(article, variant, basis):
    if article.ranks:
        heading, price = _by_plan(article)
        return heading, [price]
    return _("The rest is for members"), [_price() or _("Members pay for the reporting in this paper.")]


def _upgrade(article, variant, basis):
    heading, price = _by_plan(article)
    return heading, [_("Your plan does not include it."), price]


def _by_plan(article):
    """(heading, price) of the plan that opens a story for plans alone: the lowest of those that can be taken now."""
    own = Q(pk__in=[rank.plan for rank in article.ranks])
    higher = Q(level__gt=min(rank.level for rank in article.ranks))
    by_level = Plan.objects.order_by("level", "position", "pk")
    plan = by_level.offered().filter(own | higher).first() or by_level.filter(own).first()
    price = plan.monthly_price()
    costs = _("It costs %(price)s a month.") % {"price": money(price.amount, price.currency)} if price else ""
    return _("The rest is part of “%(plan)s”") % {"plan": plan.name}, costs


def _pay(article, variant, basis):
    return _("Your membership waits for a payment"), [
        _("The last one did not go through. Once it has, your membership goes on as before.")
    ]


def _wait(article, variant, basis):
    return _("Members read this first"), [_price(), _opens(article)]


def _meter(article, variant, basis):
    basis.lasts_until(month_end(basis.now))
    if variant.crowded:
        none, anew = _("Many were opened from your network today: the next are tomorrow's."), ""
    else:
        none = _("None is left this month.")
        anew = _("New free articles come on %(date)s.") % {"date": words.day(month_end(basis.now))}
    n = settings.METER_REGISTERED if variant.known else settings.METER_STRANGERS
    if variant.known:
        heading = ngettext("%(n)d article a month is free", "%(n)d articles a month are free", n) % {"n": n}
        return heading, [none, _price_of_all(), anew]
    heading = ngettext(
        "%(n)d article a month is free without an account", "%(n)d articles a month are free without an account", n
    ) % {"n": n}
    return heading, [none, _with_an_account(), _price_of_all(), anew]


def _with_an_account():
    more = settings.METER_REGISTERED
    if not is_registration_open():
        return ""
    said = ngettext("With a free account you open %(n)d more.", "With a free account you open %(n)d more.", more)
    return said % {"n": more}


WORDS = {
    Wall.REGISTER: _register,
    Wall.JOIN: _join,
    Wall.UPGRADE: _upgrade,
    Wall.PAY: _pay,
    Wall.WAIT: _wait,
    Wall.METER: _meter,
}


def _price():
    """What members pay, by the plan that is offered first; nothing where there is none."""
    price = _first_price()
    return _("Members pay %(price)s a month for this.") % {"price": price} if price else ""


def _price_of_all():
    price = _first_price()
    if not price:
        return _("Members read everything.")
    return _("Members read everything for %(price)s a month.") % {"price": price}


def _first_price():
    """What a month of the plan that is offered first costs, in words; "" where no plan or no month is on offer."""
    plan = Plan.objects.offered().first()
    price = plan and plan.monthly_price()
    return money(price.amount, price.currency) if price else ""


def _opens(article):
    who = _("to everyone") if article.audience == Audience.EVERYONE else _("to everyone with a free account")
    return _("It opens %(who)s on %(date)s.") % {
        "who": who,
        "date": words.day_and_time(article.early_access_until),
    }


def _answers(article, variant):
    """The next step first; each leads back to where the reader stopped."""
    back = urlencode({"next": f"{article.get_absolute_url()}#{REST}"})
    known, steps = variant.known, STEPS[variant.wall]
    left_out = FOR_STRANGERS if known else set() if is_registration_open() else {"account_signup"}
    wanted = [step for step in steps if step not in left_out]
    labels = LABELS | OTHERWISE.get(variant.wall, {})
    return [
        {"label": labels[step](), "url": f"{reverse(step)}?{back}", "primary": number == 0}
        for number, step in enumerate(wanted)
    ]


# The steps that a wall offers, the right one first, by the names of their pages.
FOR_STRANGERS = {"account_signup", "account_login"}
STEPS = {
    Wall.REGISTER: ["account_signup", "account_login"],
    Wall.JOIN: ["join", "account_login"],
    Wall.UPGRADE: ["join"],
    Wall.PAY: ["join"],
    Wall.WAIT: ["join", "account_login"],
    Wall.METER: ["account_signup", "join", "account_login"],
}
LABELS = {
    "account_signup": lambda: _("Create a free account"),
    "account_login": lambda: _("Sign in"),
    "join": lambda: _("Become a member"),
}
# What a step is called at a wall where it does something else.
OTHERWISE = {
    Wall.UPGRADE: {"join": lambda: _("See the plans")},
    Wall.PAY: {"join": lambda: _("Put it right")},
}
