"""The fingerprint of a photo stands in a table of its own, and is found there or where the last release wrote it."""

import datetime
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps

from tests import factories
from tests.people import Cast
from tests.photos.corpus import encoded, scene
from treatments.models import Photo
from treatments.photos.models import PhotoFingerprint
from treatments.photos.quality.photo_quality import measures_of
from treatments.photos.upload.store_photo import StoredPhoto, store_photo

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def root(settings: Any, tmp_path: Any, cast: Cast) -> None:
    settings.MEDIA_ROOT = tmp_path / "photos"
    settings.MEDIA_ROOT.mkdir()
    factories.consent(cast.patient, kind="photography", purposes=["record"])


def stored(cast: Cast, quality: int) -> StoredPhoto:
    """Another file of the same picture for each quality."""
    photo = Photo(patient=cast.patient, clinic=cast.clinic, view="vertex", taken_on=datetime.date(2026, 5, 14))
    return store_photo(photo, [encoded(scene(7, 900, 700), "JPEG", quality=quality)], by=cast.nurse)


def verdict(result: StoredPhoto) -> tuple[str, str]:
    [check] = [each for each in result.checks if each.code == "same_picture"]
    return check.verdict, check.photo_id


def test_copy_is_known_by_it(cast: Cast) -> None:
    """A second copy is found by its own table; the row has the other measures and an empty fingerprint."""
    first = stored(cast, 90).photo
    assert verdict(stored(cast, 80)) == ("warn", str(first.pk))
    row = Photo.objects.get(pk=first.pk)
    assert row.quality_checks["measures"]["fingerprint"] == ""
    assert row.quality_checks["measures"]["median"] > 0
    assert row.fingerprint.clinic_id == cast.clinic.pk and len(row.fingerprint.levels) == 64 * 64


def test_copy_of_the_last_releases_photo(cast: Cast) -> None:
    """A host of the last release writes it into the row: found there too, and moved by the migration, once."""
    first = stored(cast, 90).photo
    measures = measures_of(Photo.objects.get(pk=first.pk))
    PhotoFingerprint.objects.all().delete()
    Photo.objects.filter(pk=first.pk).update(quality_checks={"measures": measures, "gates": [], "exposure": {}})
    assert verdict(stored(cast, 80)) == ("warn", str(first.pk))

    for _ in range(2):
        import_module("treatments.migrations.0052_move_fingerprints").out_of_the_rows(apps, None)
        row = Photo.objects.get(pk=first.pk)
        assert (row.quality_checks["measures"]["fingerprint"], row.quality_checks["exposure"]) == ("", {})
        assert measures_of(row) == measures
        assert PhotoFingerprint.objects.count() == 2
