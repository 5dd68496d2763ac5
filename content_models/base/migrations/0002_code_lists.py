"""Code lists of the national interface, as a start; labels stay editable."""

from django.db import migrations

CODES = {
    "item_type": "1行政许可 2行政给付 3行政确认 4行政奖励 5其他行政权力 6公共服务",
    "power_source": "1法定本级行使 2上级下放 3上级授权 4同级授权 5上级委托 6同级委托",
    "level": "1国家 2省 3市 4县 5镇（乡、街道） 6村（社区）",
    "service_object": "1自然人 2企业法人 3事业法人 4社会组织法人 5非法人企业 6行政机关 9其他",
    "case_type": "1即办件 2承诺件",
    "handle_form": "1窗口 2网上 3快递 4上门代办",
    "common_scope": "1全国 2全省 3全市 4全县 5全镇（街道） 6跨村（社区）",
    "online_depth": "1咨询 2收件 3预审 4受理 5办理 6结果反馈 7电子证照反馈 8其他",
    "result_type": "1出证 2批文 3给付 4登记 9其他",
    "delivery": "1当场领取 2快递送达 3上门送达 4银行卡发放 5短信告知 6网上查看",
    "necessity": "1必要 2非必要 3容缺后补 4免提交",
    "material_source": "10申请人自备 20政府部门核发 99其他",
    "alternative_kind": "1法定证照 2法律文书 3书面告知承诺 4部门核查 5网络核验 6合同凭证 7其他材料涵盖 8转由部门办理",
    "cancel_reason": "1无法律法规依据 2网络核实可得 3现有证照可证明 4书面承诺可解决 5开具部门无权查证 6常识可推断 7部门自设",
    "notice_genre": "1通知 2公告 3公示 4通告 9其他",
    "disclosure_mode": "1主动公开 2依申请公开",
}
METRICS = [
    ("households", "户数"),
    ("residents", "常住人口"),
    ("registered", "户籍人口"),
    ("floating", "流动人口"),
    ("elderly", "60岁以上人口"),
    ("grids", "网格"),
    ("buildings", "楼栋"),
    ("estates", "小区"),
    ("party_members", "党员"),
    ("staff", "社区工作者"),
    ("grid_workers", "网格员"),
    ("office_area", "办公用房"),
    ("activity_area", "活动用房"),
    ("fund", "工作经费"),
    ("communities", "社区数"),
    ("streets", "街道数"),
    ("households_per_staff", "每名社区工作者服务的户数"),
    ("residents_per_staff", "每名社区工作者服务的居民"),
    ("residents_per_grid", "每个网格的居民"),
    ("workers_per_grid", "每个网格的网格员"),
    ("grids_per_community", "每个社区的网格"),
    ("office_area_per_100", "每百户办公用房"),
]


def fill(apps, schema_editor):
    code_model = apps.get_model("base", "Code")
    rows = []
    for code_list, text in CODES.items():
        for order, entry in enumerate(text.split(), start=1):
            label = entry.lstrip("0123456789")
            code = entry[: len(entry) - len(label)]
            rows.append(code_model(code_list=code_list, code=code, label=label, order=order))
    for order, (code, label) in enumerate(METRICS, start=1):
        rows.append(code_model(code_list="metric", code=code, label=label, order=order))
    code_model.objects.bulk_create(rows)


def empty(apps, schema_editor):
    apps.get_model("base", "Code").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("base", "0001_initial")]
    operations = [migrations.RunPython(fill, empty)]
