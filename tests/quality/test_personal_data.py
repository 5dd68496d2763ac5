"""Personal data: every valid number is found however it is typed, and ordinary text is left alone."""

import csv
import datetime
import random
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from quality.personal_data import Kind, find, mask, may_hold

FIXTURES = Path(__file__).parents[2] / "fixtures" / "demo"
FULL_WIDTH = str.maketrans("0123456789Xx", "０１２３４５６７８９Ｘｘ")
PROVINCES = [str(number) for number in (*range(11, 16), *range(31, 38), *range(41, 47), *range(50, 55), 62)]
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
MANY = 5_000


def kinds(text: str) -> list[str]:
    return [finding.kind.value for finding in find(text)]


# Numbers of every kind, made by other formulas than the ones under test


def resident_id(chance: random.Random) -> str:
    born = datetime.date(1900, 1, 1) + datetime.timedelta(days=chance.randrange(45_000))
    first = (
        f"{chance.choice(PROVINCES)}{chance.randrange(10_000):04d}{born:%Y%m%d}{chance.randrange(1000):03d}"
    )
    total = sum(int(digit) * (2 ** (17 - place) % 11) for place, digit in enumerate(first))
    check = next(check for check in range(11) if (total + check) % 11 == 1)
    return first + ("X" if check == 10 else str(check))


def old_resident_id(chance: random.Random) -> str:
    born = datetime.date(1920, 1, 1) + datetime.timedelta(days=chance.randrange(25_000))
    region = f"{chance.choice(PROVINCES)}{chance.randint(1, 30):02d}{chance.randint(1, 90):02d}"
    return f"{region}{born:%y%m%d}{chance.randrange(1000):03d}"


def mobile(chance: random.Random) -> str:
    return f"1{chance.choice('3456789')}{chance.randrange(10**9):09d}"


def bank_card(chance: random.Random) -> str:
    start, length = chance.choice([("62", 16), ("62", 17), ("62", 18), ("62", 19), ("4", 16), ("5", 16)])
    first = start + "".join(chance.choices("0123456789", k=length - len(start) - 1))
    return next(first + check for check in "0123456789" if luhn_sum(first + check) % 10 == 0)


def luhn_sum(number: str) -> int:
    weights = ["0123456789", "0246813579"]
    return sum(int(weights[place % 2][int(digit)]) for place, digit in enumerate(reversed(number)))


def passport(chance: random.Random) -> str:
    if chance.random() < 0.5:
        return f"E{chance.choice('ABCDEFGHJKLMNPQRSTUVWXYZ')}{chance.randrange(10**7):07d}"
    return f"{chance.choice('EG')}{chance.randrange(10**8):08d}"


def email(chance: random.Random) -> str:
    name = "".join(chance.choices("abcdefghijkmnopqrstuvwxyz0123456789", k=chance.randint(7, 14)))
    return f"{name}@{chance.choice(['qq.com', '163.com', 'foxmail.com', '139.com', 'mail.example.com.cn'])}"


MAKERS: dict[str, Callable[[random.Random], str]] = {
    "resident_id": resident_id,
    "old_resident_id": old_resident_id,
    "mobile": mobile,
    "bank_card": bank_card,
    "passport": passport,
    "email": email,
}
FRAMES = [
    "{}",
    "联系人：{}。",
    "{}，请核对",
    "（{}）",
    "居民\t{}\t江苏路1号",
    "共3人\n{}\n2022-06-20",
    "号码是{}不公开",
]


@pytest.mark.parametrize("kind", MAKERS)
def test_valid_numbers_are_found(kind: str) -> None:
    chance = random.Random(kind)
    missed = []
    for _ in range(MANY):
        number = MAKERS[kind](chance)
        found = find(chance.choice(FRAMES).format(number))
        if number not in [finding.text for finding in found if finding.kind == kind]:
            missed.append(number)

    assert len(missed) <= MANY * 0.001, missed[:20]


@pytest.mark.parametrize(
    ("kind", "sizes"),
    [
        ("resident_id", (6, 8, 4)),
        ("resident_id", (6, 4, 4, 4)),
        ("resident_id", (6, 4, 2, 2, 4)),
        ("resident_id", (3, 3, 4, 4, 4)),
        ("resident_id", (1,) * 18),
        ("old_resident_id", (6, 6, 3)),
        ("mobile", (3, 4, 4)),
        ("mobile", (3, 8)),
        ("bank_card", (4, 4, 4, 4, 3)),
    ],
)
@pytest.mark.parametrize("gap", [" ", "-", "\u00a0", "\u3000", "－", "–", " - ", "\u200b", "·"])
def test_numbers_in_groups_are_found(kind: str, sizes: tuple[int, ...], gap: str) -> None:
    chance = random.Random(f"{kind}{sizes}{gap}")
    for _ in range(30):
        number = MAKERS[kind](chance)
        if len(number) != sum(sizes):
            continue
        starts = [sum(sizes[:place]) for place in range(len(sizes))]
        text = gap.join(number[start : start + size] for start, size in zip(starts, sizes, strict=True))

        assert kinds(f"号码：{text}，") == [kind], text
        assert kinds(f"号码：{text.translate(FULL_WIDTH)}，") == [kind], text


@given(
    st.randoms(use_true_random=False),
    st.sampled_from(sorted(MAKERS)),
    st.text(max_size=30),
    st.text(max_size=30),
)
def test_what_is_found_is_masked_for_good(chance: random.Random, kind: str, before: str, after: str) -> None:
    number = MAKERS[kind](chance)
    # A region and a day of our time make a case number, not a card; a letter and a day no passport.
    assume(kind != "bank_card" or number[6:8] != "20")
    assume(kind != "passport" or number[1:3] != "20")
    text = f"{before}\n{number}\n{after}"

    masked = mask(text)

    assert may_hold(text)
    assert number not in masked
    assert masked.startswith(f"{mask(before)}\n")
    assert mask(masked) == masked


PIECES = st.sampled_from(
    [
        "1",
        "138",
        "0013",
        "8000",
        "13800138000",
        "110105",
        "19491231",
        "002",
        "X",
        "x",
        "11010519491231002X",
        "６２",
        "·",
    ]
    + [
        " ",
        "-",
        ".",
        "\t",
        "\n",
        "@",
        "qq.com",
        "张三",
        "京",
        "A",
        "12345",
        "E",
        "12345678",
        "86",
        "+",
        "元",
        "_",
        "\0",
    ]
)


@given(st.lists(PIECES, max_size=25).map("".join) | st.text(alphabet="0123456789Xx -.京A@", max_size=60))
def test_findings_tell_the_truth_about_the_text(text: str) -> None:
    found = find(text)

    assert may_hold(text) or not found
    assert all(finding.text == text[finding.start : finding.end] != finding.masked for finding in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert find(mask(text)) == []


# How it is typed


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("身份证11010519491231002x号", "身份证110105********002X号"),
        ("440524188001010014", "440524********0014"),
        ("４４０５２４１８８００１０１００１４", "440524********0014"),
        ("SFZ11010519491231002×", "SFZ110105********002X"),
        ("130503670401001", "130503******001"),
        ("138-1234-5678", "138****5678"),
        ("+86 13812345678", "+86 138****5678"),
        ("+86-138-1234-5678", "+86-138****5678"),
        ("（+86）13812345678", "（+86）138****5678"),
        ("8613812345678", "86138****5678"),
        ("008613812345678", "0086138****5678"),
        ("tel13812345678", "tel138****5678"),
        ("13812345678.0", "138****5678.0"),
        ("13812345678,13912345678/13712345678", "138****5678,139****5678/137****5678"),
        ("138 1234 5678 139 1234 5678", "138****5678 139****5678"),
        ("13812345678人工服务", "138****5678人工服务"),
        ("2栋1-101-13812345678", "2栋1-101-138****5678"),
        ("13812345678@qq.com", "1***@qq.com"),
        ("zhang.san＠163．com", "z***@163.com"),
        ("护照号码：14 没有，护照 EA1234567", "护照号码：14 没有，护照 EA*****67"),
        ("港澳通行证：C12345678", "港澳通行证：C1*****78"),
        ("车牌：鲁B·12345", "车牌：鲁B***45"),
        ("京AD12345停在门口", "京A****45停在门口"),
        ("张三，男，1949年生，身份证号", "张三，男，1949年生，身份证号"),
    ],
)
def test_it_is_masked_however_it_is_typed(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("张三，男，身份证号码：11010519491231002X", "张*，男，身份证号码：110105********002X"),
        ("申请人张小明身份证号11010519491231002X", "申请人张**身份证号110105********002X"),
        ("欧阳娜娜\t11010519491231002X", "欧***\t110105********002X"),
        ("11010519491231002X，李四", "110105********002X，李*"),
        ("王五 13800138000 11010519491231002X", "王* 138****8000 110105********002X"),
        ("请带身份证 11010519491231002X", "请带身份证 110105********002X"),
        ("姓名：张三，电话见公告栏", "姓名：张三，电话见公告栏"),
    ],
)
def test_a_name_beside_an_identity_number_is_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


def test_a_finding_says_what_it_is() -> None:
    [finding] = find("请打 138-1234-5678 找小李")

    assert (finding.kind, finding.start, finding.end) == (Kind.MOBILE, 3, 16)
    assert (finding.text, finding.masked, finding.label) == ("138-1234-5678", "138****5678", "手机号码")


# What is no personal data


@pytest.mark.parametrize(
    "text",
    [
        "咨询电话：0592-2020001，监督电话：12345",
        "（0532）88881234转8001，400-138-1380，95588，010-62221234 010-62225678",
        "统一社会信用代码：91350100M000100Y43",
        "11320000MB151840XJ/2022-00012",
        "区划代码350203011001，350203011001.0",
        "事项编码11370202MB2840312X4000120001000",
        "1137020200508712344370120001000",
        "国办发〔2018〕47号，民发〔2020〕20号",
        "2022-06-20 至 2022-07-20，2022.6.20 2022.7.1 10:30",
        "财政拨款13800138000元，¥15000000000.00，共13800138000.55",
        "受理编号：370202202301150014",
        "139001380001 是十二位",
        "1380013800",
        "110105194912310021",
        "11010519491331002X",
        "99010519491231002X",
        "11010520991231002X",
        "110105********002X 138****3210",
        "服务邮箱 xxgk@qd.gov.cn、service@example.com",
        "高新B10023号地块，青年A12345号文",
        "150 2000 3000 4000 5200 6100",
        "E20220620 号通知，G20 青银高速",
        "https://fuwu.example.cn/t20220620_15012345.html",
        "9787115428028",
    ],
)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert [(finding.kind, finding.text) for finding in find(text)] == []


def test_the_demo_content_is_left_alone() -> None:
    for path in sorted(FIXTURES.rglob("*.csv")):
        text = path.read_text()
        assert find(text) == [], path
        with path.open(newline="") as file:
            for row in csv.reader(file):
                assert find("\t".join(row)) == [], path


def uscc(chance: random.Random) -> str:
    letters = chance.choice(["91", "92", "11", "12", "51", "52", "53"]) + f"{region(chance)[:6]}"
    letters += "".join(chance.choices("0123456789", k=8)) + chance.choice("0123456789X")
    total = sum(USCC_ALPHABET.index(letter) * pow(3, place, 31) for place, letter in enumerate(letters))
    return letters + USCC_ALPHABET[-total % 31]


def region(chance: random.Random) -> str:
    district = f"{chance.choice(PROVINCES)}{chance.randint(1, 20):02d}{chance.randint(1, 30):02d}"
    return f"{district}{chance.randrange(200):03d}{chance.randrange(400):03d}"


def day(chance: random.Random) -> str:
    on = datetime.date(1990, 1, 1) + datetime.timedelta(days=chance.randrange(14_000))
    return chance.choice([f"{on:%Y-%m-%d}", f"{on:%Y年%m月%d日}", f"{on:%Y.%m.%d}", f"{on:%Y%m%d}"])


ORDINARY: list[Callable[[random.Random], str]] = [
    uscc,
    region,
    day,
    lambda chance: f"{day(chance)} {day(chance)}",
    lambda chance: f"{uscc(chance)}{chance.randrange(10**13):013d}",
    lambda chance: f"0{chance.randint(310, 999)}-{chance.randint(2, 8)}{chance.randrange(10**6):06d}",
    lambda chance: f"010-{chance.randint(5, 8)}{chance.randrange(10**7):07d}",
    lambda chance: f"{chance.randrange(10**9):,}元",
    lambda chance: f"{chance.randrange(10**12)}.{chance.randrange(100):02d}",
    lambda chance: f"〔{chance.randint(1990, 2026)}〕{chance.randint(1, 300)}号",
    lambda chance: " ".join(str(chance.randrange(10**4)) for _ in range(6)),
    lambda chance: f"{uscc(chance)}/{chance.randint(2000, 2026)}-{chance.randrange(10**5):05d}",
    lambda chance: f"36.{chance.randrange(10**6):06d},120.{chance.randrange(10**6):06d}",
    lambda chance: f"{chance.randrange(10**13):013d}",
]


def test_ordinary_numbers_are_left_alone() -> None:
    chance = random.Random("ordinary")
    sentences = [line for path in sorted(FIXTURES.glob("*.csv")) for line in path.read_text().split("，")]
    wrong = []
    for _ in range(2 * MANY):
        text = chance.choice(sentences) + chance.choice(ORDINARY)(chance) + "，" + chance.choice(sentences)
        wrong += [(finding.kind.value, finding.text) for finding in find(text)]

    assert len(wrong) <= 2 * MANY * 0.001, wrong[:20]
