"""The passwords that people have now count as used, from today on."""

from django.db import migrations


def remember(apps, schema_editor):
    past_password = apps.get_model("staff", "PastPassword")
    users = apps.get_model("staff", "User").objects.exclude(password__startswith="!").exclude(password="")
    past_password.objects.bulk_create(
        (past_password(user=user, password=user.password) for user in users.iterator()), batch_size=500
    )


class Migration(migrations.Migration):
    dependencies = [("staff", "0006_sign_in")]

    operations = [migrations.RunPython(remember, migrations.RunPython.noop)]
