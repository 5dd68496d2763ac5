"""Service guides: pages, of which one sheet may also hold several as forms one under another."""

from typing import Any

from imports.lines import Line
from imports.pages import PageLane
from quality.review import review


class GuideLane(PageLane):
    """Guides as rows, or as forms that begin at 事项名称 with their own tables of materials."""

    form_begins = "事项名称"
    warns = True

    def warnings(self, resource: Any, line: Line, page: Any) -> list[list[str]]:
        """What the checks find in the page that this row would make."""
        found = []
        for finding in review(page):
            column = column_of(resource, finding.field)
            found.append([column, line.cells.get(column, ""), finding.message])
        return found


def column_of(resource: Any, field: str) -> str:
    """The column that a field of guides is in, or the further sheet that it is."""
    field = field.partition(".")[0]
    if field in resource.part_resources:
        return str(resource.part_resources[field].sheet_name)
    return str(resource.fields[field].title)
