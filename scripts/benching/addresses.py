"""The addresses of every page that one patient leads to: the URL table, filled with the patient's own rows."""

import logging
from typing import Any

from django.test import Client
from django.urls import reverse

from clinic.staff.models import Membership
from tests.urls import routes
from treatments.models import Patient

# What the pages that are talked of most are called; the others go by the names of their routes.
NAMES = {
    "timeline:patient": "timeline",
    "examination:record": "assess",
    "sessions:log": "log",
    "photos:sheet": "photos",
    "photos:compare": "compare",
}


def pages_of(year: Patient, ten_years: Patient, client: Client) -> dict[str, str]:
    """Addresses by name: the plain page, each page of the patient of a year, the timeline of ten years."""
    ids = _ids(year)
    # Addresses that answer no GET are left out, and need not be told of.
    logging.getLogger("django.request").setLevel(logging.ERROR)
    found = {"idiomatic": reverse("idiomatic", args=[year.pk])}
    for route in routes():
        if route.name not in found and all(name in ids for name in route.parameters) and not route.is_open:
            response = client.get(route.url(ids))
            if response.status_code == 200 and response["Content-Type"].startswith("text/html"):
                found[NAMES.get(route.name, route.name.replace(":", "_"))] = route.url(ids)
    return found | {"timeline_of_ten_years": ten_years.get_absolute_url()}


def _ids(patient: Patient) -> dict[str, Any]:
    session = patient.exosome_sessions.last()
    return {
        "patient_id": patient.pk,
        "therapy_id": patient.therapies.last().pk,
        "consent_id": patient.consents.last().pk,
        "course_id": patient.courses.last().pk,
        "session_id": session.pk,
        "exosome_session_id": session.pk,
        "assessment_id": patient.assessments.last().pk,
        "measurement_id": patient.measurements.last().pk,
        "event_id": patient.adverse_events.last().pk,
        "photo_id": patient.photos.last().pk,
        "lot_id": session.lot_id,
        "product_id": session.product_id,
        "membership_id": Membership.objects.first().pk,
    }
