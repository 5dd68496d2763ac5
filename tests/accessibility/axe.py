"""What axe-core finds on a page: the rules of WCAG 2.2 at levels A and AA."""

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # has no types
from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def violations(page: Page, *, leaving_out: tuple[str, ...] = ()) -> list[str]:
    """Each fault as ``rule: element``; elements that fit a selector of ``leaving_out`` are not looked at."""
    context = {"exclude": [[selector] for selector in leaving_out]} if leaving_out else None
    answer = Axe().run(page, context=context, options={"runOnly": TAGS, "preload": False}).response
    return [f"{rule['id']}: {node['html'][:200]}" for rule in answer["violations"] for node in rule["nodes"]]
