"""Rows for tests, one function a model, filled with plain values that a test may override by name.

They write straight to the database, so that a test of a page does not depend on the action it does not test.
"""

import datetime
import itertools
from decimal import Decimal
from typing import Any

from clinic.staff.models import Clinic, Membership, Role, User
from treatments.assessments.laboratory.catalogue import ANALYTES
from treatments.models import (
    AdverseEvent,
    Appointment,
    Assessment,
    Call,
    CaseReport,
    CaseSeries,
    Consent,
    ConsentText,
    Course,
    ExosomeSession,
    Export,
    FlagAnswer,
    Import,
    ImportFile,
    LaboratoryReport,
    LaboratoryResult,
    Lot,
    Measurement,
    Patient,
    Photo,
    PhotoBatch,
    Product,
    Protocol,
    Pseudonym,
    RegionVolume,
    RepeatPair,
    ReportFigure,
    ReportRelease,
    ResearchExport,
    SeriesAnswer,
    SeriesRelease,
    StockMovement,
    WaitingPhoto,
)
from treatments.photos.store.decoding import ImageFacts
from treatments.products.balance import Change
from treatments.products.stock import columns
from treatments.records.partial_dates import PartialDate
from treatments.transfer import encryption
from treatments.transfer.reading.layout import Layout, SheetLayout
from treatments.transfer.spreadsheets.tables import Table

PASSWORD = "a long pass phrase for tests"
_count = itertools.count(1)


def clinic(**fields: Any) -> Clinic:
    return Clinic.objects.create(**{"name": "Test Hair Clinic", **fields})


def user(**fields: Any) -> User:
    number = next(_count)
    told = {"email": f"person{number}@example.test", "name": f"Person {number}", "password": PASSWORD, **fields}
    return User.objects.create_user(**told)


def member(of: Clinic, role: str = Role.CLINICIAN, **fields: Any) -> User:
    person = user(**{"name": f"{Role(role).label} {next(_count)}", **fields})
    Membership.objects.create(user=person, clinic=of, role=role)
    return person


def _by(fields: dict[str, Any], of: Clinic) -> dict[str, Any]:
    if "created_by" not in fields:
        first = Membership.objects.filter(clinic=of).select_related("user").first()
        fields["created_by"] = first.user if first else member(of)
    return fields


def _due(fields: dict[str, Any]) -> dict[str, Any]:
    """With all columns of what is due, where a test names the first day, or the first and the last."""
    if on := fields.get("next_due_on"):
        until = fields.setdefault("next_due_until", on)
        fields.setdefault("next_due", on.isoformat() if on == until else f"{on.isoformat()}/{until.isoformat()}")
    return fields


def patient(of: Clinic, **fields: Any) -> Patient:
    number = next(_count)
    told = {
        "name": f"Patient {number}",
        "record_number": f"T-{number:05d}",
        "sex": "male",
        "birth": PartialDate("1965"),
        **fields,
    }
    return Patient.objects.create(clinic=of, **_by(_due(told), of))


def product(of: Clinic, **fields: Any) -> Product:
    told = {
        "name": f"Vesicle solution {next(_count)}",
        "labelled_route": "injectable",
        "regulatory_basis": "authorised_product",
        "unit_ml": Decimal("5"),
        **fields,
    }
    return Product.objects.create(clinic=of, **_by(told, of))


def lot(of: Product, **fields: Any) -> Lot:
    told = {
        "number": f"EX-{next(_count):04d}",
        "expires_on": datetime.date.today() + datetime.timedelta(days=200),
        "received_on": datetime.date.today() - datetime.timedelta(days=30),
        "received_ml": Decimal("100"),
        **fields,
    }
    received, given = Decimal(told["received_ml"]), Decimal(told.get("given_ml", 0))
    told.setdefault("stock_ml", received - given)
    told.setdefault("discarded_ml", max(Decimal(0), received - given - told["stock_ml"]))
    made = Lot.objects.create(clinic=of.clinic, product=of, **_by(told, of.clinic))
    StockMovement.objects.create(lot=made, kind="carried_over", **columns(made.balance))
    return made


def draw(of: Lot, volume: Decimal, **fields: Any) -> None:
    """Count a volume as given from a lot; what it does not have was received besides."""
    of.refresh_from_db()
    more = max(Decimal(0), volume - of.stock_ml)
    change = Change(received=more, stock=more - volume, given=volume)
    Lot.objects.filter(pk=of.pk).update(**columns(of.balance + change))
    StockMovement.objects.create(lot=of, kind="given", **columns(change), **fields)
    of.refresh_from_db()


def protocol(of: Clinic, **fields: Any) -> Protocol:
    told = {
        "name": f"Five monthly sessions {next(_count)}",
        "volumes": {"vertex": "3.00"},
        "route": "intradermal_injection",
        "checkpoints": [0, 3, 5],
        "views": ["vertex", "superior_midline", "frontal", "temporal_left", "temporal_right", "occipital"],
        **fields,
    }
    return Protocol.objects.create(clinic=of, **_by(told, of))


def course(of: Patient, **fields: Any) -> Course:
    told = {
        "name": "Five monthly sessions",
        "baseline_on": datetime.date.today() - datetime.timedelta(days=60),
        "volumes": {"vertex": "3.00"},
        "route": "intradermal_injection",
        "checkpoints": [0, 3, 5],
        "views": ["vertex", "superior_midline", "frontal", "temporal_left", "temporal_right", "occipital"],
        **fields,
    }
    return Course.objects.create(clinic=of.clinic, patient=of, **_by(_due(told), of.clinic))


def exosome_session(of: Course, *, regions: dict[str, str] | None = None, **fields: Any) -> ExosomeSession:
    regions = {"vertex": "3.00"} if regions is None else regions
    told = {
        "performed_on": of.baseline_on,
        "route": "intradermal_injection",
        "total_ml": sum((Decimal(ml) for ml in regions.values()), Decimal(0)),
        **fields,
    }
    told.setdefault("first_ml", told["total_ml"])
    made = ExosomeSession.objects.create(clinic=of.clinic, patient=of.patient, course=of, **_by(told, of.clinic))
    RegionVolume.objects.bulk_create(
        RegionVolume(exosome_session=made, region=region, ml=Decimal(ml)) for region, ml in regions.items()
    )
    return made


def assessment(of: Patient, **fields: Any) -> Assessment:
    told = {
        "assessed_on": datetime.date.today() - datetime.timedelta(days=60),
        "scale": "norwood_1975",
        "stage": "III-vertex",
        **fields,
    }
    return Assessment.objects.create(clinic=of.clinic, patient=of, **_by(told, of.clinic))


def repeat_pair(of: Clinic, **fields: Any) -> RepeatPair:
    told = {"counted_on": datetime.date.today(), "first": Decimal(120), "second": Decimal(126), "readers": "same"}
    return RepeatPair.objects.create(**_by(told | fields, of), clinic=of)


def measurement(of: Patient, **fields: Any) -> Measurement:
    told = {
        "measured_on": datetime.date.today(),
        "kind": "hair_density",
        "site": "vertex",
        "method": "manual_trichoscopy_count",
        **({} if "low" in fields else {"value": Decimal("140")}),
        **fields,
    }
    return Measurement.objects.create(clinic=of.clinic, patient=of, **_by(told, of.clinic))


def laboratory_report(of: Patient, **values: Any) -> LaboratoryReport:
    """A report with a value for each analyte named (`ferritin=Decimal(18)`), in its first unit."""
    results = {code: values.pop(code) for code in ANALYTES if code in values}
    told = _by({"sampled_on": datetime.date.today(), "laboratory": "North Laboratory", **values}, of.clinic)
    made = LaboratoryReport.objects.create(clinic=of.clinic, patient=of, **told)
    for code, value in results.items():
        unit = ANALYTES[code].units[0].ucum
        row = {"report": made, "clinic": of.clinic, "patient": of, "created_by": made.created_by}
        LaboratoryResult.objects.create(analyte=code, value=value, unit=unit, low=Decimal(30), high=Decimal(400), **row)
    return made


def consent(of: Patient, kind: str = "treatment", **fields: Any) -> Consent:
    told = {
        "form_version": "T-2",
        "given_on": datetime.date.today() - datetime.timedelta(days=365),
        "signed_how": "paper_filed",
        "purposes": ["record"] if kind == "photography" else [],
        **fields,
    }
    return Consent.objects.create(clinic=of.clinic, patient=of, kind=kind, **_by(told, of.clinic))


def consent_text(of: Clinic, kind: str = "treatment", **fields: Any) -> ConsentText:
    told = {
        "title": "Treatment with exosomes",
        "language": "en",
        "language_name": "English",
        "number": 1,
        "body": "# What it is\n\nAn injection into the scalp.\n\n- It may hurt.\n- You may stop.",
        **fields,
    }
    return ConsentText.objects.create(clinic=of, kind=kind, **_by(told, of))


def adverse_event(of: Patient, **fields: Any) -> AdverseEvent:
    told = {"kind": "headache", "happened": datetime.date.today(), "grade": 1, "outcome": "3", **fields}
    return AdverseEvent.objects.create(clinic=of.clinic, patient=of, **_by(told, of.clinic))


def photo(of: Patient, **fields: Any) -> Photo:
    """A photo's row without its file; a test that opens the picture uploads one."""
    number = next(_count)
    told = {
        "view": "vertex",
        "taken_on": datetime.date.today(),
        "key": f"00/{number:032d}",
        "sha256": f"{number:064x}",
        "size_bytes": 1,
        "media_type": "image/jpeg",
        "width": 1200,
        "height": 1200,
        **fields,
    }
    return Photo.objects.create(clinic=of.clinic, patient=of, **_by(told, of.clinic))


def appointment(of: Patient, **fields: Any) -> Appointment:
    told = {
        "day": datetime.date.today(),
        "time": datetime.time(10, 0),
        "minutes": 30,
        "kind": "session",
        **fields,
    }
    return Appointment.objects.create(clinic=of.clinic, patient=of, **_by(told, of.clinic))


def call(of: Patient, **fields: Any) -> Call:
    told = {"outcome": "not_reached", **fields}
    if (about := told.get("course")) is not None:
        told.setdefault("about_due", about.next_due)
    return Call.objects.create(clinic=of.clinic, patient=of, **_by(told, of.clinic))


def import_file(of: Clinic, *, by: User, rows: list[list[str]] | None = None) -> ImportFile:
    """A spreadsheet of one patient that waits to be imported, with its columns chosen."""
    table = Table("Patients", list(enumerate(rows or [["Record number", "Name"], ["I-1", "Ilse Invented"]], start=1)))  # type: ignore[arg-type]
    layout = Layout([SheetLayout(columns={"1": "record_number", "2": "name"})])
    return ImportFile.objects.create(
        clinic=of,
        uploaded_by=by,
        name="patients.xlsx",
        sha256="0" * 64,
        size_bytes=100,
        tables=encryption.sealed_tables([table]),
        layout=layout.as_json(),
    )


def made_import(of: Clinic, *, by: User) -> Import:
    """An import that made nothing."""
    return Import.objects.create(clinic=of, by=by, file_name="patients.xlsx", sha256="0" * 64)


def waiting_photo(of: PhotoBatch, **fields: Any) -> WaitingPhoto:
    """A photo of no patient yet, without its file; the camera wrote no date."""
    number = next(_count)
    facts = ImageFacts("image/jpeg", "jpg", 640, 480, 1, (), "", None, {}, False, "")
    measures = {"version": "1", "long_side": 640, "reblur": None, "over_exposed": 0.0, "median": 120}
    told = {
        "sha256": f"{number:064x}",
        "size_bytes": 1,
        "original_name": f"IMG_{number:04d}.jpg",
        "facts": facts.as_json(),
        "measures": measures | {"fingerprint": "0" * 16, "backdrop": None},
        **fields,
    }
    return WaitingPhoto.objects.create(batch=of, clinic=of.clinic, **told)


def case_report(of: Patient, **fields: Any) -> CaseReport:
    if "course" not in fields:
        fields["course"] = course(of)
    told = {"clinic": of.clinic, "patient": of, "title": "A case report", **fields}
    return CaseReport.objects.create(**_by(told, of.clinic))


def flag_answer(of: CaseReport, **fields: Any) -> FlagAnswer:
    told = {"clinic": of.clinic, "report": of, "created_by": of.created_by}
    words = {
        "key": "0" * 64,
        "found": "May 2025",
        "sentence": "In May 2025.",
        "answer": "Of a study, not of the patient",
    }
    return FlagAnswer.objects.create(**{**told, **words, **fields})


def case_series(of: Clinic, **fields: Any) -> CaseSeries:
    """Of every course whose Month 0 was in 2020 to 2030, at Month 6."""
    told = {"title": "Exosomes for pattern hair loss: a case series", "month": 6}
    period = {"from_on": datetime.date(2020, 1, 1), "until_on": datetime.date(2030, 12, 31)}
    return CaseSeries.objects.create(**_by({"clinic": of, **told, **period, **fields}, of))


def series_answer(of: CaseSeries, **fields: Any) -> SeriesAnswer:
    told = {"clinic": of.clinic, "series": of, "created_by": of.created_by}
    words = {"key": "0" * 64, "found": "May 2025", "sentence": "In May 2025.", "answer": "Of a study"}
    return SeriesAnswer.objects.create(**{**told, **words, **fields})


def series_release(of: CaseSeries, **fields: Any) -> SeriesRelease:
    told = {"clinic": of.clinic, "series": of, "created_by": of.created_by, "series_version": of.version}
    file = {"file_format": "pdf", "is_draft": False, "cases": 5, "sha256": "0" * 64}
    return SeriesRelease.objects.create(**{**told, **file, **fields})


def research_export(of: CaseSeries, *courses: Course, **fields: Any) -> ResearchExport:
    """With a row for each of these courses; the file itself is not made."""
    told = {"file_format": "xlsx", "sha256": "0" * 64, "rows": 5, "suppressed": 0, "without_consent": 0, "k": 5}
    export = ResearchExport.objects.create(**_by({"clinic": of.clinic, "series": of, **told, **fields}, of.clinic))
    for number, course in enumerate(courses):
        Pseudonym.objects.create(export=export, course=course, code=f"P-{number:06}")
    return export


def report_figure(of: CaseReport, earlier: Photo, **fields: Any) -> ReportFigure:
    told = {"clinic": of.clinic, "report": of, "created_by": of.created_by, "earlier": earlier}
    words = {"caption": "Vertex", "alt": "The vertex from above", "is_identifiable": False}
    return ReportFigure.objects.create(**{**told, **words, **fields})


def report_release(of: CaseReport, **fields: Any) -> ReportRelease:
    signed = consent(of.patient, kind="case_publication")
    told = {"clinic": of.clinic, "created_by": of.created_by}
    export = Export.objects.create(
        patient=of.patient, purpose="publication", consent=signed, file_format="pdf", sha256="0" * 64, **told
    )
    words = {"report_version": 1, "file_format": "pdf", "sha256": "0" * 64, "consents": [str(signed.pk)]}
    return ReportRelease.objects.create(**{"report": of, "export": export, **told, **words, **fields})
