from content_models.guides.channels import GuideChannel
from content_models.guides.guides import (
    Fee,
    GuidePage,
    LegalBasis,
    LevelChange,
    Material,
    Question,
    Step,
)
from content_models.guides.provisions import Provision, ProvisionEdition

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
