"""The themes there are: folders of ``themes/`` that say their name in ``theme.json``."""

import json
from functools import cache

from django.conf import settings
from django.utils.translation import gettext_lazy as _


@cache
def _described():
    """``{folder: what its theme.json says}``, the default first."""
    found = {
        path.parent.name: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(settings.THEMES_ROOT.glob("*/theme.json"))
    }
    return {settings.THEME: found.pop(settings.THEME), **found}


def themes_there():
    """``{folder: name for people}``, the default first."""
    return {folder: theme["name"] for folder, theme in _described().items()}


def top_colours(folder):
    """``{"light", "dark", "follows_brand"}``: a theme's upper edge, and whether it has the brand's colour."""
    return _described().get(folder, _described()[settings.THEME])["top"]


def theme_choices():
    return list(themes_there().items())


def street_theme_choices():
    return [("", _("和全区一样")), *theme_choices()]
