"""Whether a number format shows a day, a time or a plain number."""

import re
from functools import lru_cache

_ELAPSED = re.compile(r"\[[hms]+\]", re.I)
_WORDS = re.compile(r'"[^"]*"?|\\.|_.|\*.|\[[^\]]*\]|General|G/通用格式|AM/PM|A/P|上午/下午', re.I)

BUILT_IN = {
    **dict.fromkeys([14, 15, 16, 17, 22, 27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58], "date"),
    **dict.fromkeys([18, 19, 20, 21, 32, 33, 34, 35, 45, 47, 55, 56], "time"),
    46: "elapsed",
}


@lru_cache(maxsize=4096)
def shows(code: str) -> str:
    """``date`` (perhaps with a time), ``time``, ``elapsed`` hours, or nothing for a plain number."""
    first = code.split(";")[0]
    if _ELAPSED.search(first):
        return "elapsed"
    letters = _WORDS.sub("", first).lower()
    if re.search(r"[yd]|e(?![+-])", letters):
        return "date"
    if re.search(r"[hs]", letters):
        return "time"
    return "date" if "m" in letters else ""
