"""A colour in a form and in the database."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.forms import TextInput
from django.utils.translation import gettext

from appearance.colours import FORM


class ColourField(models.CharField):
    """A colour as ``#0e4a50``; what people write otherwise (``0E4A50``, ``#fff``) is put right."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_length": 7, "blank": True, **kwargs})

    def to_python(self, value: Any) -> Any:
        text = str(value or "").strip().lower().replace("＃", "#")
        digits = text.removeprefix("#")
        if len(digits) == 3:
            digits = "".join(2 * digit for digit in digits)
        return f"#{digits}" if digits else ""

    def validate(self, value: Any, model_instance: Any) -> None:
        super().validate(value, model_instance)
        if value and FORM.fullmatch(value) is None:
            raise ValidationError(gettext("颜色要写成 # 加六位，例如 #0e4a50。"))

    def formfield(self, **kwargs: Any) -> Any:
        widget = TextInput(attrs={"placeholder": "#0e4a50", "data-colour": "", "autocomplete": "off"})
        # Room for what is put right afterwards.
        return super().formfield(**{"widget": widget, "max_length": 20, **kwargs})
