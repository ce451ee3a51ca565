"""Rows of blind reading for tests, written straight to the database; and a round that is opened as by the form."""

import datetime
import secrets
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils import timezone

from clinic.staff.models import Clinic, User
from tests import factories
from tests.people import Cast
from treatments.evidence.reading import actions
from treatments.models import Patient, Photo, ReaderPlace, Reading, ReadingPair, ReadingRound, ShownPair

BASELINE = datetime.date(2025, 1, 10)
CARD: dict[str, Any] = {
    "lighting": "standard_room",
    "hair_state": "dry",
    "product_used": "none",
    "parting": "radial_vertex",
    "hair_length_mm": 24,
    "is_dyed": False,
    "distance_cm": 60,
    "device": "Clinic camera",
    "lens_mm": Decimal(50),
}


def reading_round(of: Clinic, *, by: User, **fields: Any) -> ReadingRound:
    told = {"name": "Vertex, Month 6", "view": "vertex", "months": [6], **fields}
    return ReadingRound.objects.create(clinic=of, created_by=by, **told)


def place(of: ReadingRound, reader: User, **fields: Any) -> ReaderPlace:
    told = {"seed": secrets.token_hex(32), "added_by": of.created_by, **fields}
    return ReaderPlace.objects.create(round=of, reader=reader, **told)


def pair(of: ReadingRound, earlier: Photo, later: Photo, **fields: Any) -> ReadingPair:
    told = {"kind": "real", "verdict": "comparable", **fields}
    return ReadingPair.objects.create(round=of, earlier=earlier, later=later, **told)


def shown(at: ReaderPlace, pairs: Sequence[ReadingPair], *, later_is_right: bool = True) -> list[ShownPair]:
    return [
        ShownPair.objects.create(
            place=at, pair=each, position=position, later_is_right=later_is_right, token=secrets.token_urlsafe(18)
        )
        for position, each in enumerate(pairs, 1)
    ]


def reading(of: ShownPair, change: int | None, **fields: Any) -> Reading:
    """`change` is of the later photograph against the earlier one; None for one that cannot be judged."""
    if change is None:
        return Reading.objects.create(shown=of, **{"cannot_judge": "quality", **fields})
    return Reading.objects.create(shown=of, score=change if of.later_is_right else -change, **fields)


def of_pair(earlier: Photo, later: Photo, *, by: User, is_closed: bool = False) -> ShownPair:
    """A round of one pair that `by` reads; read by them, and closed, where it says so."""
    told = {"closed_at": timezone.now(), "closed_by": by} if is_closed else {}
    opened = reading_round(earlier.clinic, by=by, found={"patients": 1, "real": 1}, **told)
    [one] = shown(place(opened, by), [pair(opened, earlier, later)])
    if is_closed:
        reading(one, 1)
    return one


def head(cast: Cast, *days: datetime.date, purposes: tuple[str, ...] = ("record", "research"), **card: Any) -> Patient:
    """A patient with a course from 10 January 2025, and a photo of the vertex of each day, all taken alike."""
    patient = factories.patient(cast.clinic, created_by=cast.nurse)
    factories.consent(patient, kind="photography", purposes=list(purposes))
    course = factories.course(patient, baseline_on=BASELINE)
    factories.exosome_session(course, operator=cast.clinician)
    for day in days or (BASELINE, datetime.date(2025, 7, 10)):
        factories.photo(patient, view="vertex", taken_on=day, course=course, created_by=cast.nurse, **CARD | card)
    return patient


def opened(cast: Cast, readers: list[User], **fields: Any) -> ReadingRound:
    told = {"name": "Vertex, autumn", "view": "vertex", "months": [6], "clinic": cast.clinic, **fields}
    return actions.open_round(ReadingRound(**told), readers=readers, by=cast.manager)
