"""What a number of stars means (rules of a county-level city's star rating, about 2022)."""

from django.utils.translation import gettext as _

GOOD, FAIRLY_GOOD, FAIR = 8, 7, 5


def level_of(stars):
    """≥8 好 · 7 较好 · 5–6 一般 · ≤4 差."""
    if stars >= GOOD:
        return _("好")
    if stars >= FAIRLY_GOOD:
        return _("较好")
    return _("一般") if stars >= FAIR else _("差")


def eligibility(stars, *, missing=()):
    """Honours a community may apply for with ``stars``, and those that missing theme stars exclude.

    Returns ``{"may": [...], "excluded": [...]}``.
    """
    may, excluded = [], []
    if stars >= 7:
        may.append(_("五好党支部"))
    if stars >= 8:
        may.append(_("市级以上先进"))
    if stars >= 10:
        may.append(_("自治区级先进"))
    if "民族团结" in missing or "宗教和谐" in missing:
        excluded.append(_("双五好"))
    if "精神文明" in missing:
        excluded.append(_("文明社区"))
    if "平安建设" in missing:
        excluded.append(_("平安社区"))
    return {"may": may, "excluded": excluded}
