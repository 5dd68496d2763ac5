"""A resident keeps a guide on the phone, loses the network, and still reads what is right to read."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import NewPage
from tests.demo_site import Site

pytestmark = pytest.mark.sqlite  # the same on any database

GUIDE, OTHER = "/guides/laonianzheng/", "/guides/canjiren-butie/"
COMMUNITY = "/jiangsulu/jiangsulu-shequ/"
BANNER = '<section class="banner" id="banner-9"><p class="banner__title">台风红色预警</p></section>'
KEPT = """async () => {
    const found = [];
    for (const name of await caches.keys())
        for (const {url} of await (await caches.open(name)).keys()) found.push(new URL(url).pathname);
    return found;
}"""

# The worker answers for every page that is opened from now on.
IN_CHARGE = "() => navigator.serviceWorker.ready.then(() => true)"


def kept(page: Page) -> list[str]:
    found: list[str] = page.evaluate(KEPT)
    return found


def wait_for_kept(page: Page, path: str, *, is_kept: bool = True) -> None:
    for _turn in range(400):
        if (path in kept(page)) == is_kept:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{path}: {kept(page)}")


def keep(page: Page, site: Site, path: str = GUIDE) -> None:
    page.goto(site.url(path))
    page.get_by_role("button", name="存到手机").click()
    expect(page.get_by_role("button", name="已存")).to_be_visible()
    page.evaluate(IN_CHARGE)


def choose(page: Page, site: Site) -> None:
    page.goto(site.url("/my-community/"))
    page.get_by_role("button", name="江苏路社区（示例）").click()
    page.wait_for_url(site.url("/"))


def test_a_kept_guide_its_office_and_the_community_are_read_without_network(
    phone_page: Page, reading_site: Site
) -> None:
    page, site = phone_page, reading_site
    choose(page, site)
    keep(page, site)
    office = page.locator(".provision__office a").get_attribute("href") or ""
    wait_for_kept(page, COMMUNITY)

    page.context.set_offline(True)
    page.goto(site.url(GUIDE))

    expect(page.get_by_role("heading", level=1)).to_have_text("老年人优待证办理")
    expect(page.get_by_role("note")).to_contain_text(re.compile(r"离线副本，\d+月\d+日 \d\d:\d\d 存"))
    expect(page.locator(".provision__office")).to_contain_text("江苏路社区党群服务中心")
    assert page.locator(".open").count() == 0, "whether it is open now is not known"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(23, 33, 31)", "it lost its looks"
    for address in (office, COMMUNITY):
        page.goto(site.url(address))
        expect(page.get_by_role("note")).to_contain_text("离线副本")
    assert page.locator(".live-line").count() == 0


def test_a_page_that_is_not_kept_leads_to_those_that_are(phone_page: Page, reading_site: Site) -> None:
    page, site = phone_page, reading_site
    keep(page, site)
    wait_for_kept(page, "/saved/offline/")
    wait_for_kept(page, "/saved/")

    page.context.set_offline(True)
    page.goto(site.url(OTHER))

    expect(page.get_by_role("heading", level=1)).to_have_text("没有网络，这一页也没有存到手机")
    expect(page.get_by_role("note")).to_have_count(0)  # it is no copy of anything
    page.get_by_role("link", name="老年人优待证办理").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("老年人优待证办理")

    page.goto(site.url("/saved/"))
    expect(page.get_by_role("heading", level=1)).to_have_text("存到手机的内容")
    expect(page.get_by_role("link", name="老年人优待证办理")).to_be_visible()

    page.context.set_offline(False)
    page.goto(site.url(OTHER))
    expect(page.get_by_role("heading", level=1)).to_have_text("残疾人两项补贴申请")


def test_warnings_are_never_kept(new_page: NewPage, reading_site: Site) -> None:
    page, site = new_page(service_workers="block"), reading_site

    def warn(route: Any) -> None:
        answer = route.fetch()
        body = answer.text().replace('data-region="banners">', f'data-region="banners">{BANNER}')
        route.fulfill(response=answer, body=body)

    page.route(site.url(GUIDE), warn)
    page.goto(site.url(GUIDE))
    expect(page.locator("#banner-9")).to_be_visible()
    page.get_by_role("button", name="存到手机").click()
    wait_for_kept(page, GUIDE)

    copies = page.evaluate(
        """async () => {
            const texts = [];
            for (const name of await caches.keys()) {
                const cache = await caches.open(name);
                for (const one of await cache.keys()) texts.push(await (await cache.match(one)).text());
            }
            return texts.join();
        }"""
    )
    assert "老年人优待证办理" in copies
    assert "台风红色预警" not in copies
    assert "紧急提示和今天的办公状态不能离线显示" in copies


def test_nothing_of_staff_or_of_one_person_is_kept(phone_page: Page, reading_site: Site) -> None:
    page, site = phone_page, reading_site
    choose(page, site)
    keep(page, site)
    for path in ("/search/?q=老年", "/my-community/", "/reading/", "/api/v1/guides/", "/admin/login/"):
        page.goto(site.url(path))

    public = re.compile(r"/(static|media)/.+|/saved/(offline/)?|/guides/.+|/jiangsulu/.+|(/[a-z-]+){2,3}/")
    found = kept(page)

    assert GUIDE in found
    assert [path for path in found if not public.fullmatch(path) or path.startswith(("/admin", "/api"))] == []

    site.sign_in(page, "district_editor")
    page.goto(site.url(OTHER))
    page.get_by_role("button", name="存到手机").click()
    expect(page.get_by_role("status").filter(has_text="没有存成")).to_be_visible()
    assert OTHER not in kept(page)


def test_what_is_kept_is_listed_and_removed(phone_page: Page, reading_site: Site) -> None:
    page, site = phone_page, reading_site
    choose(page, site)
    keep(page, site)
    keep(page, site, OTHER)
    page.get_by_role("link", name="存到手机的内容").click()
    listed = page.locator("[data-saved-list]")
    expect(listed.get_by_role("link", name="老年人优待证办理")).to_be_visible()
    expect(listed.get_by_role("heading")).to_have_text(["我的社区", "办事指南", "办事场所"])

    listed.get_by_role("button", name=re.compile("删除.*老年人优待证办理")).click()
    expect(listed.get_by_role("link", name="老年人优待证办理")).to_have_count(0)
    assert GUIDE not in kept(page)

    listed.get_by_role("button", name="全部删除").click()
    expect(listed).to_contain_text("还没有存内容")
    page.reload()
    expect(listed).to_contain_text("还没有存内容")
    assert kept(page) == []
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0


def test_copies_in_an_earlier_form_are_taken_anew(phone_page: Page, reading_site: Site) -> None:
    page, site = phone_page, reading_site
    page.goto(site.url("/saved/"))
    page.evaluate(
        """async ([guide]) => {
            const about = {kind: "guide", beside: [], at: 0, made: "", title: "旧"};
            const headers = {"x-saved": encodeURIComponent(JSON.stringify(about))};
            await (await caches.open("doorstep-pages-0")).put(guide, new Response("旧的副本", {headers}));
            await (await caches.open("doorstep-files-0")).put("/static/old.css", new Response("a{}"));
        }""",
        [GUIDE],
    )
    page.goto(site.url("/saved/"))

    expect(page.locator("[data-saved-list]").get_by_role("link", name="老年人优待证办理")).to_be_visible()
    wait_for_kept(page, "/static/old.css", is_kept=False)


@pytest.mark.parametrize("path", [GUIDE, "/notices/zhoumo-yanshi/"])
def test_without_a_script_nothing_is_offered_that_needs_one(
    noscript_page: Page, reading_site: Site, path: str
) -> None:
    noscript_page.goto(reading_site.url(path))

    bar = noscript_page.locator(".articlebar")
    expect(bar).to_contain_text("信息来源")
    expect(bar.get_by_role("button")).to_have_count(0)
    bar.get_by_role("link", name="大", exact=True).click()
    expect(noscript_page.locator("html")).to_have_attribute("data-text", "largest")
    noscript_page.goto(reading_site.url("/saved/"))
    expect(noscript_page.locator("[data-saved-list]")).to_contain_text("关闭了脚本")
