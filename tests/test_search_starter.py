"""The words the search starts with: every file keeps the form that the loader and the editors rely on."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from search import synonyms
from search.folding import fold
from search.question import understand
from search.synonyms import tight

ROOT = Path(__file__).resolve().parent.parent
STARTER = ROOT / "site" / "search" / "starter"
AUDIENCES = ROOT / "fixtures" / "demo" / "audiences.csv"


def rows(path: Path, header: list[str]) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        found = list(reader)
    assert reader.fieldnames == header
    assert all(None not in row and None not in row.values() for row in found), "as many cells as headings"
    return found


def lines(name: str) -> list[str]:
    return (STARTER / name).read_text(encoding="utf-8").splitlines()


def parts(cell: str) -> list[str]:
    return cell.split("；") if cell else []


def repeated(words: list[str]) -> list[str]:
    return [word for word, times in Counter(words).items() if times > 1]


def groups(name: str) -> list[tuple[list[str], list[str]]]:
    found = rows(STARTER / name, ["words", "narrower", "note"])
    return [(parts(row["words"]), parts(row["narrower"])) for row in found]


GROUPS, SITUATIONS = groups("synonyms.csv"), groups("situations.csv")
SAID = [word for words, _ in SITUATIONS for word in words]
LED_TO = [word for _, narrower in SITUATIONS for word in narrower]
WORDS = [word for words, _ in GROUPS for word in words]
NARROWER = [word for _, narrower in GROUPS for word in narrower]
STOP_WORDS = lines("stop_words.txt")
WEAK_WORDS = lines("weak_words.txt")
CUES = [(row["cue"], row["audience"]) for row in rows(STARTER / "cues.csv", ["cue", "audience"])]


@pytest.fixture
def starter(monkeypatch: pytest.MonkeyPatch) -> None:
    known = synonyms.Synonyms()
    for words, narrower in GROUPS:
        known.add(words, narrower)
    for words, narrower in SITUATIONS:
        known.add(words, narrower, are_same=False)
    monkeypatch.setattr(synonyms, "current", lambda: known)


def test_the_starter_set_covers_the_field() -> None:
    assert len(GROUPS) >= 1000
    assert len(STOP_WORDS) >= 400
    assert 40 <= len(WEAK_WORDS) <= 60
    assert len(CUES) >= 120


@pytest.mark.parametrize(
    "words",
    [WORDS, NARROWER, SAID, LED_TO, STOP_WORDS, WEAK_WORDS, [cue for cue, _ in CUES]],
    ids=["words", "narrower", "said", "led to", "stop words", "weak words", "cues"],
)
def test_each_word_is_plain_short_and_written_as_the_index_writes_it(words: list[str]) -> None:
    wrong = [word for word in words if not word.isalnum() or len(word) > 20 or fold(word) != word.lower()]

    assert wrong == []


def test_what_is_said_of_a_situation_leads_somewhere_and_is_known_but_once() -> None:
    assert len(SAID) >= 5000
    assert [words for words, narrower in SITUATIONS if not words or not narrower] == []
    assert repeated(SAID) == []
    assert sorted({tight(word) for word in SAID} & {tight(word) for word in WORDS}) == []
    assert [words for words, narrower in SITUATIONS if set(words) & set(narrower) or repeated(narrower)] == []


def test_nothing_that_is_said_is_shorter_than_two_characters_or_longer_than_eight() -> None:
    assert [word for word in SAID if not 2 <= len(word) <= 8] == []


def test_a_group_has_several_words_or_leads_to_narrower_ones() -> None:
    assert [words for words, narrower in GROUPS if len(words) < 2 and not (words and narrower)] == []


def test_a_word_belongs_to_one_group() -> None:
    assert repeated([fold(word) for word in WORDS]) == []


def test_a_narrower_word_is_listed_once_and_is_no_synonym() -> None:
    both = [words[0] for words, narrower in GROUPS if {*map(fold, words)} & {*map(fold, narrower)}]
    twice = [words[0] for words, narrower in GROUPS if repeated([*map(fold, narrower)])]

    assert both == []
    assert twice == []


def test_a_narrower_word_is_the_most_official_of_its_group() -> None:
    others = {word for words, _ in GROUPS for word in words[1:]}

    assert sorted(others.intersection(NARROWER)) == []


def test_narrower_words_never_lead_back() -> None:
    below = {words[0]: narrower for words, narrower in GROUPS}

    def under(word: str, seen: tuple[str, ...] = ()) -> None:
        assert word not in seen, f"goes round: {' → '.join((*seen, word))}"
        for each in below.get(word, []):
            under(each, (*seen, word))

    for word in below:
        under(word)


def test_stop_words_and_weak_words_are_listed_once() -> None:
    assert repeated([*STOP_WORDS, *WEAK_WORDS]) == []


def test_no_stop_word_is_a_synonym() -> None:
    assert sorted(set(STOP_WORDS) & {*WORDS, *NARROWER}) == []


def test_no_stop_word_cuts_into_an_official_name() -> None:
    official = {words[0] for words, _ in GROUPS} | set(NARROWER)

    assert [(stop, name) for stop in STOP_WORDS for name in official if stop in name] == []


def test_no_weak_word_is_what_a_group_is_about() -> None:
    assert sorted(set(WEAK_WORDS) & {words[0] for words, narrower in GROUPS if narrower}) == []


def test_a_cue_tells_for_one_audience() -> None:
    assert repeated([fold(cue) for cue, _ in CUES]) == []


def test_each_audience_exists_and_has_cues() -> None:
    with AUDIENCES.open(encoding="utf-8-sig", newline="") as file:
        known = {row["编码"] for row in csv.DictReader(file)}

    assert {audience for _, audience in CUES} == known - {"quanti-jumin"}


@pytest.mark.usefixtures("starter")
@pytest.mark.parametrize(
    ("typed", "notions"),
    [
        ("我在工地干活老板跑了怎么办", {"老板跑了"}),
        ("听说我爸上个月走了现在要办哪些手续", {"上个月走了"}),
        ("孩子得了大病在外地住院医保怎么报销", {"得了大病", "外地住院", "报销"}),
    ],
)
def test_fillers_are_cut_but_not_out_of_known_words(typed: str, notions: set[str]) -> None:
    found = {notion.ways[0][0] for notion in understand(typed).notions}

    assert found >= notions
    assert not {"怎么", "听说", "上个", "个月"} & found


@pytest.mark.usefixtures("starter")
@pytest.mark.parametrize(
    ("typed", "official"),
    [
        ("家里没人照顾的老太太", "居家养老"),
        ("上个月厂里把我裁掉了", "失业保险金"),
        ("老公动手打我怎么办", "反家庭暴力"),
        ("我哥精神病犯病了怎么办", "严重精神障碍患者管理"),
        ("他喝了酒就动手，我没个地方躲", "家庭暴力"),
    ],
)
def test_a_situation_leads_to_the_official_name(typed: str, official: str) -> None:
    ways = {way for notion in understand(typed).notions for way, _weight in notion.ways[1:]}

    assert official in ways
