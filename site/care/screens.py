"""The screens of 内容质量 on looking after content: what is due, dead, stale or unread, and the boards."""

import datetime
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page as Part
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View
from wagtail.admin import messages
from wagtail.admin.auth import user_has_any_page_permission
from wagtail.admin.utils import get_valid_next_url_from_request
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.models import Page

from care import board, readings, trend
from care.confirm import confirm, is_public
from care.freshness import channels_within
from care.links.use import in_own_hands, leave_out, resume, try_again
from care.models import Link, LinkRun, LinkUse, ReviewPeriod
from care.people import People
from care.things import (
    Paths,
    Thing,
    below,
    edit_url,
    every_model,
    is_within,
    model_named,
    months_usual,
    own_paths,
    page_of,
    things_within,
)
from content_models.home.models import HomePage

PER_PAGE = 50
SOON = datetime.timedelta(days=30)
PUBLISH = ("publish_page",)


class Screen(WagtailAdminTemplateMixin, View):
    """What these screens share: they are for whoever works on content, and show their own part of it."""

    header_icon = "calendar-check"
    template_name = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not user_has_any_page_permission(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        return [
            {"url": reverse("wagtailadmin_home"), "label": _("首页")},
            *self.further_breadcrumbs(),
            {"url": "", "label": str(self.get_page_title())},
        ]

    def further_breadcrumbs(self) -> list[dict[str, str]]:
        return []

    @property
    def user(self) -> Any:
        return self.request.user

    @cached_property
    def today(self) -> datetime.date:
        return timezone.localdate()

    @cached_property
    def paths(self) -> Paths:
        """The parts of the tree that the user works on."""
        return own_paths(self.user)

    @cached_property
    def publish_paths(self) -> Paths:
        return own_paths(self.user, rights=PUBLISH)

    def show(self, **context: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(today=self.today, **context))


class Listing(Screen):
    """A list with a filter by place, of which one page is shown."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(**self.listing())

    def listing(self) -> dict[str, Any]:
        raise NotImplementedError

    @cached_property
    def places(self) -> list[Page]:
        return board.places_within(self.paths)

    @cached_property
    def place(self) -> Page | None:
        """The district, street or community that is asked for, if it is one of the user's."""
        asked = self.request.GET.get("place", "")
        return next((place for place in self.places if str(place.pk) == asked), None)

    @property
    def asked_paths(self) -> Paths:
        return [self.place.path] if self.place is not None else self.paths

    @cached_property
    def region_names(self) -> dict[str, str]:
        return {place.path: place.title for place in board.places_within([""])}

    def region_of(self, path: str) -> str:
        """The nearest community, street or district of a path."""
        for end in range(len(path), 0, -Page.steplen):
            if path[:end] in self.region_names:
                return self.region_names[path[:end]]
        return ""

    def part(self, rows: Any) -> Part:
        return Paginator(rows, PER_PAGE).get_page(self.request.GET.get("p"))

    def choice(self, name: str, values: Sequence[str]) -> str:
        """What the address asks for, or the first of ``values``."""
        asked = self.request.GET.get(name, "")
        return asked if asked in values else values[0]

    def address(self, **changes: Any) -> str:
        """This list with other choices; a choice of nothing is left out."""
        kept = {name: value for name, value in self.request.GET.items() if name != "p"} | changes
        query = urlencode({name: value for name, value in kept.items() if value})
        return f"{self.request.path}?{query}"

    def show(self, **context: Any) -> HttpResponse:
        return super().show(
            places=self.places,
            place=self.place,
            query=self.address().partition("?")[2],
            here=self.request.get_full_path(),
            **context,
        )


# What is due


class Due(Listing):
    """What has to be looked at again: overdue first, one's own first, one click to say that it holds."""

    page_title = gettext_lazy("待核对")
    template_name = "care/due.html"
    SHOWS = {
        "all": gettext_lazy("已过期和 30 天内到期"),
        "overdue": gettext_lazy("已过期"),
        "undated": gettext_lazy("没有核对日期"),
    }

    def listing(self) -> dict[str, Any]:
        people = People()
        show = self.choice("show", list(self.SHOWS))
        every = self._things(show)
        chosen = self._chosen(every, people)
        chosen.sort(key=lambda thing: self._order(thing, people))
        part = self.part(chosen)
        return {
            "part": part,
            "rows": [self._row(thing, people) for thing in part],
            "shows": [(label, self.address(show=name), name == show) for name, label in self.SHOWS.items()],
            "show": show,
            "kinds": sorted({(thing.model._meta.label_lower, thing.kind) for thing in every}),
            "kind": self.request.GET.get("kind", ""),
            "persons": self._persons(every, people),
            "who": self.request.GET.get("who", ""),
            "overdue": sum(thing.is_overdue(self.today) for thing in chosen),
            "mine": sum(people.is_for(self.user, thing) for thing in chosen),
            "may_set_periods": _is_of_district(self.user),
        }

    def _things(self, show: str) -> list[Thing]:
        if show == "undated":
            return things_within(self.asked_paths, is_undated=True)
        until = self.today if show == "overdue" else self.today + SOON
        return things_within(self.asked_paths, due_until=until)

    def _chosen(self, things: list[Thing], people: People) -> list[Thing]:
        kind, who = self.request.GET.get("kind", ""), self.request.GET.get("who", "")
        if kind:
            things = [thing for thing in things if thing.model._meta.label_lower == kind]
        if who == "me":
            things = [thing for thing in things if people.is_for(self.user, thing)]
        elif who.isdecimal():
            things = [thing for thing in things if int(who) in people.in_charge(thing)]
        return list(things)

    def _order(self, thing: Thing, people: People) -> tuple[Any, ...]:
        is_late = thing.is_overdue(self.today)
        return (
            not is_late,
            not people.is_for(self.user, thing),
            thing.due or datetime.date.max,
            thing.path,
            thing.title,
        )

    def _row(self, thing: Thing, people: People) -> dict[str, Any]:
        return {
            "thing": thing,
            "region": self.region_of(thing.path),
            "who": people.named(thing),
            "is_mine": people.is_for(self.user, thing),
            "is_overdue": thing.is_overdue(self.today),
            "late": (self.today - thing.due).days if thing.due and thing.due < self.today else 0,
            "may_confirm": is_within(thing.path, self.publish_paths),
        }

    def _persons(self, things: list[Thing], people: People) -> list[tuple[str, str]]:
        """Who is in charge of anything here."""
        found = {pk for thing in things for pk in people.in_charge(thing)}
        return sorted(((str(pk), str(people.active[pk])) for pk in found), key=lambda each: each[1])


class Confirm(Screen):
    """确认仍然有效: by POST at once; opened as a page, it says first what will be said."""

    page_title = gettext_lazy("确认仍然有效")
    template_name = "care/confirm.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.thing = self._thing()

    def _thing(self) -> Any:
        """What the address names, among what the user may publish."""
        model = model_named(f"{self.kwargs['app_label']}.{self.kwargs['model_name']}")
        if model is None or not self.request.user.is_authenticated:
            raise Http404
        thing = get_object_or_404(model._default_manager, pk=self.kwargs["pk"])
        if not is_within(page_of(thing).path, self.publish_paths):
            raise Http404
        return thing

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        return self.show(thing=self.thing, is_public=is_public(self.thing), back=self.back)

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        if not is_public(self.thing):
            messages.error(request, _("“%(thing)s”还没有公开，发布之后才用核对。") % {"thing": self.thing})
        elif confirm(self.thing, by=request.user):
            said = _("已确认“%(thing)s”仍然有效，公开页上的“最近核对”改为今天。")
            messages.success(request, said % {"thing": self.thing})
        else:
            messages.success(request, _("“%(thing)s”今天已经核对过了。") % {"thing": self.thing})
        return redirect(self.back)

    @property
    def back(self) -> str:
        return get_valid_next_url_from_request(self.request) or edit_url(type(self.thing), self.thing.pk)


# How often


class PeriodsForm(forms.Form):
    """After how many months each kind is due again."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_ones = dict(ReviewPeriod.objects.values_list("kind", "months"))
        for model in every_model():
            label = model._meta.label_lower
            self.fields[label] = forms.IntegerField(
                label=str(model._meta.verbose_name),
                min_value=0,
                max_value=60,
                initial=set_ones.get(label, months_usual(model)),
            )

    @transaction.atomic
    def save(self) -> list[str]:
        changed = [name for name in self.changed_data if name in self.fields]
        for name in changed:
            ReviewPeriod.objects.update_or_create(kind=name, defaults={"months": self.cleaned_data[name]})
        return changed


class Periods(Screen):
    """The times after which content is due again; the district sets them."""

    page_title = gettext_lazy("核对周期")
    template_name = "care/periods.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not _is_of_district(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def further_breadcrumbs(self) -> list[dict[str, str]]:
        return [{"url": reverse("care:due"), "label": str(Due.page_title)}]

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(form=PeriodsForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = PeriodsForm(request.POST)
        if not form.is_valid():
            return self.show(form=form)
        form.save()
        messages.success(request, _("已保存。下次确认时按新的周期算日期，已有的日期不变。"))
        return redirect("care:due")


def _is_of_district(user: Any) -> bool:
    """Whether the whole district is theirs to publish."""
    paths = own_paths(user, rights=PUBLISH)
    return any(is_within(path, paths) for path in HomePage.objects.values_list("path", flat=True))


# Channels, links, readings


class Channels(Listing):
    """Channels that an inspection would fault: nothing in them, or nothing new for too long."""

    page_title = gettext_lazy("栏目更新")
    header_icon = "list-ul"
    template_name = "care/channels.html"
    SHOWS = {
        "faults": gettext_lazy("有问题的"),
        "stale": gettext_lazy("更新不及时"),
        "empty": gettext_lazy("空白"),
        "all": gettext_lazy("全部"),
    }

    def listing(self) -> dict[str, Any]:
        channels = channels_within(self.asked_paths)
        kept = {
            "stale": [each for each in channels if each.is_stale(self.today)],
            "empty": [each for each in channels if each.is_empty],
            "all": channels,
        }
        kept["faults"] = [*kept["stale"], *kept["empty"]]
        show = self.choice("show", list(self.SHOWS))
        part = self.part(sorted(kept[show], key=lambda each: (-(each.days(self.today) or 0), each.path)))
        rows = [
            {
                "channel": each,
                "kind": each.model._meta.verbose_name,
                "region": self.region_of(each.path[: -Page.steplen]),
                "days": each.days(self.today),
                "is_stale": each.is_stale(self.today),
                "url": reverse("wagtailadmin_explore", args=[each.pk]),
            }
            for each in part
        ]
        shows = [
            (f"{label} {len(kept[name])}", self.address(show=name), name == show)
            for name, label in self.SHOWS.items()
        ]
        return {"part": part, "rows": rows, "shows": shows, "show": show, "total": len(channels)}


class Links(Listing):
    """Links that lead nowhere: where each stands, since when, and what to do about it."""

    page_title = gettext_lazy("失效链接")
    header_icon = "link"
    template_name = "care/links.html"
    SHOWS = {
        "dead": gettext_lazy("失效"),
        "failing": gettext_lazy("打不开，过天再试"),
        "left_out": gettext_lazy("不再检查"),
    }

    def listing(self) -> dict[str, Any]:
        show = self.choice("show", list(self.SHOWS))
        every = LinkUse.objects.filter(below(self.asked_paths, "page__path"))
        is_left_out = Q(link__is_left_out=True)
        wanted = is_left_out if show == "left_out" else ~is_left_out & Q(link__state=show)
        uses = every.filter(wanted).select_related("link", "page", "content_type")
        part = self.part(uses.order_by("link__failing_since", "link__address", "page__path"))
        owned = in_own_hands({use.link_id for use in part}, self.publish_paths)
        rows = [
            {
                "use": use,
                "link": use.link,
                "region": self.region_of(use.page.path),
                "edit_url": self._edit_url(use),
                "may_decide": use.link_id in owned,
                "is_outside": use.link.target == Link.Target.OUTSIDE,
            }
            for use in part
        ]
        place = self.place or Page(path=self.paths[0] if self.paths else "")
        return {
            "part": part,
            "rows": rows,
            "shows": [(label, self.address(show=name), name == show) for name, label in self.SHOWS.items()],
            "show": show,
            "share": self._share(every),
            "run": LinkRun.objects.exclude(verdict=LinkRun.Verdict.RUNNING).first(),
            "running": LinkRun.objects.filter(verdict=LinkRun.Verdict.RUNNING).first(),
            "asked_place": place,
        }

    def _edit_url(self, use: LinkUse) -> str:
        model = use.content_type.model_class()
        return edit_url(model, use.object_id) if model is not None else ""

    def _share(self, uses: Any) -> dict[str, Any] | None:
        """The dead among what was looked at; None before anything was."""
        looked_at = uses.filter(link__is_left_out=False).exclude(
            link__state__in=[Link.State.UNKNOWN, Link.State.NEVER]
        )
        every = looked_at.count()
        dead = looked_at.filter(link__state=Link.State.DEAD).count()
        if not every:
            return None
        percent = 100 * dead / every
        return {
            "all": every,
            "dead": dead,
            "percent": f"{percent:.1f}",
            "is_bad": percent >= board.DEAD_SHARE,
        }


class LinkAction(Screen):
    """Something to do about one address; whoever may publish everywhere it stands decides."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        link = Link.objects.filter(pk__in=in_own_hands({pk}, self.publish_paths)).first()
        if link is None:
            raise Http404
        self.act(link)
        return redirect(get_valid_next_url_from_request(request) or "care:links")

    def act(self, link: Link) -> None:
        raise NotImplementedError


class LeaveOut(LinkAction):
    def act(self, link: Link) -> None:
        leave_out(link, by=self.user)
        undo = messages.button(reverse("care:links") + "?show=left_out", _("看不再检查的地址"))
        said = _("以后不再检查“%(address)s”，也不再算失效。") % {"address": link.address[:80]}
        messages.success(self.request, said, buttons=[undo])


class Resume(LinkAction):
    def act(self, link: Link) -> None:
        resume(link, by=self.user)
        messages.success(self.request, _("已恢复检查“%(address)s”。") % {"address": link.address[:80]})


class TryAgain(LinkAction):
    def act(self, link: Link) -> None:
        try_again(link)
        messages.success(self.request, _("已排上队，一两分钟后刷新这一页看结果。"))


class Unread(Listing):
    """Pages that nobody has read for three months."""

    page_title = gettext_lazy("没有人读的页面")
    header_icon = "view"
    template_name = "care/unread.html"

    def listing(self) -> dict[str, Any]:
        since = readings.counted_since()
        part = self.part(readings.unread_within(self.asked_paths, self.today))
        rows = [
            {
                "kind": model._meta.verbose_name,
                "title": title,
                "url": edit_url(model, pk),
                "region": self.region_of(path),
                "published": published,
            }
            for model, (pk, title, published, path, _owner) in part
        ]
        month = self.today - SOON
        return {
            "part": part,
            "rows": rows,
            "since": since,
            "is_conclusive": readings.is_conclusive(self.today),
            "conclusive_on": since + datetime.timedelta(days=readings.UNREAD_DAYS) if since else None,
            "times": readings.times_read(self.asked_paths, month),
            "days": readings.UNREAD_DAYS,
            "kept_days": readings.KEPT_DAYS,
        }


# Boards


class Boards(Screen):
    """All streets side by side; who has but one place sees its board at once."""

    page_title = gettext_lazy("街道看板")
    header_icon = "table"
    template_name = "care/boards.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        places = board.places_within(self.paths, with_communities=False) or board.places_of(self.user)
        if len(places) == 1:
            return redirect("care:board", pk=places[0].pk)
        figures = board.Board(self.paths)
        rows = []
        for place in places:
            by_key = {each.line.key: each for each in board.told(figures.figures(place), place)}
            rows.append((place, [by_key[line.key] for line in board.LINES]))
        rows.sort(key=lambda row: (row[0].depth, -sum(each.is_failing for each in row[1]), -_bad(row[1])))
        return self.show(lines=board.LINES, rows=rows)


def _bad(lines: Sequence[board.Told]) -> int:
    return sum(line.is_bad for line in lines)


class BoardOfPlace(Screen):
    """One district, street or community: what an inspection would fault first stands first."""

    header_icon = "table"
    template_name = "care/board.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        places = board.places_of(request.user) if request.user.is_authenticated else []
        found = next((place for place in places if place.pk == kwargs["pk"]), None)
        if found is None:
            raise Http404
        self.place = found

    def get_page_title(self) -> str:
        return _("%(place)s看板") % {"place": self.place.title}

    def further_breadcrumbs(self) -> list[dict[str, str]]:
        return [{"url": reverse("care:boards"), "label": str(Boards.page_title)}]

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        lines = board.told(board.Board([self.place.path]).figures(self.place), self.place)
        asked = request.GET.get("days", "")
        days = int(asked) if asked in map(str, trend.PERIODS) else trend.PERIODS[1]
        return self.show(
            place=self.place,
            lines=lines,
            failing=[line for line in lines if line.is_failing],
            bad=[line for line in lines if line.is_bad and not line.is_failing],
            good=[line for line in lines if line.is_good],
            unknown=[line for line in lines if not line.is_good and not line.is_bad],
            trend=trend.trend_of(self.place, days),
            periods=[(number, f"?days={number}", number == days) for number in trend.PERIODS],
            is_new=not Page.objects.filter(path__startswith=self.place.path, live=True)
            .exclude(pk=self.place.pk)
            .exists(),
        )
