"""What hangs on the wall or lies on the counter: a guide, a certificate or an office with its QR code."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.models import Page

from content_models.certificates.models import CertificateItem, CertificateListPage
from content_models.guides.models import GuidePage
from content_models.guides.provisions import offered_guides
from content_models.home.models import HomePage
from content_models.places.models import OfficePage, RegionPage

Absolute = Callable[[str], str]
KINDS = {
    "guides": gettext_lazy("办事指南"),
    "certificates": gettext_lazy("证明事项"),
    "offices": gettext_lazy("办事场所"),
}


@dataclass(frozen=True)
class Poster:
    """One thing to be found by scanning: ``address`` is its live page, ``lead`` what one gets there."""

    kind: str
    title: str
    lead: str
    address: str
    facts: tuple[str, ...] = ()
    key: str = ""  # of a certificate, within its list


def of_page(page: Page, *, absolute: Absolute, key: str = "") -> list[Poster] | None:
    """The poster of a live page, or those of all certificates of a list; None for other pages.

    ``key`` names one certificate.
    """
    specific = page.specific
    if not getattr(specific, "is_public", False):
        return None
    if isinstance(specific, GuidePage):
        return [_of_guide(specific, absolute)]
    if isinstance(specific, OfficePage):
        return [_of_office(specific, absolute)]
    if isinstance(specific, CertificateListPage):
        items = _items([specific])
        return [_of_item(item, absolute) for item in items if not key or item.key == key]
    return None


def within(place: RegionPage, kind: str, *, absolute: Absolute) -> list[Poster]:
    """Posters of everything of a kind that residents of a place get there, sorted by name."""
    if kind == "offices":
        offices = OfficePage.objects.live().public().descendant_of(place).order_by("sort_name", "path")
        return [_of_office(office, absolute) for office in offices]
    if kind == "certificates":
        return [_of_item(item, absolute) for item in _items(_lists_for(place))]
    return [_of_guide(guide, absolute) for guide in _guides_of(place)]


def _guides_of(place: RegionPage) -> Iterator[GuidePage]:
    """Guides written for the place, and those of the district that it offers."""
    guides = list(GuidePage.objects.live().public().order_by("sort_name", "path"))
    is_all = isinstance(place.specific, HomePage)
    offered = {} if is_all else offered_guides([place], [guide.pk for guide in guides])
    for guide in guides:
        if is_all or guide.path.startswith(place.path) or guide.pk in offered[place.path]:
            yield guide


def _lists_for(place: RegionPage) -> list[CertificateListPage]:
    """The lists that hold in a place: its own, those within it and those of the places above."""
    found = []
    for page in CertificateListPage.objects.live().public().order_by("path"):
        region = page.path[: -2 * Page.steplen]  # above its channel
        if page.path.startswith(place.path) or place.path.startswith(region):
            found.append(page)
    return found


def _items(lists: list[CertificateListPage]) -> list[CertificateItem]:
    items = CertificateItem.objects.filter(
        edition__owner__in=lists, edition__is_current=True, edition__live=True
    )
    return list(items.select_related("edition__owner").order_by("edition__owner__path", "order", "pk"))


def _of_guide(guide: GuidePage, absolute: Absolute) -> Poster:
    lead = _("扫一扫，看带什么材料、到哪里办、几点开门")
    return Poster(str(KINDS["guides"]), guide.title, lead, absolute(guide.url))


def _of_item(item: CertificateItem, absolute: Absolute) -> Poster:
    lead = _("扫一扫，看还要不要开这个证明、不开怎么办")
    return Poster(str(KINDS["certificates"]), item.name, lead, absolute(item.url), key=item.key)


def _of_office(office: OfficePage, absolute: Absolute) -> Poster:
    lead = _("扫一扫，看现在是否办公、在这里能办什么事")
    facts = [_("地址：%(text)s") % {"text": office.address}, _("电话：%(text)s") % {"text": office.phone}]
    return Poster(str(KINDS["offices"]), office.title, lead, absolute(office.url), tuple(facts))
