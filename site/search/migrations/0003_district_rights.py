"""District editors of before may keep synonyms and residents' messages, as new ones do."""

from django.db import migrations

ACTIONS = ["add", "change", "delete", "view"]
MODELS = [("SynonymGroup", "同义词"), ("Missing", "居民留言")]


def give_rights(apps, schema_editor):
    content_type, permission, group = (
        apps.get_model(*name)
        for name in (("contenttypes", "ContentType"), ("auth", "Permission"), ("auth", "Group"))
    )
    permissions = []
    for name, label in MODELS:
        model = name.lower()
        kind, _created = content_type.objects.get_or_create(app_label="search", model=model)
        for action in ACTIONS:
            # Django makes these only after all migrations.
            made, _created = permission.objects.get_or_create(
                content_type=kind, codename=f"{action}_{model}", defaults={"name": f"Can {action} {label}"}
            )
            permissions.append(made)
    for each in group.objects.filter(name__startswith="区编辑 · "):
        each.permissions.add(*permissions)


class Migration(migrations.Migration):
    dependencies = [
        ("search", "0002_starter_synonyms"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [migrations.RunPython(give_rights, migrations.RunPython.noop)]
