"""Certificates that must not be issued, where guides and provisions still ask for them (rule 13)."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from content_models.base.checks import Finding, Mend
from content_models.guides.material_names import RefusedCertificates, alternatives_to, refusal_message
from content_models.guides.models import GuidePage, Material
from quality.review import check, found

NAME_LIMIT = Material._meta.get_field("name").max_length or 0


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
        if text := alternative.text[:NAME_LIMIT]:
            label = _("改为“%(text)s”") % {"text": text}
            yield Mend(label, "materials.name", text, row, clears="materials.certificate")
    yield Mend(_("标为免提交"), "materials.necessity", Material.NOT_NEEDED, row)
