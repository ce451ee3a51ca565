"""The patient list: what may be asked of it, and the rows that answer."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, Func, TextField, Value
from django.db.models.lookups import GreaterThan, LessThan
from django.utils import timezone

from treatments.patients.models import Patient, PatientQuerySet
from treatments.photos.models import Photo
from treatments.records.text_folding import fold

PAGE_SIZE = 50
COUNTED = 1000
# A text is looked for in one name after another, so there a list is not counted as far.
COUNTED_WITH_TEXT = 100
STATES = {
    "induction": "In induction",
    "maintenance": "In maintenance",
    "refresh": "Yearly refresh",
    "finished": "Finished",
    "stopped": "Stopped",
    "none": "No course yet",
}
DUE = {"overdue": "Overdue", "today": "Due today", "week": "Due within a week"}


@dataclass(frozen=True)
class Filters:
    """What the list was asked for; a word it does not know counts as not asked."""

    text: str = ""
    state: str = ""
    due: str = ""
    stage: str = ""
    archived: bool = False

    @classmethod
    def read(cls, query: Mapping[str, str], *, clinical: bool) -> "Filters":
        """Without `clinical` nothing may be asked that would give away a stage or a course."""
        open_to_all = {"q", "due", "archived"}
        told = {name: value for name, value in query.items() if clinical or name in open_to_all}
        return cls(
            text=told.get("q", "")[:80].replace("\x00", ""),
            state=told.get("state", "") if told.get("state", "") in STATES else "",
            due=told.get("due", "") if told.get("due", "") in DUE else "",
            stage=told.get("stage", "")[:40].replace("\x00", ""),
            archived=told.get("archived") == "1",
        )

    @property
    def query(self) -> str:
        told = {"q": self.text, "state": self.state, "due": self.due, "stage": self.stage}
        return urlencode({k: v for k, v in told.items() if v} | ({"archived": "1"} if self.archived else {}))

    @property
    def is_empty(self) -> bool:
        return not self.query

    @property
    def narrows(self) -> bool:
        """Whether more than text was asked for."""
        return bool(self.state or self.due or self.stage)

    @property
    def state_choices(self) -> dict[str, str]:
        return STATES

    @property
    def due_choices(self) -> dict[str, str]:
        return DUE


def matching_groups(clinic: Any, filters: Filters) -> list[PatientQuerySet]:
    """The patients asked for, in order; where text was typed, those whose own text begins with it come first."""
    people = Patient.objects.of(clinic).filter(archived_at__isnull=not filters.archived)
    if not fold(filters.text):
        return [_ordered(people, filters)]
    # The index of fragments is asked first: of people and text alone it knows the answer at once.
    matching = people.matching(filters.text, all_of_many=filters.narrows)
    if filters.due:
        return [_ordered(matching, filters)]
    first, others = people.beginning_with(filters.text), matching.not_beginning_with(filters.text)
    return [_ordered(first, filters), _ordered(others, filters)]


def _ordered(found: PatientQuerySet, filters: Filters) -> PatientQuerySet:
    if filters.state:
        found = found.filter(course_state="" if filters.state == "none" else filters.state)
    if filters.stage:
        found = found.filter(latest_stage=filters.stage)
    today = timezone.localdate()
    if filters.due == "overdue":
        found = found.filter(next_due_on__lt=today)
    elif filters.due == "today":
        found = found.filter(next_due_on=today)
    elif filters.due == "week":
        found = found.filter(next_due_on__range=(today, today + timedelta(days=7)))
    return found.order_by("next_due_on", "search_text", "id") if filters.due else found.by_name()


def first_matches(clinic: Any, text: str, count: int) -> list[Patient]:
    """At most so many active patients that match, those whose own text begins with it first; nobody for no text."""
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
    """Some of the patients that were asked for. `before` and `after` are the ids at which its neighbours begin."""

    rows: list[Patient]
    shown_count: str
    before: Any = None
    after: Any = None

    @property
    def has_neighbours(self) -> bool:
        return bool(self.before or self.after)


def page_of(clinic: Any, filters: Filters, *, after: str = "", before: str = "") -> Page:
    """The patients that come next after one of them, or just before; the first without either.

    A page is found by where it begins and never by its number, so that the last costs what the first does; and by
    the patient's id, so that no address holds a name. An id that leads nowhere gives the first page.
    """
    groups = matching_groups(clinic, filters)
    shown = _shown_count(groups, filters)
    edge = _edge(clinic, after or before)
    if edge is not None and before and not after:
        rows = _first([group.reverse() for group in _on_one_side(groups[::-1], edge, LessThan)], PAGE_SIZE + 1)
        kept = rows[:PAGE_SIZE][::-1]
        first = kept[0].pk if len(rows) > PAGE_SIZE else None
        return Page(kept, shown, before=first, after=kept[-1].pk if kept else None)
    rows = _first(groups if edge is None else _on_one_side(groups, edge, GreaterThan), PAGE_SIZE + 1)
    if edge is not None and not rows:
        return page_of(clinic, filters)
    kept = rows[:PAGE_SIZE]
    last = kept[-1].pk if len(rows) > PAGE_SIZE else None
    return Page(kept, shown, before=kept[0].pk if edge is not None else None, after=last)


def _first(groups: Sequence[PatientQuerySet], count: int) -> list[Patient]:
    """Every group is asked, also when those before it were enough: the number of questions never depends on rows."""
    rows: list[Patient] = []
    for group in groups:
        rows += group[: max(count - len(rows), 1)]
    return rows[:count]


def _shown_count(groups: Sequence[PatientQuerySet], filters: Filters) -> str:
    """How many there are, counted only so far: to count all of many would cost more, the more there are."""
    has_text = bool(filters.text.strip())
    most = COUNTED_WITH_TEXT if has_text else COUNTED
    count = 0
    for group in groups:
        # The order holds the database to the index of that order. Without it a planner that expects many rows reads
        # the whole table for them, and where there are none it reads to the end. A text has an index of its own.
        counted = group.order_by() if has_text else group
        count += len(counted.values_list("pk", flat=True)[: max(most + 1 - count, 1)])
    return f"{most:,} or more" if count > most else f"{count:,}"


def _edge(clinic: Any, patient_id: str) -> Patient | None:
    try:
        return Patient.objects.of(clinic).filter(pk=uuid.UUID(patient_id)).first() if patient_id else None
    except ValueError:
        return None


def _on_one_side(
    groups: Sequence[PatientQuerySet], edge: Patient, side: type[GreaterThan] | type[LessThan]
) -> list[PatientQuerySet]:
    """What lies beyond the edge, of the group that it is in, and then all of the groups that follow."""
    for place, group in enumerate(groups):
        order = [str(name).removeprefix("-") for name in group.query.order_by]
        columns = {column.name: column for column in Patient._meta.concrete_fields}
        values = [Value(getattr(edge, name), output_field=columns[name]) for name in order]
        is_last = place == len(groups) - 1
        if getattr(edge, order[0]) is not None and (is_last or group.filter(pk=edge.pk).exists()):
            beyond = group.filter(side(_Row(*map(F, order)), _Row(*values)))
            return [beyond, *groups[place + 1 :]]
    return list(groups)


class _Row(Func):
    """Columns compared as one: by the first, where that is equal by the second, and so on."""

    template = "(%(expressions)s)"
    output_field = TextField()


# What tells one person from another at a glance; a close-up does not.
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


def portraits(people: Sequence[Patient]) -> dict[Any, str]:
    """The address of one photograph of each patient, by patient id: the newest of the view that shows most of the
    face. Who has none is left out."""
    taken = Photo.objects.standing().filter(patient__in=people, view__in=_FACE_FIRST).order_by("taken_on", "id")
    best: dict[Any, tuple[int, Any]] = {}
    for patient_id, view, photo_id in taken.values_list("patient_id", "view", "pk"):
        rank = _FACE_FIRST[view]
        if patient_id not in best or rank <= best[patient_id][0]:
            best[patient_id] = rank, photo_id
    return {whose: Photo(pk=photo_id, patient_id=whose).small_url for whose, (_, photo_id) in best.items()}
