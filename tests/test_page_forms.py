"""Forms of pages: a draft may be incomplete, what goes public may not, and editors read what is missing."""

import datetime
from typing import Any

import pytest
from django.test import Client
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
    assert "请填写“办理流程”，至少一个环节。" in errors["__all__"]
    assert "请填写“设定依据”，至少一条。" in errors["__all__"]
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
