"""Colours: what the formulas say, and that every theme and every look keeps to them by day and by night."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appearance.colours import (
    GROUND_BY_DAY,
    GROUND_BY_NIGHT,
    LARGE,
    TEXT,
    WHITE,
    contrast,
    from_lch,
    nearest,
    to_lch,
    tokens_of,
)
from tests.appearance import stylesheets
from tests.appearance.stylesheets import BY_DEVICE, DARK, NAMES

COLOURS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)
GROUNDS = ("paper", "wash")
# What is written on what, beyond the rules that set both themselves (those are found).
TEXTS = [
    *((text, ground) for text in ("ink", "ink-soft", "link", "link-hover") for ground in GROUNDS),
    *((text, "paper") for text in ("civic-ink", "civic-deep", "accent", "ok", "idle")),
    *((text, "wash") for text in ("civic-ink", "civic-deep", "accent", "ok", "idle")),
    *(("ink", wash) for wash in ("civic-wash", "accent-wash", "ok-wash", "idle-wash")),
    *(("ink-soft", wash) for wash in ("civic-wash", "accent-wash")),
    *(("link", wash) for wash in ("civic-wash", "accent-wash", "ok-wash", "idle-wash")),
    *((text, band) for text in ("ink-on-band", "ink-on-band-soft") for band in ("band", "band-deep")),
    ("ink-on-deep", "civic"), ("ink-on-deep", "civic-deep"), ("ink-on-deep", "accent"),
]  # fmt: skip
MARKS = [
    *((line, ground) for line in ("line-strong", "civic", "accent-line") for ground in GROUNDS),
    ("accent-line", "accent-wash"), ("civic", "civic-wash"),
]  # fmt: skip
LOOKS = [("", ""), ("#a61d24", "#1b4f9c"), ("#8c7502", "#d87800"), ("#1b4f9c", ""), ("#000000", "#767676")]
SYSTEM = {"CanvasText", "Canvas", "Highlight", "HighlightText"}


def too_faint(tokens: dict[str, str], pairs: list[tuple[str, str]], wanted: float) -> dict[str, float]:
    ratios = {f"{one} on {other}": contrast(tokens[one], tokens[other]) for one, other in pairs}
    return {pair: round(ratio, 2) for pair, ratio in ratios.items() if ratio < wanted}


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert contrast("#ffffff", "#767676") == pytest.approx(4.54, abs=0.005)
    assert contrast("#0000ff", "#ffffff") == pytest.approx(8.59, abs=0.005)
    assert contrast("#abcdef", "#abcdef") == 1


@given(COLOURS)
def test_a_colour_comes_back_from_lightness_and_hue(colour: str) -> None:
    back = from_lch(*to_lch(colour))

    assert all(abs(int(colour[at : at + 2], 16) - int(back[at : at + 2], 16)) <= 2 for at in (1, 3, 5))


@given(COLOURS, st.sampled_from([LARGE, TEXT]))
def test_the_nearest_colour_would_do_and_a_good_one_stays(colour: str, wanted: float) -> None:
    found = nearest(colour, WHITE, ratio=wanted)

    assert contrast(found, WHITE) >= wanted
    assert (found == colour) == (contrast(colour, WHITE) >= wanted)
    assert contrast(found, WHITE) < wanted * 1.06 or found == colour


def test_no_shade_stands_out_from_black_and_white_at_once() -> None:
    with pytest.raises(ValueError, match="No shade"):
        nearest("#808080", "#000000", WHITE, ratio=7)


@given(COLOURS, COLOURS)
def test_any_look_that_may_be_chosen_can_be_read_by_day_and_by_night(brand: str, accent: str) -> None:
    brand, accent = nearest(brand, WHITE, ratio=TEXT), nearest(accent, WHITE, ratio=LARGE)
    ground = {"light": GROUND_BY_DAY, "dark": GROUND_BY_NIGHT}

    for mode, tokens in tokens_of(brand, accent).items():
        texts = [tokens[name] for name in ("civic-ink", "civic-deep", "link", "link-hover", "accent")]
        assert min(contrast(text, ground[mode]) for text in texts) >= TEXT, mode
        assert contrast(tokens["civic-ink"], tokens["civic-wash"]) >= TEXT, mode
        assert contrast(tokens["accent"], tokens["accent-wash"]) >= TEXT, mode
        assert min(contrast(WHITE, tokens[band]) for band in ("band", "band-deep")) >= TEXT, mode


@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("theme", NAMES)
def test_all_text_and_all_marks_stand_out(theme: str, is_dark: bool) -> None:
    found = {pair[1:]: pair[0] for name in {"civic", theme} for pair in stylesheets.pairs_set_together(name)}
    assert len(found) > 8  # the rules are read at all

    for brand, accent in LOOKS:
        tokens = stylesheets.tokens(theme, is_dark=is_dark, brand=brand, accent=accent)

        assert too_faint(tokens, [*TEXTS, *found], TEXT) == {}, (brand, accent)
        assert too_faint(tokens, MARKS, LARGE) == {}, (brand, accent)
        # One of the ring's two colours is always seen.
        for ground in (*GROUNDS, "band", "band-deep", "civic", "accent"):
            ring = max(contrast(tokens[ground], tokens[each]) for each in ("focus", "focus-ink"))
            assert ring >= LARGE, (ground, brand)


@pytest.mark.parametrize("theme", NAMES)
def test_grounds_lie_where_looks_expect_them(theme: str) -> None:
    by_day, by_night = (stylesheets.tokens(theme, is_dark=is_dark) for is_dark in (False, True))

    for name in GROUNDS:
        assert contrast(by_day[name], "#000000") >= contrast(GROUND_BY_DAY, "#000000"), name
        assert contrast(by_night[name], WHITE) >= contrast(GROUND_BY_NIGHT, WHITE), name
    assert by_day["ink-on-band"] == WHITE  # of which editors are told when they choose a brand


@pytest.mark.parametrize("theme", NAMES)
def test_dark_is_the_same_by_device_and_by_choice(theme: str) -> None:
    css = stylesheets.without_comments(stylesheets.THEMES / theme / "static" / theme / "tokens.css")
    dark = stylesheets.declared_in(css, DARK)

    assert stylesheets.declared_in(css, BY_DEVICE) == dark
    light = stylesheets.declared_in(css, ":root")
    colours = {name for name, value in light.items() if stylesheets.COLOUR.fullmatch(value)}
    samples = {f"{mode}-{part}" for mode in ("light", "dark", "contrast") for part in ("paper", "ink")}
    assert colours - dark.keys() <= {"focus", "focus-ink", "plate", *samples}


def every_style_sheet() -> list[Path]:
    return [path for theme in NAMES for path in stylesheets.style_sheets(theme)]


def test_colours_stand_in_the_tokens_alone() -> None:
    written = re.compile(
        r"#[0-9a-f]{3,8}\b|\b(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch|color-mix|color)\(|"
        r":[^;]*\b(?:white|black|red|green|blue|gr[ae]y|orange|yellow|silver|navy|teal)\b(?![-(])",
        re.I,
    )
    sheets = [path for path in every_style_sheet() if path.name not in ("tokens.css", "contrast.css")]
    found = {
        path.name: written.findall(re.sub(r"url\([^)]*\)", "", stylesheets.without_comments(path)))
        for path in sheets
    }

    assert {name: colours for name, colours in found.items() if colours} == {}
    assert written.search("a { color: white }")
    assert written.search("a { border: 1px solid #FFF }")


def test_every_token_that_is_used_is_declared() -> None:
    written = "".join(stylesheets.without_comments(path) for path in every_style_sheet())
    declared = {name for name, _value in stylesheets.DECLARED.findall(written)}
    used = set(re.findall(r"var\(--([\w-]+)\)", written))

    assert used <= declared
