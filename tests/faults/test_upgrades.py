"""The code of the last release runs on the database of this one: what was added since only adds.

While processes are replaced one after the other, and after a release is taken back, old code meets the new
schema. ``released.txt`` names the migrations of the last release; with each release it is written anew:

    python -m tests.faults.test_upgrades > tests/faults/released.txt
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.models import NOT_PROVIDED

RELEASED = Path(__file__).with_name("released.txt")
ROOT = Path(__file__).parents[2]
# What may be taken away all the same, with the reason: "app.0007_name": "nobody reads it since …"
ALLOWED: dict[str, str] = {}
TAKES_AWAY = (
    migrations.RemoveField, migrations.RenameField, migrations.DeleteModel, migrations.RenameModel,
    migrations.AlterModelTable,
)  # fmt: skip


def ours() -> dict[str, Any]:
    """Our own migrations by name."""
    own = {config.label for config in apps.get_app_configs() if Path(config.path).is_relative_to(ROOT)}
    own -= {config.label for config in apps.get_app_configs() if "site-packages" in config.path}
    found = MigrationLoader(None).disk_migrations or {}
    return {f"{app}.{name}": each for (app, name), each in sorted(found.items()) if app in own}


def against_old_code(operations: list[Any]) -> Iterator[str]:
    """Sentences on what the code of before would stumble over; new tables are nobody's business."""
    made = {each.name_lower for each in operations if isinstance(each, migrations.CreateModel)}
    for each in operations:
        if getattr(each, "model_name_lower", getattr(each, "name_lower", "")) in made:
            continue
        if isinstance(each, TAKES_AWAY):
            yield f"{each.describe()}: old code still asks for it"
        elif isinstance(each, migrations.AddField | migrations.AlterField) and refuses_old_rows(each.field):
            yield f"{each.describe()}: old code writes no value and the database wants one"
        elif isinstance(each, migrations.AddConstraint):
            yield f"{each.describe()}: old code does not keep this rule"


def refuses_old_rows(field: Any) -> bool:
    """Whether a row is refused that knows nothing of the field: a default is Django's, not the database's."""
    if field.null or field.many_to_many or getattr(field, "db_default", NOT_PROVIDED) is not NOT_PROVIDED:
        return False
    return not isinstance(field, models.AutoField)


def test_what_was_added_since_the_last_release_only_adds() -> None:
    released = set(RELEASED.read_text().split())
    wrong = [
        f"{name}: {sentence}"
        for name, migration in ours().items()
        if name not in released and name not in ALLOWED
        for sentence in against_old_code(migration.operations)
    ]

    assert wrong == [], "Add, fill, and take away one release later; or say in ALLOWED why not"


def test_what_was_released_is_still_there() -> None:
    assert set(RELEASED.read_text().split()) - ours().keys() == set()


@pytest.mark.parametrize(
    ("operation", "is_refused"),
    [
        (migrations.RemoveField("guide", "phone"), True),
        (migrations.RenameField("guide", "phone", "tel"), True),
        (migrations.DeleteModel("guide"), True),
        (migrations.AddField("guide", "tel", models.CharField(max_length=9, default="")), True),
        (migrations.AddField("guide", "tel", models.CharField(max_length=9, db_default="")), False),
        (migrations.AddField("guide", "tel", models.CharField(max_length=9, null=True)), False),
        (migrations.AddField("guide", "topics", models.ManyToManyField("base.Topic")), False),
        (migrations.AlterField("guide", "tel", models.CharField(max_length=9)), True),
        (migrations.AlterField("guide", "tel", models.CharField(max_length=9, null=True)), False),
        (migrations.CreateModel("room", [("id", models.BigAutoField(primary_key=True))]), False),
        (migrations.RunPython(migrations.RunPython.noop), False),
    ],
)
def test_it_knows_what_old_code_stumbles_over(operation: Any, is_refused: bool) -> None:
    assert bool(list(against_old_code([operation]))) == is_refused


if __name__ == "__main__":
    import django

    django.setup()
    print("\n".join(ours()))
