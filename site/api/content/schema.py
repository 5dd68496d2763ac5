"""How answers are described to programs (OpenAPI 3.1): from the serializers and filters that make them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, inline_serializer
from rest_framework import serializers

from api.problems import MEDIA_TYPE


class ProblemError(serializers.Serializer):
    field = serializers.CharField(required=False)
    message = serializers.CharField()


class ProblemDetails(serializers.Serializer):
    """Problem details (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="给人看的一句话")
    errors = ProblemError(many=True)


def parameter(name: str, said: str, kind: Any = str, **more: Any) -> OpenApiParameter:
    return OpenApiParameter(name, kind, OpenApiParameter.QUERY, description=said, **more)


def common(name: str) -> OpenApiParameter:
    """A parameter that several addresses take."""
    match name:
        case "fields":
            return parameter(
                name, _("只要这些字段，用英文逗号隔开；写 * 是全部字段。列表不写时给出常用字段。")
            )
        case "lang":
            return parameter(name, _("zh-hant 给出繁体；人名、网址和编号不变。"), enum=["zh-hans", "zh-hant"])
        case "community":
            return parameter(name, _("社区的编号：指南里并入这个社区的办理安排（offer）。"), int)
        case "page_size":
            return parameter(
                name, _("一页几条，1 到 100，不写是 20。"), {"type": "integer", "minimum": 1, "maximum": 100}
            )
        case "cursor":
            return parameter(name, _("从哪里接着读：照抄上一页的 next。"))
        case "count":
            return parameter(name, _("true：同时给出总数。"), bool)
        case "region":
            return parameter(name, _("区、街道或社区的编号：只要它和它下面的。"), int)
        case "id":
            return parameter(name, _("编号，可以写多个，最多 100 个。"), int, many=True)
        case "edition":
            return parameter(name, _("第几版；不写是现行版本。"), int)
        case "as_of":
            return parameter(
                name, _("那一天有效的版本，例如 2022-06-20。"), {"type": "string", "format": "date"}
            )
    raise KeyError(name)


def of_filters(filterset_class: Any) -> Iterator[OpenApiParameter]:
    """The filters of a kind with their choices as they are today."""
    filterset = filterset_class({}, queryset=filterset_class._meta.model._default_manager.none())
    for name, field in filterset.form.fields.items():
        is_many = isinstance(field, forms.MultipleChoiceField | forms.ModelMultipleChoiceField)
        said = [str(field.label or name)]
        kind: Any = {"type": "string"}
        if isinstance(field, forms.ModelChoiceField):
            terms: Any = field.queryset
            found = terms.values_list(field.to_field_name, "name")
            said += [f"{slug} {label}" for slug, label in found]
        elif isinstance(field, forms.IntegerField):
            kind = {"type": "integer"}
        elif isinstance(field, forms.NullBooleanField):
            kind = {"type": "boolean"}
        elif isinstance(field, forms.DateField):
            kind = {"type": "string", "format": "date"}
        elif hasattr(field, "choices"):
            choices = [(str(value), str(label)) for value, label in field.choices if value != ""]
            kind = {"type": "string", **({"enum": [value for value, _l in choices]} if choices else {})}
            said += [f"{value} {label}" for value, label in choices]
        text = said[0] + ("：" + "，".join(said[1:]) if said[1:] else "")
        if name == "q":
            kind, text = {"type": "string", "maxLength": 100}, _("找这些字；几个词用空格隔开，都要有。")
        schema = {"type": "array", "items": kind} if is_many else kind
        explode = True if is_many else None
        yield OpenApiParameter(name, schema, OpenApiParameter.QUERY, description=text, explode=explode)


@dataclass(frozen=True)
class Description:
    """What is said of an address: ``name`` for programs, the rest for people; ``answer`` as a serializer."""

    name: str
    group: Any
    title: Any
    said: Any
    parameters: Sequence[OpenApiParameter]
    answer: Any
    has_tag: bool = True
    errors: Sequence[int] = ()  # statuses of refusals that others do not have


class ContentSchema(AutoSchema):
    """Describes the views of this room."""

    def get_operation_id(self) -> str:
        return self.view.described().name

    def get_tags(self) -> list[str]:
        return [str(self.view.described().group)]

    def get_description(self) -> str:
        return str(self.view.described().said)

    def get_summary(self) -> str:
        return str(self.view.described().title)

    def get_override_parameters(self) -> list[Any]:
        return list(self.view.described().parameters)

    def get_request_serializer(self) -> None:
        return None

    def get_response_serializers(self) -> dict[Any, Any]:
        refused = OpenApiResponse(ProblemDetails, description=_("说明哪里不对"))
        return {  # whatever goes wrong has the same shape
            (200, "application/json"): OpenApiResponse(self.view.described().answer, description=_("答案")),
            **(
                {304: OpenApiResponse(description=_("和您手里的一样"))}
                if self.view.described().has_tag
                else {}
            ),
            (404, MEDIA_TYPE): OpenApiResponse(ProblemDetails, description=_("没有找到")),
            (422, MEDIA_TYPE): refused,
            **{(status, MEDIA_TYPE): refused for status in self.view.described().errors},
        }


def page_of(name: str, serializer: Any) -> Any:
    """One page of rows."""
    return inline_serializer(
        name=f"{name}Page",
        fields={
            "count": serializers.IntegerField(required=False, help_text=_("总数，写了 count=true 才有")),
            "next": serializers.URLField(allow_null=True, help_text=_("下一页的网址，没有则为 null")),
            "results": serializer(many=True),
        },
    )
