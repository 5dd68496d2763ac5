"""Two people with one form open: the second to save reads what the first did, takes from it, and decides.

What differs is shown in three columns: as it was when the form was opened, as somebody saved it meanwhile,
and as it was typed. One click takes a field of the other into the form.
"""

import hashlib
import json
import re
from dataclasses import dataclass

from django.core.serializers.json import DjangoJSONEncoder
from django.forms.models import model_to_dict
from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from modelcluster.models import ClusterableModel
from wagtail.admin import messages
from wagtail.models import LockableMixin, RevisionMixin
from wagtail.snippets.views import snippets

from content_models.base.editions import Edition
from content_models.base.locks import said_of_lock

SEEN = re.compile(r"\b(addition|deletion)\b")  # how Wagtail marks what differs
TAKE, OPENED = "take", "opened_revision"
UNTOUCHED = "*"  # takes every field that only the other has changed


@dataclass(frozen=True)
class Difference:
    """One field, or the parts of one kind, that is not what somebody saved meanwhile."""

    name: str
    label: str
    opened: SafeString
    saved: SafeString
    typed: SafeString
    is_untouched: bool  # by the person whose form this is


def differences(panel, saved, typed, opened=None):
    """``[Difference]`` between what is saved and what was typed; ``opened`` is what both began with."""
    found = []
    for compare in panel.get_comparison():
        between = compare(saved, typed)
        # Rich text also differs by keys of its blocks, which nobody sees.
        if not between.has_changed() or not SEEN.search(shown(between)):
            continue
        first = opened if opened is not None else saved
        was, now = compare(first, saved), compare(first, typed)
        is_untouched = opened is not None and not (now.has_changed() and SEEN.search(shown(now)))
        columns = _whole(compare, opened), _side(was), _side(now)
        found.append(Difference(_name(between), between.field_label(), *columns, is_untouched))
    return found


def _name(compared):
    if compared.is_field:
        return compared.field.name
    return compared.field.get_accessor_name()


def _side(compared):
    """What one side has, with what it changed marked; without marks where it changed nothing."""
    return shown(compared) if compared.has_changed() else _plain(compared)


def _whole(compare, thing):
    return _plain(compare(thing, thing)) if thing is not None else format_html("{}", "—")


def _plain(compared):
    if compared.is_field:
        return format_html("{}", compared.htmldiff())
    return format_html_join("", "<div>{}</div>", ((str(part),) for part in compared.val_b.all()))


def shown(compared):
    """What differs in one field, or in the parts of one kind (materials, windows), as HTML."""
    if compared.is_field:
        return format_html("{}", compared.htmldiff())
    parts = [part for part in compared.get_child_comparisons() if part.has_changed()]
    return format_html_join("", '<div class="{}">{}</div>', [(_mark(part), _fields(part)) for part in parts])


def _mark(part):
    """Whether a part came or went, in Wagtail's words for it."""
    kind = "addition" if part.is_addition() else "deletion" if part.is_deletion() else ""
    return f"comparison__child-object {kind}".strip()


def _fields(part):
    fields = [each for each in part.get_field_comparisons() if each.has_changed()]
    return format_html_join("", "<p>{}：{}</p>", [(each.field_label(), each.htmldiff()) for each in fields])


def take(names, *, saved, typed):
    """Give ``typed`` these fields as they are ``saved``; nothing is stored by it."""
    for name in names:
        field = typed._meta.get_field(name)
        if field.one_to_many or field.many_to_many:
            getattr(typed, name).set(list(getattr(saved, name).all()))
        else:
            setattr(typed, field.attname, getattr(saved, field.attname))


def names_taken(asked, found):
    """Which of the differences ``found`` a click asked for."""
    if UNTOUCHED in asked:
        return [each.name for each in found if each.is_untouched]
    return [each.name for each in found if each.name in asked]


def said_of(revision):
    """Who saved it meanwhile, and when."""
    who = revision.user or _("系统")
    moment = formats.date_format(timezone.localtime(revision.created_at), "DATETIME_FORMAT")
    return _("%(who)s 在 %(moment)s 保存过。") % {"who": who, "moment": moment}


def opened_revision(thing, posted):
    """What the form of a request began with, as far as it is still known."""
    pk = posted.get(OPENED) or posted.get("loaded_revision_id") or ""
    return thing.revisions.filter(pk=pk).first() if pk.isascii() and pk.isdecimal() and len(pk) < 19 else None


def shown_as(found):
    """Differences as the template wants them."""
    return {"conflict": found, "has_untouched": any(each.is_untouched for each in found)}


def stamp_of(thing):
    """A value that any change of a thing without revisions gives another."""
    if isinstance(thing, ClusterableModel):
        said = thing.serializable_data()
    else:
        said = model_to_dict(thing)
        many = [field.name for field in thing._meta.many_to_many if field.editable]
        said |= {name: [each.pk for each in said[name]] for name in many}
    text = json.dumps(said, cls=DjangoJSONEncoder, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def fingerprint(thing):
    """A value that every change gives another: of the newest revision, and of an edition's rows."""
    revision = thing.latest_revision
    said = [f"{revision.pk} {revision.created_at.isoformat()}"] if revision is not None else []
    if isinstance(thing, Edition):
        rows = thing.rows.order_by("order", "pk").values_list("key", "order", "digest")
        said += [f"{key} {order} {digest}" for key, order, digest in rows.iterator(chunk_size=5000)]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


class SeesWhatOthersSaved(snippets.EditView):
    """The form of an edition's header, a banner or a word of the vocabulary, which never silently wins."""

    conflict = ()
    conflict_with = ""
    opened = None
    stamp = ""

    @property
    def keeps_revisions(self):
        return issubclass(self.model, RevisionMixin)

    def get_object(self, queryset=None):
        found = super().get_object(queryset)
        if self.request.method == "POST":
            # Whoever saves it at the same moment waits here, so that the second sees what the first did.
            self.model._default_manager.select_for_update(of=("self",)).filter(pk=found.pk).first()
            found = super().get_object(queryset)
        self.stamp = "" if self.keeps_revisions else stamp_of(self._stored(found.pk))
        return found

    def _stored(self, pk):
        return self.model._default_manager.get(pk=pk)

    @property
    def is_older(self):
        if self.keeps_revisions:
            return self.is_out_of_date
        return self.request.POST.get("stamp", self.stamp) != self.stamp

    def form_valid(self, form):
        asked = self.request.POST.getlist(TAKE)
        if (asked or self.is_older) and self.action != "cancel-workflow":
            answer = self._compare(form, asked)
            if answer is not None:
                return answer
        return super().form_valid(form)

    def _compare(self, form, asked):
        saved, typed = self._saved(), form.save(commit=False)
        revision = opened_revision(self.object, self.request.POST) if self.keeps_revisions else None
        opened = revision.as_object() if revision is not None else None
        panel = self.panel.get_bound_panel(instance=typed, request=self.request, form=None)
        found = differences(panel, saved, typed, opened)
        names = names_taken(asked, found)
        if names:
            take(names, saved=saved, typed=typed)
            found = differences(panel, saved, typed, opened)
        self.conflict, self.opened = found, revision
        if not (found or asked):
            return None
        if self.keeps_revisions and self.latest_revision:
            self.conflict_with = said_of(self.latest_revision)
        if asked:
            say_taken(self.request, names)
            self.object, self.form = typed, self.get_form_class()(instance=typed, for_user=self.request.user)
            return self.render_to_response(self.get_context_data(form=self.form))
        self.produced_error_code = "invalid_revision"
        self.produced_error_message = _(
            "没有保存：您打开之后，别人改过它。请对照列出的不同，再决定是否保存。"
        )
        return self.form_invalid(form)

    def _saved(self):
        stored = self._stored(self.object.pk)
        return stored.get_latest_revision_as_object() if self.keeps_revisions else stored

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        is_compared = bool(self.conflict or self.request.POST.getlist(TAKE))
        if is_compared:
            context |= {"conflict_with": self.conflict_with, "opened": self.opened} | shown_as(self.conflict)
        elif self.request.method == "POST":
            # Shown again for another reason: the form is as old as it was.
            for name in ("loaded_revision_created_at", "stamp"):
                if name in self.request.POST:
                    context[name] = self.request.POST[name]
            if self.keeps_revisions and self.is_out_of_date:
                context["opened"] = opened_revision(self.object, self.request.POST)
        if issubclass(self.model, LockableMixin):
            context["lock_said"] = said_of_lock(self.object)
        return {"stamp": self.stamp, "conflict_form": "w-editor-form"} | context


def say_taken(request, names):
    """One line on what a click brought into the form."""
    messages.success(request, _("已取用 %(count)d 处，还没有保存。") % {"count": len(names)})
