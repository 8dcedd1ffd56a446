"""Which advertisement stands in which place of a story: chosen from what is held in memory."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from articles.ads.models import Ad

# The id, to counts, of what fills a place that nobody booked.
HOUSE = "house"
NEVER = datetime.max.replace(tzinfo=UTC)


def house():
    """What fills a place that nobody booked: the paper's own word for itself, in the language of the moment. Not
    stored."""
    return Ad(
        name=HOUSE,
        headline=_("This place is free"),
        text=_(
            "Readers pay for this paper, and so can a neighbour’s business: its members see who stands beside them."
        ),
        button=_("How the paper is paid for"),
        url=reverse("join"),
    )


@dataclass(frozen=True)
class Booked:
    """The active ads by language, newest first, those of other times too."""

    ads: dict
    # {language: (from, until, those that run between)}: which ads run changes at few moments.
    _running: dict = field(default_factory=dict)

    @classmethod
    def load(cls):
        """As the database has them now. One query."""
        ads = {}
        for ad in Ad.objects.filter(active=True):
            ads.setdefault(ad.language, []).append(ad)
        return cls(ads)

    def running(self, language, at):
        """The ads of a language that run at a moment (aware), in the order in which they take turns."""
        since, until, running = self._running.get(language, (NEVER, NEVER, []))
        if not since <= at < until:
            ads = self.ads.get(language, [])
            moments = sorted(moment for ad in ads for moment in (ad.starts_at, ad.ends_at) if moment)
            since = max((moment for moment in moments if moment <= at), default=datetime.min.replace(tzinfo=UTC))
            until = min((moment for moment in moments if moment > at), default=NEVER)
            running = [ad for ad in ads if ad.starts_at <= at and (ad.ends_at is None or at < ad.ends_at)]
            self._running[language] = since, until, running
        return running


def choose(places, story, running):
    """One of the running ads for each of so many places in a story (its id), in order; neighbours differ as long as
    there are others. None: nobody booked the place. The ads take turns from story to story."""
    if not running:
        return [None] * places
    return [running[(story + place) % len(running)] for place in range(places)]
