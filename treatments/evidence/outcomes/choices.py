"""What a cohort can be chosen by in a clinic, and a cohort in words."""

from dataclasses import dataclass
from typing import Final

from clinic.staff.models import Clinic
from treatments.assessments.finding_text import stage_text
from treatments.assessments.outcomes.models import CourseOutcome
from treatments.assessments.scales.catalogue import SCALES
from treatments.courses.models import Protocol
from treatments.evidence.outcomes.cohort import Cohort
from treatments.patients.vocabulary import Sex
from treatments.products.models import Lot, Product
from treatments.records.formatting import day

MOST_LOTS: Final = 200
Choice = tuple[str, str]


@dataclass(frozen=True)
class Choices:
    """Values of an address with their names."""

    protocols: list[Choice]
    products: list[Choice]
    lots: list[Choice]
    stages: list[Choice]
    sexes: list[Choice]

    def described(self, cohort: Cohort) -> str:
        """ "protocol Five monthly sessions; begun from 1 Jan 2026"; "all courses"."""
        stage = f"{cohort.scale}|{cohort.stage}"
        named = (
            ("protocol", dict(self.protocols).get(str(cohort.protocol), "") if cohort.protocol else ""),
            ("product", dict(self.products).get(str(cohort.product), "") if cohort.product else ""),
            ("lot", self._lot(cohort) if cohort.lot else ""),
            ("stage at baseline", dict(self.stages).get(stage, stage) if cohort.scale else ""),
            ("sex", str(Sex(cohort.sex).label).lower() if cohort.sex else ""),
            ("begun from", day(cohort.begun_from) if cohort.begun_from else ""),
            ("begun until", day(cohort.begun_until) if cohort.begun_until else ""),
            ("without", "those who had another treatment" if cohort.without_others else ""),
        )
        return "; ".join(f"{name} {value}" for name, value in named if value) or "all courses"

    def _lot(self, cohort: Cohort) -> str:
        """With its product, unless that is told already."""
        told = dict(self.lots).get(str(cohort.lot), "not in the list")
        product = dict(self.products).get(str(cohort.product), "") if cohort.product else ""
        return told.removesuffix(f", {product}")


def choices(clinic: Clinic, cohort: Cohort) -> Choices:
    """Five queries at the most: the newest lots, and the one that is asked for."""
    protocols = Protocol.objects.of(clinic).order_by("name").values_list("pk", "name")
    products = Product.objects.of(clinic).order_by("name").values_list("pk", "name")
    known = Lot.objects.of(clinic).values_list("pk", "number", "product__name")
    lots = list(known.order_by("-id")[:MOST_LOTS])
    if cohort.lot and all(pk != cohort.lot for pk, _, _ in lots):
        lots += known.filter(pk=cohort.lot)
    graded = CourseOutcome.objects.of(clinic).filter(month=0).exclude(baseline_stage="")
    stages = graded.order_by("scale", "baseline_stage").values_list("scale", "baseline_stage").distinct()
    return Choices(
        protocols=[(str(pk), name) for pk, name in protocols],
        products=[(str(pk), name) for pk, name in products],
        lots=[(str(pk), f"{number}, {product}") for pk, number, product in lots],
        stages=[(f"{scale}|{stage}", stage_text(scale, stage)) for scale, stage in _in_order(list(stages))],
        sexes=[(str(code), str(label)) for code, label in Sex.choices],
    )


def _in_order(stages: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """By scale, and in the order of each."""
    order = {
        (code, stage): (place, number)
        for place, (code, scale) in enumerate(SCALES.items())
        for number, stage in enumerate(scale.by_code)
    }
    return sorted(stages, key=lambda each: (order.get(each, (len(SCALES), 0)), each))
