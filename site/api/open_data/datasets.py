"""What there is to take away: each public list, the figures of each region, and all there is of a kind.

A data set is public exactly while what it is made of is; nothing here outlives the request that asked.
"""

import datetime
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, prefetch_related_objects
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.documents import get_document_model

from api.open_data import tables
from api.open_data.facts import FORMAT, Facts, base_url, digest
from content_models.base.edition_pages import public_editions_by_page
from content_models.base.public_tables import FORMS, LATEST, PublicColumn, PublicTable, write_table
from content_models.certificates.models import CertificateListPage
from content_models.guides import national
from content_models.places.models import RegionPage
from content_models.policy_lists.models import PolicyListPage

KINDS = {
    "lists": gettext_lazy("清单"),
    "certificates": gettext_lazy("证明清单"),
    "figures": gettext_lazy("社区数据"),
    "whole": gettext_lazy("全站汇总"),
}
NATIONAL = "national"


@dataclass(frozen=True)
class DataEdition:
    """One state of a data set that is kept as files."""

    number: str  # as addresses say it: a number, or the name of the one there is
    title: str
    state: Any  # whatever else changes when the rows do, or what reads it
    table: Callable[[], PublicTable]
    rows: int
    updated_at: datetime.datetime | None
    is_latest: bool = True
    facts: Sequence[tuple[str, str, str]] = field(default=())

    @property
    def updated_on(self) -> datetime.date | None:
        return timezone.localtime(self.updated_at).date() if self.updated_at else None


class DataSet:
    """Something to take away: what it is, who publishes it, its columns and its editions, newest first."""

    forms: Sequence[str] = tuple(FORMS)

    def __init__(self, facts: Facts, *, name: str, kind: str, title: str, about: str) -> None:
        self.facts, self.name, self.kind, self.title, self.about = facts, name, kind, title, about
        self.publisher = facts.publisher
        self.source = ""
        self.is_demo = False
        self.page_url = ""
        self.api_url = ""
        self.editions: list[DataEdition] = []

    @property
    def url(self) -> str:
        return reverse("open_data:data_set", args=[self.name])

    @property
    def kind_label(self) -> str:
        return str(KINDS[self.kind])

    @property
    def latest(self) -> DataEdition | None:
        return next((edition for edition in self.editions if edition.is_latest), None)

    @property
    def shown(self) -> DataEdition:
        """The edition whose columns and files the page shows first: the one in force, else the newest."""
        return self.latest or self.editions[0]

    @property
    def updated_on(self) -> datetime.date | None:
        return self.shown.updated_on

    @cached_property
    def columns(self) -> Sequence[PublicColumn]:
        """In the words of the files, which are the same in every language."""
        with translation.override(settings.LANGUAGE_CODE):
            return self.shown.table().columns

    def edition(self, number: str) -> DataEdition | None:
        if number == LATEST:
            return self.latest
        return next((edition for edition in self.editions if edition.number == number), None)

    def file_url(self, edition: DataEdition, form: str) -> str:
        return reverse("open_data:file", args=[self.name, self.address_part(edition), form])

    def address_part(self, edition: DataEdition) -> str:
        return LATEST if edition.is_latest else edition.number

    def files(self, edition: DataEdition) -> list[tuple[str, str]]:
        """``[(form, address)]``."""
        return [(form, self.file_url(edition, form)) for form in self.forms]

    @property
    def shown_files(self) -> list[tuple[str, str]]:
        return [(str(FORMS[form]), address) for form, address in self.files(self.shown)]

    @property
    def has_history(self) -> bool:
        """Whether its editions have names and older ones may be had."""
        return bool(self.shown.title)

    @property
    def history(self) -> list[dict[str, Any]]:
        """Each edition with its files."""
        return [
            {
                "edition": edition,
                "files": [(str(FORMS[form]), address) for form, address in self.files(edition)],
            }
            for edition in self.editions
        ]

    def file_name(self, edition: DataEdition) -> str:
        """What a downloaded file is called, without its extension."""
        return f"{self.title}（{edition.title}）" if edition.title else self.title

    def about_file(self, edition: DataEdition) -> list[tuple[str, str, str]]:
        """What a file says of itself: ``[(key, label, text)]``."""
        day = edition.updated_on
        return [
            ("name", _("编号"), self.name),
            ("title", _("名称"), self.title),
            ("about", _("内容"), self.about),
            ("edition", _("版本"), edition.title),
            *edition.facts,
            ("publisher", _("发布单位"), self.publisher),
            ("source", _("来源"), self.source),
            ("is_demo", _("演示数据"), _("是") if self.is_demo else ""),
            ("licence", _("使用许可"), self.facts.licence),
            ("updated_on", _("更新日期"), day.isoformat() if day else ""),
            ("address", _("数据页面"), f"{base_url()}{self.url}"),
        ]

    def stamp(self, edition: DataEdition) -> str:
        """The name of this very content: another one whenever a file would differ."""
        columns = [column.as_json() for column in edition.table().columns]
        state = edition.state() if callable(edition.state) else edition.state
        return digest([FORMAT, self.about_file(edition), columns, edition.number, state])

    def write(self, edition: DataEdition, form: str, file: Any) -> None:
        write_table(replace(edition.table(), about=self.about_file(edition)), form, file)


def api_root() -> str:
    """Where the content API begins."""
    return reverse("api:search").removesuffix("search/")


# Lists


class ListData(DataSet):
    """The data set of a policy list, which may say how it compares with an older edition."""

    page: PolicyListPage

    def stamp(self, edition: DataEdition) -> str:
        """Also of what it is compared with; the entries are counted only for a file that is written."""
        page = self.page
        if not (edition.is_latest and page.is_compared):
            return super().stamp(edition)
        declared = [
            page.compared_with_id,
            str(page.compared_on),
            page.comparison_title,
            page.comparison_unit,
        ]
        columns = [column.as_json() for column in page.column_specs]
        states = [each.state for each in self.editions]
        return digest([super().stamp(edition), declared, columns, states])

    def write(self, edition: DataEdition, form: str, file: Any) -> None:
        compared = self.page.comparison if edition.is_latest else None
        said = [("comparison", _("前后对比"), compared.text)] if compared else []
        about = [*self.about_file(edition), *said]
        write_table(replace(edition.table(), about=about), form, file)


def of_lists(pages: Any, facts: Facts) -> list[DataSet]:
    """Data sets of policy lists, by three questions for however many."""
    pages = list(pages.select_related("owner_unit"))
    prefetch_related_objects(pages, "columns")
    found: list[DataSet] = []
    for page, editions in with_public_editions(pages):
        made = ListData(
            facts,
            name=f"lists-{page.pk}",
            kind="lists",
            title=page.title,
            about=page.search_description or _("清单“%(title)s”的全部条目。") % {"title": page.title},
        )
        made.page = page
        points_at_guides = any(column.is_guide for column in page.column_specs)
        if points_at_guides:
            page.guide_titles = facts.guide_titles
        if page.owner_unit:
            made.publisher = page.owner_unit.name
        made.api_url = f"{api_root()}lists/{page.pk}/entries/"
        finish(made, page, editions, facts.guides_digest if points_at_guides else "")
        found.append(made)
    return found


def of_certificates(pages: Any, facts: Facts) -> list[DataSet]:
    found = []
    for page, editions in with_public_editions(list(pages)):
        made = DataSet(
            facts,
            name=f"certificates-{page.pk}",
            kind="certificates",
            title=page.title,
            about=page.search_description
            or _("证明清单“%(title)s”：哪些证明可以开、哪些不再开、不开怎么办。") % {"title": page.title},
        )
        made.api_url = f"{api_root()}certificates/?list={page.pk}"
        finish(made, page, editions, facts.labels_digest)
        found.append(made)
    return found


def with_public_editions(pages: list[Any]) -> list[tuple[Any, list[Any]]]:
    """Those of ``pages`` that have any, each with its public editions and their length, newest first."""
    editions = public_editions_by_page(pages)
    return [(page, editions[page.pk]) for page in pages if editions[page.pk]]


def finish(made: DataSet, page: Any, editions: Iterable[Any], depends_on: str) -> None:
    """What both kinds of lists say of themselves and of their editions."""
    made.page_url = made.facts.path_to(page.url_path)
    made.source, made.is_demo = getattr(page, "source", ""), page.is_demo
    for edition in editions:
        edition.owner = page
        days = [
            ("doc_no", _("文号"), edition.doc_no),
            ("announced_on", _("公布日期"), edition.announced_on),
            ("effective_on", _("施行日期"), edition.effective_on),
            ("repealed_on", _("废止日期"), edition.repealed_on),
            ("note", _("版本说明"), edition.note),
            ("edition_source", _("版本来源"), edition.source),
        ]
        made.editions.append(
            DataEdition(
                number=str(edition.number),
                title=edition.title,
                state=[edition.pk, edition.live_revision_id, edition.last_published_at, depends_on],
                table=partial(page.public_table, edition),
                rows=edition.entered,
                updated_at=edition.last_published_at or edition.created_at,
                is_latest=edition.is_current,
                facts=[(key, label, str(text) if text else "") for key, label, text in days],
            )
        )


def public_lists() -> Any:
    return PolicyListPage.objects.live().public().filter(is_internal=False, editions__live=True).distinct()


def public_certificates() -> Any:
    return CertificateListPage.objects.live().public().filter(editions__live=True).distinct()


# Figures


def public_regions() -> Any:
    """Regions of which anything has been counted."""
    return RegionPage.objects.live().public().filter(figures__isnull=False).distinct()


def of_regions(pages: Any, facts: Facts) -> list[DataSet]:
    """The figures of each region."""
    found = []
    for page in pages.annotate(number=Count("figures"), newest=Max("figures__as_of")):
        made = DataSet(
            facts,
            name=f"figures-{page.pk}",
            kind="figures",
            title=_("%(region)s的数据") % {"region": page.title},
            about=_("%(region)s的户数、人口等数据，每个数写明日期和来源。") % {"region": page.title},
        )
        made.page_url = facts.path_to(page.url_path)
        made.api_url = f"{api_root()}figures/?place={page.pk}"
        state = [page.live_revision_id, page.last_published_at, page.title, page.number, facts.labels_digest]
        made.editions = [
            DataEdition(
                number=LATEST,
                title="",
                state=[page.pk, *state, figures_state(page)],
                table=partial(tables.figures, facts, page),
                rows=page.number,
                updated_at=page.last_published_at,
            )
        ]
        found.append(made)
    return found


def figures_state(page: Any) -> str:
    """A mark of the newest figure: figures change with their page, and an import may add some."""
    return f"{page.newest}"


# The whole


def whole(facts: Facts, title: str, name: str, about: str, pages: Any, table: Any, *kinds: str) -> DataSet:
    """A data set of everything of a kind."""
    made = DataSet(facts, name=name, kind="whole", title=title, about=about)
    made.api_url = f"{api_root()}{name}/"
    counted = pages.order_by().aggregate(newest=Max("last_published_at"), rows=Count("pk"))
    made.editions = [
        DataEdition(
            number=LATEST,
            title="",
            state=partial(facts.state_of, pages, *kinds),
            table=partial(table, facts),
            rows=counted["rows"],
            updated_at=counted["newest"],
        )
    ]
    return made


def of_guides(facts: Facts) -> DataSet:
    return whole(
        facts, _("全部办事指南"), "guides",
        _("每个事项一行：在哪里办、要多久、打什么电话。材料和流程在各事项的页面上，也在“国家接口格式”里。"),
        tables.public_guides(), tables.guides, "guides", "offices", "communities", "pages",
    )  # fmt: skip


def of_offices(facts: Facts) -> DataSet:
    return whole(
        facts, _("全部办事场所"), "offices", _("每个场所一行：地址、电话、办公时间、无障碍设施。"),
        tables.public_offices(), tables.offices, "offices", "communities", "pages",
    )  # fmt: skip


def of_communities(facts: Facts) -> DataSet:
    return whole(
        facts, _("全部社区"), "communities", _("每个社区一行：区划代码、所属街道、类型、四至和简介。"),
        tables.public_communities(), tables.communities, "communities", "pages",
    )  # fmt: skip


def of_figures(facts: Facts) -> DataSet:
    regions = RegionPage.objects.live().public()
    made = whole(
        facts, _("全部社区数据"), "figures", _("各街道、社区的户数、人口等，一行一个数，写明日期和来源。"),
        regions, tables.figures, "communities", "pages",
    )  # fmt: skip
    made.editions[0] = replace(made.editions[0], rows=tables.public_figures().count())
    return made


class NationalDataSet(DataSet):
    """Guides under the names of the national interface, with their materials."""

    forms = national.FORMS

    def address_part(self, edition: DataEdition) -> str:
        return edition.number

    def write(self, edition: DataEdition, form: str, file: Any) -> None:
        national.write(national.public_guides(), form, file, about=self.about_file(edition))


def of_national(facts: Facts) -> DataSet:
    made = NationalDataSet(
        facts,
        name=NATIONAL,
        kind="whole",
        title=_("办事指南（国家接口格式）"),
        about=_(
            "事项和申请材料，列名和代码照国家政务服务事项接口，供上级平台导入；也可以导入别的家门口网站。"
        ),
    )
    made.api_url = f"{api_root()}guides/"
    pages = national.public_guides()

    def state() -> list[Any]:
        """Materials name their forms by file."""
        documents = get_document_model().objects.order_by("pk").values_list("pk", "file")
        kinds = ("guides", "offices", "communities", "pages")
        return [*facts.state_of(pages, *kinds), digest(list(documents))]

    columns = [PublicColumn(name, label, help_text=text) for name, label, text in national.explained()]
    counted = pages.order_by().aggregate(newest=Max("last_published_at"), rows=Count("pk"))
    made.editions = [
        DataEdition(
            number="guides",
            title="",
            state=state,
            table=partial(PublicTable, made.title, columns, tuple),
            rows=counted["rows"],
            updated_at=counted["newest"],
        )
    ]
    return made


WHOLE: dict[str, Callable[[Facts], DataSet]] = {
    "guides": of_guides,
    NATIONAL: of_national,
    "offices": of_offices,
    "communities": of_communities,
    "figures": of_figures,
}


# Finding


def find(name: str, facts: Facts) -> DataSet | None:
    """The public data set of this name."""
    if name in WHOLE:
        return WHOLE[name](facts)
    kind, _dash, key = name.rpartition("-")
    if not (kind in BY_PAGE and key.isascii() and key.isdecimal() and len(key) < 10 and key[0] != "0"):
        return None
    pages, of_pages = BY_PAGE[kind]
    return next(iter(of_pages(pages().filter(pk=int(key)), facts)), None)


BY_PAGE: dict[str, tuple[Callable[[], Any], Callable[[Any, Facts], list[DataSet]]]] = {
    "lists": (public_lists, of_lists),
    "certificates": (public_certificates, of_certificates),
    "figures": (public_regions, of_regions),
}


def of_ids(ids: Sequence[int], facts: Facts) -> list[DataSet]:
    """The data sets of these pages, in their order."""
    found: dict[int, DataSet] = {}
    for pages, of_pages in BY_PAGE.values():
        for made in of_pages(pages().filter(pk__in=ids), facts):
            found[int(made.name.rpartition("-")[2])] = made
    return [found[pk] for pk in ids if pk in found]


def all_of_them(facts: Facts) -> list[DataSet]:
    """Every public data set; the number of questions does not grow with them."""
    made = [of_whole(facts) for of_whole in WHOLE.values()]
    for pages, of_pages in BY_PAGE.values():
        made += of_pages(pages().order_by("path"), facts)
    return made
