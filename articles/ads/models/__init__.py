"""The tables of advertisements."""

from articles.ads.models.advertiser import ADS, Advertiser
from articles.ads.models.campaign import Campaign, GoalKind, Priority
from articles.ads.models.creative import Creative
from articles.ads.models.sellers import Sellers

__all__ = ["ADS", "Advertiser", "Campaign", "Creative", "GoalKind", "Priority", "Sellers"]
