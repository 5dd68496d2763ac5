"""How a district, street or community stands, as an inspection would see it (DOMAIN 5)."""

import datetime
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from care.freshness import HOME_DAYS, channels_within, last_news
from care.models import Link, LinkUse, Snapshot
from care.readings import is_conclusive, unread_within
from care.things import Paths, below, own_paths, things_within
from content_models.communities.models import CommunityPage
from content_models.home.models import HomePage, StreetPage
from feedback.models import DemandReport, Rating
from feedback.usefulness import start_of
from quality.guide_rules import INSPECTED
from quality.models import Checked, Checkup

MANY = 5  # channels, from which on an inspection fails the site
DEAD_SHARE = 1.0  # percent
UNANSWERED = datetime.timedelta(days=92)
JUDGED, ENOUGH = datetime.timedelta(days=90), 5  # answers from which on they say something
KEPT_DAYS = 400
Figures = dict[str, float | None]  # None: nothing is known (yet)


UNKNOWN = _("还没有数")


@dataclass(frozen=True)
class Line:
    """One figure of a board: what it is called and means, when it is bad, and where it is mended."""

    key: str
    label: Any  # lazy texts
    unit: Any
    meaning: Any
    is_bad: Callable[[float], bool]
    url_name: str
    query: dict[str, str]
    fails: Callable[[float], bool] | None = None  # an inspection fails the site for this alone
    unknown: Any = UNKNOWN
    takes: str = "place"  # what the list calls the place that it shows
    of_streets: bool = False  # whether that has to be a street

    def url(self, place: Page) -> str:
        chosen = {} if self.of_streets and not _is_street(place) else {self.takes: place.pk}
        query = urlencode(self.query | chosen)
        return reverse(self.url_name) + (f"?{query}" if query else "")


def _is_street(place: Page) -> bool:
    return issubclass(place.specific_class or Page, StreetPage)


def _any(value: float) -> bool:
    return value > 0


def _many(value: float) -> bool:
    return value >= MANY


def _long_silent(days: float) -> bool:
    return days > HOME_DAYS


# As an inspection would fault them: what fails the site on its own comes first.
LINES = [
    Line(
        "home_days",
        _("首页多久没有更新"),
        _("天"),
        _("超过两周没有带日期的新内容，检查时单项否决。发布一条通知就算更新。"),
        _long_silent,
        "care:channels",
        {},
        fails=_long_silent,
        unknown=_("从来没有发布过通知"),
    ),
    Line(
        "stale",
        _("更新不及时的栏目"),
        _("个"),
        _("动态类超过两周、通知政策类超过六个月没有新内容。5 个以上，检查时单项否决。"),
        _any,
        "care:channels",
        {"show": "stale"},
        fails=_many,
    ),
    Line(
        "empty",
        _("空白栏目"),
        _("个"),
        _("栏目里什么也没有。5 个以上，检查时单项否决。"),
        _any,
        "care:channels",
        {"show": "empty"},
        fails=_many,
    ),
    Line(
        "messages",
        _("居民反映三个月还没有答复"),
        _("件"),
        _("居民的留言超过三个月没有答复，检查时单项否决。"),
        _any,
        "demand-reports:index",
        {},
        fails=_any,
        takes="street",
        of_streets=True,
    ),
    Line(
        "incomplete",
        _("要素不全的办事指南"),
        _("份"),
        _(
            "缺少事项名称、办理条件、申请材料、办理流程、办理时限、办理地点、办理时间、咨询电话中任何一项的指南，"
            "检查时单项否决。点开还列出缺其他内容的。"
        ),
        _any,
        "quality_findings_kept",
        {},
        of_streets=True,
        fails=_any,
        unknown=_("还没有体检"),
    ),
    Line(
        "dead_share",
        _("失效链接占全部链接"),
        _("%"),
        _("居民点了打不开的链接和附件，应低于 1%。"),
        lambda value: value >= DEAD_SHARE,
        "care:links",
        {},
    ),
    Line(
        "dead",
        _("失效链接"),
        _("处"),
        _("在三个不同的日子都打不开的才算失效。"),
        _any,
        "care:links",
        {},
    ),
    Line(
        "overdue",
        _("过期没有核对的内容"),
        _("项"),
        _("到了核对的日子，没有人确认仍然有效。"),
        _any,
        "care:due",
        {"show": "overdue"},
    ),
    Line(
        "errors",
        _("检查出必须改的内容"),
        _("项"),
        _("内容体检发现的错误，例如要求居民开已经取消的证明。"),
        _any,
        "quality_findings_kept",
        {"level": "error"},
        of_streets=True,
        unknown=_("还没有体检"),
    ),
    Line(
        "unhelpful",
        _("居民说没有帮助的页面"),
        _("页"),
        format_lazy(
            _(
                "最近 90 天至少有 {enough} 次评价，说“没有帮助”的比说“有帮助”的多。"
                "看看居民写了什么，把内容改清楚。"
            ),
            enough=ENOUGH,
        ),
        _any,
        "usefulness:index",
        {},
        takes="street",
        of_streets=True,
    ),
    Line(
        "unread",
        _("没有人读的页面"),
        _("页"),
        _("公开 90 天以上，最近 90 天一次也没有人读：标题不好找，或者已经没有用了。"),
        _any,
        "care:unread",
        {},
        unknown=_("统计不满 90 天"),
    ),
]
BY_KEY = {line.key: line for line in LINES}


def places_of(user: Any) -> list[Page]:
    """The districts, streets and communities that lie within what ``user`` works on, as the tree has them."""
    return places_within(own_paths(user))


def places_within(paths: Paths, *, with_communities: bool = True) -> list[Page]:
    kinds = [HomePage, StreetPage, *([CommunityPage] if with_communities else [])]
    names = [model._meta.model_name for model in kinds]
    pages = Page.objects.filter(below(paths), live=True, content_type__model__in=names)
    return list(pages.select_related("content_type").order_by("path"))


class Board:
    """The figures of everything below ``paths``, gathered once and told for each place within."""

    def __init__(self, paths: Paths, *, today: datetime.date | None = None) -> None:
        self.today = today or timezone.localdate()
        channels = channels_within(paths)
        self.news = last_news()
        self.known: dict[str, Counter[str]] = {
            "stale": _by_place(each.path for each in channels if each.is_stale(self.today)),
            "empty": _by_place(each.path for each in channels if each.is_empty),
            "overdue": _by_place(thing.path for thing in things_within(paths, due_until=self.today)),
        }
        self.known |= {
            "messages": _by_place(_unanswered(paths, self.today)),
            "unhelpful": _by_place(_unhelpful(paths, self.today)),
        }
        if Checkup.objects.filter(finished_at__isnull=False).exists():
            needed = {str(name) for name in INSPECTED}
            checked = list(Checked.objects.filter(below(paths)).values_list("path", "missing", "errors"))
            self.known |= {
                "incomplete": _by_place(path for path, missing, _errors in checked if needed & {*missing}),
                "errors": _by_place(path for path, _missing, errors in checked if errors),
            }
        self.links = _links_by_place(paths)
        if is_conclusive(self.today):
            self.known["unread"] = _by_place(row[3] for _model, row in unread_within(paths, self.today))

    def figures(self, place: Page) -> Figures:
        latest = self.news.get(place.path)
        every, dead = self.links["all"][place.path], self.links["dead"][place.path]
        found: Figures = {"home_days": (self.today - latest).days if latest else None}
        for key in BY_KEY:
            if key in self.known:
                found[key] = self.known[key][place.path]
        found["dead"] = dead if every else None
        found["dead_share"] = round(100 * dead / every, 1) if every else None
        return found


def _by_place(paths: Iterable[str]) -> Counter[str]:
    """How many there are at and below each path of the tree."""
    found: Counter[str] = Counter()
    for path in paths:
        for end in range(Page.steplen, len(path) + 1, Page.steplen):
            found[path[:end]] += 1
    return found


def _links_by_place(paths: Paths) -> dict[str, Counter[str]]:
    """Links that were looked at, and the dead among them, by path."""
    checked = LinkUse.objects.filter(below(paths, "page__path"), link__is_left_out=False).exclude(
        link__state__in=[Link.State.UNKNOWN, Link.State.NEVER]
    )
    gone = Count("pk", filter=Q(link__state=Link.State.DEAD))
    found: dict[str, Counter[str]] = {"all": Counter(), "dead": Counter()}
    for path, number, dead in checked.values_list("page__path").annotate(all=Count("pk"), gone=gone):
        for end in range(Page.steplen, len(path) + 1, Page.steplen):
            found["all"][path[:end]] += number
            found["dead"][path[:end]] += dead
    return found


def _unanswered(paths: Paths, today: datetime.date) -> list[str]:
    """Where what residents reported waits for too long; what names no office waits at the district."""
    late = DemandReport.objects.open().filter(reported_at__lt=start_of(today - UNANSWERED))
    of_offices = late.filter(below(paths, "office__path"), office__isnull=False)
    found = list(of_offices.values_list("office__path", flat=True))
    nowhere = late.filter(office=None).count()
    homes = HomePage.objects.filter(below(paths)).order_by("path").values_list("path", flat=True)
    return [*found, *list(homes[:1]) * nowhere]


def _unhelpful(paths: Paths, today: datetime.date) -> list[str]:
    """Pages that more readers found of no use than of use; few answers say nothing."""
    judged = Rating.objects.filter(below(paths, "page__path"), day__gt=today - JUDGED, page__live=True)
    added = judged.order_by().values_list("page__path").annotate(yes=Sum("yes"), no=Sum("no"))
    return [path for path, yes, no in added if no > yes and yes + no >= ENOUGH]


@dataclass(frozen=True)
class Told:
    """A figure as it is shown."""

    line: Line
    value: float | None
    url: str

    @property
    def is_bad(self) -> bool:
        if self.value is None:
            return self.line.key == "home_days"
        return self.line.is_bad(self.value)

    @property
    def is_failing(self) -> bool:
        """Whether an inspection would fail the site for this alone."""
        if self.value is None or self.line.fails is None:
            return self.is_bad and self.line.fails is not None
        return self.line.fails(self.value)

    @property
    def is_good(self) -> bool:
        """Whether it was looked at, and there is nothing to mend."""
        return self.value is not None and not self.is_bad

    @property
    def text(self) -> str:
        if self.value is None:
            return str(self.line.unknown)
        number = f"{self.value:g}"
        return f"{number}{self.line.unit}" if self.line.unit == "%" else f"{number} {self.line.unit}"


def told(figures: Figures, place: Page) -> list[Told]:
    """The lines of a board: what fails the site, else is bad, is well, is not known; each in its order."""
    lines = [Told(line, figures.get(line.key), line.url(place)) for line in LINES]
    places = {line.key: place for place, line in enumerate(LINES)}
    return sorted(
        lines,
        key=lambda line: (not line.is_failing, not line.is_bad, not line.is_good, places[line.line.key]),
    )


# How it went


def take_snapshots() -> int:
    """Keep how the district and each street stand today, once a day; returns how many are new."""
    today = timezone.localdate()
    if Snapshot.objects.filter(day=today).exists():
        return 0
    places = places_within([""], with_communities=False)
    board = Board([""], today=today)
    new = [Snapshot(place=place, day=today, figures=board.figures(place)) for place in places]
    Snapshot.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def forget_snapshots() -> int:
    before = timezone.localdate() - datetime.timedelta(days=KEPT_DAYS)
    return Snapshot.objects.filter(day__lt=before).delete()[0]
