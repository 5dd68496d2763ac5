"""A result that is opened is told of once, with the text that led to it, however it is opened."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

SCRIPT = (Path(__file__).parents[2] / "site" / "search" / "static" / "search" / "clicks.js").read_text()
RESULTS = """<!doctype html><title>搜索</title>
<ol data-asked="老年证 &lt;b&gt;">
  <li><a href="#a" data-result="12"><b>老年人优待证办理</b></a></li>
  <li><a href="#b" data-result="13">高龄津贴申请</a></li>
  <li><a href="#c">更多</a></li>
</ol>
<a href="#d" data-result="14">不在结果里</a>"""
KEEP = """
window.told = [];
navigator.sendBeacon = (address, body) => {
  told.push(body.text().then((text) => [new URL(address, location).pathname, body.type, text]));
  return true;
};
"""


@pytest.fixture
def results(page: Page) -> Page:
    """A page of results as readers have it before them."""
    page.add_init_script(KEEP)
    page.route("**/*", lambda route: route.fulfill(body=RESULTS, content_type="text/html; charset=utf-8"))
    page.goto("http://localhost/search/")
    page.add_script_tag(content=SCRIPT, type="module")
    return page


def told(page: Page) -> list[Any]:
    return page.evaluate("Promise.all(told)")


def test_a_click_and_enter_are_told_of(results: Page) -> None:
    results.get_by_text("老年人优待证办理").click()
    results.get_by_text("高龄津贴申请").focus()
    results.keyboard.press("Enter")

    assert [(address, kind) for address, kind, _body in told(results)] == [
        ("/search/clicked/", "application/json")
    ] * 2
    assert [json.loads(body) for _address, _kind, body in told(results)] == [
        {"text": "老年证 <b>", "document": 12},
        {"text": "老年证 <b>", "document": 13},
    ]


def test_the_middle_button_counts_and_the_right_one_does_not(results: Page) -> None:
    results.get_by_text("老年人优待证办理").click(button="right")
    assert told(results) == []

    results.get_by_text("老年人优待证办理").click(button="middle")
    assert len(told(results)) == 1


def test_a_result_is_told_of_once(results: Page) -> None:
    for _time in range(3):
        results.get_by_text("老年人优待证办理").click()

    assert len(told(results)) == 1


def test_other_links_are_nobodys_business(results: Page) -> None:
    results.get_by_text("更多").click()
    results.get_by_text("不在结果里").click()

    assert told(results) == []
