"""A record of which only months are known prints no day of a month, on any page."""

import datetime
import re
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests import factories
from tests.people import Cast
from tests.urls import routes
from treatments.models import HairHistory, Therapy
from treatments.records.months import add_months
from treatments.records.partial_dates import PartialDate
from treatments.sessions.course_state import recompute

pytestmark = pytest.mark.any_database
MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
A_DAY = re.compile(
    rf"\b\d{{1,2}}(?:st|nd|rd|th)? (?:{MONTHS})[a-z]*(?: \d{{4}})?|\b\d{{4}}-\d{{2}}-\d{{2}}\b|[+−-]\d+ days?\b"
)
EXAMPLES = {"14 May 2025", "14 May 1965"}
"""How forms show what may be written."""
PAGES = [route for route in routes() if "patient_id" in route.parameters and not route.is_open]


def _month(day: datetime.date) -> PartialDate:
    return PartialDate(f"{day:%Y-%m}")


def _record(cast: Cast, start: datetime.date) -> dict[str, Any]:
    """A patient with two courses of four months, and what is found and told beside them, each known to its month."""
    patient = factories.patient(cast.clinic)
    told = {"clinic": cast.clinic, "patient": patient, "created_by": cast.clinician}
    HairHistory.objects.create(taken_on=_month(start), onset=PartialDate(str(start.year - 5)), **told)
    therapy = Therapy.objects.create(
        kind="minoxidil_topical", started=PartialDate(str(start.year - 2)), ended=_month(start), **told
    )
    for begun in (start, add_months(start, 18)):
        course = factories.course(patient, baseline_on=begun, baseline_precision="month")
        for number in range(4):
            day = add_months(begun, number)
            filed = {"course": course}
            session = factories.exosome_session(course, performed_on=day, performed_precision="month")
            assessment = factories.assessment(patient, assessed_on=day, assessed_precision="month", **filed)
            measurement = factories.measurement(patient, measured_on=day, measured_precision="month", **filed)
            photo = factories.photo(patient, taken_on=day, taken_precision="month", **filed)
            event = factories.adverse_event(
                patient, exosome_session=session, onset=_month(day), happened=day, reported_on=None, **filed
            )
        recompute(course.pk)
    rows = {
        "patient_id": patient, "therapy_id": therapy, "course_id": course, "session_id": session,
        "exosome_session_id": session, "assessment_id": assessment, "measurement_id": measurement, "event_id": event,
        "photo_id": photo,
    }  # fmt: skip
    return {name: row.pk for name, row in rows.items()}


def _days_on(html: str) -> set[str]:
    """What the page prints of days, but for today, on which all of it was entered."""
    shown = re.sub(r"<(script|style)\b.*?</\1>", " ", html, flags=re.DOTALL)
    text = re.sub(r"<[^>]*>", " ", shown)
    days = {" ".join(found.split()) for found in A_DAY.findall(text)}
    today = timezone.localdate()
    spelled = {f"{today.day} {today:{name}}{year}" for name in ("%b", "%B") for year in ("", f" {today.year}")}
    return days - spelled - {today.isoformat()} - EXAMPLES


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(start=datetime.date(1990, 3, 1))
@example(start=datetime.date(2023, 12, 1))
@given(start=st.dates(datetime.date(1990, 1, 1), datetime.date(2024, 1, 31)).map(lambda day: day.replace(day=1)))
def test_months_only_print_no_day(cast: Cast, start: datetime.date) -> None:
    """Neither on a page of the patient, nor on the lists, whatever the month in which it began."""
    ids = _record(cast, start)
    client = cast.client(cast.manager)
    urls = [route.url(ids) for route in PAGES if set(route.parameters) <= set(ids)]
    urls += ["/", reverse("patients:index")]

    found = {}
    for url in urls:
        answer = client.get(url)
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            if days := _days_on(answer.content.decode()):
                found[url] = days

    assert found == {}
