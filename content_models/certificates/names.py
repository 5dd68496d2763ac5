"""When two names mean the same certificate: brackets, width, script, spaces and punctuation do not matter."""

import re

from content_models.base.scripts import in_simplified
from content_models.base.widgets import fold

_OPEN, _CLOSE = r"(（\[［【〔「『<《〈", r")）\]］】〕」』>》〉"
_BRACKETED = re.compile(rf"[{_OPEN}]([^{_OPEN}{_CLOSE}]*)[{_CLOSE}]")


def name_key(name: str) -> str:
    """What is left of a name for comparing."""
    return fold(in_simplified(name))


def name_keys(name: str) -> list[str]:
    """Keys under which a name may be known: the whole, without what is in brackets, and that itself."""
    parts = [name, _BRACKETED.sub("", name), *_BRACKETED.findall(name)]
    return [key for key in dict.fromkeys(map(name_key, parts)) if key]
