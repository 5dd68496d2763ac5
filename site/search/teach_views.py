"""The screens on which a text becomes a synonym or an everyday name."""

import contextlib
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View
from wagtail.admin import messages
from wagtail.admin.utils import get_valid_next_url_from_request
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.chooser import ChosenResponseMixin, ChosenViewMixin
from wagtail.admin.widgets import BaseChooser

from content_models.base.page_choosers import ChoosePagesResultsView, ChoosePagesView
from content_models.guides.models import GuidePage
from search import insight
from search.find import find, load
from search.forms import NameForm, WordForm
from search.models import Document, SynonymGroup
from search.query import Unavailable
from search.synonyms import bare
from search.teach import (
    Lesson,
    Outcome,
    add_everyday_name,
    add_synonym,
    guides_edited_by,
    may_teach_names,
    may_teach_synonyms,
)

SHOWN = 20  # groups
LOOKED_AT, OFFERED = 50, 5  # guides


class TeachScreen(WagtailAdminTemplateMixin, View):
    """A screen about one text; leads back to where its user came from."""

    header_icon = "glasses"

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        return [
            {"url": reverse("wagtailadmin_home"), "label": _("首页")},
            {"url": reverse("searches:index"), "label": _("搜索情况")},
            {"url": "", "label": str(self.page_title)},
        ]

    @property
    def text(self) -> str:
        """The text in question, as typed or as it came from the report."""
        asked = self.request.POST if self.request.method == "POST" else self.request.GET
        return insight.plain(asked.get("text", ""))[:100]

    @property
    def next(self) -> str:
        return get_valid_next_url_from_request(self.request) or reverse("searches:index")

    def show(self, **context: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(text=self.text, next=self.next, **context))


def say_what_is_found(request: HttpRequest, text: str) -> None:
    """How a text fares from now on; nothing where nobody can tell at the moment."""
    with contextlib.suppress(Unavailable):
        if number := len(find(text).hits):
            said = _("现在搜“%(text)s”有 %(number)d 条结果。")
            messages.info(request, said % {"text": text, "number": number})
        else:
            said = _("现在搜“%(text)s”还是没有结果：这一组的词在网站上都没有内容。")
            messages.warning(request, said % {"text": text})


class AddToGroup(TeachScreen):
    """Which of the groups that are there the text belongs to."""

    page_title = gettext_lazy("加到已有的同义词")
    template_name = "search/add_to_group.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not may_teach_synonyms(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._ask(WordForm(initial={"text": self.text}))

    def post(self, request: HttpRequest) -> HttpResponse:
        group = get_object_or_404(SynonymGroup, pk=_key(request.POST.get("group", "")))
        form = WordForm(request.POST)
        if not form.is_valid():
            return self._ask(form)
        word = form.cleaned_data["text"]
        told = {"word": word, "group": group}
        if add_synonym(group, word, by=request.user):
            messages.success(request, _("“%(word)s”已加到“%(group)s”。") % told)
        else:
            messages.info(request, _("“%(word)s”已经在“%(group)s”里，不用再加。") % told)
        if group.is_active:
            say_what_is_found(request, word)
        return redirect(self.next)

    def _ask(self, form: WordForm) -> HttpResponse:
        asked = self.request.GET.get("q", "").replace("\0", "").strip()[:60]
        groups = SynonymGroup.objects.filter(is_active=True)
        if asked:
            found = groups.filter(words__icontains=asked) | groups.filter(narrower__icontains=asked)
            nearest = list(found[:SHOWN])
        else:
            nearest = _nearest(self.text, groups)
        return self.show(form=form, asked=asked, groups=nearest)


def _key(text: str) -> int:
    """A primary key that somebody sent; one that nothing has where it is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def _nearest(text: str, groups: Any) -> list[SynonymGroup]:
    """Groups with a word that shares most characters with the text."""
    mine = set(bare(text))

    def likeness(group: SynonymGroup) -> float:
        words = [set(bare(word)) for word in [*group.words, *group.narrower]]
        return max((len(mine & word) / len(mine | word) for word in words if word), default=0)

    near = sorted(((likeness(group), group) for group in groups), key=lambda pair: -pair[0])
    return [group for like, group in near[:SHOWN] if like > 0]


class AddName(TeachScreen):
    """Which guide the text is an everyday name of."""

    page_title = gettext_lazy("加为俗称")
    template_name = "search/add_name.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not may_teach_names(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._ask(self._form(initial={"text": self.text}))

    def post(self, request: HttpRequest) -> HttpResponse:
        data = request.POST.copy()
        data["guide"] = data.get("offered") or data.get("guide", "")
        form = self._form(data)
        if not form.is_valid():
            return self._ask(form)
        guide, name = form.cleaned_data["guide"], form.cleaned_data["text"]
        lesson = add_everyday_name(guide, name, by=request.user)
        if lesson.outcome == Outcome.LOCKED:
            form.add_error("guide", _("这份指南正在审核，或者已经锁定，现在不能改。"))
            return self._ask(form)
        self._say(lesson, guide, name)
        return redirect(self.next)

    def _say(self, lesson: Lesson, guide: GuidePage, name: str) -> None:
        told = {"name": name, "guide": guide.title}
        edit = [messages.button(reverse("wagtailadmin_pages:edit", args=[guide.pk]), _("打开这份指南"))]
        match lesson.outcome:
            case Outcome.PUBLISHED:
                said = _("“%(name)s”已加为“%(guide)s”的俗称，并已发布。")
                messages.success(self.request, said % told, buttons=edit)
            case Outcome.THERE:
                messages.info(self.request, _("“%(guide)s”已经有“%(name)s”这个叫法，不用再加。") % told)
            case Outcome.WAITS:
                said = _("“%(name)s”已经在“%(guide)s”的草稿里，随草稿一起发布。")
                messages.info(self.request, said % told, buttons=edit)
            case _:
                messages.warning(self.request, self._why_not_public(lesson, guide) % told, buttons=edit)

    def _why_not_public(self, lesson: Lesson, guide: GuidePage) -> str:
        if lesson.problems:
            return _("“%(name)s”已存进“%(guide)s”的草稿，还不能发布：") + "；".join(lesson.problems).replace(
                "%", "%%"
            )
        if not guide.live:
            return _("“%(name)s”已存进“%(guide)s”的草稿。这份指南没有发布，发布以后才能搜到。")
        if lesson.has_other_changes:
            return _(
                "“%(name)s”已存进“%(guide)s”的草稿。这份指南还有别的修改没有发布，请打开核对后一起发布。"
            )
        return _("“%(name)s”已存进“%(guide)s”的草稿。请打开后提交审核，发布以后才能搜到。")

    def _form(self, data: Any = None, **kwargs: Any) -> NameForm:
        return NameForm(data, user=self.request.user, chooser=GuideChooser(), **kwargs)

    def _ask(self, form: NameForm) -> HttpResponse:
        near = _guides_near(self.text)
        own = guides_edited_by(self.request.user).in_bulk([document.page_id for document in near])
        offered = list({document.page_id: own.get(document.page_id) for document in near}.values())
        return self.show(
            form=form, media=form.media, offered=[guide for guide in offered if guide is not None][:OFFERED]
        )


def _guides_near(text: str) -> list[Document]:
    """Guides that a search for the text finds, or would nearly."""
    try:
        found = find(text)
    except Unavailable:
        return []
    hits = [hit for hit in found.hits if hit.kind == "guides"][:LOOKED_AT]
    return [*(hit.document for hit in load(hits)), *found.nearest]


# Choosing a guide


class GuideChooser(BaseChooser):
    """One of the guides that the user may change."""

    model = GuidePage
    choose_one_text = gettext_lazy("选择办事指南")
    choose_another_text = gettext_lazy("另选一份")
    link_to_chosen_text = gettext_lazy("打开这份指南")
    chooser_modal_url_name = "searches:choose_guide"
    icon = "form"


class OwnGuides:
    """The guides that the user may change, one to be chosen."""

    request: HttpRequest
    model_class = GuidePage
    is_multiple_choice = False
    preserve_url_parameters: list[str] = []
    results_url_name = "searches:guides"
    chosen_url_name = "searches:chosen_guide"
    icon = "form"

    def get_object_list(self) -> Any:
        return guides_edited_by(self.request.user)


class ChooseGuide(OwnGuides, ChoosePagesView):
    """The dialog."""


class Guides(OwnGuides, ChoosePagesResultsView):
    """Its list after a search or on another page."""


class ChosenGuide(OwnGuides, ChosenViewMixin, ChosenResponseMixin, View):
    """What was chosen, for the form behind the dialog."""

    def get_object(self, pk: str) -> GuidePage:
        return self.get_object_list().get(pk=_key(pk))


urlpatterns = [
    path("add-to-group/", AddToGroup.as_view(), name="add_to_group"),
    path("add-name/", AddName.as_view(), name="add_name"),
    path("guides/", ChooseGuide.as_view(), name="choose_guide"),
    path("guides/list/", Guides.as_view(), name="guides"),
    path("guides/<str:pk>/", ChosenGuide.as_view(), name="chosen_guide"),
]
