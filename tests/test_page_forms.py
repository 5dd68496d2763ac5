"""Forms of pages: a draft may be incomplete, what goes public may not, and editors read what is missing."""

import datetime
from typing import Any

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page, Revision

from content_models.certificates.models import CertificateChannel
from content_models.communities.models import CommunityPage
from content_models.guides.models import GuidePage, Material
from content_models.notices.models import NoticeChannel, NoticePage
from content_models.places.models import OfficePage
from content_models.policy_lists.models import ListChannel, PolicyListPage
from tests import factories
from tests.admin_forms import fields_of, submit

pytestmark = pytest.mark.django_db

PUBLISH = {"action-publish": "action-publish"}
TYPES = [
    "guides.GuidePage",
    "notices.NoticePage",
    "policy_lists.PolicyListPage",
    "certificates.CertificateListPage",
    "communities.CommunityPage",
    "places.OfficePage",
    "home.StreetPage",
    "home.PlainPage",
    "guides.GuideChannel",
    "notices.NoticeChannel",
    "policy_lists.ListChannel",
    "certificates.CertificateChannel",
    "communities.CommunityChannel",
    "places.OfficeChannel",
]


@pytest.fixture
def editor() -> Client:
    client = Client()
    client.force_login(factories.user("district_editor", factories.home()))
    return client


def parent_for(kind: str) -> Page:
    parents: dict[str, Any] = {
        "guides.GuidePage": factories.guide_channel,
        "notices.NoticePage": lambda: factories.channel(NoticeChannel),
        "policy_lists.PolicyListPage": lambda: factories.channel(ListChannel),
        "certificates.CertificateListPage": lambda: factories.channel(CertificateChannel),
        "communities.CommunityPage": factories.street,
    }
    return parents.get(kind, factories.home)()


def address_to_add(kind: str) -> str:
    app, model = kind.lower().split(".")
    return reverse("wagtailadmin_pages:add", args=[app, model, parent_for(kind).pk])


def address_to_edit(page: Page) -> str:
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


def errors_in(answer: Any) -> dict[str, list[str]]:
    """Messages beside fields, by field; formsets by the prefix of their form."""
    form = answer.context["form"]
    found = {name: list(messages) for name, messages in form.errors.items()}
    for formset in form.formsets.values():
        for child in formset.forms:
            found.update({f"{child.prefix}-{name}": list(said) for name, said in child.errors.items()})
    found |= {name: list(said) for name, each in form.formsets.items() if (said := each.non_form_errors())}
    return found


@pytest.mark.parametrize("kind", TYPES)
def test_a_draft_needs_no_more_than_a_title(kind: str, editor: Client) -> None:
    answer = submit(editor, address_to_add(kind), title="残疾人护理补贴")

    assert answer.status_code == 200
    page = Page.objects.get(title="残疾人护理补贴")
    assert (page.slug, page.live) == ("can-ji-ren-hu-li-bu-tie", False)
    assert editor.get(address_to_edit(page)).status_code == 200


def test_an_emptied_address_is_made_anew_from_the_title(editor: Client) -> None:
    page = factories.plain_page("关于本站")

    submit(editor, address_to_edit(page), title="联系我们", slug="", **PUBLISH)

    assert Page.objects.get(pk=page.pk).slug == "lian-xi-wo-men"


def test_publishing_a_guide_says_beside_each_field_what_is_missing(editor: Client) -> None:
    answer = submit(editor, address_to_add("guides.GuidePage"), title="残疾人护理补贴", **PUBLISH)

    errors = errors_in(answer)
    required = {"department", "service_objects", "conditions", "case_type", "promised_days", "handle_forms"}
    required |= {"offices", "consult_phone", "complaint_phone", "effective_on", "needs_no_materials"}
    assert required <= set(errors)
    assert errors["needs_no_materials"] == ["请填写“申请材料”，或勾选“无需材料”。"]
    assert errors["steps"] == ["请填写“办理流程”，至少一个环节。"]
    assert errors["legal_basis"] == ["请填写“设定依据”，至少一条。"]
    assert not GuidePage.objects.exists()


def test_a_complete_guide_is_published_from_its_form(editor: Client) -> None:
    page = factories.guide(live=False)

    submit(editor, address_to_edit(page), **PUBLISH)

    assert GuidePage.objects.get(pk=page.pk).live


def test_a_material_that_no_community_may_certify_is_refused_beside_its_name(editor: Client) -> None:
    factories.certificate("亲属关系证明", instead=["户口簿"])
    page = factories.guide(materials=[Material(name="亲属关系证明")], live=False)

    answer = submit(editor, address_to_edit(page), **PUBLISH)

    [said] = errors_in(answer)["materials-0-name"]
    assert "不应出具" in said
    assert "户口簿" in said
    assert not GuidePage.objects.get(pk=page.pk).live


def test_such_a_material_may_stand_in_a_draft(editor: Client) -> None:
    factories.certificate("亲属关系证明")
    page = factories.guide(materials=[Material(name="亲属关系证明")], live=False)

    answer = submit(editor, address_to_edit(page), summary="改过")

    assert not errors_in(answer)
    assert GuidePage.objects.get(pk=page.pk).summary == "改过"


def test_the_same_phone_twice_is_refused_in_words(editor: Client) -> None:
    page = factories.guide()

    answer = submit(editor, address_to_edit(page), complaint_phone=page.consult_phone, **PUBLISH)

    assert "“监督投诉电话”不能与“咨询电话”相同" in answer.content.decode()


def test_a_publicity_notice_without_a_contact_is_not_published(editor: Client) -> None:
    page = factories.notice(live=False)

    answer = submit(editor, address_to_edit(page), notice_kind="publicity", **PUBLISH)

    assert errors_in(answer) == {"feedback_contact": ["公示要写“意见反馈方式”。"]}
    assert not NoticePage.objects.get(pk=page.pk).live


def test_a_new_list_takes_the_columns_of_its_type(editor: Client) -> None:
    kind = factories.ListType.objects.get(slug="jiedao-quanze")

    submit(editor, address_to_add("policy_lists.PolicyListPage"), title="权责清单", list_type=kind.pk)

    labels = [column.label for column in PolicyListPage.objects.get(title="权责清单").columns.all()]
    assert labels == [column.label for column in kind.default_columns.all()]


def test_a_column_that_holds_values_is_not_removed(editor: Client) -> None:
    page = factories.policy_list()
    factories.list_edition(page, published=True)
    data = fields_of(editor.get(address_to_edit(page)).content.decode())

    answer = editor.post(address_to_edit(page), data | {"columns-0-DELETE": "on"}, follow=True)

    assert "不能删除" in answer.content.decode()
    assert PolicyListPage.objects.get(pk=page.pk).columns.count() == 3


@pytest.mark.parametrize("make", ["guide", "notice", "office", "community", "street", "plain_page", "home"])
def test_pages_are_previewed_beside_their_form(make: str, editor: Client) -> None:
    page = getattr(factories, make)()
    address = reverse("wagtailadmin_pages:preview_on_edit", args=[page.pk])
    data = fields_of(editor.get(address_to_edit(page)).content.decode()) | {"title": "预览用的标题"}

    taken = editor.post(address, data)
    shown = editor.get(address)

    assert taken.json()["is_valid"]
    assert shown.status_code == 200
    assert "预览用的标题" in shown.content.decode()


def test_lists_are_previewed_too(editor: Client) -> None:
    for page in (factories.policy_list(), factories.certificate_list()):
        address = reverse("wagtailadmin_pages:preview_on_edit", args=[page.pk])
        data = fields_of(editor.get(address_to_edit(page)).content.decode()) | {"title": "预览用的标题"}

        editor.post(address, data)

        assert "预览用的标题" in editor.get(address).content.decode()


def test_two_versions_are_compared_in_chinese(editor: Client) -> None:
    page = factories.guide()
    first = page.save_revision()
    page.conditions = "<p>只有本市居民。</p>"
    second = page.save_revision()

    answer = editor.get(reverse("wagtailadmin_pages:revisions_compare", args=[page.pk, first.pk, second.pk]))

    assert "受理条件" in answer.content.decode()
    assert "只有本市居民" in answer.content.decode()


def test_publishing_for_later_waits(editor: Client) -> None:
    page = factories.office(live=False)
    tomorrow = timezone.localtime() + datetime.timedelta(days=1)

    submit(editor, address_to_edit(page), go_live_at=f"{tomorrow:%Y-%m-%d %H:%M}", **PUBLISH)

    assert not OfficePage.objects.get(pk=page.pk).live
    assert Revision.objects.filter(approved_go_live_at__isnull=False).exists()


def test_a_communitys_code_must_fit_its_street(editor: Client) -> None:
    page = factories.community()

    answer = submit(editor, address_to_edit(page), region_code="999999999999", **PUBLISH)

    assert "region_code" in errors_in(answer)
    assert CommunityPage.objects.get(pk=page.pk).region_code == page.region_code


def test_what_only_publishing_refuses_comes_back_as_it_was_typed(editor: Client) -> None:
    add = address_to_add("communities.CommunityPage")

    answer = submit(editor, add, title="新社区", boundary="东到河边", community_kind="urban", **PUBLISH)

    said = answer.content.decode()
    assert "“区划代码”：要发布必须填写。" in said
    assert "东到河边" in said
    assert not CommunityPage.objects.filter(title="新社区").exists()


def test_a_page_that_may_not_be_published_keeps_its_form(editor: Client) -> None:
    page = factories.community(live=False)

    answer = submit(editor, address_to_edit(page), region_code="", boundary="东到河边", **PUBLISH)

    page.refresh_from_db()
    assert "“区划代码”：要发布必须填写。" in answer.content.decode()
    assert "东到河边" in answer.content.decode()
    assert (page.live, page.boundary) == (False, "")


@pytest.mark.parametrize(
    "day", ["2026-11-20", "2026/11/20", "2026.11.20", "2026年11月20日", "2026年11月20号"]
)
def test_a_day_is_read_as_it_is_usually_written(day: str, editor: Client) -> None:
    page = factories.guide()

    submit(editor, address_to_edit(page), effective_on=day, **PUBLISH)

    assert GuidePage.objects.get(pk=page.pk).effective_on == datetime.date(2026, 11, 20)


@pytest.mark.parametrize("day", ["2026-02-30", "明天", "2026年11月"])
def test_a_day_that_does_not_exist_is_refused_with_an_example(day: str, editor: Client) -> None:
    page = factories.guide()

    answer = submit(editor, address_to_edit(page), effective_on=day)

    assert errors_in(answer) == {"effective_on": ["请填写有效的日期，例如 2026-11-20。"]}
    assert f'value="{day}"' in answer.content.decode()


@pytest.mark.parametrize("time", ["9:00", "09:00", "9：00", "9点", "9点00分"])
def test_a_time_is_read_as_it_is_usually_written(time: str) -> None:
    assert forms.TimeField().clean(time) == datetime.time(9)


@pytest.mark.parametrize("time", ["9点半", "25:00", "上午"])
def test_a_time_that_says_something_else_is_refused_with_an_example(time: str) -> None:
    with pytest.raises(ValidationError, match="例如 09:00"):
        forms.TimeField().clean(time)


@pytest.mark.parametrize(
    "moment", ["2026-11-20 9:00", "2026年11月20日 9点", "2026年11月20日9:00", "2026.11.20 09:00"]
)
def test_a_moment_is_read_as_it_is_usually_written(moment: str) -> None:
    read = timezone.localtime(forms.DateTimeField().clean(moment))

    assert f"{read:%Y-%m-%d %H:%M}" == "2026-11-20 09:00"


def test_a_notice_without_text_says_where_to_write_it(editor: Client) -> None:
    answer = submit(
        editor, address_to_add("notices.NoticePage"), title="停水", **PUBLISH, **{"body-count": "0"}
    )

    assert "请点下面的加号" in str(answer.context["form"].errors["body"].as_data()[0].non_block_errors)


def test_places_for_a_new_notice_are_links_with_their_way(editor: Client) -> None:
    own = factories.channel(NoticeChannel)
    street = factories.street()
    theirs = factories.channel(NoticeChannel, under=street)

    answer = editor.get(reverse("notices:choose_parent"))

    assert answer.context["places"] == [
        (reverse("wagtailadmin_pages:add", args=["notices", "noticepage", channel.pk]), names)
        for channel, names in [
            (own, [factories.home().title, own.title]),
            (theirs, [factories.home().title, street.title, theirs.title]),
        ]
    ]


def test_the_only_place_for_a_new_notice_is_taken_at_once(editor: Client) -> None:
    channel = factories.channel(NoticeChannel)

    answer = editor.get(reverse("notices:choose_parent"))

    assert answer["Location"] == reverse("wagtailadmin_pages:add", args=["notices", "noticepage", channel.pk])


def test_many_places_are_found_by_their_own_name_or_that_of_the_street(editor: Client) -> None:
    near, far = factories.street("长安街道"), factories.street("八大湖街道")
    inside = factories.community("甲社区", under=near)
    factories.community("乙社区", under=far)

    answer = editor.get(reverse("offices:choose_parent"), {"q": "长安"})

    assert [names[-1] for _address, names in answer.context["places"]] == [near.title, inside.title]


def test_sending_no_place_says_so(editor: Client) -> None:
    factories.channel(NoticeChannel)
    factories.channel(NoticeChannel, under=factories.street())

    answer = editor.post(reverse("notices:choose_parent"), {}, follow=True)

    assert "请先选择放在哪个栏目。" in answer.content.decode()


def test_a_guides_form_does_not_grow_with_the_number_of_offices(editor: Client) -> None:
    page = factories.guide()
    address = address_to_edit(page)
    editor.get(address)

    def cost() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as queries:
            body = editor.get(address).content
        return len(queries), len(body)

    before = cost()
    for number in range(20):
        factories.office(f"便民点{number}")
    after = cost()

    assert after[0] == before[0]
    assert abs(after[1] - before[1]) < 200


def test_the_dialog_of_offices_is_searched_by_name_and_by_street(editor: Client) -> None:
    factories.office("助老点", under=factories.street("长安街道"))
    factories.office("大厅", under=factories.street("八大湖街道"))

    def found(text: str) -> list[str]:
        answer = editor.get(reverse("choose_pages_results"), {"kind": "places.officepage", "q": text})
        return [page.title for page in answer.context["results"]]

    assert found("助老") == ["助老点"]
    assert found("长安") == ["助老点"]
    assert found("没有这个") == []


def test_a_notice_keeps_the_guides_chosen_for_it(editor: Client) -> None:
    notice, first, second = factories.notice(), factories.guide("一"), factories.guide("二")

    submit(editor, address_to_edit(notice), related_guides=[first.pk, second.pk], **PUBLISH)
    shown = editor.get(address_to_edit(notice)).content.decode()
    submit(editor, address_to_edit(notice), **PUBLISH)

    assert "kind=guides.guidepage" in shown
    assert set(notice.related_guides.values_list("pk", flat=True)) == {first.pk, second.pk}


@pytest.mark.parametrize(("region", "publisher"), [("中华街道", "中华街道办事处"), ("花苑社区", "花苑社区")])
def test_a_new_notice_begins_in_the_name_of_its_channel(editor: Client, region: str, publisher: str) -> None:
    street = factories.street("中华街道")
    place = street if region == street.title else factories.community(region, under=street)
    channel = factories.channel(NoticeChannel, place)

    form = editor.get(reverse("wagtailadmin_pages:add", args=["notices", "noticepage", channel.pk])).context[
        "form"
    ]

    assert (form["publisher"].value(), form["content_source"].value()) == (publisher, publisher)
    assert form["signed_on"].value() is None
