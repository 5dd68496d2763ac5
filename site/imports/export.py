"""Everything out again, in the shape in which it comes in: export, then import, changes nothing."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _
from wagtail.models import Page

from content_models.base import codes
from content_models.base.resources import PageResource, SheetField, SheetResource
from content_models.base.spreadsheets import OutColumn, OutSheet
from content_models.base.widgets import ChoiceWidget, CodesWidget, CodeWidget, YesNoWidget
from content_models.catalogue import KINDS
from content_models.certificates.models import CertificateListPage
from content_models.certificates.resources import CertificateItemResource
from content_models.communities.models import CommunityPage, Figure
from content_models.communities.resources import FigureResource
from content_models.guides.models import ProvisionEdition
from content_models.guides.resources import ProvisionResource
from content_models.policy_lists.models import ListEdition, PolicyListPage
from content_models.policy_lists.resources import EntryField, PolicyEntryResource
from imports.lanes import NotNow

BATCH = 2_000


def sheets_of(kind: str, into: Page | None = None) -> list[OutSheet]:
    """What the site says of a kind, below ``into`` where given; NotNow when that is not enough to go by."""
    match kind:
        case "lists":
            page = _page(into, PolicyListPage, _("请指明要导出哪个清单。"))
            edition = page.current_edition or ListEdition(owner=page)
            return [_sheet(PolicyEntryResource(edition), _rows_of(edition))]
        case "certificates":
            page = _page(into, CertificateListPage, _("请指明要导出哪个证明清单。"))
            resource = CertificateItemResource(page.current_edition)
            items = list(resource.existing()) if page.current_edition else []
            further = [part for item in items for part in item.alternatives.all()]
            return [_sheet(resource, items), _sheet(resource.alternatives, further)]
        case "provisions":
            return [_provisions(into)]
        case "figures":
            figures = Figure.objects.filter(page__in=pages_of(CommunityPage, into))
            return [_sheet(FigureResource(), figures.order_by("page__path", "sort_order").iterator(BATCH))]
    if kind not in KINDS:
        raise NotNow(_("没有“%(kind)s”这种内容。") % {"kind": kind})
    resource = KINDS[kind].resource()
    pages = pages_of(KINDS[kind].model, into)
    return [_sheet(resource, pages.order_by("path").iterator(BATCH)), *_part_sheets(resource, pages)]


def _part_sheets(resource: SheetResource, pages: Any) -> list[OutSheet]:
    if not isinstance(resource, PageResource):
        return []
    sheets = []
    for part in resource.part_resources.values():
        rows = part._meta.model._default_manager.filter(page__in=pages).order_by("page__path", "sort_order")
        sheets.append(_sheet(part, rows.select_related("page").iterator(BATCH)))
    return sheets


def _provisions(into: Page | None) -> OutSheet:
    editions = ProvisionEdition.objects.current().select_related("owner").order_by("owner__path")
    if into is not None:
        editions = editions.filter(owner__path__startswith=into.path)
    first = ProvisionResource(ProvisionEdition())

    def rows() -> Iterator[list[Any]]:
        for edition in editions.iterator():
            resource = ProvisionResource(edition)
            resource.fields["guide"].widget = first.fields["guide"].widget
            for name in ("office", "go_to"):
                resource.fields[name].widget = first.fields[name].widget
            yield from _cells(resource, edition.rows.all())

    return OutSheet(str(first.sheet_name), columns_of(first), rows())


def _rows_of(edition: ListEdition) -> Iterator[Any]:
    if edition.pk is None:
        return
    for row in edition.rows.iterator(chunk_size=BATCH):
        row.edition = edition
        yield row


def _page(into: Page | None, model: Any, sentence: str) -> Any:
    page = into.specific if into is not None else None
    if not isinstance(page, model):
        raise NotNow(sentence)
    return page


def pages_of(model: Any, into: Page | None) -> Any:
    """Pages of a kind that residents can read."""
    pages = model.objects.live()
    return pages.descendant_of(into, inclusive=True) if into is not None else pages


def _sheet(resource: SheetResource, things: Any) -> OutSheet:
    return OutSheet(str(resource.sheet_name), columns_of(resource), _cells(resource, things))


def _cells(resource: SheetResource, things: Any) -> Iterator[list[Any]]:
    for thing in things:
        yield resource.export_resource(thing)


def columns_of(resource: SheetResource) -> list[OutColumn]:
    """The columns of a resource's sheet."""
    columns = []
    for field in resource.get_export_fields():
        width = max(10, min(40, 2 * len(str(field.column_name)) + 6))
        if isinstance(field, SheetField):
            columns.append(OutColumn(field.title, choices_of(field), field.is_required, width))
        else:
            columns.append(OutColumn(str(field.column_name), width=width))
    return columns


def choices_of(field: SheetField) -> Sequence[str]:
    """The labels a cell may hold, where they are few and one of them is meant."""
    if isinstance(field, EntryField):
        if field.spec.column_type == "yes_no":
            return (_("是"), _("否"))
        return tuple(field.spec.choices)
    match field.widget:
        case YesNoWidget():
            return (_("是"), _("否"))
        case CodesWidget():
            return ()
        case CodeWidget():
            return tuple(str(label) for _code, label in codes.choices(field.widget.code_list))
        case ChoiceWidget():
            return tuple(label for _value, label in field.widget.choices)
    return ()
