"""Every address of the site, read off the URL configuration."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import get_resolver
from django.urls.resolvers import RoutePattern, URLPattern, URLResolver

ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Address:
    """One pattern: how it is called, what it looks like, and the arguments it takes."""

    name: str  # with its namespaces; the route where it has none
    route: str
    takes: tuple[str, ...]

    def with_arguments(self, given: dict[str, Any]) -> str:
        """The path with these arguments; raises KeyError for one that is not given."""
        path = ARGUMENT.sub(lambda found: str(given[found[1]]), self.route)
        return "/" + path.replace("^", "").replace("$", "").replace("\\.", ".")


def all_addresses() -> list[Address]:
    """In the order in which they are tried; of two with one route the first answers."""
    found: dict[str, Address] = {}
    for name, route, _pattern in _walk(get_resolver()):
        found.setdefault(route, Address(name or route, route, tuple(ARGUMENT.findall(route))))
    return list(found.values())


def _walk(
    resolver: URLResolver, route: str = "", spaces: tuple[str, ...] = ()
) -> Iterator[tuple[str, str, URLPattern]]:
    for each in resolver.url_patterns:
        here = route + _text(each.pattern)
        if isinstance(each, URLResolver):
            yield from _walk(each, here, (*spaces, each.namespace) if each.namespace else spaces)
        else:
            yield ":".join([*spaces, each.name]) if each.name else "", here, each


def _text(pattern: Any) -> str:
    """A pattern as a route: arguments of a regular expression in the same brackets as elsewhere."""
    if isinstance(pattern, RoutePattern):
        return str(pattern)
    text = re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)", r"<\1>", str(pattern))
    for number in range(9):
        text = re.sub(r"\((?:[^()]|\([^()]*\))*\)", f"<_{number}>", text, count=1)
    return text
