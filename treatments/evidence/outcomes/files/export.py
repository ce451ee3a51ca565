"""Outcomes as a file: one row for each figure, what the columns mean, and of what and when it was written.

A count of 1 to 4 is told as "fewer than 5"; 0 is 0. Sums are told, so a count may follow from the others: the columns
say so to whoever passes the file on. Nobody is named.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from typing import Any, Final

from django.utils import timezone
from openpyxl import Workbook

from treatments.evidence.outcomes.figures import FEWEST, Figures, Month
from treatments.evidence.outcomes.words import FEW, hidden_if_few, tells_few
from treatments.evidence.published.comparison import mean_of, placebo_first
from treatments.evidence.statistics.results import Estimate, Interval, NoAnswer
from treatments.records.text import spreadsheet
from treatments.transfer.own_workbook import text_cell

COLUMNS: Final = ("part", "month", "figure", "n", "value", "low", "high", "unit", "note")
DICTIONARY: Final = (
    ("part", "cohort, ladder, reason, change, stage, responders, events or published, which is of other clinics"),
    ("month", "3, 6 or 12, counted from Month 0 of the course; empty where the figure is of the whole course"),
    ("figure", "What is counted or worked out"),
    (
        "n",
        f"Courses, one of each patient; of events: sessions. “{FEW}” stands for 1 to 4; 0 is 0. It may "
        "still follow from the sums beside it: the file is the clinic’s own, and not for publication",
    ),
    ("value", "The figure itself; empty where there is none, and then the note says why"),
    ("low", "Lower end of the interval, 95 % unless the note says another level"),
    ("high", "Upper end of it"),
    ("unit", "per cent, hairs/cm², share (0 to 1), per 100 sessions, count"),
    (
        "note",
        f"not_due: nobody is due. withheld: it would tell a count of 1 to 4. {FEWEST} or more are needed for a mean",
    ),
)
WITHHELD: Final = "withheld"
Row = tuple[Any, ...]


@dataclass(frozen=True)
class About:
    """What stands above the figures of a file."""

    clinic: str
    by: str
    version: str
    cohort: str

    @property
    def lines(self) -> list[tuple[str, str]]:
        now = timezone.localtime()
        return [
            ("Clinic", self.clinic),
            ("Written", f"{now:%Y-%m-%d %H:%M} ({timezone.get_current_timezone_name()}) by {self.by}"),
            ("Anagen", self.version),
            ("Which courses", self.cohort),
            ("What it may not be used for", "No control group: no figure here shows that a treatment works."),
        ]


def rows(figures: Figures) -> Iterator[Row]:
    begun = figures.beginning
    yield "cohort", "", "Courses begun", hidden_if_few(begun.courses), "", "", "", "count", ""
    yield "cohort", "", "Patients", hidden_if_few(begun.patients), "", "", "", "count", ""
    yield "cohort", "", "Courses struck out", hidden_if_few(begun.struck_out), "", "", "", "count", "in no figure"
    yield "cohort", "", "Patients archived", hidden_if_few(begun.archived), "", "", "", "count", "in all figures"
    for month in figures.months:
        yield from _ladder(month)
        yield from _change(month)
    for moves in figures.stages:
        for table in moves.tables:
            for stage, _, cells, _ in table.rows:
                for cell in cells:
                    name = f"{table.scale}: {stage} at baseline, {cell.stage} at Month {moves.month}"
                    yield "stage", moves.month, name, hidden_if_few(cell.n), "", "", "", "count", ""
    yield from _responders(figures)
    yield from _events(figures)
    yield from _published()


def _ladder(month: Month) -> Iterator[Row]:
    it = month.ladder
    steps = (
        ("Missing: due less analysed", it.missing),
        ("Begun", it.begun),
        ("Not yet due", it.not_due),
        ("Due", it.due),
        ("Not seen about that Month", it.not_seen),
        ("Seen, day known to the month only", it.unsure),
        ("Seen outside the window", it.outside),
        ("Assessed within the window", it.assessed),
        ("Assessed, density not measured", it.not_measured),
        ("Estimate only", it.estimate),
        ("Measured, not comparable", it.not_comparable),
        ("Analysed", it.analysed),
        ("Analysed, with another treatment", it.with_others),
    )
    for name, n in steps:
        yield "ladder", month.number, name, hidden_if_few(n), "", "", "", "count", "" if it.due else "not_due"
    for reason, n in month.reasons:
        yield "reason", month.number, reason, hidden_if_few(n), "", "", "", "count", ""


def _change(month: Month) -> Iterator[Row]:
    n = month.ladder.analysed
    told = (
        ("Mean change", month.per_cent, "per cent"),
        ("Mean change", month.per_cm2, "hairs/cm²"),
        ("Median change", month.median, "per cent"),
    )
    for name, estimate, unit in told:
        yield "change", month.number, name, hidden_if_few(n), *_estimate(estimate, n, unit)
    spread = month.analysed.differences.deviation
    shown = "" if n < FEWEST or spread is None else round(spread, 2)
    yield "change", month.number, "Standard deviation", hidden_if_few(n), shown, "", "", "hairs/cm²", ""


def _estimate(told: Estimate | NoAnswer, n: int, unit: str) -> tuple[Any, ...]:
    if isinstance(told, NoAnswer):
        return "", "", "", unit, str(told)
    if n < FEWEST:
        return "", "", "", unit, WITHHELD
    if isinstance(told.interval, Interval):
        level = f"level {100 * told.interval.level:.1f} %" if told.interval.level != 0.95 else ""
        return _round(told.value), _round(told.interval.low), _round(told.interval.high), unit, level
    return _round(told.value), "", "", unit, told.interval.reason


def _responders(figures: Figures) -> Iterator[Row]:
    it = figures.responders
    name = f"{it.definition}, {it.definition.get_measure_display()}"
    is_few = tells_few(it.responders, it.analysed, it.analysed - it.responders)
    counts = (("Due", it.due), ("Missing", it.missing), ("Known", it.analysed), ("Responders", it.responders))
    for what, n in counts:
        yield "responders", it.definition.month, f"{name}: {what}", hidden_if_few(n), "", "", "", "count", ""
    if is_few or isinstance(it.share, NoAnswer) or isinstance(it.bounds, NoAnswer):
        note = WITHHELD if is_few else "not_due"
        yield "responders", it.definition.month, f"{name}: share", "", "", "", "", "share", note
        return
    own = _estimate(it.share, it.analysed, "share")
    yield "responders", it.definition.month, f"{name}: share of those known", it.analysed, *own
    ends = (_round(it.bounds.if_none), _round(it.bounds.if_all))
    yield "responders", it.definition.month, f"{name}: bounds by the missing", it.due, "", *ends, "share", ""


def _events(figures: Figures) -> Iterator[Row]:
    it = figures.rate
    asked = hidden_if_few(it.sums.sessions)
    yield "events", "", "Sessions where somebody asked", asked, "", "", "", "count", ""
    yield "events", "", "Sessions where nobody asked", hidden_if_few(it.not_asked), "", "", "", "count", ""
    yield (
        "events",
        "",
        "Events in sessions where somebody asked",
        hidden_if_few(it.sums.events),
        "",
        "",
        "",
        "count",
        "",
    )
    if tells_few(it.sums.events):
        yield "events", "", "Rate", asked, "", "", "", "per 100 sessions", WITHHELD
    else:
        yield "events", "", "Rate", asked, *_estimate(it.result, FEWEST, "per 100 sessions")


def _published() -> Iterator[Row]:
    """Placebo first; beside the clinic's own, never pooled with them."""
    for study, group in placebo_first():
        name = f"{group.product}, {study.short_name}, week {group.week}"
        found = mean_of(group)
        ends = found.interval
        low, high = (_round(ends.low), _round(ends.high)) if isinstance(ends, Interval) else ("", "")
        note = f"not comparable: {study.why_not}. {study.source}"
        yield "published", "", name, found.n, group.mean, low, high, "hairs/cm²", note


def _round(value: float) -> float:
    return round(value, 3)


def csv_lines(figures: Figures, about: About) -> Iterator[str]:
    """The file line by line: of what it tells, the figures, and what the columns mean."""
    facts = [[name, text] for name, text in about.lines]
    told = (tuple(_cell(value) for value in row) for row in rows(figures))
    dictionary = [[], ["column", "meaning"], *DICTIONARY]
    return spreadsheet.lines(["Outcomes"], chain(facts, [[], COLUMNS], told, dictionary))


def _cell(value: Any) -> Any:
    """As a decimal, which stays a number: text that begins with a minus would not."""
    return Decimal(str(value)) if isinstance(value, float) else value


def workbook(figures: Figures, about: About) -> bytes:
    """The same with a sheet for the figures, one for the columns, one for what the file is of."""
    book = Workbook(write_only=True)
    book.properties.creator = "Anagen"
    first = book.create_sheet("Outcomes")
    first.freeze_panes = "A2"
    for letter, width in zip("ABCDEFGHI", (12, 8, 60, 14, 12, 12, 12, 18, 60), strict=True):
        first.column_dimensions[letter].width = width
    first.append([text_cell(first, name) for name in COLUMNS])
    for row in rows(figures):
        first.append([value if isinstance(value, int | float) else _text(first, value) for value in row])
    for title, lines in (("Columns", DICTIONARY), ("About", about.lines)):
        sheet = book.create_sheet(title)
        for letter, width in zip("AB", (28, 100), strict=True):
            sheet.column_dimensions[letter].width = width
        for line in lines:
            sheet.append([text_cell(sheet, each) for each in line])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _text(sheet: Any, value: Any) -> Any:
    return text_cell(sheet, str(value)) if value != "" else None
