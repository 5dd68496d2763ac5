"""Which theme a page wears, and where its templates are found.

A theme is a folder of ``themes/`` with ``theme.json``; it overrides templates of ``civic`` by name.
Those for elder mode lie in ``elder/`` beside ``templates/``; ``Look.folders`` says in which order.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

from asgiref.local import Local
from django.conf import settings
from django.http import HttpResponse
from django.template.loaders import cached, filesystem

from content_models.home.themes import themes_there

_now = Local()


@dataclass(frozen=True)
class Look:
    """What decides which of several templates of one name is taken."""

    theme: str = ""
    is_elder: bool = False

    @property
    def folders(self) -> list[Path]:
        """Where templates are looked for, in this order."""
        themes = [self.theme, settings.THEME] if self.theme in themes_there() else [settings.THEME]
        roots = [settings.THEMES_ROOT / name for name in dict.fromkeys(themes)]
        kinds = ["elder", "templates"] if self.is_elder else ["templates"]
        return [root / kind for kind in kinds for root in roots]


def present() -> Look:
    """The look of the page that is being made on this thread."""
    look = getattr(_now, "look", None) or Look()
    if not isinstance(look, Look):
        _now.look = Look()
        look = _now.look = look()
    return look


def wear(look: Look | Callable[[], Look] | None) -> Look | Callable[[], Look] | None:
    """Take ``look`` from now on; the one before is returned, to be put on again.

    What makes a look is asked when the first template is looked for: many answers have none.
    """
    before = getattr(_now, "look", None)
    _now.look = look
    return before


def without_theme(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Makes a page in the look of the product itself: whatever broke may break the asking for another."""

    @wraps(view)
    def plain(*args: Any, **more: Any) -> HttpResponse:
        before = wear(Look())
        try:
            return view(*args, **more)
        finally:
            wear(before)

    return plain


class Folders(filesystem.Loader):
    """Finds templates in the folders of the present look."""

    def get_dirs(self) -> list[str | Path]:
        return list(present().folders)


class Loader(cached.Loader):
    """Keeps compiled templates, those of each look for themselves."""

    def cache_key(self, template_name: str, skip: Any = None) -> str:
        look = present()
        return f"{look.theme}:{look.is_elder:d}:{super().cache_key(template_name, skip)}"
