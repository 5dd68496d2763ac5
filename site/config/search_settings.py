"""What SEARCH_URL, SEARCH_BACKEND and SEARCH_PREFIX say, as Wagtail wants to hear it.

``https://user:password@host:9200``, or several nodes of one cluster separated by commas.
"""

import re
from importlib import metadata
from typing import Any

from django.core.exceptions import ImproperlyConfigured

DATABASE = "search.backends.database"
DEFAULT = "opensearch3"
ADDRESS = re.compile(r"https?://([^/@\s]+@)?([\w.-]+|\[[\da-f:]+\])(:\d+)?(/\S*)?")
WITHIN = 2  # seconds; nobody waits longer for a server that does not answer
# The client each server needs, and the versions of it that the server understands
CLIENTS = {
    "opensearch2": ("opensearch-py", ("2", "3")),
    "opensearch3": ("opensearch-py", ("2", "3")),
    "elasticsearch8": ("elasticsearch", ("8",)),
    "elasticsearch9": ("elasticsearch", ("9",)),
}


def backends(url: str, name: str = "", prefix: str = "") -> dict[str, Any]:
    """The search in the database, or on the server at ``url``; raises ImproperlyConfigured."""
    if not url:
        if name:
            raise ImproperlyConfigured("SEARCH_BACKEND is set, but not SEARCH_URL.")
        return {"default": {"BACKEND": DATABASE}}
    name = name or DEFAULT
    if name not in CLIENTS:
        raise ImproperlyConfigured(f"SEARCH_BACKEND={name} is not known; it is one of {', '.join(CLIENTS)}.")
    _require(name, *CLIENTS[name])
    return {
        "default": {
            "BACKEND": f"search.backends.{name}",
            "URLS": [_checked(part.strip()) for part in url.split(",")],
            "INDEX_PREFIX": prefix or "doorstep_",
            "TIMEOUT": WITHIN,
        }
    }


def _require(name: str, client: str, versions: tuple[str, ...]) -> None:
    try:
        installed = metadata.version(client)
    except metadata.PackageNotFoundError:
        installed = "none"
    if installed.partition(".")[0] not in versions:
        raise ImproperlyConfigured(
            f"SEARCH_BACKEND={name} needs the Python package {client} of version {' or '.join(versions)} "
            f"(installed: {installed}). For example: pip install '{client}=={versions[-1]}.*'"
        )


def _checked(url: str) -> str:
    if not ADDRESS.fullmatch(url):
        raise ImproperlyConfigured("SEARCH_URL is not whole: https://user:password@host:9200")
    return url
