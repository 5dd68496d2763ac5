"""Wagtail's widgets start their scripts from inside the page, which the admin's policy does not allow.

Each such script is one call of a function with texts and numbers, so it is written as data instead: an
element that ``admin.js`` makes the call for, at the moment at which the script would have run.
"""

import json
import re
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail.admin.widgets import BaseChooser

_CALL = re.compile(r"(?:new )?(\w+)\((.*)\);?", re.DOTALL)


def call_element(function: str, arguments: list[Any]) -> SafeString:
    """The element for which ``admin.js`` calls ``function``, an object's constructor or not."""
    return format_html(
        '<script-call hidden name="{}" arguments="{}"></script-call>', function, json.dumps(arguments)
    )


def render_chooser(
    self: BaseChooser, name: str, value: Any, attrs: Any = None, renderer: Any = None
) -> SafeString:
    """Replaces ``BaseChooser.render``."""
    identifier, chosen = attrs["id"], self.get_value_data(value)
    call = _CALL.fullmatch(self.render_js_init(identifier, name, chosen).strip())
    if call is None:
        raise ValueError(f"{type(self).__name__} starts with more than one call.")
    element = call_element(call[1], json.loads(f"[{call[2]}]"))
    return format_html("{}{}", self.render_html(name, chosen, attrs), element)


def take_out_of_choosers() -> None:
    """Have all choosers rendered so, those that Wagtail makes for each model too."""
    BaseChooser.render = render_chooser
