"""A patient's other treatments as the rule about them reads them: each with what changed in it."""

import datetime
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils import timezone

from treatments.patients.models import Patient, Therapy, dose_in_words
from treatments.patients.other_treatments import DoseChange, OtherTreatment
from treatments.patients.vocabulary import IN_SHORT, ON_A_DAY
from treatments.records.models import Correction
from treatments.records.text.text_folding import fold

Updates = Mapping[uuid.UUID, Sequence[Correction]]
DOSE = ("dose", "dose_unit", "detail")
"""The columns that say how much of it is taken."""
_DRUGS = ("minoxidil", "finasteride", "dutasteride", "spironolactone", "ketoconazole")
_STEM = 9
"""Letters by which a drug is known in many languages: finasteride, finasterid, finasterida."""


def is_among_medicines(therapy: Therapy, medicines: str) -> bool:
    """Whether the medicines that a history names have the drug of this treatment among them, in any dose."""
    drug = therapy.kind.partition("_")[0]
    return drug in _DRUGS and drug[:_STEM] in fold(medicines)


def other_treatments(patient: Patient) -> list[OtherTreatment]:
    """Those of a patient that are not struck out: one query, and another where one of them was changed."""
    return [_as_treatment(each, updates) for each, updates in with_updates(patient)]


def with_updates(patient: Patient) -> list[tuple[Therapy, list[Correction]]]:
    """Those of a patient that are not struck out, each with what changed in it since. Queries as above."""
    therapies = list(Therapy.objects.standing().filter(patient=patient).order_by("created_at", "id"))
    changed = [each.pk for each in therapies if each.version > 1]
    updates: dict[uuid.UUID, list[Correction]] = defaultdict(list)
    for update in Correction.objects.updates().filter(record_id__in=changed).order_by("version") if changed else ():
        updates[update.record_id].append(update)
    return [(each, updates[each.pk]) for each in therapies]


def dose_on(therapy: Therapy, updates: Sequence[Correction], day: datetime.date) -> str:
    """ "1 mg, every other day": the dose of that day, as far as it is known; of a transplant its grafts."""
    later = [each for each in updates if each.is_update and each.since and each.since.certainly_after(day)]
    return _dose_before(therapy, later) if later and not therapy.is_transplant else therapy.dose_text


def as_treatments(therapies: Iterable[Therapy], changes: Updates) -> list[OtherTreatment]:
    """`changes` are corrections and updates by the id of their record, in the order of their versions."""
    standing = (each for each in therapies if not each.is_struck_out)
    return [_as_treatment(each, [it for it in changes.get(each.pk, ()) if it.is_update]) for each in standing]


def doses(therapy: Therapy, updates: Sequence[Correction]) -> list[DoseChange]:
    """Each change of the dose, with the dose from that day on."""
    of_dose = [each for each in updates if {change["field"] for change in each.changes} & set(DOSE)]
    return [DoseChange(each.since, _dose_on(therapy, updates, each)) for each in of_dose if each.since]


def dose_change(therapy: Therapy, updates: Sequence[Correction], update: Correction) -> str:
    """ "1 mg, once a day → 0.5 mg, once a day"; "" where the update is of something else."""
    if therapy.is_transplant or not {change["field"] for change in update.changes} & set(DOSE):
        return ""
    changed = [each for each in updates if each.is_update]
    since = [each for each in changed if each.version >= update.version]
    before, after = _dose_before(therapy, since), _dose_on(therapy, changed, update)
    return f"{before or 'not recorded'} → {after or 'not recorded'}"


def first_dose(therapy: Therapy, updates: Sequence[Correction]) -> str:
    """The dose before it was ever changed; of a transplant its grafts."""
    changed = [each for each in updates if each.is_update]
    return _dose_before(therapy, changed) if changed and not therapy.is_transplant else therapy.dose_text


def _dose_on(therapy: Therapy, updates: Sequence[Correction], update: Correction) -> str:
    return _dose_before(therapy, [each for each in updates if each.version > update.version])


def _dose_before(therapy: Therapy, updates: Sequence[Correction]) -> str:
    """The dose as it was before all of these updates."""
    then = {name: getattr(therapy, name) for name in DOSE}
    for update in sorted(updates, key=lambda each: each.version, reverse=True):
        for change in update.changes:
            if change["field"] in DOSE and "was" in change:
                column: Any = therapy._meta.get_field(change["field"])
                then[column.name] = column.to_python(change["was"])
    return ", ".join(filter(None, [dose_in_words(then["dose"], then["dose_unit"] or ""), then["detail"]]))


def _as_treatment(therapy: Therapy, updates: Sequence[Correction]) -> OtherTreatment:
    began, ended = therapy.started or None, therapy.ended or None
    is_once = therapy.kind in ON_A_DAY and not therapy.is_ongoing and (ended is None or ended == began)
    return OtherTreatment(
        name=IN_SHORT.get(therapy.kind, str(therapy)),
        recorded=timezone.localdate(therapy.created_at),
        began=began,
        ended=ended,
        is_over=ended is not None or therapy.is_ongoing is False,
        is_occasion=is_once,
        is_asked=therapy.is_ongoing is not None or ended is not None,
        extent="" if therapy.grafts is None else f"{therapy.grafts} grafts",
        dose=first_dose(therapy, updates),
        changes=tuple(doses(therapy, updates)),
    )
