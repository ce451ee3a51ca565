"""What the demonstration shows of photographs: one good pair, and others with their honest faults."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from treatments.demonstration.builder import PICTURES
from treatments.demonstration.people import PEOPLE
from treatments.models import Patient, Photo
from treatments.photos.compare.comparability import PairVerdict
from treatments.photos.compare.pairs import alignment_of, judge, pairs_with
from treatments.photos.patient_photos import load
from treatments.photos.quality.photo_quality import warnings_of

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


@pytest.fixture
def root(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "photos"
    settings.MEDIA_ROOT.mkdir()


def verdict(patient: Patient, earlier: int, later: int) -> PairVerdict:
    photos = load(patient)
    vertex = photos.groups["vertex"]
    first, second = vertex[earlier], vertex[later]
    alignment = alignment_of(pairs_with(first).get(second.pk))
    return judge(first, second, photos.calendar(second), alignment)


@pytest.mark.usefixtures("root")
def test_one_pair_is_good_others_say_why_not() -> None:
    """One pair is good, and the others say what is wrong with them."""
    with open(os.devnull, "w") as nowhere:
        call_command("demo", stdout=nowhere)
    year = Patient.objects.get(name=PEOPLE["year"].name, birth="1981-03-12")
    case = Patient.objects.get(name=PEOPLE["case"].name)

    assert verdict(year, 0, -1).headline == "Comparable"
    alignment = next(row for row in verdict(year, 0, -1).rows if row.condition == "Alignment")
    assert alignment.earlier == "3 points" and alignment.verdict == "same"
    assert verdict(year, 0, 2).headline == "Not comparable: light, hair length differ"
    assert verdict(case, 0, -1).headline == "Not comparable: light differs"

    warned = {photo.original_name[0] for photo in Photo.objects.all() if warnings_of(photo)}
    assert warned == {"c", "d", "e"}, "the small ones, and no others"

    # The light behind the head was measured as it was rendered; the stops were applied to sRGB levels, not to light.
    truth = json.loads((PICTURES / "truth.json").read_text())
    measured = {photo.original_name: photo.quality_checks["measures"]["backdrop"] for photo in Photo.objects.all()}
    for name, light in measured.items():
        first = measured[f"{name.rpartition('-')[0]}-month00.jpg"]
        assert light / first == pytest.approx(2 ** (2.2 * truth[name]["ev"]), rel=0.08), name


def test_what_is_shipped_stays_small() -> None:
    assert sum(path.stat().st_size for path in PICTURES.iterdir()) < 6_000_000
