"""What the admission and assistance lists of DOMAIN 2.5 say by themselves: left entries, funding not stated."""

from django.db import migrations


def fill(apps, schema_editor):
    column = apps.get_model("policy_lists", "DefaultColumn")
    column.objects.filter(list_type__slug="shequ-zhunru", label="状态").update(inactive_values=["退出"])
    column.objects.filter(
        list_type__slug__in=["shequ-zhunru", "xiezhu-zhengfu", "shequ-lvzhi"], label="经费保障"
    ).update(empty_text="未明确经费")


class Migration(migrations.Migration):
    dependencies = [("policy_lists", "0004_column_wording")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
