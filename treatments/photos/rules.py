"""Rule 25: a photograph has a view, and a date that agrees with its camera.

The consent that it is filed with: `upload.consent_checks`. Whether two photographs may be compared:
`compare.comparability`. No Django queries here.
"""

from __future__ import annotations

from datetime import date

from treatments.photos.vocabulary import NEEDS_MAGNIFICATION, NEEDS_SITE, View
from treatments.records.formatting import day
from treatments.records.problems import Problem, error, warning

EXIF_TOLERANCE_DAYS = 1


def view_problems(view: str, *, site: str = "", magnification: int | None = None, field: str = "view") -> list[Problem]:
    """A photograph without a view cannot be compared; close-ups need their site as well."""
    if not view:
        return [error(25, field, "Choose the view of this photo.", "view_missing")]
    name = str(View(view).label).lower()
    problems: list[Problem] = []
    if view in NEEDS_SITE and not site:
        problems.append(error(25, "site", f"Say where the {name} was taken.", "site_missing"))
    if view in NEEDS_MAGNIFICATION and not magnification:
        sentence = f"Write the magnification of the {name}, for example 20 or 70."
        problems.append(error(25, "magnification", sentence, "magnification_missing"))
    return problems


def taken_date_problems(taken_on: date, exif_on: date | None, *, field: str = "taken_on") -> list[Problem]:
    """The date given against the camera's own, which may be wrong too; None: the camera wrote no date."""
    if exif_on is None or abs((taken_on - exif_on).days) <= EXIF_TOLERANCE_DAYS:
        return []
    sentence = f"The camera says {day(exif_on)}. Check the date, or the camera’s clock."
    return [warning(25, field, sentence, "differs_from_exif")]
