from content_models.policy_lists.columns import Column, DefaultColumn, ListType
from content_models.policy_lists.entries import ListEdition, ListEntry
from content_models.policy_lists.lists import ListChannel, PolicyListPage

__all__ = ["Column", "DefaultColumn", "ListChannel", "ListEdition", "ListEntry", "ListType", "PolicyListPage"]
