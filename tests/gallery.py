"""Pictures of every kind of page in every way of reading, beside one another, to be looked through.

Written to var/screenshots, which git ignores; index.html there shows all of them.
"""

import os
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ViewportSize

from tests.demo_site import ROOT

FOLDER = ROOT / "var" / "screenshots"
DESK = ViewportSize(width=1280, height=800)
PHONE = ViewportSize(width=390, height=780)
LONGEST = 6000  # pixels of a page that are shown
# Every kind of page, as the demo content has one.
KINDS = {
    "home": "/",
    "street": "/jiangsulu/",
    "street-of-its-own": "/dongqu/",
    "community": "/jiangsulu/jiangsulu-shequ/",
    "community-of-its-own": "/dongqu/huayuan/",
    "guide": "/guides/canjiren-butie/",
    "guide-sheet": "/guides/canjiren-butie/sheet/",
    "notice": "/notices/gaoling-gongshi/",
    "office": "/dongqu/dongqu-jiedao-zhongxin/",
    "plain": "/guanyu/",
    "certificate-list": "/certificates/national-20/",
    "certificate": "/certificates/national-20/entries/02/",
    "list": "/dongqu/lists/dongqu-jiben-lvzhi/",
    "list-of-changes": "/certificates/national-20/changes/",
    "guides": "/guides/",
    "guides-filtered": "/guides/?audience=laonianren",
    "notices": "/notices/",
    "certificates": "/certificates/",
    "lists": "/lists/",
    "communities": "/communities/",
    "offices": "/offices/",
    "search": "/search/",
    "search-found": "/search/?q=老年证",
    "search-answer": "/search/?q=住改商",
    "search-nothing": "/search/?q=晾衣杆在哪里买",
    "choose-community": "/my-community/",
    "reading": "/reading/",
    "saved": "/saved/",
    "accessibility": "/accessibility/",
    "disclosure": "/disclosure/",
    "site-map": "/site-map/",
    "admission": "/procedures/admission/",
    "ratings": "/xingji/",
    "open-data": "/open-data/",
    "open-data-set": "/open-data/guides/",
    "api": "/api/v1/docs/",
    "feeds": "/feeds/",
    "feedback": "/feedback/receipts/",
    "not-found": "/no-such-page/",
}


@dataclass(frozen=True)
class Mode:
    """One way of reading."""

    title: str
    size: ViewportSize = field(default_factory=lambda: DESK)
    prefix: str = ""
    reading: str = ""
    is_dark: bool = False


MODES = {
    "desktop": Mode("电脑"),
    "phone": Mode("手机", PHONE),
    "elder": Mode("长者模式", PHONE, reading="elder"),
    "dark": Mode("深色", is_dark=True),
    "dark-phone": Mode("深色，手机", PHONE, is_dark=True),
    "traditional": Mode("繁体", prefix="/zh-hant"),
}


def take_gallery(browser: Browser, address: str, folder: Path = FOLDER) -> list[str]:
    """Take all pictures from the site at ``address``; gives what is wider than its window, or not found."""
    folder.mkdir(parents=True, exist_ok=True)
    wrong = [
        each for name, mode in MODES.items() for each in _take_mode(browser, address, folder, name, mode)
    ]
    (folder / "index.html").write_text(_index(), encoding="utf-8")
    print(f"{os.path.relpath(folder, ROOT)}/index.html  {len(KINDS) * len(MODES)} pictures")
    return wrong


def _take_mode(browser: Browser, address: str, folder: Path, name: str, mode: Mode) -> list[str]:
    context = browser.new_context(
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        viewport=mode.size,
        reduced_motion="reduce",
        color_scheme="dark" if mode.is_dark else "light",
    )
    if mode.reading:
        context.add_cookies([{"name": "reading", "value": mode.reading, "url": address}])
    page, wrong = context.new_page(), []
    for kind, path in KINDS.items():
        answer = page.goto(address + mode.prefix + path, wait_until="load")
        width, height = page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
        )
        if width > mode.size["width"] or (answer and answer.status != 200 and kind != "not-found"):
            wrong.append(f"{kind} × {name}: {answer and answer.status}, {width} px wide")
        clip: Any = {"x": 0, "y": 0, "width": mode.size["width"], "height": min(height, LONGEST)}
        page.screenshot(
            path=folder / _file(kind, name), type="jpeg", quality=60, full_page=True, clip=clip,
            animations="disabled", scale="css",
        )  # fmt: skip
    context.close()
    return wrong


def _file(kind: str, mode: str) -> str:
    return f"{kind}-{mode}.jpg"


def _index() -> str:
    head = "".join(f"<th>{escape(mode.title)}</th>" for mode in MODES.values())
    rows = "".join(
        f"<tr><th>{kind}<br><small>{escape(path)}</small></th>{_cells(kind)}</tr>"
        for kind, path in KINDS.items()
    )
    return (
        '<!doctype html><html lang="zh-Hans"><meta charset="utf-8"><title>家门口</title><style>'
        "body{font:14px sans-serif} td,th{vertical-align:top;text-align:start;padding:8px}"
        "thead th{position:sticky;top:0;background:#fff}"
        "td img{width:260px;height:420px;object-fit:cover;object-position:top;border:1px solid #ccc}"
        f"</style><table><thead><tr><th></th>{head}</tr></thead><tbody>{rows}</tbody></table></html>"
    )


def _cells(kind: str) -> str:
    files = [_file(kind, mode) for mode in MODES]
    return "".join(
        f'<td><a href="{file}"><img loading="lazy" src="{file}" alt="{file}"></a></td>' for file in files
    )
