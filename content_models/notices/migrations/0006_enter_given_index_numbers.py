from django.db import migrations


def enter(apps, schema_editor):
    """Numbers that were given before the register began are in it, too."""
    notices = apps.get_model("notices", "NoticePage").objects.exclude(index_no="").order_by("pk")
    entered = apps.get_model("notices", "IndexNumber")
    given = {}
    for pk, number in notices.values_list("pk", "index_no").iterator():
        given.setdefault(number, pk)
    rows = [entered(number=number, page_id=pk) for number, pk in given.items()]
    entered.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("notices", "0005_index_numbers")]

    operations = [migrations.RunPython(enter, migrations.RunPython.noop, elidable=True)]
