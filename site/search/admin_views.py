"""The screens of the menu 居民搜索 beside the report: what residents wrote, and the groups of synonyms."""

from typing import Any

import django_filters
from django import forms
from django.db import models
from django.http import HttpRequest
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages
from wagtail.admin.auth import user_has_any_page_permission
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.panels import FieldPanel, ObjectList
from wagtail.admin.ui.tables import BooleanColumn, Column, DateColumn
from wagtail.admin.utils import get_valid_next_url_from_request
from wagtail.admin.views import generic
from wagtail.admin.viewsets.base import ViewSet
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permissions import ModelPermissionPolicy
from wagtail.snippets.views import snippets

from content_models.base.admin_views import ListingMenuItem, choice_column
from content_models.base.side_by_side import SeesWhatOthersSaved
from search import insight
from search.forms import SynonymForm
from search.models import Missing, SynonymGroup
from search.report_views import STYLE, Searches, TeachColumn
from search.synonyms import LONGEST, bare
from search.teach_views import say_what_is_found
from search.teach_views import urlpatterns as teach_urls
from staff import audit

NAMED_AT_MOST = 5


class SearchesViewSet(ViewSet):
    """搜索情况, and the screens to which it leads."""

    name = "searches"
    icon = "glasses"
    menu_label = gettext_lazy("搜索情况")
    menu_name = "searches"
    menu_item_class = ListingMenuItem

    def get_urlpatterns(self) -> list[Any]:
        return [
            path("", Searches.as_view(), name="index"),
            path("results/", Searches.as_view(results_only=True), name="results"),
            *teach_urls,
        ]


# What residents wrote


class ForEditors(ModelPermissionPolicy):
    """Whoever works on pages reads; deleting needs its own right; nobody adds or changes."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        if action == "view":
            return user_has_any_page_permission(user)
        return action == "delete" and super().user_has_permission(user, action)

    def user_has_any_permission(self, user: Any, actions: Any) -> bool:
        return any(self.user_has_permission(user, action) for action in actions)

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Any) -> bool:
        return self.user_has_permission(user, action)


class MessageFilters(WagtailFilterSet):
    at = django_filters.DateFromToRangeFilter(label=gettext_lazy("日期"), widget=DateRangePickerWidget)

    class Meta:
        model = Missing
        fields: list[str] = []


def _as_a_word(message: Missing) -> str:
    """What the search may have to learn: what was searched for, else the beginning of the message."""
    return message.text or insight.plain(message.message)[:LONGEST]


class MessagesView(generic.IndexView):
    """Residents' messages, newest first, with the ways to what answers them."""

    @cached_property
    def columns(self) -> list[Column]:
        teach = TeachColumn(self.request, accessor=_as_a_word)
        return [*super().columns, teach] if teach.leads_anywhere else super().columns

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context["media"] += STYLE
        return context


class DeleteMessageView(generic.DeleteView):
    """Deletes what was written for good: that it was deleted is noted, and not what it said."""

    def delete_action(self) -> None:
        moment = timezone.localtime(self.object.at)
        nameless = Missing(pk=self.object.pk, message=f"{moment:%Y-%m-%d %H:%M}")
        audit.record("delete_message", nameless, by=self.request.user)
        self.object.delete()


class MessagesViewSet(ModelViewSet):
    name = "search-messages"
    model = Missing
    icon = "comment"
    menu_label = gettext_lazy("居民留言")
    menu_name = "search-messages"
    menu_item_class = ListingMenuItem
    index_view_class = MessagesView
    delete_view_class = DeleteMessageView
    list_display = [
        "message",
        Column("text", label=gettext_lazy("当时搜的"), sort_key="text"),
        DateColumn("at", label=gettext_lazy("时间"), sort_key="at"),
    ]
    filterset_class = MessageFilters
    search_fields = ["message", "text"]
    ordering = ["-at"]
    list_per_page = 50
    form_fields: list[str] = []
    copy_view_enabled = False
    add_to_reference_index = False

    @cached_property
    def permission_policy(self) -> ForEditors:
        return ForEditors(self.model)


# Synonyms


class SynonymFilters(WagtailFilterSet):
    kind = django_filters.ChoiceFilter(
        label=gettext_lazy("类型"),
        choices=SynonymGroup.Kind.choices,
        widget=forms.RadioSelect,
        empty_label=gettext_lazy("全部"),
    )
    source = django_filters.ChoiceFilter(
        label=gettext_lazy("来源"),
        choices=SynonymGroup.Source.choices,
        widget=forms.RadioSelect,
        empty_label=gettext_lazy("全部"),
    )
    is_active = django_filters.ChoiceFilter(
        label=gettext_lazy("状态"),
        choices=[(True, gettext_lazy("启用")), (False, gettext_lazy("停用"))],
        widget=forms.RadioSelect,
        empty_label=gettext_lazy("全部"),
    )

    class Meta:
        model = SynonymGroup
        fields: list[str] = []


class TellsOfOtherGroups:
    """Says which of the words stand in other groups as well: often right, sometimes a slip."""

    request: HttpRequest

    def save_instance(self) -> SynonymGroup:
        group: SynonymGroup = super().save_instance()  # type: ignore[misc]  # a mixin
        if group.is_active:
            edit = SynonymViewSet().get_url_name("edit")
            for word, other in _shared_words(group)[:NAMED_AT_MOST]:
                messages.warning(
                    self.request,
                    _("“%(word)s”也在另一组里：%(group)s。两组都会起作用；写重了的，请改其中一组。")
                    % {"word": word, "group": other},
                    buttons=[messages.button(reverse(edit, args=[other.pk]), _("打开那一组"))],
                )
        return group


def _shared_words(group: SynonymGroup) -> list[tuple[str, SynonymGroup]]:
    words = {bare(word): word for word in group.words}
    others = SynonymGroup.objects.filter(is_active=True).exclude(pk=group.pk)
    return [(words[bare(word)], other) for other in others for word in other.words if bare(word) in words]


class AddSynonymsView(TellsOfOtherGroups, snippets.CreateView):
    """A new group; one that is begun from the report holds the text already, and leads back there."""

    def get_initial_form_instance(self) -> SynonymGroup:
        group: Any = SynonymGroup
        return group(words=[self.text] if self.text else [])

    def save_instance(self) -> SynonymGroup:
        group = super().save_instance()
        if self.text and group.is_active:
            say_what_is_found(self.request, self.text)
        return group

    @property
    def text(self) -> str:
        """What the report led here for."""
        asked = self.request.POST if self.request.method == "POST" else self.request.GET
        return insight.plain(asked.get("text", ""))

    def get_success_url(self) -> str:
        return get_valid_next_url_from_request(self.request) or super().get_success_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            **kwargs, text=self.text, next=get_valid_next_url_from_request(self.request)
        )


class EditSynonymsView(TellsOfOtherGroups, SeesWhatOthersSaved):
    pass


class LinesColumn(Column):
    """A list of short texts in one line."""

    def get_value(self, instance: models.Model) -> str:
        return "、".join(super().get_value(instance))


class SynonymViewSet(snippets.SnippetViewSet):
    model = SynonymGroup
    icon = "list-ul"
    menu_label = gettext_lazy("同义词")
    menu_name = "synonyms"
    add_view_class = AddSynonymsView
    edit_view_class = EditSynonymsView
    create_template_name = "search/add_synonyms.html"
    edit_template_name = "side_by_side/edit.html"
    list_display = [
        "__str__",
        LinesColumn("narrower", label=gettext_lazy("引向的词")),
        choice_column("kind", gettext_lazy("类型")),
        choice_column("source", gettext_lazy("来源")),
        BooleanColumn("is_active", label=gettext_lazy("启用"), sort_key="is_active"),
        DateColumn("changed_at", label=gettext_lazy("修改时间"), sort_key="changed_at"),
    ]
    filterset_class = SynonymFilters
    search_fields = ["words", "narrower", "note"]
    ordering = ["-changed_at", "pk"]
    list_per_page = 50
    copy_view_enabled = False
    edit_handler = ObjectList(
        [
            FieldPanel("kind", widget=forms.RadioSelect),
            FieldPanel("words"),
            FieldPanel("narrower"),
            FieldPanel("note"),
            FieldPanel("is_active"),
        ],
        base_form_class=SynonymForm,
    )
