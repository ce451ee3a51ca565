"""A case series as a paper: what the record says under the headings of the reporting rule, and the author's own words.

The order follows PROCESS 2023 (Int J Surg 2023;109:3760) as far as its items were read: design, registration and
ethics, setting, participants, intervention; what comes after stands under the headings of any paper. No item is
numbered. Definitions stand before results. Nothing here reads the database.
"""

from collections.abc import Iterator
from typing import Final

from treatments.courses.models.sessions import LATE_ENTRY_DAYS
from treatments.evidence.series.cases import Facts
from treatments.evidence.series.models import CaseSeries
from treatments.evidence.series.paper import methods, results
from treatments.evidence.series.paper.parts import numbered_lines, written
from treatments.papers.document import Block, Document, Heading, Items, Letterhead

REQUIRED: Final = {
    "introduction": "introduction",
    "registration": "registration",
    "ethics": "ethics",
    "setting": "setting",
    "inclusion": "participants",
    "treated_by": "who treated",
    "limits": "strengths and limits",
    "conclusion": "conclusion",
    "authors": "authors",
    "funding": "funding",
    "interests": "competing interests",
}
"""What only an author can write, and what the page calls it; as long as one is empty, the paper says DRAFT."""
AUTHORED: Final = (*REQUIRED, "changes_why", "literature", "references")


def missing(series: CaseSeries) -> list[str]:
    """What is not written yet."""
    return [name for column, name in REQUIRED.items() if not getattr(series, column).strip()]


def texts_of(series: CaseSeries) -> list[str]:
    """All that its authors wrote."""
    return [series.title, *(getattr(series, name) for name in AUTHORED)]


def manuscript(facts: Facts) -> Document:
    """The paper as it may leave: cases without consent to research, and those too few are like, are counted only."""
    series = facts.series
    blocks: tuple[Block, ...] = (
        *written("Introduction", series.introduction),
        *methods.blocks(facts),
        *results.blocks(facts),
        Heading("Discussion"),
        *_limits(facts),
        *(written("The literature", series.literature, 3) if series.literature.strip() else ()),
        *written("Conclusion", series.conclusion),
        *written("Authors", series.authors),
        *written("Funding", series.funding),
        *written("Competing interests", series.interests),
        *(numbered_lines("References", series.references) if series.references.strip() else ()),
    )
    return Document(
        title=title_of(series),
        letterhead=Letterhead(""),
        about=(),
        blocks=blocks,
        made="Made from the record by Anagen",
        look="manuscript",
        stamp="DRAFT" if missing(series) or not facts.cases else "",
    )


def title_of(series: CaseSeries) -> str:
    """It says that it is a case series, as the rule asks."""
    title = " ".join(series.title.split())
    return title if "case series" in title.casefold() else f"{title}: a case series"


def _limits(facts: Facts) -> Iterator[Block]:
    yield from written("Strengths and limits", facts.series.limits, 3)
    month = facts.series.month
    due = sum(case.is_due(month) for case in facts.cases)
    late = sum(session.is_late_entry for session in facts.sessions)
    others = sum(row.other_treatment != "" for _, row in facts.analysed)
    asked = sum(case.asked for case in facts.cases)
    sessions = len(facts.sessions)
    stated = [
        "There is no control group: change with time, season and light cannot be told from an effect.",
        "It is a single centre, which also wrote the record.",
    ]
    if due:
        stated.append(f"{due - len(facts.analysed)} of {due} patients who were due could not be analysed.")
    if others:
        stated.append(f"{others} of {len(facts.analysed)} who were analysed had, or perhaps had, another treatment.")
    if late:
        stated.append(f"{late} of {sessions} sessions were entered {LATE_ENTRY_DAYS} days after them or later.")
    if asked < sessions:
        stated.append(
            f"At {sessions - asked} of {sessions} sessions it is not recorded that somebody asked for events."
        )
    yield Items(tuple(stated))
