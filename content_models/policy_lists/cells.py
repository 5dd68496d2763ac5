"""Cells in queries: as text or number, never relying on how a database types JSON."""

from django.db.models import DecimalField, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, NullIf


def cell(key):
    """The cell of column ``key`` as text; NULL where the row has none."""
    # Cast, or comparisons would still read the other side as JSON.
    return Cast(KeyTextTransform(key, "values"), TextField())


def number_cell(key):
    """The cell of a number column as a decimal; NULL where it is empty."""
    return Cast(NullIf(cell(key), Value("")), DecimalField(max_digits=20, decimal_places=4))
