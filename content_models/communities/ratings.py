"""What a number of stars means (rules of a county-level city's star rating, about 2022)."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

GOOD, FAIRLY_GOOD, FAIR = 8, 7, 5
# The honour that a community cannot apply for without the star of a theme.
EXCLUDED_WITHOUT = {
    "民族团结": gettext_lazy("双五好"),
    "宗教和谐": gettext_lazy("双五好"),
    "精神文明": gettext_lazy("文明社区"),
    "平安建设": gettext_lazy("平安社区"),
}


def level_of(stars):
    """≥8 好 · 7 较好 · 5–6 一般 · ≤4 差."""
    if stars >= GOOD:
        return _("好")
    if stars >= FAIRLY_GOOD:
        return _("较好")
    return _("一般") if stars >= FAIR else _("差")


def eligibility(stars, *, missing=(), excluded_without=EXCLUDED_WITHOUT):
    """Honours a community may apply for with ``stars``, and those that missing theme stars exclude.

    ``excluded_without`` says which honour each theme's star is needed for. Returns
    ``{"may": [...], "excluded": [...]}``.
    """
    may = []
    if stars >= 7:
        may.append(_("五好党支部"))
    if stars >= 8:
        may.append(_("市级以上先进"))
    if stars >= 10:
        may.append(_("自治区级先进"))
    lost = (str(honour) for theme, honour in excluded_without.items() if theme in missing and honour)
    return {"may": may, "excluded": list(dict.fromkeys(lost))}


def stars_of(themes):
    """How many of ``themes`` (as ``Rating.themes`` keeps them) stand: won, and not taken away since."""
    return sum(theme["has_star"] and not theme.get("lost_on") for theme in themes)
