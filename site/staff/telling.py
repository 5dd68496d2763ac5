"""What an entry of the record says of the change, in words for who reads it; what is kept is not touched."""

import json
from typing import Any

from django.utils.translation import gettext as _gettext
from django.utils.translation import gettext_lazy as _

# By the names under which verbs keep them (``audit.record``); one that is not here is shown as it is.
NAMES = {
    "accent": _("强调色"),
    "action": _("操作"),
    "added": _("增加"),
    "address": _("网络地址"),
    "asked": _("筛选条件"),
    "at": _("时间"),
    "assigned_to": _("由谁处理"),
    "backup": _("备份"),
    "brand": _("主色"),
    "changes": _("改动"),
    "collection": _("文件夹编号"),
    "count": _("数量"),
    "created": _("新建"),
    "days": _("有效天数"),
    "display_name": _("姓名"),
    "edition": _("版本编号"),
    "email": _("电子邮件地址"),
    "entries": _("记录"),
    "error": _("错误"),
    "expires_on": _("到期日"),
    "fields": _("改了什么"),
    "file": _("文件"),
    "finding": _("检查结果"),
    "form": _("格式"),
    "guides": _("涉及的办事指南编号"),
    "hash": _("文件校验值"),
    "how": _("方式"),
    "is_active": _("启用"),
    "is_superuser": _("管理员"),
    "kind": _("类型"),
    "kinds": _("类型"),
    "left": _("没能撤销"),
    "logo": _("标志"),
    "message": _("消息编号"),
    "name": _("名称"),
    "number": _("数量"),
    "owner": _("所有人"),
    "page": _("页面编号"),
    "password": _("密码"),
    "phone": _("联系电话"),
    "picture": _("首页图片"),
    "problems": _("原因"),
    "published": _("发布数量"),
    "reason": _("原因"),
    "removed": _("去掉"),
    "replaced": _("代替的版本编号"),
    "rights": _("权限"),
    "scopes": _("权限范围"),
    "screen": _("在哪个页面"),
    "second_factor": _("第二重验证"),
    "stage": _("在哪一步"),
    "state": _("状态"),
    "status": _("对方的答复"),
    "title": _("标题"),
    "to": _("限制方式"),
    "unchanged": _("没有变化"),
    "up_to": _("到第几条"),
    "updated": _("更新"),
    "url": _("网址"),
    "username": _("用户名"),
    "what": _("内容"),
    "word": _("词"),
}
VALUES = {
    ("how", "mail"): _("邮件里的链接"),
    ("second_factor", "app"): _("手机上的验证码"),
    ("second_factor", "recovery"): _("恢复码"),
    ("stage", "code"): _("输入验证码"),
    ("what", "recovery codes"): _("重做恢复码"),
    ("to", "password"): _("凭密码"),
    ("to", "groups"): _("限用户组"),
    ("to", "login"): _("登录以后"),
}
# What strangers do; else it is the site by itself, or a command on the server, where nobody is named.
AT_THE_DOOR = {"sign_in_failed", "locked_out"}


def who(by_name: str, action: str) -> str:
    """The person, or what acted where there was none."""
    if by_name:
        return by_name
    return _gettext("未登录的人") if action in AT_THE_DOOR else _gettext("系统")


def tell(detail: dict[str, Any]) -> str:
    """All that an entry holds, one after the other; what is empty says nothing."""
    said = [(name, value) for name, value in detail.items() if value not in (None, "", [], {})]
    return "；".join(f"{NAMES.get(name, name)}：{_value(name, value)}" for name, value in said)


def _value(name: str, value: Any) -> str:
    match value:
        case bool():
            return _gettext("是") if value else _gettext("否")
        case str():
            return str(VALUES.get((name, value), value))
        case list() if name == "fields":
            return "、".join(str(NAMES.get(each, each)) for each in value)
        case list():
            return "、".join(_value(name, each) for each in value)
        case dict() if name == "changes":
            return "，".join(_change(field, pair) for field, pair in value.items())
        case _:
            return json.dumps(value, ensure_ascii=False)


def _change(field: str, pair: Any) -> str:
    """From what to what."""
    if not isinstance(pair, list) or len(pair) != 2:
        return f"{NAMES.get(field, field)} {_value(field, pair)}"
    before, after = (_value(field, each) if each != "" else _gettext("空") for each in pair)
    return _gettext("%(field)s由“%(before)s”改为“%(after)s”") % {
        "field": NAMES.get(field, field), "before": before, "after": after,
    }  # fmt: skip
