"""Service guides: pages, of which one sheet may also hold several as forms one under another."""

from imports.pages import PageLane


class GuideLane(PageLane):
    """Guides as rows, or as forms that begin at 事项名称 with their own tables of materials."""

    form_begins = "事项名称"
