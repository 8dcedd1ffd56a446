"""Advertisements become campaigns with creatives: each `Ad` one of the house's priority with one creative of words, of the
same number, so that what was counted of it is counted on.

The table of `Ad` stays as it is, out of Django's sight: processes that still run the code of before go on reading it,
and going back needs nothing. A later release drops it.
"""

import django.core.validators
import django.db.models.deletion
from django.core.management.color import no_style
from django.db import migrations, models

ADVERTISER = "House"
HOUSE = 3  # models.campaign.Priority
WORDS = ("name", "headline", "text", "button", "url", "active")


def take_over(apps, schema_editor):
    """Every Ad as a campaign of the house's."""
    Ad, Advertiser, Campaign, Creative = (
        apps.get_model("ads", name) for name in ("Ad", "Advertiser", "Campaign", "Creative")
    )
    ads = list(Ad.objects.order_by("pk"))
    if not ads:
        return
    house = Advertiser.objects.create(name=ADVERTISER)
    for ad in ads:
        campaign = Campaign.objects.create(
            advertiser=house,
            name=ad.name,
            priority=HOUSE,
            # Where they stood before there were other places.
            placements=["inline"],
            starts_at=ad.starts_at,
            # An advertisement that ended before it began ran never, and does not now.
            ends_at=ad.ends_at if ad.ends_at is None or ad.ends_at > ad.starts_at else None,
            paused=ad.ends_at is not None and ad.ends_at <= ad.starts_at,
            include={"language": [ad.language]},
        )
        Creative.objects.create(pk=ad.pk, campaign=campaign, **{name: getattr(ad, name) for name in WORDS})
    sequences = schema_editor.connection.ops.sequence_reset_sql(no_style(), [Creative])
    for statement in sequences:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [
        ("ads", "0001_initial"),
        ("articles", "0004_section_terms"),
    ]

    operations = [
        migrations.CreateModel(
            name="Advertiser",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                (
                    "email",
                    models.EmailField(
                        blank=True,
                        help_text="For the desk; readers do not see it.",
                        max_length=254,
                        verbose_name="whom to write to",
                    ),
                ),
                (
                    "exclusion_group",
                    models.CharField(
                        blank=True,
                        help_text="A word such as banks. No page shows two advertisements of the same word.",
                        max_length=40,
                        verbose_name="competitors",
                    ),
                ),
                (
                    "token_digest",
                    models.CharField(blank=True, db_index=True, default="", editable=False, max_length=64),
                ),
            ],
            options={
                "verbose_name": "advertiser",
                "verbose_name_plural": "advertisers",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Campaign",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "name",
                    models.CharField(
                        help_text="For the desk; readers do not see it.", max_length=100, verbose_name="name"
                    ),
                ),
                (
                    "priority",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "Sponsor: before all others"),
                            (2, "Standard"),
                            (3, "House: where nothing else is booked"),
                        ],
                        default=2,
                        verbose_name="priority",
                    ),
                ),
                (
                    "weight",
                    models.PositiveSmallIntegerField(
                        default=10,
                        help_text="Among campaigns of the same priority one of 20 is shown twice as often as one of 10.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(1000),
                        ],
                        verbose_name="weight",
                    ),
                ),
                (
                    "starts_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="Blank: a draft, which readers do not see.",
                        null=True,
                        verbose_name="from",
                    ),
                ),
                ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="until")),
                ("paused", models.BooleanField(default=False, verbose_name="paused")),
                (
                    "goal",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="How often in all, evenly over its time. Blank: as often as its weight brings.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(1000000000),
                        ],
                        verbose_name="goal",
                    ),
                ),
                (
                    "goal_kind",
                    models.CharField(
                        choices=[("impressions", "Impressions"), ("clicks", "Clicks")],
                        default="impressions",
                        max_length=12,
                        verbose_name="goal of",
                    ),
                ),
                (
                    "cap",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Kept count of in the reader’s own cookie; who has none is not shown it. Blank: no limit.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="at most a day and browser",
                    ),
                ),
                (
                    "exclusion_group",
                    models.CharField(
                        blank=True,
                        help_text="Blank: the advertiser’s word. No page shows two advertisements of the same word.",
                        max_length=40,
                        verbose_name="competitors",
                    ),
                ),
                ("placements", models.JSONField(blank=True, default=list, verbose_name="places")),
                ("include", models.JSONField(blank=True, default=dict, verbose_name="only for")),
                ("exclude", models.JSONField(blank=True, default=dict, verbose_name="not for")),
                ("weekdays", models.JSONField(blank=True, default=list, verbose_name="on")),
                (
                    "hour_from",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MaxValueValidator(23)],
                        verbose_name="from the hour",
                    ),
                ),
                (
                    "hour_until",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="In the newsroom’s time zone. From 22 until 4 is the night that begins on the days above.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(24),
                        ],
                        verbose_name="until the hour",
                    ),
                ),
                (
                    "advertiser",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="campaigns",
                        to="ads.advertiser",
                        verbose_name="advertiser",
                    ),
                ),
            ],
            options={
                "verbose_name": "campaign",
                "verbose_name_plural": "campaigns",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="Creative",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("native", "Words"), ("image", "Picture"), ("html", "HTML, in a frame of its own")],
                        default="native",
                        max_length=6,
                        verbose_name="kind",
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="For the desk; readers do not see it.", max_length=100, verbose_name="name"
                    ),
                ),
                ("active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "sponsored_by",
                    models.CharField(
                        blank=True,
                        help_text="The label is then “Sponsored by” and this name; else “Advertisement”.",
                        max_length=60,
                        verbose_name="sponsored by",
                    ),
                ),
                (
                    "url",
                    models.CharField(
                        help_text="An https address, or a page of this site such as /join/.",
                        max_length=500,
                        verbose_name="leads to",
                    ),
                ),
                ("headline", models.CharField(blank=True, max_length=100, verbose_name="headline")),
                ("text", models.CharField(blank=True, max_length=250, verbose_name="text")),
                ("button", models.CharField(blank=True, max_length=60, verbose_name="words on the link")),
                (
                    "alt",
                    models.CharField(
                        blank=True,
                        help_text="What a reader who cannot see it should know.",
                        max_length=300,
                        verbose_name="alternative text",
                    ),
                ),
                (
                    "html",
                    models.TextField(
                        blank=True,
                        help_text="Its links lead to {click}. Styles stand in a style element, pictures in data: addresses.",
                        max_length=100000,
                        verbose_name="HTML",
                    ),
                ),
                ("width", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="width")),
                ("height", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="height")),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="creatives",
                        to="ads.campaign",
                        verbose_name="campaign",
                    ),
                ),
                (
                    "image",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="articles.image",
                        verbose_name="picture",
                    ),
                ),
            ],
            options={
                "verbose_name": "creative",
                "verbose_name_plural": "creatives",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="Sellers",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(blank=True, max_length=100000, verbose_name="lines")),
            ],
            options={
                "verbose_name": "ads.txt",
                "verbose_name_plural": "ads.txt",
            },
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("starts_at", None), ("ends_at", None), ("ends_at__gt", models.F("starts_at")), _connector="OR"
                ),
                name="ad_campaign_ends_after_it_starts",
                violation_error_message="A campaign ends after it starts.",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(("goal", None), ("starts_at", None), ("ends_at__isnull", False), _connector="OR"),
                name="ad_campaign_with_goal_ends",
                violation_error_message="A goal is spread over the campaign’s time: say when it ends.",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("hour_from", None), ("hour_until", None)),
                    models.Q(("hour_from__isnull", False), ("hour_until__isnull", False)),
                    _connector="OR",
                ),
                name="ad_campaign_hours_in_pairs",
                violation_error_message="Give both hours, from and until, or neither.",
            ),
        ),
        migrations.RunPython(take_over, migrations.RunPython.noop),
        migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel(name="Ad")]),
    ]
