"""Results as residents read them: what each line says, read for a whole page at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Min
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from appearance.markup import IS_HAN
from content_models.certificates.models import CertificateItem
from content_models.guides.models import GuidePage, Provision
from content_models.guides.provisions import provisions_around
from content_models.notices.models import NoticePage
from content_models.places.models import RegionPage
from search.filters import DISTRICT_DEPTH
from search.find import load
from search.folding import fold
from search.marking import excerpt, mark
from search.models import Document
from search.rank import Hit

Kind = Document.Kind

ENDED = {
    Kind.CERTIFICATES: gettext_lazy("已取消"),
    Kind.GUIDES: gettext_lazy("已取消"),
    Kind.OFFICES: gettext_lazy("已关闭"),
    Kind.COMMUNITIES: gettext_lazy("已撤销"),
    Kind.LISTS: gettext_lazy("已废止"),
    Kind.NOTICES: gettext_lazy("已失效"),
    Kind.ENTRIES: gettext_lazy("不再有效"),
}


@dataclass
class Line:
    """One result: ``guide``, ``notice`` or ``item`` is the thing itself where it is of such a kind.

    ``places`` says where a guide is handled wherever one lives, ``provision`` how where the reader lives.
    """

    hit: Hit
    community: RegionPage | None = None
    guide: GuidePage | None = None
    notice: NoticePage | None = None
    item: CertificateItem | None = None
    places: str = ""
    provision: Provision | None = None

    @property
    def document(self) -> Document:
        return self.hit.document

    @property
    def title(self) -> SafeString:
        return mark(self.document.title, self.hit.why.words)

    @cached_property
    def text(self) -> SafeString:
        """A line or two about it: the summary, or the place in the text that the question led to."""
        words = self.hit.why.words
        summary = "" if self.item is not None else self.document.summary  # a verdict, which has its badge
        if self.hit.why.kind == "text":
            in_summary = excerpt(summary, words, len(summary))
            return in_summary or excerpt(self.document.body, words) or mark(summary, words)
        return mark(summary, words)

    @property
    def reason(self) -> str:
        """Why it was found, where the marked words do not say it themselves."""
        why = self.hit.why
        other_name = {"name": self.document.all_names[why.place] if why.place else ""}
        if why.kind == "sound":
            return _("读音相近：%(name)s") % other_name if why.place else _("名称读音相近")
        if why.kind == "like":
            return _("写法相近：%(name)s") % other_name if why.place else _("名称写法相近")
        if why.kind == "synonym" and why.synonym:
            return _("同义词：%(name)s") % {"name": why.synonym}
        if why.kind == "name" and why.place:
            is_everyday = self.document.kind == Kind.GUIDES and IS_HAN.search(other_name["name"])
            return (
                _("因为“%(name)s”是它的俗称") if is_everyday else _("因为“%(name)s”是它的别名")
            ) % other_name
        return ""

    @property
    def state(self) -> str:
        """Why it does not hold today, as a tag; empty while it does."""
        today, document = timezone.localdate(), self.document
        if self.notice is not None and self.notice.ended_text:
            return self.notice.ended_text
        if self.guide is not None and self.guide.status != GuidePage.Status.IN_USE:
            return self.guide.get_status_display()
        if self.item is not None and self.item.status != CertificateItem.Status.IN_FORCE:
            return self.item.get_status_display()
        if not document.is_in_force(today):
            return str(ENDED[Kind(document.kind)])
        if document.starts_on is not None and document.starts_on > today:
            return _("%(day)s 起") % {"day": date_format(document.starts_on, "Y-m-d")}
        return ""

    @property
    def local(self) -> str:
        """Whether it is offered where the reader lives, as a tag; empty where nobody said."""
        if self.provision is None or self.community is None:
            return ""
        is_own = self.provision.edition.owner_id == self.community.pk
        if self.provision.is_offered:
            return _("您的社区可办") if is_own else _("您的街道可办")
        return _("您的社区不办") if is_own else _("您的街道不办")

    @property
    def local_badge(self) -> str:
        return "badge--ok" if self.provision is not None and self.provision.is_offered else ""

    @property
    def facts(self) -> list[str]:
        """Short facts of its kind: how and where a service is handled, which list or region it belongs to."""
        document = self.document
        if self.guide is not None:
            facts = [self._how_long(self.guide), self._where(), self.region]
        elif self.notice is not None:
            facts = [self.notice.get_notice_kind_display(), self.region or self.notice.publisher]
        elif document.key:
            facts = [document.page.title, self.region]
        else:
            facts = [self.region]
        return [fact for fact in facts if fact]

    def _how_long(self, guide: GuidePage) -> str:
        offered = self._offered
        limit = (offered.promised_limit if offered is not None else "") or guide.promised_text
        return " · ".join(filter(None, [guide.case_type_label, limit]))

    def _where(self) -> str:
        offered = self._offered
        if offered is None or offered.office is None or not offered.office.live:
            return self.places
        return " ".join(filter(None, [offered.office.title, offered.window and offered.window_text]))

    @property
    def _offered(self) -> Provision | None:
        return self.provision if self.provision is not None and self.provision.is_offered else None

    @property
    def region(self) -> str:
        """The street or community it belongs to; empty for what is the district's, and for one itself."""
        region = self.document.region
        if region is None or region.depth <= DISTRICT_DEPTH or region.pk == self.document.page_id:
            return ""
        return region.title

    @property
    def shows_date(self) -> bool:
        return self.notice is not None and self.document.published_at is not None


@dataclass
class Verdict:
    """The answer to 还要不要开这个证明: what every list says that agrees."""

    lines: list[Line]

    @property
    def line(self) -> Line:
        return self.lines[0]

    @property
    def items(self) -> list[CertificateItem]:
        return [line.item for line in self.lines if line.item is not None]

    @property
    def item(self) -> CertificateItem:
        return self.items[0]

    @property
    def ways(self) -> list[Any]:
        """What to do instead, of all lists, each once."""
        return list({way.text: way for item in self.items for way in item.alternatives.all()}.values())

    @property
    def exceptions(self) -> list[str]:
        return list(dict.fromkeys(item.exceptions for item in self.items if item.exceptions))

    @property
    def is_demo(self) -> bool:
        return any(item.edition.owner.is_demo for item in self.items)


def lines_of(hits: list[Hit], community: RegionPage | None) -> list[Line]:
    """A line for each hit, with as many questions to the database however many hits there are."""
    hits = load(hits)
    documents = [hit.document for hit in hits]
    pages = {kind: [each.page_id for each in documents if each.kind == kind] for kind in Kind}
    guides = GuidePage.objects.in_bulk(pages[Kind.GUIDES])
    notices = NoticePage.objects.defer("body").in_bulk(pages[Kind.NOTICES])
    items = _items([each for each in documents if each.kind == Kind.CERTIFICATES])
    places = _places(guides)
    provisions = _provisions(guides, community)
    return [
        Line(
            hit,
            community,
            guide=guides.get(hit.document.page_id),
            notice=notices.get(hit.document.page_id),
            item=items.get((hit.document.page_id, hit.document.key)),
            places=places.get(hit.document.page_id, ""),
            provision=provisions.get(hit.document.page_id),
        )
        for hit in hits
    ]


def verdicts_of(lines: Iterable[Line]) -> list[Verdict]:
    """One verdict for each name and answer."""
    same: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        if line.item is not None:
            same.setdefault((fold(line.item.name), line.item.polarity), []).append(line)
    return [Verdict(agreeing) for agreeing in same.values()]


def _items(documents: list[Document]) -> dict[tuple[int, str], CertificateItem]:
    """What the lists in force say of these certificates, by list and key."""
    items = CertificateItem.objects.filter(
        edition__is_current=True,
        edition__live=True,
        edition__owner__in={document.page_id for document in documents},
        key__in={document.key for document in documents},
    )
    related = items.select_related("edition__owner", "guide").prefetch_related("alternatives")
    return {(item.edition.owner_id, item.key): item for item in related}


def _places(guides: dict[int, GuidePage]) -> dict[int, str]:
    """Where each guide is handled as it says itself: the place, or how many there are."""
    places = (
        GuidePage.offices.through.objects.filter(guidepage__in=guides, officepage__live=True)
        .values("guidepage")
        .annotate(number=Count("pk"), name=Min("officepage__title"))
        .order_by()
    )
    return {
        row["guidepage"]: row["name"] if row["number"] == 1 else _("%(number)d 处可办") % row
        for row in places
    }


def _provisions(guides: dict[int, GuidePage], community: RegionPage | None) -> dict[int, Provision]:
    """How each guide is offered where the reader lives, by the community itself or else by its street."""
    if community is None or not guides:
        return {}
    rows = provisions_around(community).filter(guide__in=guides)
    return {row.guide_id: row for row in rows.select_related("edition__owner", "office")}
