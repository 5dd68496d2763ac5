"""A small site with something of every kind, and things beside it that nobody outside may know of."""

import datetime
from dataclasses import dataclass, field
from typing import Any

from wagtail.models import PageViewRestriction

from content_models.guides.models import Fee, LevelChange, Material, Question
from content_models.places.models import OfficePage, OfficeWindow
from content_models.policy_lists.models import ListChannel
from publishing.publish import publish
from tests import factories
from tests.factories import column

MARK = "秘而不宣"  # stands in everything that is not public


@dataclass
class Content:
    """What tests ask for by name."""

    things: dict[str, Any] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        try:
            return factories.fresh(self.things[name])
        except KeyError:
            raise AttributeError(name) from None


def make() -> Content:
    """Publish one of each, with every child a guide can have."""
    home = factories.home()
    street = factories.street("中华街道")
    community = factories.community("江苏路社区", under=street, intro="<p>沿江而建。</p>")
    neighbour = factories.community("桃苑社区", under=street)
    factories.figure(community, "households", 5000)
    factories.figure(community, "residents", 3, "人", is_sensitive=True)
    office = factories.office(under=community, latitude="36.067", longitude="120.382")
    office.windows = [OfficeWindow(number="3", name="综合窗口")]
    office.save()
    certificates = factories.certificate_list("社区不应出具证明清单")
    first = factories.certificate_edition(
        certificates,
        [{"name": "健在证明", "instead": ["联网核对"]}, "亲属关系证明"],
        effective_on=datetime.date(2020, 1, 1),
        published=True,
    )
    second = first.new_draft(title="第二批")
    second.effective_on = datetime.date(2022, 1, 1)
    second.save_revision()
    publish(second)
    topic, audience = factories.topic("养老", slug="yanglao"), factories.audience("老年人", slug="laonianren")
    guide = factories.guide(
        "老年人优待证办理",
        slug="laonianzheng",
        everyday_names=["老年证"],
        conditions="<h3>谁能办</h3><p>60 岁以上的<b>本区</b>居民。</p>"
        "<ul><li>有户口</li><li>有照片</li></ul>",
        topics=[topic],
        audiences=[audience],
        offices=[office],
        materials=[
            Material(name="身份证", originals=1),
            Material(name="居住证明", necessity="3", condition="非本地户籍"),
        ],
    )
    guide.fees = [Fee(name="工本费", standard="5 元", basis="收费目录", is_reducible=True)]
    guide.is_charged = True
    guide.faqs = [Question(question="多久能拿到？", answer="<p>当场。</p>")]
    guide.level_changes = [LevelChange(change_kind="down", from_level="街道", to_level="社区")]
    guide.save()
    publish(guide)
    other = publish(factories.guide("残疾人护理补贴", offices=[office]))
    provisions = factories.provision_edition(community)
    factories.provision(
        provisions, guide, office=office, window="3", waived_materials=["居住证明"], promised_days=1
    )
    factories.provision(provisions, other, is_offered=False, go_to=office)
    publish(provisions)
    of_street = factories.provision_edition(street)
    factories.provision(of_street, guide, office=office, phone="0592-1111111")
    publish(of_street)
    notice = factories.notice(
        "关于停水的通知",
        body=[
            ("heading", "时间"),
            ("text", "<p>明日 9 时起。</p>"),
            ("table", {"data": [["路段", "时长"], ["江苏路", "8 小时"]], "first_row_is_table_header": True}),
        ],
        doc_no="〔2026〕1号",
    )
    notice.related_guides.set([guide])
    notice.save()
    publish(notice)
    policy_list = factories.policy_list(
        "社区准入清单",
        slug="zhunru",
        columns=[
            column("事项名称", is_title=True, is_required=True),
            column("类别", "choice", choices=["报表", "检查"], is_filter=True),
            column("数量", "number", is_filter=True),
            column("准入日", "date", is_filter=True),
            column("有经费", "yes_no"),
            column("网址", "link"),
            column("办事指南", "guide"),
            column("经办人", is_public=False),
        ],
    )
    rows = [
        {
            "key": "a", "事项名称": "环境检查", "类别": "检查", "数量": "3", "准入日": "2024-05-01",
            "有经费": "yes", "网址": "https://example.cn/a", "办事指南": str(guide.pk), "经办人": MARK,
        },
        {"key": "b", "事项名称": "月度报表", "类别": "报表", "数量": "1.5", "准入日": "2025-01-01"},
    ]  # fmt: skip
    edition = factories.list_edition(
        policy_list, rows, effective_on=datetime.date(2024, 1, 1), published=True, stated_total=3
    )
    newer = edition.new_draft(title="第二批")
    newer.effective_on = datetime.date(2026, 1, 1)
    newer.save_revision()
    factories.fill(newer, [{"key": "c", "事项名称": "防火检查", "类别": "检查", "数量": "7"}])
    publish(newer)
    factories.banner(level=3)
    made = {
        "home": home, "street": street, "community": community, "neighbour": neighbour, "office": office,
        "certificates": certificates, "guide": guide, "other": other, "notice": notice, "list": policy_list,
    }  # fmt: skip
    return Content(made)


def hide() -> None:
    """Beside what is public: drafts, restricted pages, internal lists and columns, each with the mark."""
    office = OfficePage.objects.first()
    factories.guide(f"草稿{MARK}", live=False, offices=[office])
    changed = publish(factories.guide("有改动的指南", offices=[office]))
    changed.title, changed.summary = f"未发布{MARK}", MARK
    changed.save_revision()
    factories.notice(f"公告{MARK}", live=False)
    draft = factories.policy_list(f"草稿清单{MARK}", slug="draft-list", live=False)
    factories.list_edition(draft, [{"事项名称": MARK}])
    internal = factories.policy_list(f"内部清单{MARK}", slug="internal-list", is_internal=True)
    factories.list_edition(internal, [{"事项名称": MARK, "类别": MARK}], published=True)
    hidden_street = factories.street(f"另一街道{MARK}")
    hidden = factories.community(f"另一社区{MARK}", under=hidden_street)
    factories.figure(hidden, "households", 1, note=MARK)
    shut = factories.office(f"内部窗口{MARK}", under=hidden)
    guides = factories.guide_channel(hidden_street)
    factories.guide(f"内部指南{MARK}", under=guides, offices=[shut])
    factories.policy_list(f"街道清单{MARK}", under=factories.channel(ListChannel, hidden_street))
    PageViewRestriction.objects.create(page=hidden_street, restriction_type="login")
    public = publish(factories.guide("去哪里办", offices=[office, shut]))
    provisions = factories.provision_edition(hidden)
    factories.provision(provisions, public, office=shut, note=MARK)
    publish(provisions)
    policy_list = factories.policy_list("有草稿版本的清单", slug="has-draft")
    factories.list_edition(policy_list, published=True)
    factories.list_edition(policy_list, [{"事项名称": MARK}], title=f"草稿版{MARK}")
    certificates = factories.certificate_list("有草稿版本的证明清单")
    factories.certificate_edition(certificates, published=True)
    factories.certificate_edition(certificates, [MARK], title=f"草稿版{MARK}")
    factories.banner(f"横幅{MARK}", published=False)
