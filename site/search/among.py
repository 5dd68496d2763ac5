"""A condition on many keys at once, as one parameter."""

import json
from collections.abc import Iterable
from typing import Any

from django.db.models import BooleanField, Expression, F


class Among(Expression):
    """Whether a field has one of many integers; Django's own ``__in`` takes a parameter for each."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, field: str, keys: Iterable[int]) -> None:
        super().__init__()
        self.place: Any = F(field)
        self.keys = list(keys)

    def get_source_expressions(self) -> list[Any]:
        return [self.place]

    def set_source_expressions(self, exprs: Any) -> None:
        (self.place,) = exprs

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        place, parameters = compiler.compile(self.place)
        return f"{place} = ANY(%s)", [*parameters, self.keys]

    def as_sqlite(self, compiler: Any, connection: Any) -> Any:
        place, parameters = compiler.compile(self.place)
        return f"{place} IN (SELECT value FROM json_each(%s))", [*parameters, json.dumps(self.keys)]
