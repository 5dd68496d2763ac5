"""证明冲突: every guide and provision that still asks for a certificate which must not be issued."""

from collections import Counter
from typing import Any

from django.core.paginator import Paginator
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from content_models.guides.models import ProvisionEdition
from quality.conflicts import KINDS, Conflict, conflicts
from quality.health_views import QualityScreen

SHOWN = 50


class Conflicts(QualityScreen):
    page_title = gettext_lazy("证明冲突")
    template_name = "quality/conflicts.html"

    @cached_property
    def found(self) -> list[Conflict]:
        return conflicts(self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kind, text = self.request.GET.get("kind", ""), self.request.GET.get("q", "").strip()
        wanted = [
            each
            for each in self.found
            if (not kind or each.kind == kind)
            and (not text or text in f"{each.title}\n{each.place}\n{each.name}\n{each.certificate.name}")
        ]
        page = Paginator(wanted, SHOWN).get_page(self.request.GET.get("p"))
        numbers = Counter(each.kind for each in self.found)
        return super().get_context_data(
            **kwargs,
            lines=[_line(each) for each in page],
            page_of_lines=page,
            total=len(self.found),
            kinds=[
                (label, _query(kind=code, q=text), code == kind, number)
                for code, label, number in [
                    ("", _("全部"), len(self.found)),
                    *[(code, label, numbers[code]) for code, label in KINDS.items()],
                ]
            ],
            kind=kind,
            text=text,
            query=_query(kind=kind, q=text),
        )


def _query(**values: str) -> str:
    return urlencode({name: value for name, value in values.items() if value})


def _line(each: Conflict) -> dict[str, Any]:
    if each.kind == "guide":
        url = reverse("wagtailadmin_pages:edit", args=[each.thing])
    else:
        viewset = ProvisionEdition.snippet_viewset
        url = reverse(viewset.get_url_name("rows"), args=[each.edition])
    return {
        "conflict": each,
        "kind": KINDS[each.kind],
        "url": url,
        "list": each.certificate.owner.title,
        "certificate": each.certificate.name,
        "certificate_url": each.certificate.url,
        "instead": each.alternatives,
    }
