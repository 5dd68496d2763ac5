"""The admin of editions: what every kind of list shares."""

from wagtail.snippets.views.snippets import SnippetViewSet


class EditionViewSet(SnippetViewSet):
    """Admin screens of one kind of edition; subclasses name the model and what its rows are."""

    add_to_admin_menu = False
    icon = "list-ul"
