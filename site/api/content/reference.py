"""The reference: an OpenAPI document for programs, a page for people; one is made from the other."""

import json
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.test import RequestFactory
from django.urls import include, resolve, reverse
from django.urls import path as django_path
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import conditional_page
from drf_spectacular.generators import SchemaGenerator
from rest_framework.exceptions import MethodNotAllowed

from api.content import state
from api.problems import problem_of, respond
from content_models.base import memo

KEPT = 3600  # seconds
ROOT = "/api/v1/"
# The list whose first row an address with places to fill is asked for, where that is not what comes before.
EXAMPLES_OF = {"lists/{reference}/entries/{key}/": "lists/{reference}/entries/"}
# Where a row says the rest of such an address.
LINKS = {"entries/": "entries_url", "schema/": "schema_url"}


def read_only(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """For GET and HEAD; any other method is refused as everywhere below /api/."""

    @wraps(view)
    def answer(request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return respond(problem_of(MethodNotAllowed(request.method or "")))
        return view(request)

    return csrf_exempt(answer)


@read_only
@conditional_page
def schema(request: HttpRequest) -> HttpResponse:
    """OpenAPI 3.1, with examples from what this site holds now."""
    document = _document(request)
    response = JsonResponse(document, json_dumps_params={"ensure_ascii": False})
    response["Cache-Control"] = "public, no-cache"
    return response


@read_only
def reference(request: HttpRequest) -> HttpResponse:
    """The same for people to read."""
    document = _document(request)
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            shown = _shown(path, method, operation, document)
            groups.setdefault((operation.get("tags") or [_("其他")])[0], []).append(shown)
    numbered = [(f"g{number}", name, shown) for number, (name, shown) in enumerate(groups.items())]
    return render(
        request,
        "api/reference.html",
        {"groups": numbered, "root": request.build_absolute_uri(reverse("api:root"))},
    )


def _document(request: HttpRequest) -> dict[str, Any]:
    """Made anew when anything has changed: filters name their choices, examples show what is there."""
    with memo.kept():
        key = f"api:schema:{request.get_host()}:{request.is_secure()}:{state.read().isoformat()}"
        document = cache.get(key)
        if document is None:
            document = _make(request)
            cache.set(key, document, KEPT)
    return document


def _make(request: HttpRequest) -> dict[str, Any]:
    addresses = [django_path("api/", include("api.urls"))]
    document = SchemaGenerator(patterns=addresses).get_schema(public=True)
    above = reverse("api:root").removesuffix(ROOT)
    document["servers"] = [{"url": request.build_absolute_uri(above or "/").rstrip("/")}]
    _loosen(document["components"]["schemas"])
    examples = Examples(request)
    for path, operations in document["paths"].items():
        if "get" in operations and "security" not in operations["get"]:
            example = examples.of(path.removeprefix(ROOT))
            content = operations["get"]["responses"].get("200", {}).get("content", {}).get("application/json")
            if example is not None and content is not None:
                content["example"] = example
    return document


def _loosen(components: dict[str, Any]) -> None:
    """Any field may be left out by ``fields``; what our classes say of themselves is not for readers."""
    for component in components.values():
        component.pop("description", None)
        if "id" in component.get("properties", {}) or "kind" in component.get("properties", {}):
            component.pop("required", None)
        for described in component.get("properties", {}).values():
            described.pop("readOnly", None)


class Examples:
    """Answers of this site, one of each kind, made as they are for a reader."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.found: dict[str, Any] = {}

    def of(self, place: str) -> Any:
        """The answer at a described address; None where the site holds nothing of the kind."""
        if place not in self.found:
            address = self._address(place)
            self.found[place] = self._ask(address) if address else None
        return self.found[place]

    def _address(self, place: str) -> str | None:
        """A real address for one with places to fill."""
        if "{" not in place:
            address = reverse("api:root") + place
            return f"{address}?q=%E8%AF%81" if place == "search/" else address
        listed = self.of(EXAMPLES_OF.get(place) or place.partition("{")[0]) or {}
        row = next(iter(listed.get("results") or []), None)
        if row is None:
            return None
        return str(row[LINKS.get(place.rpartition("}/")[2], "api_url")])

    def _ask(self, address: str) -> Any:
        parts = urlsplit(address)
        query = QueryDict(parts.query, mutable=True)
        secure = self.request.is_secure()
        asked = RequestFactory().get(
            parts.path, query, secure=secure, headers={"host": self.request.get_host()}
        )
        try:
            view, args, kwargs = resolve(asked.path_info)
        except Http404:
            return None
        answer = view(asked, *args, **kwargs)
        if answer.status_code != 200:
            return None
        if hasattr(answer, "render"):
            answer.render()
        found = json.loads(answer.content)
        if isinstance(found, dict) and isinstance(found.get("results"), list):
            found["results"] = found["results"][:1]
        return found


def _shown(path: str, method: str, operation: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """An operation as the page lists it."""
    content = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "title": operation.get("summary") or operation["operationId"],
        "said": operation.get("description", ""),
        "parameters": [{**each, "kind": kind_of(each["schema"])} for each in operation.get("parameters", [])],
        "fields": list(_fields(content.get("schema", {}), document)),
        "example": _printed(content.get("example")),
    }


def _printed(example: Any) -> str:
    return json.dumps(example, ensure_ascii=False, indent=2) if example else ""


def _fields(schema: dict[str, Any], document: dict[str, Any]) -> Iterator[dict[str, str]]:
    """The fields of an answer; of a page those of its rows."""
    component = _component(schema, document)
    rows = component.get("properties", {}).get("results")
    if rows is not None:
        component = _component(rows["items"], document)
    for name, described in component.get("properties", {}).items():
        yield {"name": name, "kind": kind_of(described), "said": described.get("description", "")}


def _component(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    return document["components"]["schemas"].get(name, schema)


def kind_of(schema: dict[str, Any]) -> str:
    """A type in a few words: string, integer, array of Material, date or null."""
    if "$ref" in schema:
        return schema["$ref"].rpartition("/")[2]
    for joined in ("oneOf", "anyOf", "allOf"):
        if joined in schema:
            return " | ".join(kind_of(each) for each in schema[joined])
    found = schema.get("type", "object")
    names = [schema.get("format", name) if name == "string" else name for name in _listed(found)]
    if "array" in names:
        return f"[{kind_of(schema.get('items', {}))}]"
    return " | ".join(names)


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]
