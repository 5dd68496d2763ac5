"""A condition on many keys at once, as one parameter."""

import json
from collections.abc import Iterable
from typing import Any

from django.db.models import BooleanField, Func


class Among(Func):
    """Whether a field has one of many integers; Django's own ``__in`` takes a parameter for each."""

    def __init__(self, field: str, keys: Iterable[int]) -> None:
        super().__init__(field, output_field=BooleanField())
        self.keys = list(keys)

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> Any:  # type: ignore[override]
        place, parameters = compiler.compile(self.source_expressions[0])
        return f"{place} = ANY(%s)", [*parameters, self.keys]

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        place, parameters = compiler.compile(self.source_expressions[0])
        return f"{place} IN (SELECT value FROM json_each(%s))", [*parameters, json.dumps(self.keys)]
