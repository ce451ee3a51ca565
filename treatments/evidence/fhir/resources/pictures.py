"""Photographs: what each shows and how it was taken. The file is not in the bundle; its SHA-256 is.

FHIR R4's own `Attachment.hash` is SHA-1, so it stays empty, and the SHA-256 of the original stands in an identifier.
"""

from typing import Any

from treatments.evidence.fhir.resources.people import subject
from treatments.evidence.fhir.resources.places import body_site
from treatments.evidence.fhir.rows import Rows
from treatments.evidence.fhir.writing.codes import DERMOSCOPY, PHOTOGRAPHY, hl7
from treatments.evidence.fhir.writing.datatypes import Json, concept, note, quantity
from treatments.evidence.fhir.writing.terms import choice, identifier, local, own
from treatments.evidence.fhir.writing.writer import Writer
from treatments.photos.models import Photo
from treatments.photos.vocabulary import HairState, Parting, PhotoQuality, ProductUsed, View
from treatments.records.vocabulary import Lighting

_CARD = (
    ("lighting", Lighting),
    ("hair_state", HairState),
    ("product_used", ProductUsed),
    ("parting", Parting),
    ("quality", PhotoQuality),
)
_REGIONS = {"vertex", "frontal", "temporal_left", "temporal_right", "occipital"}


def write(writer: Writer, rows: Rows) -> None:
    """None where nobody may be known: a hash leads back to the original."""
    if writer.is_named:
        for photo in rows.photos:
            _photo(writer, rows, photo)


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
        "height": photo.height,
        "width": photo.width,
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
    stands = any(each.pk == photo.exosome_session_id for each in rows.sessions)
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
