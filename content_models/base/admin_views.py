"""What listings of the admin share: pages of one kind, flat and filterable; and the shared vocabulary."""

import django_filters
from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import IntegerField
from django.db.models.functions import Cast
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.auth import user_has_any_page_permission
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import BooleanColumn, Column, DateColumn
from wagtail.admin.ui.tables.pages import (
    BulkActionsColumn,
    PageTitleColumn,
    ParentPageColumn,
)
from wagtail.admin.views.pages.choose_parent import ChooseParentView
from wagtail.admin.views.pages.listing import IndexView
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.admin.viewsets.pages import PageListingViewSet
from wagtail.models import Page, WorkflowState, get_default_page_content_type
from wagtail.snippets.views.snippets import SnippetViewSet

from content_models.base.locks import LockedPageStatusColumn
from content_models.base.page_choosers import named, names_on_the_way
from content_models.base.rights import explorable_pages
from content_models.base.side_by_side import SeesWhatOthersSaved
from content_models.base.taxonomy import Audience, Code, Topic


class RegionFilter(django_filters.ModelChoiceFilter):
    """Keeps what lies in the subtree of the chosen region."""

    def filter(self, queryset, value):
        return queryset.filter(path__startswith=value.path) if value else queryset


def _regions(request):
    kinds = ["homepage", "streetpage", "communitypage"]
    return explorable_pages(request.user).filter(content_type__model__in=kinds).order_by("path")


class PageListingFilters(WagtailFilterSet):
    """Filters that every listing of pages offers."""

    STATES = [
        ("live", _("已发布")),
        ("changed", _("有未发布的修改")),
        ("draft", _("从未发布或已撤下")),
        ("review", _("审核中")),
    ]

    state = django_filters.ChoiceFilter(
        label=_("状态"), choices=STATES, method="by_state", empty_label=_("全部"), widget=forms.RadioSelect
    )
    region = RegionFilter(label=_("区域"), queryset=_regions, empty_label=_("全部"))
    latest_revision_created_at = django_filters.DateFromToRangeFilter(
        label=_("修改时间"), widget=DateRangePickerWidget
    )

    class Meta:
        model = Page
        fields = []

    def by_state(self, queryset, name, value):
        match value:
            case "live":
                return queryset.filter(live=True)
            case "changed":
                return queryset.filter(live=True, has_unpublished_changes=True)
            case "draft":
                return queryset.filter(live=False)
            case _:
                return queryset.filter(pk__in=_pages_in_review())


def _pages_in_review():
    states = WorkflowState.objects.filter(
        status=WorkflowState.STATUS_IN_PROGRESS, base_content_type=get_default_page_content_type()
    )
    # Workflow states name their object by text; not every database compares that with a number.
    return states.annotate(page_number=Cast("object_id", IntegerField())).values("page_number")


class PageIndexView(IndexView):
    """A flat listing of one kind of page, within what the user may explore."""

    related = ()

    def annotate_queryset(self, pages):
        return super().annotate_queryset(pages).select_related("locked_by").prefetch_related(*self.related)

    @cached_property
    def add_url(self):
        """No button for those who have no place to add one to."""
        places = ParentView(model=self.model).get_valid_parent_pages(self.request.user)
        return super().add_url if places.exists() else None


class ParentView(ChooseParentView):
    """Where the new page goes: every place the user may add one to is a link; one who has none is told so."""

    template_name = "page_admin/choose_parent.html"
    page_title = _("选择放在哪里")
    PLACES_SHOWN = 200
    SEARCHED_FROM = 15

    def dispatch(self, request, *args, **kwargs):
        self.parents = self.get_valid_parent_pages(request.user)
        if not self.parents.exists():
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def post(self, request, *args, **kwargs):
        form = self.get_form()
        if form.is_valid():
            return self.form_valid(form)
        messages.error(request, gettext("请先选择放在哪个栏目。"))
        return redirect(request.path)

    def get_context_data(self, **kwargs):
        asked = self.request.GET.get("q", "").strip()
        places = named(self.parents, asked) if asked else self.parents
        found = list(places.order_by("depth", "path")[: self.PLACES_SHOWN + 1])
        return super().get_context_data(
            **kwargs,
            places=self._with_paths(found[: self.PLACES_SHOWN]),
            is_cut=len(found) > self.PLACES_SHOWN,
            is_searched=bool(asked) or len(found) >= self.SEARCHED_FROM,
            asked=asked,
        )

    def _with_paths(self, pages):
        """``[(address, names)]``: where a page is added, and the names on the way there."""
        way = names_on_the_way(pages)
        kind = self.model._meta
        return [
            (
                reverse("wagtailadmin_pages:add", args=[kind.app_label, kind.model_name, page.pk]),
                [*way[page.path], page.get_admin_display_title()],
            )
            for page in pages
        ]


class ListingMenuItem(MenuItem):
    """Shown to those who have rights on some part of the tree."""

    def is_shown(self, request):
        return user_has_any_page_permission(request.user)


class PageListing(PageListingViewSet):
    """Base of the listings in the menu: set ``model``, ``middle_columns`` and ``filterset_class``.

    ``related`` names relations that the columns read, fetched for the whole page of the listing at once.
    """

    index_view_class = PageIndexView
    choose_parent_view_class = ParentView
    menu_item_class = ListingMenuItem
    filterset_class = PageListingFilters
    middle_columns = ()
    related = ()
    list_per_page = 50

    @property
    def columns(self):
        return [
            BulkActionsColumn("bulk_actions"),
            PageTitleColumn("title", label=_("标题"), sort_key="title", classname="title"),
            ParentPageColumn("parent", label=_("所在位置")),
            *self.middle_columns,
            DateColumn(
                "latest_revision_created_at", label=_("修改时间"), sort_key="latest_revision_created_at"
            ),
            LockedPageStatusColumn("status", label=_("状态"), sort_key="live"),
        ]

    def get_index_view_kwargs(self, **kwargs):
        return super().get_index_view_kwargs(related=self.related, page_title=self.menu_label, **kwargs)


class JobGroup(ViewSetGroup):
    """A group of the main menu: everything staff need for one job."""


def choice_column(name, label, **kwargs):
    """A column that shows the label of a field with choices."""
    # Not named like the field: "status" is the name of the page's own column.
    return Column(f"{name}_label", label=label, accessor=f"get_{name}_display", sort_key=name, **kwargs)


class CarefulViewSet(SnippetViewSet):
    """Things whose forms do not silently win over what somebody else saved."""

    edit_view_class = SeesWhatOthersSaved
    edit_template_name = "side_by_side/edit.html"


class TopicViewSet(CarefulViewSet):
    model = Topic
    icon = "tag"
    menu_label = _("主题分类")
    menu_name = "topics"
    menu_order = 10
    add_to_settings_menu = True
    list_display = ["name", "slug", "order"]
    search_fields = ["name", "slug"]
    ordering = ["order", "name"]
    copy_view_enabled = False


class AudienceViewSet(CarefulViewSet):
    model = Audience
    icon = "group"
    menu_label = _("服务人群")
    menu_name = "audiences"
    menu_order = 20
    add_to_settings_menu = True
    list_display = ["name", "card_name", BooleanColumn("is_featured", label=_("首页显示")), "order"]
    search_fields = ["name", "card_name"]
    ordering = ["order", "name"]
    copy_view_enabled = False


class CodeFilters(WagtailFilterSet):
    code_list = django_filters.ChoiceFilter(
        label=_("代码表"), choices=Code.CodeList.choices, widget=forms.RadioSelect, empty_label=_("全部")
    )

    class Meta:
        model = Code
        fields = []


class CodeViewSet(CarefulViewSet):
    model = Code
    icon = "code"
    menu_label = _("代码表")
    menu_name = "codes"
    menu_order = 30
    add_to_settings_menu = True
    list_display = ["label", "code", choice_column("code_list", _("代码表")), "order"]
    filterset_class = CodeFilters
    search_fields = ["label", "code"]
    ordering = ["code_list", "order", "code"]
    list_per_page = 50
    copy_view_enabled = False
