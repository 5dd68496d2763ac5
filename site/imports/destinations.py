"""What the first screen says of each kind, and the pages that a file of it can go to."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.models import Page
from wagtail.permissions import page_permission_policy

from content_models.certificates.models import CertificateListPage
from content_models.communities.models import CommunityPage
from content_models.guides.models import GuideChannel
from content_models.home.models import HomePage, StreetPage
from content_models.notices.models import NoticeChannel
from content_models.policy_lists.models import ListChannel, PolicyListPage
from imports.kinds import LANES

REGIONS = (HomePage, StreetPage, CommunityPage)


@dataclass(frozen=True)
class Destination:
    """A kind of content as the person with the file knows it, and where such a file goes."""

    kind: str
    label: Any
    sentence: Any
    where: Any
    models: tuple[type[Page], ...]
    rights: tuple[str, ...] = ("change",)
    # Where a file may also become something new of its own
    new_in: tuple[type[Page], ...] = ()

    def existing(self, user: Any) -> Any:
        """Pages that take such a file and that ``user`` may bring it to."""
        own = page_permission_policy.instances_user_has_any_permission_for(user, self.rights)
        return own.type(self.models).order_by("path")

    def pages(self, user: Any) -> list[tuple[Page, str]]:
        """The same with what may become new, each with a name that no other has."""
        named = _named(self.existing(user))
        if self.new_in:
            places = page_permission_policy.instances_user_has_any_permission_for(user, ("add",))
            found = _named(places.type(self.new_in).order_by("path"))
            named += [(page, _("新建一个清单，放在：%(place)s") % {"place": name}) for page, name in found]
        return named


DESTINATIONS = {
    destination.kind: destination
    for destination in [
        Destination(
            "lists",
            _("清单"),
            _("权责清单、服务事项等各种清单，一行一条。写入后成为清单的新版本。"),
            _("更新哪个清单，或新建"),
            (PolicyListPage,),
            new_in=(ListChannel,),
        ),
        Destination(
            "certificates",
            _("证明清单"),
            _("可以出具和不应出具的证明，一行一项。写入后成为证明清单的新版本。"),
            _("更新哪个证明清单"),
            (CertificateListPage,),
        ),
        Destination(
            "guides",
            _("办事指南"),
            _("一行一个事项；材料、流程可以放在另外的工作表里。"),
            _("放在哪个栏目"),
            (GuideChannel,),
            ("add", "change"),
        ),
        Destination(
            "provisions",
            _("社区办理情况"),
            _("哪个社区办哪些事项，在哪里办、什么时间办，一行一个事项。"),
            _("属于哪个地方"),
            REGIONS,
        ),
        Destination(
            "notices",
            _("公告"),
            _("通知、公示和活动预告，一行一条。"),
            _("放在哪个栏目"),
            (NoticeChannel,),
            ("add", "change"),
        ),
        Destination(
            "communities",
            _("社区"),
            _("社区的基本情况，一行一个社区，按区划代码对应。"),
            _("属于哪个地方"),
            (HomePage, StreetPage),
            ("add", "change"),
        ),
        Destination(
            "figures",
            _("社区数据"),
            _("户数、人口等数据，一行一个数，写明日期和来源。"),
            _("属于哪个地方"),
            REGIONS,
        ),
        Destination(
            "offices",
            _("办事场所"),
            _("地址、电话和办公时间，一行一个场所。"),
            _("属于哪个地方"),
            REGIONS,
            ("add", "change"),
        ),
    ]
}


def offered() -> list[Destination]:
    """Kinds that can be imported today."""
    return [destination for kind, destination in DESTINATIONS.items() if kind in LANES]


def kind_label(kind: str) -> str:
    return str(DESTINATIONS[kind].label) if kind in DESTINATIONS else kind


def may_import(user: Any) -> bool:
    """Whether there can be a place for what ``user`` uploads."""
    return page_permission_policy.user_has_any_permission(user, ["add", "change"])


def _named(pages: Iterable[Page]) -> list[tuple[Page, str]]:
    """Pages with their titles and the pages above them; numbered where two would read the same."""
    pages = list(pages)
    step = Page.steplen
    above = {page.path[:end] for page in pages for end in range(2 * step, len(page.path), step)}
    titles = dict(Page.objects.filter(path__in=above).values_list("path", "title"))
    named, seen = [], set()
    for page in pages:
        way = [titles.get(page.path[:end], "") for end in range(2 * step, len(page.path), step)]
        name = f"{page.title}（{' › '.join(way)}）" if way else page.title
        if name in seen:
            name = f"{name} #{page.pk}"
        seen.add(name)
        named.append((page, name))
    return named
