"""The only list of kinds: what scripts, addresses, imports and the API call each kind of content."""

from dataclasses import dataclass
from typing import Any

from content_models.base.resources import SheetResource
from content_models.certificates.models import CertificateListPage
from content_models.certificates.resources import CertificateItemResource
from content_models.communities.models import CommunityPage, Figure
from content_models.communities.resources import CommunityResource, FigureResource
from content_models.guides.models import GuidePage, ProvisionEdition
from content_models.guides.resources import GuideResource, ProvisionResource
from content_models.notices.models import NoticePage
from content_models.notices.resources import NoticeResource
from content_models.places.models import OfficePage
from content_models.places.resources import OfficeResource
from content_models.policy_lists.models import PolicyListPage
from content_models.policy_lists.resources import PolicyEntryResource


@dataclass(frozen=True)
class Kind:
    """One kind of content: the name others use, the model that holds it and the sheet it is imported from."""

    name: str
    model: Any
    resource: type[SheetResource]


KINDS = {
    kind.name: kind
    for kind in [
        Kind("guides", GuidePage, GuideResource),
        Kind("provisions", ProvisionEdition, ProvisionResource),
        Kind("notices", NoticePage, NoticeResource),
        Kind("certificates", CertificateListPage, CertificateItemResource),
        Kind("lists", PolicyListPage, PolicyEntryResource),
        Kind("communities", CommunityPage, CommunityResource),
        Kind("figures", Figure, FigureResource),
        Kind("offices", OfficePage, OfficeResource),
    ]
}
