"""Takes the pictures of the README, docs/editors.md and docs/staff.md from a demo site of its own.

python -m tests.screenshots [docs|gallery]

``gallery`` is every kind of page in every way of reading, for looking through (see gallery.py).
Without a word, both are taken.
"""

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, ViewportSize, sync_playwright

from tests import migrated, servers
from tests.demo_site import ROOT, Demo, Site
from tests.gallery import take_gallery

IMAGES = ROOT / "docs" / "images"
DESK = ViewportSize(width=1280, height=800)
PHONE = ViewportSize(width=390, height=780)
SMALL_DESK = ViewportSize(width=1100, height=800)
# Guides as staff have them: one changed, one with reminders, one wrong; and two lists of the same people.
GUIDES = (
    "事项名称,办件类型,承诺时限,咨询电话\n"
    "社区图书室借阅证,即办件,0,0000-55551099\n"
    "老年食堂就餐卡,即办件,0,5555101\n"
    "便民雨伞借用,即办件,三天,0000-55551011\n"
)
APPLIED = "姓名,身份证号,电话\n甲（示例）,示例001,0000-55550001\n乙（示例）,示例002,0000-55550002\n"
PAID = "姓名,证件号码,电话\n甲（示例）,示例001,0000-55550009\n丙（示例）,示例003,0000-55550003\n"
# What a district's residents searched for, with how often, what it found and how often that was opened.
MANY_SEARCHES = """
from django.utils import timezone
from search.models import Asked
SEARCHES = [
    ("老年证", 62, 6, 48), ("低保", 41, 9, 30), ("居住证", 33, 4, 21), ("结婚", 4, 3, 0),
    ("老人坐车证", 14, 0, 0), ("爱心卡", 9, 0, 0), ("楼道灯", 6, 0, 0), ("晾衣杆", 5, 0, 0),
]
for text, times, found, clicked in SEARCHES:
    Asked.objects.create(day=timezone.localdate(), text=text, times=times, found=found, clicked=clicked)
"""


def main(wanted: str = "") -> int:
    try:
        chromium = servers.find_chromium()
    except servers.Missing as why:
        print(why, file=sys.stderr)
        return 1
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="doorstep-screenshots-") as folder:
        demo = Demo(Path(folder) / "demo")
        demo.load(migrated.ensure(Path(folder)))
        with demo.serve_copy(Path(folder) / "site") as site, sync_playwright() as playwright:
            arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
            browser = playwright.chromium.launch(
                executable_path=chromium, args=[*arguments, "--disable-dev-shm-usage"]
            )
            # First: the others change the content.
            wrong = take_gallery(browser, site.url("")) if wanted in ("", "gallery") else []
            if wanted in ("", "docs"):
                Photographer(browser, site).take_all()
            browser.close()
    print(*wrong, sep="\n", file=sys.stderr)
    return 1 if wrong else 0


class Photographer:
    """Visits the site in the parts that the pictures show."""

    def __init__(self, browser: Browser, site: Site) -> None:
        self.browser, self.site = browser, site

    def take_all(self) -> None:
        self.as_resident()
        self.as_resident_with_a_phone()
        self.as_district_editor()
        self.as_street_editor()
        self.as_clerk_with_a_phone()
        self.as_reviewer()
        self.as_importer()
        self.as_reader_of_what_is_published()
        self.as_district_editor_after_many_searches()

    def as_resident(self) -> None:
        page = self._visitor(DESK)
        self._take(page, "home", "/")
        choose_community(page, self.site, "江苏路社区（示例）")
        self._take(page, "guide", "/guides/canjiren-butie/")
        self._take(page, "street", "/dongqu/")
        page.emulate_media(color_scheme="dark")
        self._take(page, "guide-dark", "/guides/canjiren-butie/")

    def as_resident_with_a_phone(self) -> None:
        page = self._visitor(PHONE, is_mobile=True, has_touch=True, device_scale_factor=2)
        choose_community(page, self.site, "江苏路社区（示例）")
        self._take(page, "guide-phone", "/guides/laonianzheng/#provision")

    def as_district_editor(self) -> None:
        page = self._staff("district_editor")
        self._take(page, "editor-home", "/admin/")
        edit(page, self.site, "/admin/guides/", "最低生活保障申请")
        page.get_by_role("textbox", name="标题").wait_for()
        self._take(page, "editor-guide")
        page.get_by_role("tab", name="申请材料").click()
        page.get_by_role("region", name="材料 1", exact=True).scroll_into_view_if_needed()
        self._take(page, "editor-guide-materials")
        edit(page, self.site, "/admin/policy-lists/", "下沉到社区的服务事项")
        page.get_by_role("tab", name="栏目设置").click()
        self._take(page, "editor-list-columns")
        edit(page, self.site, "/admin/offices/", "江苏路社区党群服务中心（示例）")
        page.get_by_role("tab", name="办公时间").click()
        self._take(page, "editor-office-hours")
        submit_for_review(page, self.site, "/admin/guides/", "社区图书室借阅证")

    def as_street_editor(self) -> None:
        page = self._staff("street_editor")
        start_edition(page, self.site)
        self._take(page, "editor-edition-rows")
        page.get_by_role("link", name="检查与发布").click()
        self._take(page, "editor-edition-check")

    def as_clerk_with_a_phone(self) -> None:
        page = self._staff("community_editor", PHONE, is_mobile=True, has_touch=True, device_scale_factor=2)
        page.goto(self.site.url("/admin/window-status/"))
        page.locator("summary").filter(has_text="暂停办理").tap()
        self._take(page, "window-status")

    def as_reviewer(self) -> None:
        self._take(self._staff("reviewer"), "editor-review", "/admin/")

    def as_importer(self) -> None:
        """The pictures of docs/staff.md: a smaller desk, so that their text stays readable in the page."""
        page = self._staff("importer", SMALL_DESK)
        page.goto(self.site.url("/admin/imports/"))
        page.get_by_role("radio", name="办事指南").check()
        choose_file(page, "表格文件", "便民服务.csv", GUIDES)
        self._take(page, "import-start")
        page.get_by_role("button", name="上传，下一步").click()
        page.get_by_role("button", name="检查内容，下一步").wait_for()
        self._take(page, "import-columns")
        page.get_by_role("button", name="检查内容，下一步").click()
        page.get_by_role("navigation", name="按结果查看").wait_for()
        page.get_by_text("下面是将要发生的变化").evaluate("line => line.scrollIntoView()")
        self._take(page, "import-preview")
        page.get_by_role("radio", name="只写入没有错误的行").check()
        page.get_by_role("button", name="确认写入").click()
        page.get_by_role("link", name="撤销这次导入").wait_for()
        self._take(page, "import-result")
        page.goto(self.site.url("/admin/imports/compare/"))
        choose_file(page, "表 A", "申请名单.csv", APPLIED)
        choose_file(page, "表 B", "发放名单.csv", PAID)
        page.wait_for_load_state("networkidle")
        page.get_by_label("A 用哪一列对应").fill("身份证号")
        page.get_by_label("B 用哪一列对应").fill("证件号码")
        page.get_by_role("button", name="比对").click()
        page.get_by_text("A 的列名，用顿号隔开").evaluate("line => line.scrollIntoView()")
        self._take(page, "import-compare")

    def as_reader_of_what_is_published(self) -> None:
        """Two people: one has a guide open, the other publishes a change of it."""
        reader = self._visitor(DESK)
        reader.goto(self.site.url("/guides/laonianzheng/#materials"))
        page = self._staff("district_editor")
        edit(page, self.site, "/admin/guides/", "老年人优待证办理")
        page.get_by_role("tab", name="申请材料").click()
        page.get_by_role("textbox", name="填报须知").first.fill("电子身份证也可以。")
        page.wait_for_load_state("networkidle")
        page.get_by_role("button", name="更多操作").click()
        page.get_by_role("button", name="发布", exact=True).click()
        reader.locator("#materials .live-mark").wait_for()
        self._take(reader, "guide-updated")

    def as_district_editor_after_many_searches(self) -> None:
        self.site.manage("shell", "--no-imports", "-c", MANY_SEARCHES)
        page = self._staff("district_editor")
        self._take(page, "editor-searches", "/admin/searches/?show=failed")
        row = page.get_by_role("row").filter(has_text="老人坐车证")
        row.get_by_role("link", name="作为同义词").click()
        page.get_by_role("textbox", name="居民说的词").fill("老人坐车证\n老年人免费乘车")
        self._take(page, "editor-synonyms")
        self._take(page, "editor-everyday-name", "/admin/searches/add-name/?text=老人坐车证")

    def _visitor(self, size: ViewportSize, **options: Any) -> Page:
        context: BrowserContext = self.browser.new_context(
            locale="zh-CN", timezone_id="Asia/Shanghai", viewport=size, reduced_motion="reduce", **options
        )
        return context.new_page()

    def _staff(self, account: str, size: ViewportSize = DESK, **options: Any) -> Page:
        page = self._visitor(size, **options)
        self.site.sign_in(page, account)
        return page

    def _take(self, page: Page, name: str, path: str = "") -> None:
        if path:
            page.goto(self.site.url(path))
        page.wait_for_load_state("networkidle")
        file = IMAGES / f"{name}.png"
        page.screenshot(path=file, animations="disabled", scale="css")
        print(f"{file.relative_to(ROOT)}  {file.stat().st_size // 1024} kB")


def choose_community(page: Page, site: Site, name: str) -> None:
    page.goto(site.url("/my-community/"))
    page.get_by_role("button", name=name).click()
    page.wait_for_url(site.url("/"))


def choose_file(page: Page, label: str, name: str, text: str) -> None:
    file = FilePayload(name=name, mimeType="text/csv", buffer=text.encode())
    page.get_by_label(label).set_input_files(file)


def edit(page: Page, site: Site, listing: str, title: str) -> None:
    page.goto(site.url(listing))
    page.get_by_role("link", name=title, exact=True).click()
    page.get_by_role("tab").first.wait_for()


def submit_for_review(page: Page, site: Site, listing: str, title: str) -> None:
    edit(page, site, listing, title)
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="更多操作").click()
    page.get_by_role("button", name="提交审核").click()
    page.wait_for_url(lambda address: not address.endswith("/edit/"))


def start_edition(page: Page, site: Site) -> None:
    """A draft with a change or two, so that the check has something to say."""
    page.goto(site.url("/admin/snippets/policy_lists/listedition/add/"))
    page.get_by_role("combobox", name="清单").select_option("下沉到社区的服务事项")
    page.get_by_role("textbox", name="版本名称").fill("2026年公布")
    page.get_by_role("button", name="建立草稿").click()
    page.get_by_role("link", name="新增条目").click()
    page.get_by_role("textbox", name="事项名称").fill("高龄津贴")
    page.get_by_role("textbox", name="现办理地点").fill("社区党群服务中心")
    page.get_by_role("button", name="保存", exact=True).click()
    page.get_by_role("link", name="检查与发布").wait_for()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
