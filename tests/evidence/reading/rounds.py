"""Rows of blind reading for tests, written straight to the database."""

import secrets
from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from clinic.staff.models import Clinic, User
from treatments.models import Photo, ReaderPlace, Reading, ReadingPair, ReadingRound, ShownPair


def reading_round(of: Clinic, *, by: User, **fields: Any) -> ReadingRound:
    told = {"name": "Vertex, Month 6", "view": "vertex", "months": [6], **fields}
    return ReadingRound.objects.create(clinic=of, created_by=by, **told)


def place(of: ReadingRound, reader: User, **fields: Any) -> ReaderPlace:
    told = {"seed": secrets.token_hex(32), "added_by": of.created_by, **fields}
    return ReaderPlace.objects.create(round=of, reader=reader, **told)


def pair(of: ReadingRound, earlier: Photo, later: Photo, **fields: Any) -> ReadingPair:
    told = {"kind": "real", "verdict": "comparable", **fields}
    return ReadingPair.objects.create(round=of, earlier=earlier, later=later, **told)


def shown(at: ReaderPlace, pairs: Sequence[ReadingPair], *, later_is_right: bool = True) -> list[ShownPair]:
    return [
        ShownPair.objects.create(
            place=at, pair=each, position=position, later_is_right=later_is_right, token=secrets.token_urlsafe(18)
        )
        for position, each in enumerate(pairs, 1)
    ]


def reading(of: ShownPair, change: int | None, **fields: Any) -> Reading:
    """`change` is of the later photograph against the earlier one; None for one that cannot be judged."""
    if change is None:
        return Reading.objects.create(shown=of, **{"cannot_judge": "quality", **fields})
    return Reading.objects.create(shown=of, score=change if of.later_is_right else -change, **fields)


def of_pair(earlier: Photo, later: Photo, *, by: User, is_closed: bool = False) -> ShownPair:
    """A round of one pair that `by` reads; read by them, and closed, where it says so."""
    told = {"closed_at": timezone.now(), "closed_by": by} if is_closed else {}
    opened = reading_round(earlier.clinic, by=by, found={"patients": 1, "real": 1}, **told)
    [one] = shown(place(opened, by), [pair(opened, earlier, later)])
    if is_closed:
        reading(one, 1)
    return one
