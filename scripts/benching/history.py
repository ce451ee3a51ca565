"""The clinic in which a patient's pages are measured: one patient with a history, and a day's work for Today.

A session every month, an event at every second; at every third month a checkpoint, as protocols plan it: a grading, two
figures of trichoscopy and photographs of the six standard views; every fourth session is corrected once. A year is 59
entries, ten years are 545.
"""

import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from clinic.staff.models import Clinic, Role, User
from tests import factories
from treatments.models import Correction, Course, HairHistory, Lot, Patient, Therapy
from treatments.photos.vocabulary import STANDARD_VIEWS
from treatments.records.months import add_months

VIEWS = [view.value for view in STANDARD_VIEWS]
CHANGES_SEEN = (
    "No difference to be seen.",
    "Slightly denser at the vertex, no figure recorded.",
    "Scalp less visible under standard lighting than at baseline.",
    "Unchanged since the last visit.",
)
# Patients of each kind on Today: a full day in a clinic with two rooms.
A_DAY = 6
DAY = datetime.timedelta(days=1)


def clinic() -> tuple[Clinic, User]:
    """A clinic with a day's work, and its manager."""
    place = factories.clinic()
    manager = factories.member(place, Role.MANAGER)
    with timezone.override(place.time_zone):
        _fill_today(factories.lot(factories.product(place)))
    return place, manager


def _fill_today(lot: Lot) -> None:
    """On each list of Today as many patients."""
    today = timezone.localdate()
    for _ in range(A_DAY):
        for first, last in ((0, 0), (-9, -1), (3, 3)):
            patient = factories.patient(lot.clinic)
            factories.consent(patient)
            factories.course(patient, next_due_on=today + first * DAY, next_due_until=today + last * DAY)
        finished = factories.course(
            factories.patient(lot.clinic), state="finished", last_session_on=today - 30 * DAY, final_photos_missing=True
        )
        factories.adverse_event(finished.patient)
        logged = factories.course(factories.patient(lot.clinic), sessions_done=1)
        factories.exosome_session(logged, lot=lot, product=lot.product, performed_on=today, operator=logged.created_by)
        factories.lot(lot.product, expires_on=today + 9 * DAY)


def patient_with_history(clinic: Clinic, months: int) -> Patient:
    with timezone.override(clinic.time_zone):
        return _History(clinic, months).write()


class _History:
    def __init__(self, clinic: Clinic, months: int) -> None:
        self.months = months
        # A day that every month has, so that the figures are the same on every day they are taken.
        self.last = (timezone.localdate().replace(day=1) - DAY).replace(day=14)
        self.first = add_months(self.last, 1 - months)
        self.patient = factories.patient(clinic, name=f"Patient of {months} months", ethnicity="Chinese")
        self.by = self.patient.created_by
        self.lot = factories.lot(factories.product(clinic))
        self.course = self.plan()

    def write(self) -> Patient:
        self.before_the_course()
        for number in range(self.months):
            self.visit(number, add_months(self.first, number))
        return self.patient

    def plan(self) -> Course:
        return factories.course(
            self.patient,
            baseline_on=self.first,
            sessions_planned=min(self.months, 24),
            volumes={"vertex": "2.50", "frontal": "1.50"},
            views=VIEWS,
            product=self.lot.product,
            sessions_done=self.months,
            last_session_on=self.last,
            next_due_on=add_months(self.last, 3),
            next_due_until=add_months(self.last, 3),
            next_due=add_months(self.last, 3).isoformat(),
            next_due_place=1,
            note="Refresh once a year while it lasts.",
        )

    def before_the_course(self) -> None:
        shared = {"clinic": self.patient.clinic, "patient": self.patient, "created_by": self.by}
        HairHistory.objects.create(
            onset="2019",
            onset_as_told="about 2019",
            complaint="thinning",
            regions=["vertex"],
            earlier_treatment="yes",
            allergies="none",
            **shared,
        )
        Therapy.objects.create(kind="minoxidil_topical", detail="5 %, once a day", is_ongoing=False, **shared)
        factories.consent(self.patient, given_on=self.first)
        factories.consent(self.patient, "photography", purposes=["record", "teaching"], given_on=self.first)

    def visit(self, number: int, day: datetime.date) -> None:
        if number % 3 == 0:
            self.check(number, day)
        session = self.treat(number, day)
        if number % 2 == 0:
            factories.adverse_event(
                self.patient,
                kind="injection_site_erythema",
                description="Redness that was gone the next day.",
                happened=day,
                onset=day.isoformat(),
                ended=day.isoformat(),
                exosome_session=session,
                outcome="1",
                action_taken="4",
                causality="possible",
            )

    def check(self, number: int, day: datetime.date) -> None:
        factories.assessment(
            self.patient,
            course=self.course,
            assessed_on=day,
            assessor=self.by,
            stage="IV" if number < 8 else "III-vertex",
            diagnosis="male_pattern",
            change_seen=CHANGES_SEEN[number % len(CHANGES_SEEN)],
            global_change=1,
            patient_change=1,
            lighting="standard_room",
        )
        figures = {
            "hair_density": Decimal(118 + 4 * min(number, 11) + number % 5),
            "shaft_diameter_mean": Decimal(52 + number % 4),
        }
        for kind, value in figures.items():
            factories.measurement(
                self.patient,
                kind=kind,
                measured_on=day,
                value=value,
                area_cm2=Decimal("1.000"),
                site_detail="2 cm left of the whorl",
                is_same_spot=number > 0,
                device="Handheld, x20",
                operator=self.by,
            )
        for view in VIEWS:
            card = {"lighting": "standard_room", "hair_state": "dry", "product_used": "none", "hair_length_mm": 24}
            factories.photo(self.patient, course=self.course, view=view, taken_on=day, **card)

    def treat(self, number: int, day: datetime.date) -> Any:
        session = factories.exosome_session(
            self.course,
            performed_on=day,
            regions={"vertex": "2.50", "frontal": "1.50"},
            lot=self.lot,
            product=self.lot.product,
            operator=self.by,
            needle_gauge=30,
            pain_during=2,
            reactions="none",
            since_last="none",
            note="Slept well after it.",
            phase="induction" if number < 6 else "maintenance",
        )
        if number % 4 == 3:
            Correction.objects.create(
                clinic=session.clinic,
                patient_id=self.patient.pk,
                record_type="exosomesession",
                record_id=session.pk,
                version=2,
                changes=[
                    {"field": "total_ml", "label": "Total volume, mL", "before": "3.50", "after": "4.00", "raw": ""}
                ],
                reason="Syringe misread",
                by=self.by,
            )
        return session
