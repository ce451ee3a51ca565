"""A patient's laboratory values over time, test by test, the latest first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from treatments.assessments.laboratory.catalogue import ANALYTES
from treatments.assessments.laboratory.models import LaboratoryResult
from treatments.assessments.laboratory.rules import Change, change
from treatments.assessments.vocabulary import Differential
from treatments.patients.models import Patient
from treatments.records.formatting import listed


@dataclass(frozen=True)
class Line:
    """A value with its change from the one before, None for the first. `is_other_laboratory`: that was another's."""

    result: LaboratoryResult
    change: Change | None
    is_other_laboratory: bool = False


@dataclass(frozen=True)
class Series:
    """The values of one test, the latest first."""

    name: str
    lines: Sequence[Line]

    @property
    def latest(self) -> Line:
        return self.lines[0]


def series_of(patient: Patient) -> list[Series]:
    """In the order of the catalogue, then the clinic's own tests by name; what was struck out is left out."""
    results = (
        LaboratoryResult.objects.standing()
        .filter(patient=patient, report__struck_out_at__isnull=True)
        .select_related("report", "test")
        .order_by("report__sampled_on", "report_id", "id")
    )
    by_test: dict[str, list[LaboratoryResult]] = {}
    for result in results:
        by_test.setdefault(result.of, []).append(result)
    groups = sorted(by_test.values(), key=lambda group: group[0].place)
    return [Series(group[0].name, _lines(group)) for group in groups]


def _lines(group: Sequence[LaboratoryResult]) -> list[Line]:
    lines = [Line(group[0], None)]
    for earlier, later in zip(group, group[1:], strict=False):
        is_other = earlier.report.laboratory != later.report.laboratory
        lines.append(Line(later, change(earlier.reading, later.reading), is_other))
    return lines[::-1]


def other_causes(results: Iterable[LaboratoryResult]) -> str:
    """What values outside their range point to besides pattern hair loss: "Ferritin is low: thyroid or iron disorder is
    among the other causes to think of."; "" where none does."""
    outside = [each for each in results if each.analyte and each.standing.is_outside]
    pointing = [each for each in outside if ANALYTES[each.analyte].bears_on_hair]
    if not pointing:
        return ""
    causes = dict.fromkeys(str(Differential(ANALYTES[each.analyte].bears_on_hair).label).lower() for each in pointing)
    found = listed([f"{ANALYTES[each.analyte].stem} is {each.standing}" for each in pointing])
    return f"{found[:1].upper()}{found[1:]}: {listed(list(causes))} is among the other causes to think of."


def latest_of_each(patient: Patient) -> list[LaboratoryResult]:
    """The last value of each test."""
    return [series.latest.result for series in series_of(patient)]
