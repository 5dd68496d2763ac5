"""The site as it is served, with a line in the file ``RENDERS`` for each fragment that is rendered."""

import os

from config.asgi import application
from live import fragments

__all__ = ["application"]

_make = fragments.make


def make(variant, topic):
    with open(os.environ["RENDERS"], "a") as file:
        file.write(f"{topic} {variant.address} {variant.community}\n")
    return _make(variant, topic)


fragments.make = make
