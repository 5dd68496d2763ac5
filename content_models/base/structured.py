"""What pages tell machines of themselves in the terms of schema.org: the parts that all kinds share.

Each kind's own description stands beside its model in ``structured.py``. A description is made of what the
page has read for its readers anyway, and says nothing that they do not see.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Scene:
    """A page that is being shown: its request, its template's context and the settings of its site."""

    request: Any
    context: Any
    about: Any

    def url(self, page):
        """The whole address of a page, or of a path on this site."""
        path = page if isinstance(page, str) else page.get_url(self.request)
        return self.request.build_absolute_uri(path or "/")

    @property
    def ancestors(self):
        return self.context.get("ancestors") or []

    @property
    def region(self):
        """The district, street or community that the page stands in; None for the district itself."""
        return next(
            (page for page in reversed(self.ancestors) if hasattr(page.specific_class, "level")), None
        )


def thing(kind, **properties):
    """A schema.org thing with those of ``properties`` that are known."""
    known = {name: value for name, value in properties.items() if value not in (None, "", [], {})}
    return {"@type": kind, **known}


def place(scene, page):
    """A region by name and address."""
    return thing("AdministrativeArea", name=page.title, url=scene.url(page)) if page is not None else None


def publisher(scene):
    """Who runs the site."""
    about = scene.about
    return thing("GovernmentOrganization", name=about.organiser or about.site_name, url=scene.url("/"))


def coded(name, value):
    """An identifier under the name that residents read; None where there is none."""
    return thing("PropertyValue", name=str(name), value=value) if value else None


def listed(*values):
    """Those of ``values`` that are there: as a list, or alone where it is one."""
    found = [value for value in values if value]
    return found[0] if len(found) == 1 else found


def breadcrumbs(scene, page):
    """The way from the home page to here; None on the home page itself."""
    steps = [(above.title, scene.url(above)) for above in scene.ancestors]
    if not steps:
        return None
    steps.append((page.title, scene.url(page)))
    row = scene.context.get("row")
    if row is not None:
        steps.append((row.public_title, scene.url(row.url)))
    items = [
        thing("ListItem", position=position, name=name, item=address)
        for position, (name, address) in enumerate(steps, start=1)
    ]
    return thing("BreadcrumbList", itemListElement=items)
