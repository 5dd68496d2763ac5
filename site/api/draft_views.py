"""Drafts for other front ends: by a signed link without an account, or by a token with that scope."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers
from wagtail.models import Page
from wagtail.permissions import page_permission_policy

from api import previews
from api.content import asked as questions
from api.content.views import ContentList, ContentView, ListEntries, names_of_one
from api.models import Scope
from api.previews import APIS, NoPreview
from api.problems import PRIVATE, Problem, not_found
from api.views import StaffView
from content_models.base.api import ContentApi
from content_models.base.filters import PublicFilterSet
from content_models.base.serializers import PublicSerializer
from content_models.policy_lists.models import ListEdition, PolicyListPage


class DraftView(ContentView):
    """The draft of a page, in the words in which the API tells what is public."""

    goes_by_the_clock = True

    def show_draft(self, request: Any, page: Any, **more: Any) -> dict[str, Any]:
        self.api = APIS[type(page)]
        asked = self.read(request, names_of_one(self.api))
        self.api.prepare_draft(page, asked)
        saved_at = timezone.localtime(page.latest_revision.created_at) if page.latest_revision else None
        draft = {"is_live": page.live, "saved_at": saved_at and saved_at.isoformat(), **more}
        return {**self.show([page], asked)[0], "draft": draft}

    def _finish(self, response: HttpResponse, newest: Any) -> HttpResponse:
        del response["ETag"]
        response["Cache-Control"] = PRIVATE
        response["X-Robots-Tag"] = "noindex"
        return response


class LinkedDraft(DraftView):
    """For whoever has the link; see ``previews``."""

    schema = None

    def answer(self, request: Any, **place: Any) -> Any:
        try:
            found = previews.open_link(place["text"])
        except NoPreview:
            sentence = _("这个预览链接已经过期，或者不再有效。请向给您链接的人要一个新的。")
            raise Problem("not-found", sentence) from None
        return self.show_draft(request, found.page, until=found.until.isoformat())


class StaffDraft(StaffView, DraftView):
    """For a program that acts for a member of staff."""

    scope = Scope.DRAFTS
    http_method_names = ["get", "head"]

    def page(self, kind: str, pk: int) -> Page:
        page = Page.objects.filter(pk=pk).first()
        if page is None or not previews.may_read(self.request.user, page):
            raise not_found()
        api = APIS.get(type(page.specific))
        if api is None or api.name != kind:
            raise not_found()
        return page

    def answer(self, request: Any, **place: Any) -> Any:
        try:
            return self.show_draft(request, previews.draft_of(self.page(place["kind"], place["pk"])))
        except NoPreview:
            raise not_found() from None


class DraftSerializer(PublicSerializer):
    """What waits to be published."""

    id = serializers.IntegerField(source="pk")
    kind = serializers.SerializerMethodField()
    title = serializers.CharField(source="draft_title")
    api_url = serializers.SerializerMethodField()
    is_live = serializers.BooleanField(source="live")
    saved_at = serializers.DateTimeField(source="latest_revision_created_at", allow_null=True)

    def get_kind(self, page: Page) -> str:
        return APIS[page.specific_class].name

    def get_api_url(self, page: Page) -> str:
        return f"{self.answer.root}drafts/{self.get_kind(page)}/{page.pk}/"


class DraftFilters(PublicFilterSet):
    """Drafts by a word of their title."""

    search_fields = ["draft_title"]

    class Meta:
        model = Page
        fields: list[str] = []


class DraftApi(ContentApi):
    """Pages with something unpublished that the asking member of staff works on."""

    name = "drafts"
    title = _("草稿")
    serializer = DraftSerializer
    filterset = DraftFilters
    order = ("-pk",)
    path = "path"

    def rows(self, asked: Any) -> Any:
        user = asked.context["user"]
        theirs = page_permission_policy.instances_user_has_any_permission_for
        mine = Q(pk__in=theirs(user, {"change", "publish"}).values("pk"))
        mine |= Q(pk__in=theirs(user, {"add"}).values("pk"), owner=user)
        kinds = ContentType.objects.get_for_models(*APIS).values()
        waiting = Q(live=False) | Q(has_unpublished_changes=True)
        return Page.objects.filter(mine, waiting, content_type__in=kinds)


class StaffDrafts(StaffView, ContentList):
    """What there is to read for a token."""

    scope = Scope.DRAFTS
    http_method_names = ["get", "head"]
    goes_by_the_clock = True
    api = DraftApi()

    def context(self, request: Any, **place: Any) -> dict[str, Any]:
        return {"user": request.user}


class StaffDraftEntries(StaffDraft, ListEntries):
    """The entries of any edition of a list, the newest where none is named."""

    further = ("edition",)

    def edition_asked(self, **place: Any) -> ListEdition:
        page = previews.draft_of(self.page("lists", place["pk"]))
        assert isinstance(page, PolicyListPage)
        editions = page.editions.order_by("-number")
        if number := self.given.get("edition"):
            editions = editions.filter(number=questions.number_of("edition", number))
        edition = editions.first()
        if edition is None:
            raise Problem("not-found", _("没有这个版本。"))
        edition.owner = page
        return edition

    def answer(self, request: Any, **place: Any) -> Any:
        return ListEntries.answer(self, request, **place)
