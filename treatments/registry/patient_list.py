"""The patient list: its filters, its pages, and the first matches of the search box."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlencode

from django.db.models import F, Func, Q, TextField, Value
from django.db.models.lookups import GreaterThan, LessThan
from django.utils import timezone

from clinic.staff.models import Clinic
from treatments.patients.models import Patient, PatientQuerySet
from treatments.photos.models import Photo
from treatments.records.text.text_folding import fold

Side = type[GreaterThan] | type[LessThan]
PAGE_SIZE = 50
COUNTED = 1000
# Texts are compared one after another, so there the list is counted less far.
COUNTED_WITH_TEXT = 100
STATES = {
    "induction": "In induction",
    "maintenance": "In maintenance",
    "follow_up": "Follow-up",
    "refresh": "Yearly refresh",
    "finished": "Finished",
    "stopped": "Stopped",
    "none": "No course yet",
}
SORTS = {"number": "Record number", "due": "Next due", "seen": "Longest not seen"}
"""Besides the order by name. Who has no such date follows in the order of the names."""
DUE = {"overdue": "Overdue", "today": "Due today", "open": "Due now", "week": "Due within a week"}


@dataclass(frozen=True)
class Filters:
    """What the list is filtered by; an unknown value counts as none."""

    text: str = ""
    state: str = ""
    due: str = ""
    stage: str = ""
    archived: bool = False
    sort: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str], *, clinical: bool) -> "Filters":
        """From an address; without `clinical` no filter that would show somebody's stage or course."""
        filters = cls(
            text=query.get("q", "")[:80].replace("\x00", ""),
            due=_known(query.get("due", ""), DUE),
            archived=query.get("archived") == "1",
            sort=_known(query.get("sort", ""), SORTS),
        )
        if not clinical:
            return replace(filters, sort="" if filters.sort == "seen" else filters.sort)
        stage = query.get("stage", "")[:40].replace("\x00", "")
        return replace(filters, state=_known(query.get("state", ""), STATES), stage=stage)

    @property
    def query(self) -> str:
        """For an address: the filters that are set, and the order."""
        return "&".join(filter(None, [self.query_unsorted, urlencode({"sort": self.sort}) if self.sort else ""]))

    @property
    def query_unsorted(self) -> str:
        """The filters alone, so that another order can be asked for."""
        archived = "1" if self.archived else ""
        values = {"q": self.text, "state": self.state, "due": self.due, "stage": self.stage, "archived": archived}
        return urlencode({name: value for name, value in values.items() if value})

    @property
    def is_empty(self) -> bool:
        return not self.query_unsorted

    @property
    def narrows(self) -> bool:
        """Whether there are other filters than text."""
        return bool(self.state or self.due or self.stage)

    @property
    def state_choices(self) -> dict[str, str]:
        return STATES

    @property
    def sort_choices(self) -> dict[str, str]:
        return SORTS

    @property
    def is_sorted_by_due(self) -> bool:
        """By what is due, too, where it is filtered by that and no other order was asked for."""
        return self.sort == "due" or (bool(self.due) and not self.sort)

    @property
    def due_choices(self) -> dict[str, str]:
        return DUE


def _known(value: str, choices: Mapping[str, str]) -> str:
    return value if value in choices else ""


def matching_groups(clinic: Clinic, filters: Filters) -> list[PatientQuerySet]:
    """The patients of these filters, in groups to be read one after another.

    Where text was typed, those whose own text begins with it are the first group.
    """
    people = Patient.objects.of(clinic).filter(archived_at__isnull=not filters.archived)
    if not fold(filters.text):
        return _sorted(_filtered(people, filters), filters)
    # Before the other filters, because the index of fragments can answer only for all of the clinic's patients.
    matching = people.matching(filters.text, all_of_many=filters.narrows or bool(filters.sort))
    if filters.sort:
        return _sorted(_filtered(matching, filters), filters)
    if filters.due:
        return [_filtered(matching, filters)]
    first, others = people.beginning_with(filters.text), matching.not_beginning_with(filters.text)
    return [_filtered(first, filters), _filtered(others, filters)]


def _sorted(patients: PatientQuerySet, filters: Filters) -> list[PatientQuerySet]:
    """In the order that was asked for, each of which an index has; without one as they are."""
    if filters.sort == "number":
        return [patients.order_by("record_number", "id")]
    if filters.sort == "seen":
        known = patients.filter(last_seen_on__isnull=False).order_by("last_seen_on", "search_text", "id")
        return [known, patients.filter(last_seen_on__isnull=True).by_name()]
    if filters.sort == "due":
        known = patients.filter(next_due_until__isnull=False).order_by(
            "next_due_until", "next_due_on", "search_text", "id"
        )
        # Whoever is due has a date: the others would be looked for among all, and never found.
        return [known] if filters.due else [known, patients.filter(next_due_until__isnull=True).by_name()]
    return [patients]


def _filtered(patients: PatientQuerySet, filters: Filters) -> PatientQuerySet:
    if filters.state:
        patients = patients.filter(course_state="" if filters.state == "none" else filters.state)
    if filters.stage:
        patients = patients.filter(latest_stage=filters.stage)
    if not filters.due:
        return patients.by_name()
    today = timezone.localdate()
    # The meaning of Today (`schedule.Window.state`): overdue after the last day that may be meant.
    due = {
        "overdue": Q(next_due_until__lt=today),
        "today": Q(next_due_until=today, next_due_on=today),
        "open": Q(next_due_until__gte=today, next_due_on__lte=today, next_due_until__gt=F("next_due_on")),
        "week": Q(next_due_until__gte=today, next_due_on__lte=today + timedelta(days=7)),
    }
    return patients.filter(due[filters.due]).order_by("next_due_until", "next_due_on", "search_text", "id")


def first_matches(clinic: Clinic, text: str, count: int) -> list[Patient]:
    """Up to `count` active patients that match, those whose own text begins with it first; nobody for no text."""
    if not fold(text):
        return []
    people = Patient.objects.of(clinic).active()
    rows = list(people.beginning_with(text).by_name()[:count])
    if len(rows) < count:
        others = people.matching(text, all_of_many=False).not_beginning_with(text)
        rows += others.by_name()[: count - len(rows)]
    return rows


@dataclass(frozen=True)
class Page:
    """Some of the patients of a list, and whether it has others before and after them."""

    rows: list[Patient]
    shown_count: str
    has_earlier: bool = False
    has_later: bool = False

    @property
    def before(self) -> uuid.UUID | None:
        """The id before which the page before this one ends."""
        return self.rows[0].pk if self.has_earlier and self.rows else None

    @property
    def after(self) -> uuid.UUID | None:
        """The id after which the next page begins."""
        return self.rows[-1].pk if self.has_later and self.rows else None

    @property
    def has_neighbours(self) -> bool:
        return bool(self.before or self.after)


def page_of(clinic: Clinic, filters: Filters, *, after: str = "", before: str = "") -> Page:
    """The patients that come next after one of them, or just before; the first without either.

    A page is found by a patient's id and never by its number: so the last costs what the first does, and no address
    contains a name. An id that is not in the list gives the first page.
    """
    groups = matching_groups(clinic, filters)
    count = _shown_count(groups, filters)
    edge = _patient_at(clinic, after or before)
    if edge is None:
        rows, more = _read(groups)
        return Page(rows, count, has_later=more)
    if not after:
        rows, more = _read([group.reverse() for group in _beyond(groups[::-1], edge, LessThan)])
        return Page(rows[::-1], count, has_earlier=more, has_later=True)
    rows, more = _read(_beyond(groups, edge, GreaterThan))
    return Page(rows, count, has_earlier=True, has_later=more) if rows else page_of(clinic, filters)


def _read(groups: Sequence[PatientQuerySet]) -> tuple[list[Patient], bool]:
    """A page of rows, and whether there are more. Each group is queried, also when those before it were enough, so that
    the number of queries never depends on the number of rows."""
    rows: list[Patient] = []
    for group in groups:
        rows += group[: max(PAGE_SIZE + 1 - len(rows), 1)]
    return rows[:PAGE_SIZE], len(rows) > PAGE_SIZE


def _shown_count(groups: Sequence[PatientQuerySet], filters: Filters) -> str:
    """How many there are, up to a limit: to count more would take the longer, the larger the clinic is."""
    has_text = bool(filters.text.strip())
    limit = COUNTED_WITH_TEXT if has_text else COUNTED
    count = 0
    for group in groups:
        # Ordered, the database reads the index of that order. Without the order a planner that expects many rows reads
        # the whole table for them, and where there are none it reads to the end. A text has an index of its own.
        rows = group.order_by() if has_text else group
        count += len(rows.values_list("pk", flat=True)[: max(limit + 1 - count, 1)])
    return f"{limit:,} or more" if count > limit else f"{count:,}"


def _patient_at(clinic: Clinic, patient_id: str) -> Patient | None:
    try:
        return Patient.objects.of(clinic).filter(pk=uuid.UUID(patient_id)).first() if patient_id else None
    except ValueError:
        return None


def _beyond(groups: Sequence[PatientQuerySet], edge: Patient, side: Side) -> list[PatientQuerySet]:
    """What lies beyond this patient in their own group, and then all of the groups that follow."""
    for place, group in enumerate(groups[:-1]):
        if group.filter(pk=edge.pk).exists():
            return [_rest_of(group, edge, side), *groups[place + 1 :]]
    return [_rest_of(groups[-1], edge, side)]


def _rest_of(group: PatientQuerySet, edge: Patient, side: Side) -> PatientQuerySet:
    order = [str(name).removeprefix("-") for name in group.query.order_by]
    if getattr(edge, order[0]) is None:
        return group
    columns = {column.name: column for column in Patient._meta.concrete_fields}
    values = [Value(getattr(edge, name), output_field=columns[name]) for name in order]
    return group.filter(side(_Row(*map(F, order)), _Row(*values)))


class _Row(Func):
    """Columns compared as an SQL row: by the first, where that is equal by the second, and so on."""

    template = "(%(expressions)s)"
    output_field = TextField()


# Views by which a person is recognised, the best first; a close-up is none.
_FACE_FIRST = {
    "frontal": 0,
    "frontal_natural": 1,
    "oblique_left": 2,
    "oblique_right": 2,
    "temporal_left": 3,
    "temporal_right": 3,
    "superior_midline": 4,
    "vertex": 4,
    "occipital": 5,
}


def portraits(patients: Sequence[Patient]) -> dict[uuid.UUID, str]:
    """The address of one photo of each patient who has any, by patient id: the newest of the view that shows most of
    the face."""
    taken = Photo.objects.standing().filter(patient__in=patients, view__in=_FACE_FIRST).order_by("taken_on", "id")
    rows = list(taken.values_list("patient_id", "view", "pk"))
    rows.sort(key=lambda row: -_FACE_FIRST[row[1]])
    # Of a patient's photos the last of the rows stays: the best view, and of that the newest.
    best = {patient_id: photo_id for patient_id, _, photo_id in rows}
    return {patient_id: Photo(pk=photo_id, patient_id=patient_id).small_url for patient_id, photo_id in best.items()}
