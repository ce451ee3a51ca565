from datetime import date

import pytest

from treatments.consents.rules import ConsentFacts, photo_use_problems
from treatments.photos.rules import taken_date_problems, view_problems

GIVEN = date(2025, 1, 14)
CONSENT = ConsentFacts("photography", GIVEN, frozenset({"record", "teaching"}), withdrawn_on=date(2025, 6, 1))


def codes(problems):
    return [p.code for p in problems]


@pytest.mark.parametrize(
    ("view", "kwargs", "found"),
    [
        ("vertex", {}, []),
        ("", {}, ["view_missing"]),
        ("target_macro", {}, ["site_missing"]),
        ("target_macro", {"site": "vertex"}, []),
        ("trichoscopy", {"site": "vertex"}, ["magnification_missing"]),
        ("trichoscopy", {"site": "vertex", "magnification": 70}, []),
        ("trichoscopy", {}, ["site_missing", "magnification_missing"]),
    ],
)
def test_rule_25_view_and_site_of_a_close_up(view, kwargs, found):
    """A photo has a view, and a close-up its site."""
    problems = view_problems(view, **kwargs)
    assert codes(problems) == found
    assert all(p.rule == 25 and p.is_error for p in problems)


@pytest.mark.parametrize(
    ("exif", "found"),
    [
        (None, []),
        (GIVEN, []),
        (date(2025, 1, 15), []),
        (date(2025, 1, 13), []),
        (date(2025, 1, 16), ["differs_from_exif"]),
        (date(2020, 1, 14), ["differs_from_exif"]),
    ],
)
def test_rule_25_date_agrees_with_the_camera(exif, found):
    """The date agrees with the camera within a day."""
    problems = taken_date_problems(GIVEN, exif)
    assert codes(problems) == found
    assert not any(p.is_error for p in problems)


def test_rule_25_consent_on_the_photos_day():
    """A photo is stored only with consent on the day it was taken."""
    assert photo_use_problems([CONSENT], purpose="record", on=GIVEN) == []
    assert codes(photo_use_problems([CONSENT], purpose="record", on=date(2025, 1, 13))) == ["no_photo_consent"]
    assert codes(photo_use_problems([], purpose="record", on=GIVEN)) == ["no_photo_consent"]


@pytest.mark.parametrize(
    ("purpose", "on", "found"),
    [
        ("teaching", date(2025, 5, 31), []),
        ("publication", date(2025, 5, 31), ["beyond_consent"]),
        ("marketing_social", date(2025, 5, 31), ["beyond_consent"]),
        ("teaching", date(2025, 6, 1), ["no_photo_consent"]),
    ],
)
def test_rule_25_no_release_beyond_consent(purpose, on, found):
    """No release beyond consent or after withdrawal."""
    problems = photo_use_problems([CONSENT], purpose=purpose, on=on)
    assert codes(problems) == found
    assert all(p.is_error for p in problems)
