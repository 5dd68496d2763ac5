"""Which lane the kinds of the contract go through."""

from imports.lanes import Lane, no_such_kind
from imports.lists import ListLane
from imports.models import ImportRun

LANES: dict[str, type[Lane]] = {
    "lists": ListLane,
}


def lane_of(run: ImportRun) -> Lane:
    if run.kind not in LANES:
        raise no_such_kind(run.kind)
    return LANES[run.kind](run)
