"""How a round of blind reading is opened, read and closed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from clinic.audit import log
from clinic.staff.models import User
from treatments.evidence.reading.independence import known_patients
from treatments.evidence.reading.order import draw, new_seed, new_token
from treatments.evidence.reading.permission import purposes_for
from treatments.evidence.reading.places import Progress, progress_of
from treatments.evidence.reading.selection import Candidate, find_pairs, wanted_repeats
from treatments.photos.readings.models import PairKind, ReaderPlace, Reading, ReadingPair, ReadingRound, ShownPair
from treatments.photos.readings.results import FEWEST_READERS, grouped
from treatments.records.actions import insert
from treatments.records.formatting import count, listed

CLOSED: Final = (
    "This round was closed. Nothing more is read in it, and this answer was not saved. What you had read before stays."
)


def open_round(round: ReadingRound, *, readers: Collection[User], by: User) -> ReadingRound:
    """Choose the pairs of an unsaved round by chance and give each reader their place.

    Raises ValidationError where no pair fits, or `by` is to read what they have opened.
    """
    if by in readers:
        raise ValidationError("Whoever opens a round does not read it. Choose other readers.")
    purposes = purposes_for(readers, clinic=round.clinic)

    def fill(kept: ReadingRound) -> None:
        found = find_pairs(kept, purposes=purposes, readers=readers)
        if not found.real:
            raise ValidationError(f"No pair fits, and so no round was opened. {counted_text(found.counts)}")
        pairs = _save_pairs(kept, found.real, found.null)
        counts = dict(found.counts) | {kind.value: sum(pair.kind == kind for pair in pairs) for kind in PairKind}
        ReadingRound.objects.filter(pk=kept.pk).update(found=counts)
        for reader in sorted(readers, key=lambda each: each.pk):
            _give_place(kept, reader, pairs, by=by)

    return insert(round, event="opened_round", by=by, then=fill, detail={"readers": len(readers)})


def _save_pairs(round: ReadingRound, real: Sequence[Candidate], null: Sequence[Candidate]) -> list[ReadingPair]:
    def row(kind: PairKind, of: Any, repeats: ReadingPair | None = None) -> ReadingPair:
        pair = ReadingPair(
            round=round, kind=kind, earlier=of.earlier, later=of.later, verdict=of.verdict, repeats=repeats
        )
        pair.save()
        return pair

    pairs = [row(PairKind.REAL, each) for each in real]
    nulls = [row(PairKind.NULL, each) for each in null]
    # The first of an order that chance has made (selection.find_pairs).
    repeats = [row(PairKind.REPEAT, each, each) for each in pairs[: wanted_repeats(round, len(pairs))]]
    return [*pairs, *nulls, *repeats]


def _give_place(
    round: ReadingRound, reader: User, pairs: Sequence[ReadingPair], *, by: User, is_third: bool = False
) -> ReaderPlace:
    place = ReaderPlace(round=round, reader=reader, seed=new_seed(), is_third=is_third, added_by=by)
    place.save()
    repeats = {pair.pk: pair.repeats_id for pair in pairs if pair.repeats_id}
    for position, shown in enumerate(draw(place.seed, [pair.pk for pair in pairs], repeats), 1):
        row = {"pair_id": shown.pair, "position": position, "later_is_right": shown.later_is_right}
        ShownPair(place=place, token=new_token(), **row).save()
    return place


def add_reader(round: ReadingRound, *, reader: User, by: User) -> ReaderPlace:
    """Let one more person read an open round. Raises ValidationError where they may not."""
    with transaction.atomic():
        kept = _locked(round)
        if kept.is_closed:
            raise ValidationError("This round is closed. Ask a third reader for the pairs on which readers differ.")
        _refuse_reader(kept, reader, by)
        place = _give_place(kept, reader, list(kept.pairs.order_by("pk")), by=by)
        log.record("added_reader", by=by, clinic=kept.clinic, target=kept, detail={"member": reader.pk})
    return place


def ask_third(round: ReadingRound, *, reader: User, by: User) -> ReaderPlace:
    """Let a third reader read, blind as the first, the pairs of a closed round on which the first were two steps apart
    or more. Their readings count in the median; both first readings stay. Raises ValidationError."""
    with transaction.atomic():
        kept = _locked(round)
        if not kept.is_closed:
            raise ValidationError("Close the round first: before that nobody knows where its readers differ.")
        _refuse_reader(kept, reader, by)
        apart = [pair.pair_id for pair in grouped(readings_of(kept)) if pair.is_apart]
        if not apart:
            raise ValidationError("The readers of this round were nowhere two steps apart or more.")
        pairs = list(kept.pairs.filter(pk__in=apart).order_by("pk"))
        place = _give_place(kept, reader, pairs, by=by, is_third=True)
        log.record("added_reader", by=by, clinic=kept.clinic, target=kept, detail={"member": reader.pk})
    return place


def readings_of(round: ReadingRound) -> Any:
    """The readings of its pairs of two Months, with all that they point to."""
    return Reading.objects.filter(shown__pair__round=round, shown__pair__kind=PairKind.REAL).select_related(
        "shown__place__reader", "shown__pair__round", "shown__pair__earlier", "shown__pair__later"
    )


def _refuse_reader(round: ReadingRound, reader: User, by: User) -> None:
    if reader.pk in {by.pk, round.created_by_id}:
        raise ValidationError("Whoever opens a round, or asks its readers, does not read it.")
    if round.places.filter(reader=reader).exists():
        raise ValidationError(f"{reader} reads this round already.")
    patients = set(round.pairs.values_list("later__patient", flat=True))
    known = len(known_patients([reader], patients))
    if known:
        raise ValidationError(
            f"{reader} has treated, graded, measured or photographed {known} of the {len(patients)} patients of this "
            "round, and cannot read it blind. Choose another reader."
        )


def _locked(round: ReadingRound) -> ReadingRound:
    kept: ReadingRound = ReadingRound.objects.select_for_update(of=("self",)).get(pk=round.pk)
    return kept


@dataclass(frozen=True)
class Answered:
    """What is kept of a pair; `is_other` is whether it was read before, and otherwise: then the first reading stays."""

    reading: Reading
    is_other: bool


def answer(shown: ShownPair, *, score: int | None, cannot_judge: str, note: str, by: User) -> Answered:
    """Keep what a reader says of a pair, once and for all. Raises ValidationError in a round that is closed."""
    with transaction.atomic():
        place = shown.place
        place.round = _locked(place.round)
        kept = Reading.objects.filter(shown=shown).first()
        if kept is not None:
            said = (kept.score, kept.cannot_judge, kept.note)
            return Answered(kept, said != (score, cannot_judge, note))
        if not place.is_open:
            raise ValidationError(CLOSED)
        reading = Reading(shown=shown, score=score, cannot_judge=cannot_judge, note=note)
        reading.save()
        target = log.identity(place.round) | {"patient_id": shown.pair.later.patient_id}
        log.record("read_pair", by=by, clinic=place.round.clinic, target=target, detail={"place": shown.position})
    return Answered(reading, is_other=False)


def close_round(round: ReadingRound, *, reason: str, by: User) -> ReadingRound:
    """End the reading and open its results to those who may see them. A round that is closed already stays as it is.

    Raises ValidationError where somebody has not read everything and no reason is given.
    """
    with transaction.atomic():
        kept = _locked(round)
        if kept.is_closed:
            return kept
        unfinished = unfinished_of(progress_of(kept))
        if unfinished and not reason:
            raise ValidationError({"reason": f"{unfinished} Write why it is closed before that."})
        kept.closed_at, kept.closed_by, kept.closed_reason = timezone.now(), by, reason if unfinished else ""
        kept.save(update_fields=["closed_at", "closed_by", "closed_reason"])
        log.record("unblinded", by=by, clinic=kept.clinic, target=kept)
    return kept


def unfinished_of(progress: Sequence[Progress]) -> str:
    """Who has not read everything, and whether there are readers enough; "" where all is read."""
    behind = [
        f"{each.place.reader}{f', who {each.why_not},' if each.why_not else ''} has read {each.done} of {each.total}"
        for each in progress
        if not each.is_done
    ]
    if behind:
        return f"{listed(behind)}."
    return f"Only {count(len(progress), 'reader')} has read it." if len(progress) < FEWEST_READERS else ""


def counted_text(found: dict[str, int]) -> str:
    """How the pairs of a round were found, in sentences."""
    patients = found.get("patients", 0)
    told = [f"{count(patients, 'patient has', 'patients have')} two photos of this view or more."]
    left_out = {
        "no_consent": "without a consent that covers the readers",
        "known": "known to one of the readers",
        "no_photo": "without a photo of a chosen Month",
        "no_earlier": "without an earlier photo to compare with",
        "shape": "of another shape than the earlier photo",
        "differ": "taken under other conditions than the earlier photo",
        "not_known": "with conditions that were not recorded",
        "one_each": "of patients who give another one",
    }
    whom = {"no_consent": "patient", "known": "patient"}
    parts = [f"{count(found[code], whom.get(code, 'pair'))} {why}" for code, why in left_out.items() if found.get(code)]
    if parts:
        told.append(f"Left out: {'; '.join(parts)}.")
    return " ".join(told)
