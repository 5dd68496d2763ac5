from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from search import documents
from search.query import Unavailable


class Command(BaseCommand):
    """Write all documents and the whole search index anew while the site is up."""

    help = "Writes the search anew from what is published; readers search on meanwhile."

    def handle(self, *args: Any, **options: Any) -> None:
        number = documents.rebuild()
        try:
            call_command("wagtail_update_index", verbosity=0)
        except Unavailable as error:
            raise CommandError(f"搜索服务用不了，索引没有重建：{error}") from error
        words = documents.count_words()
        self.stdout.write(f"{number} 篇可搜索内容，{words} 个索引词。")
