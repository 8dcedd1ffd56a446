"""What tests book: campaigns with one creative each."""

import random
from datetime import UTC, datetime, timedelta

from articles.ads.models import Advertiser, Campaign, Creative

OF_CREATIVES = {field.name for field in Creative._meta.fields} - {"id", "campaign", "name"}


def book(name="Bread", language="", **fields):
    """The stored Creative of a campaign that has run for a day, unless fields of either say otherwise. language: of the
    stories that it is for alone."""
    words = {field: fields.pop(field) for field in OF_CREATIVES & fields.keys()}
    if language:
        fields["include"] = {"language": [language]}
    fields.setdefault("starts_at", datetime.now(UTC) - timedelta(days=1))
    advertiser = fields.pop("advertiser", None) or Advertiser.objects.get_or_create(name="The bakery")[0]
    campaign = Campaign.objects.create(advertiser=advertiser, name=name, **fields)
    return Creative.objects.create(campaign=campaign, name=name, **{"headline": name, "url": "/join/"} | words)


def dice(seed):
    """Dice that fall the same each time."""
    return random.Random(seed)  # noqa: S311 (nothing is kept secret by them)
