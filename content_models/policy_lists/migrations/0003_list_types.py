"""The list types streets and communities use, with the columns their documents have."""

from django.db import migrations

# Marks after a label: * names the row, ! required, # number, @ date, + filter, ^ counted by, ~ long text, ? yes/no.
TYPES = {
    ("基本履职事项清单", "jiben-lvzhi"): "序号# 类别+^ 事项名称*!",
    ("配合履职事项清单", "peihe-lvzhi"): "序号# 事项名称*! 对应上级部门+ 上级部门职责~ 镇街配合职责~",
    ("上级部门收回事项清单", "shangji-shouhui"): "序号# 事项名称*! 承接部门+ 工作方式~",
    ("街道权责清单", "jiedao-quanze"): "序号# 事项名称*! 类型+ 实施依据~ 责任事项~ 追责情形~ 监督方式 调整+^",
    (
        "社区依法履行职责事项",
        "shequ-lvzhi",
    ): "序号# 类别+^ 事项名称*! 主体+ 主体或协助+ 主责部门+ 依据~ 经费保障",
    (
        "依法协助政府工作事项",
        "xiezhu-zhengfu",
    ): "序号# 类别+^ 事项名称*! 主体+ 主体或协助+ 主责部门+ 依据~ 经费保障",
    (
        "社区工作事项准入清单",
        "shequ-zhunru",
    ): "序号# 类别+^ 事项*! 申请部门+ 申请日@ 准入日@ 有效期 经费保障 状态+",
    ("基层政务公开标准目录", "zhengwu-gongkai"): (
        "序号# 一级事项+^ 二级事项*! 公开内容~ 公开依据~ 公开时限 公开主体+ 公开渠道和载体 "
        "全社会? 特定群体? 主动公开? 依申请公开? 县级? 乡级?"
    ),
    ("购买服务清单", "goumai-fuwu"): "序号# 项目名称*! 类别+^ 承接单位 金额(万元)# 服务对象 服务内容~ 期限",
    ("网格服务清单", "wangge-fuwu"): "序号# 服务名称*! 类别+^ 服务对象 服务方式 责任人",
    ("社区服务下沉清单", "fuwu-xiachen"): "序号# 事项名称*! 原办理地点 现办理地点 下沉时间 说明~",
    ("机制牌子清单", "jizhi-paizi"): "序号# 名称*! 类别+^ 处理方式+ 依据~",
    ("负面清单", "fumian"): "序号# 事项名称*! 类别+^ 说明~",
    ("服务卡清单", "fuwuka"): "序号# 卡名*! 服务人群+ 服务内容~",
    ("其他清单", "qita"): "序号# 名称*! 说明~",
}
MARKS = "*!#@+^~?"
TYPE_OF_MARK = {"#": "number", "@": "date", "~": "long_text", "?": "yes_no"}


def fill(apps, schema_editor):
    list_type = apps.get_model("policy_lists", "ListType")
    column = apps.get_model("policy_lists", "DefaultColumn")
    for (name, slug), text in TYPES.items():
        created = list_type.objects.create(name=name, slug=slug)
        for order, entry in enumerate(text.split()):
            label = entry.rstrip(MARKS)
            marks = entry[len(label) :]
            column.objects.create(
                list_type=created,
                sort_order=order,
                label=label,
                column_type=next((TYPE_OF_MARK[mark] for mark in marks if mark in TYPE_OF_MARK), "text"),
                is_title="*" in marks,
                is_required="!" in marks,
                is_filter="+" in marks,
                is_searched="#" not in marks,
                is_category="^" in marks,
            )


def empty(apps, schema_editor):
    apps.get_model("policy_lists", "ListType").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("policy_lists", "0002_relations")]
    operations = [migrations.RunPython(fill, empty)]
