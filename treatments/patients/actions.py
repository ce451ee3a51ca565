import re
import uuid
from collections.abc import Iterable
from typing import Any, Unpack

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from clinic.staff.models import Clinic, User
from treatments.patients.models import HairHistory, Patient
from treatments.records.actions import CorrectionArguments, Passed, UpdateArguments, correct, insert, update
from treatments.records.models import Correction
from treatments.records.partial_dates import PartialDate
from treatments.records.text.text_folding import digits, identifier_key

NUMBER_TAKEN = "Another patient has this record number. Use the next free one."


_LATEST = 50
_AT_ONCE = 500


def next_record_number(clinic: Clinic) -> str:
    """A free record number to propose: the clinic's prefix and the next number of four digits or more.

    It follows the latest number of that form; what was typed by hand in another form is passed over.
    """
    taken = Patient.objects.of(clinic).exclude(record_key=None)
    latest = taken.filter(record_number__startswith=clinic.record_prefix).order_by("-id")
    pattern = re.compile(re.escape(clinic.record_prefix) + r"([0-9]{1,9})")
    matches = map(pattern.fullmatch, latest.values_list("record_number", flat=True)[:_LATEST])
    number = next((int(match[1]) for match in matches if match), 0) + 1
    while True:  # ids of one millisecond have no order, and numbers may be typed by hand
        proposed = {
            identifier_key(text): text
            for text in (f"{clinic.record_prefix}{each:04d}" for each in range(number, number + _AT_ONCE))
        }
        used = set(taken.filter(record_key__in=proposed).values_list("record_key", flat=True))
        if free := next((text for key, text in proposed.items() if key not in used), ""):
            return free
        number += _AT_ONCE


def numbers_used_twice(clinic: Clinic) -> list[tuple[Patient, Patient]]:
    """Pairs of patients whose record numbers are one number in two spellings, from before that was refused."""
    later = list(Patient.objects.of(clinic).filter(record_key=None).order_by("id"))
    keys = [identifier_key(patient.record_number) for patient in later]
    owners = {each.record_key: each for each in Patient.objects.of(clinic).filter(record_key__in=keys)} if keys else {}
    return [(owners[key], patient) for key, patient in zip(keys, later, strict=True) if key in owners]


def register_patient(patient: Patient, *, passed: Iterable[Passed] = (), by: User) -> Patient:
    """Register a patient of the clinic that the row names. Raises AlreadySaved for a used id, IntegrityError for a
    record number that the clinic has already."""
    return insert(patient, event="registered", passed=passed, by=by)


def correct_details(patient: Patient, **correction: Unpack[CorrectionArguments]) -> Patient:
    """Change a patient's details, and the search text with them. Raises Conflict when somebody else did so first."""
    return correct(patient, **correction, then=_update_search_text)


def update_details(patient: Patient, **told: Unpack[UpdateArguments]) -> Patient:
    """Write down new details from a day on. The former name and telephone number still find the patient."""
    with transaction.atomic():
        updated = update(patient, **told, then=_update_search_text)
        refresh_search(updated)
    return updated


def refresh_search(patient: Patient) -> None:
    """Let the search find a patient by what is true now, by the names and telephone numbers of before, and by those of
    the records that were merged into this one, as many as there is room for."""
    former = []
    for change in Correction.objects.of_record(patient).updates().order_by("-version"):
        was = {each["field"]: str(each.get("was", "")) for each in change.changes}
        former += [digits(was.get("phone", "")), was.get("name", "")]
    merged = Patient.objects.filter(merged_into=patient).order_by("id")
    also = [" ".join([row.name, row.record_number, digits(row.phone), row.search_also]) for row in merged]
    patient.search_also = " ".join(" ".join([*former, *also]).split())[:240]
    columns = {"search_also": patient.search_also, "search_text": patient.folded()}
    Patient.objects.filter(pk=patient.pk).update(**columns)


def _update_search_text(patient: Patient) -> None:
    patient.refresh_from_db()
    Patient.objects.filter(pk=patient.pk).update(search_text=patient.folded())
    if patient.record_key != identifier_key(patient.record_number):
        _take_number(patient)


def _take_number(patient: Patient) -> None:
    """Let the patient's record number be theirs alone, and settle what it or the former one was in the way of.

    Raises ValidationError where another patient has it, in whatever spelling. A number that was used twice before that
    was refused may stay so.
    """
    was_told = patient.record_key is None
    patient.record_key = identifier_key(patient.record_number)
    try:
        with transaction.atomic():
            Patient.objects.filter(pk=patient.pk).update(record_key=patient.record_key)
    except IntegrityError as error:
        if not was_told:
            raise ValidationError({"record_number": NUMBER_TAKEN}) from error
        patient.record_key = None
    own = Patient.objects.of(patient.clinic)
    for other in own.filter(record_key=None).exclude(pk=patient.pk):
        key = identifier_key(other.record_number)
        if not own.filter(record_key=key).exists():
            own.filter(pk=other.pk).update(record_key=key)


def record_history(history: HairHistory, *, passed: Iterable[Passed] = (), by: User) -> HairHistory:
    """Record the history of a patient, of whom each has one. Raises AlreadySaved for a used id."""
    return insert(history, event="recorded_history", passed=passed, by=by)


def take_history_again(
    history: HairHistory,
    *,
    changes: dict[str, Any],
    taken: PartialDate,
    confirmed: Iterable[str],
    expected_version: int,
    passed: Iterable[Passed] = (),
    by: User,
) -> HairHistory:
    """Write down a history that was taken again on a day: what changed since, and which questions, named in words, were
    answered as before. Raises Conflict when somebody else changed it first."""
    return update(
        history,
        changes=changes,
        since=taken,
        confirmed=confirmed,
        expected_version=expected_version,
        passed=passed,
        by=by,
        event="took_history_again",
    )


def wait_for(*patient_ids: uuid.UUID) -> None:
    """Let one act on a patient's record wait for another that looks at the same rows; inside a transaction.

    It is the first lock of every writer, of several patients in the order of their ids; courses, then lots come after
    it. Rows that refer to the patient are written meanwhile.
    """
    patients = Patient.objects.select_for_update(no_key=True).order_by("pk")
    ids = sorted(set(patient_ids))
    for start in range(0, len(ids), _AT_ONCE):
        list(patients.filter(pk__in=ids[start : start + _AT_ONCE]).values_list("pk"))
