"""A reader's place in a round: what is still to be read, in which order, and how far they are."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from clinic.staff.access import Can, may
from clinic.staff.models import Membership
from treatments.evidence.reading.independence import known_patients
from treatments.evidence.reading.permission import allowed, purpose_for
from treatments.photos.readings.models import ReaderPlace, ReadingRound, ShownPair
from treatments.photos.readings.results import why_not_counted
from treatments.records.formatting import count

NO_CONSENT: Final = "no valid consent covers this reader"
KNOWN: Final = "this reader knows the patient"


@dataclass(frozen=True)
class Progress:
    """How far a reader is. Pairs that can no more be shown are neither done nor to do: `why_gone` has the reason of
    each, by the id of its `ShownPair`."""

    place: ReaderPlace
    shown: Sequence[ShownPair]
    why_gone: Mapping[int, str]
    why_not: str = ""
    """Why the reader reads nothing any more, to stand behind their name: "has left", "has another role now", or ""."""

    @cached_property
    def done(self) -> int:
        return sum(is_read(each) for each in self.shown)

    @cached_property
    def to_read(self) -> list[ShownPair]:
        """What is not read yet and may be shown, in the order of this reader."""
        if not self.place.is_open:
            return []
        return [each for each in self.shown if not is_read(each) and each.pk not in self.why_gone]

    @property
    def total(self) -> int:
        """Every pair that was read, or could be. Of a round that is closed: could be on the day it was closed."""
        return len(self.shown) - self.gone

    @property
    def gone(self) -> int:
        return len(self.why_gone)

    @property
    def gone_in_words(self) -> str:
        """ "2 pairs: no valid consent covers this reader; 1 pair: a photo was struck out"; "" where none is gone."""
        told = Counter(self.why_gone.values()).most_common()
        return "; ".join(f"{count(number, 'pair')}: {why}" for why, number in told)

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


def waiting_places(membership: Membership) -> list[Progress]:
    """A person's places in which something is unread and may still be answered, the newest round first."""
    return [_progress(place, membership) for place in _places(membership).filter(_WAITS)]


def other_places(membership: Membership) -> QuerySet[ReaderPlace]:
    """Their other places, which grow with every round: all is read, or nothing is read any more. The newest first."""
    return _places(membership).exclude(_WAITS)


# As `ReaderPlace.is_open` says it.
_WAITS: Final = Q(is_unread=True) & (
    Q(round__closed_at__isnull=True, is_third=False) | Q(round__closed_at__isnull=False, is_third=True)
)


def _places(membership: Membership) -> QuerySet[ReaderPlace]:
    unread = ShownPair.objects.filter(place=OuterRef("pk"), reading__isnull=True)
    places = ReaderPlace.objects.filter(reader=membership.user_id, round__clinic=membership.clinic_id)
    rows: QuerySet[ReaderPlace] = places.annotate(is_unread=Exists(unread))
    return rows.select_related("round__clinic", "reader").order_by("-added_at", "-id")


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
    shown them any more; that takes a right to the record.

    Of a place that is read no more, what could not be shown is told as of the day on which its round was closed.
    """
    rows: Any = ShownPair.objects.filter(place=place).order_by("position")
    shown = list(rows.select_related("reading", "pair__repeats", "pair__earlier", "pair__later"))
    why_gone = {each.pk: why for each in shown if not is_read(each) and (why := why_not_counted(each.pair))}
    standing = [each for each in shown if not is_read(each) and each.pk not in why_gone]
    patients = {each.pair.later.patient_id for each in standing}
    closed_at = None if place.is_open else place.round.closed_at
    on = timezone.localdate(closed_at)
    may_see = allowed(patients, [purpose_for(membership)], on=on) if membership and patients else set()
    sees_record = membership is not None and may(membership, Can.SEE_RECORD)
    known = known_patients([place.reader], patients, until=closed_at) if sees_record else {}
    for each in standing:
        patient_id = each.pair.later.patient_id
        if patient_id not in may_see or patient_id in known:
            why_gone[each.pk] = KNOWN if patient_id in may_see else NO_CONSENT
    for each in shown:
        each.place = place
    return Progress(place, shown, why_gone, _why_not(membership))


def _why_not(membership: Membership | None) -> str:
    if membership is None or not membership.works_here:
        return "has left"
    return "" if may(membership, Can.READ_BLIND) else "has another role now"
