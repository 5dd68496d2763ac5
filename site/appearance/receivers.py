"""Who changed the district's look is noted, as of everything that residents see."""

from typing import Any

from django.db.models.signals import post_save
from wagtail.log_actions import get_active_log_context

from appearance.middleware import wear_theme_in_preview
from appearance.models import DistrictLook
from content_models.base.signals import page_previewed
from staff import audit


def on_look_saved(sender: Any, instance: DistrictLook, created: bool, **kwargs: Any) -> None:
    """Note the look as it is now; the empty one that stands behind a form is nothing to note."""
    if kwargs.get("raw") or (created and not instance.is_chosen):
        return
    audit.record(
        "change_look",
        instance,
        by=get_active_log_context().user,
        brand=instance.brand,
        accent=instance.accent,
        logo=instance.logo.title if instance.logo else "",
        picture=instance.header_picture.title if instance.header_picture else "",
    )


def connect() -> None:
    post_save.connect(on_look_saved, DistrictLook, dispatch_uid="appearance.look_saved")
    page_previewed.connect(wear_theme_in_preview, dispatch_uid="appearance.previewed")
