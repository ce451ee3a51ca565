"""Merges two records of one person, and takes them apart again: each in one transaction, on the trail of both."""

import datetime
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from clinic.audit import log
from clinic.staff.models import User
from treatments.assessments import next_visit
from treatments.courses.models import Course, ExosomeSession
from treatments.identity.merge.contents import KINDS, LINKS, Ids, hanging_on, rows
from treatments.identity.move.actions import settle, take_history_along
from treatments.patients.actions import refresh_search
from treatments.patients.models import HairHistory, Patient
from treatments.patients.moves import MovedRecord, MoveKind, RecordMove
from treatments.photos.models import Photo
from treatments.records.actions import correct, insert, strike_out
from treatments.records.models import ClinicalRecord
from treatments.records.partial_dates import PartialDate
from treatments.records.vocabulary import Asked
from treatments.safety.models import FollowUp

_ANSWERS = {
    "allergies": "allergies_text",
    "conditions": "conditions_text",
    "medicines": "medicines_text",
    "cautions_asked": "cautions",
}
"""Questions of the history on which an injection depends, with the column that names what was answered with Yes."""


def merge_patients(move: RecordMove, *, by: User) -> RecordMove:
    """Bring everything of `move.from_patient` under `move.patient`; the other record stays as a shell that leads there.

    Of two histories that of the surviving record stands, and takes over the allergies, illnesses, medicines and
    cautions that only the other names; the other stays readable as an earlier version. Of one file kept in both records
    the copy is struck out. Raises ValidationError when one of the two is merged already, or only one has died.
    """
    move.kind = MoveKind.MERGE

    def bring(kept: RecordMove) -> None:
        survivor, other = _not_merged(kept)
        if survivor.has_died != other.has_died:
            died = other if other.has_died else survivor
            sentence = (
                f"{died.record_number} is recorded as died, and the other is not. Press Archive this patient in "
                f"the other, or Bring back in {died.record_number}. Then merge."
            )
            raise ValidationError(sentence)
        _strike_out_copies(kept, survivor, other, by=by)
        _carry(kept, {kind: set(rows(kind, other).values_list("pk", flat=True)) for kind in KINDS}, by=by)
        _join_histories(kept, survivor, other, by=by)
        _close(kept, survivor, other)
        settle([survivor, other], by=by)
        detail = {"into": str(survivor.pk), "move": str(kept.pk)}
        log.record("merged_away", by=by, clinic=kept.clinic, target=other, detail=detail)

    with transaction.atomic():
        _lock(move.patient, move.from_patient)
        return insert(move, event="merged", by=by, then=bring, detail={"from": str(move.from_patient_id)})


def take_apart(move: RecordMove, *, merge: RecordMove, also: Collection[uuid.UUID] = (), by: User) -> RecordMove:
    """Undo a merge: what came with it goes back, with what hangs on it, and the records in `also` of those that were
    entered since. Raises ValidationError when it was taken apart already, or the surviving record was merged on."""
    move.kind, move.undoes = MoveKind.APART, merge
    move.patient, move.from_patient = merge.from_patient, merge.patient

    def give_back(kept: RecordMove) -> None:
        other, survivor = kept.patient, kept.from_patient
        if other.merged_into_id != survivor.pk or survivor.merged_into_id is not None:
            raise ValidationError("These two cannot be taken apart now: take the later merge apart first.")
        back = going_back(merge)
        for record in entered_since(merge):
            if record.pk in also:
                back[type(record)].add(record.pk)
        for record in following(merge, back):
            back[type(record)].add(record.pk)
        _carry(kept, back, by=by)
        _untie(other, back, reason=kept.reason, by=by)
        _undo_steps(merge, survivor, other, reason=kept.reason, by=by)
        settle([survivor, other], by=by)
        log.record("taken_apart", by=by, clinic=kept.clinic, target=survivor, detail={"move": str(kept.pk)})

    with transaction.atomic():
        _lock(move.patient, move.from_patient)
        return insert(move, event="taken_apart", by=by, then=give_back, detail={"merge": str(merge.pk)})


def going_back(merge: RecordMove) -> Ids:
    """What came with the merge and is still in the surviving record, by kind; a session only with its course."""
    came: dict[str, set[uuid.UUID]] = defaultdict(set)
    for record_type, record_id in merge.records.values_list("record_type", "record_id"):
        came[record_type].add(record_id)
    back: Ids = defaultdict(set)
    for kind in KINDS:
        still_here = rows(kind, merge.patient).filter(pk__in=came[kind._meta.model_name or ""])
        if kind._meta.model_name == "exosomesession":
            still_here = still_here.filter(course__in=back[Course])
        back[kind] = set(still_here.values_list("pk", flat=True))
    return back


def entered_since(merge: RecordMove) -> list[ClinicalRecord]:
    """What was entered in the surviving record after the merge, in the order of its entry."""
    came = set(merge.records.values_list("record_id", flat=True))
    since: list[ClinicalRecord] = []
    for kind in KINDS:
        since += rows(kind, merge.patient).filter(created_at__gt=merge.created_at).exclude(pk__in=came)
    return sorted(since, key=lambda record: record.created_at)


def following(merge: RecordMove, back: Ids) -> list[ClinicalRecord]:
    """What did not come with the merge, and hangs on what goes back: a session of a course goes with its course."""
    stays = [record for kind in KINDS for record in rows(kind, merge.patient).exclude(pk__in=back[kind])]
    return hanging_on(stays, back)


def _not_merged(move: RecordMove) -> tuple[Patient, Patient]:
    for patient in (move.patient, move.from_patient):
        if patient.merged_into_id is not None:
            raise ValidationError(f"{patient.record_number} is merged with another record already.")
    return move.patient, move.from_patient


def _lock(*patients: Patient) -> None:
    """First the patients, as every writer does, then their courses; each in the order of their ids. Before the first
    row is written: it would hold both patients, and of two merges at once each would wait for the other."""
    found = {
        row.pk: row
        for row in Patient.objects.select_for_update().filter(pk__in=[each.pk for each in patients]).order_by("pk")
    }
    for patient in patients:
        patient.merged_into_id = found[patient.pk].merged_into_id
    for course_id in Course.objects.filter(patient__in=patients).order_by("id").values_list("pk", flat=True):
        next_visit.lock(course_id)


def _carry(move: RecordMove, ids: Ids, *, by: User) -> None:
    """Move rows as they are: no version, since a merge corrects nothing in them."""
    for kind, of_kind in ids.items():
        found: Any = kind._default_manager.filter(pk__in=of_kind).order_by("pk")
        records = list(found)
        _note(move, records, name=KINDS[kind].capitalize())
        found.update(patient=move.patient)
        take_history_along(records, to=move.patient, by=by)


def _note(move: RecordMove, records: Iterable[ClinicalRecord], *, name: str) -> None:
    MovedRecord.objects.bulk_create(
        MovedRecord(
            move=move,
            record_type=record._meta.model_name or "",
            record_id=record.pk,
            name=name,
            happened=record.when,
        )
        for record in records
    )


def _step(move: RecordMove, record: Any, name: str, before: dict[str, Any]) -> None:
    """Keep what a merge changed besides, so that taking apart can change it back."""
    today = PartialDate(timezone.localdate().isoformat())
    told = {"record_type": f"step-{record._meta.model_name}", "record_id": record.pk, "happened": today}
    MovedRecord.objects.create(move=move, name=name, before=before, **told)


def _strike_out_copies(move: RecordMove, survivor: Patient, other: Patient, *, by: User) -> None:
    kept = Photo.objects.standing().filter(patient=survivor).values("sha256")
    for photo in Photo.objects.standing().filter(patient=other, sha256__in=kept).order_by("id"):
        reason = f"The same file is in {survivor.record_number}; the two records were merged"
        strike_out(photo, reason=reason, expected_version=photo.version, by=by)
        _note(move, [photo], name="Photo")
        Photo.objects.filter(pk=photo.pk).update(patient=survivor)
        MovedRecord.objects.filter(move=move, record_id=photo.pk).update(before={"struck_out": True})


def _join_histories(move: RecordMove, survivor: Patient, other: Patient, *, by: User) -> None:
    theirs = HairHistory.objects.filter(patient=other).first()
    ours = HairHistory.objects.filter(patient=survivor).first()
    if theirs is None:
        return
    if ours is None:
        _note(move, [theirs], name="History")
        HairHistory.objects.filter(pk=theirs.pk).update(patient=survivor)
        take_history_along([theirs], to=survivor, by=by)
        return
    changes = joined_answers(ours, theirs, other.record_number)
    if changes:
        before = {name: getattr(ours, name) for name in changes}
        reason = f"Merged with {other.record_number}: {move.reason}"[:300]
        joined = correct(ours, changes=changes, reason=reason, expected_version=ours.version, by=by)
        _step(move, joined, "History", before | {"version": joined.version})


def joined_answers(ours: HairHistory, theirs: HairHistory, number: str) -> dict[str, Any]:
    """The columns of our history that take over what only the other one names."""
    changes: dict[str, Any] = {}
    for question, named in _ANSWERS.items():
        if getattr(theirs, question) == Asked.NOT_ASKED or theirs.is_struck_out:
            continue
        mine, other = getattr(ours, named), getattr(theirs, named)
        if isinstance(mine, list):
            both: Any = [*mine, *(each for each in other if each not in mine)]
        else:
            both = mine if not other or other in mine else "; ".join(filter(None, [mine, f"{other} ({number})"]))
            column: Any = HairHistory._meta.get_field(named)
            if column.max_length and len(both) > column.max_length:
                raise ValidationError(
                    f"“{column.verbose_name}” of both histories has more than {column.max_length} letters together. "
                    "Shorten one of them first: nothing of it may be lost."
                )
        if both != mine:
            changes[named] = both
        answers = {getattr(ours, question), getattr(theirs, question)}
        answer = next(each for each in (Asked.YES, Asked.NONE, Asked.NOT_ASKED) if each in answers)
        if answer != getattr(ours, question):
            changes[question] = answer.value
    return changes


def _close(move: RecordMove, survivor: Patient, other: Patient) -> None:
    """Leave a shell that leads to the surviving record, which the search finds by the other's words too."""
    archived_at = other.archived_at.isoformat() if other.archived_at else None
    _step(move, other, "Record", {"archived_at": archived_at, "archived_reason": other.archived_reason})
    Patient.objects.filter(pk=other.pk).update(
        merged_into=survivor,
        archived_at=other.archived_at or timezone.now(),
        archived_reason=other.archived_reason or f"Merged with {survivor.record_number}",
    )
    refresh_search(survivor)


def _untie(patient: Patient, ids: Ids, *, reason: str, by: User) -> None:
    """What went back may have been tied meanwhile to what stays: such a tie ends."""
    for kind, of_kind in ids.items():
        for name in LINKS.get(kind, {}):
            field: Any = kind._meta.get_field(name)
            if not field.null:
                continue
            tied: Any = kind._default_manager.filter(pk__in=of_kind, **{f"{name}__isnull": False})
            for record in tied.exclude(**{f"{name}__patient": patient}).order_by("pk"):
                correct(record, changes={name: None}, reason=reason, expected_version=record.version, by=by)
    # A follow-up belongs to its event, wherever the session is at which it was asked.
    looks = FollowUp.objects.filter(exosome_session__in=ids.get(ExosomeSession, ())) | FollowUp.objects.filter(
        pk__in=ids.get(FollowUp, ())
    )
    for look in looks.exclude(exosome_session=None).exclude(exosome_session__patient=F("patient")).order_by("pk"):
        correct(look, changes={"exosome_session": None}, reason=reason, expected_version=look.version, by=by)


def _undo_steps(merge: RecordMove, survivor: Patient, other: Patient, *, reason: str, by: User) -> None:
    for photo_id in merge.records.filter(before__struck_out=True).values_list("record_id", flat=True):
        again = Photo.objects.filter(pk=photo_id, patient=other)
        again.update(struck_out_at=None, struck_out_by=None, struck_out_reason="", version=F("version") + 1)
    for moved in merge.records.filter(record_type="hairhistory"):
        HairHistory.objects.filter(pk=moved.record_id, patient=survivor).update(patient=other)
        history = HairHistory.objects.filter(pk=moved.record_id)
        take_history_along(list(history), to=other, by=by)
    step = merge.records.filter(record_type="step-hairhistory").first()
    if step is not None:
        before = dict(step.before)
        version = before.pop("version")
        ours = HairHistory.objects.get(pk=step.record_id)
        if ours.version == version:
            correct(ours, changes=before, reason=reason, expected_version=version, by=by)
    closed = merge.records.get(record_type="step-patient").before
    archived_at = datetime.datetime.fromisoformat(closed["archived_at"]) if closed["archived_at"] else None
    columns = {"merged_into": None, "archived_at": archived_at, "archived_reason": closed["archived_reason"]}
    Patient.objects.filter(pk=other.pk).update(**columns)
    refresh_search(survivor)
