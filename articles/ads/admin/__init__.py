"""Advertisements in the desk: who advertises, what they booked, what readers see of it, what came of it."""

from articles.ads.admin import advertisers, campaigns, creatives, sellers

__all__ = ["advertisers", "campaigns", "creatives", "sellers"]
