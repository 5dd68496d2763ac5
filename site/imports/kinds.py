"""Which lane the kinds of the contract go through."""

from imports.certificates import CertificateLane
from imports.figures import FigureLane
from imports.guides import GuideLane
from imports.lanes import Lane, no_such_kind
from imports.lists import ListLane
from imports.models import ImportRun
from imports.pages import PageLane
from imports.provisions import ProvisionLane

LANES: dict[str, type[Lane]] = {
    "guides": GuideLane,
    "provisions": ProvisionLane,
    "notices": PageLane,
    "certificates": CertificateLane,
    "lists": ListLane,
    "communities": PageLane,
    "figures": FigureLane,
    "offices": PageLane,
}


def lane_of(run: ImportRun) -> Lane:
    if run.kind not in LANES:
        raise no_such_kind(run.kind)
    return LANES[run.kind](run)
