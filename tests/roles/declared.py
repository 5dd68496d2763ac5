"""Who may open which address: the one list that every new address has to be in.

The first rule whose pattern fits the whole name decides (``imports:run``; the route where an address has no
name). A rule says who may GET it, and of which things its arguments are made (``of``: kinds of things in
world.py). Whoever may not is refused by GET and by POST, and nothing happens.

A new address: find the rule it belongs to and add its name there, or add a line. If it names a thing that
world.py does not have, plant one there, with a secret in it that only the right people may read.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.roles.world import ABOVE, ADMINISTRATOR, AUDITOR, EVERYBODY, ROLES, VISITOR, Thing

ALL = frozenset(EVERYBODY)
STAFF = frozenset(ROLES)  # everybody who may come into the admin
EDITORS = STAFF - {AUDITOR}
AUTHORS = EDITORS - {"reviewer"}  # who add content
PUBLISHERS = AUTHORS - {"importer"}
DISTRICT = frozenset(ABOVE)
AUDIT = frozenset({AUDITOR, ADMINISTRATOR})
ADMIN = frozenset({ADMINISTRATOR})
SIGNED_IN = ALL - {VISITOR}
NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Rule:
    """Who may open the addresses that a pattern names."""

    names: str
    who: frozenset[str]
    of: str = ""
    in_place: bool = False  # of these people, only those who work where the thing is
    given: Mapping[str, object] = field(default_factory=dict)
    queries: tuple[str, ...] = ("",)
    by_token: bool = False  # asked with an access token instead of a session
    is_refused_inside: bool = False  # answers 200 to people who may not, and tells and does nothing
    fails: bool = False  # by design

    def fits(self, name: str) -> bool:
        return re.fullmatch(self.names, name) is not None

    def is_open_to(self, role: str, thing: Thing | None) -> bool:
        return role in self.who and not (self.in_place and thing and not thing.is_open_to(role))


SEARCHED = ("", "?q=秘而不宣")
OFFICE = {
    "content_type_app_name": "places", "content_type_model_name": "officepage", "app_label": "places",
    "model_name": "officepage",
}  # fmt: skip
SNIPPETS = (
    "(base_topic|base_audience|base_code|places_calendaryear|places_department|policy_lists_listtype"
    "|search_synonymgroup)"
)
LISTINGS = r"(offices|certificate-lists|policy-lists|guides|notices|communities|streets|plain-pages)"
EDITIONS = {
    "certificates_certificate": "certificate",
    "policy_lists_list": "list",
    "guides_provision": "provision",
}

RULES = [
    # Residents
    Rule("choose_community|search|search_.*|robots|sitemap|feeds|embed_script", ALL, queries=SEARCHED),
    Rule("reading|accessibility", ALL),
    Rule("feedback_(demand|receipts)", ALL),
    Rule("feedback_(demand_in|demand_of|receipt|useful|useful_of)", ALL, of="feedback"),
    Rule("sitemap_section", ALL, given={"section": "pages", "number": 0}),
    Rule("open_data:.*", ALL, of="data sets", queries=SEARCHED),
    Rule("follow|feed|embed", ALL, of="pages", given={"form": "rss"}),
    Rule("wagtail_serve", ALL, of="paths"),
    Rule(re.escape("^media/<path>$"), ALL, of="images"),
    Rule(
        "wagtaildocs_serve|" + re.escape("documents/<int:document_id>/<path:document_filename>"),
        SIGNED_IN,
        of="documents",
    ),
    Rule(r".*documents/authenticate_with_password/.*", ALL, of="restrictions of files"),
    Rule(r"_util/authenticate_with_password/.*", ALL, of="restrictions"),
    Rule("_util/login/", NOBODY),  # there is one way in, and this leads to it
    Rule("community_ratings|task_admission", ALL, queries=SEARCHED),
    # Programs
    Rule("api:runs", EDITORS, by_token=True),
    Rule("api:(run|rows|marked|confirm|undo)", NOBODY, of="runs", by_token=True),
    Rule("api:drafts", EDITORS, by_token=True),
    Rule("api:draft_entries", EDITORS, of="lists", in_place=True, by_token=True),
    Rule("api:draft", EDITORS, of="pages", in_place=True, by_token=True),
    Rule("api:preview", ALL, of="preview links"),
    Rule("api:(certificate|entries|entry|entry_schema|.*_one)", ALL, of="pages", given={"key": "row-1"}),
    Rule("api:.*|api/", ALL, queries=(*SEARCHED, "?after=0&page_size=100")),
    # Into the admin, and what everybody has there
    Rule(
        "wagtailadmin_(login|logout|password_reset.*|javascript_catalog|sprite)",
        ALL,
        given={"uidb64": "MQ", "token": "no-such-token"},
    ),
    Rule("staff_code|admin/password_reset/confirm/.*", ALL, given={"uidb64": "MQ", "token": "no-such-token"}),
    Rule("staff_(end_sign_ins|reset_second_factor)", ADMIN, of="users"),
    Rule(
        "staff_(change_password|second_factor|set_up_second_factor|recovery_codes|remove_second_factor)",
        SIGNED_IN,
    ),
    Rule("staff_(sign_ins|active)", STAFF),
    Rule("wagtailadmin_error_test", STAFF, fails=True),
    Rule(re.escape("admin/^.*/$") + "|admin/test404/", STAFF),
    Rule("wagtailadmin_(home|account|dismissibles|block_preview)", STAFF),
    Rule("wagtailadmin_editing_sessions:ping", EDITORS, of="sessions", in_place=True),
    Rule("wagtailadmin_editing_sessions:release", NOBODY, of="sessions", is_refused_inside=True),
    Rule("wagtailadmin_tag_(model_)?autocomplete", STAFF, given={"app_name": "taggit", "model_name": "tag"}),
    Rule("wagtailadmin_choose_page_(external|email|phone|anchor)_link|wagtailembeds:.*", STAFF),
    Rule("wagtailadmin_choose_page(_search)?|admin/choose-page/(search/)?", STAFF, queries=SEARCHED),
    Rule(
        "admin/choose-page/(chosen-multiple|<int:parent_page_id>)/|wagtailadmin_choose_page_child",
        EDITORS,
        of="pages",
        in_place=True,
        is_refused_inside=True,
        queries=("?id={pk}",),
    ),
    Rule("wagtailadmin_api:pages:(listing|find)", STAFF, queries=("", "?child_of=root&for_explorer=1")),
    Rule("wagtailadmin_api:pages:detail", EDITORS, of="pages", in_place=True, is_refused_inside=True),
    Rule(
        "wagtailadmin_api:pages:action",
        EDITORS,
        of="pages",
        in_place=True,
        given={"action_name": "unpublish"},
    ),
    Rule("wagtailadmin_api:(documents|images):.*", STAFF, of="documents"),
    # Pages
    Rule("wagtailadmin_explore_root", EDITORS),
    Rule("wagtailadmin_explore(_results)?", EDITORS, of="pages", in_place=True, is_refused_inside=True),
    Rule(
        r"admin/pages/add/.*|wagtailadmin_pages:(add|preview_on_add|add_subpage)",
        AUTHORS,
        of="regions",
        in_place=True,
        given=OFFICE,
    ),
    Rule("wagtailadmin_pages:(type_use.*|search|search_results)", EDITORS, of="pages", queries=SEARCHED),
    Rule("wagtailadmin_pages:choose_parent", STAFF, of="pages"),
    Rule(
        "wagtailadmin_pages:(revisions_index|confirm_workflow_cancellation)",
        STAFF,
        of="pages",
        is_refused_inside=True,
    ),
    Rule(
        "wagtailadmin_pages:(unpublish|set_page_position|set_privacy|revisions_unschedule|convert_alias)",
        PUBLISHERS,
        of="pages",
        in_place=True,
    ),
    Rule(r"admin/pages/<int:page_id>/edit/|wagtailadmin_pages:.*", EDITORS, of="pages", in_place=True),
    Rule(
        "wagtail_bulk_action",
        EDITORS,
        of="pages",
        in_place=True,
        is_refused_inside=True,  # of pages on the way to one's own: it says that one may not
        given={"app_label": "wagtailcore", "model_name": "page", "action": "delete"},
        queries=("?id={pk}&next=/admin/",),
    ),
    Rule(
        "live_readers|api_preview_link|embed_channel|window_status:office", EDITORS, of="pages", in_place=True
    ),
    Rule("window_status:index", STAFF),
    Rule("(choose_pages|choose_pages_results|chosen_pages)", EDITORS, queries=("?kind=places.officepage",)),
    Rule(f"{LISTINGS}:(index|index_results)", EDITORS, queries=SEARCHED),
    Rule(f"{LISTINGS}:choose_parent", AUTHORS),
    # Editions
    *[
        rule
        for app, kind in EDITIONS.items()
        for rule in (
            Rule(f"wagtailsnippets_{app}edition:(list|list_results|add)", EDITORS, queries=SEARCHED),
            Rule(f"wagtailsnippets_{app}edition:.*", EDITORS, of=f"{kind} editions", in_place=True),
        )
    ],
    # Words and things that the whole district shares
    Rule(f"wagtailsnippets_{SNIPPETS}:(list|list_results|add)", DISTRICT, queries=SEARCHED),
    Rule(f"wagtailsnippets_{SNIPPETS}:.*", DISTRICT, of="synonyms"),
    Rule("wagtailsnippets_notices_emergencybanner:(list|list_results|add)", DISTRICT, queries=SEARCHED),
    Rule("wagtailsnippets_notices_emergencybanner:confirm_workflow_cancellation", STAFF, of="banners"),
    Rule("wagtailsnippets_notices_emergencybanner:.*", DISTRICT, of="banners"),
    Rule("wagtailsnippets_certificates_certificate:(list|list_results)", EDITORS, queries=SEARCHED),
    Rule("wagtailsnippets_certificates_certificate:.*", EDITORS, of="certificates"),
    Rule("wagtailsnippetchoosers_.*:create", DISTRICT),
    Rule("wagtailsnippetchoosers_.*:.*", STAFF, of="synonyms", queries=SEARCHED),
    Rule("wagtailsnippets:index", EDITORS),
    Rule("quality_clean_paste", STAFF),  # answers only what is sent to it, and tells it only to the sender
    Rule("quality_overrides", EDITORS),
    Rule("quality_let_pass", PUBLISHERS, of="pages", in_place=True),
    Rule("quality_withdraw_override", PUBLISHERS, of="overrides", in_place=True),
    Rule("searches:(add_to_group|add_name)", DISTRICT),
    Rule("searches:.*", EDITORS, of="pages", queries=SEARCHED),
    Rule("(demand-reports|usefulness):(index|results)", PUBLISHERS, queries=(*SEARCHED, "?export=csv")),
    Rule("demand-reports:handle", PUBLISHERS, of="demand reports", in_place=True),
    Rule("usefulness:page", PUBLISHERS, of="judged pages", in_place=True),
    Rule("search-messages:(index|index_results)", EDITORS, queries=SEARCHED),
    Rule("search-messages:.*", DISTRICT, of="messages"),
    # Quality of the content
    Rule("quality_findings", EDITORS, of="pages", in_place=True),
    Rule("quality_findings_of_new", AUTHORS, of="regions", in_place=True, given=OFFICE),
    Rule("quality_(health|findings_kept|conflicts)", EDITORS, queries=SEARCHED),
    Rule("quality_(rules|words)", DISTRICT, given={"code": "catch-alls"}),
    # Looking after content
    Rule("care:(boards|due|channels|links|unread)", EDITORS, queries=SEARCHED),
    Rule("care:periods", DISTRICT),
    Rule("care:board", EDITORS, of="regions", in_place=True),
    Rule("care:confirm", PUBLISHERS, of="pages", in_place=True),
    Rule("care:.*", PUBLISHERS, of="dead links", in_place=True),
    # Files
    Rule("wagtail(docs|images)_chooser:(create)", EDITORS),
    Rule("wagtaildocs_chooser:.*", STAFF, of="documents", queries=SEARCHED),
    Rule("wagtailimages_chooser:.*", STAFF, of="images", queries=SEARCHED),
    Rule("wagtaildocs:.*", EDITORS, of="documents", queries=SEARCHED),
    Rule("wagtailimages:.*", EDITORS, of="images", queries=SEARCHED),
    Rule("wagtailadmin_collections:.*", ADMIN, of="collections"),
    # Imports: auditors and administrators look at everybody's, others are as if they were not there
    Rule("imports:(compare|compare_headers|history)", STAFF),
    Rule("imports:(template|export)", EDITORS, given={"kind": "notices"}),
    Rule("imports:start", EDITORS),
    Rule("imports:.*", AUDIT, of="runs"),
    # What is decided in steps
    Rule("procedures:index", EDITORS, queries=SEARCHED),
    Rule("procedures:defaults|procedure-settings:.*", ADMIN, of="procedures", queries=SEARCHED),
    Rule("procedures:begin", AUTHORS, of="procedures"),
    Rule("procedures:edit", AUTHORS, of="cases", in_place=True),
    Rule("procedures:.*", EDITORS, of="cases", in_place=True),
    # Reports
    Rule("wagtailadmin_reports:site_history.*", STAFF, queries=SEARCHED),
    Rule("admin/reports/page-types-usage/.*|wagtailadmin_reports:page_types.*", ADMIN),
    Rule("wagtailadmin_reports:.*", EDITORS, queries=SEARCHED),
    Rule("audit:.*", AUDIT, of="audit", queries=SEARCHED),
    # Programs of staff, and other systems
    Rule("tokens:(index|add)", EDITORS),
    Rule("tokens:.*", ADMIN, of="tokens"),
    Rule("webhooks:.*", ADMIN, of="webhooks"),
    # Settings
    Rule("wagtailadmin_workflows:(task_chooser.*|task_chosen)", STAFF, of="workflows"),
    Rule(
        "wagtailadmin_workflows:.*",
        ADMIN,
        of="workflows",
        given={"app_label": "staff", "model_name": "reviewtask"},
    ),
    Rule("bundles:(index|add)|publishing_schedule", EDITORS, queries=SEARCHED),
    Rule("bundles:.*", EDITORS, of="bundles", in_place=True),
    Rule("wagtailredirects:.*", ADMIN, of="redirects"),
    Rule(
        "wagtailsettings:.*", ADMIN, of="settings", given={"app_name": "home", "model_name": "sitesettings"}
    ),
    Rule("wagtailsites:.*", ADMIN, of="sites"),
    Rule("wagtailusers_users:.*", ADMIN, of="users", queries=SEARCHED),
    Rule("wagtailusers_groups:.*", ADMIN, of="groups"),
    Rule("posts:.*", ADMIN, of="posts"),
]


def rule_of(name: str) -> Rule | None:
    """The rule that decides about an address."""
    return next((rule for rule in RULES if rule.fits(name)), None)
