"""What must be looked at before a record is moved to another patient: the rules, judged by that patient's record."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.utils import timezone

from treatments.assessments.models import Assessment
from treatments.consents.models import Export
from treatments.consents.purposes import PhotoPurpose
from treatments.courses.intervals import may_be_one_day
from treatments.courses.models import ExosomeSession
from treatments.identity.move.belongings import Group, name_of
from treatments.patients.models import Patient
from treatments.patients.rules import event_date_problems
from treatments.photos.models import Photo
from treatments.photos.upload.consent_checks import filing_problems
from treatments.products.models import Product
from treatments.records.formatting import day
from treatments.records.models import ClinicalRecord
from treatments.records.problems import Problem, error, warning
from treatments.sessions.log import pre_session_checks


def problems(record: ClinicalRecord, groups: list[Group], to: Patient) -> list[Problem]:
    """What speaks against it: what cannot be true is an error; what happened and should not have is a warning."""
    moved = [record, *(each for group in groups for each in group.records if not each.is_struck_out)]
    found = [problem for each in moved for problem in _date_problems(each, to)]
    if isinstance(record, ExosomeSession):
        found += _session_problems(record, to)
    photos = [each for each in moved if isinstance(each, Photo)]
    found += _photo_problems(photos, to)
    if to.archived_at is not None:
        sentence = f"{to.record_number} is archived ({to.archived_reason}). Make sure that this is the right record."
        found.append(warning("move", "", sentence, "archived"))
    return _once(found)


def _once(found: list[Problem]) -> list[Problem]:
    return list({(problem.code, problem.sentence): problem for problem in found}.values())


def _date_problems(record: ClinicalRecord, to: Patient) -> list[Problem]:
    today = timezone.localdate()
    what, birth = name_of(record), to.birth or None
    found = event_date_problems(record.when, field="", what=what, today=today, birth=birth)
    if to.died and record.when.certainly_after(to.died):
        sentence = f"{to.record_number} died before that ({to.died.label()}): this {what} is not theirs."
        found.append(error("move", "", sentence, "after_death"))
    return found


def _session_problems(session: ExosomeSession, to: Patient) -> Iterator[Problem]:
    """It was given, so that a missing consent or an allergy refuses nothing any more; it must be read all the same."""
    for other in ExosomeSession.objects.standing().filter(patient=to).exclude(pk=session.pk).select_related("course"):
        if not may_be_one_day(session.performed, other.performed):
            continue
        sentence = f"{to.record_number} has a session of {other.performed.label()} already, in {other.course}."
        if session.performed.is_exact and other.performed.is_exact:
            yield error("move", "", f"{sentence} There cannot be two on one day. Check both first.", "same_day")
        else:
            may_be = f"{sentence} This one ({session.performed.label()}) may be the same. Check both first."
            yield warning("move", "", may_be, "perhaps_same")
    checks = pre_session_checks.load(to).as_of(session.performed_on)
    given = [
        *checks.caution_problems(),
        *checks.allergy_problems(
            anaesthesia=session.anaesthesia, agent=session.anaesthesia_detail, skin_prep=session.skin_prep
        ),
    ]
    products: list[Product | None] = [*session.products_given]
    for product in products or [None]:
        given += checks.consent_problems(on=session.performed_on, product=product)
        given += checks.allergy_problems(product=product)
    for problem in given:
        yield replace(problem, level="warning", field="", sentence=f"{to.record_number}: {problem.sentence}")


def _photo_problems(photos: list[Photo], to: Patient) -> Iterator[Problem]:
    if not photos:
        return
    for problem in filing_problems(to):
        yield replace(problem, level="warning", field="", sentence=f"{to.record_number}: {problem.sentence}")
    kept = set(Photo.objects.standing().filter(patient=to).values_list("sha256", flat=True))
    for photo in photos:
        if photo.sha256 in kept:
            sentence = f"{to.record_number} already has the same file as {photo}. Do not move it; strike it out here."
            yield error("move", "", sentence, "same_file")


def exports_with(record: ClinicalRecord, groups: list[Group]) -> list[str]:
    """Sheets that left the clinic for the patient here with a photo of the other person: "for teaching, 3 May 2025"."""
    moved = [record, *(each for group in groups for each in group.records)]
    ids = {str(each.pk) for each in moved if isinstance(each, Photo)}
    exports: Any = Export.objects.standing().filter(patient=record.patient_id).order_by("created_at")  # type: ignore[attr-defined]
    return [
        f"for {str(PhotoPurpose(export.purpose).label).lower()}, {day(timezone.localdate(export.created_at))}"
        for export in exports
        if ids & set(map(str, export.photos))
    ]


def links_lost(record: ClinicalRecord) -> list[str]:
    """What the record is tied to here, and leaves behind."""
    links = [getattr(record, name, None) for name in ("exosome_session", "assessment")]
    return [str(link) for link in links if isinstance(link, ExosomeSession | Assessment)]
