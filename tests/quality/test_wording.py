"""How texts are typed: what is hidden, misspelt, unpaired or left over is found; ordinary text is not."""

import csv
import re
from pathlib import Path
from typing import Any

import pytest

from content_models.base.checks import findings_in
from quality.models import WordList
from quality.rich import Change, changed, changed_html, shown
from quality.wording import ascii_marks, hidden, page_marks, unpaired, wrong_words
from tests import factories

ROOT = Path(__file__).parents[2]
db = pytest.mark.django_db


def editors_list(code: str, *some: str) -> None:
    words: Any = some
    WordList.objects.create(code=code, words=words)


def rules(body: str, **fields: Any) -> list[str]:
    page = factories.notice(live=False, body=[("text", body)], **fields)
    return [finding.rule for finding in findings_in(page)]


@pytest.mark.parametrize(
    ("find", "text", "mended"),
    [
        (hidden, "身份\u200b证\ufeff", "身份证"),
        (hidden, "甲\u202e乙\u202c", "甲乙"),
        (hidden, "一家 👨\u200d👩\u200d👧", "一家 👨\u200d👩\u200d👧"),
        (ascii_marks, "身份证,户口簿;照片", "身份证，户口簿；照片"),
        (ascii_marks, "共 1,200 户,3,000 人", "共 1,200 户,3,000 人"),
        (ascii_marks, "网址 a.com,b.com", "网址 a.com,b.com"),
        (page_marks, "请各位— 3 —居民", "请各位居民"),
        (page_marks, "请各位第3页 共5页居民", "请各位居民"),
        (page_marks, "电话 0592-2-1，2020-03-1", "电话 0592-2-1，2020-03-1"),
        (page_marks, "见附件第 3 页的表", "见附件第 3 页的表"),
    ],
)
def test_it_is_found_and_mended(find: Any, text: str, mended: str) -> None:
    assert changed(text, find(text)) == mended
    assert find(mended) == []


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("依据《条例办理", 1), ("依据条例》办理", 1), ("（一）甲（二）乙", 0), ("1）甲\n2）乙", 0),
        ("他说“好", 1),
        ("《关于〈条例〉的通知》（试行）", 0), ("（甲《乙）丙》", 2), ("甲，乙）", 1),
    ],
)  # fmt: skip
def test_marks_without_their_other_half_are_found(text: str, lost: int) -> None:
    assert len(unpaired(text)) == lost


def test_ordinary_text_is_left_alone() -> None:
    wrong = []
    for path in sorted((ROOT / "fixtures" / "demo").rglob("*.csv")):
        with path.open(newline="") as file:
            for text in (cell for row in csv.reader(file) for cell in row):
                shown_text = shown(text)
                wrong += [
                    (find.__name__, shown_text[:60])
                    for find in (hidden, page_marks, unpaired, ascii_marks)
                    if find(shown_text)
                ]

    assert wrong == []


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>甲<b>乙</b></p><p>丙</p>", "甲乙\n丙\n"),
        ("<ul><li>甲</li></ul>A&amp;B&nbsp;C", "甲\nA&B\xa0C"),
        ("3 < 5 & 6", "3 < 5 & 6"),
    ],
)
def test_html_is_read_as_it_is_shown(html: str, text: str) -> None:
    assert shown(html) == text


def test_changes_of_the_text_leave_tags_and_entities_whole() -> None:
    html = "<p>甲<b>乙丙</b>&amp;丁</p>"

    assert changed_html(html, [Change(1, 2, "<"), Change(2, 4, "和")]) == "<p>甲<b>&lt;和</b>丁</p>"
    assert changed_html(html, []) == html


@db
def test_wrong_words_are_those_of_the_list() -> None:
    assert changed("登录帐号", wrong_words("登录帐号")) == "登录账号"

    editors_list("wrong-words", "老年卡 → 老年优待证", "没有箭头", "甲 → 甲乙")

    assert changed("办老年卡的帐号甲", wrong_words("办老年卡的帐号甲")) == "办老年优待证的帐号甲"


@db
@pytest.mark.parametrize(
    ("address", "is_suspicious"),
    [
        ("https://www.example.com/a", False),
        ("http://203.0.113.7/x", True),
        ("http://0x7f.1/", True),
        ("http://xn--80ak6aa92e.com/", True),
        ("https://政务.中国/", False),
        ("https://example.com/casino-online", True),
        ("https://allowed.example.org/casino", False),
        ("https://a.blocked.example.net/", True),
        ("http://[bad", True),
    ],
)
def test_links_are_judged_by_where_they_lead(address: str, is_suspicious: bool) -> None:
    editors_list("allowed-sites", "allowed.example.org")
    editors_list("blocked-sites", "blocked.example.net")

    assert ("suspicious-links" in rules(f'<p><a href="{address}">点这里</a></p>')) is is_suspicious
    assert ("suspicious-links" in rules(f"<p>网址：{address} 。</p>")) is is_suspicious


@db
def test_the_words_of_a_link_count_too() -> None:
    assert "suspicious-links" in rules('<p><a href="https://example.com/">百家乐</a></p>')


@db
@pytest.mark.parametrize(
    "style", ["display:none", "color: #fff", "visibility : hidden", "font-size:0", "color:rgb(255,255,255)"]
)
def test_text_hidden_by_its_style_stops_the_publish(style: str) -> None:
    assert "hidden-text" in rules(f'<p>看得见<span style="{style}">看不见</span></p>')
    assert "hidden-text" not in rules(
        '<p>看得见<span style="background-color:#fff;font-size:0.9em">也看得见</span></p>'
    )


@db
def test_each_finding_offers_its_mend() -> None:
    body = "<p>请带帐号,证<b>件\u200b</b>第3页 共5页</p>"
    page = factories.notice(live=False, body=[("text", body)])

    mends = {finding.rule: finding.mend.text for finding in findings_in(page) if finding.mend}

    assert mends == {
        "hidden-characters": "<p>请带帐号,证<b>件</b>第3页 共5页</p>",
        "wrong-words": "<p>请带账号,证<b>件\u200b</b>第3页 共5页</p>",
        "ascii-punctuation": "<p>请带帐号，证<b>件\u200b</b>第3页 共5页</p>",
        "page-marks": "<p>请带帐号,证<b>件\u200b</b></p>",
    }


@db
def test_rows_of_lists_are_read_too() -> None:
    edition = factories.list_edition(factories.policy_list(), [{"事项名称": "登记帐号"}])

    [message] = [finding.message for finding in findings_in(edition) if finding.rule == "wrong-words"]

    assert re.search(r"“第 1 条 事项名称”里有错别字：“登记帐号”", message)
