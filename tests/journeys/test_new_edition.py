"""A street's editor brings out a new edition; the public sees what changed; he takes it back."""

import re

from playwright.sync_api import Page, expect

from tests.conftest import NewPage
from tests.demo_site import Site

LIST = "/jiangsulu/lists/xiachen-fuwu/"
EDITION = "2026年公布"


def test_an_edition_is_published_compared_and_taken_back(
    page: Page, new_page: NewPage, noscript_page: Page, site: Site
) -> None:
    site.sign_in(page, "street_editor")
    residents = (new_page(), noscript_page)

    start_edition(page)
    change_row(page, "低保申报", note="可以上门办。")
    add_row(page, "高龄津贴")
    add_row(page, "临时救助", then_another=False)
    delete_row(page, "生育服务证")
    expect(page.get_by_role("main")).to_contain_text("已录入 5 / 公布 43")
    for resident in residents:
        sees_old_edition(resident, site)

    check_and_publish(page)
    for resident in residents:
        sees_new_edition(resident, site)
        sees_difference(resident)

    take_back(page)
    for resident in residents:
        sees_old_edition(resident, site)


def start_edition(page: Page) -> None:
    """清单 → 清单版本 → 新建版本, copied from the edition in force."""
    page.get_by_role("button", name="清单", exact=True).click()
    page.get_by_role("link", name="清单版本").click()
    page.get_by_role("link", name="新建版本").first.click()
    page.get_by_role("combobox", name="清单").select_option("下沉到社区的服务事项")
    page.get_by_role("radio", name="复制现行版本的全部条目").check()
    page.get_by_role("textbox", name="版本名称").fill(EDITION)
    page.get_by_role("button", name="建立草稿").click()
    expect(page.get_by_role("status").first).to_contain_text("内容复制自“2018年公布”")


def change_row(page: Page, name: str, *, note: str) -> None:
    page.get_by_role("link", name=name, exact=True).click()
    page.get_by_role("textbox", name="备注").fill(note)
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_role("row").filter(has_text=name)).to_contain_text(note)


def add_row(page: Page, name: str, *, then_another: bool = True) -> None:
    if page.get_by_role("link", name="新增条目").count():
        page.get_by_role("link", name="新增条目").click()
    page.get_by_role("textbox", name="事项名称").fill(name)
    page.get_by_role("textbox", name="现办理地点").fill("社区党群服务中心")
    if then_another:
        page.get_by_role("button", name="保存并再加一条").click()
        expect(page.get_by_role("textbox", name="事项名称")).to_have_value("")
    else:
        page.get_by_role("button", name="保存", exact=True).click()
        expect(page.get_by_role("link", name=name, exact=True)).to_be_visible()


def delete_row(page: Page, name: str) -> None:
    page.get_by_role("checkbox", name=f"勾选“{name}”").check()
    page.get_by_role("button", name="删除勾选的条目").click()
    page.get_by_role("main").get_by_role("button", name="删除").click()
    expect(page.get_by_role("status").first).to_contain_text(f"已删除“{name}”")


def check_and_publish(page: Page) -> None:
    page.get_by_role("link", name="检查与发布").click()
    expect(page.get_by_role("main")).to_contain_text("新增 2 条，删除 1 条，修改 1 条")
    page.get_by_role("button", name="发布", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("已发布")


def take_back(page: Page) -> None:
    page.get_by_role("link", name="撤回").first.click()
    expect(page.get_by_role("main")).to_contain_text("公开页将重新显示它替换的“2018年公布”（4 条）")
    page.get_by_role("button", name="撤回", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("已撤回")


def sees_old_edition(resident: Page, site: Site) -> None:
    resident.goto(site.url(LIST))
    expect(resident.get_by_label("数量核对")).to_contain_text("已录入 4 / 公布 43")
    expect(resident.get_by_role("link", name="生育服务证")).to_be_visible()
    expect(resident.get_by_text("高龄津贴")).to_have_count(0)
    expect(resident.get_by_text(EDITION)).to_have_count(0)


def sees_new_edition(resident: Page, site: Site) -> None:
    resident.goto(site.url(LIST))
    expect(resident.get_by_text(f"{EDITION}（现行）")).to_be_visible()
    expect(resident.get_by_label("数量核对")).to_contain_text("已录入 5 / 公布 43")
    expect(resident.get_by_role("row").filter(has_text="低保申报")).to_contain_text("可以上门办。")
    expect(resident.get_by_role("link", name="高龄津贴", exact=True)).to_be_visible()
    expect(resident.get_by_role("link", name="生育服务证")).to_have_count(0)


def sees_difference(resident: Page) -> None:
    resident.get_by_role("link", name="与上一版相比改了什么").click()
    expect(resident.get_by_role("heading", level=1)).to_have_text(f"{EDITION}与2018年公布相比")
    expect(resident.locator("#added").get_by_role("listitem")).to_have_text(["高龄津贴", "临时救助"])
    expect(resident.locator("#removed").get_by_role("listitem")).to_have_text(["生育服务证"])
    changed = resident.locator("#changed").get_by_role("row").filter(has_text="低保申报")
    expect(changed).to_contain_text(re.compile("备注.*可以上门办。"))
