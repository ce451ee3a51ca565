"""The context of a round's page: progress while it is open, and everything once it is closed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from clinic.audit import looks
from clinic.staff.access import ClinicRequest
from treatments.evidence.reading import figures
from treatments.evidence.reading.actions import counted_text, unfinished_of
from treatments.evidence.reading.places import progress_of
from treatments.evidence.reading.selection import photos_of, wanted_nulls
from treatments.photos.compare.context import compare_address
from treatments.photos.compare.pairs import Pair
from treatments.photos.patient_photos import group_label
from treatments.photos.readings.models import CHANGES, PairKind, ReadingRound
from treatments.photos.readings.results import ReadPair, signed
from treatments.records.formatting import count, listed

VERDICTS = {"comparable": "comparable", "not_comparable": "not comparable", "unknown": "not known"}


@dataclass(frozen=True)
class Row:
    """A pair of a closed round as the page tells it."""

    pair: ReadPair
    patient: Any
    months: str
    address: str

    @property
    def median(self) -> str:
        """Of two readers or more: what one of them saw alone is no result."""
        if self.pair.result is None:
            return "one reader alone" if self.pair.readers else "none"
        return signed(self.pair.result)

    @property
    def readings(self) -> str:
        said = [
            f"{signed(each.change)}{' (third)' if each.is_third else ''}" if each.change is not None else "cannot judge"
            for each in self.pair.readings
        ]
        return ", ".join(said)

    @property
    def verdict(self) -> str:
        return VERDICTS[self.pair.verdict]


def round_context(round: ReadingRound) -> dict[str, Any]:
    """What anybody may be told who may open rounds, before and after it is closed."""
    progress = progress_of(round)
    return {
        "round": round,
        "view": group_label(round.group),
        "months": listed([str(month) for month in round.months]),
        "pairs": _pairs_text(round),
        "too_few": _too_few(round),
        "found": counted_text(round.found),
        "progress": progress,
        "unfinished": unfinished_of([each for each in progress if not each.place.is_third]),
        "nav": "outcomes",
    }


def _pairs_text(round: ReadingRound) -> str:
    found = round.found
    return (
        f"{count(found.get(PairKind.REAL, 0), 'pair')} of two Months, {found.get(PairKind.NULL, 0)} of one Month, "
        f"{count(found.get(PairKind.REPEAT, 0), 'repeat')}."
    )


def _too_few(round: ReadingRound) -> str:
    """That the record has too few pairs of one Month, in words; "" where it has enough."""
    null, wanted = round.found.get(PairKind.NULL, 0), wanted_nulls(round, round.found.get(PairKind.REAL, 0))
    if null >= wanted:
        return ""
    has = "no pair" if not null else f"only {count(null, 'pair')}"
    return (
        f"The record has {has} of one Month and view, and {wanted} {'was' if wanted == 1 else 'were'} wanted. How "
        "often these readers see a gain where there is none cannot be told well. Take two photos of a view at one "
        "visit now and then."
    )


def results_context(round: ReadingRound) -> dict[str, Any]:
    """Of a closed round. Whoever is on the page has been looked at."""
    closed = figures.read(round)
    photos = photos_of({pair.patient_id for pair in [*closed.real, *closed.null]})
    highest = max([1, *(how_often for _, how_often in closed.distribution)])
    return {
        "results": figures.results(closed),
        "agreement": figures.agreement(closed),
        "readers": figures.of_each_reader(closed),
        "distribution": [
            {"change": signed(change), "words": CHANGES[change], "count": times, "share": round_share(times, highest)}
            for change, times in closed.distribution
        ],
        "not_judged": closed.not_judged,
        "rows": _rows(closed.real, photos),
        "null_rows": _rows(closed.null, photos),
        "apart": len(closed.apart),
        "gone": [f"{count(number, 'pair')}: {why}" for why, number in closed.gone.items()],
    }


def round_share(value: int, highest: int) -> int:
    """In steps of twenty, for the bar beside a number."""
    return round(20 * value / highest)


def _rows(pairs: Iterable[ReadPair], photos: Any) -> list[Row]:
    rows = []
    for pair in pairs:
        calendar = photos[pair.patient_id].calendar(pair.later)
        months = f"{calendar.month(pair.earlier)} and {calendar.month(pair.later)}"
        if calendar.month(pair.earlier) == calendar.month(pair.later):
            months = f"{calendar.month(pair.later)}, twice"
        address = compare_address(pair.later.patient, Pair(pair.earlier, pair.later))
        rows.append(Row(pair, pair.later.patient, months, address))
    return sorted(rows, key=lambda row: (row.patient.record_number, row.pair.later.taken_on, row.pair.earlier.taken_on))


def tell_looks(request: ClinicRequest, context: dict[str, Any]) -> None:
    """A page that names patients is a look at a list of them."""
    rows = len(context.get("rows", [])) + len(context.get("null_rows", []))
    looks.told("viewed_list", rows=rows)
