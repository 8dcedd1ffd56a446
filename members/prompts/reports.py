"""What came of prompts: views, answers, accounts, payments and money, by campaign, variant, place, story and tag.

Views and answers are counted in plain; what can be held against the row of an account or a payment only under keyed
digests (`members.trail`), so those are asked for by the names that there may be.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import NamedTuple

from django.db.models import Sum
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members import trail
from members.models import Price
from members.prompts.experiments import Arm
from members.prompts.models import Campaign, Place, Variant
from newsroom.ground import charts
from newsroom.ground.models import Count
from newsroom.ground.money import DECIMALS, money
from newsroom.ground.rates import rate

# What is counted in plain -> what it is called here. Views with the story have series of their own.
SERIES = {
    "prompt": "served", "prompt-story": "served", "prompt-seen": "seen", "prompt-story-seen": "seen",
    "prompt-no": "no", "prompt-mine": "mine", "prompt-click": "clicked",
}  # fmt: skip
# Of stories these stand under digests (`members.prompts.answers`).
ANSWERED = ["prompt-no", "prompt-mine", "prompt-click"]
DIGESTED = {trail.SIGN_UP: "signed_up", trail.PAYMENT: "paid"}
PLACES = {**dict(Place.choices), trail.PAGE: gettext_lazy("A drive’s page")}
# Stories and tags that a page tells; a file has all stories.
LINES_MAX = 50
# Before anything was counted.
EVER = datetime(2000, 1, 1, tzinfo=timezone.get_fixed_timezone(0))


class Span(NamedTuple):
    """Days (dates), both among them, in the newsroom's time zone."""

    first: object
    last: object

    @property
    def moments(self):
        """(from, until): aware."""
        return _midnight(self.first), _midnight(self.last + timedelta(days=1))

    @property
    def days(self):
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]


class Named(NamedTuple):
    """What the desk knows of a story: its headline, and the names of its tags."""

    headline: str
    tags: tuple = ()


@dataclass
class Numbers:
    """served: drawn on a page; seen: two fifths of it for a moment; paid: memberships begun (on trial too) and
    contributions. money: {currency: in its smallest unit}, as it was paid, whatever was given back later."""

    served: int = 0
    seen: int = 0
    no: int = 0
    mine: int = 0
    clicked: int = 0
    signed_up: int = 0
    paid: int = 0
    money: Counter = field(default_factory=Counter)

    def add(self, other):
        for name in (*dict.fromkeys(SERIES.values()), *DIGESTED.values()):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.money.update(other.money)

    @property
    def visibility(self):
        return rate(self.seen, self.served)

    @property
    def click_rate(self):
        """Of those that were seen; of a drive's page, which is not watched, of those served."""
        return rate(self.clicked, self.seen or self.served)

    @property
    def revenue(self):
        return " + ".join(money(amount, currency) for currency, amount in sorted(self.money.items()))


class Line(NamedTuple):
    label: str
    numbers: Numbers


@dataclass(frozen=True)
class Report:
    """total: Numbers; tables: [(what it is by, [Line])]; chart: a `charts.Chart` of the days, and their Lines in
    `days`; arms: (shown, held) as `experiments.Arm`s, None where nobody was held back; rows: dicts, for a file."""

    total: Numbers
    tables: list
    chart: object
    days: list
    arms: tuple | None
    rows: list


def of_campaign(campaign, span, stories):
    """The Report of a Campaign. stories: a function of ids -> {id: Named} of those stories that the desk knows."""
    cells = counted(span, campaign.pk)
    variants = dict(campaign.variants.values_list("pk", "name"))
    by_place = {key: numbers for key, numbers in cells.items() if not isinstance(key[2], int)}
    by_story = {key: numbers for key, numbers in cells.items() if isinstance(key[2], int)}
    known = stories(sorted({story for _campaign, _variant, story in by_story}))
    tables = [
        (_("By variant"), _lines(by_place, lambda key: variants.get(key[1], f"{key[1]}"))),
        (_("By place"), _lines(by_place, lambda key: str(PLACES[key[2]]))),
        (_("By story"), _lines(by_story, lambda key: _headline(key[2], known))[:LINES_MAX]),
        (_("By tag"), _by_tag(by_story, known)[:LINES_MAX]),
    ]
    days = by_day(span, campaign.pk)
    rows = [_row(campaign.name, variants.get(key[1], key[1]), key[2], known, one) for key, one in cells.items()]
    return Report(_total(by_place), tables, _chart(days), _days(days), arms(campaign), rows)


def of_all(span):
    """The Report of all campaigns together."""
    cells = counted(span)
    names = dict(Campaign.objects.values_list("pk", "name")) | {0: _("The paper’s own word")}
    by_place = {key: numbers for key, numbers in cells.items() if not isinstance(key[2], int)}
    variants = dict(Variant.objects.values_list("pk", "name"))
    tables = [
        (_("By campaign"), _lines(by_place, lambda key: names.get(key[0], f"{key[0]}"))),
        (_("By place"), _lines(by_place, lambda key: str(PLACES[key[2]]))),
    ]
    days = by_day(span)
    rows = [_row(names.get(key[0], key[0]), variants.get(key[1], ""), key[2], {}, one) for key, one in by_place.items()]
    return Report(_total(by_place), tables, _chart(days), _days(days), None, rows)


def counted(span, campaign=None):
    """{(campaign, variant, place or story): Numbers}: ids as numbers, a place as its word."""
    since, until = span.moments
    found = defaultdict(Numbers)
    for series, key, number in _rows(span, campaign).values_list("series", "key").annotate(total=Sum("number")):
        if cell := cell_of(key):
            setattr(found[cell], SERIES[series], getattr(found[cell], SERIES[series]) + number)
    # Whoever pays now may have been asked long before.
    names = {_name(cell): cell for cell in {*found, *_shown_ever(campaign)}}
    currencies = sorted(set(Price.objects.order_by().values_list("currency", flat=True)))
    digested = trail.totals(names, [*DIGESTED, *ANSWERED, trail.MONEY], since, until, ["", *currencies])
    for (name, series, unit), number in digested.items():
        numbers = found[names[name]]
        if series == trail.MONEY:
            numbers.money[unit] += number
        else:
            setattr(numbers, (DIGESTED | SERIES)[series], number)
    return dict(found)


def by_day(span, campaign=None):
    """{date: how often prompts were drawn}, each day of the Span."""
    told = dict.fromkeys(span.days, 0)
    for hour, number in _rows(span, campaign).filter(series="prompt").values_list("hour", "number"):
        told[timezone.localtime(hour).date()] += number
    return told


def arms(campaign):
    """(shown, held): what a campaign's experiment has brought since it began, as `experiments.Arm`s; None where nobody
    was held back. A browser that pays twice joins once at the most."""
    reached = dict(
        Count.objects.filter(series="prompt-reach", key__in=[f"{campaign.pk}:shown", f"{campaign.pk}:held"])
        .order_by()
        .values_list("key")
        .annotate(total=Sum("number"))
    )
    if f"{campaign.pk}:held" not in reached:
        return None
    names = [f"{campaign.pk}:shown", f"{campaign.pk}:held"]
    joined = trail.totals(names, [trail.PAYMENT], EVER, timezone.now() + timedelta(days=1))
    return tuple(
        Arm(reached.get(name, 0), min(joined[name, trail.PAYMENT, ""], reached.get(name, 0))) for name in names
    )


def cell_of(key):
    """(campaign, variant, place or story) of a count's key, "7.2.end" or "7.2:31"; None of any other, such as those of
    before there were variants."""
    head, colon, story = key.partition(":")
    campaign, _dot, rest = head.partition(".")
    variant, _dot, place = rest.partition(".")
    numbers = [campaign, variant, story] if colon else [campaign, variant]
    if not all(number.isascii() and number.isdigit() for number in numbers) or (place not in PLACES) != bool(colon):
        return None
    return int(campaign), int(variant), int(story) if colon else place


def _rows(span, campaign):
    since, until = span.moments
    rows = Count.objects.filter(series__in=SERIES, hour__gte=since, hour__lt=until).order_by()
    return rows if campaign is None else rows.filter(key__startswith=f"{campaign}.")


def _shown_ever(campaign):
    rows = Count.objects.filter(series__in=["prompt", "prompt-story"]).order_by()
    rows = rows if campaign is None else rows.filter(key__startswith=f"{campaign}.")
    return filter(None, map(cell_of, rows.values_list("key", flat=True).distinct()))


def _name(cell):
    campaign, variant, where = cell
    return f"{campaign}.{variant}{':' if isinstance(where, int) else '.'}{where}"


def _total(cells):
    total = Numbers()
    for numbers in cells.values():
        total.add(numbers)
    return total


def _lines(cells, label):
    """Lines of cells, those of one label together, what was shown most first."""
    sums = defaultdict(Numbers)
    for key, numbers in cells.items():
        sums[label(key)].add(numbers)
    return _sorted(sums)


def _by_tag(cells, stories):
    """A story with several tags counts in the line of each."""
    sums = defaultdict(Numbers)
    for key, numbers in cells.items():
        for tag in stories[key[2]].tags if key[2] in stories else ():
            sums[tag].add(numbers)
    return _sorted(sums)


def _sorted(sums):
    return sorted((Line(*one) for one in sums.items()), key=lambda line: (-line.numbers.served, line.label))


def _headline(story, known):
    return known[story].headline if story in known else _("Story %(number)s") % {"number": story}


def _days(days):
    return [(date_format(day, "j M Y"), number) for day, number in reversed(days.items())]


def _chart(days):
    if not any(days.values()):
        return None
    said = {"sum": sum(days.values()), "days": len(days)}
    points = [(date_format(day, "j M"), number) for day, number in days.items()]
    description = _("%(sum)s views in %(days)s days. The table below tells each day.") % said
    return charts.bars("days", _("Views by day"), description, points)


def _row(campaign, variant, where, stories, numbers):
    is_story = isinstance(where, int)
    return {
        "campaign": campaign, "variant": variant, "place": "" if is_story else where,
        "story": where if is_story else "", "headline": stories[where].headline if where in stories else "",
        "views": numbers.served, "seen": numbers.seen, "not_now": numbers.no, "supports_already": numbers.mine,
        "clicks": numbers.clicked, "accounts": numbers.signed_up, "payments": numbers.paid,
        **{f"revenue_{currency}": _units(amount, currency) for currency, amount in sorted(numbers.money.items())},
    }  # fmt: skip


def _units(amount, currency):
    """In whole units: spreadsheets add it up."""
    decimals = DECIMALS.get(currency, 2)
    return f"{amount / 10**decimals:.{decimals}f}"


def _midnight(day):
    return timezone.make_aware(datetime.combine(day, time.min))
