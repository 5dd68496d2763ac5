"""Answers in traditional characters, for readers of Taiwan, Hong Kong and Macao: all texts at once."""

from typing import Any

from appearance.traditional import convert

SIMPLIFIED, TRADITIONAL = "zh-hans", "zh-hant"
# What is a name of a person, or no text: characters of a surname are never changed (范 is not 範).
KEPT = {
    "id", "key", "slug", "code", "url", "api_url", "entries_url", "schema_url", "online_url", "mobile_url",
    "appointment_url", "link", "next", "leader", "author", "public_names", "checked_by", "phone",
    "consult_phone", "complaint_phone", "doc_no", "index_no", "base_code", "impl_code", "handle_item_code",
    "region_code", "uscc", "department_uscc", "$id",
}  # fmt: skip
OF_THEIR_OWN = {"in_other_languages"}  # Japanese is no Chinese to be converted


def in_traditional(answer: Any) -> Any:
    """The answer with every text in traditional characters."""
    texts: list[str] = []
    _walk(answer, texts.append)
    converted = iter(convert(texts))
    return _walk(answer, lambda _text: next(converted))


def _walk(value: Any, each: Any) -> Any:
    """``value`` with each text replaced by what ``each`` makes of it, in one order every time."""
    if isinstance(value, str):
        return value if value.isascii() else each(value)
    if isinstance(value, dict):
        return {name: inner if _is_kept(name, inner) else _walk(inner, each) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_walk(inner, each) for inner in value]
    return value


def _is_kept(name: str, value: Any) -> bool:
    return name in OF_THEIR_OWN or (name in KEPT and isinstance(value, str))
