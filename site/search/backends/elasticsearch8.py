from modelsearch.backends.elasticsearch8 import SearchBackend as Stock

from search.backends.elastic import with_words

SearchBackend = with_words(Stock)
