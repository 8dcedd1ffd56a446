"""Which advertisement stands in which place of a story."""

from django.urls import reverse
from django.utils.translation import gettext as _

from articles.ads.models import Ad


def house():
    """What fills a place that nobody booked: the paper's own word for itself. Not stored."""
    return Ad(
        name="house",
        headline=_("This place is free"),
        text=_(
            "Readers pay for this paper, and so can a neighbour’s business: its members see who stands beside them."
        ),
        button=_("How the paper is paid for"),
        url=reverse("join"),
    )


def choose(places, story, language, at):
    """One `Ad` for each of so many places in a story (its id, its language), in order; neighbours differ as long as
    there are others.

    The running ads take turns from story to story. One query.
    """
    running = list(Ad.objects.running(language, at)) or [house()]
    return [running[(story + place) % len(running)] for place in range(places)]
