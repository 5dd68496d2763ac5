"""Holds the order in which rooms may import each other (docs: "Where things go")."""

import ast
import importlib.metadata
import re
import sys
import tokenize
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Each room may import only from rows above its own; rooms of one row never import each other.
ORDER = [
    ["content_models.base"],
    ["content_models.places"],
    ["content_models.communities", "content_models.certificates", "content_models.policy_lists"],
    ["content_models.guides", "content_models.notices"],
    ["content_models.home"],
    ["content_models.catalogue"],
    ["outside"],
    ["staff"],
    ["publishing"],
    ["appearance"],
    ["live", "search", "quality", "delivery"],
    ["saved", "feedback", "procedures", "posters"],
    ["care"],
    ["imports"],
    ["api"],
    ["operations"],
    ["config"],
]
RANK = {room: rank for rank, row in enumerate(ORDER) for room in row}
NEVER = {"manage", "tests", "themes", "benchmarks"}  # nothing on the site knows of these
DRAWERS = {"utils", "helpers", "services", "core", "common"}  # names that say nothing
REASON = re.compile(r"#\s*(noqa(:[A-Z\d, ]+)?|type:\s*ignore\S*|fmt:\s*\S+)?[\s#]*[^\W\d]\w*\s+\w+")


def test_no_import_goes_against_the_order() -> None:
    wrong = [error for module, path in modules() for error in against_the_order(module, path.read_text())]

    assert wrong == []


def test_no_import_hides_in_a_function_without_a_reason() -> None:
    wrong = [error for module, path in modules() for error in hidden_imports(module, path.read_text())]

    assert wrong == []


def test_every_room_has_its_place_in_the_order() -> None:
    assert rooms() - set(RANK) == set()


def test_site_is_a_folder_and_never_a_package() -> None:
    assert not (ROOT / "site" / "__init__.py").exists()


def test_no_room_is_named_like_a_standard_or_installed_module() -> None:
    taken = set(sys.stdlib_module_names) | set(importlib.metadata.packages_distributions())
    names = {room.split(".")[0] for room in rooms() | set(RANK)}

    assert names & taken == set()


def test_no_module_is_a_drawer_for_anything() -> None:
    drawers = [module for module, _ in modules() if DRAWERS & set(module.split("."))]

    assert drawers == []


def test_themes_hold_no_python() -> None:
    assert list((ROOT / "themes").rglob("*.py")) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("content_models.base.models", "from content_models.places.models import Office"),
        ("content_models.base.models", "import content_models.places"),
        ("content_models.base.models", "from content_models import places"),
        ("content_models.guides.models", "from content_models.notices.models import NoticePage"),
        ("content_models.home.models", "from publishing.publish import publish"),
        ("content_models.home.models", "if TYPE_CHECKING:\n    from staff.models import User"),
        ("content_models.catalogue", "def kinds():\n    from api import views  # a reason does not help"),
        ("live.hub", "import search.words as words"),
        ("staff.models", "from config.settings import base"),
        ("staff.models", "from ..publishing import publish"),
        ("staff.models", "from tests import servers"),
    ],
)
def test_a_wrong_import_is_found(module: str, source: str) -> None:
    assert len(list(against_the_order(module, source))) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("content_models.base.models", "from content_models.base.codes import ItemType"),
        ("content_models.guides.models", "from content_models import base, places"),
        ("publishing.publish", "from content_models.catalogue import KINDS\nfrom staff.audit import write"),
        ("config.urls", "from publishing import outbox\nimport live.routing"),
        ("staff.models", "from django.conf import settings\nimport wagtail.models, searching"),
    ],
)
def test_a_right_import_is_let_through(module: str, source: str) -> None:
    assert list(against_the_order(module, source)) == []


def test_an_import_in_a_function_needs_a_reason() -> None:
    bare = "def ready(self):\n    from staff import receivers\n"
    silenced = "def ready(self):\n    from staff import receivers  # noqa: F401\n"
    reasoned = "def ready(self):\n    from staff import receivers  # models load first\n"
    both = "def ready(self):\n    from staff import receivers  # noqa: F401, PLC0415  models load first\n"
    at_the_top = "try:\n    import uvloop\nexcept ImportError:\n    uvloop = None\n"

    assert len(list(hidden_imports("staff.apps", bare))) == 1
    assert len(list(hidden_imports("staff.apps", silenced))) == 1
    assert list(hidden_imports("staff.apps", reasoned)) == []
    assert list(hidden_imports("staff.apps", both)) == []
    assert list(hidden_imports("staff.apps", at_the_top)) == []


def modules() -> Iterator[tuple[str, Path]]:
    """Every module of ours with its dotted name."""
    for start in (ROOT, ROOT / "site"):
        folder = ROOT / "content_models" if start == ROOT else start
        for path in sorted(folder.rglob("*.py")):
            parts = path.relative_to(start).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def rooms() -> set[str]:
    """Every room there is: a package or module right under content_models/ or site/."""
    found = set()
    for folder, prefix in ((ROOT / "content_models", "content_models."), (ROOT / "site", "")):
        found |= {prefix + path.parent.name for path in folder.glob("*/__init__.py")}
        found |= {prefix + path.stem for path in folder.glob("*.py") if path.stem != "__init__"}
    return found


def room_of(module: str) -> str:
    """The room a module belongs to: its first name, or its first two in content_models."""
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "content_models" else parts[0]


def against_the_order(module: str, source: str) -> Iterator[str]:
    own = room_of(module)
    for line, target in imports_of(module, ast.parse(source)):
        room = room_of(target)
        if room in NEVER or (room in RANK and room != own and RANK[room] >= RANK.get(own, -1)):
            yield f"{module}, line {line}: {own} may not import {target}"


def hidden_imports(module: str, source: str) -> Iterator[str]:
    reasons = {
        token.start[0]
        for token in tokenize.generate_tokens(StringIO(source).readline)
        if token.type == tokenize.COMMENT and REASON.match(token.string)
    }
    lines = {
        node.lineno
        for function in ast.walk(ast.parse(source))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    for line in sorted(lines - reasons):
        yield f"{module}, line {line}: an import inside a function says why on its line"


def imports_of(module: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and full dotted name of everything a module imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield node.lineno, name.name
        elif isinstance(node, ast.ImportFrom):
            start = ".".join(module.split(".")[: -node.level]) if node.level else ""
            start = ".".join(filter(None, (start, node.module)))
            if node.level and not start:  # `from ..publishing` out of a room: rooms lie side by side
                start = node.module or ""
            if start in ("content_models", ""):
                for name in node.names:
                    yield node.lineno, ".".join(filter(None, (start, name.name)))
            else:
                yield node.lineno, start
