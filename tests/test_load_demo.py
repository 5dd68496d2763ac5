"""The demo district: loaded through the Resources, complete, and the same after a second time."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import tablib
from django.core.management import call_command
from django.utils import timezone
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.models import Page, Revision

from content_models.base.resources import (
    AudienceResource,
    CodeResource,
    SheetResource,
    TopicResource,
)
from content_models.certificates.models import Certificate, CertificateItem, CertificateListPage
from content_models.certificates.resources import (
    AlternativeResource,
    CertificateEditionResource,
    CertificateItemResource,
    CertificateListResource,
)
from content_models.communities import derived
from content_models.communities.models import CommunityPage
from content_models.communities.resources import (
    CommunityResource,
    FigureResource,
    GridResource,
    HistoryResource,
    InstitutionResource,
    RatingResource,
)
from content_models.guides.models import GuidePage, Provision
from content_models.guides.resources import (
    FeeResource,
    GuideResource,
    LegalBasisResource,
    LevelChangeResource,
    MaterialResource,
    ProvisionResource,
    QuestionResource,
    StepResource,
    TranslationResource,
)
from content_models.home.models import HomePage, SiteSettings, StreetPage
from content_models.home.resources import (
    ChannelResource,
    DistrictResource,
    PlainPageResource,
    SiteSettingsResource,
    StreetResource,
)
from content_models.notices.models import EmergencyBanner, NoticePage
from content_models.notices.resources import BannerResource, NoticeResource
from content_models.places.models import OfficePage
from content_models.places.resources import (
    DepartmentResource,
    OfficeHoursResource,
    OfficeResource,
    OfficeSpecialDayResource,
    OfficeWindowResource,
)
from content_models.policy_lists.models import PolicyListPage
from content_models.policy_lists.resources import (
    ListColumnResource,
    ListEditionResource,
    PolicyEntryResource,
    PolicyListResource,
)
from imports import demo, demo_accounts
from publishing.models import OutboxEntry
from search.find import find, load
from staff.models import AuditEntry, Post, User
from tests.conftest import StandingContent

RESOURCES: dict[str, list[type[SheetResource]]] = {
    "audiences": [AudienceResource],
    "banners": [BannerResource],
    "certificate_alternatives": [AlternativeResource],
    "certificate_items": [CertificateItemResource],
    "certificate_lists": [CertificateListResource, CertificateEditionResource],
    "channels": [ChannelResource],
    "departments": [DepartmentResource],
    "figures": [FigureResource],
    "grids": [GridResource],
    "guide_faqs": [QuestionResource],
    "guide_fees": [FeeResource],
    "guide_legal_basis": [LegalBasisResource],
    "guide_level_changes": [LevelChangeResource],
    "guide_materials": [MaterialResource],
    "guide_steps": [StepResource],
    "guide_translations": [TranslationResource],
    "guides": [GuideResource],
    "history": [HistoryResource],
    "institutions": [InstitutionResource],
    "list_columns": [ListColumnResource],
    "list_editions": [ListEditionResource],
    "lists": [PolicyListResource],
    "metrics": [CodeResource],
    "notices": [NoticeResource],
    "office_hours": [OfficeHoursResource],
    "office_special_days": [OfficeSpecialDayResource],
    "office_windows": [OfficeWindowResource],
    "offices": [OfficeResource],
    "pages": [PlainPageResource],
    "provisions": [ProvisionResource],
    "ratings": [RatingResource],
    "regions": [DistrictResource, StreetResource, CommunityResource],
    "topics": [TopicResource],
}


@pytest.fixture(scope="module")
def loaded(standing_content: StandingContent) -> Iterator[str]:
    """The demo content, loaded once for this module and taken away after it; gives what was printed."""
    printed = io.StringIO()
    with standing_content(), pytest.MonkeyPatch.context() as patch:
        patch.delenv("DEMO_PASSWORD", raising=False)
        call_command("load_demo", stdout=printed)
        yield printed.getvalue()


@pytest.fixture
def site(loaded: str, db: None) -> str:
    """The demo content, for one test."""
    return loaded


def headers_of(name: str) -> list[str]:
    with (demo.FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return next(csv.reader(file))


def state() -> dict[str, int]:
    """Everything a second load could leave behind."""
    models = [
        Page,
        Revision,
        OutboxEntry,
        AuditEntry,
        Document,
        Image,
        Provision,
        Post,
        User,
        CertificateItem,
    ]
    return {model.__name__: model.objects.count() for model in models}


@pytest.mark.parametrize("name", sorted(path.stem for path in demo.FOLDER.glob("*.csv")))
def test_every_header_of_a_demo_file_is_known_to_a_resource(name: str) -> None:
    if name == "site_settings":
        headers = [row["键"] for row in demo.Demo(demo.FOLDER, by=None, say=print).sheet(name).dict]
        assert set(headers) <= {*SiteSettingsResource().match_headers(headers)}
        return

    known = {header for resource in RESOURCES[name] for header in resource.known_columns()}

    assert set(headers_of(name)) <= known


def test_every_header_of_a_demo_list_is_one_of_its_columns(site: str) -> None:
    for page in PolicyListPage.objects.all():
        for path in (demo.FOLDER / "lists" / page.slug).glob("*.csv"):
            resource = PolicyEntryResource(page.current_edition)
            assert set(headers_of(f"lists/{page.slug}/{path.stem}")) <= {
                field.column_name for field in resource.fields.values()
            }


def test_everything_is_live_and_nothing_is_missing(site: str) -> None:
    assert not Page.objects.filter(live=False).exists()
    assert HomePage.objects.get().title == "家门口示范区"
    assert StreetPage.objects.count() + CommunityPage.objects.count() + 1 == 34
    assert GuidePage.objects.count() >= 12
    assert NoticePage.objects.count() >= 10
    assert NoticePage.objects.values("notice_kind").distinct().count() >= 5
    assert OfficePage.objects.count() == 22
    assert SiteSettings.objects.get().site_id_code == "9999010001"


def test_powers_list_counts_42_of_161(site: str) -> None:
    edition = PolicyListPage.objects.get(slug="zhonghua-quanze").current_edition

    assert edition.totals_text == "已录入 42 / 公布 161"
    assert edition.category_totals == [("取消", 12, 12), ("上收", 14, 14), ("下放", 16, 16)]


def test_moved_services_say_4_of_43(site: str) -> None:
    edition = PolicyListPage.objects.get(slug="xiachen-fuwu").current_edition

    assert edition.totals_text == "已录入 4 / 公布 43"
    assert all(row.values["guide"].isdecimal() for row in edition.rows.all())


def test_admission_list_goes_from_33_to_21(site: str) -> None:
    page = PolicyListPage.objects.get(slug="huayuan-zhunru-jiancha")
    before, after = page.editions.order_by("number")
    status = next(column.key for column in after.columns if column.label == "状态")

    assert before.rows.count() == 33
    assert Counter(row.values[status] for row in after.rows.all()) == {"准入": 21, "退出": 12}
    assert (before.status, after.status) == ("superseded", "published")


def test_national_list_holds_20_refused_certificates(site: str) -> None:
    edition = CertificateListPage.objects.get(slug="national-20").current_edition

    assert edition.rows.filter(polarity="must_not").count() == edition.rows.count() == 20
    assert edition.rows.filter(alternatives__isnull=True).count() == 14  # no public source: left to editors


def test_first_batch_says_that_20_are_unaccounted_for(site: str) -> None:
    edition = CertificateListPage.objects.get(slug="zhongshan-2022-1").current_edition

    assert edition.unaccounted == 20
    assert edition.totals == [("不再出具", 1, 26), ("可以出具", 0, 4)]


@pytest.mark.parametrize("name", ["住改商", "住宅改商用证明", "同意住宅改变为经营性用房证明"])
def test_changed_use_of_a_home_is_found_by_any_name(site: str, name: str) -> None:
    assert Certificate.refused_by_name(name).exists()


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("残疾补贴", "残疾人两项补贴申请"),
        ("老年证", "老年人优待证办理"),
        ("低保", "最低生活保障申请"),
        ("lnz", "老年人优待证办理"),
        ("居住證", "居住证办理帮办"),
        ("我妈80岁了残疾怎么领补贴", "残疾人两项补贴申请"),
        ("二胎", "生育登记"),
    ],
)
def test_what_residents_type_finds_the_guide(site: str, text: str, title: str) -> None:
    assert load(find(text).hits)[0].document.title == title


@pytest.mark.parametrize("text", ["住改商", "住宅改商用证明", "同意住宅改变为经营性用房证明"])
def test_changed_use_of_a_home_is_answered_with_where_to_go_instead(site: str, text: str) -> None:
    verdicts = find(text).verdicts

    assert {hit.document.verdict for hit in verdicts} == {"must_not"}
    items: list[Any] = [hit.document.item for hit in verdicts]
    assert any(item.alternatives.all() or item.guide for item in items)


def test_a_refused_certificate_leads_to_its_guide(site: str) -> None:
    items = CertificateItem.objects.filter(guide__isnull=False)

    assert {item.guide.slug for item in items if item.guide} == {"zhugaishang"}


def test_split_community_leads_to_both_successors(site: str) -> None:
    old = CommunityPage.objects.get(region_code="999901008001")

    assert old.is_dissolved
    assert {event.other.region_code for event in old.successors} == {"999901008002", "999901008003"}
    assert [event.event_kind for event in old.successors[0].other.history.all()] == ["split_from"]


def test_care_allowance_says_where_it_is_handled_now_and_since_when(site: str) -> None:
    guide = GuidePage.objects.get(slug="canjiren-butie")

    assert guide.current_level.date_text.startswith("2018年")
    assert "社区" in guide.current_level.to_level


def test_small_and_large_communities_get_information_on_norms(site: str) -> None:
    notes = {
        page.region_code: [str(note) for note in page.norm_notes]
        for page in CommunityPage.objects.prefetch_related("figures")
    }

    assert any("3,000" in note for texts in notes.values() for note in texts)


@pytest.mark.parametrize(
    ("stars", "level"), [(4, "差"), (5, "一般"), (6, "一般"), (7, "较好"), (8, "好"), (10, "好")]
)
def test_stars_have_their_level(site: str, stars: int, level: str) -> None:
    ratings = [page.latest_rating for page in CommunityPage.objects.all() if page.latest_rating]

    assert [rating.level for rating in ratings if rating.stars == stars] == [level]


def test_figures_keep_qualifier_source_and_place(site: str) -> None:
    figures = HomePage.objects.get().figures.all()
    grids = next(figure for figure in figures if figure.metric == "grids")

    assert grids.value == 3262
    assert grids.source == "合肥市社区建设的公开报道，约2011年；实际地点：合肥市"
    assert any(item.value == derived.Decimal("1.75") for item in derived.compute(figures))


def test_provisions_are_public_for_every_community_that_has_some(site: str) -> None:
    codes = {row["区划代码"] for row in demo.Demo(demo.FOLDER, by=None, say=print).sheet("provisions").dict}
    public = Provision.objects.filter(edition__is_current=True)

    assert public.count() == 310
    assert set(public.values_list("edition__owner__region_code", flat=True)) == codes


def test_demo_banners_wait_as_drafts(site: str) -> None:
    assert EmergencyBanner.objects.count() == 2
    assert not EmergencyBanner.objects.showing(timezone.now()).exists()


def test_demo_notices_were_published_one_after_the_other_and_none_in_the_future(site: str) -> None:
    loaded = NoticePage.objects.latest("last_published_at").last_published_at
    notices = demo.Demo(demo.FOLDER, by=None, say=print).sheet("notices")
    told = {row["网址名"]: row["发布时间"] for row in notices.dict}

    published = {page.slug: page.first_published_at for page in NoticePage.objects.filter(slug__in=told)}

    assert len(set(told.values())) == len(told)
    assert max(published.values()) <= loaded
    for slug, moment in published.items():
        assert f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" <= told[slug]


def test_one_account_per_role_with_a_printed_password(site: str) -> None:
    for account in demo_accounts.ACCOUNTS:
        line = next(line for line in site.splitlines() if f" {account.username} " in line)
        user = User.objects.get(username=account.username)

        assert user.check_password(line.split()[1])
        assert user.posts.get().role == account.role
    post = Post.objects.select_related("place").get(user__username="street_editor")
    assert str(post.place) == "江苏路街道"


def test_loading_again_does_not_look_at_the_files(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "load", lambda **kwargs: pytest.fail("The files were read again."))
    printed = io.StringIO()

    call_command("load_demo", stdout=printed)

    assert "--new-passwords" in printed.getvalue()


def test_forced_loading_changes_nothing(site: str) -> None:
    before = state()

    call_command("load_demo", force=True, stdout=io.StringIO())

    assert state() == before


def test_an_editors_change_of_a_demo_file_is_one_new_revision(site: str) -> None:
    guide = GuidePage.objects.get(slug="dibao")
    before = Revision.objects.count()
    sheet = tablib.Dataset(("dibao", "999901000000", "最低生活保障申请", "0000-55559999"))
    sheet.headers = ["网址名", "区划代码", "事项名称", "LINK_WAY"]

    resource = GuideResource()
    resource.load(sheet)

    assert [page.pk for page in resource.saved] == [guide.pk]
    assert Revision.objects.count() == before + 1
    assert GuidePage.objects.get(pk=guide.pk).consult_phone != "0000-55559999"  # still a draft


def test_new_passwords_replace_the_old_ones(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO_PASSWORD", "one-for-all-accounts")

    call_command("load_demo", new_passwords=True, stdout=io.StringIO())

    assert all(user.check_password("one-for-all-accounts") for user in User.objects.all())


@pytest.mark.parametrize("name", [*GuideResource.parts, ""])
def test_export_of_guides_imports_back_unchanged(site: str, name: str) -> None:
    guides = GuidePage.objects.all()
    exported = GuideResource().export(guides)
    parts = {}
    if name:
        part = GuideResource.parts[name]
        parts = {name: part().export(part._meta.model.objects.order_by("page", "sort_order"))}

    resource = GuideResource()
    resource.load(exported, parts=parts)

    assert resource.saved == []


def test_exports_of_pages_import_back_unchanged(site: str) -> None:
    for resource_class in [
        OfficeResource,
        CommunityResource,
        StreetResource,
        DistrictResource,
        NoticeResource,
        PlainPageResource,
        CertificateListResource,
        PolicyListResource,
    ]:
        parts = {
            name: part().export(part._meta.model.objects.filter(page__in=pages_of(resource_class)))
            for name, part in resource_class.parts.items()
        }
        resource = resource_class()

        resource.load(resource_class().export(pages_of(resource_class)), parts=parts)

        assert resource.saved == [], resource_class


def pages_of(resource_class: type[Any]) -> Any:
    return resource_class._meta.model.objects.order_by("path")


def test_exports_of_editions_import_back_unchanged(site: str) -> None:
    for page in PolicyListPage.objects.all():
        rows = PolicyEntryResource(page.current_edition)
        assert not rows.differs(rows.export(rows.existing())), page
    for page in CertificateListPage.objects.all():
        items = CertificateItemResource(page.current_edition)
        assert not items.differs(items.export(items.existing())), page
    for place in {row.edition for row in Provision.objects.select_related("edition__owner")}:
        offers = ProvisionResource(place)
        assert not offers.differs(offers.export(offers.existing()))
