"""What a page fetches later looks like the rest of it."""

from typing import Any

from bs4 import BeautifulSoup
from django.test import Client

from publishing.publish import publish
from tests import factories
from tests.live.visitors import Site, run


@factories.committed
def test_what_refreshes_wears_the_theme_of_the_page(client: Client) -> None:
    street = publish(factories.street("海湾街道", theme="harbour"))
    factories.community("新社区", under=factories.fresh(street))
    address = street.url

    answer = run(lambda: Site().get(f"/live/{street.topic}/", since=0, on=address))

    shown: Any = BeautifulSoup(client.get(address).content, "html.parser").select_one("main")
    refreshed = BeautifulSoup(answer.json["regions"]["main"], "html.parser")
    assert refreshed.decode() == shown.decode_contents()
    assert refreshed.find(class_="opening") is not None
