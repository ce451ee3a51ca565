"""The share of responders by the clinic's own definition, with the two bounds that the missing leave open."""

from collections import defaultdict
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from django.db.models import Count, F, Q
from django.utils import timezone

from clinic.staff.models import Clinic
from treatments.assessments.measurements.visibility import Thresholds
from treatments.assessments.outcomes.models import IS_ANALYSED, CourseOutcome
from treatments.evidence.outcomes.cohort import Cohort
from treatments.evidence.outcomes.models import Measure, ResponderDefinition
from treatments.evidence.published import comparison
from treatments.evidence.statistics.proportions import MissingBounds, missing_bounds, wilson
from treatments.evidence.statistics.results import Estimate, NoAnswer
from treatments.photos.readings.models import Reading
from treatments.photos.readings.results import ReadPair, read_pairs_of

DEFAULT: Final = {"name": "Count above error at Month 6", "measure": Measure.COUNT, "month": 6}
"""What is shown before a clinic has chosen: nobody's definition yet, and called so."""
GAIN: Final = 20


@dataclass(frozen=True)
class Responders:
    """`analysed` are those of the due of whom the measure is known."""

    definition: ResponderDefinition
    responders: int
    analysed: int
    due: int
    readers: tuple[int, ...] = ()
    """Of a reading: how many could judge a pair, the fewest first; each number once."""

    @property
    def readers_text(self) -> str:
        """ "3 readers", "2 to 3 readers"; "" where nobody read."""
        if not self.readers:
            return ""
        span = " to ".join(map(str, dict.fromkeys((self.readers[0], self.readers[-1]))))
        return f"{span} reader{'' if span == '1' else 's'} of each pair"

    @property
    def missing(self) -> int:
        return self.due - self.analysed

    @property
    def share(self) -> Estimate | NoAnswer:
        return wilson(self.responders, self.analysed)

    @property
    def bounds(self) -> MissingBounds | NoAnswer:
        return missing_bounds(self.responders, self.analysed, self.due)

    @property
    def as_json(self) -> dict[str, Any]:
        """As it is kept when another definition takes the place of this one."""
        return {
            "responders": self.responders,
            "analysed": self.analysed,
            "due": self.due,
            "on": timezone.localdate().isoformat(),
            "definition": str(self.definition),
        }


def definitions(clinic: Clinic) -> list[ResponderDefinition]:
    """Every version, the one that is used now first. One query."""
    return list(ResponderDefinition.objects.of(clinic).select_related("created_by").order_by("-number"))


def current(clinic: Clinic, known: list[ResponderDefinition]) -> ResponderDefinition:
    """The newest; before any was chosen an unsaved one, number 0."""
    return known[0] if known else ResponderDefinition(clinic=clinic, number=0, **DEFAULT)


def responders(cohort: Cohort, definition: ResponderDefinition, *, due: int | None = None) -> Responders:
    """One query, and one where the number of the `due` at its Month is not known yet; seven more for a reading."""
    of_due = cohort.at(definition.month).due().order_by()
    known, responded = _conditions(cohort.clinic, definition)
    of_known = of_due.filter(IS_ANALYSED if definition.measure == Measure.COUNT else known)
    told = of_known.aggregate(known=Count("clinic", filter=known), responded=Count("clinic", filter=known & responded))
    readers: tuple[int, ...] = ()
    if definition.measure == Measure.READING:
        numbers = readers_of(cohort.clinic, definition.month)
        readers = tuple(sorted({n for pk in of_known.values_list("pk", flat=True) for n in numbers[pk]}))
    return Responders(definition, told["responded"], told["known"], of_due.count() if due is None else due, readers)


def rows_of(clinic: Clinic, step: str) -> tuple[int, Q]:
    """The Month of the definition that is used now, and the rows of whom it is "known", who are "responders", and of
    whom it is "unknown"."""
    definition = current(clinic, definitions(clinic))
    known, responded = _conditions(clinic, definition)
    if definition.measure == Measure.COUNT:
        known &= IS_ANALYSED
    return definition.month, {"known": known, "responders": known & responded}.get(step, ~known)


def _conditions(clinic: Clinic, definition: ResponderDefinition) -> tuple[Q, Q]:
    """Of whom the measure is known, and who of these responded. An estimate is neither."""
    if definition.measure == Measure.PATIENT:
        return Q(patient_change__isnull=False), Q(patient_change__gte=definition.least)
    if definition.measure == Measure.READING:
        medians = read_medians(clinic, definition.month)
        responded = [pk for pk, read in medians.items() if read >= (definition.least or 0)]
        return Q(pk__in=list(medians)), Q(pk__in=responded)
    return Q(is_matched_spot=True, chance_variance__isnull=False), above_error(clinic)


def above_error(clinic: Clinic) -> Q:
    """A rise whose interval does not include no change, as `visibility.judge` has it of one patient."""
    sdc = Thresholds.of(clinic.thresholds).sdc(matched_spot=True) / 100
    # The square of half the interval's width on logarithms, without the error of small counts.
    return Q(log_ratio__gt=0) & Q(chance_variance__lt=(F("log_ratio") * F("log_ratio") - sdc * sdc) / (1.96 * 1.96))


def read_medians(clinic: Clinic, month: int) -> dict[int, float]:
    """The median of blinded readers, −3 to +3, by the outcome row of its course: of a pair whose earlier photograph was
    taken by the first session, and whose later one within the window of the Month. Of several pairs the median of
    their medians. Three queries."""
    return {
        pk: median(pair.result for pair in pairs if pair.result is not None)
        for pk, pairs in _read(clinic, month).items()
    }


def readers_of(clinic: Clinic, month: int) -> dict[int, set[int]]:
    """Of the same rows how many readers could judge each pair. Three queries."""
    return {pk: {pair.readers for pair in pairs} for pk, pairs in _read(clinic, month).items()}


def _read(clinic: Clinic, month: int) -> dict[int, list[ReadPair]]:
    closed = Reading.objects.filter(shown__pair__round__clinic=clinic, shown__pair__round__closed_at__isnull=False)
    patients = closed.order_by().values_list("shown__pair__later__patient", flat=True).distinct()
    pairs = read_pairs_of(patients)
    found: dict[int, list[ReadPair]] = defaultdict(list)
    rows = CourseOutcome.objects.of(clinic).begun().filter(month=month, patient__in=list(pairs))
    columns = ("pk", "patient", "begun_on", "window_from", "window_until")
    for pk, patient, begun, first, last in rows.values_list(*columns):
        for pair in pairs[patient]:
            earliest, latest = pair.later.when.bounds()
            is_of_month = first <= earliest and latest <= last and pair.earlier.when.bounds()[1] <= begun
            if pair.result is not None and is_of_month:
                found[pk].append(pair)
    return found


def placebo_shares(gain: int = GAIN) -> list[tuple[str, int, float]]:
    """What share of the patients who got a placebo gained more than so many hairs/cm², from means and standard
    deviations; 0 to 1."""
    found = comparison.placebo_shares(gain)
    return [(f"{each.study.short_name}, week {each.group.week}", each.group.n, each.share) for each in found]
