"""Where everything is: the first address a program asks."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers

from api.content import asked as questions
from api.content.schema import Description, common
from api.content.views import PublicView
from content_models.catalogue import FURTHER_APIS, KINDS

BESIDE = ("search", "changes", "vocabularies", "schema", "docs")


class Root(PublicView):
    """Names every address."""

    @classmethod
    def described(cls) -> Description:
        names = [*KINDS, *(api.name for api in FURTHER_APIS), *BESIDE]
        fields: dict[str, Any] = {name: serializers.URLField() for name in names}
        return Description(
            name="root",
            group=_("入口"),
            title=_("有哪些内容"),
            said=_("每类内容的网址。"),
            parameters=[common("lang")],
            answer=inline_serializer("Root", fields),
        )

    def answer(self, request: Any, **place: Any) -> Any:
        questions.refuse_unknown(self.given, ["lang"])
        names = [*KINDS, *(api.name for api in FURTHER_APIS), *BESIDE]
        root = reverse("api:root")
        return {name: request.build_absolute_uri(f"{root}{name}/") for name in names}
