"""Says of a page whose words are English which of its text is Chinese, for whoever has it read aloud."""

import re

from appearance.markup import HAN, IS_HAN, pieces

_RUN = re.compile(rf"[{HAN}](?:[^A-Za-z&<>]*[{HAN}])?[，。、；：？！）》”」』〕】]*")
_UNMARKABLE = {"title", "option"}  # hold text alone
LANG = ' lang="zh-Hans"'


def mark_chinese(html: str) -> str:
    """The page with ``lang`` on each element, or around each run of text, that is Chinese."""
    found = list(pieces(html))
    for place, piece in enumerate(found):
        if piece.tag or not piece.is_open or not IS_HAN.search(piece.text):
            continue
        before = found[place - 1] if place else None
        after = found[place + 1] if place + 1 < len(found) else None
        is_alone = before is not None and after is not None and after.tag == f"/{before.tag}"
        if is_alone and before is not None and (_is_whole(piece.text) or before.tag in _UNMARKABLE):
            if "<html" not in before.text and " lang=" not in before.text:
                before.text = f"{before.text[:-1]}{LANG}>"
        elif before is None or before.tag not in _UNMARKABLE:
            piece.text = _RUN.sub(lambda run: f"<span{LANG}>{run[0]}</span>", piece.text)
    return "".join(piece.text for piece in found)


def _is_whole(text: str) -> bool:
    """Whether the text is Chinese from beginning to end."""
    return not re.search(r"[A-Za-z]{2}", text)
