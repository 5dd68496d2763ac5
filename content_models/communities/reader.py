"""The reader's own community: chosen once, kept in a cookie, no account."""

from dataclasses import dataclass, field

from django.utils import timezone

from content_models.base.managers import parent_id
from content_models.communities.models import CommunityPage, HistoryEvent

COOKIE = "community"
ONE_YEAR = 365 * 24 * 3600
LONGEST_LINE = 10  # mergers one after the other


@dataclass(frozen=True)
class Choice:
    """What became of the community a reader chose.

    ``community`` is the one that holds; ``former`` the one that was chosen, where that is no more, and
    ``successors`` those that took over its residents: the reader is led to the only one and asked of several.
    """

    community: CommunityPage | None = None
    former: CommunityPage | None = None
    successors: list = field(default_factory=list)
    is_unknown: bool = False

    @property
    def needs_telling(self):
        """Whether the reader has to hear of it."""
        return self.is_unknown or self.former is not None


def choice_of(request):
    """What the reader chose, read once for a request."""
    if not hasattr(request, "_reader_choice"):
        request._reader_choice = choice = _look_up(request.COOKIES.get(COOKIE, ""))
        # Of a number that never was a community's there may be any number: no page is kept for those.
        request.has_stale_community = choice.is_unknown
    return request._reader_choice


def community_of(request):
    """The live community the reader belongs to, or None."""
    return choice_of(request).community if request is not None else None


def _look_up(value):
    if not value:
        return Choice()
    community = find_community(value)
    if community is not None:
        return Choice(community)
    former = _find(CommunityPage.objects.live().public(), value)
    if former is None:
        return Choice(is_unknown=True)
    successors = successors_of(former)
    return Choice(successors[0] if len(successors) == 1 else None, former, successors)


def successors_of(community):
    """The communities of today whose residents once were those of ``community``, in the order of the tree.

    Told by either side of a split or merger, and followed on where a successor was itself merged away.
    """
    seen, waiting, found = {community.pk}, {community.pk}, set()
    for _turn in range(LONGEST_LINE):
        present = {page.pk for page in present_communities().filter(pk__in=waiting)} - {community.pk}
        found |= present
        gone = waiting - present
        if not gone:
            break
        waiting = _next_of(gone) - seen
        seen |= waiting
    return list(_with_street(present_communities().filter(pk__in=found))) if found else []


def _next_of(communities):
    kind = HistoryEvent.Kind
    told = HistoryEvent.objects.filter(
        page__in=communities, other__isnull=False, event_kind__in=[kind.SPLIT_INTO, kind.MERGED_INTO]
    )
    told_by_others = HistoryEvent.objects.filter(
        other__in=communities, event_kind__in=[kind.SPLIT_FROM, kind.MERGED_FROM]
    )
    return {*told.values_list("other", flat=True), *told_by_others.values_list("page", flat=True)}


def present_communities():
    """Communities a resident can belong to today: public and not dissolved."""
    return (
        CommunityPage.objects.live().public().exclude(dissolved_on__lte=timezone.localdate()).order_by("path")
    )


def find_community(value):
    """The community that a cookie or form names by its id, or None; the text may be anything."""
    return _find(present_communities(), value)


def _find(communities, value):
    is_id = value.isascii() and value.isdigit() and len(value) <= 9
    return _with_street(communities).filter(pk=int(value)).first() if is_id else None


def _with_street(communities):
    return communities.annotate(street_id=parent_id())


def remember(response, community):
    response.set_cookie(COOKIE, str(community.pk), max_age=ONE_YEAR, samesite="Lax")


def forget(response):
    response.delete_cookie(COOKIE, samesite="Lax")
