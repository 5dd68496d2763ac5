"""Text made plain for comparing: half-width forms, one kind of space, dash and dot."""

SPACES = "\u00a0\u202f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
SPACES += "\u00ad\u200b\u200c\u200d\u2060\ufeff"  # these show nothing at all
DASHES = "‐‑‒–—―−－﹣"
DOTS = "·•・．‧"

_FULL_WIDTH, _FULL_WIDTH_OFFSET = range(0xFF01, 0xFF5F), 0xFEE0
_KEPT = "，；"  # they end clauses, which ASCII commas in numbers do not
_PLAIN: dict[int, int | str] = {
    code: code - _FULL_WIDTH_OFFSET for code in _FULL_WIDTH if chr(code) not in _KEPT
}
_PLAIN |= dict.fromkeys(map(ord, SPACES), " ")
_PLAIN |= dict.fromkeys(map(ord, DASHES), "-")
_PLAIN |= dict.fromkeys(map(ord, DOTS), ".")
_PLAIN[ord("×")] = "x"

# Parts of patterns that read text as it was typed.
DIGIT = "[0-9０-９]"
LETTER = "[A-Za-zＡ-Ｚａ-ｚ]"
GAP = rf"[ .\-{SPACES}{DASHES}{DOTS}]"


def make_plain(text: str) -> str:
    """``text`` with full-width forms, spaces, dashes and dots as ASCII has them, and of the same length."""
    return text.translate(_PLAIN)
