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
from content_models.guides.translations import GuideTranslation

__all__ = [
    "Fee",
    "GuideChannel",
    "GuidePage",
    "GuideTranslation",
    "LegalBasis",
    "LevelChange",
    "Material",
    "Provision",
    "ProvisionEdition",
    "Question",
    "Step",
]
