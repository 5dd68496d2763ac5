"""As version 3, whose way of naming all arguments the client for version 2 takes as well."""

from modelsearch.backends.opensearch3 import SearchBackend as Stock

from search.backends.elastic import with_words

SearchBackend = with_words(Stock)
