"""A site to begin with: an empty home page in place of Wagtail's welcome page, Chinese names throughout."""

from django.db import migrations


def fill(apps, schema_editor):
    content_type = apps.get_model("contenttypes", "ContentType")
    page = apps.get_model("wagtailcore", "Page")
    site = apps.get_model("wagtailcore", "Site")
    home_page = apps.get_model("home", "HomePage")
    locale = apps.get_model("wagtailcore", "Locale").objects.first()

    page.objects.filter(depth=2).delete()
    root = page.objects.get(depth=1)
    root.title = root.draft_title = "全部网站"
    root.numchild = 1
    root.save()
    home_type, _created = content_type.objects.get_or_create(model="homepage", app_label="home")
    home = home_page.objects.create(
        title="家门口",
        draft_title="家门口",
        slug="home",
        content_type=home_type,
        path=root.path + "0001",
        depth=2,
        numchild=0,
        url_path="/home/",
        live=True,
        locale=locale,
        sort_name="jia men kou",
    )
    site.objects.all().delete()
    site.objects.create(
        hostname="localhost", port=80, site_name="家门口", root_page_id=home.pk, is_default_site=True
    )
    apps.get_model("auth", "Group").objects.filter(name__in=["Moderators", "Editors"]).delete()
    apps.get_model("wagtailcore", "Collection").objects.filter(depth=1).update(name="全部文件")
    apps.get_model("wagtailcore", "Workflow").objects.all().delete()
    apps.get_model("wagtailcore", "Task").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [
        ("home", "0002_relations"),
        ("wagtailcore", "0097_baselogentry_uuid_action_timestamp_indexes"),
        ("wagtailsearch", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
