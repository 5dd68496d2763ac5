"""The shape of one document."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """One document as the index sees it; audiences are slugs."""

    kind: str
    slug: str
    title: str
    names: tuple[str, ...] = ()
    summary: str = ""
    body: str = ""
    department: str = ""
    audiences: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
