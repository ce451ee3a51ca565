"""Whom a text means: what somebody typed into the grid, and what the name of a file or a folder may say."""

import uuid
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from django.db.models import Q

from clinic.staff.models import Clinic
from treatments.patients import search_index
from treatments.patients.models import Patient
from treatments.photos.file_names import name_phrases, record_keys, stem
from treatments.records.text.text_folding import fold, identifier_key

T = TypeVar("T")
_KEYS_AT_ONCE, _NAMES_AT_ONCE = 400, 40


@dataclass(frozen=True, slots=True)
class Named:
    """The patient whom a text means, or the sentence that says why it means none."""

    patient: Patient | None
    sentence: str = ""


class Guess(NamedTuple):
    """A patient, and in what it was found: "the file’s name", "the folder’s name"."""

    patient: Patient
    found_in: str


def label(patient: Patient) -> str:
    """How the grid writes a patient, and reads it again: "HC-0007 Ida Invented"."""
    return f"{patient.record_number} {patient.name}"


def named(clinic: Clinic, texts: Iterable[str]) -> dict[str, Named]:
    """Whom each text means: a record number, alone or with the name behind it, or the name of one patient alone."""
    distinct = [text for text in dict.fromkeys(texts) if text.strip()]
    by_key = _by_key(clinic, {key for text in distinct for key, _rest in _prefixes(text)})
    return {text: _named(clinic, text, by_key) for text in distinct}


def _named(clinic: Clinic, text: str, by_key: dict[str, Patient]) -> Named:
    for key, rest in _prefixes(text):
        patient = by_key.get(key)
        if patient is None:
            continue
        if not rest or fold(rest) == fold(patient.name):
            return Named(patient)
        return Named(None, f"{patient.record_number} is {patient.name}. Write the number alone if it is meant.")
    found = list(Patient.objects.of(clinic).filter(merged_into=None).matching(text, all_of_many=False)[:3])
    exact = [patient for patient in found if fold(patient.name) == fold(text)]
    if len(exact or found) == 1:
        return Named((exact or found)[0])
    if found:
        return Named(None, f"More than one patient matches “{text[:60]}”. Write the record number.")
    return Named(None, f"No patient of this clinic matches “{text[:60]}”. Write the record number.")


def _prefixes(text: str) -> list[tuple[str, str]]:
    """Each beginning of a text that may be a record number, the longest first, with what stands behind it."""
    words = text.replace("\x00", " ").split()[:8]
    return [(identifier_key(" ".join(words[:end])), " ".join(words[end:])) for end in range(len(words), 0, -1)]


def guesses(clinic: Clinic, names: Collection[tuple[uuid.UUID, str, str]]) -> dict[uuid.UUID, Guess]:
    """Whom the names of files may mean. `names` are (id, name of the file, its folders).

    A record number goes before a name, the file's own name before its folders. Where both name somebody, and not the
    same, nobody is guessed; nor where two patients have that name.
    """
    texts = {text for _id, name, folder in names for text in _texts(name, folder)}
    numbers = {text: record_keys(text) for text in texts}
    by_key = _by_key(clinic, {key for keys in numbers.values() for key in keys})
    phrases = {text: name_phrases(text) for text in texts}
    by_name = _by_name(clinic, {phrase for each in phrases.values() for phrase in each})

    def found(text: str) -> set[Patient]:
        keys = [key for key in numbers[text] if key in by_key]
        if keys:
            return {by_key[key] for key in keys if len(key) == len(keys[0])}
        return {by_name[phrase] for phrase in phrases[text] if phrase in by_name}

    guessed: dict[uuid.UUID, Guess] = {}
    for waiting_id, name, folder in names:
        of_file, *of_folders = [found(text) for text in _texts(name, folder)]
        in_folders: set[Patient] = set().union(*of_folders)
        who = of_file | in_folders
        if len(who) == 1:
            guessed[waiting_id] = Guess(who.pop(), "the file’s name" if of_file else "the folder’s name")
    return guessed


def _texts(name: str, folder: str) -> list[str]:
    return [stem(name), *(part for part in folder.split("/") if part)]


def _by_key(clinic: Clinic, keys: Collection[str]) -> dict[str, Patient]:
    found: dict[str, Patient] = {}
    for some in _some(sorted(keys), _KEYS_AT_ONCE):
        rows = Patient.objects.of(clinic).filter(record_key__in=some).select_related("merged_into")
        found |= {str(row.record_key): row.merged_into or row for row in rows}
    return found


def _by_name(clinic: Clinic, phrases: Collection[str]) -> dict[str, Patient]:
    """By the folded name; without those that two patients have."""
    found: dict[str, list[Patient]] = {}
    for some in _some(sorted(phrases), _NAMES_AT_ONCE):
        meant = Q()
        for phrase in some:  # two spaces end the name in this column
            meant |= Q(search_text__gte=f"{phrase}  ", search_text__lt=f"{phrase}  {search_index.LAST_LETTER}")
        for row in Patient.objects.of(clinic).filter(meant, merged_into=None):
            found.setdefault(fold(row.name), []).append(row)
    return {name: rows[0] for name, rows in found.items() if len(rows) == 1}


def _some(values: list[T], at_once: int) -> Iterator[list[T]]:
    for begin in range(0, len(values), at_once):
        yield values[begin : begin + at_once]
