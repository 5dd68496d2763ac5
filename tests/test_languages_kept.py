"""Pages in other languages that are kept or open follow what they were made from."""

from appearance.models import TraditionalName
from publishing.publish import publish
from tests import factories
from tests.delivery.readers import as_django_says, readers
from tests.factories import committed
from tests.live.visitors import Site, run
from tests.test_languages import translated


@committed
def test_a_change_of_the_table_of_names_reaches_stored_pages() -> None:
    factories.home()
    guide = publish(factories.guide("后海的优待证"))
    address = f"/zh-hant{guide.url}"

    with readers() as some:
        assert "後海的優待證" in some.get(address).text
        TraditionalName.objects.create(name="后海", traditional="后海")
        some.look()
        some.get(address)
        some.settle()
        assert "后海的優待證" in some.get(address).text
        assert some.get(address).text == as_django_says(address)
        assert some.rendered.count(address) == 2


@committed
def test_live_parts_and_titles_are_in_the_language_of_the_page() -> None:
    guide = publish(factories.guide("老年证办理", conditions="<p>本区居民办证。</p>"))

    topic, address = guide.topic, guide.url

    answer = run(lambda: Site().get(f"/live/{topic}/", since=0, on=f"/zh-hant{address}"))
    english = run(lambda: Site().get(f"/live/{topic}/", since=0, on=f"/en{address}"))

    assert answer.json["title"] == "老年證辦理 - 家門口"
    assert "本區居民辦證" in answer.json["regions"]["main"]
    assert "Documents you need" in english.json["regions"]["main"]
    assert '<h1 lang="zh-Hans">老年证办理</h1>' in english.json["regions"]["main"]


@committed
def test_an_open_translation_follows_its_guide() -> None:
    guide = publish(factories.guide("老年证"))
    translated(guide, "ko", title="처음")
    guide = factories.fresh(guide)
    topic, address = guide.topic, f"{guide.url}in/ko/"

    with readers() as some:
        assert "처음" in some.get(address).text
        (each,) = guide.in_other_languages.all()
        each.title = "나중"
        guide.in_other_languages = [each]
        publish(guide.save_revision().as_object())
        some.look()
        some.get(address)
        some.settle()
        assert "나중" in some.get(address).text
    answer = run(lambda: Site().get(f"/live/{topic}/", since=0, on=address))
    assert "나중" in answer.json["regions"]["main"]
    assert answer.json["title"].startswith("나중 - 老年证 - ")
