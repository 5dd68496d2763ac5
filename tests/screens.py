"""What a browser would send back of a form it was shown."""

from typing import Any

from django import forms


def answers(form: Any) -> dict[str, Any]:
    """The data of ``form`` and its formsets as they are on the screen; change them and post them back."""
    data = _fields(form)
    for formset in getattr(form, "formsets", {}).values():
        data |= _fields(formset.management_form)
        for child in formset.forms:
            data |= answers(child)
    return data


def _fields(form: Any) -> dict[str, Any]:
    data = {}
    for bound in form:
        widget = bound.field.widget
        if isinstance(widget, forms.CheckboxInput):
            if bound.value():
                data[bound.html_name] = "on"
            continue
        value = widget.format_value(bound.value())
        if isinstance(value, list) and not getattr(widget, "allow_multiple_selected", False):
            value = value[0] if value else ""
        data[bound.html_name] = "" if value is None else value
    return data
