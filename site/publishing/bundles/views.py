"""成批发布 in the admin: make a bundle, fill it, see what stops it, and let it go public as one."""

from typing import Any

from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View
from wagtail.admin import messages
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.admin.auth import user_has_any_page_permission
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from content_models.base.checks import NotPublishable
from content_models.base.models import Edition
from publishing.bundles import choices, compose, release, review, rights
from publishing.bundles.forms import BundleForm, CommentForm, HandInForm, TimeForm
from publishing.bundles.models import Bundle
from publishing.bundles.obstacles import Line, look, mark_of, name_for

PER_PAGE = 25
State = Bundle.State


class Screen(WagtailAdminTemplateMixin, View):
    """What these screens share: with ``pk``, a bundle of which the user may see everything."""

    page_title = gettext_lazy("成批发布")
    header_icon = "folder-open-inverse"
    bundle: Bundle | None = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not user_has_any_page_permission(request.user):
            raise Http404
        if "pk" in kwargs:
            self.bundle = get_object_or_404(rights.visible_bundles(request.user), pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    @property
    def user(self) -> Any:
        return self.request.user

    @property
    def of(self) -> Bundle:
        assert self.bundle is not None
        return self.bundle

    @property
    def address(self) -> str:
        return reverse("bundles:detail", args=[self.of.pk])

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        items = [
            {"url": reverse("wagtailadmin_home"), "label": _("首页")},
            {"url": reverse("bundles:index"), "label": _("成批发布")},
        ]
        if self.bundle is not None:
            items.append({"url": self.address, "label": self.bundle.name})
        return items

    def show(self, **context: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(bundle=self.bundle, **context))

    def _line(self, item: Any, thing: Any) -> Line:
        """An item by itself, without what stands in its way."""
        is_hidden = thing is not None and not rights.may(self.user, "view", thing)
        return Line(item, thing, is_hidden=is_hidden)

    def linked(self, lines: list[Line]) -> list[Line]:
        """Lines with the screens on which this person looks at what they are about."""
        finder = AdminURLFinder(self.user)
        for line in lines:
            if isinstance(line.thing, Edition) and not line.is_hidden:
                line.url = line.thing.snippet_viewset.url("rows", line.thing)
            elif line.thing is not None and not line.is_hidden:
                line.url = finder.get_edit_url(line.thing) or ""
        return lines

    def refuse(self, error: NotPublishable | compose.NotNow) -> HttpResponse:
        """Say why nothing happened, and go back to the bundle."""
        for problem in getattr(error, "problems", [str(error)])[:10]:
            messages.error(self.request, problem)
        return redirect(self.address)


class Index(Screen):
    """Every bundle the user may see, by state and name."""

    template_name = "publishing/bundles/index.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        text, state = request.GET.get("q", "").strip()[:100], request.GET.get("state", "")
        bundles = rights.visible_bundles(self.user).annotate(number=Count("items"))
        if text:
            bundles = bundles.filter(Q(name__icontains=text) | Q(note__icontains=text))
        if state in State.values:
            bundles = bundles.filter(state=state)
        page = Paginator(bundles.order_by("-pk"), PER_PAGE).get_page(request.GET.get("p"))
        asked = urlencode({"q": text, "state": state})
        return self.show(page=page, text=text, state=state, states=State.choices, asked=asked)


class Step(Screen):
    """A screen below the list or below one bundle."""

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        return [*super().get_breadcrumbs_items(), {"url": "", "label": str(self.page_title)}]


class Create(Step):
    page_title = gettext_lazy("新建一批")
    template_name = "publishing/bundles/form.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(form=BundleForm(), back=reverse("bundles:index"))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = BundleForm(request.POST)
        if not form.is_valid():
            return self.show(form=form, back=reverse("bundles:index"))
        bundle = compose.make(**form.cleaned_data, by=self.user)
        messages.success(request, _("已新建“%(bundle)s”。现在加入页面和版本。") % {"bundle": bundle})
        return redirect("bundles:choose", bundle.pk)


class Edit(Step):
    page_title = gettext_lazy("修改名称和说明")
    template_name = "publishing/bundles/form.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(form=BundleForm(instance=self.of), back=self.address)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = BundleForm(request.POST)
        if not form.is_valid():
            return self.show(form=form, back=self.address)
        try:
            compose.rename(self.of, **form.cleaned_data, by=self.user)
        except compose.NotNow as error:
            return self.refuse(error)
        messages.success(request, _("已保存。"))
        return redirect(self.address)


class Detail(Screen):
    """What is in it, what stops each, and what can be done with all."""

    template_name = "publishing/bundles/detail.html"

    @property
    def page_subtitle(self) -> str:
        return self.of.name

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        bundle, lines = self.of, look(self.of, self.user) if self.of.state != State.PUBLISHED else []
        if bundle.state == State.PUBLISHED:
            lines = self._published()
        is_mine = bundle.is_open and all(self._may_change(line) for line in lines)
        stops = sum(1 for line in lines if line.stops)
        publishes = bool(lines) and all(
            line.thing is not None and rights.may(self.user, "publish", line.thing) for line in lines
        )
        return self.show(
            lines=self.linked(lines),
            stops=stops,
            is_mine=is_mine,
            publishes=publishes,
            reviews=bundle.state == State.IN_REVIEW and rights.is_reviewed_by(self.user, bundle),
            may_reopen=bundle.is_frozen and self._may_reopen(publishes),
            has_changed=any(line.is_changed for line in lines),
            at=localtime(bundle.go_live_at) if bundle.go_live_at else None,
        )

    def _published(self) -> list[Line]:
        """As it was published; what stands in the way of that is of no interest any more."""
        items = list(self.of.items.select_related("content_type", "added_by"))
        things = rights.things_of(items)
        return [self._line(item, things.get(item.pk)) for item in items]

    def _may_change(self, line: Line) -> bool:
        if line.is_hidden:  # who made it may at least take that out
            return self.user.pk == self.of.made_by_id
        return line.thing is None or compose.may_change(self.user, line.thing)

    def _may_reopen(self, publishes: bool) -> bool:
        return publishes or self.user.pk in (self.of.made_by_id, self.of.handed_in_by_id)


class Choose(Step):
    """Tick what belongs to it, among what the user works on."""

    page_title = gettext_lazy("加入页面和版本")
    template_name = "publishing/bundles/choose.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        text = request.GET.get("q", "").strip()[:100]
        found = choices.choices(self.of, self.user, text)
        return self.show(found=found, text=text, back=self.address)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        added = 0
        try:
            with transaction.atomic():
                for value in request.POST.getlist("thing")[: compose.MOST]:
                    thing = choices.find(value, self.user)
                    if thing is not None and compose.add(self.of, thing, by=self.user) is not None:
                        added += 1
        except compose.NotNow as error:
            return self.refuse(error)
        if added:
            messages.success(request, _("已加入 %(count)d 项。") % {"count": added})
        else:
            messages.warning(request, _("没有加入新的内容。请先勾选。"))
        return redirect(self.address)


class AddTo(Step):
    """From a page or an edition: which bundle it goes into, or a new one."""

    page_title = gettext_lazy("加入成批发布")
    template_name = "publishing/bundles/add_to.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.thing = choices.find(f"{kwargs['kind']}:{kwargs['object']}", request.user)
        if self.thing is None or not compose.may_change(request.user, self.thing):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, kind: int, object: int) -> HttpResponse:
        return self.ask(BundleForm())

    def ask(self, form: BundleForm) -> HttpResponse:
        back = AdminURLFinder(self.user).get_edit_url(self.thing) or reverse("bundles:index")
        return self.show(thing=self.thing, bundles=self.open_bundles()[:PER_PAGE], form=form, back=back)

    def open_bundles(self) -> Any:
        is_open = [State.DRAFT, State.FAILED, State.TAKEN_BACK]
        return rights.visible_bundles(self.user).filter(state__in=is_open)

    def post(self, request: HttpRequest, kind: int, object: int) -> HttpResponse:
        chosen = request.POST.get("bundle", "")
        if chosen.isascii() and chosen.isdecimal() and len(chosen) < 19:
            self.bundle = get_object_or_404(self.open_bundles(), pk=int(chosen))
        else:
            form = BundleForm(request.POST)
            if not form.is_valid():
                return self.ask(form)
            self.bundle = compose.make(**form.cleaned_data, by=self.user)
        try:
            item = compose.add(self.bundle, self.thing, by=self.user)
        except compose.NotNow as error:
            return self.refuse(error)
        told = {"thing": self.thing, "bundle": self.bundle}
        said = _("“%(thing)s”已加入“%(bundle)s”。") if item else _("“%(thing)s”本来就在“%(bundle)s”里。")
        messages.success(request, said % told)
        return redirect(self.address)


class Item(Screen):
    """One click: take an item out, or move it."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int, item: int) -> HttpResponse:
        found = self.of.items.filter(pk=item).select_related("bundle", "content_type").first()
        if found is None:
            messages.warning(request, _("它已经不在这一批里。"))
            return redirect(self.address)
        thing = rights.things_of([found]).get(found.pk)
        is_own = self.user.pk == self.of.made_by_id and request.POST.get("do") == "remove"
        if thing is not None and not (is_own or compose.may_change(self.user, thing)):
            raise Http404
        name = name_for(self.user, found, thing)
        try:
            if request.POST.get("do") == "remove":
                compose.remove(found, by=self.user)
                messages.success(request, _("“%(item)s”已移出，它本身没有变。") % {"item": name})
            else:
                compose.move(found, up=request.POST.get("do") == "up")
        except compose.NotNow as error:
            return self.refuse(error)
        return redirect(self.address)


class Question(Step):
    """Asks once more before something that others notice; ``do`` does it."""

    template_name = "publishing/bundles/confirm.html"
    yes: Any = ""
    is_destructive = False
    form_class: Any = None

    def question(self) -> str:
        raise NotImplementedError

    def do(self, **answers: Any) -> str:
        """Returns what to say of it. Raises NotNow and NotPublishable."""
        raise NotImplementedError

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.ask(self.form_class() if self.form_class else None)

    def ask(self, form: Any) -> HttpResponse:
        return self.show(
            form=form,
            question=self.question(),
            items=self.linked(look(self.of, self.user)),
            yes=self.yes,
            is_destructive=self.is_destructive,
            seen=mark_of(self.of),
            back=self.address,
        )

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = self.form_class(request.POST) if self.form_class else None
        if form is not None and not form.is_valid():
            return self.ask(form)
        try:
            with transaction.atomic():
                said = self.do(**(form.cleaned_data if form is not None else {}))
        except (NotPublishable, compose.NotNow) as error:
            return self.refuse(error)
        messages.success(request, said)
        return redirect(self.address)

    @property
    def seen(self) -> str:
        return self.request.POST.get("seen", "")


class Publish(Question):
    page_title = gettext_lazy("全部发布")
    yes = gettext_lazy("全部发布")

    def question(self) -> str:
        return _("下面 %(count)d 项会按这个顺序同时公开；有一项不行，就一项都不发布。") % {
            "count": self.of.items.count()
        }

    def do(self, **answers: Any) -> str:
        bundle = release.publish_bundle(self.of, by=self.user, seen=self.seen)
        return _("“%(bundle)s”已全部发布。") % {"bundle": bundle}


class Schedule(Question):
    page_title = gettext_lazy("定时发布")
    yes = gettext_lazy("定时")
    form_class = TimeForm

    def question(self) -> str:
        return _("到时会把下面各项照现在的样子同时公开。此后谁改了其中一项，就要重新定时。")

    def do(self, **answers: Any) -> str:
        bundle = release.schedule_bundle(self.of, at=answers["at"], by=self.user, seen=self.seen)
        at = localtime(answers["at"]).strftime("%Y-%m-%d %H:%M")
        return _("“%(bundle)s”将于 %(at)s 发布。") % {"bundle": bundle, "at": at}


class HandIn(Question):
    page_title = gettext_lazy("送审")
    yes = gettext_lazy("送审")
    form_class = HandInForm

    def question(self) -> str:
        return _("请负责这些内容的审核员整批审核。审核的是现在的内容；此后谁改了其中一项，就要重新送审。")

    def do(self, **answers: Any) -> str:
        bundle = review.hand_in(self.of, by=self.user, at=answers["at"], seen=self.seen)
        return _("“%(bundle)s”已送审。") % {"bundle": bundle}


class Reopen(Screen):
    """One click: off the schedule or out of review."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        may = self.user.pk in (self.of.made_by_id, self.of.handed_in_by_id) or self._publishes()
        if not may:
            raise Http404
        release.reopen(self.of, by=self.user)
        messages.success(request, _("“%(bundle)s”又是草稿了，可以修改。") % {"bundle": self.of})
        return redirect(self.address)

    def _publishes(self) -> bool:
        things = rights.things_of(self.of.items.select_related("content_type"))
        return bool(things) and all(rights.may(self.user, "publish", thing) for thing in things.values())


class Decide(Question):
    """The reviewer's answer: all of it, or back with what there is to mend."""

    page_title = gettext_lazy("审核")
    template_name = "publishing/bundles/decide.html"
    form_class = CommentForm

    def question(self) -> str:
        return _("通过后，下面各项同时公开，一项不行就都不公开。")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not (self.of.state == State.IN_REVIEW and rights.is_reviewed_by(self.user, self.of)):
            messages.warning(request, _("这一批现在不由您审核。"))
            return redirect(self.address)
        return super().get(request, pk)

    def do(self, **answers: Any) -> str:
        if self.request.POST.get("decision") == "approve":
            bundle = review.approve(self.of, by=self.user)
            if bundle.state == State.SCHEDULED:
                return _("“%(bundle)s”已通过，到时发布。") % {"bundle": bundle}
            return _("“%(bundle)s”已通过，全部发布。") % {"bundle": bundle}
        comment = answers["comment"].strip()
        if not comment:
            raise compose.NotNow(_("退回时请写清楚要改什么。"))
        bundle = review.send_back(self.of, by=self.user, comment=comment)
        return _("“%(bundle)s”已退回。") % {"bundle": bundle}


class TakeBack(Question):
    page_title = gettext_lazy("撤回整批")
    yes = gettext_lazy("撤回整批")
    is_destructive = True

    def question(self) -> str:
        return _("下面各项都回到这次发布之前的样子：原来公开的恢复原来的内容，原来没有公开的撤下。")

    def ask(self, form: Any) -> HttpResponse:
        if self.of.state != State.PUBLISHED:
            return redirect(self.address)
        items = list(self.of.items.select_related("content_type", "before"))
        things = rights.things_of(items)
        problems = release.problems_of_taking_back(items, things, self.user)
        lines = [self._line(item, things.get(item.pk)) for item in items]
        return self.show(
            form=None, question=self.question(), items=lines, yes=self.yes, is_destructive=True,
            problems=problems, back=self.address,
        )  # fmt: skip

    def do(self, **answers: Any) -> str:
        bundle = release.take_bundle_back(self.of, by=self.user)
        return _("“%(bundle)s”已整批撤回。") % {"bundle": bundle}


class Delete(Question):
    page_title = gettext_lazy("删除这一批")
    yes = gettext_lazy("删除")
    is_destructive = True

    def question(self) -> str:
        return _("删除的只是这一批；里面的页面和版本不变，仍是各自的草稿。")

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        things = rights.things_of(self.of.items.select_related("content_type"))
        if not all(compose.may_change(self.user, thing) for thing in things.values()):
            raise Http404
        try:
            compose.delete(self.of, by=self.user)
        except compose.NotNow as error:
            return self.refuse(error)
        messages.success(request, _("已删除“%(bundle)s”。") % {"bundle": self.of})
        return redirect("bundles:index")
