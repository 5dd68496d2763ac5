"""The workbook to fill in for a kind of content: columns with choices, an example, and notes on each column.

The example is something that the destination has, so an upload that still holds it changes nothing. Where
there is nothing yet, it is put together from the columns' own examples, if the site knows what they name.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.models import Page

from content_models.base.resources import PageResource, PartResource, SheetField, SheetResource
from content_models.base.spreadsheets import OutColumn, OutSheet
from content_models.catalogue import KINDS
from content_models.certificates.models import CertificateEdition, CertificateListPage
from content_models.certificates.resources import CertificateItemResource
from content_models.communities.models import CommunityPage, Figure
from content_models.guides.models import GuidePage, ProvisionEdition
from content_models.guides.resources import ProvisionResource
from content_models.home.models import StreetPage
from content_models.places.models import RegionPage
from content_models.places.resources import RegionalPageResource, RegionResource
from content_models.policy_lists.columns import give_keys
from content_models.policy_lists.models import Column, ListEdition, PolicyListPage
from content_models.policy_lists.resources import EntryField, PolicyEntryResource
from imports.export import choices_of, columns_of, pages_of
from imports.match import Target, targets_of
from imports.sheets import NOTES_SHEET

# What a list may begin with; a new one takes whatever columns its file has.
BARE_COLUMNS = [gettext_lazy("事项名称"), gettext_lazy("类别"), gettext_lazy("说明")]
# Columns by which a thing would be overwritten whose other cells were replaced: names serve as well.
LEFT_EMPTY = ("slug", "key")

Cells = dict[str, str]


@dataclass
class Sample:
    """What a form begins with: its resource, and a row of it with its rows on further sheets."""

    resource: SheetResource
    row: Cells = field(default_factory=dict)
    parts: dict[str, list[Cells]] = field(default_factory=dict)


def template_for(kind: str, into: Page | None = None) -> list[OutSheet]:
    """The workbook to fill in for a kind, with the columns and an example of the place ``into``."""
    sample = sample_of(kind, into.specific if into is not None else None)
    further = {name: sample.parts.get(name, []) for name in parts_of(sample.resource)}
    sheets = [form_of(sample.resource, [sample.row] if sample.row else [])]
    sheets += [form_of(part, further[name]) for name, part in parts_of(sample.resource).items()]
    return [*sheets, _notes([sample.resource, *parts_of(sample.resource).values()])]


def form_of(resource: SheetResource, rows: Sequence[Cells]) -> OutSheet:
    """A sheet to fill in, which begins with these rows."""
    columns = columns_of(resource)
    note = _("这里已填的是示例，改成您的内容，或整行删掉。")
    return OutSheet(
        str(resource.sheet_name),
        columns,
        [[row.get(column.title, "") for column in columns] for row in rows],
        is_form=True,
        marks={(2, 1): note} if rows else {},
    )


def parts_of(resource: SheetResource) -> dict[str, PartResource]:
    """The further sheets of a resource."""
    if isinstance(resource, PageResource | CertificateItemResource):
        return dict(resource.part_resources)
    return {}


# Examples


def sample_of(kind: str, into: Page | None) -> Sample:
    match kind:
        case "lists":
            return _of_list(into)
        case "certificates":
            return _of_certificates(into)
        case "provisions":
            return _of_provisions(into)
        case "figures":
            return _of_figures(into)
    return _of_pages(kind, into)


def _of_list(into: Page | None) -> Sample:
    page = into if isinstance(into, PolicyListPage) else _new_list()
    edition = (page.current_edition if page.pk else None) or ListEdition()
    edition.owner = page
    resource = PolicyEntryResource(edition)
    entry = edition.rows.first() if edition.pk else None
    if entry is None:
        return Sample(resource, made_up(resource))
    entry.edition = edition
    return Sample(resource, told(resource, entry))


def _new_list() -> PolicyListPage:
    page = PolicyListPage(title="")
    columns = [Column(label=str(label), is_title=not place) for place, label in enumerate(BARE_COLUMNS)]
    give_keys(columns)
    page.columns = columns
    return page


def _of_certificates(into: Page | None) -> Sample:
    edition = into.current_edition if isinstance(into, CertificateListPage) else None
    resource = CertificateItemResource(edition or CertificateEdition())
    item = resource.existing().first() if edition else None
    if item is None:
        return Sample(resource, made_up(resource))
    part = resource.alternatives
    named = {part.fields[part.owner].title: item.name}
    further = [told(part, alternative) | named for alternative in item.alternatives.all()]
    return Sample(resource, told(resource, item), {"alternatives": further})


def _of_provisions(into: Page | None) -> Sample:
    editions = ProvisionEdition.objects.current().filter(rows__isnull=False).order_by("owner__path")
    if into is not None:
        editions = editions.filter(owner__path__startswith=into.path)
    edition = editions.first()
    resource = ProvisionResource(edition or ProvisionEdition())
    if edition is not None:
        return Sample(resource, told(resource, edition.rows.all()[0]))
    guide = GuidePage.objects.live().order_by("path").first()
    known = {"region": _region_name(into), "guide": guide.slug if guide else ""}
    return Sample(resource, made_up(resource, known))


def _of_figures(into: Page | None) -> Sample:
    resource = KINDS["figures"].resource()
    figure = Figure.objects.filter(page__in=pages_of(CommunityPage, into)).order_by("page__path").first()
    if figure is not None:
        return Sample(resource, told(resource, figure))
    return Sample(resource, made_up(resource, {"region_code": _region_name(into)}))


def _region_name(into: Page | None) -> str:
    """A region with a code, below ``into`` where that is given."""
    found = RegionPage.objects.exclude(region_code="").order_by("-depth", "path")
    if into is not None:
        found = found.descendant_of(into, inclusive=True)
    return found.values_list("region_code", flat=True).first() or ""


def _street_code(into: Page | None) -> str:
    """A street that can take a community."""
    found = pages_of(StreetPage, into).exclude(region_code="").order_by("path")
    return found.values_list("region_code", flat=True).first() or ""


def _of_pages(kind: str, into: Page | None) -> Sample:
    resource = KINDS[kind].resource()
    assert isinstance(resource, RegionalPageResource)
    pages = pages_of(KINDS[kind].model, into).filter(has_unpublished_changes=False)
    page = pages.order_by("path").first()
    known = {"region": _street_code(into)} if isinstance(resource, RegionResource) else {}
    row = told(resource, page) if page is not None else made_up(resource, known)
    is_placed_by_choice = resource.channel is not None or page is None or into is None
    if row and is_placed_by_choice and not isinstance(resource, RegionResource):
        row[resource.fields["region"].title] = ""
    return Sample(resource, row, _rows_of_parts(resource, page) if page is not None else {})


def _rows_of_parts(resource: PageResource, page: Any) -> dict[str, list[Cells]]:
    """What further sheets say of a page, which they name as its row does."""
    parts = {}
    for name, part in resource.part_resources.items():
        rows = part._meta.model._default_manager.filter(page=page).order_by("sort_order")
        named = {part.fields[part.owner].title: page.title} if resource.part_key in LEFT_EMPTY else {}
        parts[name] = [told(part, row) | named for row in rows.select_related("page")]
    return parts


def told(resource: SheetResource, thing: Any) -> Cells:
    """A thing as the cells of a row, by column, without those that name it for good."""
    titles = [str(each.column_name) for each in resource.get_export_fields()]
    cells = dict(zip(titles, resource.export_resource(thing), strict=True))
    unsaid = [resource.fields[name].title for name in LEFT_EMPTY if name in resource.fields]
    return {title: "" if title in unsaid else text for title, text in cells.items()}


def made_up(resource: SheetResource, known: Cells | None = None) -> Cells:
    """A row of the columns' own examples; empty where one that is needed would be refused on this site."""
    cells = {}
    for name, each in resource.fields.items():
        if not isinstance(each, SheetField) or each.is_only_read or name in LEFT_EMPTY:
            continue
        cells[each.title] = _usable(each, (known or {}).get(name) or _example(each))
        if each.is_required and not cells[each.title]:
            return {}
    return cells


def _example(each: SheetField) -> str:
    if not isinstance(each, EntryField):
        return each.example
    choices = choices_of(each)
    return choices[0] if choices else _("示例") if each.spec.is_title or each.is_required else ""


def _usable(each: SheetField, text: str) -> str:
    try:
        each.clean({each.title: text})
    except ValueError:
        return ""
    return text


# Notes


def _notes(resources: Sequence[SheetResource]) -> OutSheet:
    columns = [
        OutColumn(_("工作表")),
        OutColumn(_("列名"), width=20),
        OutColumn(_("必填"), width=8),
        OutColumn(_("怎么填"), width=60),
        OutColumn(_("示例"), width=30),
        OutColumn(_("可填"), width=40),
        OutColumn(_("也可以写成"), width=40),
    ]
    rows = [
        _note(resource, target)
        for resource in resources
        for target in targets_of(resource)
        if target.is_read and target.title not in _only_read(resource)
    ]
    return OutSheet(str(NOTES_SHEET), columns, rows)


def _only_read(resource: SheetResource) -> set[str]:
    """Columns that other systems' files may have and our own do not."""
    fields = (each for each in resource.fields.values() if isinstance(each, SheetField))
    return {each.title for each in fields if each.is_only_read}


def _note(resource: SheetResource, target: Target) -> list[str]:
    described = next(
        (
            each
            for each in resource.fields.values()
            if isinstance(each, SheetField) and each.title == target.title
        ),
        None,
    )
    return [
        str(resource.sheet_name),
        target.title,
        _("必填") if target.is_required else "",
        target.help_text,
        described.example if described else "",
        "、".join(choices_of(described)) if described else "",
        "、".join(name for name in target.names if name != target.title and not name.isascii()),
    ]
