"""Every reading of a closed round as a file, and what its columns mean."""

import uuid
from collections.abc import Iterator
from typing import Any, Final

from django.utils import timezone

from treatments.evidence.reading import figures
from treatments.evidence.reading.selection import photos_of
from treatments.photos.readings.models import ReadingRound
from treatments.records.text import spreadsheet

COLUMNS: Final[dict[str, str]] = {
    "pair": "Number of the pair in this round",
    "kind": "real: two Months; null: two photos of one Month; repeat: a real pair shown again with its sides changed",
    "repeats_pair": "Of a repeat, the number of the pair that it repeats; else empty",
    "patient": "Number of the patient in this file; the round's page names whose pair it is",
    "view": "View of both photographs (code)",
    "earlier_month": "Month of the earlier photograph, counted from Month 0 of its course",
    "later_month": "Month of the later photograph",
    "comparable": "What the record said of the pair when the round was opened: comparable, not_comparable, unknown",
    "reader": "Number of the reader in this round",
    "third": "yes for a third reader, who read only the pairs on which the first were two steps apart or more",
    "position": "At which place of their own order the reader was shown the pair",
    "later_side": "On which side the later photograph stood: left or right",
    "right_against_left": "The answer: -3 left has much more, 0 no difference, 3 right has much more; empty for none",
    "later_against_earlier": "The same of the later photograph against the earlier one, -3 to 3",
    "cannot_judge": "Why the pair could not be judged (code); empty where it was",
    "note": "What the reader wrote of that",
    "read_at": "When it was answered, in the clinic's time zone",
}


def readings_lines(round: ReadingRound) -> Iterator[str]:
    closed = figures.read(round)
    photos = photos_of({reading.shown.pair.later.patient_id for reading in closed.readings})
    pairs = {pk: number for number, pk in enumerate(sorted({each.shown.pair_id for each in closed.readings}), 1)}
    patients: dict[uuid.UUID, int] = {}
    readers: dict[int, int] = {}
    for each in closed.readings:
        readers.setdefault(each.reader.pk, len(readers) + 1)
        patients.setdefault(each.shown.pair.later.patient_id, len(patients) + 1)
    rows = (_row(each, pairs, patients, readers, photos) for each in closed.readings)
    return spreadsheet.lines(COLUMNS, rows)


def _row(
    reading: Any,
    pairs: dict[int, int],
    patients: dict[uuid.UUID, int],
    readers: dict[int, int],
    photos: Any,
) -> tuple[Any, ...]:
    shown = reading.shown
    pair = shown.pair
    calendar = photos[pair.later.patient_id].calendar(pair.later)
    return (
        pairs[pair.pk],
        pair.kind,
        pairs.get(pair.repeats_id, ""),
        patients[pair.later.patient_id],
        pair.later.view,
        calendar.month(pair.earlier),
        calendar.month(pair.later),
        pair.verdict,
        readers[reading.reader.pk],
        "yes" if shown.place.is_third else "no",
        shown.position,
        "right" if shown.later_is_right else "left",
        _number(reading.score),
        _number(reading.change),
        reading.cannot_judge,
        reading.note,
        f"{timezone.localtime(reading.at):%Y-%m-%d %H:%M}",
    )


def _number(value: int | None) -> Any:
    return "" if value is None else value


def dictionary_lines() -> Iterator[str]:
    return spreadsheet.lines(("column", "meaning"), COLUMNS.items())
