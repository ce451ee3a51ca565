"""Harms of a series: events by kind and grade, over the sessions at which somebody asked. Nothing here reads the
database. Their numbers are told as they are, however small: a harm is not held back."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from treatments.evidence.series.cases import Facts
from treatments.evidence.series.paper.words import interval, why
from treatments.evidence.statistics.rates import rate
from treatments.evidence.statistics.results import NoAnswer
from treatments.papers.document import Block, Heading, Paragraph, Table
from treatments.records.formatting import count

_GRADES: Final = (1, 2, 3)


def blocks(facts: Facts) -> Iterator[Block]:
    yield Heading("Adverse events", 3)
    asked, given = sum(case.asked for case in facts.cases), len(facts.sessions)
    events = [event for case in facts.cases for event in case.events]
    if not given:
        yield Paragraph("No session was given.")
        return
    if not asked:
        yield Paragraph(
            f"At none of {count(given, 'session')} is it recorded that somebody asked for adverse events. Their rate "
            "is not known."
        )
    else:
        yield Paragraph(f"Somebody asked for adverse events at {asked} of {count(given, 'session')}. {_rate(facts)}")
    serious = sum(event.is_serious for event in events)
    if events:
        yield Paragraph(f"{serious} of {count(len(events), 'event')} {'was' if serious == 1 else 'were'} serious.")
        yield _table(facts)
    elif asked:
        yield Paragraph("No event was recorded. That nobody reported one does not prove that there was none.")


def _rate(facts: Facts) -> str:
    cases = [case for case in facts.cases if case.asked]
    found = rate([sum(each.was_asked for each in case.events) for case in cases], [case.asked for case in cases])
    if isinstance(found, NoAnswer):
        return str(found)
    elsewhere = sum(not event.was_asked for case in facts.cases for event in case.events)
    told = f"That is {found.value:.1f} events per 100 sessions asked ({interval(found.interval, _figure)})."
    further = f" {count(elsewhere, 'further event')} came from no session, or from one at which nobody asked."
    return f"{told}{why(found.interval)}{further if elsewhere else ''}"


def _figure(value: float) -> str:
    return f"{value:.1f}"


def _table(facts: Facts) -> Table:
    """Each kind of event, the most frequent first: by grade, and in how many patients."""
    grades: dict[str, list[int]] = defaultdict(list)
    patients: dict[str, set[object]] = defaultdict(set)
    for case in facts.cases:
        for event in case.events:
            grades[event.label].append(event.grade)
            patients[event.label].add(case.patient.pk)
    rows = tuple(
        (
            label,
            *(str(found.count(grade)) for grade in _GRADES[:-1]),
            str(sum(grade >= _GRADES[-1] for grade in found)),
            str(len(patients[label])),
        )
        for label, found in sorted(grades.items(), key=lambda each: (-len(each[1]), each[0]))
    )
    columns = ("Event", "Grade 1", "Grade 2", "Grade 3 to 5", "Patients")
    return Table("Events by CTCAE grade", columns, rows, ("start", "end", "end", "end", "end"), (3, 1, 1, 1.3, 1))
