from django.db import migrations, models


def kinds_alone(apps, schema_editor):
    """Of where somebody came from the row tells the kind of place, and nothing more."""
    intents = apps.get_model("billing", "Intent").objects
    for kind in ("ad", "prompt"):
        intents.filter(source__startswith=f"{kind}:").update(source=kind)


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0007_tickets_of_payments"),
    ]

    operations = [
        migrations.AddField(
            model_name="intent",
            name="trail",
            field=models.TextField(blank=True, db_default="", default="", editable=False),
        ),
        migrations.RunPython(kinds_alone, migrations.RunPython.noop),
    ]
