"""The findings of a visit in short sentences, as the timeline and the case report print them. No Django here.

A finding graded 0 is printed ("No redness"); one that was not examined is not mentioned.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from treatments.assessments.scales.catalogue import scale, stage
from treatments.assessments.vocabulary import (
    Finding,
    FindingGrade,
    Presence,
    PullTestResult,
    PullTestRule,
    SafetyNegative,
    TrichoscopyFinding,
)
from treatments.records.formatting import listed, uncapitalised
from treatments.records.regions import Region

_FINDING_NOUNS: dict[Finding, str] = {
    Finding.ERYTHEMA: "redness",
    Finding.SCALING: "scaling",
    Finding.PRURITUS: "itching",
    Finding.TRICHODYNIA: "scalp pain",
    Finding.PUSTULES_FOLLICULITIS: "pustules or folliculitis",
    Finding.SEBORRHOEA: "oiliness or seborrhoea",
    Finding.ATROPHY: "skin atrophy",
    Finding.SCARRING_SIGN: "signs of scarring",
    Finding.ACTIVE_INFECTION: "active infection",
}

_RULES: dict[str, str] = {
    PullTestRule.OVER_10_PERCENT: "positive over 10 %",
    PullTestRule.OVER_2_HAIRS: "positive over 2 hairs",
}


def stage_word(scale_code: str, stage_code: str) -> str:
    """The stage without the name of its scale: "III vertex", "M2V1", "" when nothing was graded."""
    if not stage_code:
        return ""
    label = stage(scale_code, stage_code).label
    return label.removeprefix("Type ").removeprefix(f"{scale(scale_code).short_name} ")


def stage_text(scale_code: str, stage_code: str) -> str:
    """Scale and stage as lists print them: "Norwood III vertex"; "" when nothing was graded."""
    return f"{scale(scale_code).short_name} {stage_word(scale_code, stage_code)}" if stage_code else ""


def thin_at(regions: Iterable[str]) -> str:
    """ "Thin at left temple, right temple and vertex"; "" when no region was named."""
    named = {Region(code) for code in regions}
    labels = [str(region.label).lower() for region in Region if region in named]
    return f"Thin at {listed(labels)}" if labels else ""


def scalp(findings: Mapping[str, int]) -> list[str]:
    """Graded findings, what is there before what is not: "Mild scaling", "No redness or itching"."""
    graded = [(_FINDING_NOUNS[f], FindingGrade(findings[f])) for f in Finding if f in findings]
    present = [f"{grade.label} {noun}" for noun, grade in graded if grade]
    return [*present, *_none_of("No", [noun for noun, grade in graded if not grade])]


def trichoscopy(signs: Mapping[str, str]) -> list[str]:
    """ "Trichoscopy: yellow dots, vellus hairs over 10 %; no black dots"; empty when not examined."""
    labels = {p: [uncapitalised(str(t.label)) for t in TrichoscopyFinding if signs.get(t) == p] for p in Presence}
    parts = [", ".join(labels[Presence.PRESENT]), *_none_of("no", labels[Presence.ABSENT])]
    text = "; ".join(filter(None, parts))
    return [f"Trichoscopy: {text}"] if text else []


def _none_of(no: str, labels: Sequence[str]) -> list[str]:
    return [f"{no} {listed(labels, 'or')}"] if labels else []


def pull_test(
    result: str, *, site: str = "", grasped: int | None = None, extracted: int | None = None, rule: str = ""
) -> str:
    """ "Pull test negative (2 of 60 hairs, at vertex, positive over 10 %)"; "" when nothing is recorded."""
    if not result:
        return ""
    details = [
        "" if None in {grasped, extracted} else f"{extracted} of {grasped} hairs",
        f"at {str(Region(site).label).lower()}" if site else "",
        _RULES.get(rule, ""),
    ]
    inside = ", ".join(filter(None, details))
    return f"Pull test {str(PullTestResult(result).label).lower()}" + (f" ({inside})" if inside else "")


def negatives(codes: Iterable[str]) -> list[str]:
    """Harms asked about and denied, as labels; codes of an older vocabulary are passed over."""
    return [str(SafetyNegative(code).label) for code in codes if code in SafetyNegative.values]
