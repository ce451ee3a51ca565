"""What the viewer posts about a pair: which two photographs, at which version, and the points."""

from typing import Any

from django import forms

from treatments.photos.compare.pairs import Pair
from treatments.photos.patient_photos import PatientPhotos, group_of


class PairForm(forms.Form):
    """`pair` holds two photographs of one patient and one view, in order of time, once the form is valid."""

    earlier = forms.UUIDField()
    later = forms.UUIDField()
    version = forms.IntegerField(min_value=0, max_value=2**31 - 1, required=False)
    alignment = forms.CharField(required=False, strip=False)

    def __init__(self, data: Any, *, photos: PatientPhotos) -> None:
        super().__init__(data)
        self.photos = photos
        self.pair: Pair | None = None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        earlier, later = (self.photos.find(cleaned.get(name)) for name in ("earlier", "later"))
        if earlier is None or later is None or group_of(earlier) != group_of(later):
            raise forms.ValidationError("These are not two photographs of one view of this patient.")
        if self.photos.photos.index(earlier) >= self.photos.photos.index(later):
            raise forms.ValidationError("The earlier photograph must lie before the later one.")
        self.pair = Pair(earlier, later)
        return cleaned

    @property
    def version_seen(self) -> int:
        return self.cleaned_data.get("version") or 0
