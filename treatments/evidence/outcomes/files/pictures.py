"""Each figure of outcomes as a picture to print, in SVG. It leaves the clinic: a count of 1 to 4 is not told, and a
figure that would tell one is not drawn."""

from collections.abc import Callable
from typing import Final

from treatments.assessments.scales.catalogue import Change
from treatments.evidence.outcomes.figures import FEWEST, Figures
from treatments.evidence.outcomes.files.plot import plot
from treatments.evidence.outcomes.ladder import Ladder
from treatments.evidence.outcomes.words import hidden_if_few, one_decimal, share, tells_few, whole
from treatments.evidence.plots import BarRow, DotRow, Grid, bar_picture, dot_picture, grid_picture
from treatments.evidence.published.panel import picture_file
from treatments.evidence.statistics.results import Interval, NoAnswer

_CELL_CSS: Final = {Change.IMPROVED: "better", Change.WORSENED: "worse"}


def picture(name: str, figures: Figures) -> str:
    """`name` is the number of a Month, "missing", "stages", "responders", "events" or "published"; "" where there is
    nothing to draw, or too few to draw it of. Raises KeyError for another name."""
    by_month = {str(month.number): month for month in figures.months}
    if name in by_month:
        month = by_month[name]
        if month.ladder.analysed < FEWEST:
            return ""
        return plot(month, sdc_pct=figures.sdc_pct, beside=figures.months, is_file=True)
    return _DRAWN[name](figures)


def drawn_of(figures: Figures) -> frozenset[str]:
    """The names of the pictures that can be had of these figures, those of single Months aside."""
    return frozenset(name for name, draw in _DRAWN.items() if draw(figures))


def _missing(figures: Figures) -> str:
    groups = [(f"Month {month.number}", _steps(month.ladder, month.reasons)) for month in figures.months]
    return bar_picture(groups, title="Who is missing at each Month: courses, one of each patient")


def _steps(it: Ladder, reasons: list[tuple[str, int]]) -> list[BarRow]:
    return [
        _bar("Begun", it.begun),
        _bar("Not yet due", it.not_due),
        _bar("Due", it.due),
        _bar("Missing: due, not analysed", it.missing, lost=True),
        _bar("Not seen", it.not_seen, lost=True),
        _bar("Seen outside the window", it.outside, lost=True),
        *([_bar("Day not recorded", it.unsure, lost=True)] if it.unsure else []),
        _bar("Assessed within 10 days", it.assessed),
        _bar("Density not measured", it.not_measured, lost=True),
        _bar("Measured, not comparable", it.not_comparable, lost=True),
        *(_bar(f"– {reason}", n, lost=True) for reason, n in reasons),
        _bar("Estimate only", it.estimate, lost=True),
        BarRow("Analysed", *_told(it.analysed), "kept"),
    ]


def _bar(label: str, n: int, *, lost: bool = False) -> BarRow:
    return BarRow(label, *_told(n), "lost" if lost else "step")


def _told(n: int) -> tuple[int | None, str]:
    shown = hidden_if_few(n)
    return (None, shown) if isinstance(shown, str) else (shown, whole(shown))


def _stages(figures: Figures) -> str:
    grids = [
        Grid(
            caption=f"{table.scale}, Month {moves.month}",
            across="At baseline",
            columns=[code for code, _ in table.columns],
            rows=[
                (code, [(_told(cell.n)[1], _CELL_CSS.get(cell.change, "")) for cell in cells])
                for code, _, cells, _ in table.rows
            ],
        )
        for moves in figures.stages
        for table in moves.tables
    ]
    title = "Patients by stage at baseline (rows) and at the Month (columns); green is better, amber worse"
    return grid_picture(grids, title=title) if grids else ""


def _responders(figures: Figures) -> str:
    it = figures.responders
    found, bounds = it.share, it.bounds
    if tells_few(it.responders, it.analysed, it.analysed - it.responders):
        return ""
    if isinstance(found, NoAnswer) or isinstance(bounds, NoAnswer) or isinstance(found.interval, NoAnswer):
        return ""
    ends = found.interval
    rows = [
        DotRow(
            f"{whole(it.responders)} of {whole(it.analysed)} known: {share(found.value)}",
            100 * found.value, 100 * ends.low, 100 * ends.high, "own",
        ),
        DotRow(f"If none of {_told(it.missing)[1]} missing responded", 100 * bounds.if_none, kind="placebo"),
        DotRow("If all of the missing responded", 100 * bounds.if_all, kind="placebo"),
        *(DotRow(f"Placebo, {name}, {n} patients", 100 * of, kind="placebo") for name, n, of in figures.placebo),
    ]  # fmt: skip
    title = f"{it.definition}, {it.definition.get_measure_display()}, at Month {it.definition.month}"
    return dot_picture(rows, title=title, unit="% of patients")


def _events(figures: Figures) -> str:
    it = figures.rate
    if tells_few(it.sums.events, it.sums.sessions):
        return ""
    if isinstance(it.result, NoAnswer):
        return ""
    ends = it.result.interval
    low, high = (ends.low, ends.high) if isinstance(ends, Interval) else (None, None)
    label = f"{whole(it.sums.events)} in {whole(it.sums.sessions)} sessions: {one_decimal(it.result.value)}"
    row = DotRow(label, it.result.value, low, high, "own")
    unit = "per 100 sessions where somebody asked"
    return dot_picture([row], title="Adverse events, with the 95 % interval", unit=unit)


def _published(figures: Figures) -> str:
    return picture_file(figures.beside_published)


_DRAWN: Final[dict[str, Callable[[Figures], str]]] = {
    "missing": _missing,
    "stages": _stages,
    "responders": _responders,
    "events": _events,
    "published": _published,
}
