"""A reader's place in a round: what is still to be read, in which order, and how far they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from clinic.staff.access import Can, may
from clinic.staff.models import Clinic, Membership, User
from treatments.evidence.reading.independence import known_patients
from treatments.evidence.reading.permission import allowed, purpose_for
from treatments.photos.readings.models import ReaderPlace, ReadingRound, ShownPair
from treatments.photos.readings.results import why_not_counted


@dataclass(frozen=True)
class Progress:
    """How far a reader is. Pairs that can no more be shown are neither done nor to do, and are counted by `gone`."""

    place: ReaderPlace
    shown: Sequence[ShownPair]
    can_be_shown: frozenset[int]
    has_left: bool = False
    """Whether the reader does not work here any more."""

    @cached_property
    def done(self) -> int:
        return sum(is_read(each) for each in self.shown)

    @cached_property
    def to_read(self) -> list[ShownPair]:
        """What is not read yet and may be shown, in the order of this reader."""
        if not self.place.is_open:
            return []
        return [each for each in self.shown if not is_read(each) and each.pk in self.can_be_shown]

    @property
    def total(self) -> int:
        """Of a place that is read no more, every pair that was to be read."""
        return self.done + len(self.to_read) if self.place.is_open else len(self.shown)

    @property
    def gone(self) -> int:
        return len(self.shown) - self.total if self.place.is_open else 0

    @property
    def current(self) -> ShownPair | None:
        return self.to_read[0] if self.to_read else None

    @property
    def number(self) -> int:
        """Of the pair that is read now, from 1."""
        return self.done + 1

    @property
    def is_done(self) -> bool:
        return not self.to_read


def is_read(shown: ShownPair) -> bool:
    return hasattr(shown, "reading")


def places_of(reader: User, clinic: Clinic) -> list[Progress]:
    """Every place of a person at a clinic, the newest round first."""
    places = ReaderPlace.objects.filter(reader=reader, round__clinic=clinic).select_related("round__clinic", "reader")
    return [_progress(place, _membership(place)) for place in places.order_by("-added_at")]


def progress_of(round: ReadingRound) -> list[Progress]:
    """Of every reader of a round, the first readers before a third."""
    places = ReaderPlace.objects.filter(round=round).select_related("round__clinic", "reader")
    return [_progress(place, _membership(place)) for place in places.order_by("is_third", "added_at", "id")]


def progress_at(place: ReaderPlace, membership: Membership) -> Progress:
    return _progress(place, membership)


def _membership(place: ReaderPlace) -> Membership | None:
    theirs = Membership.objects.filter(clinic=place.round.clinic_id, user=place.reader_id)
    return theirs.select_related("user").first()


def _progress(place: ReaderPlace, membership: Membership | None) -> Progress:
    """Seven queries at most, however many pairs there are. Who came to know a patient since the round was opened is not
    shown them any more; that takes a right to the record."""
    rows: Any = ShownPair.objects.filter(place=place).order_by("position")
    shown = list(rows.select_related("reading", "pair__repeats", "pair__earlier", "pair__later"))
    has_left = membership is None or not membership.works_here
    standing = [each for each in shown if not is_read(each) and not why_not_counted(each.pair)]
    patients = {each.pair.later.patient_id for each in standing}
    may_see = allowed(patients, [purpose_for(membership)]) if membership and patients else set()
    if membership and may(membership, Can.SEE_RECORD):
        may_see -= known_patients([place.reader], patients).keys()
    for each in shown:
        each.place = place
    return Progress(
        place, shown, frozenset(each.pk for each in standing if each.pair.later.patient_id in may_see), has_left
    )
