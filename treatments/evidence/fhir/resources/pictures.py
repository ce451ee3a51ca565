"""Photographs: what each shows, how it was taken, and what was read from it blind. The file is not in the bundle; its
SHA-256 is.

FHIR R4's own `Attachment.hash` is SHA-1, so it stays empty, and the SHA-256 of the original stands in an identifier.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from treatments.assessments.vocabulary import GlobalInstrument
from treatments.evidence.fhir.resources.observations import Finding, component, observe, question
from treatments.evidence.fhir.resources.people import subject
from treatments.evidence.fhir.resources.places import body_site
from treatments.evidence.fhir.rows import Rows
from treatments.evidence.fhir.writing.codes import DERMOSCOPY, PHOTOGRAPHY, hl7
from treatments.evidence.fhir.writing.datatypes import Json, concept, note, quantity
from treatments.evidence.fhir.writing.terms import choice, identifier, local, own
from treatments.evidence.fhir.writing.writer import Writer
from treatments.photos.models import Photo
from treatments.photos.readings.results import ReadBy, ReadPair
from treatments.photos.vocabulary import HairState, Parting, PhotoQuality, ProductUsed, View
from treatments.records.vocabulary import Lighting

READ_BLIND = local("method", "read-blind", "Pairs of photos read blind: order and Months hidden, sides by chance")
_CARD = (
    ("lighting", Lighting),
    ("hair_state", HairState),
    ("product_used", ProductUsed),
    ("parting", Parting),
    ("quality", PhotoQuality),
)
_REGIONS = {"vertex", "frontal", "temporal_left", "temporal_right", "occipital"}


def write(writer: Writer, rows: Rows) -> None:
    """No photo where nobody may be known: a hash leads back to the original."""
    if writer.is_named:
        for photo in rows.photos:
            _photo(writer, rows, photo)
    for pair in rows.readings:
        _read(writer, rows, pair)


def _read(writer: Writer, rows: Rows, pair: ReadPair) -> None:
    """One observation for each reader, who has no name, and one of their median with how many could judge it."""
    photos = [writer.reference("Media", each.pk) for each in (pair.earlier, pair.later)] if writer.is_named else []
    of = f"{pair.round.pk} {pair.earlier.pk} {pair.later.pk}"
    shared = {
        "method": concept(READ_BLIND),
        "bodySite": body_site(pair.later.site or (pair.later.view if pair.later.view in _REGIONS else "")),
        "derivedFrom": photos,
    }
    members = [
        _reading(writer, rows, f"{of} {number}", reading, shared, pair) for number, reading in enumerate(pair.readings)
    ]
    middle = pair.median
    value = {"valueQuantity": quantity(Decimal(str(middle)), "{score}")} if middle is not None else {}
    counted = [
        component(question("readers", "Readers who could judge it"), {"valueInteger": pair.readers}),
        component(question("readers-without", "Readers who could not judge it"), {"valueInteger": pair.cannot_judge}),
    ]
    found = Finding(
        local("observation", "gpa-7-median", "Change read blind, seven points: median of the readers"),
        pair.in_words,
        value,
        absent="" if value else "unknown",
        components=counted,
        more=shared | {"hasMember": members},
    )
    observe(writer, rows, _Key(of), "", found, when=pair.later.when, by={})


def _reading(writer: Writer, rows: Rows, of: str, reading: ReadBy, shared: Json, pair: ReadPair) -> Json:
    value = {"valueInteger": reading.change} if reading.change is not None else {}
    found = Finding(
        local("observation", GlobalInstrument.PHOTOGRAPHIC.value, "Change read blind, seven points: one reader"),
        reading.said,
        value,
        absent="" if value else "unknown",
        more=shared | {"note": note(f"Cannot judge: {reading.why_not}." if reading.why_not else "")},
    )
    return observe(writer, rows, _Key(of), "", found, when=pair.later.when, by=_reader(writer, rows, reading))


def _reader(writer: Writer, rows: Rows, reading: ReadBy) -> Json:
    """ "Reader 2": the same one throughout a bundle, and no name."""
    known = list(dict.fromkeys(each.reader.pk for pair in rows.readings for each in pair.readings))
    name = f"Reader {known.index(reading.reader.pk) + 1}"
    key = f"reader of {rows.patient.pk}, {known.index(reading.reader.pk) + 1}"
    return writer.add("Practitioner", key, {"name": [{"text": name}]}, text=f"{name}, who read photos blind")


@dataclass(frozen=True)
class _Key:
    """What an observation is of that no single row of the record holds."""

    pk: str


def _photo(writer: Writer, rows: Rows, photo: Photo) -> None:
    known = photo.view in View.values
    view = choice("view", View(photo.view)) if known else local("view", photo.view, photo.view)
    modality = DERMOSCOPY if photo.view == View.TRICHOSCOPY else PHOTOGRAPHY
    body = {
        "identifier": [identifier("sha-256", photo.sha256)],
        "partOf": _session(writer, rows, photo),
        "status": "completed",
        "type": concept(hl7("media-type", "image")),
        "modality": concept(modality),
        "view": concept(view),
        "subject": subject(writer, rows.patient),
        **writer.date("createdDateTime", photo.when),
        **writer.moment("issued", photo.created_at),
        "bodySite": body_site(photo.site or (photo.view if photo.view in _REGIONS else "")),
        "deviceName": photo.device,
        "height": photo.height or None,
        "width": photo.width or None,
        "content": {
            "contentType": photo.media_type,
            "size": photo.size_bytes,
            "title": f"{view.display}, {photo.taken.label()}",
        },
        "note": note(photo.note),
        "extension": [*_capture_card(photo), own("day-from", valueString=photo.whose_day)]
        if photo.whose_day
        else _capture_card(photo),
    }
    text = [f"Photo, {view.display.lower()}, {photo.taken.label()}.", f"SHA-256 of the original: {photo.sha256}."]
    writer.add("Media", photo.pk, body, text=text, row=photo.pk)


def _session(writer: Writer, rows: Rows, photo: Photo) -> list[Json]:
    stands = photo.exosome_session_id in rows.sessions_by_id
    return [writer.reference("Procedure", photo.exosome_session_id)] if stands else []


def _capture_card(photo: Photo) -> list[Json]:
    """What must be alike before two photographs may be compared; what was not recorded is left out."""
    found: list[Json] = []
    for name, vocabulary in _CARD:
        code: Any = getattr(photo, name)
        if code in vocabulary.values:
            value = concept(choice(name.replace("_", "-"), vocabulary(code)))
            found.append(own(f"photo-{name.replace('_', '-')}", valueCodeableConcept=value))
    for name, figure, unit in (
        ("hair-length", photo.hair_length_mm, "mm"),
        ("focal-length", photo.lens_mm, "mm"),
        ("distance", photo.distance_cm, "cm"),
    ):
        if figure is not None:
            found.append(own(f"photo-{name}", valueQuantity=quantity(figure, unit)))
    if photo.magnification is not None:
        found.append(own("photo-magnification", valueInteger=photo.magnification))
    if photo.is_dyed is not None:
        found.append(own("photo-hair-dyed", valueBoolean=photo.is_dyed))
    return found
