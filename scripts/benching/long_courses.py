"""One patient with 6, with 60 and with 600 entries on the timeline, of every kind, in the order of a real course."""

import datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinic.staff.models import Membership, User
from tests import factories
from treatments.models import Patient

MONTH = datetime.timedelta(days=30)
LENGTHS = (6, 60, 600)


def measure(client: Client) -> dict[str, dict[str, float]]:
    by = User.objects.get(email="clinician@example.test")
    clinic = Membership.objects.get(user=by).clinic
    told = {}
    for entries in LENGTHS:
        patient = factories.patient(clinic, name=f"Course of {entries}", record_number=f"LONG-{entries}")
        write(patient, entries)
        client.get(patient.get_absolute_url())
        with CaptureQueriesContext(connection) as captured:
            response = client.get(patient.get_absolute_url())
        if response.status_code != 200:
            raise RuntimeError(f"The timeline of {entries} entries answered {response.status_code}")
        told[str(entries)] = {"queries": len(captured), "bytes": len(response.content)}
    return told


def write(patient: Patient, entries: int) -> None:
    """A consent and a course, then month by month a session, a grading, a count, an event and a therapy in turn."""
    today = timezone.localdate()
    months = max(1, (entries - 2) // 5 + 1)
    course = factories.course(patient, baseline_on=today - months * MONTH, sessions_planned=24)
    factories.consent(patient, given_on=course.baseline_on)
    last: Any = None
    for number in range(entries - 2):
        day = course.baseline_on + (number // 5) * MONTH
        kind = number % 5
        if kind == 0:
            last = factories.exosome_session(
                course, performed_on=day, regions={"vertex": "2.50", "frontal": "1.50"}, note="Slept well after it."
            )
        elif kind == 1:
            factories.assessment(patient, assessed_on=day)
        elif kind == 2:
            factories.measurement(patient, measured_on=day, value=Decimal(120 + number % 40))
        elif kind == 3:
            factories.adverse_event(
                patient, happened=day, onset=day.isoformat(), exosome_session=last, outcome="1", ended=day.isoformat()
            )
        else:
            factories.photo(patient, taken_on=day)
