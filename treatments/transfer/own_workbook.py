"""The clinic's records as a workbook: a sheet for each kind, and one that says what the columns mean.

It is written with the headings and the words that the import reads, so that the same file, sent back, says that nothing
is new. Texts are cells of text whatever they begin with: a spreadsheet runs none of them and takes no zero away.
"""

import datetime
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from django.db.models import Count
from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from clinic.audit import log
from clinic.staff.models import Clinic, User
from treatments.assessments.models import Assessment, Measurement
from treatments.courses.models import Application, ExosomeSession
from treatments.courses.volumes import in_order
from treatments.patients.models import Patient
from treatments.records.formatting import ml
from treatments.records.partial_dates import PartialDate
from treatments.records.regions import Region
from treatments.transfer.reading.targets import FURTHER, FURTHER_PLACES, TARGETS, Target

_FIRST_EXCEL_DAY: Final = datetime.date(1901, 1, 1)
PATIENTS: Final = ("record_number", "name", "sex", "birth", "phone", "email", "ethnicity", "contact_note")
SESSIONS: Final = (
    "record_number", "name", "session_date", "session_time", "course", "reported_label", "phase",
    *(code for code in TARGETS if code.startswith("volume_")), "as_told", "product", "lot", "route", "needle_gauge",
    "needle_length_mm", "depth_mm", "points", "point_ml", "mixed_hours", "device", "skin_prep", "anaesthesia",
    "anaesthesia_detail", "pain_during", "pain_after", "operator", "assistant", "outcome", "outcome_reason",
    "since_last", "reactions", "note",
)  # fmt: skip
STAGES: Final = (
    "record_number", "name", "stage_date", "reported_label", "scale", "stage", "stage_note", "examination",
    "fitzpatrick", "diagnosis", "diagnosis_note", "change_seen", "global_change", "patient_change", "satisfaction",
    "dlqi", "patient_words", "plan",
)  # fmt: skip
MEASUREMENTS: Final = (
    "record_number", "name", "measured_date", "kind", "value", "low", "high", "site", "site_detail", "is_same_spot",
    "method", "measuring_device", "area_cm2", "magnification", "vellus_cutoff_um", "is_clipped", "is_dyed",
    "measured_by",
)  # fmt: skip
_WIDE: Final = {"name": 26, "note": 40, "examination": 40, "email": 26}
_LEFT_OUT: Final = (
    "Photos, consents, adverse events, histories, other treatments, laboratory values, plans of courses, findings of "
    "the scalp and what was struck out are not in this workbook."
)


def write(clinic: Clinic, *, by: User, version: str) -> bytes:
    """The workbook of everything that is imported, with its event on the trail before it leaves."""
    book = Workbook(write_only=True)
    about = book.create_sheet("About")
    sheets = {
        "Patients": (PATIENTS, _patients(clinic)),
        "Sessions": (_session_columns(clinic), _sessions(clinic)),
        "Stages": (STAGES, _stages(clinic)),
        "Measurements": (MEASUREMENTS, _measurements(clinic)),
    }
    counts = {}
    for title, (codes, rows) in sheets.items():
        sheet = book.create_sheet(title)
        sheet.freeze_panes = "C2"
        for place, code in enumerate(codes, start=1):
            sheet.column_dimensions[get_column_letter(place)].width = _WIDE.get(code, 16)
        sheet.append([_heading(sheet, TARGETS[code].title) for code in codes])
        counts[title] = 0
        for row in rows:
            sheet.append([_cell(sheet, row.get(code)) for code in codes])
            counts[title] += 1
    _write_about(about, clinic, sheets, counts, by=by, version=version)
    detail = {title.lower(): number for title, number in counts.items()}
    log.record("exported_workbook", by=by, clinic=clinic, detail=detail)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


# ── Rows ───────────────────────────────────────────────────────────────────────────────────────


def _patients(clinic: Clinic) -> Iterator[dict[str, Any]]:
    for patient in Patient.objects.of(clinic).order_by("record_number", "id").iterator(chunk_size=1_000):
        yield {
            **{name: getattr(patient, name) for name in PATIENTS},
            "sex": str(patient.get_sex_display()),
            "birth": patient.birth or None,
        }


def _who(record: Any) -> dict[str, Any]:
    return {"record_number": record.patient.record_number, "name": record.patient.name}


def _session_columns(clinic: Clinic) -> tuple[str, ...]:
    """With the columns of a second product always, of a third and fourth where a session had them."""
    standing = ExosomeSession.objects.standing().of(clinic)
    most = standing.annotate(further=Count("applications")).order_by("-further").values_list("further", flat=True)[:1]
    places = FURTHER_PLACES[: max(1, *most, 0)]
    return (*SESSIONS, *(f"{code}_{place}" for place in places for code in FURTHER))


def _sessions(clinic: Clinic) -> Iterator[dict[str, Any]]:
    rows = ExosomeSession.objects.standing().of(clinic).as_read().select_related("patient")
    for session in rows.order_by("patient__record_number", "performed_on", "id").iterator(chunk_size=1_000):
        given: dict[str, Any] = {f"volume_{row.region}": row.ml for row in session.region_volumes.all()}
        given["as_told"] = next((row.as_told for row in session.region_volumes.all() if row.as_told), None)
        yield {
            **{name: _spelled(session, name) for name in SESSIONS if _is_column(session, name)},
            **_who(session),
            **given,
            **_further(session),
            "session_date": session.performed,
            "session_time": session.performed_at,
            "course": session.course.name,
            "product": session.given_product.name if session.given_product else None,
            "lot": session.lot.number if session.lot else None,
            "operator": session.operator.name if session.operator else session.operator_name,
        }


def _further(session: ExosomeSession) -> dict[str, Any]:
    """What was given beside the first product, by the columns of its place."""
    row: dict[str, Any] = {}
    for place, each in zip(FURTHER_PLACES, session.applications.all(), strict=False):
        told = {
            "product": each.given_product.name if each.given_product else None,
            "lot": each.lot.number if each.lot else None,
            "ml": each.total_ml,
            "where": _where(each),
            "route": str(each.get_route_display()) if each.route else None,
            "depth_mm": each.depth_mm,
            "device": each.device,
            "mixed_hours": each.mixed_hours,
            "note": each.note,
        }
        row |= {f"{code}_{place}": value for code, value in told.items()}
    return row


def _where(given: Application) -> str:
    """ "Vertex"; of several regions "Vertex 2 mL; Frontal 1 mL", of a technique "Vertex; Frontal"."""
    volumes = in_order(given.volumes_ml)
    if len(volumes) > 1:
        return "; ".join(f"{Region(code).label} {ml(volume)}" for code, volume in volumes)
    return "; ".join(str(Region(code).label) for code in [*given.volumes_ml] or given.regions)


def _stages(clinic: Clinic) -> Iterator[dict[str, Any]]:
    rows = Assessment.objects.standing().of(clinic).select_related("patient")
    for visit in rows.order_by("patient__record_number", "assessed_on", "id").iterator(chunk_size=1_000):
        yield {
            **{name: _spelled(visit, name) for name in STAGES if _is_column(visit, name)},
            **_who(visit),
            "stage_date": visit.assessed,
        }


def _measurements(clinic: Clinic) -> Iterator[dict[str, Any]]:
    rows = Measurement.objects.standing().of(clinic).select_related("patient", "operator")
    for each in rows.order_by("patient__record_number", "measured_on", "id").iterator(chunk_size=1_000):
        yield {
            **{name: _spelled(each, name) for name in MEASUREMENTS if _is_column(each, name)},
            **_who(each),
            "measured_date": each.measured,
            "measuring_device": each.device,
            "measured_by": each.operator.name if each.operator else each.operator_name or None,
        }


def _is_column(record: Any, name: str) -> bool:
    return any(field.name == name for field in record._meta.concrete_fields)


def _spelled(record: Any, name: str) -> Any:
    """A column as a person reads it, where it is a choice; numbers and texts as they are."""
    value = getattr(record, name)
    field = record._meta.get_field(name)
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(dict(field.flatchoices).get(value, value)) if field.choices else value


# ── Cells ──────────────────────────────────────────────────────────────────────────────────────


def _cell(sheet: Any, value: Any) -> Any:
    if value is None or value == "":
        return None
    if isinstance(value, PartialDate):
        if not value.is_exact or value.earliest < _FIRST_EXCEL_DAY:
            return text_cell(sheet, value.text)
        value = value.earliest
    if isinstance(value, datetime.date):
        cell = WriteOnlyCell(sheet, value)
        cell.number_format = "yyyy-mm-dd"
        return cell
    if isinstance(value, datetime.time):
        return text_cell(sheet, f"{value:%H:%M}")
    if isinstance(value, int | Decimal):
        return value.normalize() if isinstance(value, Decimal) else value
    return text_cell(sheet, str(value))


def text_cell(sheet: Any, text: str) -> Any:
    """A cell of text, also where it begins with "="."""
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", text)[:32_000])
    cell.data_type = "s"
    cell.number_format = "@"
    return cell


def _heading(sheet: Any, text: str) -> Any:
    cell = text_cell(sheet, text)
    cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
    return cell


# ── What the columns mean ──────────────────────────────────────────────────────────────────────


def _write_about(
    sheet: Any,
    clinic: Clinic,
    sheets: Mapping[str, tuple[Sequence[str], Any]],
    counts: dict[str, int],
    *,
    by: User,
    version: str,
) -> None:
    now = timezone.localtime()
    for place, width in enumerate((22, 38, 14, 90), start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    lines: Iterable[Sequence[str]] = (
        ("Clinic", clinic.name),
        ("Written", f"{now:%Y-%m-%d %H:%M} ({timezone.get_current_timezone_name()}) by {by}"),
        ("Anagen", version),
        ("Filter", "none: every patient of the clinic"),
        *((title, f"{number} rows") for title, number in counts.items()),
        ("Empty cell", "not recorded. “Not asked” is an answer of its own."),
        ("Not in it", _LEFT_OUT),
        (),
    )
    for line in lines:
        sheet.append([text_cell(sheet, each) for each in line])
    sheet.append([_heading(sheet, each) for each in ("On the sheet", "Heading", "Unit", "What stands in it")])
    for title, (codes, _) in sheets.items():
        for code in codes:
            target = TARGETS[code]
            words = (title, target.title, target.unit or "–", _meaning(target))
            sheet.append([text_cell(sheet, each) for each in words])


_MEANINGS: Final = {
    "birth": "Day, month or year; “~” behind it means about",
    "past": "Day, or month where the day is not known (2025-02)",
    "decimal": "Number",
    "amount": "Number",
    "whole": "Whole number",
    "bool": "yes, no",
    "places": "Region; several with the mL that each got: Vertex 2 mL; Frontal 1 mL",
    "reactions": "Not asked; Asked, none; Yes. A file to import may name them: “mild redness, moderate pain”",
    "time": "Hours and minutes",
    "site": "Region of the scalp",
    "stage": "Stage of the scale beside it",
}


def _meaning(target: Target) -> str:
    if target.choices and target.reads not in _MEANINGS:
        return "; ".join(label for _, label in target.choices)
    return _MEANINGS.get(target.reads, "Text")
