from pathlib import Path

import pytest

from treatments.photos.vocabulary import DICOM_MODALITY, INSTRUCTIONS, STANDARD_VIEWS, View, pictogram

DRAWINGS = Path(__file__).parents[2] / "static" / "drawings"


def test_six_standard_views_in_their_order():
    assert [v.value for v in STANDARD_VIEWS] == [
        "vertex",
        "superior_midline",
        "frontal",
        "temporal_left",
        "temporal_right",
        "occipital",
    ]


@pytest.mark.parametrize("view", STANDARD_VIEWS)
def test_each_standard_view_has_its_drawing(view):
    assert (DRAWINGS / f"{pictogram(view)}.svg").exists()


def test_other_views_have_no_drawing():
    assert pictogram(View.TRICHOSCOPY) is None


def test_every_view_tells_how_to_take_it():
    assert set(INSTRUCTIONS) == set(View)
    assert (DICOM_MODALITY[View.TRICHOSCOPY], DICOM_MODALITY[View.VERTEX]) == ("DMS", "XC")
