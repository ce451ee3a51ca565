"""Waiting photos become photos of patients, each by itself: one that is refused says why, and the others are kept."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from clinic.staff.models import Clinic, User
from treatments.patients.models import Patient
from treatments.photos.batches import actions
from treatments.photos.batches.grid import Row, upload_data
from treatments.photos.store.upload_errors import PhotoRefused
from treatments.photos.upload.consent_checks import filing_problems_of
from treatments.photos.upload.forms import UploadForm
from treatments.photos.vocabulary import DatedBy
from treatments.records.problems import Problem

NO_PATIENT = "Say whose photo it is: record number or name."
NO_DATE = "Say when it was taken, for example: 14 May 2025, or May 2025."


@dataclass
class Outcome:
    """How many were kept, how many were in the record before, how many were refused; and of whom were those kept."""

    kept: int = 0
    there: int = 0
    refused: int = 0
    patients: dict[str, Patient] = field(default_factory=dict)


def keep_ticked(
    rows: Sequence[Row], *, reasons: Mapping[str, str], clinic: Clinic, may_override: bool, by: User
) -> Outcome:
    """Keep every row that is ticked, by the rules of a photo that is sent alone. `reasons` are by the id of a patient:
    why photos are kept without consent."""
    outcome = Outcome()
    ticked = [row for row in rows if row.is_ticked]
    problems = filing_problems_of([row.patient for row in ticked if row.patient])
    for row in ticked:
        try:
            status = _keep(row, problems, reasons, clinic=clinic, may_override=may_override, by=by)
        except PhotoRefused as refusal:
            status = refusal.sentence
        if status in ("kept", "there"):
            setattr(outcome, status, getattr(outcome, status) + 1)
            assert row.patient is not None  # noqa: S101 -- a photo is kept of somebody
            outcome.patients[str(row.patient.pk)] = row.patient
        elif status:
            outcome.refused += 1
            actions.refuse(row.waiting, status)
    return outcome


def _keep(
    row: Row,
    problems: Mapping[uuid.UUID, list[Problem]],
    reasons: Mapping[str, str],
    *,
    clinic: Clinic,
    may_override: bool,
    by: User,
) -> str:
    """ "kept", "there" where it was in the record before, "" where it waits no more, else why it is refused."""
    patient = row.patient
    if patient is None:
        return row.named.sentence if row.named and row.named.sentence else NO_PATIENT
    if not row.values["when"]:
        return NO_DATE
    data = upload_data(row, row.values, consent_reason=reasons.get(str(patient.pk), ""))
    form = UploadForm(data, patient=patient, problems=problems[patient.pk], may_override=may_override)
    if not form.is_valid():
        return form.first_sentence
    photo = form.new_photo(clinic)
    is_as_found = form.cleaned_data["when"] == row.date.when
    photo.dated_by = row.date.dated_by if is_as_found else DatedBy.GIVEN
    stored = actions.keep(row.waiting, photo=photo, passed=form.passed, by=by)
    if stored is None:
        return ""
    return "there" if stored.is_duplicate else "kept"
