"""What was found, in short sentences as the timeline and the case report print them. No Django here.

A finding graded 0 is said aloud ("No redness"); one that was not examined is not mentioned.
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
from treatments.records.regions import Region

_FINDING_WORDS: dict[Finding, str] = {
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

_RULE_WORDS: dict[PullTestRule, str] = {
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


def listed(words: Sequence[str], last: str = "and") -> str:
    """ "vertex", "vertex and left temple", "redness, scaling or itching"."""
    return f" {last} ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def thin_at(regions: Iterable[str]) -> str:
    """ "Thin at left temple, right temple and vertex"; "" when no region was named."""
    named = {Region(code) for code in regions}
    words = [str(region.label).lower() for region in Region if region in named]
    return f"Thin at {listed(words)}" if words else ""


def scalp(findings: Mapping[str, int]) -> list[str]:
    """Graded findings, what is there before what is not: "Mild scaling", "No redness or itching"."""
    known = [(f, FindingGrade(findings[f.value])) for f in Finding if f.value in findings]
    present = [f"{grade.label} {_FINDING_WORDS[f]}" for f, grade in known if grade]
    absent = [_FINDING_WORDS[f] for f, grade in known if not grade]
    return [*present, *([f"No {listed(absent, 'or')}"] if absent else [])]


def trichoscopy(signs: Mapping[str, str]) -> list[str]:
    """ "Trichoscopy: yellow dots, vellus hairs over 10 %; no black dots"; empty when not examined."""
    present = [_sign(t) for t in TrichoscopyFinding if signs.get(t.value) == Presence.PRESENT]
    absent = [_sign(t) for t in TrichoscopyFinding if signs.get(t.value) == Presence.ABSENT]
    parts = [", ".join(present), f"no {listed(absent, 'or')}" if absent else ""]
    told = "; ".join(part for part in parts if part)
    return [f"Trichoscopy: {told}"] if told else []


def _sign(sign: TrichoscopyFinding) -> str:
    label = str(sign.label)
    return label[0].lower() + label[1:]


def pull_test(
    result: str, *, site: str = "", grasped: int | None = None, extracted: int | None = None, rule: str = ""
) -> str:
    """ "Pull test negative (2 of 60 hairs, at vertex, positive over 10 %)"; "" when nothing is recorded."""
    if not result:
        return ""
    counts = f"{extracted} of {grasped} hairs" if grasped is not None and extracted is not None else ""
    where = f"at {str(Region(site).label).lower()}" if site else ""
    by_rule = _RULE_WORDS[PullTestRule(rule)] if rule else ""
    inside = ", ".join(part for part in (counts, where, by_rule) if part)
    return f"Pull test {str(PullTestResult(result).label).lower()}" + (f" ({inside})" if inside else "")


def negatives(codes: Iterable[str]) -> list[str]:
    """Harms asked about and denied, in words; codes of an older vocabulary are passed over."""
    return [str(SafetyNegative(code).label) for code in codes if code in SafetyNegative.values]
