"""Where the published figures come from, and how far each may be trusted."""

from dataclasses import dataclass

from treatments.assessments.measurements.visibility import (
    DEFAULT,
    REFERENCE_HAIRS,
    Thresholds,
    interval,
    log_error,
    signed,
)


@dataclass(frozen=True)
class Figure:
    """One threshold: what it decides, the published and the clinic's own figure, the source and its limits."""

    name: str
    decides: str
    published: str
    own: str
    source: str
    limits: str
    own_source: str = ""
    """Where the clinic's own figure comes from, where that is known."""

    @property
    def is_own(self) -> bool:
        return self.own != self.published or bool(self.own_source)


def _error(sdc_pct: float) -> str:
    """ "16.6 %: more than +18 % or −15 %": a change must be larger than this to be more than error."""
    between = interval(0, log_error(sdc_pct))
    return f"{sdc_pct:g} %" + (f": more than {signed(between.high)} % or {signed(between.low)} %" if between else "")


def figures(own: Thresholds) -> list[Figure]:
    return [
        Figure(
            "Error at the same spot",
            "Within measurement error",
            _error(DEFAULT.sdc_matched_pct),
            _error(own.sdc_matched_pct),
            "Smallest detectable change of the logarithm, 95 %: 1.96 × √2 × the spread of repeat counts. The spread of "
            "6 % is taken from repeat phototrichograms of seven people by three dermatologists: 2.6 to 9.8 % "
            "for one reader and 2.9 to 6.3 % between readers. Counts of fewer than "
            f"{REFERENCE_HAIRS} hairs err more by chance, and their intervals are widened by as much.",
            "Few people. Ten pairs of repeat counts of the clinic’s own are better than this figure.",
            own.repeats.words.capitalize() if own.repeats else "",
        ),
        Figure(
            "Error at a spot that was not matched",
            "Within measurement error",
            _error(DEFAULT.sdc_unmatched_pct),
            _error(own.sdc_unmatched_pct),
            "The same, with a spread of 7 % between neighbouring spots added in quadrature: √(6² + 7²) = 9.2 %.",
            "The 7 % was found on drawings of scalps, not on patients.",
            "The clinic’s own error, with the same 7 % in quadrature" if own.repeats else "",
        ),
        Figure(
            "Visible change",
            "Likely visible",
            DEFAULT.visible,
            own.visible,
            "Buontempo and others, “Evaluating subjective versus objective measures of changes in hair density using "
            "standardized scalp photography”, Journal of the American Academy of Dermatology: 100 dermatologists "
            "looked at standard photographs of patients whose hairs had been counted, and told the difference "
            "from 43.36 hairs per cm² or 22.66 % on.",
            "Standard photographs, one clinic’s patients. In other light the eye is easier to deceive.",
        ),
        Figure(
            "Too early",
            "Too early",
            f"until {DEFAULT.early_before_month} months after the first session",
            f"until {own.early_before_month} months after the first session",
            "A convention, not a finding: a new hair needs months to reach a length that shows, and trials of hair "
            "growth are mostly judged from six months on.",
            "Shedding or regrowth may be real earlier; it is not called visible.",
        ),
    ]
