"""Fewer examples of random input, for a test whose every example asks for a page or a database."""

from hypothesis import settings

COSTLY = settings(max_examples=min(300, settings().max_examples))
