import json
from typing import Any

from django import template
from django.utils.safestring import SafeString

from staff.script_calls import call_element

register = template.Library()


@register.simple_tag
def call_script(function: str, *arguments: Any) -> SafeString:
    """What stands where a script would call ``function``."""
    return call_element(function, list(arguments))


@register.filter
def from_json(text: str) -> Any:
    """What ``text`` says."""
    return json.loads(text)
