"""How a case series is begun and written, and how its paper and its rows leave the clinic."""

import hashlib
import random
import secrets
import string
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic.audit import log
from clinic.operations.release import version
from clinic.staff.models import User
from treatments.evidence.deidentification.actions import keep_answer
from treatments.evidence.deidentification.flags import Flag
from treatments.evidence.series import research_file
from treatments.evidence.series.anonymity import FEWEST_APART, K
from treatments.evidence.series.cases import Case, Facts, TooMany, cohort_of, in_force, load, quarter
from treatments.evidence.series.identifying import named_patients, open_flags
from treatments.evidence.series.models import CaseSeries, Pseudonym, ResearchExport, SeriesAnswer, SeriesRelease
from treatments.evidence.series.paper.manuscript import manuscript
from treatments.papers.docx import as_docx
from treatments.papers.pdf import as_pdf
from treatments.records.actions import Passed, correct, insert
from treatments.records.actions import strike_out as strike_out_record
from treatments.records.formatting import count, listed

STRUCK_OUT: Final = "This series is struck out as entered in error. Nothing leaves from it. Begin another one."
NOBODY: Final = (
    "No patient of this series has a valid consent to research today. No file was made. Record the signed consents "
    "first."
)
TOO_FEW: Final = (
    f"Every row would be held back: no {K} patients with consent are alike in sex, age band, ethnicity, stage and "
    f"quarter of Month 0, or fewer than {FEWEST_APART} would be left out, whom sums would give away. No file "
    "was made. A longer period may hold more who are alike."
)
# Consonants alone: no code is a word, and no spreadsheet takes one for a number or a day.
_LETTERS: Final = "".join(sorted(set(string.ascii_uppercase) - set("AEIOUY")))
_CHANCE: Final = random.SystemRandom()


def begin(series: CaseSeries, *, passed: Iterable[Passed] = (), by: User) -> CaseSeries:
    """Store a new series. Raises AlreadySaved for a used id."""
    return insert(series, event="began_case_series", passed=passed, by=by)


def write(series: CaseSeries, *, changes: dict[str, Any], expected_version: int, by: User) -> CaseSeries:
    """Change what the authors wrote or chose; what was there before is kept. Raises Conflict, and ValidationError for a
    series that was struck out."""
    if series.is_struck_out:
        raise ValidationError(STRUCK_OUT)
    return correct(
        series,
        changes=changes,
        reason="Written on",
        expected_version=expected_version,
        by=by,
        event="wrote_case_series",
    )


def strike_out(series: CaseSeries, *, reason: str, expected_version: int, by: User) -> CaseSeries:
    """Mark a series as entered in error: it can be read, and no file leaves any more. Raises Conflict."""
    struck: Any = strike_out_record(series, reason=reason, expected_version=expected_version, by=by)  # type: ignore[type-var]
    return cast(CaseSeries, struck)


def answer_flag(series: CaseSeries, *, flag: Flag, answer: str, by: User) -> SeriesAnswer:
    """Keep why a passage stays that might identify. Answered twice at once it is the first answer."""
    return keep_answer(series, model=SeriesAnswer, column="series", flag=flag, answer=answer, by=by)


def export_paper(series: CaseSeries, *, file_format: str, by: User) -> bytes:
    """The paper as "pdf" or "docx", from the record and the consents of this moment, put on record with its digest.

    Raises ValidationError, with an event on the trail, where its texts name a patient of the series, where a final file
    has a passage that might identify and is not answered, where it has too many courses, and where it was struck out.
    As long as an author's box is empty, it says DRAFT.
    """
    try:
        with transaction.atomic():
            facts = _locked(series)
            if named := named_patients(facts):
                raise ValidationError(
                    f"The text names a patient: {listed(named)}. No file was made. Take it out, then press again."
                )
            document = manuscript(facts)
            if not document.stamp and (still := open_flags(facts)):
                raise ValidationError(not_answered(len(still)))
            made = as_docx(document) if file_format == "docx" else as_pdf(document)
            _put_on_record(facts, made, file_format=file_format, is_draft=bool(document.stamp), by=by)
    except ValidationError:
        detail = {"format": file_format, "version": series.version}
        log.record("refused_case_series", by=by, clinic=series.clinic, target=series, detail=detail)
        raise
    return made


def not_answered(number: int) -> str:
    """Why no final file is made while there are passages that nobody answered."""
    are = "is" if number == 1 else "are"
    return (
        f"{count(number, 'passage')} that might tell who somebody is {are} not answered. No file was made. Change the "
        "text, or say below why it stays."
    )


def _put_on_record(facts: Facts, made: bytes, *, file_format: str, is_draft: bool, by: User) -> None:
    series = facts.series
    release = SeriesRelease(
        clinic=series.clinic,
        series=series,
        series_version=series.version,
        file_format=file_format,
        is_draft=is_draft,
        cases=len(facts.cases),
        sha256=hashlib.sha256(made).hexdigest(),
        created_by=by,
    )
    release.save(force_insert=True)
    detail = {"format": file_format, "cases": release.cases, "draft": is_draft, "sha256": release.sha256}
    log.record("exported_case_series", by=by, clinic=series.clinic, target=series, detail=detail)


def export_rows(series: CaseSeries, *, file_format: str, by: User) -> tuple[ResearchExport, bytes]:
    """The rows of those who consented to research, as "xlsx" or "csv", under codes drawn for this file alone.

    Consents are looked at, and locked, in the transaction that makes the file: one withdrawn since the page was opened
    leaves the row out. Raises ValidationError where nobody consented, or nothing is left that five share.
    """
    with transaction.atomic():
        facts = _locked(series)
        consented = facts.consented
        if not consented:
            raise ValidationError(NOBODY)
        kept, suppressed = facts.listed()
        if not kept:
            raise ValidationError(TOO_FEW)
        _CHANCE.shuffle(kept)
        rows = list(zip(kept, _codes(len(kept)), strict=True))
        export = ResearchExport(
            clinic=series.clinic,
            series=series,
            file_format=file_format,
            rows=len(rows),
            suppressed=suppressed,
            without_consent=len(facts.cases) - len(consented),
            k=K,
        )
        made = research_file.write(rows, _about(facts, export), file_format=file_format)
        export.sha256 = hashlib.sha256(made).hexdigest()
        counts = {"rows": export.rows, "suppressed": suppressed, "without_consent": export.without_consent}
        insert(
            export,
            event="exported_research_rows",
            by=by,
            then=lambda saved: _keep_key(saved, rows),
            detail={"format": file_format, **counts},
        )
    return export, made


@dataclass(frozen=True)
class WouldLeave:
    """How many rows a file made now would have. `refusal` says why none is made; then all else is as it stands."""

    cases: int = 0
    rows: int = 0
    suppressed: int = 0
    without_consent: int = 0
    refusal: str = ""


def would_leave(series: CaseSeries) -> WouldLeave:
    """For the page before the file; the file counts again."""
    if series.is_struck_out:
        return WouldLeave(refusal=STRUCK_OUT)
    try:
        facts = load(series)
    except TooMany as many:
        return WouldLeave(refusal=too_many(many))
    kept, suppressed = facts.listed()
    without = len(facts.cases) - len(facts.consented)
    refusal = "" if kept else NOBODY if not facts.consented else TOO_FEW
    return WouldLeave(len(facts.cases), len(kept), suppressed, without, refusal)


def whose(export: ResearchExport, *, code: str, by: User) -> Pseudonym:
    """Whose row bears a code, with its event on the trail of that patient. Raises ValidationError for no such code."""
    found = export.pseudonyms.select_related("course__patient").filter(code=code.strip().upper()).first()
    if found is None:
        raise ValidationError("No row of this file has that code. Compare it letter by letter.")
    detail = {"export": str(export.pk)}
    log.record("looked_up_pseudonym", by=by, clinic=export.clinic, target=found.course.patient, detail=detail)
    return found


def _locked(series: CaseSeries) -> Facts:
    """The facts as they stand, with the consents that they rest on: nobody can withdraw one until the file is made."""
    series = CaseSeries.objects.select_for_update(of=("self",)).select_related("clinic").get(pk=series.pk)
    if series.is_struck_out:
        raise ValidationError(STRUCK_OUT)
    try:
        facts = load(series)
    except TooMany as refusal:
        raise ValidationError(too_many(refusal)) from refusal
    held = in_force(case.patient.pk for case in facts.cases).select_for_update()
    patients = set(held.values_list("patient_id", flat=True))
    for case in facts.cases:
        case.has_consent = case.patient.pk in patients
    return facts


def too_many(refusal: TooMany) -> str:
    """What is said where a period has more courses than a series is told of."""
    told = count(refusal.number, "course")
    return f"There are {told} in this period, too many for a case series. Choose a shorter period."


def _codes(number: int) -> list[str]:
    codes: dict[str, None] = {}
    while len(codes) < number:
        codes["P" + "".join(secrets.choice(_LETTERS) for _ in range(7))] = None
    return list(codes)


def _keep_key(export: ResearchExport, rows: Sequence[tuple[Case, str]]) -> None:
    Pseudonym.objects.bulk_create(Pseudonym(export=export, course=case.course, code=code) for case, code in rows)


def _about(facts: Facts, export: ResearchExport) -> research_file.About:
    series, is_all = facts.series, cohort_of(facts.series).is_everything
    return research_file.About(
        (
            ("Export", str(export.pk)),
            ("Written by", f"Anagen {version()}"),
            ("Period of Month 0", f"{quarter(series.from_on)} to {quarter(series.until_on)}"),
            ("Choice", "every course of the period" if is_all else "courses of the period that fit a choice"),
            ("Cases of the series", str(len(facts.cases))),
            ("Rows in this file", str(export.rows)),
            ("Left out: no valid consent to research", str(export.without_consent)),
            (f"Held back: fewer than {K} alike, or told by subtraction", str(export.suppressed)),
            ("Alike in", "sex, age_band, ethnicity, baseline_stage, baseline_quarter"),
            ("Order of the rows", "by chance"),
            ("Dates", "none; Month N is N calendar months after Month 0, give or take ten days"),
            ("Free text", "none"),
            (
                "Missing values",
                "not_asked, unknown, not_comparable, not_due: see the dictionary. Never 0, never blank.",
            ),
            ("Pseudonyms", "drawn for this file alone; the clinic keeps the key"),
        )
    )
