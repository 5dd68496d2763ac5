"""Addresses of the import room's sockets."""

from typing import Any

from django.urls import path

from imports.progress import ProgressConsumer

urlpatterns: list[Any] = [path("admin-ws/imports/<int:pk>/", ProgressConsumer.as_asgi())]
