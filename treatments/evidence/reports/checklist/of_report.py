"""What the checklist and the checks read of a report: its author's texts, and the sentences that rows gave."""

import datetime
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from treatments.assessments import finding_text
from treatments.assessments.measurements.density import COUNT, DensityChange
from treatments.consents.models import Consent
from treatments.consents.purposes import ConsentKind
from treatments.courses.vocabulary import Phase, SessionOutcome
from treatments.evidence.reports.checklist.care import Marked, marked
from treatments.evidence.reports.checklist.case import Case, is_said
from treatments.evidence.reports.checklist.consistency import (
    SOURCE_WORDS,
    Check,
    Finding,
    Held,
    Part,
    checks,
    contradicted,
)
from treatments.evidence.reports.sentences import course as told_course
from treatments.evidence.reports.sentences import limits
from treatments.evidence.reports.sentences import patient as told_patient
from treatments.evidence.reports.sentences.record import CaseRecord
from treatments.evidence.reports.sentences.words import says
from treatments.handouts.case_report import CaseReport
from treatments.papers.document import Sentence
from treatments.patients.vocabulary import Sex
from treatments.products.vocabulary import SourceType
from treatments.records.months import MonthLabel, label

PARTS: dict[str, bool] = {
    "what_is_new": False,
    "main_lesson": False,
    "introduction": True,
    "challenges": False,
    "reasoning": False,
    "changes_why": False,
    "limits": False,
    "literature": True,
    "rationale": False,
    "take_away": False,
}
"""The texts that say something of the case, and whether they speak of others too."""
_SOURCES: dict[str, str] = {
    SourceType.PLANT_ROSE_STEM_CELL: "plant",
    SourceType.PLANT_OTHER: "plant",
    SourceType.PLATELET: "platelet",
    SourceType.PLATELET_RICH_PLASMA: "platelet",
    SourceType.SALMON_MARINE: "salmon",
    SourceType.MILK: "milk",
    SourceType.CONDITIONED_MEDIUM_SECRETOME: "medium",
}


def keywords_of(report: CaseReport) -> tuple[str, ...]:
    """Parted by commas or lines."""
    return tuple(
        word.strip() for word in report.keywords.replace("\n", ",").replace(";", ",").split(",") if word.strip()
    )


def lines_of(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def parts_of(report: CaseReport) -> list[Part]:
    fields = {field.name: str(field.verbose_name) for field in CaseReport._meta.concrete_fields}
    told = [Part(name, fields[name], str(getattr(report, name)), of_others) for name, of_others in PARTS.items()]
    return [part for part in told if part.text.strip()]


def consent_in_force(consents: Iterable[Consent], today: datetime.date) -> Consent | None:
    """The last signed consent to the publication of the case that is valid today."""
    valid = [each for each in consents if each.kind == ConsentKind.CASE_PUBLICATION and each.is_in_force(today)]
    return max(valid, key=lambda each: (each.given_on, str(each.pk)), default=None)


def case_of(report: CaseReport, record: CaseRecord, today: datetime.date) -> Case:
    """Every attribute from a row or from what the author wrote; what was not asked stays ""."""
    found = contradicted(checks_of(report, record))
    texts: dict[str, Any] = {name: str(getattr(report, name)) for name in PARTS if name != "reasoning"}
    case = Case(
        title=report.title,
        keywords=keywords_of(report),
        references=lines_of(report.references),
        contradicted=found,
        consent="given" if consent_in_force(record.facts.consents, today) else "",
        patient_words="\n".join(each.patient_words for each in record.assessments if says(each.patient_words)),
        **texts,
    )
    return _with_course(_with_patient(case, report, record), record)


def _with_patient(case: Case, report: CaseReport, record: CaseRecord) -> Case:
    findings = _text(told_patient.findings(record))
    earlier = told_patient.therapies_before(record)
    before = record.before
    return replace(
        case,
        age=told_patient.age(record),
        sex=told_patient.sex(record),
        complaint=record.history.complaint if record.history else "",
        since=told_patient.since_words(record),
        medical=_all_of(told_patient.is_asked(record, each) for each in ("conditions", "medicines", "allergies")),
        family=_text(told_patient.family(record)),
        psychosocial=_text(told_patient.psychosocial(record)),
        earlier=_text(told_patient.earlier(record)),
        earlier_outcome=_all_of(each.response not in ("", "unknown") for each in earlier) if earlier else (
            _text(told_patient.earlier(record))
        ),
        scalp=next((says(each.examination) or "thin" for each in before if says(each.examination) or each.regions), ""),
        tests=_text([each for each in told_patient.findings(record) if each.source]) if _is_tested(record) else "",
        examined=findings,
        pictured=_text(told_patient.methods(record)[1:]) or ("measured" if record.measurements else ""),
        diagnosis_basis=_basis(report, record),
        differentials=_text(told_patient.differentials(record)),
        stage=_text(told_patient.stage(record)),
        abstract_findings=_text(told_patient.concern(record)[:1]) and findings and "told",
    )  # fmt: skip


def _is_tested(record: CaseRecord) -> bool:
    """A pull test that was done, trichoscopy, or a finding that was looked for: each is a test, found or not."""
    return any(
        (each.pull_result and each.pull_result != "not_done")
        or finding_text.trichoscopy(each.trichoscopy)
        or each.findings
        for each in record.before
    )


def _basis(report: CaseReport, record: CaseRecord) -> str:
    visit = told_patient.diagnosis_visit(record)
    note = says(visit.diagnosis_note) if visit else ""
    return note or (report.reasoning if is_said(report.reasoning) else "")


def _with_course(case: Case, record: CaseRecord) -> Case:
    sessions, outcome = record.sessions, told_course.changes(record)
    products = told_course.products(record)
    diagnosed = _text(told_patient.diagnosis(record))
    harms = frozenset(str(each.kind) for each in record.events)
    return replace(
        case,
        abstract_course=diagnosed and _text(told_course.given(record)) and _text(outcome) and "told",
        months=tuple(dict.fromkeys(record.month(each.when) for each in [*record.assessments, *sessions])),
        intervention=_text(told_course.given(record)),
        route="known" if told_course.is_route_known(record) else "",
        volume="known" if sessions else "",
        interval="known" if sessions else "",
        strength="known" if products and all(told_course.strength(each) for each in products) else "",
        technique=told_course.technique(record),
        outcome=_text([*outcome, *told_course.perspective(record)]),
        outcome_clinician=_text(told_course.by_clinician(record)),
        outcome_patient=_text(told_course.by_patient(record)),
        follow_up_tests=_text(told_course.repeated_tests(record)),
        given=_text(told_course.adherence(record)),
        tolerated=_text(told_course.tolerability(record)),
        harms=(harms,) if harms else (),
        harms_denied=_text(told_course.denied(record)),
    )


def _text(sentences: Iterable[Sentence]) -> str:
    return " ".join(each.text for each in sentences)


def _all_of(known: Iterable[bool]) -> str:
    return "known" if all(known) else ""


def marks_of(report: CaseReport, record: CaseRecord, today: datetime.date) -> list[Marked]:
    return marked(case_of(report, record, today))


def checks_of(report: CaseReport, record: CaseRecord) -> list[Check]:
    found = checks(parts_of(report), held_by(record))
    old = tuple(
        Finding("limits", said, f"The record says now: {now}" if now else "The record does not say this any more.")
        for said, now in limits.outdated(report.limits, record)
    )
    return [replace(each, findings=(*each.findings, *old)) if each.code == "held" else each for each in found]


def held_by(record: CaseRecord) -> Held:
    """What the author's texts may say of this case."""
    sessions, products = record.sessions, told_course.products(record)
    age = record.patient.age(record.course.when)
    volumes = [float(session.total_ml) for session in sessions]
    parts = [float(row.ml) for session in sessions for row in session.region_volumes.all()]
    points = [float(session.point_ml) for session in sessions if session.point_ml is not None]
    sums = [sum(volumes[: number + 1]) for number in range(len(volumes))]
    done = sum(session.outcome == SessionOutcome.COMPLETED for session in sessions)
    induction = sum(session.phase == Phase.INDUCTION for session in sessions)
    months = _months(record)
    return Held(
        is_record=True,
        events=frozenset(str(each.kind) for each in record.events),
        serious=sum(bool(each.is_serious) for each in record.events),
        harms_denied=told_course.is_all_denied(record),
        volumes=frozenset([*volumes, *parts, *points, *sums]),
        percents=frozenset(span for each in told_course.density(record) for span in _spans(each)),
        counts=_counts(record),
        lights=told_course.lights(record),
        sources=frozenset(_source(each.source_type) for each in products),
        products=tuple(f"{each} {each.get_source_type_display()}" for each in products),
        sessions=frozenset({*range(1, len(sessions) + 1), record.course.sessions_planned}),
        given=frozenset({len(sessions), done, induction, record.course.sessions_planned}) if sessions else frozenset(),
        interval=record.course.interval_months,
        months=months | {record.course.interval_months},
        years=_years(record, months),
        ages=frozenset(range(age[0] - age[1], age[0] + max(months, default=0) // 12 + 2)) if age else frozenset(),
        sex=record.patient.sex if record.patient.sex in {Sex.MALE, Sex.FEMALE} else "",
        stages="; ".join(each.stage_text for each in record.assessments if each.stage),
        regions=_regions(row.region for session in sessions for row in session.region_volumes.all()),
        treatments=_treatments(record),
        words=_words(record),
    )  # fmt: skip


def _months(record: CaseRecord) -> frozenset[int]:
    """The Months of every entry, and how far they lie apart."""
    start = record.course.when
    rows = [*record.assessments, *record.sessions, *record.photos, *record.measurements]
    dates = [row.when for row in rows] + [event.onset for event in record.events if event.onset]
    reports = [report for report, _ in record.facts.laboratory if not report.is_struck_out]
    dates += [report.when for report in reports]
    for each in record.facts.therapies:
        if not each.is_struck_out:
            dates += [when for when in (each.started, each.ended) if when]
    numbers = {number for when in dates for number in _span_of(label(start, when))} | {0}
    return frozenset(numbers | {abs(one - other) for one in numbers for other in numbers})


def _span_of(month: MonthLabel) -> tuple[int, ...]:
    return (month.first, month.number, month.last)


def _years(record: CaseRecord, months: frozenset[int]) -> frozenset[int]:
    """Spans in whole years: since the hair loss began, as far as that is known, and between entries."""
    onset = told_patient.onset_years(record)
    about = {onset - 1, onset, onset + 1} if onset is not None else set()
    return frozenset(about | {abs(month) // 12 for month in months if abs(month) >= 12})


def _counts(record: CaseRecord) -> frozenset[float]:
    """Hairs per cm² as they were counted, and by how many they differ."""
    known = [float(each.value) for each in record.measurements if each.kind == COUNT and each.value is not None]
    return frozenset([*known, *(abs(one - other) for one in known for other in known)])


def _regions(codes: Iterable[str]) -> frozenset[str]:
    return frozenset(code.removesuffix("_left").removesuffix("_right") for code in codes)


def _treatments(record: CaseRecord) -> str:
    """Every other treatment that the record names, and how and with what the sessions were done."""
    rows = [each for each in record.facts.therapies if not each.is_struck_out]
    named = [f"{each} {each.dose_text} {each.note}" for each in rows]
    routes = [str(session.get_route_display()) for session in record.sessions if session.route]
    history = [record.history.medicines_text, record.history.conditions_text] if record.history else []
    return " ".join([*named, *routes, *history, *(str(each) for each in told_course.products(record))])


def _words(record: CaseRecord) -> str:
    """What the examinations, the laboratory and the history say in words."""
    told = [f"{each.change_seen} {each.examination} {each.diagnosis_note}" for each in record.assessments]
    told += [sentence for each in record.assessments for sentence in each.finding_sentences]
    told += [each.text for each in (*told_patient.laboratory(record), *told_patient.concern(record))]
    told += ["trichoscopy" for each in record.measurements if "trichoscop" in str(each.get_method_display()).lower()]
    told += ["trichoscopy" for each in record.assessments if each.trichoscopy]
    return " ".join([*told, *(each.text for each in told_patient.medical(record))])


def _source(code: str) -> str:
    source = _SOURCES.get(code, "msc" if code.startswith("msc_") else "")
    return source if source in SOURCE_WORDS else ""


def _spans(change: DensityChange) -> Iterable[tuple[float, float]]:
    """Of a change each way in which it can be said: the figure as it is shown, its range, its interval; without a sign,
    which the words carry."""
    if change.value is not None:
        for value in (float(change.value), float(round(change.value))):
            yield abs(value), abs(value)
    elif change.low is not None and change.high is not None:
        yield abs(float(change.low)), abs(float(change.high))
    if change.interval:
        low, high = (abs(float(round(each))) for each in (change.interval.low, change.interval.high))
        yield from ((low, high), (low, low), (high, high))
