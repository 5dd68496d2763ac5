"""The only list of kinds: what scripts, addresses, imports and the API call each kind of content."""

from dataclasses import dataclass
from typing import Any

from content_models.base.api import ContentApi
from content_models.base.resources import SheetResource
from content_models.certificates.api import CertificateApi, CertificateListApi
from content_models.certificates.models import CertificateListPage
from content_models.certificates.resources import CertificateItemResource
from content_models.communities.api import CommunityApi, FigureApi
from content_models.communities.models import CommunityPage, Figure
from content_models.communities.resources import CommunityResource, FigureResource
from content_models.guides.api import GuideApi, ProvisionApi
from content_models.guides.models import GuidePage, ProvisionEdition
from content_models.guides.resources import GuideResource, ProvisionResource
from content_models.home.api import RegionApi
from content_models.notices.api import BannerApi, NoticeApi
from content_models.notices.models import NoticePage
from content_models.notices.resources import NoticeResource
from content_models.places.api import OfficeApi
from content_models.places.models import OfficePage
from content_models.places.resources import OfficeResource
from content_models.policy_lists.api import ListApi
from content_models.policy_lists.models import PolicyListPage
from content_models.policy_lists.resources import PolicyEntryResource


@dataclass(frozen=True)
class Kind:
    """One kind of content: the name others use, what holds it, imports it and answers for it."""

    name: str
    model: Any
    resource: type[SheetResource]
    api: ContentApi


KINDS = {
    kind.name: kind
    for kind in [
        Kind("guides", GuidePage, GuideResource, GuideApi()),
        Kind("provisions", ProvisionEdition, ProvisionResource, ProvisionApi()),
        Kind("notices", NoticePage, NoticeResource, NoticeApi()),
        Kind("certificates", CertificateListPage, CertificateItemResource, CertificateApi()),
        Kind("lists", PolicyListPage, PolicyEntryResource, ListApi()),
        Kind("communities", CommunityPage, CommunityResource, CommunityApi()),
        Kind("figures", Figure, FigureResource, FigureApi()),
        Kind("offices", OfficePage, OfficeResource, OfficeApi()),
    ]
}

# What the API answers for beside the kinds.
FURTHER_APIS: list[ContentApi] = [CertificateListApi(), RegionApi(), BannerApi()]
