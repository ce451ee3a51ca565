"""Whether the difference between two photographs can be more than error, and whether an eye would see it."""

from dataclasses import dataclass

from treatments.assessments.measurements import density
from treatments.assessments.measurements.density import DensityChange
from treatments.assessments.measurements.visibility import Thresholds, Verdict
from treatments.assessments.models import Measurement
from treatments.patients.models import Patient
from treatments.photos.compare.comparability import COMPARABLE, NOT_COMPARABLE
from treatments.photos.models import Photo
from treatments.photos.patient_photos import Counting


@dataclass(frozen=True)
class Seen:
    """The word for a pair, a sentence, and what was measured at the two dates; `verdict` is None when nothing was."""

    verdict: Verdict | None
    sentence: str
    changes: tuple[DensityChange, ...] = ()

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
        if self.verdict is None:
            return "Density not comparable between the two dates" if change else "Density not measured at both dates"
        if change is None:
            return self.in_short
        if self.verdict == Verdict.ESTIMATE:
            return f"Visual estimate {change.shown}: not a measurement"
        what = "Visual estimate" if change.is_estimate else "Measured density"
        return f"{what} {change.shown}: {self.word.lower()}"

    @property
    def in_short(self) -> str:
        """The same without the figure, for a sheet that leaves the clinic: "Change in density: likely visible"."""
        if self.verdict is None:
            return "Density not measured at both dates"
        return f"Change in density: {self.word[0].lower()}{self.word[1:]}"

    def in_photographs(self, pair: str) -> str:
        """What the photographs add, by the code of the pair's verdict; "" where they may be read."""
        if self.verdict is None or pair == COMPARABLE:
            return ""
        if pair == NOT_COMPARABLE:
            return "These photographs cannot show it."
        return "Whether these photographs show it is not known."

    @property
    def is_sound(self) -> bool:
        return self.verdict == Verdict.LIKELY_VISIBLE


# Of several measurements the pair takes the most cautious word.
_CAUTION = [Verdict.WITHIN_ERROR, Verdict.ABOVE_ERROR, Verdict.LIKELY_VISIBLE, Verdict.ESTIMATE]


def densities_of(patient: Patient) -> list[Measurement]:
    """Every standing figure about density, in one query."""
    kinds = [density.COUNT, density.CHANGE]
    found = Measurement.objects.standing().filter(patient=patient, kind__in=kinds)
    return list(found.order_by("measured_on", "id"))


def seen(
    earlier: Photo, later: Photo, measurements: list[Measurement], counting: Counting, thresholds: Thresholds
) -> Seen:
    """Judged by the densities measured in the Months of the two photographs; a photograph alone measures none."""
    told = density.between(
        measurements,
        earlier_on=earlier.taken_on,
        later_on=later.taken_on,
        baseline_on=counting.baseline_on,
        thresholds=thresholds,
    )
    changes = tuple(told)
    if density.is_early(
        earlier_on=earlier.taken_on,
        later_on=later.taken_on,
        baseline_on=counting.baseline_on,
        thresholds=thresholds,
    ):
        sentence = (
            f"No difference is called visible within {thresholds.early_before_month} months: "
            "before that light, length and combing change more than the hair does."
        )
        return Seen(Verdict.TOO_EARLY, sentence, changes)
    words = [change.verdict for change in changes if change.verdict is not None]
    if not words:
        sentence = "No density was counted at both dates. Two photographs alone cannot tell a change from their error."
        return Seen(None, sentence, changes)
    word = min(words, key=_CAUTION.index)
    sentence = {
        Verdict.ESTIMATE: "The change was estimated by eye, without a method; nobody knows its error.",
        Verdict.WITHIN_ERROR: "The change that was measured lies within the error of the measurement.",
        Verdict.ABOVE_ERROR: "The change that was measured is more than its error, and less than an eye tells apart.",
    }.get(word, "The change that was measured is large enough for an eye to see.")
    return Seen(word, sentence, changes)
