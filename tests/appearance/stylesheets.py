"""The themes' style sheets, read as far as their colours go."""

import re
from collections.abc import Iterator
from pathlib import Path

from appearance.look import sheet

ROOT = Path(__file__).parents[2]
THEMES = ROOT / "themes"
NAMES = sorted(path.parent.name for path in THEMES.glob("*/theme.json"))
BLOCK = re.compile(r"([^{};]+)\{([^{}]*)\}")
DECLARED = re.compile(r"--([\w-]+):\s*([^;]+);")
USED = re.compile(r"var\(--([\w-]+)")
COLOUR = re.compile(r"#[0-9a-f]{3}(?:[0-9a-f]{3})?")
DARK = ':root[data-colours="dark"]'
BY_DEVICE = ":root:not([data-colours])"

Tokens = dict[str, str]


def style_sheets(theme: str) -> list[Path]:
    return sorted((THEMES / theme / "static").rglob("*.css"))


def without_comments(path: Path) -> str:
    return re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S)


def declared_in(css: str, selector: str) -> Tokens:
    """The tokens that blocks of exactly this selector declare, later ones over earlier ones."""
    found: Tokens = {}
    for head, body in BLOCK.findall(css):
        if head.strip() == selector:
            found |= dict(DECLARED.findall(body))
    return found


def tokens(theme: str, *, is_dark: bool, brand: str = "", accent: str = "") -> Tokens:
    """Every colour of a theme as a page gets it, with the district's own where those are given."""
    layers = ["civic", theme] if theme != "civic" else ["civic"]
    sheets = [without_comments(THEMES / name / "static" / name / "tokens.css") for name in layers]
    if brand or accent:
        sheets.append(sheet(brand, accent))
    found: Tokens = {}
    for selector in [":root", DARK] if is_dark else [":root"]:
        for css in sheets:
            found |= declared_in(css, selector)
    return {name: six_digits(value) for name, value in found.items() if COLOUR.fullmatch(value)}


def six_digits(colour: str) -> str:
    return colour if len(colour) == 7 else "#" + "".join(2 * digit for digit in colour[1:])


def pairs_set_together(theme: str) -> Iterator[tuple[str, str, str]]:
    """``(selector, text token, ground token)`` of each rule that sets both."""
    for path in style_sheets(theme):
        for selector, body in BLOCK.findall(without_comments(path)):
            text = re.search(r"(?<![-\w])color:\s*var\(--([\w-]+)\)", body)
            ground = re.search(r"(?<![-\w])background(?:-color)?:\s*var\(--([\w-]+)\)", body)
            if text and ground:
                yield selector.strip(), text[1], ground[1]
