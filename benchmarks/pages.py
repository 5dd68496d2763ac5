"""What a page costs, uncached, on the demo site and on one grown to a large city's size.

Growth: 10,000 guides, 100,000 rows in one list, 5,000 communities with 10 provisions each. A page must ask
the database the same number of questions in both.
"""

import statistics
import time

from django.core.management import call_command
from django.db import connection
from django.test import Client
from wagtail.models import Site

from benchmarks import growth
from content_models.certificates.models import CertificateListPage
from content_models.communities.models import CommunityPage
from content_models.guides.models import GuidePage
from content_models.notices.models import NoticePage
from content_models.places.models import OfficePage
from content_models.policy_lists.models import PolicyListPage

GUIDES, ROWS, COMMUNITIES, PROVISIONS_EACH = 10_000, 100_000, 5_000, 10
RUNS = 9


def measure():
    """Rows of ``{page, queries, ms, grown_queries, grown_ms}``; times are medians of RUNS in milliseconds."""
    call_command("migrate", verbosity=0)
    call_command("load_demo")
    addresses = _addresses()
    small = {name: _cost(address, cookie) for name, (address, cookie) in addresses.items()}
    _grow()
    large = {name: _cost(address, cookie) for name, (address, cookie) in addresses.items()}
    rows = [
        {
            "page": name,
            "queries": small[name][0],
            "ms": small[name][1],
            "grown_queries": large[name][0],
            "grown_ms": large[name][1],
        }
        for name in addresses
    ]
    _print(rows)
    return rows


def _addresses():
    """One address of each kind of page: ``{name: (address, cookies)}``."""
    home = Site.objects.get(is_default_site=True).root_page.specific
    guide = GuidePage.objects.live().filter(provisions__isnull=False).order_by("pk").first()
    community = CommunityPage.objects.live().filter(provision_editions__isnull=False).order_by("pk").first()
    policy_list = _big_list()
    entry = policy_list.current_edition.rows.order_by("order").first()
    certificates = CertificateListPage.objects.live().order_by("pk").first()
    item = certificates.current_edition.rows.order_by("order").first()
    filters = [column.key for column in policy_list.current_edition.public_columns if column.is_filter]
    mine = {"community": str(community.pk)}
    pages = {
        "home": (home.url, {}),
        "home, my community": (home.url, mine),
        "guides": (guide.get_parent().url, {}),
        "guides, searched": (guide.get_parent().url + "?q=补贴", {}),
        "guide": (guide.url, {}),
        "guide, my community": (guide.url, mine),
        "list": (policy_list.url, {}),
        "list, filtered": (f"{policy_list.url}?{filters[0]}=取消", {}) if filters else (policy_list.url, {}),
        "list, last page": (f"{policy_list.url}?page=999999", {}),
        "list entry": (policy_list.entry_url(entry.key), {}),
        "certificates": (certificates.url, {}),
        "certificate": (certificates.entry_url(item.key), {}),
        "community": (community.url, mine),
        "street": (community.get_parent().specific.url, {}),
        "office": (OfficePage.objects.live().order_by("pk").first().url, {}),
        "notice": (NoticePage.objects.live().order_by("pk").first().url, {}),
        "search": ("/search/?q=老年", {}),
        "choose community": ("/my-community/", {}),
    }
    for channel in home.get_children().live().specific():
        if hasattr(channel, "lists_kind") and channel.lists_kind != "guides":
            pages[f"channel {channel.lists_kind}"] = (channel.url, {})
    return pages


def _big_list():
    lists = PolicyListPage.objects.live().filter(is_internal=False, editions__is_current=True)
    return max(lists, key=lambda page: page.current_edition.entered)


def _grow():
    made = growth.grow_guides(GUIDES)
    offered = list(GuidePage.objects.filter(pk__in=made[:PROVISIONS_EACH]))
    growth.grow_list(_big_list().current_edition, ROWS)
    growth.grow_communities(COMMUNITIES, guides=offered)
    growth.analyze()


def _cost(address, cookies):
    """(queries, median milliseconds) of one GET."""
    client = Client()
    client.cookies.load(cookies)
    times, asked = [], []

    def count(execute, sql, *rest):
        asked.append(sql)
        return execute(sql, *rest)

    for run in range(RUNS + 1):
        asked.clear()
        with connection.execute_wrapper(count):
            start = time.perf_counter()
            response = client.get(address, headers={"host": "localhost"})
            took = (time.perf_counter() - start) * 1000
        if response.status_code != 200:
            raise RuntimeError(f"{address} answered {response.status_code}")
        if run:  # the first one fills template caches
            times.append(took)
    return len(asked), round(statistics.median(times), 1)


def _print(rows):
    print(f"\n{'page':<24}{'queries':>9}{'ms':>9}{'grown queries':>16}{'grown ms':>10}")
    for row in rows:
        mark = "" if row["queries"] == row["grown_queries"] else "  <- differs"
        figures = f"{row['queries']:>9}{row['ms']:>9}{row['grown_queries']:>16}{row['grown_ms']:>10}"
        print(f"{row['page']:<24}{figures}{mark}")
