"""The fingerprints of photos leave the rows of an older clinic whole, whenever they are moved and however often."""

import base64
import json
import sqlite3
from contextlib import closing
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps

from tests.upgrade.old_clinics import default_database, migrated_copy, unpack
from treatments.models import Photo
from treatments.photos.models import PhotoFingerprint
from treatments.photos.quality.photo_quality import measures_of

pytestmark = pytest.mark.slow


def test_fingerprints_leave_their_rows(tmp_path: Path, path: Path) -> None:
    """What was in the row is in its own table, byte for byte, and read as before; the other measures stay."""
    with closing(sqlite3.connect(unpack("demonstration-0.2.0", tmp_path / "old.sqlite3"))) as old:
        rows = old.execute("SELECT id, quality_checks FROM treatments_photo").fetchall()
    before = {photo_id: json.loads(checks)["measures"] for photo_id, checks in rows}
    assert before

    migrated_copy("demonstration-0.2.0", path)
    with default_database(path):
        photos = list(Photo.objects.all())
        assert {photo.pk.hex: measures_of(photo) for photo in photos} == before
        assert {len(each.levels) for each in PhotoFingerprint.objects.all()} == {64 * 64}
        assert all(len(json.dumps(photo.quality_checks["measures"])) < 250 for photo in Photo.objects.all())

        # A host of the last release stores one more, and the migration is run again.
        late = photos[0]
        PhotoFingerprint.objects.filter(photo=late).delete()
        Photo.objects.filter(pk=late.pk).update(quality_checks={"measures": before[late.pk.hex], "gates": []})
        import_module("treatments.migrations.0052_move_fingerprints").out_of_the_rows(apps, None)
        kept = PhotoFingerprint.objects.get(photo=late)
        assert base64.b64encode(kept.levels).decode() == before[late.pk.hex]["fingerprint"]
        assert kept.clinic_id == late.clinic_id
        assert Photo.objects.get(pk=late.pk).quality_checks["measures"]["fingerprint"] == ""
