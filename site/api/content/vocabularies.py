"""The words that filters and codes are made of, kept by editors."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers

from api.content import asked as questions
from api.content.schema import Description, common
from api.content.views import PublicView
from content_models.base.models import Audience, Code, Topic
from content_models.base.serializers import DepartmentLink, Term
from content_models.places.models import Department
from content_models.policy_lists.models import ListType


class CodeSerializer(serializers.Serializer):
    code = serializers.CharField()
    label = serializers.CharField()


class CodeListSerializer(serializers.Serializer):
    name = serializers.CharField()
    label = serializers.CharField()
    codes = CodeSerializer(many=True)


class Vocabularies(PublicView):
    """Topics, audiences, departments, types of lists and code lists."""

    @classmethod
    def described(cls) -> Description:
        return Description(
            name="vocabularies",
            group=_("词表"),
            title=_("主题、人群、部门和代码表"),
            said=_("筛选参数和代码用到的词，由编辑维护。"),
            parameters=[common("lang")],
            answer=inline_serializer(
                "Vocabularies",
                {
                    "topics": Term(many=True),
                    "audiences": Term(many=True),
                    "list_types": Term(many=True),
                    "departments": DepartmentLink(many=True),
                    "code_lists": CodeListSerializer(many=True),
                },
            ),
        )

    def answer(self, request: Any, **place: Any) -> Any:
        questions.refuse_unknown(self.given, ["lang"])
        codes: dict[str, list[dict[str, str]]] = {name: [] for name in Code.CodeList.values}
        for row in Code.objects.all():
            codes.setdefault(row.code_list, []).append({"code": row.code, "label": row.label})
        labels = dict(Code.CodeList.choices)
        return {
            "topics": Term(Topic.objects.all(), many=True).data,
            "audiences": Term(Audience.objects.all(), many=True).data,
            "list_types": Term(ListType.objects.all(), many=True).data,
            "departments": DepartmentLink(Department.objects.all(), many=True).data,
            "code_lists": [
                {"name": name, "label": str(labels.get(name, name)), "codes": rows}
                for name, rows in codes.items()
            ],
        }
