"""How a case report is written, answered for and released."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from clinic.audit import log
from clinic.staff.models import User
from treatments.consents.models import Consent, Export
from treatments.consents.purposes import ConsentKind, PhotoPurpose
from treatments.evidence.deidentification.actions import keep_answer
from treatments.evidence.deidentification.flags import Flag
from treatments.evidence.reports.models import FlagAnswer, ReportFigure, ReportRelease
from treatments.handouts.case_report import CaseReport
from treatments.records.actions import Conflict, Passed, correct, insert
from treatments.records.actions import strike_out as strike_out_record
from treatments.records.ids import new_id

STRUCK_OUT = "This report is struck out as entered in error. Begin another one."
NO_CONSENT = (
    "No consent to the publication of the case is valid today. Record a signed consent first. Nothing was made."
)


class NotReleased(Exception):
    """The final file may not be made; the text says why, for the person who asked. Nothing left."""


@dataclass(frozen=True)
class Made:
    """What was put on record of a final file, and its bytes."""

    release: ReportRelease
    content: bytes


@dataclass(frozen=True)
class Rests:
    """On what a final file rests, read with the consents locked: the consent to the text, and those for the photos."""

    consent: Consent
    photo_consents: list[Consent]


def begin_report(report: CaseReport, *, passed: Iterable[Passed] = (), by: User) -> CaseReport:
    """Store a report with what was written so far. Raises AlreadySaved for a used id."""
    return insert(report, event="began_case_report", passed=passed, by=by)


def write_report(report: CaseReport, *, changes: dict[str, Any], expected_version: int, by: User) -> CaseReport:
    """Change what the author wrote; what stood there before is kept with who wrote it and when. Raises Conflict."""
    if report.is_struck_out:
        raise ValidationError(STRUCK_OUT)
    reason = "Written on"
    return correct(
        report, changes=changes, reason=reason, expected_version=expected_version, by=by, event="wrote_case_report"
    )


def add_figure(figure: ReportFigure, *, passed: Iterable[Passed] = (), by: User) -> ReportFigure:
    """Put photographs into a report. Raises AlreadySaved for a used id, ValidationError for one struck out."""
    if figure.report.is_struck_out:
        raise ValidationError(STRUCK_OUT)
    return insert(figure, event="added_report_figure", passed=passed, by=by)


def remove_figure(figure: ReportFigure, *, reason: str, expected_version: int, by: User) -> ReportFigure:
    """Take a figure out of a report; what it was can still be read. Raises Conflict."""
    return strike_out_record(figure, reason=reason, expected_version=expected_version, by=by)


def answer_flag(report: CaseReport, *, flag: Flag, answer: str, by: User) -> FlagAnswer:
    """Keep why a passage stays that might identify. Answered twice at once it is the first answer."""
    return keep_answer(report, model=FlagAnswer, column="report", flag=flag, answer=answer, by=by)


def leave_out(report: CaseReport, *, flag: Flag, by: User) -> FlagAnswer:
    """Print "[…]" in the place of a passage that might identify; in the record it stays."""
    answer = "Left out"
    return keep_answer(report, model=FlagAnswer, column="report", flag=flag, answer=answer, by=by, is_left_out=True)


def note_draft(report: CaseReport, *, file_format: str, by: User) -> None:
    """Put on record that a draft was taken, which says on each sheet that it is one."""
    detail = {"format": file_format, "version": report.version}
    log.record("downloaded_case_draft", by=by, clinic=report.clinic, target=report, detail=detail)


def release(
    report: CaseReport,
    *,
    file_format: str,
    expected_version: int,
    make: Callable[[CaseReport, Rests], bytes],
    by: User,
) -> Made:
    """Make the final file and put it on record, in one transaction with the consents locked, so that one that was
    withdrawn while the page was open counts.

    `make` is given what it rests on, draws the file of the report as it stands, and raises NotReleased where something
    else stands against it. Raises NotReleased, which is on the trail too, and Conflict for another version.
    """
    detail = {"format": file_format, "version": expected_version}
    try:
        with transaction.atomic():
            current = _locked(report)
            if current.is_struck_out:
                raise NotReleased(STRUCK_OUT)
            if current.version != expected_version:
                raise Conflict(current)
            rests = _rests_on(current)
            content = make(current, rests)
            made = _recorded(current, rests, content, file_format=file_format, by=by)
    except NotReleased:
        log.record("refused_case_release", by=by, clinic=report.clinic, target=report, detail=detail)
        raise
    return Made(made, content)


def _locked(report: CaseReport) -> CaseReport:
    rows = CaseReport.objects.select_for_update(of=("self",)).select_related("patient__history", "course", "clinic")
    found: CaseReport = rows.get(pk=report.pk)
    return found


def _rests_on(report: CaseReport) -> Rests:
    today = timezone.localdate()
    kinds = [ConsentKind.CASE_PUBLICATION, ConsentKind.PHOTOGRAPHY]
    rows = Consent.objects.filter(patient_id=report.patient_id, kind__in=kinds).order_by("given_on", "id")
    valid = [consent for consent in rows.select_for_update() if consent.is_in_force(today)]
    text = [consent for consent in valid if consent.kind == ConsentKind.CASE_PUBLICATION]
    if not text:
        raise NotReleased(NO_CONSENT)
    return Rests(text[-1], [consent for consent in valid if consent.kind == ConsentKind.PHOTOGRAPHY])


def _recorded(report: CaseReport, rests: Rests, content: bytes, *, file_format: str, by: User) -> ReportRelease:
    digest = hashlib.sha256(content).hexdigest()
    figures = list(ReportFigure.objects.standing().filter(report=report).order_by("id"))
    photos = [str(photo.pk) for figure in figures for photo, _ in figure.photos]
    covering = (
        [consent for consent in rests.photo_consents if consent.allows(PhotoPurpose.PUBLICATION)] if photos else []
    )
    export = Export(
        pk=new_id(),
        clinic=report.clinic,
        patient=report.patient,
        purpose=PhotoPurpose.PUBLICATION,
        consent=rests.consent,
        also_under=[str(consent.pk) for consent in covering],
        photos=photos,
        file_format=file_format,
        sha256=digest,
        created_by=by,
    )
    export.save(force_insert=True)
    made = ReportRelease(
        clinic=report.clinic,
        report=report,
        report_version=report.version,
        file_format=file_format,
        sha256=digest,
        consents=[str(consent.pk) for consent in [rests.consent, *covering]],
        export=export,
        created_by=by,
    )
    made.save(force_insert=True)
    detail = {"format": file_format, "version": report.version, "photos": len(photos), "sha256": digest}
    log.record("released_case_report", by=by, clinic=report.clinic, target=report, detail=detail)
    return made
