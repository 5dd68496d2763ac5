"""Fills the stock site with the content of one of our pages: ``python -m benchmarks.stock.fill``.

``page.html`` in the folder ``STOCK_FOLDER`` is our page as readers get it. Its head, header and footer become
text of the template, its headings, paragraphs and list items the body, its table's lines the rows.
"""

import html
import json
import os
import re
from pathlib import Path

import django
import html5lib
from django.core.management import call_command

FOLDER = Path(os.environ["STOCK_FOLDER"])
TEXTS = {"h2": "h2", "h3": "h3", "p": "p", "li": "p", "dt": "h4", "dd": "p"}
MAIN = re.compile(r"<main\b.*?</main>", re.DOTALL)


def main():
    """Make database, templates and the page; prints its address."""
    page = (FOLDER / "page.html").read_text()
    found = MAIN.search(page)
    shell = FOLDER / "templates" / "shell"
    shell.mkdir(parents=True)
    for name, part in (("head", page[: found.start()]), ("foot", page[found.end() :])):
        (shell / f"{name}.html").write_text("{% verbatim shell %}" + part + "{% endverbatim shell %}")
    django.setup()
    call_command("migrate", verbosity=0)
    print(json.dumps({"path": _publish(found[0])}))


def _publish(text):
    from wagtail.models import Page, Site  # noqa: PLC0415  needs the apps loaded

    from benchmarks.stock.models import StockGuidePage, StockRow  # noqa: PLC0415

    tree = html5lib.parseFragment(text, namespaceHTMLElements=False)
    root = Page.get_first_root_node()
    for page in root.get_children():
        page.delete()
    home = Page.objects.get(pk=root.pk).add_child(instance=Page(title="首页", slug="home"))
    Site.objects.update_or_create(
        is_default_site=True, defaults={"hostname": "127.0.0.1", "root_page": home, "site_name": "stock"}
    )
    title = " ".join(_words(tree.find(".//h1")))
    intro = " ".join(_words(tree.find(".//*[@class='page__lead']")))
    guides = home.add_child(instance=Page(title="办事指南", slug="guides"))
    guide = StockGuidePage(title=title, slug="laonianzheng", intro=intro, body=_body(tree))
    guide.rows = [StockRow(name=name, text=said) for name, said in _rows(tree)]
    guides.add_child(instance=guide)
    guide.save_revision().publish()
    return guide.get_url()


def _body(tree):
    parts = []
    for element in tree.iter():
        if element.tag in TEXTS and not any(
            below.tag in TEXTS for below in element.iter() if below is not element
        ):
            tag, words = TEXTS[element.tag], html.escape(" ".join(_words(element)))
            parts.append(f"<{tag}>{words}</{tag}>")
    return "".join(parts)


def _rows(tree):
    for line in tree.findall(".//tbody/tr"):
        name, *cells = [" ".join(_words(cell)) for cell in line]
        yield name[:200], "；".join(cells)


def _words(element):
    return [words for text in element.itertext() if (words := " ".join(text.split()))]


if __name__ == "__main__":
    main()
