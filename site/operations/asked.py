"""The request that is being answered, known wherever something is written about it."""

from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass
class Asked:
    """One request, with what is learned of it on its way; queries and forms are left out on purpose."""

    id: str
    method: str = ""
    path: str = ""
    view: str = ""  # by the name of its address; empty where the request never came to Django
    user: int | None = None
    status: int = 0
    secrets: list[str] = field(default_factory=list)  # parts of the path that are not to be written down


current: ContextVar[Asked | None] = ContextVar("asked", default=None)
