"""The methods of a series: its design, its participants and what was done, and the definitions, before any result.

Nothing here reads the database.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from statistics import median
from typing import Final

from treatments.courses.models.sessions import LATE_ENTRY_DAYS
from treatments.evidence.series.anonymity import told_counts
from treatments.evidence.series.cases import Facts
from treatments.evidence.series.paper.parts import written
from treatments.evidence.series.paper.words import FEWEST, share
from treatments.papers.document import Block, Heading, Items, KeyValues, Paragraph
from treatments.records.formatting import count, listed, ml, number

NO_P_VALUES: Final = (
    "No p-values are given: there is no control group, and a test of before against after would test time, light, "
    "season and every other treatment as well."
)


def blocks(facts: Facts) -> Iterator[Block]:
    yield Heading("Methods")
    yield from _design(facts)
    yield from written("Registration", facts.series.registration, 3)
    yield from written("Ethics", facts.series.ethics, 3)
    yield from _setting(facts)
    yield from _participants(facts)
    yield from _intervention(facts)
    yield from _definitions(facts)


def _design(facts: Facts) -> Iterator[Block]:
    yield Heading("Design", 3)
    sessions = facts.sessions
    late = sum(session.is_late_entry for session in sessions)
    yield Paragraph(
        "This is a case series from a single centre. There was no control group. Its flow, its cases and its figures "
        "were counted from the record, none by hand."
    )
    if sessions:
        in_time = len(sessions) - late
        how = "It is prospective in its records" if not late else "It is in part retrospective"
        yield Paragraph(
            f"{how}: of {count(len(sessions), 'session')}, {in_time} ({share(in_time, len(sessions))}) were entered "
            f"less than {LATE_ENTRY_DAYS} days after the session, {late} later."
        )
    yield Paragraph(consecutive(facts))


def consecutive(facts: Facts) -> str:
    """Whether the cases are all that there were, and by what they were chosen if not."""
    narrowed = _narrowed(facts)
    if not narrowed:
        return (
            "The cases are consecutive: every course whose Month 0 lies in the period is in the flow below, and "
            "whoever is not analysed is counted with the reason."
        )
    return (
        f"The cases are not all that were treated in the period: they were chosen by {listed(narrowed)}. Within that "
        "choice they are consecutive, and whoever is not analysed is counted with the reason."
    )


def _narrowed(facts: Facts) -> list[str]:
    cohort = facts.cohort
    given = {
        "protocol": cohort.protocol,
        "product": cohort.product,
        "lot": cohort.lot,
        "stage at baseline": cohort.scale,
        "sex": cohort.sex,
        "the absence of another treatment": cohort.without_others,
    }
    return [name for name, value in given.items() if value]


def _setting(facts: Facts) -> Iterator[Block]:
    yield from written("Setting", facts.series.setting, 3)
    if facts.cases:
        years = sorted({case.course.baseline_on.year for case in facts.cases})
        yield Paragraph(
            f"Month 0 of the courses lies in {' to '.join(map(str, dict.fromkeys((years[0], years[-1]))))}."
        )


def _participants(facts: Facts) -> Iterator[Block]:
    yield from written("Participants", facts.series.inclusion, 3)
    yield Paragraph(
        "Counted were courses in which at least one session was given; of each patient the first one that fits. A "
        "course that was entered in error counts nowhere."
    )


def _intervention(facts: Facts) -> Iterator[Block]:
    yield from written("Intervention", facts.series.treated_by, 3)
    cases = facts.cases
    if not cases:
        return
    plans = [
        (f"{count(case.course.sessions_planned, 'session')}, {count(case.course.interval_months, 'month')} apart",)
        for case in cases
    ]
    given = [len(case.sessions) for case in cases]
    volumes = [session.total_ml for session in facts.sessions]
    yield KeyValues(
        (
            ("Planned", _named(plans)),
            ("Sessions given to each", f"median {median(given):g}, {min(given)} to {max(given)}"),
            ("Volume of a session", _range_ml(volumes)),
            ("Route", _named([case.routes for case in cases])),
            ("Source of the product", _named([case.sources for case in cases])),
        )
    )
    if facts.series.changes_why.strip():
        yield from written("Changes to the plan", facts.series.changes_why, 3)


def _range_ml(volumes: list[Decimal]) -> str:
    if not volumes:
        return "not recorded"
    return f"median {ml(Decimal(median(volumes)))}, {number(min(volumes))} to {ml(max(volumes))}"


def _named(values: Sequence[tuple[str, ...]]) -> str:
    """Each name with in how many patients, the most frequent first."""
    counted = dict(Counter(name for names in values for name in names or ("not recorded",)).most_common())
    told = dict(told_counts(counted))
    return listed([f"{name} ({told[name]})" if name in told else name for name in counted])


def _definitions(facts: Facts) -> Iterator[Block]:
    month = facts.series.month
    yield Heading("Outcomes", 3)
    yield Items(
        (
            f"Month {month} is the day {month} calendar months after Month 0. What was seen within ten days of it "
            "counts.",
            "Hair density: a count of hairs per cm² at the same spot as the last count before the first session. It is "
            "analysed only where method, device, area and spot allow the two to be compared. An estimate is never a "
            "count.",
            f"Change in density: the count at Month {month} against the baseline, in per cent, as a geometric mean "
            f"with a 95 % interval of Student’s t on logarithms. Of fewer than {FEWEST} patients values are listed.",
            "Stage: by the scale of the baseline, as a table of moves, never as a mean.",
            "Adverse events: graded by CTCAE, counted against the sessions at which somebody asked for them.",
            NO_P_VALUES,
        )
    )
