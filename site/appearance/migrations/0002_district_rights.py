"""District editors of before may keep the names in traditional characters, as new ones do."""

from django.db import migrations

ACTIONS = ["add", "change", "delete", "view"]


def give_rights(apps, schema_editor):
    content_type, permission, group = (
        apps.get_model(*name)
        for name in (("contenttypes", "ContentType"), ("auth", "Permission"), ("auth", "Group"))
    )
    kind, _created = content_type.objects.get_or_create(app_label="appearance", model="traditionalname")
    permissions = []
    for action in ACTIONS:
        # Django makes these only after all migrations.
        made, _created = permission.objects.get_or_create(
            content_type=kind,
            codename=f"{action}_traditionalname",
            defaults={"name": f"Can {action} 繁体写法"},
        )
        permissions.append(made)
    for each in group.objects.filter(name__startswith="区编辑 · "):
        each.permissions.add(*permissions)


class Migration(migrations.Migration):
    dependencies = [
        ("appearance", "0001_names"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [migrations.RunPython(give_rights, migrations.RunPython.noop)]
