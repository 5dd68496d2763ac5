"""Filters of the index of lists, and of one list, built from its columns."""

import django_filters
from django.utils.translation import gettext_lazy as _

from content_models.base.filters import PublicFilterSet, counted
from content_models.base.scripts import holds
from content_models.policy_lists.cells import cell, number_cell
from content_models.policy_lists.columns import ListType
from content_models.policy_lists.entries import ListEntry
from content_models.policy_lists.values import ColumnType

# A text column with more different values than this is searched, not chosen from.
MOST_CHOICES = 60


class ListFilters(PublicFilterSet):
    """How residents narrow the index of lists."""

    type = django_filters.ModelMultipleChoiceFilter(
        label=_("清单类型"),
        field_name="list_type__slug",
        queryset=ListType.objects.all(),
        to_field_name="slug",
    )

    class Meta:
        model = ListEntry
        fields = []

    def count_type(self, queryset):
        return counted(queryset, "list_type__slug")


class EntryFilters(PublicFilterSet):
    """Filters every policy list has; those of its columns are added by ``filterset_of``."""

    search_fields = ["text"]

    class Meta:
        model = ListEntry
        fields = []


def filterset_of(edition, *, only=None):
    """A FilterSet class for the entries of ``edition``, one filter per public filter column.

    ``only``: names of parameters; columns that have none of them are left out, and not counted.
    """
    declared = {}
    for column in edition.public_columns:
        if column.is_filter and (only is None or not only.isdisjoint(column.filter_names)):
            declared.update(_filters_for(column, edition))
    return type("ColumnFilters", (EntryFilters,), declared)


def _filters_for(column, edition):
    match column.column_type:
        case ColumnType.NUMBER:
            # Beyond this no cell holds a number, and a database refuses the comparison.
            bounds = {"min_value": -(10**15), "max_value": 10**15, "decimal_places": 6}
            return _range(column, django_filters.NumberFilter, number_cell, **bounds)
        case ColumnType.DATE:
            return _range(column, django_filters.DateFilter, cell)
        case ColumnType.YES_NO:
            return _choices(column, [("yes", _("是")), ("no", _("否"))], edition)
        case ColumnType.GUIDE:
            titles = edition.owner.guide_titles
            found = edition.counts_of(column.key)
            return _choices(column, [(value, titles.get(value, value)) for value in found], edition)
        case _:
            values = edition.counts_of(column.key)
            if len(values) > MOST_CHOICES:
                return {
                    column.key: django_filters.CharFilter(label=column.label, method=_contains(column.key))
                }
            ordered = [
                *(c for c in column.choices if c in values),
                *(v for v in values if v not in column.choices),
            ]
            return _choices(column, [(value, value) for value in ordered], edition)


def _choices(column, choices, edition):
    key = column.key

    def keep(queryset, name, values):
        return (
            queryset.annotate(**{f"cell_{key}": cell(key)}).filter(**{f"cell_{key}__in": values})
            if values
            else queryset
        )

    def count(self, queryset):
        if not self.is_narrowed_beside(key):
            return edition.counts_of(key)
        return counted(queryset.annotate(**{f"count_{key}": cell(key)}), f"count_{key}")

    filter_ = django_filters.MultipleChoiceFilter(label=column.label, choices=choices, method=keep)
    return {key: filter_, f"count_{key}": count}


def _range(column, filter_class, expression, **options):
    def bound(lookup):
        def keep(queryset, name, value):
            alias = f"cell_{name}"
            # Dates are ISO strings, which sort as dates do.
            text = value.isoformat() if hasattr(value, "isoformat") else value
            return (
                queryset.annotate(**{alias: expression(column.key)})
                .filter(**{f"{alias}__{lookup}": text})
                .exclude(**{alias: ""} if expression is cell else {f"{alias}__isnull": True})
            )

        return keep

    return {
        f"{column.key}_from": filter_class(label=f"{column.label} ≥", method=bound("gte"), **options),
        f"{column.key}_to": filter_class(label=f"{column.label} ≤", method=bound("lte"), **options),
    }


def _contains(key):
    def keep(queryset, name, value):
        return queryset.annotate(**{f"cell_{key}": cell(key)}).filter(holds(f"cell_{key}", value))

    return keep
