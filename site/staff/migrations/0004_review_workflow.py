"""One workflow for all content: pages by the root page, editions and banners by their type."""

from django.db import migrations

REVIEWED = [
    ("policy_lists", "listedition"),
    ("certificates", "certificateedition"),
    ("guides", "provisionedition"),
    ("notices", "emergencybanner"),
]


def fill(apps, schema_editor):
    content_type = apps.get_model("contenttypes", "ContentType")
    review_type, _created = content_type.objects.get_or_create(app_label="staff", model="reviewtask")
    task = apps.get_model("staff", "ReviewTask").objects.create(
        name="内容审核", content_type=review_type, active=True
    )
    workflow = apps.get_model("wagtailcore", "Workflow").objects.create(name="内容审核", active=True)
    apps.get_model("wagtailcore", "WorkflowTask").objects.create(
        workflow=workflow, task_id=task.pk, sort_order=0
    )
    root = apps.get_model("wagtailcore", "Page").objects.get(depth=1)
    apps.get_model("wagtailcore", "WorkflowPage").objects.create(workflow=workflow, page=root)
    for app_label, model in REVIEWED:
        reviewed, _created = content_type.objects.get_or_create(app_label=app_label, model=model)
        apps.get_model("wagtailcore", "WorkflowContentType").objects.create(
            workflow=workflow, content_type=reviewed
        )


class Migration(migrations.Migration):
    dependencies = [
        ("staff", "0003_review_task"),
        ("home", "0003_first_home_page"),
        ("policy_lists", "0002_relations"),
        ("certificates", "0002_relations"),
        ("guides", "0002_relations"),
        ("notices", "0002_relations"),
    ]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
