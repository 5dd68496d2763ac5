"""Finds a font of this machine that has Chinese characters, to be put into PDF files.

``POSTER_FONT`` names one (a file, for collections with #number); otherwise fontconfig is asked, which Debian
and Ubuntu have, and which finds what ``apt install fonts-noto-cjk`` brings.
"""

import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

FC_MATCH = ["fc-match", "-f", "%{file}\\n%{index}"]
CHINESE = {False: "sans-serif:lang=zh-cn", True: "sans-serif:lang=zh-cn:bold"}


@dataclass(frozen=True)
class Font:
    """A font file; ``number`` is its place in a collection."""

    file: str
    number: int = 0


class NoFont(LookupError):
    """There is no font on this machine that has Chinese characters."""


def font(*, is_bold: bool) -> Font:
    """The font for PDF files. Raises NoFont."""
    named = settings.POSTER_FONT
    found = _named(named) if named else _asked(CHINESE[is_bold])
    if found is None or not Path(found.file).is_file():
        raise NoFont(named)
    return found


def _named(text: str) -> Font:
    file, _mark, number = text.partition("#")
    return Font(file, int(number) if number.isdecimal() else 0)


@cache
def _asked(pattern: str) -> Font | None:
    try:
        answer = subprocess.run(
            [*FC_MATCH, pattern], capture_output=True, text=True, timeout=20, check=True
        ).stdout.splitlines()
    except (OSError, subprocess.SubprocessError):
        return None
    return Font(answer[0], int(answer[1])) if len(answer) == 2 else None
