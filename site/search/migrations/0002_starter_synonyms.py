import csv
from pathlib import Path

from django.db import migrations

STARTER = Path(__file__).parents[1] / "starter"


def add_starter(apps, schema_editor):
    group = apps.get_model("search", "SynonymGroup")
    for kind, name in (("same", "synonyms.csv"), ("told", "situations.csv")):
        with (STARTER / name).open(encoding="utf-8", newline="") as file:
            group.objects.bulk_create(
                group(
                    kind=kind,
                    words=row["words"].split("；"),
                    narrower=[word for word in row["narrower"].split("；") if word],
                    note=row["note"],
                    source="starter",
                )
                for row in csv.DictReader(file)
            )


class Migration(migrations.Migration):
    """A district begins with the everyday words of community services and goes on from there."""

    dependencies = [("search", "0001_documents_synonyms_and_questions")]

    operations = [migrations.RunPython(add_starter, migrations.RunPython.noop)]
