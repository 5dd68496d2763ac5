"""Things with draft, review, lock and schedule that are not pages: editions and banners."""

from django.db import models
from wagtail.actions.unpublish import UnpublishAction
from wagtail.models import DraftStateMixin, LockableMixin, RevisionMixin, WorkflowMixin

from content_models.base.checks import field_problems, require_publishable


class Publishable(WorkflowMixin, DraftStateMixin, LockableMixin, RevisionMixin, models.Model):
    """Wagtail's draft, workflow, lock and schedule, with our own rules before anything goes public.

    Rights are asked by the views: they hang on a page (an edition's owner) or a model, not on the thing.
    """

    class Meta:
        abstract = True

    def publish_problems(self):
        """Sentences that say why this may not go public; empty when it may."""
        return field_problems(self)

    def publish(self, revision, *args, **kwargs):
        require_publishable(revision.as_object())
        return super().publish(revision, *args, **{**kwargs, "skip_permission_checks": True})

    def unpublish(self, set_expired=False, commit=True, user=None, log_action=True):
        UnpublishAction(
            self, set_expired=set_expired, commit=commit, user=user, log_action=log_action
        ).execute(skip_permission_checks=True)
