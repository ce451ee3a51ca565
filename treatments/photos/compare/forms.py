"""What the viewer posts about a pair: which two photographs, at which version, and the points."""

from typing import Any

from django import forms

from treatments.photos.compare.alignment import Landmarks
from treatments.photos.compare.similarity import AlignmentError
from treatments.photos.models import Photo
from treatments.photos.patient_photos import Album, group_of


class PairForm(forms.Form):
    """`pair` holds two standing photographs of one patient and one view, in order of time, once the form is valid."""

    earlier = forms.UUIDField()
    later = forms.UUIDField()
    version = forms.IntegerField(min_value=0, max_value=2**31 - 1, required=False)
    alignment = forms.CharField(required=False, strip=False)

    def __init__(self, data: Any, *, album: Album) -> None:
        super().__init__(data)
        self.album = album
        self.pair: tuple[Photo, Photo] | None = None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        earlier, later = (self.album.find(cleaned.get(name)) for name in ("earlier", "later"))
        if earlier is None or later is None or group_of(earlier) != group_of(later):
            raise forms.ValidationError("These are not two photographs of one view of this patient.")
        if self.album.photos.index(earlier) >= self.album.photos.index(later):
            raise forms.ValidationError("The earlier photograph must lie before the later one.")
        self.pair = (earlier, later)
        return cleaned

    @property
    def version_seen(self) -> int:
        return self.cleaned_data.get("version") or 0


def readable(text: str) -> Landmarks | None:
    """Points as they were posted, where they can be shown again at all."""
    try:
        return Landmarks.from_json(text)
    except AlignmentError:
        return None
