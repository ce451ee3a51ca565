"""The grid that gives waiting photos patient, view and date: what stands in each row, and where it comes from."""

import datetime
import uuid
import zoneinfo
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.http import QueryDict
from django.utils import timezone

from clinic.staff.models import Clinic
from treatments.patients.models import Patient
from treatments.photos.batches import patient_names
from treatments.photos.batches.patient_names import Named
from treatments.photos.file_dates import FIELDS, FIRST_DAY, choose, from_json
from treatments.photos.file_names import date_in, natural_key, view_in
from treatments.photos.models import PhotoBatch, WaitingPhoto
from treatments.photos.vocabulary import DatedBy
from treatments.records.partial_dates import PartialDate, of_day

ROWS_AT_ONCE: Final = 150
"""So many rows have one page: with six answers each they stay below what one form may send."""
ANSWERS: Final = ("patient", "view", "when", "site", "magnification")
DITTO: Final = {'"', "″", "”", "“", "〃"}
"""The sign for "same as above", as it is written in lists on paper."""
LONGEST_ANSWER: Final = 200


@dataclass(frozen=True, slots=True)
class DateFound:
    """The day of a file, who gives it, and the sentence that says so; `when` is None where nothing does."""

    when: PartialDate | None
    dated_by: str
    sentence: str


def date_of(waiting: WaitingPhoto, *, zone: zoneinfo.ZoneInfo, today: datetime.date) -> DateFound:
    """The camera’s day; else one in the name of the file or the folder; else one that a program wrote into the file."""
    found = [from_json(each) for each in waiting.facts["dates"]]
    dates = choose(found, zone=zone, earliest=FIRST_DAY, latest=today)
    wrong = f" {dates.unused[0].why_not_used}" if dates.unused else ""
    used = dates.used
    if used is not None and used.strength == "camera":
        return DateFound(of_day(used.day), DatedBy.CAMERA, f"From the camera.{wrong}")
    if in_name := date_in(waiting.original_name, waiting.folder, latest=today):
        whose = "folder’s" if in_name.is_of_folder else "file’s"
        return DateFound(in_name.when, DatedBy.NAME, f"From the {whose} name.{wrong}")
    if used is not None:
        return DateFound(
            of_day(used.day), DatedBy.FILE, f"From the file ({FIELDS[used.field].name}), not the camera.{wrong}"
        )
    return DateFound(None, "", f"No date in the file or its name.{wrong}")


@dataclass
class Row:
    """One waiting photo: its `values` as they stand in the cells, and what of them is a guess, with where from."""

    waiting: WaitingPhoto
    date: DateFound
    values: dict[str, str]
    guessed: dict[str, str] = field(default_factory=dict)
    named: Named | None = None

    @property
    def is_ticked(self) -> bool:
        return bool(self.waiting.entered.get("keep"))

    @property
    def patient(self) -> Patient | None:
        return self.named.patient if self.named else None

    @property
    def patient_note(self) -> str:
        """What is said under the patient's cell."""
        if "patient" in self.guessed:
            return f"Guess, from {self.guessed['patient']}"
        if self.named is not None and self.named.patient is None:
            return self.named.sentence
        return ""

    @property
    def view_note(self) -> str:
        return "Guess, from the name" if "view" in self.guessed else ""

    @property
    def is_complete(self) -> bool:
        return bool(self.patient and self.values["view"] and self.values["when"])

    @property
    def name(self) -> str:
        return str(self.waiting)


def rows_of(batch: PhotoBatch, *, clinic: Clinic, limit: int = ROWS_AT_ONCE) -> tuple[list[Row], int]:
    """The first rows in the order of folders and names, and how many wait in all."""
    waiting = list(WaitingPhoto.objects.waiting().filter(batch=batch).defer("measures"))
    waiting.sort(key=lambda each: (natural_key(each.folder), natural_key(each.original_name), each.pk))
    shown = waiting[:limit]
    fresh = [each for each in shown if not each.entered]
    guesses = patient_names.guesses(clinic, [(each.pk, each.original_name, each.folder) for each in fresh])
    zone, today = clinic.zone, timezone.localdate()
    rows = []
    for each in shown:
        date = date_of(each, zone=zone, today=today)
        if each.entered:
            rows.append(Row(each, date, {name: each.entered.get(name, "") for name in ANSWERS}))
            continue
        guess, view = guesses.get(each.pk), view_in(each.original_name, each.folder)
        values = dict.fromkeys(ANSWERS, "") | {"when": date.when.label() if date.when else "", "view": view or ""}
        guessed = {"view": "the name"} if view else {}
        named = None
        if guess:
            values["patient"], guessed["patient"] = patient_names.label(guess.patient), guess.found_in
            named = Named(guess.patient)
        rows.append(Row(each, date, values, guessed, named))
    named_by_text = patient_names.named(clinic, [row.values["patient"] for row in rows if row.named is None])
    for row in rows:
        row.named = row.named or named_by_text.get(row.values["patient"])
    return rows, len(waiting)


def entered(posted: QueryDict, rows: Sequence[Row]) -> dict[uuid.UUID, dict[str, str]]:
    """What was sent for the rows, those of them that the page had, by id. A ditto is what stands above it."""
    ticked = set(posted.getlist("keep"))
    answers: dict[uuid.UUID, dict[str, str]] = {}
    above: Mapping[str, str] = {}
    for row in rows:
        pk = row.waiting.pk
        if f"patient-{pk}" not in posted:
            continue
        given = {name: _clean(posted.get(f"{name}-{pk}", "")) for name in ANSWERS}
        given = {name: above.get(name, "") if text in DITTO else text for name, text in given.items()}
        above = given
        answers[pk] = given | ({"keep": "on"} if str(pk) in ticked else {})
    return answers


def _clean(text: str) -> str:
    return "".join(char for char in text if char.isprintable()).strip()[:LONGEST_ANSWER]


def apply(posted: QueryDict, answers: dict[uuid.UUID, dict[str, str]]) -> int:
    """Give what was written above the grid to every row that is ticked; returns to how many."""
    given = {name: _clean(posted.get(f"all-{name}", "")) for name in ("patient", "view", "when")}
    given = {name: text for name, text in given.items() if text}
    ticked = [each for each in answers.values() if each.get("keep")]
    for each in ticked if given else []:
        each |= given
    return len(ticked) if given else 0


def patients_of(rows: Iterable[Row]) -> list[Patient]:
    """Whom the rows name, each once, in the order of the rows."""
    return list({row.patient.pk: row.patient for row in rows if row.patient}.values())


def upload_data(row: Row, answers: Mapping[str, str], *, consent_reason: str) -> QueryDict:
    """A row as the form of a photo that is sent alone takes it."""
    data: Any = QueryDict(mutable=True)
    data.update({name: answers.get(name, "") for name in ("view", "when", "site", "magnification")})
    data["id"], data["consent_reason"] = str(row.waiting.pk), consent_reason
    return data
