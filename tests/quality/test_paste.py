"""The paste cleaner: takes away what nobody meant to paste, loses nothing else, and says what it did."""

import re
import unicodedata
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from quality.paste.clean import clean
from tests import factories

LONG = "因管网检修，明日九时至十七时停水，请各位居民提前做好储水准备工作，以"

TITLE = "关于进一步做好全区残疾人两项补贴发放工作的通知"


def cleaned(text: str) -> str:
    return clean("", text).after


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("　　甲乙丙。", "甲乙丙。"),
        ("甲\n\n\n乙", "甲\n乙"),
        ("身份证,户口簿", "身份证，户口簿"),
        ("１２３４５ 和ＡＢ", "12345 和AB"),
        ("身份\u200b证", "身份证"),
        ("甲 乙　丙", "甲乙丙"),
        ("打 12345 或  400", "打 12345 或 400"),
        (f"{LONG}\n免影响。", f"{LONG}免影响。"),
        (f"{LONG}\n— 3 —\n免影响。", f"{LONG}免影响。"),
        (f"{LONG}\n一、时间", f"{LONG}\n一、时间"),
        (f"{TITLE}\n各街道办事处：", f"{TITLE}\n各街道办事处："),
        ("甲。\n乙。", "甲。\n乙。"),
        ("第3页 共5页\n甲", "甲"),
        ("2026", "2026"),
    ],
)  # fmt: skip
def test_text_is_cleaned(text: str, after: str) -> None:
    assert cleaned(text) == after


def test_what_word_wrote_becomes_plain_paragraphs_and_lists() -> None:
    html = (
        "<html><head><style>p {margin:0}</style></head><body lang=ZH-CN>"
        "<!--[if gte mso 9]><xml></xml><![endif]-->"
        '<p class=MsoNormal style="text-indent:2em"><b>请</b>带<a href="https://example.com/">身份证</a><o:p></o:p></p>'
        "<p class=MsoNormal>&nbsp;</p><h1>材料</h1><ol><li>甲</li><li>乙</li></ol>"
        "<table><tr><td>丙</td><td>1</td></tr></table><p style='display:none'>藏着</p>"
        '<p onclick="x()"><a href="javascript:x()">丁</a><script>x()</script></p></body></html>'
    )

    assert clean(html, "").html == (
        '<p><strong>请</strong>带<a href="https://example.com/">身份证</a></p><h3>材料</h3>'
        "<ol><li>甲</li><li>乙</li></ol><p>丙 1</p><p>丁</p>"
    )


def test_sound_text_changes_nothing() -> None:
    assert clean("<p>请带<b>身份证</b>，9:00 到。</p><p>电话 12345。</p>", "").changes == ()
    assert clean("", "请带身份证。\n电话 12345。").changes == ()


def test_each_change_is_named_with_its_number() -> None:
    found = clean("", "　　身份证,户口簿\n\n—2—\n照片")

    assert [(str(name), number) for name, number in found.changes] == [
        ("页码", 1), ("多余的空格", 1), ("空行", 1), ("汉字之间的英文标点", 1),
    ]  # fmt: skip
    assert found.before == "　　身份证,户口簿\n\n—2—\n照片"


WORDS = "身份证|户口簿|，|。|,|;| |　|\u00a0|\u200b|\n|— 3 —|第3页 共5页|１２|Ａ|9|abc|《|》|一、|："
TAGS = "|<p>|</p>|<b>|</b>|<br>|<li>|</li>|<ul>|</ul>|&nbsp;|&lt;|<td>|<h2>|</h2>"
PIECES = st.sampled_from([LONG, *f"{WORDS}{TAGS}".split("|")])
TEXTS = st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=60)


def visible(text: str) -> str:
    """What is seen of a text, whatever its width; the marks that cleaning may take away apart."""
    text = re.sub(r"[\s\u200b-\u200f\u202a-\u202e\u2060-\u2069\u00ad\ufeff\u061c\u180e]", "", text)
    text = re.sub(r"第?[0-9０-９]{1,3}页?|共|[—–\-－·,;:?!，；：？！第页]", "", text)
    return unicodedata.normalize("NFKC", text)


@given(TEXTS)
def test_cleaning_again_changes_nothing(text: str) -> None:
    for once in (clean(text, ""), clean("", text)):
        again = clean(once.html, once.after)

        assert again.changes == ()
        assert again.html == once.html


@given(TEXTS)
def test_no_visible_character_is_lost(text: str) -> None:
    for found in (clean(text, ""), clean("", text)):
        assert visible(found.after) == visible(found.before)
        if not found.changes:
            assert found.after == found.before


@pytest.mark.django_db
def test_the_editor_asks_and_is_answered() -> None:
    client = Client()
    client.force_login(factories.user("district_editor", factories.home()))

    answer = client.post(reverse("quality_clean_paste"), {"html": "", "text": "身份证,户口簿"})

    assert answer.json() == {
        "html": "<p>身份证，户口簿</p>",
        "before": "身份证,户口簿",
        "after": "身份证，户口簿",
        "changes": ["汉字之间的英文标点：1 处"],
    }
    assert "no-store" in answer["Cache-Control"]


def test_what_is_very_long_is_left_as_it_is() -> None:
    text: Any = "甲,乙" * 200_000

    assert clean("", text).changes == ()
