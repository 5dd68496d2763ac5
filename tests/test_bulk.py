"""Many pages at once are the pages that Wagtail would have made one by one."""

import datetime
import uuid
from collections.abc import Callable, Iterable
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from modelcluster.models import get_all_child_m2m_relations, get_all_child_relations
from pytest_django import Settings
from wagtail.documents.models import Document
from wagtail.log_actions import LogContext
from wagtail.models import Page, PageLogEntry, ReferenceIndex
from wagtail.search.models import IndexEntry

from content_models.base.bulk import create_pages
from content_models.base.checks import errors_in
from content_models.communities.models import CommunityPage, Figure
from content_models.guides.models import Fee, GuideChannel, GuidePage, LegalBasis, Material, Question, Step
from content_models.notices.models import NoticeAttachment, NoticeChannel, NoticePage
from content_models.policy_lists.models import Column, ListChannel, ListType, PolicyListPage
from publishing.models import OutboxEntry
from publishing.publish import publish, publish_new_pages
from staff.models import AuditEntry
from tests import factories

pytestmark = pytest.mark.django_db

Pages = Callable[[], list[Any]]
# What differs between any two pages, and within their revisions.
OWN = {
    "id", "pk", "page", "page_ptr", "regionpage_ptr", "path", "url_path", "translation_key", "uuid",
    "region_code", "latest_revision", "latest_revision_created_at", "live_revision",
    "first_published_at", "last_published_at",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _indexed_at_once(settings: Settings) -> None:
    """What the worker would do later, done as soon as a page is saved."""
    backend = "django_tasks.backends.immediate.ImmediateBackend"
    settings.TASKS = {"default": {"BACKEND": backend, "ENQUEUE_ON_COMMIT": False}}


def document(title: str = "申请表") -> Document:
    return Document.objects.create(title=title, file=f"{title}.pdf")


def guides() -> list[GuidePage]:
    """A full guide, one that names its address, and two of the same name."""
    form, office, other = document(), factories.office("甲中心"), factories.office("乙中心")
    topics = [factories.topic("养老"), factories.topic("残疾")]
    full = GuidePage(
        title="老年证", department=factories.department(), case_type="1", promised_days=3, result_sample=form,
        everyday_names=["敬老卡", "老人证"], service_objects=["1"], effective_on=datetime.date(2026, 1, 1),
        conditions=f'<a linktype="document" id="{form.pk}">表</a><a linktype="page" id="{office.pk}">处</a>',
    )  # fmt: skip
    full.materials = [
        Material(name="身份证", sort_order=1),
        Material(name="申请表", blank_form=form, certificate=factories.certificate("健在证明"), sort_order=0),
    ]
    full.steps = [Step(name="受理", sort_order=0)]
    full.fees = [Fee(name="工本费", standard="5 元", basis="规定", sort_order=0)]
    full.legal_basis = [LegalBasis(law="老年人权益保障法")]
    full.faqs = [Question(question="要多久？", answer=f'<a linktype="document" id="{form.pk}">见表</a>')]
    full.topics, full.offices = topics, [other, office]
    return [full, GuidePage(title="低保", slug="di"), GuidePage(title="残疾证"), GuidePage(title="残疾证")]


def notices() -> list[NoticePage]:
    page = NoticePage(title="停水", notice_kind="notice", body=[("text", "<p>明日停水。</p>")])
    page.attachments = [NoticeAttachment(document=document("通知"))]
    return [page, NoticePage(title="停电", notice_kind="notice")]


def communities() -> list[CommunityPage]:
    page = CommunityPage(title="甲社区", region_code="350203001901", area_km2=Decimal("1.6"))
    page.figures = [
        Figure(
            metric="households", value=Decimal(1200), as_of=datetime.date(2026, 1, 1), unit="户", source="x"
        )
    ]
    return [page]


def policy_lists() -> list[PolicyListPage]:
    page = PolicyListPage(title="权责清单", list_type=ListType.objects.get(slug="qita"))
    page.columns = [Column(label="事项名称", is_title=True, sort_order=0)]
    return [page, PolicyListPage(title="别的清单", list_type=ListType.objects.first())]


def channel_of(kind: Any) -> Callable[[str], Any]:
    return lambda name: factories.channel(kind, factories.street(f"{name}街道"))


KINDS = [
    (guides, channel_of(GuideChannel)),
    (notices, channel_of(NoticeChannel)),
    (policy_lists, channel_of(ListChannel)),
    (communities, factories.street),
]


def add_one_by_one(parent: Page, pages: Iterable[Any], *, by: Any) -> None:
    for page in pages:
        page.live, page.owner = False, by
        Page.objects.get(pk=parent.pk).add_child(instance=page)
        page.save_revision(user=by, clean=False)


def copy_of(page: Any) -> Any:
    copy = deepcopy(page)
    copy.translation_key = uuid.uuid4()
    if isinstance(copy, CommunityPage):
        copy.region_code = "350203002902"
    return copy


# What the tables say


def row_of(thing: Any) -> dict[str, Any]:
    return {
        field.name: getattr(thing, field.attname) if field.is_relation else field.value_to_string(thing)
        for field in thing._meta.concrete_fields
        if field.name not in OWN
    }


def without_own(content: Any) -> Any:
    if isinstance(content, dict):
        return {name: without_own(value) for name, value in content.items() if name not in OWN}
    return [without_own(each) for each in content] if isinstance(content, list) else content


def said_of(page: Any, parent: Page) -> dict[str, Any]:
    """Everything the database holds about a page, without what is its own."""
    names = [relation.get_accessor_name() for relation in get_all_child_relations(page)]
    parts = {name: list(getattr(page, name).all()) for name in names}
    places = {str(part.pk): str(place) for rows in parts.values() for place, part in enumerate(rows)}
    links = [field.name for field in get_all_child_m2m_relations(page)]
    revision = page.latest_revision
    return {
        "page": row_of(page),
        "place": (page.path.removeprefix(parent.path), page.url_path.removeprefix(parent.url_path)),
        "parts": {name: [row_of(part) for part in rows] for name, rows in parts.items()},
        "links": {name: [thing.pk for thing in getattr(page, name).all()] for name in links},
        "revisions": [
            row_of(each) | {"object_id": "", "created_at": "", "content": without_own(each.content)}
            for each in page.revisions.all()
        ],
        "moments": (
            revision.created_at == page.latest_revision_created_at,
            page.live_revision_id == page.latest_revision_id,
            page.first_published_at == page.last_published_at,
        ),
        "log": [
            row_of(each) | {"timestamp": "", "revision": bool(each.revision_id)}
            for each in PageLogEntry.objects.filter(page=page.pk)
        ],
        "references": sorted(
            (
                each.content_type_id, each.base_content_type_id, each.to_content_type_id, each.to_object_id,
                each.model_path, ".".join(places.get(step, step) for step in each.content_path.split(".")),
            )
            for each in ReferenceIndex.get_references_for_object(page)
        ),
        "search": [searched(entry) for entry in page.index_entries.all()],
        "audit": [
            (entry.action, entry.by_id, entry.label, sorted(entry.detail))
            for entry in AuditEntry.objects.filter(object_id=page.pk, content_type=page.content_type_id)
        ],
        "outbox": [
            (entry.what, entry.version, entry.detail["action"], entry.detail["title"])
            for entry in OutboxEntry.objects.filter(detail__page=page.pk)
        ],
    }  # fmt: skip


def searched(entry: IndexEntry) -> dict[str, Any]:
    fields = [
        field for field in entry._meta.concrete_fields if field.name not in {"id", "object_id", "title_norm"}
    ]
    return {field.name: getattr(entry, field.attname) for field in fields}


def below(parent: Page, kind: Any) -> list[dict[str, Any]]:
    return [said_of(page, parent) for page in kind.objects.child_of(parent)]


@pytest.mark.parametrize(("make", "place"), KINDS, ids=lambda value: getattr(value, "__name__", ""))
def test_they_are_what_wagtail_makes_one_by_one(make: Pages, place: Callable[[str], Any]) -> None:
    by = factories.user("administrator")
    one, other = place("甲"), place("乙")
    pages = make()
    copies = [copy_of(page) for page in pages]

    add_one_by_one(one, pages, by=by)
    create_pages(other, copies, by=by)

    assert below(other, type(pages[0])) == below(one, type(pages[0]))
    assert factories.fresh(other).numchild == len(pages)


def test_tree_and_indexes_are_sound() -> None:
    channel, pages = factories.guide_channel(), guides()
    call_command("update_index", verbosity=0)
    create_pages(channel, pages)
    made = GuidePage.objects.child_of(channel)
    before = {page.pk: (said_of(page, channel), norms(page)) for page in made}

    call_command("rebuild_references_index", verbosity=0)
    call_command("update_index", verbosity=0)

    assert {page.pk: (said_of(page, channel), norms(page)) for page in made} == before
    assert not any(Page.find_problems())
    assert factories.fresh(channel).numchild == len(before)


def norms(page: Any) -> list[float]:
    return [round(entry.title_norm, 6) for entry in page.index_entries.all()]


def test_addresses_are_free_ones() -> None:
    channel = factories.channel(NoticeChannel)
    factories.notice("停水", slug="ting-shui")
    pages = [NoticePage(title=title, notice_kind="notice") for title in ("停水", "停水", "……", "停电")]

    create_pages(channel, pages)

    assert [page.slug for page in pages[:2]] == ["ting-shui-2", "ting-shui-3"]
    assert pages[2].slug == f"noticepage-{pages[2].path}"
    assert factories.fresh(pages[3]).url_path == f"{channel.url_path}ting-dian/"


def test_a_taken_address_stops_them_all() -> None:
    channel = factories.channel(NoticeChannel)
    factories.notice("停水", slug="ting")
    pages = [NoticePage(title=title, slug="ting", notice_kind="notice") for title in ("停电", "停气")]

    with pytest.raises(ValidationError, match="网址名“ting”"):
        create_pages(channel, pages)

    assert factories.fresh(channel).numchild == NoticePage.objects.count() == 1


def test_the_log_names_who_works_where_nobody_is_given() -> None:
    by = factories.user("administrator")

    with LogContext(user=by) as context:
        create_pages(factories.guide_channel(), [GuidePage(title="低保")])

    entry = PageLogEntry.objects.get(action="wagtail.create", label="低保")
    assert (entry.user, entry.uuid) == (by, context.uuid)


# Published together


def publishable() -> list[GuidePage]:
    office, department = factories.office("甲中心"), factories.department()
    pages = []
    for title in ("老年证", "残疾证"):
        page = GuidePage(
            title=title, department=department, service_objects=["1"], conditions="<p>居民。</p>",
            case_type="2", promised_days=4, handle_forms=["1"], consult_phone="0592-2020002",
            complaint_phone="12345", effective_on=datetime.date(2018, 5, 6),
        )  # fmt: skip
        page.materials, page.steps = [Material(name="身份证")], [Step(name="受理")]
        page.legal_basis, page.offices = [LegalBasis(law="老年人权益保障法")], [office]
        pages.append(page)
    return pages


def test_published_together_they_are_what_publishing_each_makes() -> None:
    by = factories.user("administrator")
    one, other = (factories.guide_channel(factories.street(name)) for name in ("甲街道", "乙街道"))
    pages = publishable()
    copies = [copy_of(page) for page in pages]
    add_one_by_one(one, pages, by=by)
    create_pages(other, copies, by=by)

    for page in pages:
        publish(page, by=by)
    refusals = publish_new_pages(copies, by=by)

    assert refusals == []
    assert below(other, GuidePage) == below(one, GuidePage)
    topics = list(OutboxEntry.objects.order_by("sequence").values_list("topic", flat=True))
    assert topics[-2:] == [page.topic for page in copies]


def test_those_that_break_their_rules_are_named_and_stay_drafts() -> None:
    good, bad = publishable()
    bad.department, bad.materials = None, []
    create_pages(factories.guide_channel(), [good, bad])

    (refusal,) = publish_new_pages([good, bad])

    assert refusal.thing == bad
    assert refusal.problems == ["“实施主体”：此字段不能为空。", "请填写“申请材料”，或勾选“无需材料”。"]
    assert (factories.fresh(good).live, factories.fresh(bad).live) == (True, False)
    assert OutboxEntry.objects.filter(topic__in=[good.topic, bad.topic]).count() == 1


def test_a_material_called_like_a_refused_certificate_stops_its_guide() -> None:
    factories.certificate("健在证明", aliases=["活着证明"])
    good, bad = publishable()
    bad.materials = [Material(name="活着证明")]
    create_pages(factories.guide_channel(), [good, bad])

    (refusal,) = publish_new_pages([good, bad])

    assert refusal.problems == errors_in(factories.fresh(bad))
    assert "健在证明" in refusal.problems[0]


def test_more_of_them_ask_no_more_questions() -> None:
    def questions(count: int) -> int:
        channel = factories.guide_channel(factories.street(f"第{count}街道"))
        pages = [copy_of(page) for _time in range(count) for page in publishable()]
        with CaptureQueriesContext(connection) as captured:
            create_pages(channel, pages)
            publish_new_pages(pages)
        return len(captured)

    first = questions(1)

    assert questions(4) <= first
