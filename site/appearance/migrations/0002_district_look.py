import django.db.models.deletion
from django.db import migrations, models

import appearance.fields


class Migration(migrations.Migration):
    dependencies = [
        ("appearance", "0001_names"),
        ("wagtailcore", "0097_baselogentry_uuid_action_timestamp_indexes"),
        ("wagtailimages", "0027_image_description"),
    ]

    operations = [
        migrations.CreateModel(
            name="DistrictLook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "brand",
                    appearance.fields.ColourField(
                        blank=True,
                        help_text="页头、按钮和链接的颜色，上面写白字。留空就用主题样式自己的颜色。",
                        max_length=7,
                        verbose_name="主色",
                    ),
                ),
                (
                    "accent",
                    appearance.fields.ColourField(
                        blank=True,
                        help_text="提醒和警示的颜色。留空就用主题样式自己的颜色。",
                        max_length=7,
                        verbose_name="强调色",
                    ),
                ),
                (
                    "logo_alt",
                    models.CharField(
                        blank=True,
                        help_text="读屏软件念出来的话。标志只是图形、没有别的意思的，留空。",
                        max_length=60,
                        verbose_name="标志的文字说明",
                    ),
                ),
                (
                    "has_logo_plate",
                    models.BooleanField(
                        default=True,
                        help_text="标志是深色或彩色的就勾选；标志本身是白色的不要勾选。",
                        verbose_name="标志放在白底上",
                    ),
                ),
                (
                    "header_picture_alt",
                    models.CharField(
                        blank=True,
                        help_text="图片只作装饰的，留空。",
                        max_length=120,
                        verbose_name="图片的文字说明",
                    ),
                ),
                (
                    "header_picture",
                    models.ForeignKey(
                        blank=True,
                        help_text="放在首页上方，横图，宽度不小于 1200 像素。上面不要有字。",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="wagtailimages.image",
                        verbose_name="首页图片",
                    ),
                ),
                (
                    "logo",
                    models.ForeignKey(
                        blank=True,
                        help_text="放在页头的网站名称前面，最好是背景透明的 PNG。留空就用主题样式自己的图形。",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="wagtailimages.image",
                        verbose_name="标志",
                    ),
                ),
                (
                    "site",
                    models.OneToOneField(
                        editable=False, on_delete=django.db.models.deletion.CASCADE, to="wagtailcore.site"
                    ),
                ),
            ],
            options={
                "verbose_name": "外观",
                "verbose_name_plural": "外观",
            },
        ),
    ]
