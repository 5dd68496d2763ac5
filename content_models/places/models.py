from content_models.places.calendar import CalendarDay, CalendarYear
from content_models.places.channels import OfficeChannel
from content_models.places.departments import Department
from content_models.places.offices import OfficeHours, OfficePage, OfficeSpecialDay, OfficeWindow
from content_models.places.pauses import OfficePause
from content_models.places.regions import RegionPage

__all__ = [
    "CalendarDay",
    "CalendarYear",
    "Department",
    "OfficeChannel",
    "OfficeHours",
    "OfficePage",
    "OfficePause",
    "OfficeSpecialDay",
    "OfficeWindow",
    "RegionPage",
]
