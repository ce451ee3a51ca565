"""The patient list: what may be asked of it, and the rows that answer."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.apps import apps
from django.db.models import F, Func, TextField, Value
from django.db.models.lookups import GreaterThan, LessThan
from django.utils import timezone

from treatments.patients.models import Patient, PatientQuerySet

PAGE_SIZE = 50
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
    def state_choices(self) -> dict[str, str]:
        return STATES

    @property
    def due_choices(self) -> dict[str, str]:
        return DUE


def listed(clinic: Any, filters: Filters) -> PatientQuerySet:
    found = Patient.objects.of(clinic).filter(archived_at__isnull=not filters.archived)
    if filters.text.strip():
        found = found.matching(filters.text)
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
    found = listed(clinic, filters)
    order = tuple(str(name) for name in found.query.order_by)
    count = len(found.order_by().values_list("pk", flat=True)[: _counted(filters) + 1])
    shown = f"{_counted(filters):,} or more" if count > _counted(filters) else f"{count:,}"
    place = _place(clinic, order, after or before)
    if place is not None and before and not after:
        rows = list(found.filter(LessThan(_Row(*map(F, order)), place)).reverse()[: PAGE_SIZE + 1])
        kept = rows[:PAGE_SIZE][::-1]
        first = kept[0].pk if len(rows) > PAGE_SIZE else None
        return Page(kept, shown, before=first, after=kept[-1].pk if kept else None)
    if place is not None:
        found = found.filter(GreaterThan(_Row(*map(F, order)), place))
    rows = list(found[: PAGE_SIZE + 1])
    if place is not None and not rows:
        return page_of(clinic, filters)
    kept = rows[:PAGE_SIZE]
    last = kept[-1].pk if len(rows) > PAGE_SIZE else None
    return Page(kept, shown, before=kept[0].pk if place is not None and kept else None, after=last)


class _Row(Func):
    """Columns compared as one: by the first, where that is equal by the second, and so on."""

    template = "(%(expressions)s)"
    output_field = TextField()


def _counted(filters: Filters) -> int:
    """How far a list is counted. Text is looked for in one name after another, so there a hundred is enough."""
    return 100 if filters.text.strip() else 1000


def _place(clinic: Any, order: tuple[str, ...], patient_id: str) -> _Row | None:
    """Where a patient stands in that order; None without a patient, or where they have no place in it."""
    try:
        patient = Patient.objects.of(clinic).filter(pk=uuid.UUID(patient_id)).first() if patient_id else None
    except ValueError:
        return None
    if patient is None or getattr(patient, order[0]) is None:
        return None
    columns = {column.name: column for column in Patient._meta.concrete_fields}
    return _Row(*(Value(getattr(patient, name), output_field=columns[name]) for name in order))


def portraits(people: Sequence[Patient]) -> dict[Any, str]:
    """Addresses of each patient's newest frontal photograph, by patient id; who has none is left out."""
    photos = apps.get_model("treatments", "Photo").objects.standing()
    frontal = photos.filter(patient__in=people, view="frontal").order_by("taken_on", "id")
    return {photo.patient_id: photo.small_url for photo in frontal}
