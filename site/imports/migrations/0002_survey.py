"""A file is surveyed once; what is staged need not outlive a crash of the database."""

from django.db import migrations, models


def write_without_log(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE imports_stagedrow SET UNLOGGED")


def write_with_log(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE imports_stagedrow SET LOGGED")


class Migration(migrations.Migration):
    dependencies = [("imports", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="importrun",
            name="survey",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.RunPython(write_without_log, write_with_log),
    ]
