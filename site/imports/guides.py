"""Service guides: pages, of which one sheet may also hold several as forms one under another."""

from typing import Any

from content_models.guides.material_names import note_refused
from imports.lines import Line
from imports.pages import PageLane
from quality import guide_rules


class GuideLane(PageLane):
    """Guides as rows, or as forms that begin at 事项名称 with their own tables of materials."""

    form_begins = "事项名称"
    warns = True

    def warnings(self, resource: Any, line: Line, page: Any) -> list[list[str]]:
        """What the rules for guides find in the page that this row would make."""
        found = []
        note_refused(page.materials.all())
        for finding in guide_rules.check(guide_rules.of_page(page)):
            column = column_of(resource, finding.field)
            found.append([column, line.cells.get(column, ""), finding.message])
        return found


def column_of(resource: Any, field: str) -> str:
    """The column that a field of guides is in, or the further sheet that it is."""
    if field in resource.part_resources:
        return str(resource.part_resources[field].sheet_name)
    return str(resource.fields[field].title)
