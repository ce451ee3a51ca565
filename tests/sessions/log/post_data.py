"""What a browser posts from the pages of plans and sessions."""

import datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse

from tests import factories
from tests.people import Cast
from treatments.models import Course, Lot
from treatments.records.ids import new_id
from treatments.records.months import add_months

TODAY = datetime.date.today


def planned(cast: Cast, **fields: Any) -> Course:
    """A course for the cast's patient, with treatment consent, begun a month ago."""
    if not cast.patient.consents.exists():
        factories.consent(cast.patient)
    return factories.course(cast.patient, **{"baseline_on": add_months(TODAY(), -1), **fields})


def lot_of(cast: Cast, **fields: Any) -> Lot:
    product = fields.pop("product", None) or factories.product(cast.clinic)
    return factories.lot(product, **{"received_ml": Decimal("100"), **fields})


def session_post(course: Course, *, lot: Any = "unknown", **fields: Any) -> dict[str, Any]:
    told = {
        "id": str(new_id()),
        "course": str(course.pk),
        "when": f"{TODAY():%-d %b %Y}",
        "lot": str(getattr(lot, "pk", lot)),
        "phase": "induction",
        "route": "intradermal_injection",
        "route_confirmed": "on",
        "volume-vertex": "3",
        "since_last": "none",
        "reaction": ["none"],
        "pain_during": "2",
        "outcome": "completed",
        "_sentinel": "1",
    }
    told.update(fields)
    return {name: value for name, value in told.items() if value is not None}


def plan_post(**fields: Any) -> dict[str, Any]:
    told = {
        "id": str(new_id()),
        "name": "Five monthly sessions",
        "baseline": f"{TODAY():%-d %b %Y}",
        "sessions_planned": "5",
        "interval_months": "1",
        "route": "intradermal_injection",
        "volume-vertex": "3",
        "checkpoints": "0, 3, 5",
        "views": ["vertex", "frontal"],
        "maintenance_from_month": "6",
        "maintenance_to_month": "9",
        "refresh_months": "12",
        "_sentinel": "1",
    }
    told.update(fields)
    return {name: value for name, value in told.items() if value is not None}


def log_url(course: Course) -> str:
    return reverse("sessions:log", args=[course.patient_id])
