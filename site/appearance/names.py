"""Names whose traditional form no dictionary knows: 范 is a surname and not 範."""

from appearance.phrases import PHRASES
from content_models.base import memo

MOST = 1_000


def traditional_names() -> dict[str, str]:
    """``{as written here: in traditional characters}``, longest first; the phrases of the code below them."""
    return memo.remember("appearance.names", _read)


def _read() -> dict[str, str]:
    from appearance.models import TraditionalName  # noqa: PLC0415  converts before apps are ready, too

    found = PHRASES | dict(TraditionalName.objects.values_list("name", "traditional")[:MOST])
    return {name: found[name] for name in sorted(found, key=lambda name: (-len(name), name))}
