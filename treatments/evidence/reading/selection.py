"""Which pairs a round is made of: those that the record has, as many as are wanted, by chance and never by hand."""

import secrets
import uuid
from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final, NamedTuple

from django.db.models import Count

from clinic.staff.models import User
from treatments.consents.purposes import PhotoPurpose
from treatments.courses.membership import Courses
from treatments.courses.models import Course, ExosomeSession
from treatments.evidence.reading.independence import known_patients
from treatments.evidence.reading.permission import allowed
from treatments.evidence.reading.picture import same_shape
from treatments.photos.compare.comparability import COMPARABLE, NOT_COMPARABLE, PairVerdict
from treatments.photos.compare.pairs import judge
from treatments.photos.models import Photo
from treatments.photos.patient_photos import PatientPhotos, baseline_photo, presentable
from treatments.photos.readings.models import Against, ReadingRound

PATIENTS_AT_A_TIME: Final = 100
MOST_PATIENTS: Final = 3000
"""Of whom photographs are looked at for one round; they are taken by chance where there are more."""
_ALIGNMENT: Final = "Alignment"


class Candidate(NamedTuple):
    """Two photographs of one patient and view, the earlier first, and what the record says of comparing them."""

    earlier: Photo
    later: Photo
    verdict: str

    @property
    def patient_id(self) -> uuid.UUID:
        return self.later.patient_id


@dataclass
class Found:
    """`counts` says of how many photographs of the chosen Months, and of how many patients, what came, by reason."""

    real: list[Candidate] = field(default_factory=list)
    null: list[Candidate] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


def wanted_nulls(round: ReadingRound, real: int) -> int:
    return max(1, round_half_up(real * round.null_percent / 100))


def wanted_repeats(round: ReadingRound, real: int) -> int:
    return min(real, max(1, round_half_up(real * round.repeat_percent / 100)))


def round_half_up(value: float) -> int:
    return int(value + 0.5)


def find_pairs(round: ReadingRound, *, purposes: Collection[PhotoPurpose], readers: Collection[User]) -> Found:
    """Pairs of two Months, and pairs of one Month, of patients taken by chance.

    Nobody is in two of them: who sees one baseline photograph beside three others knows it for the earlier one.
    Patients whom one of the readers knows are left out, and so are those whose consent does not cover every use.
    """
    chance, found = secrets.SystemRandom(), Found()
    of_view = Photo.objects.of(round.clinic).standing().filter(view=round.view, site=round.site)
    counted = of_view.values("patient").annotate(photos=Count("pk")).filter(photos__gte=2)
    patient_ids = list(counted.order_by().values_list("patient", flat=True))
    chance.shuffle(patient_ids)
    found.counts["patients"] = len(patient_ids)
    patient_ids = patient_ids[:MOST_PATIENTS]
    for start in range(0, len(patient_ids), PATIENTS_AT_A_TIME):
        some = patient_ids[start : start + PATIENTS_AT_A_TIME]
        known, may_be_used = known_patients(readers, some), allowed(some, purposes)
        found.counts["no_consent"] += len(some) - len(may_be_used)
        found.counts["known"] += sum(patient_id in known for patient_id in may_be_used)
        for photos in photos_of([each for each in some if each in may_be_used and each not in known]).values():
            _add_real(found, round, photos, chance)
            _add_null(found, round, photos, chance)
        if _is_enough(found, round):
            break
    chance.shuffle(found.real)
    chance.shuffle(found.null)
    _leave_one_of_each(found, round)
    return found


def _is_enough(found: Found, round: ReadingRound) -> bool:
    nulls = wanted_nulls(round, round.at_most)
    patients = {each.patient_id for each in [*found.real, *found.null]}
    return len(found.real) >= round.at_most and len(found.null) >= nulls and len(patients) >= round.at_most + nulls


def _leave_one_of_each(found: Found, round: ReadingRound) -> None:
    """Take as many as are wanted, of each patient one: the pairs of one Month first from those who have no other, then
    from others in the place of their pair of two Months, of which at least one stays."""
    real, null = {each.patient_id: each for each in found.real}, list[Candidate]()
    for each in sorted(found.null, key=lambda each: each.patient_id in real):
        is_the_last = len(real) == 1 and each.patient_id in real
        if is_the_last or len(null) >= wanted_nulls(round, min(len(real), round.at_most)):
            break
        real.pop(each.patient_id, None)
        null.append(each)
    found.real, found.null = list(real.values())[: round.at_most], null


def photos_of(patient_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, PatientPhotos]:
    """Every photograph of each patient, with their courses and sessions, as `patient_photos.load` gives them of one;
    three queries."""
    photos: dict[uuid.UUID, list[Photo]] = defaultdict(list)
    for photo in Photo.objects.standing().filter(patient__in=patient_ids).in_order():
        photos[photo.patient_id].append(photo)
    courses: dict[uuid.UUID, list[Course]] = defaultdict(list)
    for course in Course.objects.filter(patient__in=patient_ids).order_by("baseline_on", "id"):
        courses[course.patient_id].append(course)
    sessions: dict[uuid.UUID, list[ExosomeSession]] = defaultdict(list)
    for session in ExosomeSession.objects.standing().filter(patient__in=patient_ids).in_order():
        sessions[session.patient_id].append(session)
    return {each: PatientPhotos(photos[each], Courses(courses[each]), sessions[each]) for each in patient_ids}


def _add_real(found: Found, round: ReadingRound, photos: PatientPhotos, chance: secrets.SystemRandom) -> None:
    """One pair at most of a patient, by chance of those that fit."""
    fitting: list[Candidate] = []
    by_month: dict[int, list[Photo]] = defaultdict(list)
    for photo in photos.groups.get(round.group, []):
        by_month[photos.calendar(photo).number(photo)].append(photo)
    for month in round.months:
        if not by_month[month]:
            found.counts["no_photo"] += 1
            continue
        later = presentable(by_month[month])[-1]
        earlier = _earlier(round, photos, later, chance)
        if earlier is None:
            found.counts["no_earlier"] += 1
            continue
        candidate = _judged(photos, earlier, later)
        if not same_shape(earlier, later):
            found.counts["shape"] += 1
        elif round.comparable_only and candidate.verdict != COMPARABLE:
            found.counts["differ" if candidate.verdict == NOT_COMPARABLE else "not_known"] += 1
        else:
            found.counts["fit"] += 1
            fitting.append(candidate)
    if fitting:
        found.counts["one_each"] += len(fitting) - 1
        found.real.append(chance.choice(fitting))


def _earlier(round: ReadingRound, photos: PatientPhotos, later: Photo, chance: secrets.SystemRandom) -> Photo | None:
    calendar = photos.calendar(later)
    month = calendar.number(later)
    before = [
        photo
        for photo in photos.groups[round.group]
        if photo.when.certainly_before(later.when) and calendar.number(photo) < month
    ]
    if round.against == Against.BASELINE:
        return baseline_photo(before, calendar) if before else None
    return chance.choice(presentable(before)) if before else None


def _add_null(found: Found, round: ReadingRound, photos: PatientPhotos, chance: secrets.SystemRandom) -> None:
    """One pair at most of a patient: two that are comparable, of one Month."""
    pairs = [
        (one, other)
        for one, other in combinations(photos.groups.get(round.group, []), 2)
        if photos.own_course(one) == photos.own_course(other)
        and photos.calendar(one).number(one) == photos.calendar(other).number(other)
        and same_shape(one, other)
    ]
    chance.shuffle(pairs)
    judged = (_judged(photos, one, other) for one, other in pairs)
    fitting = next((candidate for candidate in judged if candidate.verdict == COMPARABLE), None)
    if fitting is not None:
        found.null.append(fitting)


def _judged(photos: PatientPhotos, earlier: Photo, later: Photo) -> Candidate:
    """By the conditions of the record, without the landmarks: a reader sees both as they were taken, not laid over each
    other."""
    verdict = judge(earlier, later, photos.calendar(later), None)
    without = PairVerdict(tuple(row for row in verdict.rows if row.condition != _ALIGNMENT))
    return Candidate(earlier, later, without.code)
