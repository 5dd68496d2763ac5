"""A reviewer, who needs a second factor here, signs in from the first day to a lost phone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import NewPage
from tests.demo_site import PASSWORD, Demo, Site
from tests.staff.second_factors import Phone

IDLE = 8  # seconds


@pytest.fixture
def strict_site(demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A site whose reviewers need a second factor."""
    monkeypatch.setenv("SECOND_FACTOR_ROLES", "reviewer")
    with demo.serve_copy(tmp_path) as running:
        yield running


@pytest.fixture
def hasty_site(demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A site that waits for nobody."""
    monkeypatch.setenv("SESSION_IDLE_SECONDS", str(IDLE))
    with demo.serve_copy(tmp_path) as running:
        yield running


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no script"])
def test_from_the_first_day_to_a_lost_phone(new_page: NewPage, strict_site: Site, has_script: bool) -> None:
    page = new_page(java_script_enabled=has_script)
    give_password(page, strict_site)
    expect(page.get_by_role("heading", level=1)).to_have_text("设置第二重验证")
    page.goto(strict_site.url("/admin/images/"))
    expect(page.get_by_role("heading", level=1)).to_have_text("设置第二重验证")

    phone, codes = set_up(page)
    expect(page).to_have_url(strict_site.url("/admin/images/"))

    sign_out(page, strict_site)
    give_password(page, strict_site)
    enter(page, phone.code(ago=3600))
    expect(page.get_by_text("验证码不对")).to_be_visible()
    enter(page, phone.code(ago=-30))  # the one of the set-up is used; this is the next one
    expect(page).to_have_url(strict_site.url("/admin/"))

    sign_out(page, strict_site)
    give_password(page, strict_site)
    enter(page, codes[0])
    expect(page).to_have_url(strict_site.url("/admin/"))
    expect(page.get_by_text("还剩 9 个")).to_be_visible()


def test_a_wrong_password_is_told_and_the_sixth_is_not_checked(page: Page, strict_site: Site) -> None:
    for _each in range(5):
        give_password(page, strict_site, password="guess")
        expect(page.get_by_text("用户名或密码不对")).to_be_visible()

    give_password(page, strict_site)

    expect(page.get_by_text("试的次数太多了")).to_be_visible()


def test_who_stops_typing_too_long_keeps_the_text(page: Page, new_page: NewPage, hasty_site: Site) -> None:
    hasty_site.sign_in(page, "district_editor")
    page.goto(hasty_site.url("/admin/"))
    page.get_by_role("link", name="我要发布一条公告").click()
    page.get_by_role("link", name="家门口示范区 › 通知公告", exact=True).click()
    title = page.get_by_role("textbox", name="标题")

    # Typing keeps the sign-in, for longer than it lasts without.
    title.press_sequentially("停水通知" * 3, delay=1000)
    expect(page.locator(".signed-out")).to_have_count(0)

    # Not typing ends it; the page says so by itself, and nothing is lost.
    expect(page.locator(".signed-out")).to_contain_text("您的登录已经结束", timeout=30_000)
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="请在新窗口重新登录").click()
    window = opened.value
    window.fill("input[name=username]", "district_editor")
    window.fill("input[name=password]", PASSWORD)
    window.click("button[type=submit]")
    window.wait_for_url(hasty_site.url("/admin/"))
    page.bring_to_front()
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator(".signed-out")).to_have_count(0)

    page.get_by_role("button", name="保存草稿").click()

    page.wait_for_url("**/edit/")
    expect(page.get_by_role("textbox", name="标题")).to_have_value("停水通知" * 3)


def test_others_are_ended_from_the_list(page: Page, phone_page: Page, site: Site) -> None:
    site.sign_in(page, "auditor")
    site.sign_in(phone_page, "auditor")

    phone_page.goto(site.url("/admin/account/sign-ins/"))
    expect(phone_page.get_by_text("就是这里")).to_be_visible()
    phone_page.get_by_role("button", name="结束其他全部登录").click()
    expect(phone_page.get_by_text("结束了 1 处登录。")).to_be_visible()

    page.goto(site.url("/admin/"))
    expect(page).to_have_url(site.url("/admin/login/?next=/admin/"))
    expect(page.get_by_text("这次登录已经结束")).to_be_visible()


def give_password(page: Page, site: Site, *, password: str = PASSWORD) -> None:
    page.goto(site.url("/admin/login/"))
    page.fill("input[name=username]", "reviewer")
    page.fill("input[name=password]", password)
    page.click("form button[type=submit]")
    page.wait_for_load_state()


def set_up(page: Page) -> tuple[Phone, list[str]]:
    """With the key as text, as the picture cannot be scanned here."""
    expect(page.get_by_role("img", name="二维码")).to_be_visible()
    page.get_by_text("扫不了？").click()
    phone = Phone(page.locator(".step__key").inner_text())
    enter(page, phone.code(), button="完成设置")
    expect(page.get_by_text("恢复码只显示这一次")).to_be_visible()
    codes = page.locator(".step__codes code").all_inner_texts()
    assert len(codes) == 10
    page.get_by_role("link", name="抄好了，继续").click()
    return phone, codes


def enter(page: Page, code: str, *, button: str = "登录") -> None:
    page.get_by_label("验证码").fill(code)
    page.get_by_role("button", name=button, exact=True).click()


def sign_out(page: Page, site: Site) -> None:
    page.goto(site.url("/admin/account/second-factor/"))
    page.get_by_role("button", name="退出登录").click()
    expect(page).to_have_url(site.url("/admin/login/"))
