"""The patient list: what may be asked of it, and the rows that answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.apps import apps
from django.utils import timezone

from treatments.patients.models import Patient, PatientQuerySet

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
    def read(cls, query: Mapping[str, str]) -> "Filters":
        return cls(
            text=query.get("q", "")[:80].replace("\x00", ""),
            state=query.get("state", "") if query.get("state", "") in STATES else "",
            due=query.get("due", "") if query.get("due", "") in DUE else "",
            stage=query.get("stage", "")[:40].replace("\x00", ""),
            archived=query.get("archived") == "1",
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
    return found.order_by("next_due_on", "name", "id") if filters.due else found.order_by("name", "id")


def portraits(people: Sequence[Patient]) -> dict[Any, str]:
    """Addresses of each patient's newest frontal photograph, by patient id; who has none is left out."""
    photos = apps.get_model("treatments", "Photo").objects.standing()
    frontal = photos.filter(patient__in=people, view="frontal").order_by("taken_on", "id")
    return {photo.patient_id: photo.small_url for photo in frontal}
