from .columns import Column, DefaultColumn, ListType
from .entries import ListEdition, ListEntry
from .lists import ListChannel, PolicyListPage

__all__ = ["Column", "DefaultColumn", "ListChannel", "ListEdition", "ListEntry", "ListType", "PolicyListPage"]
