"""What residents type finds what they mean."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publishing.publish import publish
from search.find import find, load, suggest
from search.models import SynonymGroup
from search.question import understand
from tests import factories
from tests.conftest import StandingContent
from tests.costly import COSTLY

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def standing(standing_content: StandingContent) -> Iterator[None]:
    with standing_content():
        guides_and_lists()
        yield


@pytest.fixture
def content(standing: None, db: None) -> None:
    """What the acceptance cases speak of: five guides and two lists that refuse one certificate."""


def guides_and_lists() -> None:
    old, disabled = (factories.audience(name, slug=slug) for name, slug in GROUPS)
    publish(factories.guide("老年人优待证办理", everyday_names=["敬老卡"], audiences=[old]))
    publish(
        factories.guide("残疾人两项补贴申请", summary="困难残疾人生活补贴和护理补贴。", audiences=[disabled])
    )
    publish(factories.guide("最低生活保障申请", summary="家里收入低，按月领生活费。"))
    publish(factories.guide("高龄津贴申请", summary="满八十岁的老人按月领。", audiences=[old]))
    publish(factories.guide("居住证办理"))
    names = {"includes": ["同意住宅改变为经营性用房证明"], "aliases": ["住改商", "住宅改商用证明"]}
    for title in ("国家清单", "市清单"):
        factories.certificate_edition(
            factories.certificate_list(title),
            [{"name": "市场主体住所证明", "instead": ["到街道市场监管所办理"], **names}],
            published=True,
        )
    publish(factories.notice("关于停水的通知"))


groups: Any = SynonymGroup.objects
GROUPS = [("老年人", "laonianren"), ("残疾人", "canjiren")]


def titles(text: str) -> list[str]:
    return [hit.document.title for hit in load(find(text).hits)]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("残疾补贴", "残疾人两项补贴申请"),
        ("老年证", "老年人优待证办理"),
        ("低保", "最低生活保障申请"),
        ("lnz", "老年人优待证办理"),
        ("居住證", "居住证办理"),
        ("我妈80岁了残疾怎么领补贴", "残疾人两项补贴申请"),
        ("laonianrenyoudai", "老年人优待证办理"),
        ("jzz", "居住证办理"),
        ("老年人优带证", "老年人优待证办理"),
        ("老年人忧待证", "老年人优待证办理"),
        ("最低生话保障", "最低生活保障申请"),
        ("高令津贴", "高龄津贴申请"),
        ("ＪＵＺＨＵＺＨＥＮＧ", "居住证办理"),
        ("  居住证  ？", "居住证办理"),
        ("jū zhù zhèng", "居住证办理"),
    ],
)
def test_residents_words_find_the_guide(content, text, title):
    assert titles(text)[0] == title


@pytest.mark.parametrize(
    "text", ["住改商", "住宅改商用证明", "同意住宅改变为经营性用房证明", "住改商证明还要开吗"]
)
def test_a_certificate_question_gets_its_verdict(content, text):
    verdicts = find(text).verdicts

    assert {hit.document.verdict for hit in verdicts} == {"must_not"}
    assert [hit.document.title for hit in verdicts] == ["市场主体住所证明"] * 2
    item: Any = verdicts[0].document.item
    assert [way.text for way in item.alternatives.all()] == ["到街道市场监管所办理"]


@pytest.mark.parametrize("text", ["老年证", "低保", "停水", "证明", "居住证"])
def test_no_other_question_gets_a_verdict(content, text):
    assert find(text).verdicts == []


def test_what_was_meant_is_said_where_it_is_written_otherwise(content):
    assert find("居祝证").meant == "居住证办理"
    assert find("居住证").meant == ""


def test_a_synonym_taught_by_an_editor_holds_at_once(content):
    assert titles("锦绣红包") == []

    group = groups.create(words=["高龄津贴", "锦绣红包"])
    assert titles("锦绣红包") == ["高龄津贴申请"]
    assert find("锦绣红包").hits[0].why.synonym == "高龄津贴"

    group.is_active = False
    group.save()
    assert titles("锦绣红包") == []


def test_narrower_words_are_found_one_way_only(content):
    groups.create(words=["节日红包"], narrower=["高龄津贴"])
    publish(factories.guide("节日红包发放"))

    assert set(titles("节日红包")) == {"节日红包发放", "高龄津贴申请"}
    assert "节日红包发放" not in titles("高龄津贴")


def test_age_and_kinship_tell_for_whom():
    assert understand("我妈80岁了怎么领补贴").audiences >= {"laonianren"}
    assert understand("孩子八岁上学").audiences >= {"ertong"}
    assert understand("八十三岁老人").audiences >= {"laonianren"}
    assert "ertong" not in understand("三十岁落户").audiences


def test_the_exact_title_comes_first(content):
    publish(factories.guide("居住证办理指引和常见问题说明"))

    assert titles("居住证办理")[0] == "居住证办理"


def test_guides_come_before_notices(content):
    publish(factories.notice("居住证办理"))

    kinds = [hit.kind for hit in find("居住证办理").hits]

    assert kinds[:2] == ["guides", "notices"]


def test_names_are_suggested_while_they_are_typed(content):
    for typed in ("居", "居住", "juzhu", "juzhuz", "jzz", "居住z"):
        assert "居住证办理" in [document.title for document in suggest(typed)], typed
    assert suggest("") == suggest("。") == []


def test_the_nearest_guides_are_named_where_nothing_is_found(content):
    answer = find("火星移民登记和高龄飞船")

    assert answer.hits == [] or answer.nearest == []


ODD = [
    "", " ", "。。。", "'", '"', "';DROP TABLE search_document;--", "a OR b AND NOT c", "NEAR(老年 证)", "*",
    "(((", "\x00", "老\x00年证", "😀👵", "!&|<->", "\\", "\ud800", "x" * 10_000, "老年证" * 5_000, "1" * 300,
    "%", "_", "（）",
]  # fmt: skip


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_odd_text_finds_nothing_or_something_but_never_fails(content, text):
    assert len(find(text).text) <= 100
    suggest(text)


@COSTLY
@given(text=st.text(max_size=120))
def test_any_text_can_be_asked(text):
    find(text)


@COSTLY
@given(text=st.text(alphabet="老年人优待证残疾补贴低保请问怎么办理申请80岁我妈abz lnz", max_size=40))
def test_any_likely_text_can_be_asked(text):
    assert all(hit.score > 0 for hit in find(text).hits)
