"""Choosing the district's look in the admin: a preview beside the form."""

from typing import Any

from django.urls import path
from wagtail import hooks

from appearance.preview import preview_look


@hooks.register("register_admin_urls")
def add_urls() -> list[Any]:
    return [path("look/preview/", preview_look, name="look_preview")]
