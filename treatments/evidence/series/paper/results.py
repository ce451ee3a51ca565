"""The results of a series: its flow, who the patients were, and what became of density, stage and each case.

Nothing here reads the database.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from statistics import median
from typing import Final

from treatments.assessments.finding_text import stage_text, stage_word
from treatments.assessments.outcomes.models import CourseOutcome
from treatments.evidence.series.anonymity import FEWEST_APART, NOT_TOLD, K, age_band, told_counts
from treatments.evidence.series.cases import Case, Facts
from treatments.evidence.series.paper import harms
from treatments.evidence.series.paper.words import FEWEST, change, interval, pct, why
from treatments.evidence.statistics.paired_change import percent_change
from treatments.evidence.statistics.results import NoAnswer
from treatments.papers.document import Block, Heading, Paragraph, Table
from treatments.records.formatting import count, listed, ml


def blocks(facts: Facts) -> Iterator[Block]:
    yield Heading("Results")
    for part in (_flow, _who, _density, _stages, harms.blocks, _cases):
        yield from part(facts)


def _flow(facts: Facts) -> Iterator[Block]:
    yield Heading("Flow", 3)
    rows = tuple((step.name, str(step.number)) for step in facts.steps)
    yield Table("From registered to analysed", ("Step", "Number"), rows, ("start", "end"), (5, 1))
    lost = tuple(
        (reason[:1].upper() + reason[1:], step.name, str(n)) for step in facts.steps for reason, n in step.lost
    )
    if lost:
        yield Table(
            "Not counted further, and why", ("Reason", "Before the step", "Number"), lost, _LAST_AT_END, (4, 3, 1)
        )


_LAST_AT_END: Final = ("start", "start", "end")


def _who(facts: Facts) -> Iterator[Block]:
    yield Heading("Participants at baseline", 3)
    if not facts.cases:
        yield Paragraph("No course fits the choice of this series.")
        return
    read: dict[str, Callable[[Case], object]] = {
        "Sex": lambda case: case.patient.get_sex_display(),
        "Age at Month 0": lambda case: age_band(case.age),
        "Stage at baseline": lambda case: case.stage_name,
    }
    rows = tuple((name, value, told) for name, of in read.items() for value, told in _counted(facts, of))
    columns = ("What", "Which", "Patients")
    yield Table(f"{count(len(facts.cases), 'patient')} at baseline", columns, rows, _LAST_AT_END, (2, 3, 2))
    yield Paragraph(
        f"Numbers from 1 to {K - 1} are not told, nor those from which they would follow, so that nobody is singled "
        "out.",
        "quiet",
    )


def _counted(facts: Facts, of: Callable[[Case], object]) -> list[tuple[str, str]]:
    """Each value with its number of patients, as both may be told."""
    kept, _ = facts.listed()
    counts, seen = (Counter(str(of(case)) for case in cases) for cases in (facts.cases, kept))
    return told_counts(dict(sorted(counts.items())), listed=seen) or [("Every value", NOT_TOLD)]


def _density(facts: Facts) -> Iterator[Block]:
    month = facts.series.month
    yield Heading("Hair density", 3)
    rows = [row for _, row in facts.analysed]
    due = sum(case.is_due(month) for case in facts.cases)
    yield Paragraph(
        f"Of {count(due, 'patient')} who were due at Month {month}, {len(rows)} could be analysed. {due - len(rows)} "
        "could not, and nothing is known of their change."
    )
    pairs = [(row.before or 0.0, row.after or 0.0) for row in rows]
    if len(pairs) < FEWEST:
        if pairs:
            told = listed([change(each) for each in sorted(_changes(pairs))])
            yield Paragraph(f"With fewer than {FEWEST} patients there is no mean: the changes were {told}.")
        return
    mean = percent_change(pairs)
    if isinstance(mean, NoAnswer):
        yield Paragraph(str(mean))
        return
    yield Paragraph(
        f"Density changed by {change(mean.value)} on average ({interval(mean.interval, change)}, n = {mean.n}); single "
        f"changes ran from {change(min(_changes(pairs)))} to {change(max(_changes(pairs)))}. The baseline was "
        f"{median(before for before, _ in pairs):.0f} hairs/cm² in the median.{why(mean.interval)}"
    )


def _changes(pairs: list[tuple[float, float]]) -> list[float]:
    return [100 * (after / before - 1) for before, after in pairs]


def _stages(facts: Facts) -> Iterator[Block]:
    month = facts.series.month
    yield Heading("Stage", 3)
    moves, seen = (_moves(cases, month) for cases in (facts.cases, facts.listed()[0]))
    if not moves:
        yield Paragraph(f"No stage was graded on one scale at baseline and at Month {month}.")
        return
    told = told_counts(dict(sorted(moves.items())), listed=seen) or [("Every stage|Every stage", NOT_TOLD)]
    rows = tuple((*move.split("|"), n) for move, n in told)
    caption = f"Stage at baseline and at Month {month}: {count(sum(moves.values()), 'patient')} graded at both"
    yield Table(caption, ("At baseline", f"At Month {month}", "Patients"), rows, _LAST_AT_END, (2, 2, 1))


def _moves(cases: list[Case], month: int) -> Counter[str]:
    """How many went from which stage to which, as "before|after"."""
    moves: Counter[str] = Counter()
    for case in cases:
        if case.is_graded(month):
            row = case.months[month]
            moves[f"{stage_text(case.scale, case.stage)}|{stage_text(case.scale, row.stage)}"] += 1
    return moves


def _cases(facts: Facts) -> Iterator[Block]:
    yield Heading("Cases", 3)
    kept, suppressed = facts.listed()
    without = len(facts.cases) - len(facts.consented)
    yield Paragraph(held_back_text(len(facts.cases), without, suppressed))
    if not kept:
        return
    month = facts.series.month
    rows = tuple(
        (str(place), *_row(case, facts.analysed_row(case), month))
        for place, case in enumerate(in_order(facts, kept), 1)
    )
    columns = (
        "Case",
        "Sex, age, stage",
        "Sessions, volume",
        f"Density at Month {month}",
        f"Stage at Month {month}",
        "Events",
    )
    yield Table("Cases, in an order drawn by chance", columns, rows, (), (0.6, 2, 1.6, 2, 1.4, 2))


def held_back_text(cases: int, without: int, suppressed: int) -> str:
    """How many cases are listed one by one, and why the others are not."""
    shown = cases - without - suppressed
    return (
        f"Of {count(cases, 'case')}, {shown} {'is' if shown == 1 else 'are'} listed one by one. {without} had no valid "
        f"consent to research; {suppressed} {'was' if suppressed == 1 else 'were'} held back, because fewer than {K} "
        "cases were alike in sex, age band, ethnicity, stage and quarter of Month 0, or because fewer than "
        f"{FEWEST_APART} left out could be told by subtraction. All are in the figures above."
    )


def in_order(facts: Facts, cases: list[Case]) -> list[Case]:
    """Drawn by chance once for the series, so that page and files agree; it follows from nothing of any patient."""
    drawn = sorted(cases, key=lambda case: case.course.pk)
    random.Random(facts.series.seed).shuffle(drawn)  # noqa: S311 -- an order, no secret
    return drawn


def _row(case: Case, analysed: CourseOutcome | None, month: int) -> tuple[str, ...]:
    row = case.months.get(month)
    events = ", ".join(f"{each.label.lower()} (grade {each.grade})" for each in case.events)
    return (
        f"{case.patient.get_sex_display()}, {age_band(case.age)}, {case.stage_name}",
        f"{len(case.sessions)}, {ml(case.total_ml)}",
        _density_of(case, analysed, month),
        stage_word(case.scale, row.stage) if row is not None and case.is_due(month) and row.stage else "not graded",
        events or ("none (asked)" if case.asked else "not asked"),
    )


def _density_of(case: Case, analysed: CourseOutcome | None, month: int) -> str:
    if not case.is_due(month):
        return "not due yet"
    if analysed is None:
        return "not analysed"
    before, after = analysed.before or 0.0, analysed.after or 0.0
    return f"{before:.0f} to {after:.0f} hairs/cm² ({pct(100 * (after / before - 1))})"
