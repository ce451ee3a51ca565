"""What the viewer posts about a pair: which two photographs, at which version, and the points."""

from typing import Any

from django import forms

from treatments.photos.compare.pairs import Pair
from treatments.photos.patient_photos import PatientPhotos, group_of
from treatments.records.forms.fields import VersionField


class PairForm(forms.Form):
    """`pair` holds two photographs of one patient and one view, in order of time, once the form is valid."""

    earlier = forms.UUIDField()
    later = forms.UUIDField()
    version = VersionField(low=0, required=False)
    alignment = forms.CharField(required=False, strip=False)

    def __init__(self, data: Any, *, photos: PatientPhotos) -> None:
        super().__init__(data)
        self.photos = photos
        self.pair: Pair | None = None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        ids = [cleaned.get("earlier"), cleaned.get("later")]
        photos = [photo for photo in self.photos.photos if photo.pk in ids]
        if [photo.pk for photo in photos] != ids or group_of(photos[0]) != group_of(photos[1]):
            raise forms.ValidationError("Choose two photos of the same view of this patient, the earlier one first.")
        self.pair = Pair(*photos)
        return cleaned

    @property
    def version_seen(self) -> int:
        return self.cleaned_data.get("version") or 0
