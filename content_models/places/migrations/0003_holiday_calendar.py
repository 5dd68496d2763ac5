"""Holidays and worked weekends of the years that chinesecalendar knows; staff keep the calendar from here on."""

import chinese_calendar
from django.db import migrations


def fill(apps, schema_editor):
    year_model = apps.get_model("places", "CalendarYear")
    day_model = apps.get_model("places", "CalendarDay")
    constants = chinese_calendar.constants
    names = {day: constants.Holiday(name).chinese for day, name in constants.holidays.items()}
    known = sorted({day.year for day in names if day.year >= 2024})
    years = {
        year: year_model.objects.create(year=year, document="国务院办公厅节假日安排通知") for year in known
    }
    rows = [
        day_model(calendar_year=years[day.year], on=day, kind="holiday", name=name)
        for day, name in sorted(names.items())
        if day.year in years
    ]
    rows += [
        day_model(
            calendar_year=years[day.year],
            on=day,
            kind="workday",
            name=constants.Holiday(name).chinese + "调休",
        )
        for day, name in sorted(constants.workdays.items())
        if day.year in years
    ]
    day_model.objects.bulk_create(rows)


def empty(apps, schema_editor):
    apps.get_model("places", "CalendarYear").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("places", "0002_relations")]
    operations = [migrations.RunPython(fill, empty)]
