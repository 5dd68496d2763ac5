from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("home", "0005_preview_address")]
    operations = [
        migrations.AddField(
            model_name="sitesettings",
            name="open_data_licence",
            field=models.CharField(
                default="可自由使用，请注明来源",
                help_text="写在每份开放数据的页面和文件里。按本单位的规定填写。",
                max_length=300,
                verbose_name="开放数据使用许可",
            ),
        ),
    ]
