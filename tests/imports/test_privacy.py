"""Personal data in a sheet of any kind: stopped with the masked form at hand, or masked on demand."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import pytest

from content_models.certificates.models import CertificateEdition
from content_models.communities.models import CommunityPage
from content_models.guides.models import GuideChannel, GuidePage, Provision
from content_models.home.models import HomePage
from content_models.notices.models import NoticeChannel, NoticePage
from content_models.policy_lists.models import ListEntry
from imports import runs
from imports.privacy import Privacy
from tests import factories
from tests.imports.walk import checked, problems

pytestmark = pytest.mark.django_db

# Made up: the check digits are right, the numbers are nobody's.
FOUND = {
    "11010519491231002X": "110105********002X",
    "13812345678": "138****5678",
    "6222021234567890128": "6222***********0128",
}


@pytest.fixture
def home() -> HomePage:
    return factories.home()


@pytest.fixture
def editor(home: HomePage) -> Any:
    return factories.user("district_editor", home)


class Sheet(NamedTuple):
    """A sheet of one kind whose column ``column`` holds a text, where it goes, and what was written."""

    text: str
    column: str
    into: Any
    said: Callable[[], str]


def a_list() -> Sheet:
    page = factories.policy_list()
    return Sheet("事项名称,类别,依据\n甲,乙,{}\n", "依据", page, lambda: str(ListEntry.objects.get().values))


def a_guide() -> Sheet:
    channel = factories.channel(GuideChannel)
    factories.department()
    text = "网址名,事项名称,实施主体,服务对象,咨询电话,监督投诉电话,受理条件\n"
    text += "dibao,低保,区民政局,自然人,0592-2020002,12345,{}\n"
    return Sheet(text, "受理条件", channel, lambda: GuidePage.objects.get().conditions)


def a_notice() -> Sheet:
    text = "网址名,标题,类型,正文,发布单位,信息来源\nting,停水,通知,{},区水务局,区水务局\n"
    return Sheet(
        text, "正文", factories.channel(NoticeChannel), lambda: str(NoticePage.objects.get().body.raw_data)
    )


def a_certificate() -> Sheet:
    page = factories.certificate_list()
    text = "证明名称,属性,用途\n亲属关系证明,不应出具,{}\n"
    return Sheet(text, "用途", page, lambda: CertificateEdition.objects.get().rows.get().purpose)


def a_provision() -> Sheet:
    community = factories.community()
    factories.guide("低保", slug="dibao")
    text = f"区划代码,指南,是否办理,不办理原因\n{community.region_code},dibao,否,{{}}\n"
    return Sheet(text, "不办理原因", None, lambda: Provision.objects.get().reason)


def a_figure() -> Sheet:
    community = factories.community()
    factories.figure(community, "households", 100)
    community.save_revision()
    text = f"区划代码,指标,数值,单位,截至日期,来源\n{community.region_code},网格员,10,人,2026-01-01,{{}}\n"

    def said() -> str:
        page = CommunityPage.objects.get().get_latest_revision_as_object()
        return " ".join(figure.source for figure in page.figures.all())

    return Sheet(text, "来源", None, said)


def a_community() -> Sheet:
    community = factories.community()
    text = f"区划代码,名称,四至\n{community.region_code},江苏路社区,{{}}\n"
    return Sheet(
        text,
        "四至",
        factories.home(),
        lambda: CommunityPage.objects.get().get_latest_revision_as_object().boundary,
    )


def an_office() -> Sheet:
    office = factories.office(slug="zhongxin")
    return Sheet(
        "网址名,名称,地址\nzhongxin,中心,{}\n",
        "地址",
        None,
        lambda: factories.fresh(office).get_latest_revision_as_object().address,
    )


KINDS: Mapping[str, Callable[[], Sheet]] = {
    "lists": a_list,
    "guides": a_guide,
    "notices": a_notice,
    "certificates": a_certificate,
    "provisions": a_provision,
    "figures": a_figure,
    "communities": a_community,
    "offices": an_office,
}


@pytest.mark.parametrize("kind", KINDS)
def test_h9_an_id_a_mobile_or_a_bank_card_in_a_sheet_is_stopped_and_goes_in_masked(
    kind: str, home: HomePage, editor: Any
) -> None:
    sheet = KINDS[kind]()
    text = sheet.text.format("请找 " + " ".join(FOUND) + " 这里")

    refused = checked(kind, text, by=editor, into=sheet.into)

    found = [(column, message) for _part, _line, column, message in problems(refused)]
    assert [column for column, _message in found] == [sheet.column], problems(refused)
    assert all(masked in found[0][1] for masked in FOUND.values()), found
    assert "选“个人信息打码”" in "".join(refused.remarks)

    masked = checked(kind, text, by=editor, into=sheet.into, masks=True)
    assert problems(masked) == []
    assert "已打码" in "".join(masked.remarks)
    runs.confirm(masked, by=editor)

    assert all(form in sheet.said() for form in FOUND.values())
    assert not any(number in sheet.said() for number in FOUND)


def test_further_sheets_are_watched_as_well(editor: Any) -> None:
    channel = factories.channel(GuideChannel)
    factories.guide("低保", slug="dibao")
    sheets = {
        "办事指南": [["网址名", "事项名称"], ["dibao", "低保"]],
        "材料": [["指南", "材料名称", "填报须知"], ["dibao", "表", "联系 13812345678"]],
    }

    run = checked("guides", sheets, by=editor, into=channel)

    assert ("materials", 2, "填报须知") in [found[:3] for found in problems(run)]


@pytest.mark.parametrize("text", ["1381<b>2345</b>678", "138&#49;2345678", "<p>手机</p><p>13812345678</p>"])
def test_markup_hides_nothing(text: str) -> None:
    with pytest.raises(ValueError, match=r"138\*\*\*\*5678"):
        Privacy(masks=False).keep("正文", text)


def test_what_markup_splits_cannot_be_masked_and_is_refused() -> None:
    with pytest.raises(ValueError, match="手机"):
        Privacy(masks=True).keep("正文", "1381<b>2345</b>678")


def test_an_office_may_be_called_on_a_mobile_and_on_nothing_else(home: HomePage, editor: Any) -> None:
    factories.office(slug="zhongxin")
    text = "网址名,名称,电话,交通\nzhongxin,中心,{},{}\n"

    called = checked("offices", text.format("13812345678", ""), by=editor)
    carded = checked("offices", text.format("6222021234567890128", ""), by=editor)

    assert problems(called) == []
    assert [found[2] for found in problems(carded)] == ["电话"]


def test_codes_are_no_personal_data(editor: Any) -> None:
    factories.guide("低保", slug="dibao")
    text = "网址名,事项名称,统一社会信用代码\ndibao,低保,110105194912310029\n"

    run = checked("guides", text, by=editor, into=factories.channel(GuideChannel))

    assert "个人信息" not in str(problems(run))


def test_the_name_of_a_file_that_becomes_its_source_is_masked(editor: Any) -> None:
    page = factories.policy_list()
    run = checked("lists", "事项名称,类别\n甲,乙\n", by=editor, into=page, file_name="张三13812345678.csv")

    runs.confirm(run, by=editor)

    assert page.editions.get().source == "张三138****5678.csv"
