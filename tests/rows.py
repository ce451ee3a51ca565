"""One row of every kind, under the names that addresses use, for tests that walk the URL table."""

import datetime
import hashlib
import uuid
from decimal import Decimal
from typing import Any, Final

from django.conf import settings
from django.db import models
from django.utils import timezone

from clinic.staff.models import Membership, User
from tests import factories
from tests.evidence.reading import rounds
from tests.photos.pictures import jpeg
from treatments.consents.purposes import PhotoPurpose
from treatments.models import (
    AftercareGiven,
    AftercareSheet,
    CalendarFeed,
    Consent,
    ConsentScan,
    FollowUp,
    HairHistory,
    LaboratoryTest,
    Letter,
    MessageTemplate,
    Patient,
    Photo,
    PhotoBatch,
    PhotoPair,
    RecordMove,
    Therapy,
    WaitingPhoto,
)
from treatments.photos.store.media import DERIVED_SIZES
from treatments.photos.store.originals import derivative_path, original_path, storage_key
from treatments.records.models import ClinicalRecord

# What a person may leave behind in an address, and what it stands for.
FREE: Final[dict[str, Any]] = {
    "size": 400,
    "number": 1,
    "file_format": "csv",
    "paper_format": "pdf",
    "secret": "of-no-link",
}
_LONG_TEXT = 1000


def one_of_each(patient: Patient, *, by: User, files: bool = False, marker: str = "") -> dict[str, Any]:
    """The rows by the names of their ids, all of them this patient's or their clinic's.

    `marker` stands in every free text of the patient's rows. With `files` photos and scans can be opened.
    """
    told = {"clinic": patient.clinic, "patient": patient, "created_by": by}
    days = datetime.timedelta(days=60)
    product = factories.product(patient.clinic)
    lot = factories.lot(product)
    course = factories.course(patient)
    session = factories.exosome_session(course, lot=lot, product=product)
    assessment = factories.assessment(patient)
    event = factories.adverse_event(patient, exosome_session=session)
    follow_up = FollowUp(event=event, seen_on=datetime.date.today(), outcome="2", note="Better.", **told)
    follow_up.save()
    earlier, photo = (_photo(patient, files, taken_on=datetime.date.today() - age) for age in (days, 0 * days))
    consent = factories.consent(patient)
    factories.consent(patient, kind="photography", purposes=[each.value for each in PhotoPurpose])
    merged = factories.patient(patient.clinic, merged_into=patient)
    number = AftercareSheet.objects.count() + 1
    sheet = AftercareSheet.objects.create(clinic=patient.clinic, number=number, text="Rest.", created_by=by)
    rows: dict[str, models.Model] = {
        "merge_id": RecordMove.objects.create(from_patient=merged, kind="merge", reason="One person", **told),
        "history": HairHistory.objects.create(**told),
        "patient_id": patient,
        "therapy_id": Therapy.objects.create(kind="minoxidil_topical", **told),
        "consent_id": consent,
        "text_id": factories.consent_text(patient.clinic, title=f"Treatment {patient.pk}"),
        "product_id": product,
        "lot_id": lot,
        "protocol_id": factories.protocol(patient.clinic),
        "course_id": course,
        "session_id": session,
        "exosome_session_id": session,
        "assessment_id": assessment,
        "measurement_id": factories.measurement(patient, assessment=assessment, value=Decimal("120")),
        "event_id": event,
        "follow_up_id": follow_up,
        "photo_id": photo,
        "batch_id": (batch := PhotoBatch.objects.create(clinic=patient.clinic, started_by=by)),
        "waiting_id": waiting_photo(batch, files, sent_by=by),
        "pair_id": PhotoPair.objects.create(earlier=earlier, later=photo, aligned_by=by, **told),
        "sheet_id": sheet,
        "given_id": AftercareGiven.objects.create(exosome_session=session, sheet=sheet, **told),
        "letter_id": Letter.objects.create(recipient="Dr Example", subject="About", body="Dear colleague", **told),
        "case_report_id": (case := factories.case_report(patient, course=course)),
        "figure_id": factories.report_figure(case, photo),
        "appointment_id": factories.appointment(patient, course=course),
        "message_id": MessageTemplate.objects.create(
            kind="reminder",
            language=str(patient.pk),
            subject="Reminder",
            text="Dear {name}",
            clinic=patient.clinic,
            created_by=by,
        ),
        "feed_id": CalendarFeed.objects.create(
            clinic=patient.clinic, name="Front desk", secret_hash=str(patient.pk), made_by=by
        ),
        "call_id": factories.call(patient, course=course),
        "import_file_id": factories.import_file(patient.clinic, by=by),
        "import_id": factories.made_import(patient.clinic, by=by),
        "repeat_id": factories.repeat_pair(patient.clinic, created_by=by),
        "series_id": (series := factories.case_series(patient.clinic, created_by=by)),
        "research_export_id": factories.research_export(series, course),
        "round_id": rounds.of_pair(earlier, photo, by=by, is_closed=True).place.round,
        "membership_id": Membership.objects.get(user=by, clinic=patient.clinic),
    }
    if files:
        _scan(consent)
    rows |= _laboratory(patient, told)
    if marker:
        _mark(rows, marker)
    token = rounds.of_pair(earlier, photo, by=by).token
    return {name: row.pk for name, row in rows.items() if name != "history"} | {"token": token} | FREE


def _laboratory(patient: Patient, told: dict[str, Any]) -> dict[str, models.Model]:
    test = LaboratoryTest.objects.create(
        clinic=patient.clinic, name=f"Zinc {patient.pk}", unit="µmol/L", created_by=told["created_by"]
    )
    report = factories.laboratory_report(patient, ferritin=Decimal("18"))
    return {"laboratory_test_id": test, "report_id": report, "result_id": report.results.get()}


def strike_out(rows: dict[str, Any], *, by: User) -> None:
    """Strike out, as entered in error, every clinical record of `one_of_each`."""
    for model in ClinicalRecord.__subclasses__():
        struck = {"struck_out_at": timezone.now(), "struck_out_by": by, "struck_out_reason": "Entered twice"}
        model._default_manager.filter(pk__in=[pk for pk in rows.values() if isinstance(pk, uuid.UUID)]).update(**struck)


def _photo(patient: Patient, has_file: bool, **fields: Any) -> Photo:
    if not has_file:
        return factories.photo(patient, **fields)
    data, key = jpeg(fields["taken_on"].day), storage_key(uuid.uuid4())
    places = [original_path(settings.MEDIA_ROOT, key)]
    places += [derivative_path(settings.MEDIA_ROOT, key, size) for size in DERIVED_SIZES]
    for place in places:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    return factories.photo(patient, key=key, sha256=hashlib.sha256(data).hexdigest(), size_bytes=len(data), **fields)


def waiting_photo(batch: PhotoBatch, has_file: bool, **fields: Any) -> WaitingPhoto:
    """A photo of no patient yet."""
    waiting = factories.waiting_photo(batch, **fields)
    if has_file:
        key = storage_key(waiting.pk)
        places = [original_path(settings.MEDIA_ROOT, key)]
        places += [derivative_path(settings.MEDIA_ROOT, key, size) for size in DERIVED_SIZES]
        for place in places:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(jpeg(5))
    return waiting


def _scan(consent: Consent) -> None:
    data = jpeg(3)
    sha256 = hashlib.sha256(data).hexdigest()
    ConsentScan.objects.create(consent=consent, data=data, media_type="image/jpeg", sha256=sha256)
    Consent.objects.filter(pk=consent.pk).update(signed_how="paper_scan")


def _mark(rows: dict[str, models.Model], marker: str) -> None:
    """What is the clinic's stays as it is: it names no patient, and the words of a consent form are never changed."""
    for row in rows.values():
        if not isinstance(row, Patient) and not hasattr(row, "patient_id"):
            continue
        fields = [each for each in row._meta.concrete_fields if isinstance(each, models.TextField)]
        names = [each.name for each in fields if (each.max_length or 0) >= _LONG_TEXT]
        if names:
            type(row)._default_manager.filter(pk=row.pk).update(**dict.fromkeys(names, marker))
