import django.db.models.deletion
import members.models.invitation
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0003_plans_and_meter"),
    ]

    operations = [
        migrations.AddField(
            model_name="session",
            name="browser",
            field=models.CharField(blank=True, db_default="", default="", max_length=40, verbose_name="browser"),
        ),
        migrations.AddField(
            model_name="session",
            name="seen_on",
            field=models.DateField(null=True, verbose_name="seen"),
        ),
        migrations.AddField(
            model_name="session",
            name="started_at",
            field=models.DateTimeField(null=True, verbose_name="since"),
        ),
        migrations.AddField(
            model_name="user",
            name="told_of_browsers",
            field=models.BooleanField(
                db_default=True,
                default=True,
                help_text="A mail when the account is signed in to in a browser for the first time.",
                verbose_name="told of new browsers",
            ),
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(editable=False, max_length=64, unique=True)),
                (
                    "note",
                    models.CharField(help_text="For the desk: whom it is for.", max_length=200, verbose_name="note"),
                ),
                (
                    "email",
                    models.EmailField(
                        blank=True, help_text="If given, the link is sent there.", max_length=254, verbose_name="e-mail"
                    ),
                ),
                (
                    "uses_max",
                    models.PositiveSmallIntegerField(
                        default=1, help_text="How many it may open.", verbose_name="accounts"
                    ),
                ),
                ("uses", models.PositiveSmallIntegerField(default=0, editable=False, verbose_name="opened")),
                (
                    "expires_at",
                    models.DateTimeField(default=members.models.invitation.in_two_weeks, verbose_name="until"),
                ),
                ("revoked_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="revoked")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="recorded")),
                (
                    "made_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="made by",
                    ),
                ),
            ],
            options={
                "verbose_name": "invitation",
                "verbose_name_plural": "invitations",
                "ordering": ["-created_at", "-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("uses_max__gte", 1)),
                        name="invitation_opens_something",
                        violation_error_message="An invitation opens one account at least.",
                    )
                ],
            },
        ),
    ]
