from .calendar import CalendarDay, CalendarYear
from .channels import OfficeChannel
from .departments import Department
from .offices import OfficeHours, OfficePage, OfficeSpecialDay, OfficeWindow
from .regions import RegionPage

__all__ = [
    "CalendarDay",
    "CalendarYear",
    "Department",
    "OfficeChannel",
    "OfficeHours",
    "OfficePage",
    "OfficeSpecialDay",
    "OfficeWindow",
    "RegionPage",
]
