"""Model fields for short lists of text and for coded values, each kept in one column."""

from django import forms
from django.db import models
from django.db.models.lookups import IContains
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from content_models.base import codes

SEPARATOR = "\n"


def pack(values):
    """Text form of a list: every value between separators, so that one LIKE finds a whole value."""
    values = [str(value).strip() for value in values or ()]
    values = [value for value in values if value]
    return SEPARATOR + SEPARATOR.join(values) + SEPARATOR if values else ""


def unpack(text):
    """The list that ``pack`` wrote; also reads lines typed by a person."""
    if isinstance(text, (list, tuple)):
        return [str(value).strip() for value in text if str(value).strip()]
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


class LinesWidget(forms.Textarea):
    """A text box that shows one value per line."""

    def __init__(self, attrs=None):
        super().__init__({"rows": 3, **(attrs or {})})

    def format_value(self, value):
        return SEPARATOR.join(unpack(value))


class LinesFormField(forms.CharField):
    """Reads one value per line; empty lines and repeats are dropped."""

    widget = LinesWidget

    def to_python(self, value):
        return list(dict.fromkeys(unpack(value)))

    def has_changed(self, initial, data):
        return unpack(initial) != unpack(data)


class LinesField(models.TextField):
    """A list of short texts (aliases, everyday names, units), stored one per line."""

    description = _("多个短文本")

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("blank", True)
        kwargs.setdefault("default", list)
        super().__init__(*args, **kwargs)

    def from_db_value(self, value, expression, connection):
        return unpack(value)

    def to_python(self, value):
        return unpack(value)

    def get_prep_value(self, value):
        return value if isinstance(value, str) else pack(value)

    def value_to_string(self, obj):
        return pack(self.value_from_object(obj))

    def formfield(self, **kwargs):
        kwargs.setdefault("form_class", LinesFormField)
        # For a function as default Django looks for a hidden copy, which Wagtail does not render.
        kwargs.setdefault("show_hidden_initial", False)
        kwargs.setdefault("help_text", self.help_text or _("每行一个。"))
        return models.Field.formfield(self, **kwargs)


@LinesField.register_lookup
class HasValue(IContains):
    """``aliases__has="老年证"``: the list holds exactly this value; case of letters does not matter."""

    lookup_name = "has"

    def as_sql(self, compiler, connection):
        whole_value = f"{SEPARATOR}{self.rhs}{SEPARATOR}"
        return IContains(self.lhs, whole_value).as_sql(compiler, connection)


class CodeField(models.CharField):
    """One code of an editable code list; the label is looked up, never stored."""

    description = _("代码")

    def __init__(self, *args, code_list, **kwargs):
        self.code_list = code_list
        kwargs.setdefault("max_length", 20)
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "code_list": self.code_list}

    def contribute_to_class(self, cls, name, **kwargs):
        super().contribute_to_class(cls, name, **kwargs)
        if not cls._meta.abstract:
            setattr(
                cls, f"{name}_label", property(lambda obj: codes.label(self.code_list, getattr(obj, name)))
            )

    def formfield(self, **kwargs):
        empty = [("", "---------")] if self.blank or not self.has_default() else []
        return forms.ChoiceField(
            choices=lambda: empty + codes.choices(self.code_list),
            required=not self.blank,
            label=kwargs.get("label", self.verbose_name),
            help_text=self.help_text,
            initial=self.default if self.has_default() else None,
            widget=kwargs.get("widget", forms.Select),
        )


class CodesField(LinesField):
    """Several codes of one editable code list."""

    description = _("多个代码")

    def __init__(self, *args, code_list, **kwargs):
        self.code_list = code_list
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "code_list": self.code_list}

    def contribute_to_class(self, cls, name, **kwargs):
        super().contribute_to_class(cls, name, **kwargs)
        if not cls._meta.abstract:
            setattr(
                cls,
                f"{name}_labels",
                property(lambda obj: codes.labels(self.code_list, getattr(obj, name))),
            )

    def formfield(self, **kwargs):
        return forms.MultipleChoiceField(
            choices=lambda: codes.choices(self.code_list),
            required=not self.blank,
            label=kwargs.get("label", self.verbose_name),
            help_text=self.help_text,
            widget=forms.CheckboxSelectMultiple,
        )


code_label = lazy(codes.label, str)
