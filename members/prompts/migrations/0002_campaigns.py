from itertools import islice

import django.core.validators
import django.db.models.deletion
import members.prompts.models
import members.prompts.targets
from django.core.management.color import no_style
from django.db import migrations, models


BATCH = 1_000
OLD, NEW = ("Prompt", "PromptStory"), ("Campaign", "Variant", "CampaignStory")


def take_over(apps, schema_editor):
    """Each prompt becomes a campaign with one variant, both of its number, so that what was counted for it still is."""
    prompt, link, campaign, variant, story = _models(apps, schema_editor, OLD + NEW)
    for old in prompt.order_by("pk").iterator(BATCH):
        campaign.create(
            pk=old.pk,
            name=old.title[:200],
            status="running" if old.active else "paused",
            language=old.language,
            by_story=not old.everywhere,
            from_view=1,
            follows_import=not old.everywhere and link.filter(prompt=old.pk).exists(),
        )
        # When it was made is set on creation alone.
        campaign.filter(pk=old.pk).update(created_at=old.created_at)
        said = {"heading": old.title, "text": old.text, "pitch": old.pitch, "button": old.button, "key": old.key}
        variant.create(pk=old.pk, campaign_id=old.pk, **said)
    for rows in _batches(link.order_by("pk").iterator(BATCH)):
        story.bulk_create([story.model(campaign_id=row.prompt_id, story=row.story) for row in rows])
    _count_on(apps, schema_editor, ("Campaign", "Variant"))


def give_back(apps, schema_editor):
    """Each campaign becomes a prompt of the words of its first variant."""
    prompt, link, campaign, variant, story = _models(apps, schema_editor, OLD + NEW)
    for new in campaign.order_by("pk").iterator(BATCH):
        said = variant.filter(campaign=new.pk).order_by("pk").first()
        # The words of another are one prompt with it.
        if said is None or said.key is None:
            continue
        prompt.create(
            pk=new.pk,
            title=said.heading,
            text=said.text,
            pitch=said.pitch,
            button=said.button or "Become a member",
            language=new.language,
            everywhere=not new.by_story,
            active=new.status == "running",
            key=said.key,
        )
        prompt.filter(pk=new.pk).update(created_at=new.created_at)
    kept = set(prompt.values_list("pk", flat=True))
    for rows in _batches(story.order_by("pk").iterator(BATCH)):
        link.bulk_create(
            [link.model(prompt_id=row.campaign_id, story=row.story) for row in rows if row.campaign_id in kept]
        )
    _count_on(apps, schema_editor, ("Prompt",))


def _models(apps, schema_editor, names):
    using = schema_editor.connection.alias
    return [apps.get_model("prompts", name)._base_manager.using(using) for name in names]


def _batches(rows):
    while batch := list(islice(rows, BATCH)):
        yield batch


def _count_on(apps, schema_editor, names):
    """Have the database number new rows from where the numbers that were taken over end."""
    connection = schema_editor.connection
    models = [apps.get_model("prompts", name) for name in names]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [
        ("prompts", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Campaign",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(help_text="For the desk alone.", max_length=200, verbose_name="name")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("running", "Running"),
                            ("paused", "Paused"),
                            ("archived", "Put away"),
                        ],
                        default="draft",
                        max_length=8,
                        verbose_name="status",
                    ),
                ),
                (
                    "starts_at",
                    models.DateTimeField(
                        blank=True, help_text="Blank: as soon as it runs.", null=True, verbose_name="starts"
                    ),
                ),
                (
                    "ends_at",
                    models.DateTimeField(
                        blank=True, help_text="Blank: when somebody ends it.", null=True, verbose_name="ends"
                    ),
                ),
                (
                    "priority",
                    models.PositiveSmallIntegerField(
                        default=10,
                        help_text="Of campaigns that fit a story equally well, the highest goes first.",
                        verbose_name="priority",
                    ),
                ),
                (
                    "goal",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Memberships to win.",
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="goal",
                    ),
                ),
                (
                    "holdback",
                    models.PositiveSmallIntegerField(
                        default=0,
                        help_text="So many of a hundred browsers are shown no prompt instead, to see what the campaign is worth.",
                        validators=[django.core.validators.MaxValueValidator(50)],
                        verbose_name="held back, %",
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
                (
                    "sensitive_ok",
                    models.BooleanField(
                        default=False,
                        help_text="Others never stand in stories marked sensitive.",
                        verbose_name="fit for sensitive stories",
                    ),
                ),
                (
                    "by_story",
                    models.BooleanField(
                        default=False,
                        help_text="In those named below and in no others, where it goes first.",
                        verbose_name="only in stories of its own",
                    ),
                ),
                (
                    "include",
                    models.JSONField(
                        blank=True, default=dict, validators=[members.prompts.targets.included], verbose_name="for"
                    ),
                ),
                (
                    "exclude",
                    models.JSONField(
                        blank=True, default=dict, validators=[members.prompts.targets.excluded], verbose_name="not for"
                    ),
                ),
                (
                    "tag_names",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        editable=False,
                        help_text="As {tag} tells them, by id.",
                        verbose_name="names of the tags",
                    ),
                ),
                (
                    "states",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="None: all but members.",
                        validators=[members.prompts.models.known_states],
                        verbose_name="readers",
                    ),
                ),
                (
                    "reads_min",
                    models.PositiveSmallIntegerField(
                        default=0,
                        help_text="In the last 20 to 30 days, this one among them.",
                        verbose_name="stories read lately, at least",
                    ),
                ),
                (
                    "reads_max",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="stories read lately, at most"
                    ),
                ),
                (
                    "read_tag",
                    models.PositiveBigIntegerField(blank=True, null=True, verbose_name="having read about the tag"),
                ),
                (
                    "read_tag_min",
                    models.PositiveSmallIntegerField(
                        default=1,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="at least so often",
                    ),
                ),
                ("walls_min", models.PositiveSmallIntegerField(default=0, verbose_name="walls met lately, at least")),
                (
                    "place",
                    models.CharField(
                        choices=[
                            ("top", "Above the story"),
                            ("after", "In the story, after so many blocks"),
                            ("end", "Below the story"),
                            ("bar", "In a bar at the foot of the page"),
                        ],
                        default="top",
                        max_length=5,
                        verbose_name="place",
                    ),
                ),
                (
                    "after",
                    models.PositiveSmallIntegerField(
                        default=3,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(200),
                        ],
                        verbose_name="after so many blocks",
                    ),
                ),
                (
                    "frequency",
                    models.BooleanField(
                        default=True,
                        help_text="Not ticked: shown as often as it fits, from the first story on.",
                        verbose_name="keeps measure",
                    ),
                ),
                (
                    "views_max",
                    models.PositiveSmallIntegerField(
                        default=4,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(6),
                        ],
                        verbose_name="views in 30 days, at most",
                    ),
                ),
                (
                    "from_view",
                    models.PositiveSmallIntegerField(
                        default=2,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="from the story read as number",
                    ),
                ),
                (
                    "quiet_days",
                    models.PositiveSmallIntegerField(
                        default=30,
                        help_text="After “Not now” no prompt at all is shown for so long.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(365),
                        ],
                        verbose_name="days of silence after an answer",
                    ),
                ),
                (
                    "follows_import",
                    models.BooleanField(
                        default=False, editable=False, help_text="An import found it and may still say where it fits."
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
            ],
            options={
                "verbose_name": "prompt campaign",
                "verbose_name_plural": "prompt campaigns",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="Variant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(default="A", max_length=40, verbose_name="name")),
                (
                    "weight",
                    models.PositiveSmallIntegerField(
                        default=1,
                        help_text="0: shown to nobody.",
                        validators=[django.core.validators.MaxValueValidator(100)],
                        verbose_name="weight",
                    ),
                ),
                ("heading", models.CharField(max_length=300, verbose_name="heading")),
                ("text", models.TextField(blank=True, help_text="Blank lines part paragraphs.", verbose_name="text")),
                (
                    "pitch",
                    models.CharField(
                        blank=True,
                        help_text="The last sentence before the button.",
                        max_length=500,
                        verbose_name="pitch",
                    ),
                ),
                (
                    "button",
                    models.CharField(
                        blank=True,
                        help_text="Blank: “Join”, or what suits the reader.",
                        max_length=60,
                        verbose_name="button",
                    ),
                ),
                ("second_button", models.CharField(blank=True, max_length=60, verbose_name="second button")),
                (
                    "second_url",
                    models.CharField(
                        blank=True,
                        help_text="A path of this site, such as /join/.",
                        max_length=500,
                        verbose_name="where it leads",
                    ),
                ),
                (
                    "image",
                    models.PositiveBigIntegerField(
                        blank=True, help_text="Its number at the desk.", null=True, verbose_name="picture"
                    ),
                ),
                (
                    "image_alt",
                    models.CharField(
                        blank=True,
                        help_text="What a reader who cannot see it should know.",
                        max_length=300,
                        verbose_name="alternative text",
                    ),
                ),
                (
                    "key",
                    models.CharField(blank=True, default=None, editable=False, max_length=64, null=True, unique=True),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="variants",
                        to="prompts.campaign",
                        verbose_name="campaign",
                    ),
                ),
            ],
            options={
                "verbose_name": "variant",
                "verbose_name_plural": "variants",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="CampaignStory",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("story", models.PositiveBigIntegerField(verbose_name="story")),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="stories", to="prompts.campaign"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="campaignstory",
            constraint=models.UniqueConstraint(fields=("story", "campaign"), name="campaign_once_a_story"),
        ),
        migrations.AddConstraint(
            model_name="variant",
            constraint=models.UniqueConstraint(
                fields=("campaign", "name"),
                name="one_variant_of_a_name",
                violation_error_message="A variant of this name is there already.",
            ),
        ),
        migrations.RunPython(take_over, give_back),
        migrations.DeleteModel(
            name="PromptStory",
        ),
        migrations.DeleteModel(
            name="Prompt",
        ),
    ]
