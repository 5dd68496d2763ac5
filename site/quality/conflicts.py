"""Certificates that must not be issued, where guides and provisions still ask for them (rule 13)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from content_models.base import memo
from content_models.base.checks import Finding, Mend
from content_models.base.fields import unpack
from content_models.guides.material_names import RefusedCertificates, alternatives_to, refusal_message
from content_models.guides.models import GuidePage, Material, Provision, ProvisionEdition
from quality.places import own
from quality.review import check, found


def materials_of(thing: Any) -> list[Material] | None:
    return list(thing.materials.all()) if isinstance(thing, GuidePage) else None


@check(
    "guide-refused-certificate",
    gettext_lazy("不应出具的证明"),
    level="error",
    wants=gettext_lazy("申请材料里没有不应出具的证明，别名、细项名也算；改用替代方式，或标为免提交。"),
    of=materials_of,
)
def refused_certificates(materials: list[Material]) -> Iterator[Finding]:
    refused = RefusedCertificates.load()
    asked = {
        row: certificate
        for row, material in enumerate(materials)
        if (certificate := refused.behind(material)) is not None
    }
    alternatives = alternatives_to(list(asked.values())) if asked else {}
    for row, certificate in asked.items():
        instead = alternatives[certificate.pk]
        message = refusal_message(materials[row].name, certificate, instead)
        mend, *others = _ways_out(row, instead)
        yield found(message, "materials.name", row=row, mend=mend, other_mends=tuple(others))


def _ways_out(row: int, alternatives: list[Any]) -> Iterator[Mend]:
    """Another material in its place, or none to bring."""
    for alternative in alternatives:
        if alternative.names_document:
            label = _("改为“%(text)s”") % {"text": alternative.text}
            yield Mend(label, "materials.name", alternative.text, row, clears="materials.certificate")
    yield Mend(_("标为免提交"), "materials.necessity", Material.NOT_NEEDED, row)


# In the whole district


@dataclass(frozen=True)
class Asked:
    """A material of a public guide that is a certificate which must not be issued."""

    guide: int
    name: str
    certificate: Any


def asked_by_guides() -> dict[int, list[Asked]]:
    """Such materials of public guides, by guide; read once per request."""
    return memo.remember("quality.asked", _asked_by_guides)


def _asked_by_guides() -> dict[int, list[Asked]]:
    refused = RefusedCertificates.load()
    if not refused.by_pk:
        return {}
    materials = Material.objects.filter(page__live=True).exclude(necessity=Material.NOT_NEEDED).order_by()
    names = set(materials.values_list("name", flat=True).distinct())
    called = {name: certificate for name in names if (certificate := refused.named(name)) is not None}
    asking = materials.filter(Q(certificate__in=refused.by_pk) | Q(name__in=called))
    asked: dict[int, list[Asked]] = {}
    for guide, name, linked in asking.order_by("page", "sort_order").values_list(
        "page", "name", "certificate"
    ):
        certificate = refused.by_pk.get(linked) or called.get(name)
        asked.setdefault(guide, []).append(Asked(guide, name, certificate))
    return asked


@check(
    "provision-refused-certificate",
    gettext_lazy("社区还在收不应出具的证明"),
    wants=gettext_lazy("指南里有不应出具的证明时，社区的服务安排把它列为免交，不再向居民要。"),
    of=lambda thing: thing if isinstance(thing, ProvisionEdition) and thing.pk else None,
)
def provisions_that_ask(edition: ProvisionEdition) -> Iterator[Finding]:
    asked = asked_by_guides()
    if not asked:
        return
    rows = edition.rows.filter(guide__in=asked, is_offered=True)
    for guide, title, waived in rows.values_list("guide", "guide__title", "waived_materials"):
        for each in asked[guide]:
            if each.name not in waived:
                message = _(
                    "“%(guide)s”还要居民交“%(name)s”，这是不应出具的证明。请把它列为免交，或请区里改指南。"
                )
                yield found(message % {"guide": title, "name": each.name}, "rows")


@dataclass(frozen=True)
class Conflict:
    """A line of the report: who asks for which certificate, and what is instead."""

    kind: str  # guide, provision, or waived
    title: str
    place: str
    name: str
    certificate: Any
    alternatives: tuple[str, ...]
    thing: int  # the guide, or the provision
    edition: int = 0


KINDS = {
    "guide": gettext_lazy("办事指南"),
    "provision": gettext_lazy("服务安排"),
    "waived": gettext_lazy("服务安排的免交材料"),
}


def conflicts(user: Any) -> list[Conflict]:
    """Everything in this person's part of the tree that asks for a certificate which must not be issued.

    A dozen questions, however many guides and provisions there are.
    """
    with memo.kept():
        asked = asked_by_guides()
        waived = _names_waived()
    certificates = {each.certificate.pk: each.certificate for some in asked.values() for each in some}
    certificates |= {certificate.pk: certificate for certificate in waived.values()}
    instead = {
        pk: tuple(alternative.text for alternative in some)
        for pk, some in alternatives_to(list(certificates.values())).items()
    }
    lines = [*_of_guides(asked, instead, user), *_of_provisions(asked, instead, user)]
    return [*lines, *_of_waived(waived, instead, user)]


def _of_guides(asked: Any, instead: Any, user: Any) -> Iterator[Conflict]:
    guides = own(GuidePage.objects.filter(pk__in=asked), user).order_by("sort_name", "pk")
    for pk, title in guides.values_list("pk", "title"):
        for each in asked[pk]:
            texts = instead[each.certificate.pk]
            yield Conflict("guide", title, "", each.name, each.certificate, texts, pk)


def _in_force() -> Any:
    return Provision.objects.filter(edition__is_current=True, edition__live=True)


def _of_provisions(asked: Any, instead: Any, user: Any) -> Iterator[Conflict]:
    rows = own(_in_force().filter(guide__in=asked, is_offered=True), user, "edition__owner__path")
    titles = dict(GuidePage.objects.filter(pk__in=asked).values_list("pk", "title"))
    values = rows.order_by("edition__owner__path", "order", "pk").values_list(
        "pk", "edition", "guide", "edition__owner__title", "waived_materials"
    )
    for pk, edition, guide, place, waived in values:
        for each in asked[guide]:
            if each.name not in waived:
                texts = instead[each.certificate.pk]
                title = titles[guide]
                yield Conflict("provision", title, place, each.name, each.certificate, texts, pk, edition)


def _names_waived() -> dict[str, Any]:
    """Names among the materials that communities waive which mean a refused certificate."""
    refused = RefusedCertificates.load()
    if not refused.by_pk:
        return {}
    texts = _in_force().exclude(waived_materials="").order_by().values_list("waived_materials", flat=True)
    names = {name for text in texts.distinct() for name in unpack(text)}
    return {name: certificate for name in names if (certificate := refused.named(name)) is not None}


def _of_waived(waived: Any, instead: Any, user: Any) -> Iterator[Conflict]:
    wanted = Q(pk__in=[])
    for name in waived:
        wanted |= Q(waived_materials__has=name)
    rows = own(_in_force().filter(wanted), user, "edition__owner__path")
    values = rows.order_by("edition__owner__path", "order", "pk").values_list(
        "pk", "edition", "guide__title", "edition__owner__title", "waived_materials"
    )
    for pk, edition, title, place, names in values:
        for name in names:
            if (certificate := waived.get(name)) is not None:
                texts = instead[certificate.pk]
                yield Conflict("waived", title, place, name, certificate, texts, pk, edition)
