"""District editors of before may change the look and the table of names, as new ones do."""

from django.db import migrations

ACTIONS = ["add", "change", "delete", "view"]
MODELS = {"districtlook": "外观", "traditionalname": "繁体写法"}


def give_rights(apps, schema_editor):
    content_type, permission, group = (
        apps.get_model(*name)
        for name in (("contenttypes", "ContentType"), ("auth", "Permission"), ("auth", "Group"))
    )
    permissions = []
    for model, name in MODELS.items():
        kind, _created = content_type.objects.get_or_create(app_label="appearance", model=model)
        for action in ACTIONS:
            # Django makes these only after all migrations.
            made, _created = permission.objects.get_or_create(
                content_type=kind, codename=f"{action}_{model}", defaults={"name": f"Can {action} {name}"}
            )
            permissions.append(made)
    for each in group.objects.filter(name__startswith="区编辑 · "):
        each.permissions.add(*permissions)


class Migration(migrations.Migration):
    dependencies = [
        ("appearance", "0002_district_look"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [migrations.RunPython(give_rights, migrations.RunPython.noop)]
