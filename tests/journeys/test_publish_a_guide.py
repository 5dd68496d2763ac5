"""The district's editor writes a guide; a resident finds it and sees what holds in her community."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.conftest import NewPage
from tests.demo_site import Site

TITLE = "家庭养老床位申请"
EVERYDAY_NAME = "养老床位"


def test_an_editor_publishes_a_guide_that_residents_find(
    page: Page, new_page: NewPage, noscript_page: Page, site: Site
) -> None:
    site.sign_in(page, "district_editor")
    begin_guide(page)
    fill_guide(page, complaint_phone="")
    publish(page)

    expect(page.get_by_role("status").first).to_contain_text("内容校验未通过")
    phone = page.get_by_role("textbox", name="监督投诉电话")
    expect(phone).to_have_accessible_description(re.compile("必填|必需|不能为空|请填写"))

    phone.fill("0000-55550112")
    publish(page)
    expect(page.get_by_role("status").first).to_contain_text(TITLE)
    expect(page.get_by_role("status").first).to_contain_text("已发布")

    for resident in (new_page(), noscript_page):
        read_guide(resident, site)


@pytest.mark.long
def test_a_guide_may_not_ask_for_a_certificate_nobody_issues(page: Page, site: Site) -> None:
    site.sign_in(page, "district_editor")
    begin_guide(page)
    fill_guide(page, complaint_phone="0000-55550112", material="住宅改商用证明")
    publish(page)

    tab(page, "申请材料")
    name = page.get_by_role("textbox", name="材料名称")
    expect(name).to_have_accessible_description(re.compile("不应出具的证明.*市场主体住所证明"))
    expect(name).to_have_accessible_description(re.compile("可改用.*由街道的市场监管部门去看房子、问邻居"))

    page.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_role("status").first).to_contain_text(TITLE)
    page.goto(site.url("/admin/guides/"))
    expect(page.get_by_role("row").filter(has_text=TITLE)).to_contain_text("草稿")
    page.get_by_role("link", name=TITLE, exact=True).click()
    tab(page, "申请材料")
    expect(name).to_have_value("住宅改商用证明")


def begin_guide(page: Page) -> None:
    """办事指南 → 新建; the district has one channel of guides, so there is nothing to choose."""
    page.get_by_role("button", name="办事指南").click()
    page.get_by_role("link", name="办事指南", exact=True).click()
    page.get_by_role("link", name="添加办事指南").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("办事指南")


def fill_guide(page: Page, *, complaint_phone: str, material: str = "") -> None:
    page.get_by_role("textbox", name="标题").fill(TITLE)
    page.get_by_role("textbox", name="俗称").fill(EVERYDAY_NAME)
    page.get_by_role("textbox", name="生效日期").fill("2026-01-01")
    page.get_by_role("textbox", name="咨询电话").fill("0000-55550111")
    page.get_by_role("textbox", name="监督投诉电话").fill(complaint_phone)
    choose(page, "选择部门", "家门口示范区民政局（示例）")
    page.get_by_role("checkbox", name="自然人").check()
    page.get_by_role("checkbox", name="老年人").check()
    write(
        page.get_by_role("region", name="受理条件").get_by_role("textbox"),
        "家里有失能老人，",
        bold="住在本区",
    )
    page.get_by_role("combobox", name="办件类型").select_option("承诺件")
    page.get_by_role("spinbutton", name="承诺办结时限").fill("5")

    tab(page, "申请材料")
    if material:
        page.get_by_role("button", name="添加材料").click()
        page.get_by_role("textbox", name="材料名称").fill(material)
    else:
        page.get_by_role("checkbox", name="无需材料").check()

    tab(page, "流程与办理")
    page.get_by_role("button", name="添加环节").click()
    step = page.get_by_role("region", name="环节 1")
    step.get_by_role("textbox", name="环节").fill("上门评估")
    step.get_by_role("textbox", name="时限").fill("3 个工作日")
    page.get_by_role("checkbox", name="窗口").check()
    page.get_by_role("button", name="添加办事场所").click()
    choose_office(page, "花苑社区党群服务中心（示例）")
    page.get_by_role("button", name="添加办事场所").click()
    choose_office(page, "江苏路社区党群服务中心（示例）")

    tab(page, "依据、问题与更多")
    page.get_by_role("button", name="添加依据").click()
    basis = page.get_by_role("region", name="依据 1")
    basis.get_by_role("textbox", name="法律法规或文件").fill("示例：区养老服务办法")

    tab(page, "基本信息")


def read_guide(resident: Page, site: Site) -> None:
    resident.goto(site.url("/guides/"))
    expect(resident.get_by_role("main").get_by_role("link", name=TITLE)).to_be_visible()

    resident.goto(site.url())
    resident.get_by_label("您想办什么事？").fill(EVERYDAY_NAME)
    resident.get_by_label("您想办什么事？").press("Enter")
    resident.get_by_role("link", name=TITLE).click()

    expect(resident.get_by_role("heading", level=1)).to_have_text(TITLE)
    expect(resident.locator("#conditions")).to_contain_text("家里有失能老人，住在本区")
    expect(resident.locator("#conditions").get_by_text("住在本区", exact=True)).to_have_css(
        "font-weight", "700"
    )
    expect(resident.locator("#materials")).to_contain_text("不用带任何材料")
    expect(resident.locator("#steps")).to_contain_text("上门评估")
    expect(resident.locator("#places").get_by_role("listitem")).to_have_count(2)
    expect(resident.locator("#basis")).to_contain_text("示例：区养老服务办法")

    resident.get_by_role("link", name="选择我的社区").first.click()
    resident.get_by_role("button", name="花苑社区").click()
    box = resident.get_by_role("region", name="在您的社区：花苑社区")
    expect(box).to_contain_text("花苑社区还没有登记这件事在本地怎样办")
    expect(box.get_by_role("link", name="0000-55550111")).to_be_visible()


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()


def choose_office(page: Page, title: str) -> None:
    """Find one by its name in the dialog of all offices and tick it."""
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("searchbox").fill(title)
    expect(dialog.get_by_role("row")).to_have_count(2)  # the head and the one found
    dialog.get_by_role("checkbox", name=title).check()
    dialog.get_by_role("button", name="确认选择").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("button", name=f"去掉{title}")).to_be_visible()


def choose(page: Page, button: str, title: str) -> None:
    """Choose something in Wagtail's dialog."""
    page.get_by_role("button", name=button).click()
    page.get_by_role("dialog").get_by_role("link", name=title).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text(title, exact=True).first).to_be_visible()


def write(editor: Locator, text: str, *, bold: str = "") -> None:
    """Write into the rich text editor, ending with words in bold."""
    editor.click()
    editor.press_sequentially(text)
    if bold:
        editor.press("Control+b")
        editor.press_sequentially(bold)
    expect(editor).to_contain_text(text + bold)


def publish(page: Page) -> None:
    page.get_by_role("button", name="更多操作").click()
    page.get_by_role("button", name="发布", exact=True).click()
