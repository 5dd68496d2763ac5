"""Service guides in the terms of schema.org: GovernmentService, and FAQPage for their questions."""

from django.utils.translation import gettext as _
from wagtail.rich_text import get_text_for_indexing

from content_models.base.structured import coded, listed, place, publisher, thing
from content_models.guides.limits import LimitUnit
from content_models.places.structured import office

OFFICES = 20  # in full; a service that is offered at hundreds names the first of them


def guide_page(scene, page):
    return [service(scene, page), *questions(scene, page)]


def service(scene, page):
    """The service as it is for everybody, whichever community the reader chose."""
    address = scene.url(page)
    codes = [coded(page._meta.get_field(name).verbose_name, getattr(page, name)) for name in CODES]
    return thing(
        "GovernmentService",
        name=page.title,
        alternateName=[*filter(None, [page.full_name]), *page.everyday_names],
        description=description(page),
        url=address,
        identifier=listed(*codes),
        serviceType=str(page.item_type_label),
        provider=provider(scene, page),
        areaServed=place(scene, scene.region),
        audience=[
            *(thing("Audience", audienceType=audience.name) for audience in page.audience_list),
            *(thing("Audience", audienceType=str(label)) for label in page.service_objects_labels),
        ],
        serviceOutput=thing("Thing", name=page.result_name) if page.result_name else None,
        termsOfService=f"{address}#conditions",
        # What is suspended or cancelled has no way to apply.
        availableChannel=[] if page.unavailable_text else channels(scene, page),
    )


CODES = ["base_code", "impl_code", "handle_item_code"]


def description(page):
    text = page.summary or get_text_for_indexing(page.conditions)
    return " ".join(filter(None, [page.unavailable_text, text]))


def provider(scene, page):
    if page.department is None:
        return publisher(scene)
    return thing("GovernmentOrganization", name=page.department.name)


def channels(scene, page):
    """The counter, and the ways online."""
    counter = thing(
        "ServiceChannel",
        name=_("窗口办理"),
        description=limit(page),
        processingTime=duration(page),
        servicePhone=[
            thing("ContactPoint", contactType=_("咨询电话"), telephone=page.consult_phone),
            thing("ContactPoint", contactType=_("监督投诉"), telephone=page.complaint_phone),
        ],
        serviceLocation=[office(scene, found) for found, _state in scene.context.get("places", [])[:OFFICES]],
    )
    online = [(_("到网上办理"), page.online_url), (_("用手机办理"), page.mobile_url)]
    return [counter] + [
        thing("ServiceChannel", name=name, serviceUrl=address, processingTime=duration(page))
        for name, address in online
        if address
    ]


def limit(page):
    return _("承诺时限：%(limit)s") % {"limit": page.promised_limit} if page.promised_limit else ""


def duration(page):
    """The promised limit as a duration, which knows no working days: those are told in words alone."""
    if page.promised_days is None or (page.promised_days and page.promised_unit != LimitUnit.DAYS):
        return ""
    return f"P{page.promised_days}D"


def questions(scene, page):
    asked = [
        thing(
            "Question",
            name=faq.question,
            acceptedAnswer=thing("Answer", text=get_text_for_indexing(faq.answer)),
        )
        for faq in page.faq_list
    ]
    return [thing("FAQPage", url=scene.url(page), mainEntity=asked)] if asked else []
