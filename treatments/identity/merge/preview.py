"""Two records side by side before they are merged: what each has, and what must be looked at."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils import timezone

from treatments.assessments.laboratory.models import LaboratoryReport
from treatments.consents.consent_status import allowing_the_same
from treatments.consents.models import Consent
from treatments.courses.intervals import may_be_one_day
from treatments.courses.models import Course, ExosomeSession
from treatments.identity.merge.contents import counts
from treatments.patients.models import HairHistory, Patient, Therapy
from treatments.patients.vocabulary import TherapyKind
from treatments.photos.models import Photo
from treatments.records.formatting import count, day, listed


@dataclass(frozen=True)
class Row:
    """One line of the comparison; `differs` where both say something, and not the same."""

    label: str
    one: str
    other: str
    is_count: bool = False

    @property
    def differs(self) -> bool:
        return bool(self.one and self.other) and self.one != self.other and not self.is_count


def compare(one: Patient, other: Patient) -> list[Row]:
    """Who the two are said to be, and how much of each kind stands in their records."""
    rows = [
        Row("Name", one.name, other.name),
        Row("Sex", one.get_sex_display(), other.get_sex_display()),
        Row("Born", _born(one), _born(other)),
        Row("Telephone", one.phone, other.phone),
        Row("E-mail", one.email, other.email),
        Row("History", _history(one), _history(other)),
    ]
    rows = [row for row in rows if row.one or row.other or row.label == "History"]
    for (label, mine), (_, theirs) in zip(counts(one), counts(other), strict=True):
        if mine or theirs:
            rows.append(Row(label, str(mine), str(theirs), is_count=True))
    return rows


def _born(patient: Patient) -> str:
    return patient.birth.label() if patient.birth else ""


def _history(patient: Patient) -> str:
    history = HairHistory.objects.filter(patient=patient).first()
    if history is None:
        return ""
    return f"taken; allergies: {history.allergies_text or history.get_allergies_display().lower()}"


def conflicts(survivor: Patient, other: Patient) -> list[str]:
    """What both records have and one person can have only once, and what becomes of it."""
    found = []
    if survivor.birth and other.birth:
        if survivor.birth.certainly_before(other.birth) or survivor.birth.certainly_after(other.birth):
            found.append("The dates of birth contradict each other: make sure that it is one person.")
    if survivor.sex != other.sex:
        found.append("The sexes differ. The sex of the record that stays is kept.")
    if HairHistory.objects.filter(patient__in=[survivor, other]).count() == 2:
        found.append(
            "Both have a history. The history of the record that stays is kept. Allergies, illnesses, medicines and "
            "reasons not to inject that only the other one has are added to it. The other one can still be read."
        )
    found += _sessions_of_one_day(survivor, other)
    found += _in_both(survivor, other)
    found += [*_taken_back(survivor, other), *_taken_back(other, survivor)]
    going_on = Course.objects.going_on().filter(patient__in=[survivor, other])
    if len(set(going_on.values_list("patient_id", flat=True))) == 2:
        names = listed([course.distinct_name for course in going_on.order_by("baseline_on", "id")])
        found.append(f"Both have a course that is going on: {names}. Stop the wrong one.")
    kept = Photo.objects.standing().filter(patient=survivor).values("sha256")
    copies = Photo.objects.standing().filter(patient=other, sha256__in=kept).count()
    if copies:
        found.append(f"{count(copies, 'photo')} of the same file: the copy is struck out, but can still be read.")
    return found


def _taken_back(one: Patient, other: Patient) -> Iterator[str]:
    """What was withdrawn in the one record, and stays allowed by a consent of the other that was given before that."""
    today = timezone.localdate()
    for ended in Consent.objects.standing().filter(patient=one, withdrawn_on__lte=today).order_by("withdrawn_on", "id"):
        given_before = Consent.objects.filter(patient=other, given_on__lte=ended.withdrawn_on).in_force(today)
        for valid in given_before.order_by("given_on", "id"):
            if same := allowing_the_same(ended, valid):
                was = f"the {ended.get_kind_display().lower()} consent was withdrawn on {day(ended.withdrawn_on)}"
                yield (
                    f"In {one.record_number} {was}. {other.record_number} has one from before that day, which stays "
                    f"valid: {same.in_words}. Withdraw it too if the patient took everything back."
                )


def _in_both(survivor: Patient, other: Patient) -> list[str]:
    """Laboratory reports of one day, and other treatments of one kind: entered twice they would count twice."""
    found = []
    theirs = list(LaboratoryReport.objects.standing().filter(patient=other).in_order())
    for mine in LaboratoryReport.objects.standing().filter(patient=survivor).in_order():
        if any(may_be_one_day(mine.sampled, each.sampled) for each in theirs):
            sampled = mine.sampled.label()
            found.append(f"Both have a laboratory report of {sampled}. If it was one, strike one out afterwards.")
    kinds = [
        set(Therapy.objects.standing().filter(patient=each).values_list("kind", flat=True))
        for each in (survivor, other)
    ]
    if both := sorted(str(TherapyKind(kind).label) for kind in kinds[0] & kinds[1]):
        found.append(f"Both have among other treatments: {listed(both)}. If it is one, strike one out afterwards.")
    return found


def _sessions_of_one_day(survivor: Patient, other: Patient) -> list[str]:
    """The sessions that both records have, or may both have where one of the two is known to its month only."""
    ours, theirs = ([*ExosomeSession.objects.standing().filter(patient=each).in_order()] for each in (survivor, other))
    found = []
    for mine in ours:
        for their in theirs:
            if mine.performed.is_exact and mine.performed == their.performed:
                found.append(f"Both had a session {mine.performed.phrase}. If it was one, strike one out afterwards.")
            elif may_be_one_day(mine.performed, their.performed):
                days = f"{mine.performed.label()} and {their.performed.label()}"
                found.append(f"Sessions of {days} may be one. If they are, strike one out afterwards.")
    return found
