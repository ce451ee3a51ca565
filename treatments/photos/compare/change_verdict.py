"""Whether the difference between two photographs can be more than error, and whether an eye would see it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from treatments.assessments.measurements import density
from treatments.assessments.measurements.density import DensityChange
from treatments.assessments.measurements.visibility import Thresholds, Verdict
from treatments.assessments.models import Measurement
from treatments.patients.models import Patient
from treatments.patients.other_treatments import OtherTreatment, Wording, beside
from treatments.photos.compare.comparability import COMPARABLE, NOT_COMPARABLE
from treatments.photos.models import Photo
from treatments.photos.patient_photos import CourseCalendar
from treatments.records.formatting import uncapitalised

_SENTENCES = {
    Verdict.ESTIMATE: "The change was estimated by eye, without a method; nobody knows its error.",
    Verdict.TOO_EARLY: "The change was measured too soon after the treatment began.",
    Verdict.NO_CLEAR_CHANGE: "The change was given as a range that includes “no change”.",
    Verdict.WITHIN_ERROR: "The change that was measured lies within the error of the measurement.",
    Verdict.ABOVE_ERROR: "The change that was measured is more than its error, but less than an eye is likely to see.",
    Verdict.LIKELY_VISIBLE: "The change that was measured is large enough that an eye is likely to see it.",
}
_MOST_CAUTIOUS_FIRST = [
    Verdict.TOO_EARLY,
    Verdict.NO_CLEAR_CHANGE,
    Verdict.WITHIN_ERROR,
    Verdict.ABOVE_ERROR,
    Verdict.LIKELY_VISIBLE,
    Verdict.ESTIMATE,
]
"""Of several measurements the pair takes the most cautious word."""


@dataclass(frozen=True)
class ChangeVerdict:
    """The verdict on a pair, a sentence, and what was measured at the two dates; `verdict` None: nothing was.

    `beside` is what other treatment began, ended or changed within six months before the earlier photograph or between
    the two, and `beside_undated` the same without any day, for a sheet that leaves the clinic.
    """

    verdict: Verdict | None
    sentence: str
    changes: tuple[DensityChange, ...] = ()
    beside: str = ""
    beside_undated: str = ""

    @property
    def word(self) -> str:
        return str(self.verdict.label) if self.verdict else "Not measured"

    @property
    def change(self) -> DensityChange | None:
        """The measured change that the word is about, where there is one."""
        about = [change for change in self.changes if change.verdict == self.verdict]
        return next(iter([*about, *self.changes]), None)

    @property
    def headline(self) -> str:
        """The word with what it is said of: "Measured density +28 %: likely visible"."""
        change = self.change
        if change is None:
            return self.in_short
        if self.verdict is None:
            return "Density not comparable between the two dates"
        if self.verdict == Verdict.ESTIMATE:
            return f"Visual estimate {change.shown}: not a measurement"
        what = "Visual estimate" if change.is_estimate else "Measured density"
        return f"{what} {change.shown}: {self.word.lower()}"

    @property
    def in_short(self) -> str:
        """The same without the figure, for a sheet that leaves the clinic: "Change in density: likely visible"."""
        if self.verdict is None:
            return "Density not measured at both dates"
        return f"Change in density: {uncapitalised(self.word)}"

    def in_photographs(self, pair: str) -> str:
        """What the photographs add, by the code of the pair's verdict; "" where they may be read."""
        if self.verdict is None or pair == COMPARABLE:
            return ""
        if pair == NOT_COMPARABLE:
            return "These photographs cannot show it."
        return "Whether these photographs show it is not known."

    @property
    def is_likely_visible(self) -> bool:
        return self.verdict == Verdict.LIKELY_VISIBLE


def densities_of(patient: Patient) -> list[Measurement]:
    """Every figure about density that is not struck out, in one query."""
    kinds = [density.COUNT, density.CHANGE]
    measurements = Measurement.objects.standing().filter(patient=patient, kind__in=kinds)
    return list(measurements.order_by("measured_on", "id"))


def judge_change(
    earlier: Photo,
    later: Photo,
    measurements: list[Measurement],
    calendar: CourseCalendar,
    thresholds: Thresholds,
    treatments: Sequence[OtherTreatment] = (),
) -> ChangeVerdict:
    """Judged by the densities measured in the Months of the two photographs; a photograph alone measures none."""
    judged = _judged(earlier, later, measurements, calendar, thresholds)
    if not treatments:
        return judged
    month_0 = calendar.start.month_0 if calendar.is_course else None

    def said(wording: Wording) -> str:
        return beside(treatments, first=earlier.when, last=later.when, wording=wording)

    return replace(
        judged,
        beside=said(Wording(month_0)),
        beside_undated=said(Wording(calendar.start.month_0, has_dates=False)),
    )


def _judged(
    earlier: Photo, later: Photo, measurements: list[Measurement], calendar: CourseCalendar, thresholds: Thresholds
) -> ChangeVerdict:
    dates = {"earlier": earlier.when, "later": later.when}
    changes = tuple(density.between(measurements, **dates, start=calendar.start, thresholds=thresholds))
    if density.is_early(**dates, start=calendar.start, thresholds=thresholds):
        sentence = (
            f"No difference is called visible within {thresholds.early_before_month} months of treatment: "
            "before that, light, length and combing change more than the hair."
        )
        return ChangeVerdict(Verdict.TOO_EARLY, sentence, changes)
    verdicts = [change.verdict for change in changes if change.verdict is not None]
    if not verdicts:
        sentence = (
            "No density was counted at both dates. Two photographs alone cannot show if a change is more than an error."
        )
        return ChangeVerdict(None, sentence, changes)
    verdict = min(verdicts, key=_MOST_CAUTIOUS_FIRST.index)
    return ChangeVerdict(verdict, _SENTENCES[verdict], changes)
