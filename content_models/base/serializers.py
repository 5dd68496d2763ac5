"""What other systems read of content: serializers that declare the answer once, for programs and docs alike.

They only show, and are made once for each thread: what differs from answer to answer is in an ``Answer``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter, itemgetter
from typing import Any, ClassVar
from urllib.parse import quote

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from wagtail.models import Site

from content_models.base import codes
from content_models.base.fields import unpack
from content_models.base.managers import is_restricted
from content_models.base.rendered import Bodies, document_data, image_data

PLAIN = (serializers.CharField, serializers.IntegerField, serializers.BooleanField, serializers.ListField)
LINK_CELLS = ("id", "title", "url_path", "path", "live")
Read = Callable[[Any], Any]


class Addresses:
    """Addresses of this site that hold everywhere; ``base`` is https://www.example.gov.cn."""

    def __init__(self, base: str) -> None:
        self.base = base.rstrip("/")
        self.root = self.base + reverse("wagtail_serve", args=[""])
        self.trees = [root.root_path for root in Site.get_site_root_paths()]
        self.document = reverse("wagtaildocs_serve", args=[0, "-"]).rpartition("0/-")[0]
        self.pages: dict[str, str] = {}

    def absolute(self, address: str) -> str:
        return self.base + address if address.startswith("/") else address

    def page(self, url_path: str) -> str:
        """Where residents read the page at ``url_path`` of the tree."""
        if url_path not in self.pages:
            tree = next((tree for tree in self.trees if url_path.startswith(tree)), None)
            self.pages[url_path] = "" if tree is None else self.root + quote(url_path[len(tree) :])
        return self.pages[url_path]

    def file(self, key: int, name: str) -> str:
        return f"{self.base}{self.document}{key}/{quote(name)}"


@dataclass
class Answer:
    """What all parts of one answer share: ``root`` is where the API begins."""

    addresses: Addresses
    root: str

    def __post_init__(self) -> None:
        self.bodies = Bodies(self.addresses.absolute)
        self.codes = codes.table()


class PublicSerializer(serializers.Serializer):
    """Reads objects by getters that are made once, where the framework would ask each field each time."""

    answer: Answer

    def begin(self, answer: Answer) -> None:
        """Work for this answer from now on."""
        self.answer = answer
        for nested in self._nested:
            nested.begin(answer)

    def show(self, instance: Any, only: frozenset[str] | None = None) -> dict[str, Any]:
        """The instance as plain data, all of it or these fields."""
        return {name: read(instance) for name, read in self._readers if only is None or name in only}

    def to_representation(self, instance: Any) -> Any:
        return self.show(instance)

    @cached_property
    def _nested(self) -> list["PublicSerializer"]:
        fields = (getattr(field, "child", field) for field in self.fields.values())
        return [field for field in fields if isinstance(field, PublicSerializer)]

    @cached_property
    def _readers(self) -> list[tuple[str, Read]]:
        return [(name, self._reader(field)) for name, field in self.fields.items()]

    def _reader(self, field: Any) -> Read:
        if field.source == "*":
            return field.to_representation
        get = self._getter(field)
        if type(field) in PLAIN:
            return get
        show = field.to_representation

        def read(instance: Any) -> Any:
            value = get(instance)
            return None if value is None else show(value)

        return read

    def _getter(self, field: Any) -> Read:
        if isinstance(getattr(field, "child", None), Part):
            return lambda page: page.parts.get(field.source, ())
        return attrgetter(field.source)


class Text(PublicSerializer):
    """A rich text: for front ends with an HTML renderer, for those without, and for none at all."""

    html = serializers.CharField(help_text=_("不带样式的 HTML，链接是完整网址"))
    text = serializers.CharField(help_text=_("纯文字，一段一行"))
    blocks = serializers.ListField(child=serializers.DictField(), help_text=_("段落、小标题和列表，一项一项"))

    def to_representation(self, instance: str) -> dict[str, Any]:
        return self.answer.bodies.text(instance)


class Body(PublicSerializer):
    """The body of a page."""

    html = serializers.CharField(help_text=_("不带样式的 HTML"))
    blocks = serializers.ListField(
        child=serializers.DictField(), help_text=_("heading、text、image、table、attachment 各块的数据")
    )

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return self.answer.bodies.add(instance.raw_data)


class Coded(PublicSerializer):
    """A code with its label."""

    code = serializers.CharField(help_text=_("代码，不随名称改变"))
    label = serializers.CharField(help_text=_("名称"))

    def __init__(self, *args: Any, code_list: str = "", choices: Any = None, **kwargs: Any) -> None:
        kwargs.setdefault("allow_null", True)
        super().__init__(*args, **kwargs)
        self.code_list, self.choices = code_list, choices
        self.labels: Mapping[Any, str] = {}

    def begin(self, answer: Answer) -> None:
        if self.choices is not None:  # in the language of the answer
            self.labels = {code: str(label) for code, label in self.choices.choices}
        else:
            self.labels = answer.codes.get(self.code_list, {})

    def to_representation(self, instance: Any) -> dict[str, Any] | None:
        if instance in ("", None):
            return None
        return {"code": str(instance), "label": self.labels.get(instance, str(instance))}


class Lines(serializers.ListField):
    """A list of short texts."""

    child = serializers.CharField()

    def to_representation(self, data: Any) -> list[str]:
        return unpack(data)


class Clock(serializers.CharField):
    """A time of day as 09:00."""

    def to_representation(self, value: Any) -> str:
        return str(value)[:5]


class Part(PublicSerializer):
    """A row that belongs to a page, read as cells by name: see ``parts``."""

    # Cells that are not read but made of others.
    made: ClassVar[tuple[str, ...]] = ()

    def _getter(self, field: Any) -> Read:
        if hasattr(field, "of_cells"):
            return itemgetter(*field.cells)
        get = itemgetter(field.source)
        if isinstance(field, serializers.BooleanField):
            return lambda row: bool(get(row))  # SQLite keeps no truth values in JSON
        return get

    def _reader(self, field: Any) -> Read:
        if hasattr(field, "of_cells"):
            get, show = self._getter(field), field.of_cells
            return lambda row: show(*get(row))
        return super()._reader(field)

    def cells(self) -> list[str]:
        """The lookups whose values a row has to have."""
        found = []
        for field in self.fields.values():
            found += getattr(field, "cells", None) or [field.source]
        return [name for name in dict.fromkeys(found) if name not in (*self.made, "*")]


class SharedPart(Part):
    """A row that many pages of one answer share, as offices and topics: made once for all."""

    def begin(self, answer: Answer) -> None:
        super().begin(answer)
        self.made_before: dict[Any, dict[str, Any]] = {}

    def to_representation(self, instance: Any) -> dict[str, Any]:
        key = instance[self.identity]
        if key not in self.made_before:
            self.made_before[key] = self.show(instance)
        return self.made_before[key]

    identity = "id"


class PagePart(SharedPart):
    """A page that goes with this one."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    url = serializers.SerializerMethodField()

    def cells(self) -> list[str]:
        return [*super().cells(), "url_path"]

    def get_url(self, row: dict[str, Any]) -> str:
        return self.answer.addresses.page(row["url_path"])


class Document(PublicSerializer):
    """A file to download."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    url = serializers.URLField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("allow_null", True)
        super().__init__(*args, **kwargs)

    @property
    def cells(self) -> list[str]:
        return [f"{self.source}_id", f"{self.source}__title", f"{self.source}__file"]

    def of_cells(self, key: int | None, title: str, file: Any) -> dict[str, Any] | None:
        if key is None:
            return None
        name = str(file).rpartition("/")[2]
        return {"id": key, "title": title, "url": self.answer.addresses.file(key, name)}

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return document_data(instance, self.answer.addresses.absolute)


class Image(PublicSerializer):
    """A picture with what it shows, for people who do not see it."""

    url = serializers.URLField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    alt = serializers.CharField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("allow_null", True)
        super().__init__(*args, **kwargs)

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return image_data(instance, self.answer.addresses.absolute, alt=instance.default_alt_text)


class PageLink(PublicSerializer):
    """A page of this site: its number, by which the API has it too, its title and its address."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    url = serializers.URLField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("allow_null", True)
        super().__init__(*args, **kwargs)

    @property
    def cells(self) -> list[str]:
        return [f"{self.source}__{name}" for name in LINK_CELLS]

    def of_cells(
        self, key: int | None, title: str, url_path: str, path: str, is_live: bool
    ) -> dict[str, Any] | None:
        if not key or not is_live or is_restricted(path):
            return None
        address = self.answer.addresses.page(url_path)
        return {"id": key, "title": title, "url": address} if address else None

    def to_representation(self, instance: Any) -> dict[str, Any] | None:
        return self.of_cells(*(getattr(instance, name) for name in LINK_CELLS))


class CellsLink(PageLink):
    """The same of a page of which only these cells were read."""

    def to_representation(self, instance: Any) -> dict[str, Any] | None:
        return self.of_cells(*(instance[name] for name in LINK_CELLS))


class Term(PublicSerializer):
    """A topic or an audience: ``slug`` is what filters take."""

    slug = serializers.CharField()
    name = serializers.CharField()


class DepartmentLink(PublicSerializer):
    """The department in charge: ``code`` is what filters take."""

    code = serializers.CharField()
    name = serializers.CharField()
    short_name = serializers.CharField()
    uscc = serializers.CharField(help_text=_("统一社会信用代码"))
    phone = serializers.CharField()


class PageSerializer(PublicSerializer):
    """What every page says of itself."""

    id = serializers.IntegerField(source="pk", help_text=_("编号，不会变"))
    kind = serializers.CharField(help_text=_("哪一类内容"))
    api_url = serializers.SerializerMethodField(help_text=_("这一条自己的接口网址"))
    url = serializers.SerializerMethodField(help_text=_("居民看到的网页"))
    slug = serializers.CharField(help_text=_("网址名"))
    title = serializers.CharField()
    region = CellsLink(source="region_cells", help_text=_("所属的区、街道或社区"))
    checked_on = serializers.DateField(allow_null=True, help_text=_("最近核对日期"))
    first_published_at = serializers.DateTimeField(allow_null=True)
    last_published_at = serializers.DateTimeField(allow_null=True)

    def get_api_url(self, page: Any) -> str:
        return f"{self.answer.root}{page.kind}/{page.pk}/"

    def get_url(self, page: Any) -> str:
        return self.answer.addresses.page(page.url_path)
