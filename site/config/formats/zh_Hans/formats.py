"""How staff may write days and times in forms; the first of each is how a form shows them."""

DATE_INPUT_FORMATS = [
    "%Y-%m-%d",  # 2026-11-20
    "%Y/%m/%d",  # 2026/11/20
    "%Y.%m.%d",  # 2026.11.20
    "%Y年%m月%d日",  # 2026年11月20日
    "%Y年%m月%d号",
]
TIME_INPUT_FORMATS = [
    "%H:%M",  # 9:00
    "%H:%M:%S",
    "%H：%M",  # the same with a full-width colon
    "%H点",  # 9点
    "%H点%M分",
    "%H时%M分",
]
DATETIME_INPUT_FORMATS = [f"{day} {clock}" for day in DATE_INPUT_FORMATS for clock in TIME_INPUT_FORMATS]
# Nobody writes a space after 日.
DATETIME_INPUT_FORMATS += [f"%Y年%m月%d日{clock}" for clock in TIME_INPUT_FORMATS]
