"""What is in use is not removed: the editor is told what uses it."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from content_models.base.models import Code
from content_models.base.usage import uses_of
from content_models.communities.models import HistoryEvent
from content_models.guides.models import GuidePage, Material
from content_models.places.models import Department, OfficePage
from content_models.policy_lists.models import ListType
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor() -> Client:
    client = Client()
    client.force_login(factories.user("administrator"))
    return client


def said(answer: Any) -> str:
    """What the editor reads after being sent on."""
    return answer.content.decode()


def delete_page(editor: Client, page: Any) -> str:
    return said(editor.post(reverse("wagtailadmin_pages:delete", args=[page.pk]), follow=True))


def delete_snippet(editor: Client, thing: Any) -> str:
    name = thing.snippet_viewset.get_url_name("delete")
    return said(editor.post(reverse(name, args=[thing.pk]), follow=True))


def test_an_office_that_a_guide_names_stays(editor: Client) -> None:
    office = factories.office("江苏路社区党群服务中心")
    factories.guide("残疾人护理补贴", offices=[office])

    answer = delete_page(editor, office)

    assert "江苏路社区党群服务中心" in answer
    assert "残疾人护理补贴" in answer
    assert "不能删除" in answer
    assert OfficePage.objects.filter(pk=office.pk).exists()


def test_an_office_that_nobody_names_goes(editor: Client) -> None:
    office = factories.office()

    delete_page(editor, office)

    assert not OfficePage.objects.filter(pk=office.pk).exists()


def test_an_office_in_a_provision_stays(editor: Client) -> None:
    office, elsewhere = factories.office("甲场所"), factories.office("乙场所")
    guide = factories.guide(offices=[elsewhere])
    place = factories.community("新社区", under=factories.street("新街道"))
    factories.provision(factories.provision_edition(place), guide, office=office)

    assert "服务安排" in delete_page(editor, office)
    assert OfficePage.objects.filter(pk=office.pk).exists()


def test_a_community_stays_while_its_office_is_named_elsewhere(editor: Client) -> None:
    community = factories.community()
    office = factories.office(under=community)
    factories.guide("老年优待证", offices=[office])

    assert "老年优待证" in delete_page(editor, community)
    assert type(community).objects.filter(pk=community.pk).exists()


def test_a_community_goes_when_only_its_own_parts_name_its_office(editor: Client) -> None:
    community = factories.community()
    office = factories.office(under=community)
    factories.guide(under=factories.guide_channel(community), offices=[office])

    assert uses_of(community) == []


def test_a_successor_community_stays(editor: Client) -> None:
    old, new = factories.community("城南社区"), factories.community("环城社区")
    HistoryEvent.objects.create(page=old, event_kind="split_into", other=new)

    assert "城南社区" in delete_page(editor, new)


def test_a_certificate_list_stays_while_a_material_points_to_it(editor: Client) -> None:
    certificate = factories.certificate("无犯罪记录证明", refused=False)
    material = Material(name="无犯罪记录证明", certificate=certificate)
    factories.guide("入职审查", materials=[material])

    answer = delete_page(editor, certificate.owner)

    assert "入职审查" in answer
    assert type(certificate.owner).objects.filter(pk=certificate.owner_id).exists()


def test_a_guide_stays_while_a_community_offers_it(editor: Client) -> None:
    guide = factories.guide("低保申报")
    place = factories.community("青阳社区")
    factories.provision(factories.provision_edition(place), guide)

    assert "青阳社区" in delete_page(editor, guide)
    assert GuidePage.objects.filter(pk=guide.pk).exists()


def test_a_guide_stays_while_a_notice_refers_to_it(editor: Client) -> None:
    guide = factories.guide("低保申报")
    notice = factories.notice("低保标准调整")
    notice.related_guides.add(guide)
    notice.save()

    assert "低保标准调整" in delete_page(editor, guide)


def test_a_department_in_use_stays(editor: Client) -> None:
    department = factories.department("区残联")
    factories.guide("护理补贴", department=department)

    answer = delete_snippet(editor, department)

    assert "护理补贴" in answer
    assert Department.objects.filter(pk=department.pk).exists()


def test_a_department_nobody_names_goes(editor: Client) -> None:
    department = factories.department("撤销了的部门")

    delete_snippet(editor, department)

    assert not Department.objects.filter(pk=department.pk).exists()


@pytest.mark.parametrize("kind", ["topic", "audience"])
def test_vocabulary_in_use_stays(kind: str, editor: Client) -> None:
    term = getattr(factories, kind)("养老")
    guide = factories.guide("老年优待证")
    getattr(guide, f"{kind}s").add(term)
    guide.save()

    assert "老年优待证" in delete_snippet(editor, term)
    assert type(term).objects.filter(pk=term.pk).exists()


def test_a_list_type_in_use_stays(editor: Client) -> None:
    page = factories.policy_list("街道权责清单")

    assert "街道权责清单" in delete_snippet(editor, page.list_type)
    assert ListType.objects.filter(pk=page.list_type_id).exists()


def test_a_code_in_use_stays(editor: Client) -> None:
    guide = factories.guide("残疾人护理补贴")
    code = Code.objects.get(code_list="case_type", code=guide.case_type)

    assert "残疾人护理补贴" in delete_snippet(editor, code)
    assert Code.objects.filter(pk=code.pk).exists()


def test_many_at_once_are_guarded_too(editor: Client) -> None:
    used, free = factories.office("用着的场所"), factories.office("没人用的场所")
    factories.guide(offices=[used])
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "delete"])

    answer = editor.post(f"{address}?id={used.pk}&id={free.pk}&next=/admin/offices/", follow=True)

    assert "用着的场所" in said(answer)
    assert OfficePage.objects.filter(pk__in=[used.pk, free.pk]).count() == 2


def test_taking_an_office_in_use_off_the_site_is_warned_of(editor: Client) -> None:
    office = factories.office("江苏路社区党群服务中心")
    factories.guide("残疾人护理补贴", offices=[office])

    answer = editor.post(reverse("wagtailadmin_pages:unpublish", args=[office.pk]), follow=True)

    assert "仍在使用" in said(answer)
    assert "残疾人护理补贴" in said(answer)
    assert not OfficePage.objects.get(pk=office.pk).live


def test_many_users_are_counted_and_some_are_named() -> None:
    department = factories.department("区民政局")
    for number in range(7):
        factories.guide(f"事项{number}", department=department)

    [line] = uses_of(department)

    assert "7 处" in line
    assert line.count("事项") == 5
