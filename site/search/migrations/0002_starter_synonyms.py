import csv
from pathlib import Path

from django.db import migrations

STARTER = Path(__file__).parents[1] / "starter" / "synonyms.csv"


def add_starter(apps, schema_editor):
    groups = apps.get_model("search", "SynonymGroup").objects
    with STARTER.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            groups.create(
                words=row["words"].split("；"),
                narrower=row["narrower"].split("；"),
                note=row["note"],
                source="starter",
            )


class Migration(migrations.Migration):
    """A district begins with the everyday words of community services and goes on from there."""

    dependencies = [("search", "0001_documents_synonyms_and_questions")]

    operations = [migrations.RunPython(add_starter, migrations.RunPython.noop)]
