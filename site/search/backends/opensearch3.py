from modelsearch.backends.opensearch3 import SearchBackend as Stock

from search.backends.elastic import with_words

SearchBackend = with_words(Stock)
