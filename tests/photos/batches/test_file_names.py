"""What names of files and folders say, and what they do not."""

import datetime

import pytest

from treatments.photos.file_names import date_in, name_phrases, natural_key, record_keys, stem, view_in
from treatments.photos.vocabulary import KEYS, View

TODAY = datetime.date(2026, 11, 29)


@pytest.mark.parametrize(
    ("name", "folder", "day"),
    [
        ("IMG_20240501_101010.jpg", "", "2024-05-01"),
        ("2024-05-01 vertex.jpg", "", "2024-05-01"),
        ("2024_05_01.JPG", "", "2024-05-01"),
        ("HC-0007 01.05.2024.jpeg", "", "2024-05-01"),
        ("vertex.jpg", "Holt/2024-05-01", "2024-05-01"),
        ("vertex 2024-05.jpg", "", "2024-05"),
        ("2024-05-01.jpg", "2023-01-01", "2024-05-01"),
        ("IMG_4711.jpg", "", None),
        ("03-05-2024.jpg", "", None),
        ("20311231.jpg", "", None),
        ("20240631.jpg", "", None),
        ("2024-05-01 and 2024-06-01.jpg", "", None),
        ("19700101.jpg", "", None),
        ("1714556789123.jpg", "", None),
        ("٢٠٢٤٠٥٠١.jpg", "", None),
        ("", "", None),
    ],
)
def test_date_in_a_name(name: str, folder: str, day: str | None) -> None:
    """A day or a month that can be read in one way alone; nothing else is guessed."""
    found = date_in(name, folder, latest=TODAY)
    assert (found.when.text if found else None) == day


@pytest.mark.parametrize(
    ("name", "folder", "view"),
    [
        ("HC-0007_vertex.jpg", "", View.VERTEX),
        ("Crown 2.JPG", "", View.VERTEX),
        ("top.jpg", "", View.SUPERIOR_MIDLINE),
        ("front.jpg", "left", View.FRONTAL),
        ("IMG_1.jpg", "2024/Left", View.TEMPORAL_LEFT),
        ("left-oblique.jpg", "", View.OBLIQUE_LEFT),
        ("front left.jpg", "", None),
        ("laptop.jpg", "", None),
        ("背面.jpg", "", None),
    ],
)
def test_view_in_a_name(name: str, folder: str, view: View | None) -> None:
    """A whole word names a view; two that differ name none."""
    assert view_in(name, folder) == view


@pytest.mark.parametrize(
    ("text", "key", "is_there"),
    [
        ("HC-0007 vertex", "hc-0007", True),
        ("vertex_HC 0007", "hc0007", True),
        ("HC_0007_1", "hc-0007", True),
        ("4711 vertex", "4711", True),
        ("IMG_4711", "4711", False),
        ("2024-05-01", "2024", False),
        ("12", "12", False),
        ("Ｈ１００7", "h1007", True),
    ],
)
def test_record_number_in_name(text: str, key: str, is_there: bool) -> None:
    assert (key in record_keys(text)) is is_there


def test_name_either_way_round() -> None:
    """Family names stand first in some folders."""
    assert {"ida invented", "invented ida"} <= set(name_phrases("Invented, Ída 3"))


def test_names_in_order_of_people() -> None:
    names = ["IMG_10.jpg", "IMG_9.jpg", "IMG_²", "img_1.jpg"]
    assert sorted(names, key=natural_key)[:3] == ["img_1.jpg", "IMG_²", "IMG_9.jpg"]


def test_stem_keeps_a_date() -> None:
    assert [stem("a.JPG"), stem("01.05.2024"), stem(".hidden")] == ["a", "01.05.2024", ".hidden"]


def test_every_view_has_its_own_key() -> None:
    assert set(KEYS) == set(View) and len(set(KEYS.values())) == len(View)
