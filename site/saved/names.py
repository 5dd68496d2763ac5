"""What the pages' script and the worker have to agree on."""

import hashlib
from functools import cache
from typing import Any

from django.conf import settings

from appearance.joined import served_file
from appearance.languages import ALONE, LANGUAGES, SIMPLIFIED, root_of

# The form in which copies are kept: another one has them made anew, and those before are thrown away.
FORM = 1
PAGES, FILES = f"doorstep-pages-{FORM}", f"doorstep-files-{FORM}"
PATIENCE = 8_000  # milliseconds after which a copy is better than waiting
# The files of ours that copies need; with other ones they are made anew.
LOOKS = ("civic/main.css", "saved/page.js", "saved/sw.js")


@cache
def version() -> str:
    """Names the looks of copies; the same on every host that runs this release."""
    made = hashlib.sha256()
    for name in LOOKS:
        made.update(served_file(name).read_bytes())
    return made.hexdigest()[:12]


def root(request: Any) -> str:
    """Where the site begins, in whichever language it is read."""
    return root_of(SIMPLIFIED, present=getattr(request, "language", SIMPLIFIED))


def of_page(request: Any) -> dict[str, Any]:
    """What the script of pages has to know."""
    return {"version": version(), "pages": PAGES, "files": FILES, "root": root(request)}


def of_worker(request: Any) -> dict[str, Any]:
    """What the worker has to know."""
    language = getattr(request, "language", SIMPLIFIED)
    roots = [root_of(each, present=language) for each in LANGUAGES]
    return of_page(request) | {
        "patience": PATIENCE,
        "apart": sorted(ALONE),
        # The longest first: every address begins with the root.
        "offline": {each: f"{each}saved/offline/" for each in sorted(roots, key=len, reverse=True)},
        "kept": [settings.STATIC_URL, settings.MEDIA_URL],
    }
