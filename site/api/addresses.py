"""Addresses of further answers."""

from typing import Any


def with_parameter(request: Any, name: str, value: object) -> str:
    """The whole address of the request with one parameter changed."""
    asked = request.GET.copy()
    asked[name] = str(value)
    return str(request.build_absolute_uri(f"?{asked.urlencode()}"))
