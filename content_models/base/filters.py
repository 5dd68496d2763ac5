"""django-filter as residents need it: choices show counts, unknown values are said and ignored."""

from typing import ClassVar

import django_filters
from django import forms
from django.db.models import Count, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from content_models.base import codes
from content_models.base.scripts import holds


class PublicFilterSet(django_filters.FilterSet):
    """Filters of a public listing.

    A choice filter whose method ``count_<name>`` exists gets the number of items beside each choice, counted
    over the listing with the other filters applied.
    """

    q = django_filters.CharFilter(label=gettext_lazy("关键词"), method="search")
    search_fields = ["title"]
    # Filters that the page draws itself, beside the form and the chips.
    drawn_apart: ClassVar[tuple[str, ...]] = ()

    def search(self, queryset, name, value):
        words = value.split()[:6]
        for word in words:
            either = Q()
            for field in self.search_fields:
                either |= holds(field, word)
            queryset = queryset.filter(either)
        return queryset

    def found(self):
        """Items that pass every filter that was understood."""
        return self.apply(skip=None)

    def apply(self, *, skip):
        """The items with every understood filter applied save ``skip``."""
        self.form.is_valid()
        queryset = self.queryset.all()
        for name, value in self.form.cleaned_data.items():
            if name != skip and name in self.filters:
                queryset = self.filters[name].filter(queryset, value)
        return queryset

    @cached_property
    def notes(self):
        self.form.is_valid()
        return [
            _("“%(label)s”没有这个选项，已忽略。") % {"label": self.form.fields[name].label or name}
            for name in self.form.errors
            if name in self.form.fields
        ]

    @cached_property
    def fields_with_counts(self):
        """Bound form fields in order; choices come as ``options`` of value, label, count, is_chosen."""
        self.form.is_valid()
        return [self.field_with_counts(name) for name in self.form.fields if name not in self.drawn_apart]

    @property
    def owned(self):
        """Names that the form answers for: its fields, and what it did not understand."""
        return {name for name in self.form.fields if name not in self.drawn_apart or name in self.form.errors}

    def is_narrowed_beside(self, name):
        """Whether any filter but ``name`` is in force."""
        return any(value for other, value in self.form.cleaned_data.items() if other != name)

    def field_with_counts(self, name):
        """One bound form field, with ``options`` where it offers any."""
        field = self.form[name]
        choices = getattr(field.field, "choices", None)
        if choices is None:
            field.options = None
            return field
        counter = getattr(self, f"count_{name}", None)
        counts = counter(self.apply(skip=name)) if counter else None
        chosen = self._chosen_values(name)
        field.options = [
            {
                "value": str(value),
                "label": _(str(label)),
                "count": None if counts is None else counts.get(str(value), 0),
                "is_chosen": str(value) in chosen,
            }
            for value, label in choices
            if str(value) != ""
        ]
        # A choice that leads nowhere only makes the form longer.
        field.options = [option for option in field.options if option["count"] != 0 or option["is_chosen"]]
        field.is_multiple = isinstance(
            field.field, forms.MultipleChoiceField | forms.ModelMultipleChoiceField
        )
        return field

    def _chosen_values(self, name):
        values = self.data.getlist(name) if hasattr(self.data, "getlist") else [self.data.get(name)]
        return {str(value) for value in values if value not in (None, "")}

    @cached_property
    def chosen(self):
        self.form.is_valid()
        chips = []
        for name, field in self.form.fields.items():
            if name in self.form.errors or name in self.drawn_apart:
                continue
            labels = {str(value): label for value, label in getattr(field, "choices", ())}
            for value in sorted(self._chosen_values(name)):
                rest = self.data.copy()
                rest.setlist(name, [kept for kept in rest.getlist(name) if kept != value])
                rest.pop("page", None)
                chips.append(
                    {
                        "label": field.label or name,
                        "value": _(str(labels[value])) if value in labels else value,
                        "is_typed": value not in labels,
                        "remove": f"?{rest.urlencode()}",
                    }
                )
        return chips


class NumberFilter(django_filters.Filter):
    """What a row belongs to, by its number; one that is unknown simply has no rows."""

    field_class = forms.IntegerField

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"min_value": 1, "max_value": 2**31 - 1, **kwargs})


class TrueFilter(django_filters.TypedChoiceFilter):
    """true or false, and nothing else."""

    def __init__(self, *args, **kwargs):
        choices = [("true", gettext_lazy("是")), ("false", gettext_lazy("否"))]
        super().__init__(*args, choices=choices, coerce=lambda value: value == "true", **kwargs)


def counted(queryset, field):
    """How many items hold each value of ``field``: ``{str(value): count}``."""
    rows = queryset.order_by().values(field).annotate(number=Count("pk", distinct=True))
    return {str(row[field]): row["number"] for row in rows}


def counted_codes(queryset, field, code_list):
    """How many items hold each code of ``code_list`` in ``field``, which holds several: ``{code: count}``."""
    counts = {
        f"code_{code}": Count("pk", filter=Q(**{f"{field}__has": code}), distinct=True)
        for code, _label in codes.choices(code_list)
    }
    found = queryset.order_by().aggregate(**counts)
    return {name.removeprefix("code_"): number for name, number in found.items()}
