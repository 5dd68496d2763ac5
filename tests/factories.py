"""Content and staff to test with: whole and publishable by default, every detail open to the test.

Pages are live unless ``live=False``; editions are drafts unless ``published=True``. Each function hangs what
it makes under the page given, or under the first street or channel that fits.
"""

import datetime
import itertools
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, TypeVar

import pytest
from django.db import models
from django.utils import timezone
from wagtail.models import Page

from content_models.base.models import Audience, Topic
from content_models.certificates.models import (
    Alternative,
    Certificate,
    CertificateChannel,
    CertificateEdition,
    CertificateItem,
    CertificateListPage,
)
from content_models.communities.models import CommunityChannel, CommunityPage, Figure
from content_models.guides.models import (
    GuideChannel,
    GuidePage,
    LegalBasis,
    Material,
    Provision,
    ProvisionEdition,
    Step,
)
from content_models.home.models import HomePage, PlainPage, StreetPage
from content_models.notices.models import EmergencyBanner, NoticeChannel, NoticePage
from content_models.places.models import Department, OfficeChannel, OfficeHours, OfficePage
from content_models.policy_lists.models import (
    Column,
    ListChannel,
    ListEdition,
    ListEntry,
    ListType,
    PolicyListPage,
)
from publishing.publish import publish
from staff.models import Post, User

# For tests that must really commit; what migrations filled in is put back for them.
committed = pytest.mark.django_db(transaction=True, serialized_rollback=True)

PASSWORD = "Jia-men-kou-2026"
_numbers = itertools.count(1)
Thing = TypeVar("Thing", bound=models.Model)


def fresh(thing: Thing) -> Thing:
    """The thing as the database has it now, with nothing remembered."""
    return type(thing)._default_manager.get(pk=thing.pk)


def _in_order(parts: Iterable[Any]) -> list[Any]:
    parts = list(parts)
    for order, part in enumerate(parts):
        part.sort_order = order
    return parts


def _add(parent: Any, page: Any) -> Any:
    if page.live and page.first_published_at is None:
        page.first_published_at = page.last_published_at = timezone.now()
    # Treebeard counts children on the instance, which the test may hold more than once.
    type(parent)._default_manager.get(pk=parent.pk).add_child(instance=page)
    return page


# Places


def home(**fields: Any) -> HomePage:
    """The district that every site begins with."""
    page = HomePage.objects.get()
    for name, value in ({"title": "思明区", "region_code": "350203000000"} | fields).items():
        setattr(page, name, value)
    page.save()
    return page


def street(title: str = "中华街道", *, under: HomePage | None = None, **fields: Any) -> StreetPage:
    under = under or home()
    code = f"{under.region_code[:6]}{StreetPage.objects.count() + 1:03d}000"
    return _add(under, StreetPage(**{"title": title, "region_code": code} | fields))


def community(title: str = "江苏路社区", *, under: StreetPage | None = None, **fields: Any) -> CommunityPage:
    under = under or StreetPage.objects.first() or street()
    code = f"{under.region_code[:9]}{CommunityPage.objects.child_of(under).count() + 1:03d}"
    return _add(under, CommunityPage(**{"title": title, "region_code": code} | fields))


def figure(page: Any, metric: str, value: Any, unit: str = "户", **fields: Any) -> Figure:
    defaults = {"as_of": datetime.date(2026, 1, 1), "source": "街道统计"}
    return Figure.objects.create(
        page_id=page.pk, metric=metric, value=Decimal(value), unit=unit, **(defaults | fields)
    )


def office(
    title: str = "江苏路社区党群服务中心",
    *,
    under: Any = None,
    hours: Iterable[tuple[str, str, str]] = (("01234", "09:00", "12:00"), ("01234", "13:30", "17:00")),
    **fields: Any,
) -> OfficePage:
    """An office open on weekdays with a lunch break; ``hours`` are (weekdays, opens, closes)."""
    defaults = {
        "office_kind": OfficePage.Kind.COMMUNITY_CENTRE,
        "address": "江苏路 1 号",
        "phone": "0592-2020001",
    }
    page = OfficePage(**{"title": title} | defaults | fields)
    page.hours = _in_order(
        OfficeHours(
            weekdays=weekdays,
            opens=datetime.time.fromisoformat(opens),
            closes=datetime.time.fromisoformat(closes),
        )
        for weekdays, opens, closes in hours
    )
    return _add(under or CommunityPage.objects.first() or community(), page)


def department(name: str = "区民政局", **fields: Any) -> Department:
    found = Department.objects.filter(name=name).first()
    return found or Department.objects.create(name=name, **({"code": f"dept-{next(_numbers)}"} | fields))


# Channels: one of each kind below a region, made when first asked for

TITLES: dict[Any, str] = {
    GuideChannel: "办事指南",
    CertificateChannel: "证明事项",
    ListChannel: "清单",
    NoticeChannel: "通知公告",
    CommunityChannel: "社区",
    OfficeChannel: "办事场所",
}


def channel(kind: Any, under: Any = None) -> Any:
    under = under or HomePage.objects.exclude(region_code="").first() or home()
    return kind.objects.child_of(under).first() or _add(under, kind(title=TITLES[kind]))


def guide_channel(under: Any = None) -> GuideChannel:
    return channel(GuideChannel, under)


# Guides and who offers them


def guide(
    title: str = "残疾人护理补贴",
    *,
    under: GuideChannel | None = None,
    materials: Iterable[Any] = ("身份证",),
    offices: Iterable[OfficePage] | None = None,
    steps: Iterable[str] = ("受理", "审核"),
    **fields: Any,
) -> GuidePage:
    """A guide that may be published; ``materials`` are names or Material objects."""
    defaults = {
        "department": department(),
        "service_objects": ["1"],
        "conditions": "<p>持有残疾人证的本区居民。</p>",
        "case_type": "2",
        "promised_days": 4,
        "legal_days": 24,
        "handle_forms": ["1"],
        "consult_phone": "0592-2020002",
        "complaint_phone": "12345",
        "effective_on": datetime.date(2018, 5, 6),
    }
    page = GuidePage(**{"title": title} | defaults | fields)
    page.materials = _in_order(Material(name=item) if isinstance(item, str) else item for item in materials)
    page.steps = _in_order(Step(name=name) for name in steps)
    page.legal_basis = [LegalBasis(law="残疾人保障法")]
    if offices is None:
        offices = [OfficePage.objects.first() or office()]
    _add(under or guide_channel(), page)
    page.offices.set(offices)
    page.save()
    return page


def provision_edition(
    place: Any, *, title: str = "2026版", published: bool = False, **fields: Any
) -> ProvisionEdition:
    """An empty edition of a community's or street's provisions; add to it with ``provision``."""
    edition = ProvisionEdition(owner_id=place.pk, title=title, **fields)
    edition.save()
    return publish(edition) if published else edition


def provision(edition: ProvisionEdition, of: GuidePage, **fields: Any) -> Provision:
    """A row that offers the guide at an office, or not at all with ``is_offered=False``."""
    offered = {"office": OfficePage.objects.first()}
    refused = {"reason": "本社区不设窗口"}
    row = Provision(
        edition=edition, guide=of, **((offered if fields.get("is_offered", True) else refused) | fields)
    )
    row.save()
    return row


# Notices


def notice(title: str = "关于停水的通知", *, under: NoticeChannel | None = None, **fields: Any) -> NoticePage:
    defaults = {
        "notice_kind": NoticePage.Kind.NOTICE,
        "publisher": "区民政局",
        "content_source": "区民政局",
        "body": [("text", "<p>明日 9 时至 17 时停水。</p>")],
    }
    return _add(under or channel(NoticeChannel), NoticePage(**{"title": title} | defaults | fields))


def banner(text: str = "台风预警", *, published: bool = True, **fields: Any) -> EmergencyBanner:
    made = EmergencyBanner(text=text, live=False, **fields)
    made.save()
    return publish(made) if published else made


def plain_page(title: str = "关于本站", *, under: Any = None, **fields: Any) -> PlainPage:
    defaults = {"body": [("text", "<p>本站公开办事信息。</p>")]}
    return _add(under or HomePage.objects.get(), PlainPage(**{"title": title} | defaults | fields))


# Certificates


def certificate_list(
    title: str = "社区不应出具证明清单", *, under: CertificateChannel | None = None, **fields: Any
) -> CertificateListPage:
    defaults = {"authority": CertificateListPage.Authority.NATIONAL}
    return _add(
        under or channel(CertificateChannel), CertificateListPage(**{"title": title} | defaults | fields)
    )


def certificate_edition(
    page: CertificateListPage,
    items: Iterable[Any] = ("亲属关系证明",),
    *,
    title: str = "第一批",
    published: bool = False,
    **fields: Any,
) -> CertificateEdition:
    """An edition with items: names of certificates that must not be issued, or whole dictionaries."""
    edition = CertificateEdition(owner=page, title=title, **fields)
    edition.save()
    for order, item in enumerate(items, start=1):
        certificate_item(edition, order=order, **({"name": item} if isinstance(item, str) else item))
    return publish(edition) if published else edition


def certificate_item(
    edition: CertificateEdition,
    *,
    name: str = "亲属关系证明",
    polarity: str = "must_not",
    instead: Iterable[str] = (),
    **fields: Any,
) -> CertificateItem:
    """An item; ``instead`` says what residents bring without it. One that may be issued is complete."""
    may = {"issuing_unit": "社区居委会", "legal_basis": "居民委员会组织法", "sample_text": "<p>兹证明</p>"}
    defaults = may if polarity == "may" else {}
    item: Any = CertificateItem(edition=edition, name=name, polarity=polarity, **(defaults | fields))
    item.alternatives = _in_order(Alternative(kind="1", text=text) for text in instead)
    item.save()
    return item


def certificate(name: str, *, refused: bool = True, **fields: Any) -> Certificate:
    """A certificate as guides point to it, from a published list of its own."""
    page = certificate_list(title=f"清单：{name}")
    polarity = "must_not" if refused else "may"
    certificate_edition(page, [{"name": name, "polarity": polarity} | fields], published=True)
    return Certificate.objects.get(owner=page)


# Policy lists


def column(label: str, column_type: str = "text", **fields: Any) -> Column:
    return Column(label=label, column_type=column_type, **fields)


def policy_list(
    title: str = "街道权责清单",
    *,
    under: ListChannel | None = None,
    columns: Iterable[Column] | None = None,
    **fields: Any,
) -> PolicyListPage:
    """A list with columns 事项名称 (its title), 类别 (filter, category) and 依据 unless others are given."""
    page = PolicyListPage(**{"title": title, "list_type": ListType.objects.get(slug="qita")} | fields)
    page.columns = _in_order(
        [
            column("事项名称", is_title=True, is_required=True),
            column("类别", is_filter=True, is_category=True),
            column("依据", "long_text"),
        ]
        if columns is None
        else columns
    )
    return fresh(_add(under or channel(ListChannel), page))


def published_list():
    """A list with two entries in force, a 甲 (取消, 1) and b 乙 (上收, 2)."""
    page = policy_list(
        columns=[
            column("事项名称", is_title=True, is_required=True),
            column("类别", "choice", choices=["取消", "上收"]),
            column("数量", "number"),
        ]
    )
    rows = [
        {"key": "a", "事项名称": "甲", "类别": "取消", "数量": "1"},
        {"key": "b", "事项名称": "乙", "类别": "上收", "数量": "2"},
    ]
    list_edition(page, rows, published=True)
    return fresh(page)


def list_edition(
    page: PolicyListPage,
    rows: Iterable[dict[str, Any]] = ({"事项名称": "低保申报", "类别": "公共服务"},),
    *,
    title: str = "第一批",
    published: bool = False,
    **fields: Any,
) -> ListEdition:
    """An edition with rows, each a dictionary of cells by column label; ``key`` names the row."""
    edition = ListEdition(owner=page, title=title, **fields)
    edition.save()
    fill(edition, rows)
    return publish(edition) if published else edition


def fill(edition: ListEdition, rows: Iterable[dict[str, Any]]) -> None:
    """Add rows to a draft edition of a list, all at once."""
    keys = {spec.label: spec.key for spec in edition.columns}
    entries = []
    for order, cells in enumerate(rows, start=edition.rows.count() + 1):
        values = {keys.get(label, label): value for label, value in cells.items() if label != "key"}
        entries.append(
            ListEntry(edition=edition, order=order, key=cells.get("key", f"row-{order}"), values=values)
        )
        entries[-1].prepare()
    ListEntry.objects.bulk_create(entries)


# Words and people


def topic(name: str = "养老", **fields: Any) -> Topic:
    return Topic.objects.create(name=name, **({"slug": f"topic-{next(_numbers)}"} | fields))


def audience(name: str = "残疾人", **fields: Any) -> Audience:
    return Audience.objects.create(name=name, **({"slug": f"audience-{next(_numbers)}"} | fields))


def user(role: str = "", place: Page | None = None, **fields: Any) -> User:
    """A member of staff in one role: user("street_editor", street). Without a role: no rights at all."""
    username = fields.pop("username", f"{role or 'user'}{next(_numbers)}")
    made = User.objects.create_user(username, password=PASSWORD, **({"display_name": username} | fields))
    if role:
        page = Page.objects.get(pk=place.pk) if place is not None else None
        Post.objects.create(user=made, role=role, place=page)
    return User.objects.get(pk=made.pk)
