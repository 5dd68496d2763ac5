"""Counting what was found by one of its fields."""

from typing import Any

from modelsearch.backends.base import FilterFieldError


def facet_field(compiler: Any, name: str) -> Any:
    """The filter field to count by; raises ``FilterFieldError`` where the model has none of that name."""
    field = compiler._get_filterable_field(name)
    if field is None:
        raise FilterFieldError(
            f'Cannot facet search results with field "{name}". Please add '
            f"index.FilterField('{name}') to {compiler.queryset.model.__name__}.search_fields.",
            field_name=name,
        )
    return field
