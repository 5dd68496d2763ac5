"""The themes there are: folders of ``themes/`` that say their name in ``theme.json``."""

import json
from functools import cache

from django.conf import settings
from django.utils.translation import gettext_lazy as _


@cache
def themes_there():
    """``{folder: name for people}``, the default first."""
    found = {
        path.parent.name: json.loads(path.read_text(encoding="utf-8"))["name"]
        for path in sorted(settings.THEMES_ROOT.glob("*/theme.json"))
    }
    return {settings.THEME: found.pop(settings.THEME), **found}


@cache
def colour_of(theme):
    """The colour by which a theme is known: of the browser's bar, of the app on a phone."""
    path = settings.THEMES_ROOT / (theme if theme in themes_there() else settings.THEME) / "theme.json"
    return json.loads(path.read_text(encoding="utf-8")).get("colour", "#0e4a50")


def theme_choices():
    return list(themes_there().items())


def street_theme_choices():
    return [("", _("和全区一样")), *theme_choices()]
