"""Cells in queries: as text or number, never relying on how a database types JSON."""

from django.db.models import Case, DecimalField, TextField, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.db.models.lookups import Regex


def cell(key):
    """The cell of column ``key`` as text; NULL where the row has none."""
    # Cast, or comparisons would still read the other side as JSON.
    return Cast(KeyTextTransform(key, "values"), TextField())


def number_cell(key):
    """The cell of a number column as a decimal; NULL where it holds none, as rows older than its type may."""
    is_number = Regex(cell(key), r"^-?[0-9]{1,15}([.][0-9]+)?$")
    return Cast(Case(When(is_number, then=cell(key))), DecimalField(max_digits=30, decimal_places=6))
