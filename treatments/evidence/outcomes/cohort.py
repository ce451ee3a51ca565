"""Which courses are looked at: the filters of a page, and the rows of outcomes that they choose."""

import datetime
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q

from clinic.staff.models import Clinic
from treatments.assessments.outcomes.models import IS_COURSE, CourseOutcome, OutcomeQuerySet
from treatments.assessments.outcomes.vocabulary import MONTHS, Beside
from treatments.courses.models import ExosomeSession
from treatments.patients.vocabulary import Sex


@dataclass(frozen=True)
class Cohort:
    """Courses of one clinic. What is None or "" narrows nothing; `without_others` leaves out, at each Month, those with
    another treatment beside."""

    clinic: Clinic
    protocol: uuid.UUID | None = None
    product: uuid.UUID | None = None
    lot: uuid.UUID | None = None
    scale: str = ""
    stage: str = ""
    sex: str = ""
    begun_from: datetime.date | None = None
    begun_until: datetime.date | None = None
    without_others: bool = False

    @classmethod
    def read(cls, clinic: Clinic, query: Mapping[str, str]) -> "Cohort":
        """From an address; what it cannot mean is left out."""
        scale, _, stage = query.get("stage", "").replace("\x00", "").partition("|")
        return cls(
            clinic,
            protocol=_id(query.get("protocol", "")),
            product=_id(query.get("product", "")),
            lot=_id(query.get("lot", "")),
            scale=scale[:24],
            stage=stage[:16],
            sex=query.get("sex", "") if query.get("sex", "") in Sex.values else "",
            begun_from=_day(query.get("begun_from", "")),
            begun_until=_day(query.get("begun_until", "")),
            without_others=query.get("others", "") == "without",
        )

    @property
    def query(self) -> str:
        """The same as a query of an address, to be read again by `read`."""
        return urlencode({name: value for name, value in self.asked.items() if value})

    @property
    def asked(self) -> dict[str, str]:
        """By the names of an address; "" for what narrows nothing."""
        return {
            "protocol": _text(self.protocol),
            "product": _text(self.product),
            "lot": _text(self.lot),
            "stage": f"{self.scale}|{self.stage}" if self.scale else "",
            "sex": self.sex,
            "begun_from": _text(self.begun_from),
            "begun_until": _text(self.begun_until),
            "others": "without" if self.without_others else "",
        }

    @property
    def is_everything(self) -> bool:
        return self == Cohort(self.clinic)

    @property
    def chooses_all(self) -> bool:
        """Whether no course is left out; the switch leaves out none, but what it had at a Month."""
        return replace(self, without_others=False).is_everything

    @property
    def switched(self) -> "Cohort":
        """The same with, or without, those who had another treatment."""
        return replace(self, without_others=not self.without_others)

    @property
    def _narrowing(self) -> Q:
        """But for the switch, which is about a Month and not about a course."""
        chosen = Q()
        plain = {"protocol": self.protocol, "product": self.product, "sex": self.sex}
        plain |= {"scale": self.scale, "baseline_stage": self.stage}
        for name, value in plain.items():
            chosen &= Q(**{name: value}) if value else Q()
        if self.begun_from:
            chosen &= Q(begun_on__gte=self.begun_from)
        if self.begun_until:
            chosen &= Q(begun_on__lte=self.begun_until)
        if self.lot:
            chosen &= Q(course__in=self._courses_of_lot)
        return chosen

    @cached_property
    def _courses_of_lot(self) -> list[uuid.UUID]:
        """One query; a lot holds enough for some hundred sessions at most."""
        given = ExosomeSession.objects.standing().of(self.clinic).of_lots([self.lot])
        return list(given.order_by().values_list("course", flat=True).distinct())

    def _rows(self, month: int | None) -> OutcomeQuerySet:
        rows: OutcomeQuerySet = CourseOutcome.objects.of(self.clinic).filter(self._narrowing)
        if month is None:
            return rows.filter(month__in=MONTHS)
        return rows.filter(month=month) if month else rows.filter(IS_COURSE)

    def courses(self) -> OutcomeQuerySet:
        """One row for each course of the cohort in which a session was given, of Month 0."""
        return self._rows(0).begun()

    def struck_out(self) -> OutcomeQuerySet:
        """Courses that were entered in error, which count nowhere."""
        return self._rows(0).filter(is_struck_out=True)

    def at(self, month: int | None) -> OutcomeQuerySet:
        """The rows of Month 3, 6 or 12, or of all three (None), of each patient's first course of the cohort."""
        rows = self.first_of_patient(self._rows(month).begun())
        return rows.filter(other_treatment=Beside.NONE) if self.without_others else rows

    def first_of_patient(self, rows: OutcomeQuerySet) -> OutcomeQuerySet:
        """One course of each patient: the first that is in the cohort, so that no patient counts twice."""
        earlier = self._rows(0).begun().filter(patient=OuterRef("patient"), place__lt=OuterRef("place"))
        return rows.filter(Q(place=1) | ~Exists(earlier))


def _id(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _day(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None


def _text(value: Any) -> str:
    return "" if value is None else str(value)
