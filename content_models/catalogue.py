"""The only list of kinds: what scripts, addresses, imports and the API call each kind of content."""

from dataclasses import dataclass
from typing import Any

from content_models.certificates.models import CertificateListPage
from content_models.communities.models import CommunityPage, Figure
from content_models.guides.models import GuidePage, ProvisionEdition
from content_models.notices.models import NoticePage
from content_models.places.models import OfficePage
from content_models.policy_lists.models import PolicyListPage


@dataclass(frozen=True)
class Kind:
    """One kind of content: the name others use and the model that holds it."""

    name: str
    model: Any


KINDS = {
    kind.name: kind
    for kind in [
        Kind("guides", GuidePage),
        Kind("provisions", ProvisionEdition),
        Kind("notices", NoticePage),
        Kind("certificates", CertificateListPage),
        Kind("lists", PolicyListPage),
        Kind("communities", CommunityPage),
        Kind("figures", Figure),
        Kind("offices", OfficePage),
    ]
}
