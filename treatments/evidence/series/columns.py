"""The columns of a research export: what each holds, in which unit, by which codes, and its value for a case.

A missing value is a code and never blank or 0: `not_asked` nobody asked or measured, `unknown` asked for by nobody can
tell now (not recorded, or not seen at that Month), `not_comparable` measured but not comparable with the baseline,
`not_due` the Month is not over. Free text is in no column.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from treatments.assessments.finding_text import stage_word
from treatments.assessments.outcomes.models import CourseOutcome
from treatments.assessments.outcomes.vocabulary import MONTHS, SEEN, Beside, Rung
from treatments.evidence.series.anonymity import UNKNOWN, age_band
from treatments.evidence.series.cases import Case

NOT_ASKED: Final = "not_asked"
NOT_COMPARABLE: Final = "not_comparable"
NOT_DUE: Final = "not_due"
MISSING: Final = {
    NOT_ASKED: "nobody asked, or nobody measured",
    UNKNOWN: "not recorded; at a Month: the patient was not seen within ten days of it",
    NOT_COMPARABLE: "measured, but not comparable with the baseline",
    NOT_DUE: "the Month is not over yet",
}
Value = str | int | Decimal


@dataclass(frozen=True)
class Column:
    """`of` is its value for a case and the case's pseudonym."""

    name: str
    meaning: str
    of: Callable[[Case, str], Value]
    unit: str = ""
    codes: str = ""


def columns() -> list[Column]:
    return [*_OF_CASE, *(column for month in MONTHS for column in _of_month(month)), *_OF_HARMS]


def _or_unknown(value: str) -> str:
    return value or UNKNOWN


_OF_CASE: Final = (
    Column("case", "Pseudonym, drawn by chance for this file; its key stays in the clinic", lambda case, code: code),
    Column(
        "sex",
        "Sex recorded for clinical use",
        lambda case, code: case.sex,
        codes="male; female; other; unknown",
    ),
    Column("age_band", "Age at Month 0, in bands of five years", lambda case, code: age_band(case.age), "years"),
    Column("ethnicity", "As recorded in the clinic", lambda case, code: case.ethnicity),
    Column(
        "baseline_scale",
        "Staging scale of the baseline",
        lambda case, code: case.scale or NOT_ASKED,
        codes="code of the scale in Anagen",
    ),
    Column(
        "baseline_stage",
        "Stage at the baseline, on that scale",
        lambda case, code: stage_word(case.scale, case.stage) if case.stage else NOT_ASKED,
    ),
    Column("baseline_quarter", "Quarter in which Month 0 lies", lambda case, code: case.quarter, codes="2025-Q1"),
    Column("sessions_planned", "Sessions planned in the first part", lambda case, code: case.course.sessions_planned),
    Column("interval_months", "Planned interval", lambda case, code: case.course.interval_months, "months"),
    Column("sessions_given", "Sessions given in the course so far", lambda case, code: len(case.sessions)),
    Column("total_ml", "Volume given in all sessions", lambda case, code: case.total_ml, "mL"),
    Column("route", "Route, every one that was used", lambda case, code: _or_unknown("; ".join(case.routes))),
    Column(
        "product_source",
        "Source of the product, every one that was given",
        lambda case, code: _or_unknown("; ".join(case.sources)),
    ),
)


def _events_of(case: Case, value: int) -> Value:
    """A count of events is known only where somebody asked."""
    return value if value or case.asked else NOT_ASKED


_OF_HARMS: Final = (
    Column(
        "sessions_asked",
        "Sessions at which somebody asked for adverse events: the denominator",
        lambda case, code: case.asked,
    ),
    Column(
        "events",
        "Adverse events recorded; 0 only where somebody asked",
        lambda case, code: _events_of(case, len(case.events)),
    ),
    Column(
        "events_at_asked",
        "Of these, of sessions at which somebody asked: for a rate",
        lambda case, code: _events_of(case, sum(each.was_asked for each in case.events)),
    ),
    Column(
        "worst_grade",
        "Worst CTCAE grade; 0 where somebody asked and no event was recorded",
        lambda case, code: _events_of(case, max((each.grade for each in case.events), default=0)),
        codes="0 to 5",
    ),
    Column(
        "serious_events",
        "Serious adverse events (ICH E2A)",
        lambda case, code: _events_of(case, sum(each.is_serious for each in case.events)),
    ),
)


def _of_month(month: int) -> Iterator[Column]:
    def at(read: Callable[[CourseOutcome], Value | None], missing: str = NOT_ASKED) -> Callable[[Case, str], Value]:
        def value(case: Case, code: str) -> Value:
            row = case.months.get(month)
            if row is None or not case.is_due(month):
                return NOT_DUE
            found = read(row)
            if found is not None and found != "":
                return found
            return missing if row.rung in SEEN else UNKNOWN

        return value

    def density(read: Callable[[CourseOutcome], Value | None]) -> Callable[[Case, str], Value]:
        def value(row: CourseOutcome) -> Value | None:
            if row.rung == Rung.NOT_COMPARABLE:
                return NOT_COMPARABLE
            return read(row) if row.rung == Rung.ANALYSED else None

        return at(value)

    prefix = f"month_{month}_"
    codes = "; ".join(rung.value for rung in Rung if rung != Rung.COURSE)
    yield Column(f"{prefix}status", f"How far the case came at Month {month}", at(lambda row: row.rung), codes=codes)
    for name, words in (("before", "at the baseline"), ("after", f"at Month {month}")):
        yield Column(
            f"{prefix}density_{name}",
            f"Hair density {words}, at the same spot, counted",
            density(lambda row, name=name: _figure(getattr(row, name), 1)),  # type: ignore[misc]
            "hairs/cm²",
        )
    yield Column(
        f"{prefix}density_change", "Change in density, after minus before", density(_change), "% of the baseline"
    )
    yield Column(
        f"{prefix}same_spot",
        "Whether both counts are of a spot that was matched",
        density(lambda row: "yes" if row.is_matched_spot else "no"),
        codes="yes; no",
    )
    yield Column(
        f"{prefix}stage",
        "Stage, on the scale of the baseline",
        at(lambda row: stage_word(row.scale, row.stage) if row.stage else None),
    )
    for field, whose in (("global_change", "the clinician"), ("patient_change", "the patient")):
        yield Column(
            f"{prefix}{field}",
            f"Change since the baseline in the eyes of {whose}",
            at(lambda row, field=field: getattr(row, field)),  # type: ignore[misc]
            codes="−3 to +3",
        )
    yield Column(
        f"{prefix}other_treatment",
        "Whether another hair-loss treatment began, ended or changed about that time",
        at(lambda row: _BESIDE[Beside(row.other_treatment)]),
        codes="none_recorded; perhaps; certain",
    )


_BESIDE: Final = {Beside.NONE: "none_recorded", Beside.PERHAPS: "perhaps", Beside.CERTAIN: "certain"}


def _figure(value: float | None, places: int) -> Decimal | None:
    return None if value is None else round(Decimal(value), places)


def _change(row: CourseOutcome) -> Decimal | None:
    return _figure(100 * (row.after / row.before - 1), 1) if row.before and row.after else None
