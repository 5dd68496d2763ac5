"""Filling in a form of the admin as the browser would: what stands in it, with some fields changed."""

from typing import Any

import html5lib
from django.test import Client
from wagtail.test.utils.form_data import rich_text

# A body is put together by the page's script; this is one block of text.
BODY = {
    "body-count": "1",
    "body-0-deleted": "",
    "body-0-order": "0",
    "body-0-type": "text",
    "body-0-id": "",
    "body-0-value": rich_text("<p>正文</p>"),
}


def fields_of(html: str) -> dict[str, Any]:
    """What a browser would send for the largest form of the page as it stands, with a body of one text."""
    tree = html5lib.parse(html, namespaceHTMLElements=False)
    posted = [form for form in tree.iter("form") if form.get("method", "").lower() == "post"]
    chosen = max(posted, key=lambda form: len(list(form.iter("input"))))
    # What scripts copy when something is added is not sent.
    patterns = {field for template in chosen.iter("template") for field in template.iter()}
    data: dict[str, Any] = dict(BODY)
    outside = [
        field for field in tree.iter("input") if field.get("form") and field.get("form") == chosen.get("id")
    ]
    for field in [*chosen.iter(), *outside]:
        name = field.get("name")
        if not name or "disabled" in field.attrib or "__prefix__" in name:
            continue
        if field.tag == "textarea":
            data[name] = field.text or ""
        elif field.tag == "select":
            _take_select(field, name, data)
        elif field.tag == "input" and field not in patterns:
            _take_input(field, name, data)
    return data


def _take_select(field: Any, name: str, data: dict[str, Any]) -> None:
    options = list(field.iter("option"))
    values = [option.get("value", "") for option in options if "selected" in option.attrib]
    if "multiple" in field.attrib:
        data[name] = values
    else:
        data[name] = (values or [option.get("value", "") for option in options[:1]] or [""])[0]


def _take_input(field: Any, name: str, data: dict[str, Any]) -> None:
    match field.get("type", "text"):
        case "checkbox" | "radio" if "checked" not in field.attrib:
            return
        case "checkbox":
            data.setdefault(name, []).append(field.get("value", "on"))
        case "submit" | "button" | "file":
            return
        case "hidden" if "-" not in name and name in data and name not in BODY:
            data[name] = [
                *([data[name]] if isinstance(data[name], str) else data[name]),
                field.get("value", ""),
            ]
        case _:
            data[name] = field.get("value", "")


def submit(client: Client, address: str, /, **changes: Any) -> Any:
    """Open a form, change some fields and send it; returns the answer after being sent on."""
    data = fields_of(client.get(address).content.decode())
    return client.post(address, data | changes, follow=True)
