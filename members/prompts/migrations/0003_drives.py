import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("prompts", "0002_campaigns"),
    ]

    operations = [
        migrations.CreateModel(
            name="Drive",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(help_text="For the desk alone.", max_length=200, verbose_name="name")),
                (
                    "slug",
                    models.SlugField(
                        allow_unicode=True,
                        help_text="Its page is at /drives/ADDRESS/.",
                        max_length=80,
                        unique=True,
                        verbose_name="address",
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[("en", "English"), ("ru", "Русский")],
                        default="en",
                        max_length=10,
                        verbose_name="language",
                    ),
                ),
                ("heading", models.CharField(max_length=300, verbose_name="heading")),
                ("text", models.TextField(blank=True, help_text="Blank lines part paragraphs.", verbose_name="text")),
                ("starts_at", models.DateTimeField(verbose_name="starts")),
                (
                    "ends_at",
                    models.DateTimeField(
                        help_text="Its campaigns are shown from start to end, and no longer.", verbose_name="ends"
                    ),
                ),
                (
                    "goal_members",
                    models.PositiveIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="goal in members",
                    ),
                ),
                ("amount", models.PositiveIntegerField(blank=True, null=True, verbose_name="goal in money")),
                ("currency", models.CharField(blank=True, default="", max_length=3, verbose_name="currency")),
                (
                    "overrides",
                    models.BooleanField(
                        default=False,
                        help_text="While it runs its campaigns go first on the whole site. How often and for whom they still say.",
                        verbose_name="goes before all others",
                    ),
                ),
            ],
            options={
                "verbose_name": "drive",
                "verbose_name_plural": "drives",
                "ordering": ["-starts_at", "-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                        name="drive_ends_after_it_starts",
                        violation_error_message="It ends before it starts.",
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="campaign",
            name="drive",
            field=models.ForeignKey(
                blank=True,
                help_text="It is shown while the drive runs, and not otherwise.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="campaigns",
                to="prompts.drive",
                verbose_name="drive",
            ),
        ),
        migrations.CreateModel(
            name="Reminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(editable=False, max_length=32)),
                ("address", models.TextField(editable=False)),
                (
                    "drive",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reminders",
                        to="prompts.drive",
                        verbose_name="drive",
                    ),
                ),
            ],
            options={
                "verbose_name": "reminder",
                "verbose_name_plural": "reminders",
                "constraints": [models.UniqueConstraint(fields=("drive", "key"), name="one_reminder_an_address")],
            },
        ),
    ]
