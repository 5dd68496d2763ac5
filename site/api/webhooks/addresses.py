"""Where messages may go: public addresses by https alone, and networks that the operator names."""

from django.conf import settings
from django.utils.translation import gettext as _

from outside import addresses
from outside.addresses import Inside, Refused, Target, is_within, target_of


def check(url: str) -> None:
    """Raises Refused where nothing could be sent to ``url`` today."""
    places_of(target_of(url))


def places_of(target: Target) -> list[str]:
    """The addresses behind the target's name, all of which may be sent to. Raises Refused."""
    allowed = settings.WEBHOOK_ALLOW_PRIVATE
    try:
        places = addresses.places_of(target, allowed=allowed)
    except Inside as error:
        sentence = _("这个地址在内网或保留网段，不能发送。要发到内网，请让运维人员设置 %(setting)s。")
        raise Inside(sentence % {"setting": "WEBHOOK_ALLOW_PRIVATE"}) from error
    if target.scheme != "https" and not all(is_within(place, allowed) for place in places):
        raise Refused(_("要用 https:// 开头的地址，内容在路上才不会被改。"))
    return places
