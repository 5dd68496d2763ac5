"""An importer brings a list from a spreadsheet to a draft and takes it back; with script and without."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.demo_site import Site

LIST = "下沉到社区的服务事项"
SMALL = (
    "下沉到社区的服务事项清单,,\n"
    "事项名称,现办理地点,说明文字\n"
    "低保申报,街道便民服务中心,甲\n"
    "高龄津贴,社区党群服务中心,乙\n"
    "合计,2,\n"
)
LARGE_ROWS = 2_600


def test_a_list_is_imported_looked_at_and_taken_back(resident: Page, site: Site, tmp_path: Path) -> None:
    page = resident
    site.sign_in(page, "importer")

    upload(page, site, spreadsheet(tmp_path, SMALL))
    settle_columns(page)
    look_at_the_preview(page)
    confirm(page)
    undo(page)
    sees_it_in_the_history(page)


@pytest.mark.long
def test_a_large_file_is_followed_to_its_preview(resident: Page, site: Site, tmp_path: Path) -> None:
    page = resident
    rows = "".join(f"事项{number},社区党群服务中心,\n" for number in range(LARGE_ROWS))
    site.sign_in(page, "importer")

    upload(page, site, spreadsheet(tmp_path, f"事项名称,现办理地点,说明文字\n{rows}"))
    page.get_by_role("button", name="检查内容，下一步").click()

    figures = page.get_by_role("navigation", name="按结果查看")
    expect(figures.get_by_role("link", name="新增")).to_contain_text(str(LARGE_ROWS), timeout=60_000)
    expect(page.get_by_role("main")).to_contain_text("第 1 页，共 52 页")
    page.get_by_role("button", name="确认写入").click()
    expect(page.get_by_role("status").filter(has_text="已完成")).to_be_visible(timeout=60_000)


def spreadsheet(folder: Path, text: str) -> Path:
    file = folder / "清单.csv"
    file.write_text(text, encoding="utf-8-sig")
    return file


def upload(page: Page, site: Site, file: Path) -> None:
    """我要导入表格 → 清单 → 上传."""
    page.goto(site.url("/admin/"))
    page.get_by_role("link", name="我要导入表格").click()
    page.get_by_role("radio", name="清单", exact=False).first.check()
    place = page.locator("[name=into-lists]")
    names = page.locator("[name=into-lists] option, #places-lists option")
    values = names.evaluate_all("options => options.map((option) => option.value)")
    chosen = next(value for value in values if value.startswith(LIST))
    if page.locator("select[name=into-lists]").count():
        place.select_option(chosen)
    else:  # many: searched by typing
        place.fill(chosen)
    page.get_by_label("表格文件").set_input_files(file)
    page.get_by_role("button", name="上传，下一步").click()


def settle_columns(page: Page) -> None:
    main = page.get_by_role("main")
    expect(main).to_contain_text("表头上面的 1 行标题没有算进来")
    odd = page.get_by_role("row").filter(has_text="说明文字")
    expect(odd).to_contain_text("甲")
    page.get_by_label("说明文字").select_option("备注")
    page.get_by_role("button", name="检查内容，下一步").click()


def look_at_the_preview(page: Page) -> None:
    figures = page.get_by_role("navigation", name="按结果查看")
    expect(figures.get_by_role("link", name=re.compile(r"\d 有变化"))).to_contain_text("1")
    figures.get_by_role("link", name=re.compile(r"\d 有变化")).click()
    changed = page.get_by_role("row").filter(has_text="低保申报")
    expect(changed.locator("ins").filter(has_text="街道便民服务中心")).to_be_visible()
    figures.get_by_role("link", name="没有读的行").click()
    expect(page.get_by_role("row").filter(has_text="合计")).to_be_visible()


def confirm(page: Page) -> None:
    page.get_by_role("radio", name="存为草稿").check()
    page.get_by_role("textbox", name="版本名称").fill("2026年导入")
    page.get_by_role("button", name="确认写入").click()
    expect(page.get_by_role("status").filter(has_text="已完成")).to_be_visible()
    page.get_by_role("link", name="2026年导入").click()
    expect(page.get_by_role("link", name="高龄津贴", exact=True)).to_be_visible()
    page.go_back()


def undo(page: Page) -> None:
    page.get_by_role("link", name="撤销这次导入").click()
    page.get_by_role("button", name="撤销这次导入").click()
    expect(page.get_by_role("status").filter(has_text="已撤销")).to_be_visible()


def sees_it_in_the_history(page: Page) -> None:
    page.get_by_role("main").get_by_role("link", name="导入记录").click()
    expect(page.get_by_role("row").filter(has_text="清单.csv")).to_contain_text("已撤销")
