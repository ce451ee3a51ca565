"""The figures of a report: photographs that its author chose, cut, made anew from their pixels, and refused where no
consent covers them."""

from collections.abc import Sequence
from dataclasses import dataclass

from treatments.consents.models import Consent
from treatments.consents.purposes import PhotoPurpose
from treatments.evidence.reports.models import ReportFigure
from treatments.evidence.reports.sentences.record import CaseRecord
from treatments.papers.document import Figure, Picture
from treatments.papers.photo_pair import pixels
from treatments.photos.models import Photo
from treatments.photos.patient_photos import group_label, group_of
from treatments.photos.vocabulary import View

FACIAL = frozenset(
    {
        View.FRONTAL, View.FRONTAL_NATURAL, View.TEMPORAL_LEFT, View.TEMPORAL_RIGHT, View.OBLIQUE_LEFT,
        View.OBLIQUE_RIGHT,
    }
)  # fmt: skip
"""Views in which a face is seen, unless what lies below the brow is cut off. A black bar never suffices."""
MOST_OF_A_FACE = 60
"""Of the height of such a view, from the top, in per cent: what is more shows the eyes."""


@dataclass(frozen=True)
class Refusal:
    """Why a figure may not leave; the draft prints its words in its place."""

    figure: ReportFigure
    why: str


def is_facial(photo: Photo, kept: int) -> bool:
    """Whether the face may be in what is kept."""
    return photo.view in FACIAL and kept > MOST_OF_A_FACE


def refusals(figures: Sequence[ReportFigure], record: CaseRecord, photo_consents: Sequence[Consent]) -> list[Refusal]:
    """Of each figure that may not be printed today the first reason. `photo_consents` are in force today."""
    return [Refusal(figure, why) for figure in figures if (why := _why_not(figure, record, photo_consents))]


def _why_not(figure: ReportFigure, record: CaseRecord, photo_consents: Sequence[Consent]) -> str:
    own = {photo.pk for photo in record.facts.standing_photos}
    for photo, _ in figure.photos:
        if photo.patient_id != record.patient.pk or photo.pk not in own:
            return "A photo of it is struck out, or was moved to another record. Remove the figure."
    covering = [consent for consent in photo_consents if consent.allows(PhotoPurpose.PUBLICATION)]
    if not covering:
        return "No photography consent that is valid today allows publication. Record one, or remove the figure."
    shows_face = figure.is_identifiable or any(is_facial(photo, kept) for photo, kept in figure.photos)
    if shows_face and not any(consent.is_identifiable for consent in covering):
        return (
            "The patient may be recognised in it, and the consent does not allow that. Cut it above the brow, or "
            "remove the figure. A black bar does not suffice."
        )
    return ""


def figures_of(
    figures: Sequence[ReportFigure],
    record: CaseRecord,
    *,
    refused: Sequence[Refusal],
    for_file: bool,
    address: str = "",
) -> list[Figure]:
    """Numbered in their order. A refused one has its place and no picture. `address` is that of a picture on a page,
    with {figure} and {number} in it. Raises PictureMissing."""
    why = {each.figure.pk: each.why for each in refused}
    return [
        Figure(
            number,
            _caption(figure),
            tuple(
                _picture(figure, record, place, is_refused=figure.pk in why, for_file=for_file, address=address)
                for place in range(len(figure.photos))
            ),
        )
        for number, figure in enumerate(figures, start=1)
    ]


def _caption(figure: ReportFigure) -> str:
    return f"{figure.caption.strip().rstrip('.')}."


def _picture(
    figure: ReportFigure, record: CaseRecord, place: int, *, is_refused: bool, for_file: bool, address: str
) -> Picture:
    photo, kept = figure.photos[place]
    month = record.month(photo.when)
    caption = f"{month}, not printed" if is_refused else month
    shown = address.format(figure=figure.pk, number=place + 1) if address else ""
    return Picture(
        alt=f"{figure.alt.strip()} {group_label(group_of(photo))}, {month}.",
        caption=caption,
        address="" if is_refused else shown,
        jpeg=pixels(photo, kept=kept) if for_file and not is_refused else b"",
    )
