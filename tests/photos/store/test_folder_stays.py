"""A clinic that keeps its photos in a folder, as every release before 0.3.0 left it, finds everything where it was."""

import hashlib
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as now
from django.core.management import call_command
from django.urls import reverse
from PIL import Image

from clinic.environment import photo_store
from tests import factories
from tests.people import Cast
from treatments.models import Photo
from treatments.photos.upload.store_photo import store_photo

pytestmark = pytest.mark.django_db


def jpeg(colour: str) -> bytes:
    content = BytesIO()
    Image.new("RGB", (400, 300), colour).save(content, "JPEG")
    return content.getvalue()


def test_folder_of_an_earlier_release(settings: Any, tmp_path: Path, cast: Cast) -> None:
    """Originals and pictures lie at the same paths and are shown as they are, not made anew; new ones beside them."""
    settings.MEDIA_ROOT = root = tmp_path / "photos"
    factories.consent(cast.patient, kind="photography", purposes=["record"])
    original, picture = jpeg("navy"), jpeg("teal")  # of two colours, to tell who made the picture
    photo = factories.photo(cast.patient, sha256=hashlib.sha256(original).hexdigest())
    Photo.objects.filter(pk=photo.pk).update(key=f"originals/{photo.pk.hex[-2:]}/{photo.pk}")
    photo.refresh_from_db()
    old = root / "originals" / photo.pk.hex[-2:] / str(photo.pk)
    small = root / "derivatives/400" / photo.pk.hex[-2:] / f"{photo.pk}.jpg"
    for path, content in ((old, original), (small, picture)):
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    clinician = cast.client(cast.clinician)

    assert b"".join(clinician.get(photo.small_url).streaming_content) == picture
    assert not clinician.get(photo.get_absolute_url()).context["original_fault"]
    asked = {"purpose": "record"}
    handed = clinician.post(reverse("photos:original", args=[cast.patient.pk, photo.pk]), asked)
    assert b"".join(handed.streaming_content) == original
    told = {"patient": cast.patient, "clinic": cast.clinic, "view": "frontal"}
    new = store_photo(Photo(**told), [jpeg("olive")], by=cast.nurse).photo
    assert (root / "originals" / new.pk.hex[-2:] / str(new.pk)).read_bytes() == jpeg("olive")
    said = StringIO()
    call_command("photos", "verify", stdout=said)
    assert said.getvalue().startswith("2 originals read")
    call_command("photos", "sweep", stdout=StringIO())
    assert old.read_bytes() == original and small.read_bytes() == picture
    assert {path.name for path in root.iterdir()} == {"originals", "derivatives", "staging"}


def test_folder_by_its_address() -> None:
    """PHOTO_STORE may name the folder that MEDIA_ROOT names, and no other: there are never two."""
    from django.core.exceptions import ImproperlyConfigured

    folder = Path("/srv/anagen/photos")
    assert photo_store("file:///srv/anagen/photos", folder, key_id="", secret="") == ""
    with pytest.raises(ImproperlyConfigured, match="MEDIA_ROOT=/srv/other"):
        photo_store("file:///srv/other", folder, key_id="", secret="")
    with pytest.raises(ImproperlyConfigured, match=r"PHOTO_STORE.*key"):
        photo_store("s3://photos?endpoint=https://s3.example.org", folder, key_id="", secret="")
    assert now.PHOTO_STORE == ""
