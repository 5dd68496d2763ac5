"""Who may do what with an edition: what they may do with the page it belongs to."""

from django.http import Http404
from django.utils.functional import cached_property
from wagtail.permission_policies.base import BasePermissionPolicy
from wagtail.permission_policies.pages import PagePermissionPolicy

# The right on the owner page that each action on an edition asks for.
PAGE_ACTIONS = {
    "add": {"change"},
    "change": {"change"},
    "delete": {"change"},
    "publish": {"publish"},
    "lock": {"lock"},
    "unlock": {"unlock"},
    "view": {"add", "change", "publish", "lock", "unlock"},
}


class EditionPermissionPolicy(BasePermissionPolicy):
    """Rights on editions of one model, read from the user's page permissions on the owners."""

    @cached_property
    def pages(self):
        return PagePermissionPolicy()

    def owners_for(self, user, action):
        """The pages whose editions ``user`` may ``action``, of the type that owns these editions."""
        owner = self.model._meta.get_field("owner").related_model
        pages = self.pages.instances_user_has_any_permission_for(user, _page_actions([action]))
        return owner.objects.filter(pk__in=pages.values("pk"))

    def user_has_permission(self, user, action):
        return self.user_has_any_permission(user, [action])

    def user_has_any_permission(self, user, actions):
        return user.is_authenticated and self.pages.user_has_any_permission(user, _page_actions(actions))

    def users_with_any_permission(self, actions):
        return self.pages.users_with_any_permission(_page_actions(actions))

    def user_has_permission_for_instance(self, user, action, instance):
        return user.is_authenticated and self.pages.user_has_any_permission_for_instance(
            user, _page_actions([action]), instance.owner
        )

    def instances_user_has_any_permission_for(self, user, actions):
        if user.is_superuser and user.is_active:
            return self.model.objects.all()
        pages = self.pages.instances_user_has_any_permission_for(user, _page_actions(actions))
        return self.model.objects.filter(owner__in=pages.values("pk"))

    def users_with_any_permission_for_instance(self, actions, instance):
        return self.pages.users_with_any_permission_for_instance(_page_actions(actions), instance.owner)


class RightsOnOneEdition(EditionPermissionPolicy):
    """The same rights, where "on some edition" means "on this one".

    Wagtail's views of single objects often ask only about the model; bound to the edition of the request,
    every such question is answered for that edition.
    """

    def __init__(self, edition):
        super().__init__(type(edition))
        self.edition = edition

    def user_has_any_permission(self, user, actions):
        return self.user_has_any_permission_for_instance(user, actions, self.edition)


class OfOneEdition:
    """Mixin for every view with an edition in its address: others' editions do not exist for the user."""

    def setup(self, request, *args, **kwargs):
        edition = self.model.objects.select_related("owner").filter(pk=_number(kwargs["pk"])).first()
        if edition is None:
            raise Http404
        rights = RightsOnOneEdition(edition)
        if not rights.user_has_permission(request.user, "view"):
            raise Http404
        self.edition, self.permission_policy = edition, rights
        super().setup(request, *args, **kwargs)

    def may(self, action):
        return self.permission_policy.user_has_permission(self.request.user, action)


def _number(text):
    """A primary key from an address; one address of Wagtail's lets any text pass."""
    text = str(text)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def _page_actions(actions):
    return set().union(*(PAGE_ACTIONS[action] for action in actions))
