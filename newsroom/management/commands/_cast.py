"""What the demo adds to the sample stories: accounts, a prompt and advertisements. Made once, then left alone."""

import secrets
from pathlib import Path

from allauth.account.models import EmailAddress
from django.conf import settings
from django.utils import timezone

from articles.ads.models import Advertiser, Campaign, Creative, Priority
from members.accounts.demo import EDITOR, MEMBER, NAMES
from members.accounts.roles import appoint
from members.models import Grant, Interval, Plan, User
from members.prompts import models as prompts

# Without letters and digits that are taken for one another.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
# Why the demo's member is one, as long as it does not pay.
GRANT = "The demo's member"

PROMPTS = [
    {
        "heading": "The valley reads this because its readers pay for it",
        "text": "The Courier has four reporters, one bus pass and no owner but its readers.\n\n"
        "If you would miss us, help to keep us here.",
        "pitch": "Members read everything, some of it before everybody else.",
        "button": "Become a member",
    },
    {
        "heading": "Долина читает это, потому что читатели за это платят",
        "text": "У «Курьера» четыре репортёра, один проездной на автобус и ни одного хозяина, кроме читателей.\n\n"
        "Если вам будет нас не хватать, помогите нам остаться.",
        "pitch": "Участники читают всё, а кое-что — раньше других.",
        "button": "Стать участником",
        "language": "ru",
    },
]
PLANS = [
    {
        "name": "Reader",
        "slug": "reader",
        "level": 10,
        "position": 10,
        "text": "For who wants to read to the end.",
        "perks": "Every story, to the end\nEarly stories before everybody else\nAudio versions",
        "trial_days": 7,
    },
    {
        "name": "Friend of the Courier",
        "slug": "friend",
        "level": 20,
        "position": 20,
        "text": "For who wants the Courier to go on.",
        "perks": "Stories that are for Friends alone\nAn evening in the newsroom, once a year",
        "ad_free": True,
    },
]
# What they cost: by the slug, for a month and a year.
PRICES = {
    "reader": {"EUR": (500, 5000), "USD": (600, 6000), "GEL": (1500, 15000)},
    "friend": {"EUR": (1200, 12000), "USD": (1400, 14000), "GEL": (3600, 36000)},
}
# The paper's own advertisements: their name, the language of the stories that they stand in, and what they say.
ADVERTISER = "The Valley Courier"
ADS = [
    (
        "House: membership",
        "en",
        {
            "headline": "Become a member of the Courier",
            "text": "Every story to the end, and the early ones first.",
            "button": "See what members get",
            "url": "/join/",
        },
    ),
    (
        "House: account",
        "en",
        {
            "headline": "A free account opens more",
            "text": "An address and a password are enough; it takes less than a minute.",
            "button": "Create an account",
            "url": "/accounts/signup/",
        },
    ),
    (
        "House: membership, Russian",
        "ru",
        {
            "headline": "Станьте участником «Курьера»",
            "text": "Каждый материал до конца, а некоторые — раньше всех.",
            "button": "Что получают участники",
            "url": "/ru/join/",
        },
    ),
]


def password():
    """The demo accounts' password: the one that the environment sets, else one made for this machine and kept."""
    if settings.DEMO_PASSWORD:
        return settings.DEMO_PASSWORD
    path = Path(settings.VAR_DIR) / "demo_password"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text("-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3)))
    return path.read_text().strip()


def make(word):
    """Make what is missing; accounts that are there get `word` for their password again if they have another."""
    for email, name in NAMES.items():
        account(email, name, word)
    if not Plan.objects.exists():
        for words in PLANS:
            price(Plan.objects.create(**words))
    if not User.objects.get(email=MEMBER).grants.exists():
        Grant.objects.create(user=User.objects.get(email=MEMBER), reason=GRANT)
    if not prompts.Campaign.objects.filter(by_story=False).exists():
        for words in PROMPTS:
            prompts.Campaign.objects.record(**words)
    if not Campaign.objects.exists():
        advertise()


def advertise():
    house = Advertiser.objects.create(name=ADVERTISER)
    for name, language, words in ADS:
        campaign = Campaign.objects.create(
            advertiser=house,
            name=name,
            priority=Priority.HOUSE,
            starts_at=timezone.now(),
            placements=["inline", "row"],
            include={"language": [language]},
        )
        Creative.objects.create(campaign=campaign, name=name, **words)


def price(plan):
    for currency, (month, year) in PRICES[plan.slug].items():
        plan.prices.create(interval=Interval.MONTH, currency=currency, amount=month)
        plan.prices.create(interval=Interval.YEAR, currency=currency, amount=year)


def account(email, name, word):
    user = User.objects.filter(email=email).first() or User.objects.create_user(email, word, display_name=name)
    if not user.check_password(word):
        user.set_password(word)
        user.save()
    role = User.Role.EDITOR if email == EDITOR else User.Role.READER
    if user.role != role or user.is_staff != (email == EDITOR):
        appoint(user, role)
    EmailAddress.objects.get_or_create(user=user, email=email, defaults={"verified": True, "primary": True})
