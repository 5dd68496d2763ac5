"""The demo content of ``fixtures/demo``, loaded through the Resources beside the models and published.

Each file group is one transaction, so a crash leaves a state from which loading goes on. Things are
recognised by their keys: what already stands as a file says is left alone, without a new revision.
"""

import csv
import hashlib
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import tablib
from django.conf import settings
from django.core.files import File
from django.utils import timezone
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.models import ReferenceIndex
from wagtail.signal_handlers import disable_reference_index_auto_update

from content_models.base.models import Edition
from content_models.base.resources import (
    AudienceResource,
    CodeResource,
    EditionRowResource,
    PageResource,
    TopicResource,
)
from content_models.base.widgets import FileWidget, MomentWidget
from content_models.certificates.models import Certificate, CertificateEdition
from content_models.certificates.resources import (
    CertificateEditionResource,
    CertificateItemResource,
    CertificateListResource,
)
from content_models.communities.models import CommunityPage
from content_models.communities.resources import CommunityResource
from content_models.guides.models import GuidePage, ProvisionEdition
from content_models.guides.resources import GuideResource, ProvisionResource
from content_models.home.models import HomePage
from content_models.home.resources import (
    ChannelResource,
    DistrictResource,
    PlainPageResource,
    SiteSettingsResource,
    StreetResource,
)
from content_models.notices.models import EmergencyBanner, NoticePage
from content_models.notices.resources import BannerResource, NoticeResource
from content_models.places.models import RegionPage
from content_models.places.resources import DepartmentResource, OfficeResource
from content_models.policy_lists.resources import (
    ListEditionResource,
    PolicyEntryResource,
    PolicyListResource,
)
from feedback import reports, usefulness
from feedback.models import DemandReport, Rating, Remark
from procedures import demo as procedures_demo
from publishing.bundles import compose
from publishing.bundles.models import Bundle
from publishing.outbox import publication
from publishing.publish import publish
from search import documents
from staff import audit
from staff.models import AuditEntry

FOLDER = settings.ROOT / "fixtures" / "demo"
ACTION = "load_demo"
FIRST_PROVISIONS = "第一版"

Sheet: TypeAlias = tablib.Dataset
Say = Callable[[str], None]


def fingerprint(folder: Path = FOLDER) -> str:
    """A hash that changes with any demo file."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(str(path.relative_to(folder)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def is_loaded(folder: Path = FOLDER) -> bool:
    """Whether these very files were loaded before."""
    return AuditEntry.objects.filter(action=ACTION, detail__hash=fingerprint(folder)).exists()


def load(*, by: Any, say: Say = lambda text: None, folder: Path = FOLDER) -> int:
    """Load and publish everything in order; returns how many things were published."""
    demo = Demo(folder, by=by, say=say)
    for name, step in demo.steps():
        before = demo.published
        # Each save would queue its own update of the reference index; one per published thing is enough.
        with publication(), disable_reference_index_auto_update():
            step()
        say(f"{name} {demo.published - before}")
    if demo.published or not is_loaded(folder):
        district = HomePage.objects.get()
        audit.record(ACTION, district, by=by, hash=fingerprint(folder), published=demo.published)
        say(f"搜索 {documents.rebuild()}")
        documents.count_words()
    return demo.published


class Demo:
    """One run over the demo files."""

    def __init__(self, folder: Path, *, by: Any, say: Say) -> None:
        self.folder, self.by, self.say = folder, by, say
        self.published = 0

    def steps(self) -> Iterator[tuple[str, Callable[[], None]]]:
        """What is loaded, in the order in which one thing needs another."""
        yield "文件", self.files
        yield "部门、主题、人群、指标", self.vocabulary
        yield "区、街道、社区", self.regions
        yield "网站设置", self.site_settings
        yield "沿革", self.history
        yield "栏目", lambda: self.pages(ChannelResource, "channels")
        yield "办事场所", self.offices
        yield "证明事项", self.certificates
        yield "办事指南", self.guides
        yield "服务安排", self.provisions
        yield "清单", self.lists
        yield "通知公告", self.notices
        yield "紧急横幅", self.banners
        yield "成批发布", self.bundles
        yield "普通页面", lambda: self.pages(PlainPageResource, "pages")
        yield "评定与准入", self.procedures
        yield "居民反馈", self.feedback

    def feedback(self) -> None:
        """A report that was answered, and what readers said of a guide; only where nobody said anything."""
        certificate = Certificate.objects.filter(name="住改商证明").first()
        if certificate is not None and not DemandReport.objects.exists():
            report = reports.take(
                certificate, unit="某办事窗口（示例）", said="说没有这份证明不给登记（示例）。"
            )
            answer = "已经说明不再索要（示例）。"
            reports.handle(report, by=self.by, state=DemandReport.State.ANSWERED, answer=answer)
        guide = GuidePage.objects.live().filter(slug="zhugaishang").first()
        if guide is not None and not Rating.objects.exists():
            judged = usefulness.rated(guide.pk)
            for is_useful, text in [(True, ""), (True, "知道该去哪里问了（示例）。"), (False, "")]:
                usefulness.note(judged, is_useful=is_useful, text=text)
            Remark.objects.filter(page=guide).update(read_at=timezone.now(), read_by=self.by)

    # Reading

    def sheet(self, name: str, *, where: Callable[[dict[str, str]], bool] | None = None) -> Sheet:
        """A file as a dataset, or the rows of it that ``where`` keeps."""
        with (self.folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            return as_sheet(reader.fieldnames or [], [row for row in reader if where is None or where(row)])

    def sheet_of(self, name: str, codes: Iterable[str]) -> Sheet:
        """The rows of a file that belong to these regions."""
        wanted = set(codes)
        return self.sheet(name, where=lambda row: row["区划代码"] in wanted)

    # Writing

    def publish(self, things: Iterable[Any]) -> None:
        for thing in things:
            ReferenceIndex.create_or_update_for_object(publish(thing, by=self.by))
            self.published += 1

    def pages(
        self, resource_class: type[PageResource], sheet: str | Sheet, *, parts: dict[str, Sheet] | None = None
    ) -> None:
        resource = resource_class(by=self.by)
        # Stars that were decided on the site are of no sheet.
        kept = [name for name in resource.parts if name == "ratings"]
        resource.load(self.sheet(sheet) if isinstance(sheet, str) else sheet, parts=parts, kept_parts=kept)
        self.publish(resource.saved)

    def rows(
        self, edition: Edition, resource: Callable[..., EditionRowResource], sheet: Sheet, **further: Any
    ) -> None:
        """Make the rows of an edition those of the sheet and publish it.

        A public one that differs is succeeded by a new one; one that was replaced stays as it was.
        """
        if edition.live:
            if not edition.is_current or not resource(edition).differs(sheet, **further):
                return
            edition = edition.new_draft(by=self.by, title=edition.title)
        resource(edition).load(sheet, **further)
        edition.save_revision(user=self.by)
        self.publish([edition])

    # The steps

    def files(self) -> None:
        """Documents and flow charts, titled as residents know them."""
        known = {model: FileWidget(model) for model in ("wagtaildocs.Document", "wagtailimages.Image")}
        titles = self.file_titles()
        flow_charts = {row["流程图"] for row in self.sheet("guides").dict}
        for path in sorted((self.folder / "files").iterdir()):
            is_image = path.name in flow_charts
            widget = known["wagtailimages.Image" if is_image else "wagtaildocs.Document"]
            try:
                widget.find(path.name)
            except ValueError:
                with path.open("rb") as file:
                    model = Image if is_image else Document
                    title = titles.get(path.name, path.stem)
                    stored = model(title=title, file=File(file, name=path.name), uploaded_by_user=self.by)
                    stored.file_size = path.stat().st_size
                    stored.save()

    def file_titles(self) -> dict[str, str]:
        titles = {}
        for row in self.sheet("guide_materials").dict:
            titles[row["空白表格"]] = row["材料名称"]
            titles[row["样表"]] = f"{row['材料名称']}（样表）"
        for row in self.sheet("guides").dict:
            titles[row["结果样本"]] = f"{row['结果名称']}（样本）"
            titles[row["流程图"]] = f"{row['事项名称']}流程图"
        for row in self.sheet("notices").dict:
            titles[row["附件"]] = f"{row['标题']}（附件）"
        return titles

    def vocabulary(self) -> None:
        DepartmentResource().load(self.sheet("departments"))
        TopicResource().load(self.sheet("topics"))
        AudienceResource().load(self.sheet("audiences"))
        CodeResource(code_list="metric").load(self.sheet("metrics"))

    def regions(self) -> None:
        """From the top down: a region's page must stand before those below it."""
        for kind, resource in (
            ("区", DistrictResource),
            ("街道", StreetResource),
            ("社区", CommunityResource),
        ):
            regions = self.sheet("regions", where=partial(is_of_kind, kind))
            names = [name for name in resource.parts if name != "history"]
            parts = {name: self.sheet_of(name, regions["区划代码"]) for name in names}
            self.pages(resource, regions, parts=parts)

    def history(self) -> None:
        """Told by both sides, so both must exist."""
        events = self.sheet("history")
        codes = {
            code for row in events.dict for code in (row["原区划代码"] + "；" + row["新区划代码"]).split("；")
        }
        communities = CommunityPage.objects.filter(region_code__in=codes)
        rows = [{"区划代码": page.region_code, "名称": page.title} for page in communities]
        sheet = as_sheet(["区划代码", "名称"], rows)
        self.pages(CommunityResource, sheet, parts={"history": events})

    def site_settings(self) -> None:
        named = {row["键"]: row["值"] for row in self.sheet("site_settings").dict}
        SiteSettingsResource().load(as_sheet(list(named), [named]))

    def offices(self) -> None:
        parts = {name: self.sheet(f"office_{name}") for name in OfficeResource.parts}
        self.pages(OfficeResource, "offices", parts=parts)

    def certificates(self) -> None:
        self.pages(CertificateListResource, "certificate_lists")
        for edition in self.certificate_editions():
            items, alternatives = self.items_of(edition)
            del items["办事指南"]  # guides come later; see link_certificates
            self.rows(edition, CertificateItemResource, items, alternatives=alternatives)

    def certificate_editions(self) -> list[CertificateEdition]:
        headers = CertificateEditionResource(by=self.by)
        headers.load(self.sheet("certificate_lists"))
        return headers.editions

    def items_of(self, edition: CertificateEdition) -> tuple[Sheet, Sheet]:
        slug = edition.owner.slug
        return (
            self.sheet("certificate_items", where=lambda row: row["清单"] == slug),
            self.sheet("certificate_alternatives", where=lambda row: row["清单"] == slug),
        )

    def guides(self) -> None:
        parts = {name: self.sheet(f"guide_{name}") for name in GuideResource.parts}
        self.pages(GuideResource, "guides", parts=parts)
        for edition in self.certificate_editions():
            CertificateItemResource(edition).link_guides(self.items_of(edition)[0])

    def provisions(self) -> None:
        codes = dict.fromkeys(self.sheet("provisions")["区划代码"])
        for place in RegionPage.objects.filter(region_code__in=codes).order_by("path"):
            edition = place.provision_editions.filter(title=FIRST_PROVISIONS).order_by("-number").first()
            if edition is None:
                edition = ProvisionEdition(
                    owner=place, title=FIRST_PROVISIONS, source="示例", created_by=self.by
                )
                edition.save()
            self.rows(edition, ProvisionResource, self.sheet_of("provisions", [place.region_code]))

    def lists(self) -> None:
        self.pages(PolicyListResource, "lists", parts={"columns": self.sheet("list_columns")})
        editions = self.list_editions()
        headers = ListEditionResource(by=self.by)
        headers.load(editions)
        for row, edition in zip(editions.dict, headers.editions, strict=True):
            entries = self.sheet(str(Path(row["行文件"]).with_suffix("")))
            self.rows(edition, PolicyEntryResource, entries)

    def list_editions(self) -> Sheet:
        """Editions in the order in which they came into force, with what the list's own row says for all."""
        shared = ["公布总数", "分类公布数", "文号", "来源", "来源日期", "真实地点"]
        lists = {row["网址名"]: row for row in self.sheet("lists").dict}
        rows = sorted(self.sheet("list_editions").dict, key=lambda row: row["生效日期"])
        for row in rows:
            row.update({name: row.get(name) or lists[row["清单"]][name] for name in shared})
        return as_sheet(list(rows[0]), rows)

    def notices(self) -> None:
        """Each is first public on a day of its own, as the notices of a year are; none in the future."""
        sheet, resource = self.sheet("notices"), NoticeResource(by=self.by)
        resource.load(sheet)
        now = timezone.now()
        moments = {row["网址名"]: MomentWidget().clean(row["发布时间"]) for row in sheet.dict}
        for page in resource.saved:
            unpublished = NoticePage.objects.filter(pk=page.pk, first_published_at=None)
            unpublished.update(first_published_at=min(moments[page.slug], now))
        self.publish(resource.saved)

    def procedures(self) -> None:
        self.published += procedures_demo.load(by=self.by)

    def banners(self) -> None:
        """Banners wait as drafts until someone needs them."""
        sheet = self.sheet("banners")
        resource = BannerResource()
        result = resource.load(sheet)
        for row, row_result in zip(sheet.dict, result.rows, strict=True):
            if row["启用"] == "是" and not row_result.instance.live:
                self.publish([row_result.instance])

    def bundles(self) -> None:
        """The banners that wait, in a bundle that waits as well."""
        waiting = EmergencyBanner.objects.filter(live=False)
        if Bundle.objects.exists() or not waiting:
            return
        note = "示例：把要一起公开的内容放进同一批，有一项不行就都不公开。"
        bundle = compose.make(name="恶劣天气提醒", note=note, by=self.by)
        for banner in waiting.order_by("pk"):
            compose.add(bundle, banner, by=self.by)


def is_of_kind(kind: str, row: dict[str, str]) -> bool:
    return row["类型"] == kind


def as_sheet(headers: Iterable[str], rows: Iterable[dict[str, Any]]) -> Sheet:
    names = list(headers)
    return tablib.Dataset(*[[row.get(name, "") for name in names] for row in rows], headers=names)
