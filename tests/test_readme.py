"""What the README and the handbook name exists."""

import re
from pathlib import Path

import pytest

from imports.demo_accounts import ACCOUNTS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
PAPERS = ["README.md", "docs/editors.md", "docs/staff.md", "docs/operators.md"]
FOR_DEVELOPERS = {"DEBUG"}


def test_every_command_is_in_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    commands = set(re.findall(r"\bmake ([a-z-]+)", re.sub(r"and make:", "", README)))

    assert commands >= {"run", "test"}
    assert commands <= targets


def test_the_demo_accounts_are_those_that_are_made() -> None:
    listed = re.findall(r"^\| `(\w+)` \|", README.split("| account |")[1].split("## Map")[0], re.MULTILINE)

    assert listed == [account.username for account in ACCOUNTS]


def test_every_folder_on_the_map_exists() -> None:
    rows = re.findall(r"^\| `([\w/]+/)` \| (.*) \|$", README.split("## Map")[1], re.MULTILINE)
    assert rows

    for folder, text in rows:
        assert (ROOT / folder).is_dir(), folder
        for named in re.findall(r"`([\w/]+/)`", text):
            assert (ROOT / folder / named).is_dir() or (ROOT / named).is_dir(), named


def test_every_setting_of_operators_is_read_and_every_other_one_is_listed() -> None:
    listed = re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs" / "operators.md").read_text(), re.MULTILINE)
    settings = "".join(path.read_text() for path in (ROOT / "site/config/settings").glob("*.py"))

    read = set(re.findall(r"""os\.environ(?:\.get\(|\[)"([A-Z_]+)\"""", settings))
    assert set(listed) == read - FOR_DEVELOPERS


@pytest.mark.parametrize("paper", PAPERS)
def test_every_link_and_picture_leads_somewhere(paper: str) -> None:
    links = re.findall(r"!?\[[^\]]*\]\(([^)#]+)\)", (ROOT / paper).read_text())
    local = [link for link in links if not link.startswith("http")]

    assert local
    for link in local:
        assert (ROOT / paper).parent.joinpath(link).exists(), f"{paper}: {link}"


def test_every_picture_is_shown_somewhere() -> None:
    shown = "".join((ROOT / paper).read_text() for paper in PAPERS)

    for picture in (ROOT / "docs" / "images").glob("*.png"):
        assert f"images/{picture.name}" in shown, picture.name
