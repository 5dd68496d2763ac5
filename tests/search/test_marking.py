"""Words are marked where they stand, whatever script or case the text is in."""

import html
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from search.folding import fold
from search.marking import excerpt, mark

MARKS = re.compile("</?mark>")


@pytest.mark.parametrize(
    ("text", "words", "marked"),
    [
        ("老年人优待证办理", ["老年人"], "<mark>老年人</mark>优待证办理"),
        ("老年人優待證辦理", ["优待证"], "老年人<mark>優待證</mark>辦理"),
        ("办理ＩＣ卡和ic卡", ["ic"], "办理<mark>ＩＣ</mark>卡和<mark>ic</mark>卡"),
        ("办公用房300㎡以上", ["m2"], "办公用房300<mark>㎡</mark>以上"),
        ("低保，又是低保", ["低保"], "<mark>低保</mark>，又是<mark>低保</mark>"),
        ("居住证明", ["居住证", "证明"], "<mark>居住证明</mark>"),
        ("残疾补贴", ["残疾", "补贴"], "<mark>残疾补贴</mark>"),
        ("甲 乙\u200b丙", ["乙丙"], "甲 <mark>乙\u200b丙</mark>"),
        ("see  you", ["you"], "see  <mark>you</mark>"),
        ("<b>低保</b> & 'x'", ["低保"], "&lt;b&gt;<mark>低保</mark>&lt;/b&gt; &amp; &#x27;x&#x27;"),
        ("a.c abc", ["a.c"], "<mark>a.c</mark> abc"),
        ("低保", ["", "高龄"], "低保"),
        ("", ["低保"], ""),
    ],
)
def test_words_are_marked(text: str, words: list[str], marked: str) -> None:
    assert mark(text, words) == marked


def test_a_character_that_reads_otherwise_in_company_is_found() -> None:
    assert mark("乾隆年間的乾貨", [fold("乾隆年間的乾貨")]) == "<mark>乾隆年間的乾貨</mark>"


@given(st.text(max_size=60), st.lists(st.text(max_size=6), max_size=4))
@example("㎡﷽ İ ß \x00\ud83d", ["i", "m"])
@example("<mark>", ["mark"])
def test_marking_changes_nothing_but_marks(text: str, words: list[str]) -> None:
    marked = mark(text, [fold(word) for word in words])

    assert html.unescape(MARKS.sub("", marked)) == html.unescape(html.escape(text))
    assert MARKS.findall(marked) == ["<mark>", "</mark>"] * marked.count("<mark>")


@given(st.text(min_size=1, max_size=40), st.data())
def test_what_stands_in_a_text_is_marked_in_it(text: str, data: st.DataObject) -> None:
    folded = fold(text).split()
    if not folded:
        return
    word = data.draw(st.sampled_from(folded))

    if word in "".join(fold(character) for character in text):
        assert "<mark>" in mark(text, [word])


LONG = (
    "凡是本区居民都可以申请。请先准备户口簿。年满六十周岁的老人可以办理老年证，当场就能领到。"
    "行动不便的，社区上门办理。其他事项请看说明。" + "以下是附则。" * 30
)


def test_an_excerpt_begins_with_the_sentence_of_the_word() -> None:
    shown = excerpt(LONG, ["老年证"], 60)

    assert shown.startswith("…年满六十周岁的老人可以办理<mark>老年证</mark>，当场就能领到。")
    assert shown.endswith("…")
    assert len(MARKS.sub("", shown)) == 62


def test_an_excerpt_shows_the_place_where_most_words_stand() -> None:
    text = "补贴。" + "无关的话。" * 40 + "残疾人的护理补贴每月发放。" + "别的话。" * 40

    assert "<mark>残疾</mark>人的护理<mark>补贴</mark>" in excerpt(text, ["残疾", "补贴"])


def test_an_excerpt_of_a_short_text_is_the_text() -> None:
    assert excerpt("可以办\n老年证", ["老年证"]) == "可以办 <mark>老年证</mark>"


def test_without_its_words_a_text_has_no_excerpt() -> None:
    assert excerpt(LONG, ["火星"]) == ""
    assert excerpt("", ["火星"]) == ""


def test_an_excerpt_is_escaped() -> None:
    assert excerpt("<script>alert(1)</script>低保", ["低保"]) == (
        "&lt;script&gt;alert(1)&lt;/script&gt;<mark>低保</mark>"
    )


@given(st.text(max_size=300), st.lists(st.text(min_size=1, max_size=4), max_size=3), st.integers(1, 120))
def test_an_excerpt_is_as_long_as_asked_and_shows_a_word(text: str, words: list[str], length: int) -> None:
    shown = excerpt(text, [fold(word) for word in words], length)
    plain = html.unescape(MARKS.sub("", shown))

    assert len(plain) <= length + 2
    assert not plain or "<mark>" in shown
