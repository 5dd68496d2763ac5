from .channels import GuideChannel
from .guides import (
    Fee,
    GuidePage,
    LegalBasis,
    LevelChange,
    Material,
    Question,
    Step,
)
from .provisions import Provision, ProvisionEdition

__all__ = [
    "Fee",
    "GuideChannel",
    "GuidePage",
    "LegalBasis",
    "LevelChange",
    "Material",
    "Provision",
    "ProvisionEdition",
    "Question",
    "Step",
]
