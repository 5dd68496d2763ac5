"""Two streets with communities, everybody who works there, and secrets in each place for some to read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.test import Client
from wagtail.admin.models import EditingSession
from wagtail.contrib.redirects.models import Redirect
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import (
    Collection,
    CollectionViewRestriction,
    Comment,
    Page,
    PageViewRestriction,
    Site,
    TaskState,
    Workflow,
)

from api import previews, tokens
from api.models import Delivery, Webhook
from appearance.models import TraditionalName
from care.models import Link, LinkUse
from content_models.catalogue import KINDS
from content_models.certificates.models import Certificate
from content_models.home.models import SiteSettings
from content_models.notices.models import NoticeChannel
from content_models.policy_lists.models import ListChannel
from feedback import reports, usefulness
from imports.models import ImportRun
from procedures.defaults import make_defaults
from procedures.models import Case, CaseFile, Note
from publishing.bundles.models import Bundle, content_type_of
from publishing.publish import publish
from quality.models import Override
from search.models import Missing, SynonymGroup
from staff import audit
from staff.models import User
from tests import factories
from tests.factories import column
from tests.imports.walk import checked

ADMINISTRATOR, AUDITOR, VISITOR = "administrator", "auditor", "visitor"
IN_STREET = {"street_editor", "importer", "reviewer"}
# Whom a secret of each place is open to, beside the district's editors and administrators.
PLACES: Mapping[str, set[str]] = {
    "home": set(),
    "own street": IN_STREET,
    "own community": IN_STREET | {"community_editor"},
    "neighbour": IN_STREET,
    "other street": set(),
    "other community": set(),
}
ROLES = [
    "community_editor",
    "street_editor",
    "district_editor",
    "importer",
    "reviewer",
    AUDITOR,
    ADMINISTRATOR,
]
EVERYBODY = [VISITOR, "without_post", *ROLES]
ABOVE = {"district_editor", ADMINISTRATOR}
AUDIT = {AUDITOR, ADMINISTRATOR}  # who look at what everybody did
EDITORS = {*ROLES} - {AUDITOR}


KINDS_OF = {kind.model._meta.model_name: kind.name for kind in KINDS.values()}


@dataclass(frozen=True)
class Thing:
    """Something that addresses name: its arguments, and who works on it."""

    kind: str  # as declarations call it
    place: str  # where it is, or whose it is
    is_draft: bool
    arguments: Mapping[str, Any]

    def is_open_to(self, role: str) -> bool:
        return role in ABOVE or role in PLACES[self.place]


@dataclass
class World:
    """What stands, who is there, and which words nobody else may read."""

    things: dict[str, list[Thing]] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    secrets: dict[str, set[str]] = field(default_factory=dict)  # word: roles that may read it

    def add(self, name: str, place: str = "home", /, *, is_draft: bool = False, **arguments: Any) -> None:
        self.things.setdefault(name, []).append(Thing(name, place, is_draft, arguments))

    def secret(self, name: str, *roles: str) -> str:
        """A word that only these roles may read, to plant somewhere."""
        word = f"秘而不宣{len(self.secrets)}号{name}"
        self.secrets[word] = set(roles)
        return word

    def of(self, place: str) -> str:
        """The word of a place, which stands in every draft there."""
        found = [word for word in self.secrets if word.endswith(place)]
        return found[0] if found else self.secret(place, *PLACES[place], *ABOVE)

    def client(self, role: str) -> Client:
        client = Client(raise_request_exception=False)
        if role != VISITOR:
            client.force_login(self.people[role])
        return client

    def told_wrongly(self, role: str, text: str) -> list[str]:
        """Secrets in an answer that this role may not read."""
        if "秘而不宣" not in text:
            return []
        return [word for word, roles in self.secrets.items() if word in text and role not in roles]


def make() -> World:
    """Everything at once; what it writes is undone by whoever asked for it."""
    world = World()
    home = factories.home()
    own, other = factories.street("中华街道"), factories.street("八大湖街道")
    pages = {
        "home": home,
        "own street": own,
        "own community": factories.community("江苏路社区", under=own),
        "neighbour": factories.community("桃苑社区", under=own),
        "other street": other,
        "other community": factories.community("海安社区", under=other),
    }
    _people(world, pages)
    author = factories.user("street_editor", other, username="bystander")
    office = factories.office(under=pages["own community"])
    guide = publish(factories.guide("公开的指南", offices=[office]))
    for place, page in pages.items():
        _place(world, place, page, author, guide, office)
    _editions_of_the_district(world)
    _hidden(world, home)
    _belongings(world, author, other)
    link = previews.make(guide, by=world.people[ADMINISTRATOR], lifetime=timedelta(days=1))
    world.add("preview links", text=link)
    SiteSettings.objects.get_or_create(site=Site.objects.get())
    _shared(world)
    _cases(world, pages, author)
    _feedback(world, pages)
    return world


def _people(world: World, pages: Mapping[str, Any]) -> None:
    place = {"community_editor": "own community", "district_editor": "home"}
    for role in ROLES:
        under = None if role in (ADMINISTRATOR, AUDITOR) else pages[place.get(role, "own street")]
        world.people[role] = factories.user(role, under, username=role)
    world.people["without_post"] = factories.user(username="without_post")


def _place(world: World, place: str, page: Any, author: User, guide: Any, office: Any) -> None:
    """A region with a live page that is being changed, and drafts of every kind that can stand in it."""
    word = world.of(place)
    _page(world, place, page)
    world.add("regions", place, parent_page_id=page.pk, pk=page.pk)
    draft = factories.office(f"场所{word}", under=page, live=False, address=word)
    _page(world, place, draft, is_draft=True)
    link = Link.objects.create(address=word, digest=place, state=Link.State.DEAD)
    kind = ContentType.objects.get_for_model(page)
    LinkUse.objects.create(link=link, page_id=page.pk, content_type=kind, object_id=page.pk, field=word)
    world.add("dead links", place, pk=link.pk)
    if place != "home":
        edition = factories.provision_edition(page, title=f"版本{word}")
        row = factories.provision(edition, guide, office=office, note=word)
        _edition(world, place, edition, row, "provision editions")
    if "community" in place or place == "neighbour":
        return
    channel = factories.channel(NoticeChannel, page)
    changed = publish(factories.notice("已发布的公告", under=channel))
    changed.title, changed.publisher = f"改到一半{word}", word
    changed.save_revision(user=author, log_action=True)
    _page(world, place, changed)
    notice = factories.notice(f"公告{word}", under=channel, live=False)
    notice.save_revision(user=author, log_action=True)
    Comment.objects.create(page=notice, user=author, text=word, contentpath="title", position="")
    Workflow.objects.get().start(factories.fresh(notice), author)
    _page(world, place, notice, is_draft=True)
    let_pass = Override.objects.create(
        content_type=ContentType.objects.get_for_model(notice), object_id=str(notice.pk), finding="x",
        message=word, reason=word, by=author,
    )  # fmt: skip
    world.add("overrides", place, is_draft=True, pk=let_pass.pk)
    _bundle(world, place, notice)
    lists = factories.channel(ListChannel, page)
    columns = [column("事项", is_title=True), column("经办人", is_public=False)]
    policy_list = factories.policy_list("公开的清单", under=lists, columns=columns)
    factories.list_edition(policy_list, [{"事项": "甲", "经办人": f"内部栏目{word}"}], published=True)
    edition = factories.list_edition(policy_list, [{"事项": f"条目{word}"}], title=f"版本{word}")
    _edition(world, place, edition, edition.rows.get(), "list editions")
    world.add("lists", place, pk=policy_list.pk)


def _page(world: World, place: str, page: Any, *, is_draft: bool = False) -> None:
    """A page with two revisions, as the arguments that addresses call it by."""
    first = page.latest_revision or page.save_revision()
    state = TaskState.objects.filter(workflow_state__object_id=str(page.pk)).first()
    parent = page.get_parent()
    kind = type(page)._meta
    names = ("pk", "page_id", "page_pk", "parent_page_id", "page_to_move_id", "_0", "object_id")
    world.add(
        "pages", place, is_draft=is_draft, **dict.fromkeys(names, page.pk),
        revision_id=first.pk, revision_id_a=first.pk, revision_id_b="latest", _1=first.pk, _2="latest",
        destination_id=parent.pk, task_state_id=state.pk if state else 0,
        task_id=state.task_id if state else 0, workflow_state_id=state.workflow_state_id if state else 0,
        workflow_pk=Workflow.objects.get().pk, action_name="approve",
        content_type_app_name=kind.app_label, content_type_model_name=kind.model_name,
        reference=page.pk, kind=KINDS_OF.get(kind.model_name, "pages"), app_label=kind.app_label,
        model_name=kind.model_name,
    )  # fmt: skip

    world.add("paths", place, is_draft=is_draft, _0=(page.relative_url(None) or "/")[1:])


def _edition(world: World, place: str, edition: Any, row: Any, kind: str) -> None:
    first = edition.save_revision(clean=False)
    world.add(
        kind, place, is_draft=True, pk=edition.pk, row=row.pk, revision_id=first.pk, revision_id_a=first.pk,
        revision_id_b=first.pk, task_state_id=0, workflow_state_id=0, action_name="approve",
    )  # fmt: skip


def _bundle(world: World, place: str, notice: Any) -> None:
    """A bundle with a draft of the place; not by its verbs, whose record auditors read."""
    bundle = Bundle.objects.create(name=f"一批{world.of(place)}", made_by=world.people[ADMINISTRATOR])
    item = bundle.items.create(
        content_type=content_type_of(type(notice)), object_id=notice.pk, label=notice.title, position=1
    )
    world.add(
        "bundles", place, is_draft=True, pk=bundle.pk, item=item.pk, kind=item.content_type_id,
        object=notice.pk,
    )  # fmt: skip


def _editions_of_the_district(world: World) -> None:
    word = world.of("home")
    page = factories.certificate_list()
    first = factories.certificate_edition(page, published=True)
    draft = first.new_draft(title=f"版本{word}")
    item = factories.certificate_item(draft, name=f"证明{word}")
    _edition(world, "home", draft, item, "certificate editions")
    world.add("certificates", pk=Certificate.objects.order_by("pk").values_list("pk", flat=True)[0])
    banner = factories.banner(f"横幅{world.secret('banner', *ABOVE)}", published=False)
    revision = banner.save_revision()
    world.add(
        "banners", is_draft=True, pk=banner.pk, revision_id=revision.pk, revision_id_a=revision.pk,
        revision_id_b=revision.pk, task_state_id=0, workflow_state_id=0, action_name="approve",
    )  # fmt: skip


def _hidden(world: World, home: Any) -> None:
    """Live, and yet not for visitors: pages behind a login, internal lists, a closed collection."""
    staff = [role for role in EVERYBODY if role != VISITOR]
    word = world.secret("private", *staff)
    street = factories.street(f"不公开的街道{word}")
    channel = factories.channel(NoticeChannel, street)
    channel.title = f"栏目{word}"
    channel.save()
    notice = factories.notice(f"公告{word}", under=channel)
    restriction = PageViewRestriction.objects.create(page=street, restriction_type="login")
    for page in (street, channel, notice):
        _page(world, "other street", page)
    world.add("restrictions", page_view_restriction_id=restriction.pk, page_id=street.pk)
    internal = factories.policy_list(f"内部清单{world.secret('internal', *staff)}", is_internal=True)
    factories.list_edition(internal, [{"事项名称": world.secret("internal row", *staff)}], published=True)
    _page(world, "home", internal)
    closed = Collection.get_first_root_node().add_child(name="内部文件")
    shut = CollectionViewRestriction.objects.create(collection=closed, restriction_type="login")
    document = Document(title=f"文件{world.secret('document', *staff)}", collection=closed)
    document.file.save("closed.txt", ContentFile(world.secret("document text", *staff).encode()))
    world.add("documents", document_id=document.pk, doc_id=document.pk, _0=document.pk, _1="closed.txt",
              pk=document.pk, uploaded_file_id=document.pk, document_filename="closed.txt")  # fmt: skip
    world.add("restrictions of files", restriction_id=shut.pk)
    image = Image.objects.create(title="图片", file=get_test_image_file())
    world.add(
        "images",
        image_id=image.pk,
        pk=image.pk,
        filter_spec="original",
        uploaded_file_id=image.pk,
        path=image.file.name,
    )
    world.add("collections", pk=closed.pk, collection_id=closed.pk)


def _belongings(world: World, author: User, other: Any) -> None:
    """What one person alone sees, whatever others may do: runs, tokens, sessions; and the administrators'."""
    word = world.secret("run", *AUDIT)
    page = factories.policy_list("给别人导入的清单", under=factories.channel(ListChannel, other))
    run = checked("lists", f"编号,事项名称,类别\na,{word},乙\n", by=author, into=page)
    ImportRun.objects.filter(pk=run.pk).update(file_name=f"{word}.csv", message=word)
    world.add("runs", "other street", pk=run.pk)
    token, _text = tokens.make(
        author, name=world.secret("token", *AUDIT), scopes=["imports"], lifetime=timedelta(days=9)
    )
    world.add("tokens", "other street", pk=token.pk)
    kind = ContentType.objects.get_for_model(Page)
    session = EditingSession.objects.create(
        user=author, content_type=kind, object_id=str(other.pk), last_seen_at=run.created_at
    )
    world.add("sessions", "other street", session_id=session.pk, app_label="wagtailcore", model_name="page",
              object_id=other.pk)  # fmt: skip
    word = world.secret("webhook", ADMINISTRATOR)
    webhook = Webhook.objects.create(name=word, url=f"https://{'x'}.example/{word}", created_by=author)
    delivery = Delivery.objects.create(webhook=webhook, message_id="msg", payload=word, response=word)
    world.add("webhooks", pk=webhook.pk, delivery=delivery.pk)
    entry_of = audit.record("publish", other, by=author, note=world.secret("audit", *AUDIT))
    world.add("audit", pk=entry_of.pk)
    author.phone = world.secret("phone", ADMINISTRATOR)
    author.save()
    world.add("users", pk=author.pk)
    world.add("groups", pk=author.groups.get().pk)
    world.add("posts", pk=author.posts.get().pk)


def _feedback(world: World, pages: Mapping[str, Any]) -> None:
    """What residents said of places: of each, those who publish there read it, and nobody else."""
    certificate = factories.certificate("住改商证明")
    for place, page in pages.items():
        publishers = (PLACES[place] - {"importer", "reviewer"}) | ABOVE
        office = factories.office(f"{page.title}的场所", under=page)
        word = world.secret(f"resident of {place}", *publishers)
        report = reports.take(certificate, unit=office.title, said=word, contact=word)
        world.add("demand reports", place, pk=report.pk)
        usefulness.note(usefulness.rated(office.pk), is_useful=False, text=word)
        world.add("judged pages", place, page_id=office.pk)
    nowhere = reports.take(certificate, unit="不知道哪里", said=world.secret("resident of nowhere", *ABOVE))
    owner, key = certificate.owner_id, certificate.key
    world.add("feedback", list_id=owner, page_id=owner, key=key, code=nowhere.code)


def _shared(world: World) -> None:
    """Vocabulary, and what residents wrote, which the district's editors look after."""
    message = Missing.objects.create(message=world.secret("message", *EDITORS))
    world.add("messages", pk=message.pk)
    world.add("redirects", redirect_id=Redirect.add_redirect("/alt", "/neu").pk)
    site = Site.objects.get()
    world.add("sites", pk=site.pk)
    world.add("settings", pk=site.pk)
    workflow = Workflow.objects.get()
    task = workflow.tasks.get()
    world.add(
        "workflows", pk=workflow.pk, page_pk=site.root_page_id, workflow_pk=workflow.pk, task_id=task.pk
    )
    world.add("data sets", name="guides", edition="latest", form="csv")
    first = SynonymGroup.objects.order_by("pk").values_list("pk", flat=True)[0]
    TraditionalName.objects.create(pk=first, name="范", traditional="范")
    world.add("synonyms", pk=first)


def _cases(world: World, pages: Mapping[str, Any], author: User) -> None:
    """A rating of each place that was returned to whoever wrote it, with a remark and a file."""
    rating = next(each for each in make_defaults() if each.is_rating)
    for place, page in pages.items():
        word = world.of(place)
        case = Case(procedure=rating, place=page.page_ptr, title=f"评定{word}", state=Case.State.RETURNED)
        case.created_by, case.year = author, 2026
        case.save()
        case.save_revision(user=author)
        Note.objects.create(case=case, by=author, text=word)
        file = ContentFile(word.encode(), "a.txt")
        kept = CaseFile.objects.create(case=case, by=author, name=f"{word}.txt", file=file)
        world.add("cases", place, pk=case.pk, file=kept.pk)
    world.add("procedures", pk=rating.pk, procedure=rating.pk)
