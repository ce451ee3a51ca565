"""Quality checks: whether a photo can be used beside the patient's others. They warn at upload and never refuse.

A warning lets the photo be taken again while the patient is still in the chair; the
clinician may always keep it. Thresholds come from rendered drawings (blur, exposure, sameness),
not from patients, and every result carries its value, threshold and the version of these rules.

Pictures are compared with the patient's own earlier photo of the same view wherever that is
possible. There is no rule for a dark picture: skin of type VI, rightly exposed, is darker than
type III under-exposed by more than a stop.
"""

import base64
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from operator import itemgetter, mul
from typing import TYPE_CHECKING, Final, Literal

from treatments.photos.file_dates import FileDate

if TYPE_CHECKING:  # it brings Pillow, which these rules have no use for
    from treatments.photos.quality.measures import Measures

RULES_VERSION: Final = "2026-11"

Verdict = Literal["ok", "warn", "unknown"]
Code = Literal[
    "blur", "over_exposed", "light", "resolution", "capture_date", "same_picture", "other_patient", "colours"
]
Doubt = Literal["", "hdr", "unknown", "uncalibrated", "profile"]
"""Why the colours of a photo may not be shown as they were; "" where they are."""
DOUBTS: Final[dict[str, str]] = {
    "hdr": "This photo was made for HDR screens. Anagen shows it without HDR. The colours may be wrong.",
    "unknown": "Anagen does not know the colour code of this file. The colours may be wrong.",
    "uncalibrated": "This file does not say which colours it uses. The colours may be wrong.",
    "profile": "Anagen cannot read the colour profile of this file. The colours may be wrong.",
}

REBLUR_OF_BASELINE: Final = 0.6
REBLUR_TRICHOSCOPY: Final = 2.3
REBLUR_HOPELESS: Final = 1.8
"""Floor for a global photo without an earlier one to compare with. The sharpness of a global
photo depends on its content, so no fine line can be drawn; but natural scenes (amplitude falling
as 1/frequency) blurred by s px at 1024 px have a ratio of (s² + 4) / s², and 1.8 stands for
s = 2.2 px, nine pixels of a 12-megapixel photo: no hair is resolved in it. Every sharp rendered
head was above 14."""
OVER_EXPOSED: Final = 0.02
OVER_EXPOSED_STRONGLY: Final = 0.10
DARKER_THAN_BASELINE: Final = 0.6
BRIGHTER_THAN_BASELINE: Final = 1.6
GLOBAL_SIDE: Final = 1600
MEASURABLE_SIDE: Final = 1000
DAYS_APART: Final = 1
SAME_PICTURE: Final = 0.995
"""Re-saved, resized or brightened copies reach .998; well aligned follow-ups end at .991."""

_TRICHOSCOPY = "trichoscopy"
_UNLIKE = -math.inf


@dataclass(frozen=True, slots=True)
class QualityCheck:
    """The result of one check. `threshold` is the bound that decided, in the unit of `value`; None where there is none.

    `photo_id` names the other photo that "same_picture" speaks of. Rows store these fields by their names.
    """

    code: Code
    value: float | None
    threshold: float | None
    verdict: Verdict
    sentence: str
    version: str = RULES_VERSION
    photo_id: str | None = None


def judge(
    measures: "Measures",
    *,
    view: str,
    baseline_measures: "Measures | None",
    taken_on: date,
    in_file: FileDate | None,
    others: Iterable[tuple[object, str]],
) -> list[QualityCheck]:
    """One result for each check, in a fixed order: blur, over_exposed, light, resolution,
    capture_date, same_picture.

    `view` is a code of the vocabulary. `baseline_measures` are those of the patient's earlier
    photo of this view, taken the same way. `taken_on` is the day the clinic says the photo was
    taken, `in_file` what the file itself says. `others` are (photo id, fingerprint) of
    photos this one might be a copy of.
    """
    baseline = baseline_measures
    if baseline and baseline["version"] != measures["version"]:
        baseline = None  # measured by other rules, so its numbers mean something else
    return [
        _blur(measures["reblur"], view, baseline["reblur"] if baseline else None),
        _over_exposed(measures["over_exposed"]),
        _light(measures["median"], baseline["median"] if baseline else None),
        _resolution(measures["long_side"], view),
        _capture_date(taken_on, in_file),
        _same_picture(measures["fingerprint"], others),
    ]


def doubtful_colours(doubt: str) -> QualityCheck:
    """`doubt` is a key of DOUBTS."""
    return QualityCheck("colours", None, None, "unknown", DOUBTS[doubt])


def filed_elsewhere() -> QualityCheck:
    """The same bytes are another patient's photo. Whose is not said: the person may have no business with them."""
    sentence = "This picture is already filed under another patient; check that it belongs here."
    return QualityCheck("other_patient", None, None, "warn", sentence)


def _blur(reblur: float | None, view: str, baseline: float | None) -> QualityCheck:
    if reblur is None:
        return QualityCheck("blur", None, None, "unknown", "The picture has no edges, so its sharpness is not known.")
    return _trichoscopy_blur(reblur) if view == _TRICHOSCOPY else _global_blur(reblur, baseline)


def _trichoscopy_blur(reblur: float) -> QualityCheck:
    if reblur < REBLUR_TRICHOSCOPY:
        sentence = "The hairs are blurred; rest the dermatoscope on the skin and take it again."
        return QualityCheck("blur", reblur, REBLUR_TRICHOSCOPY, "warn", sentence)
    return QualityCheck("blur", reblur, REBLUR_TRICHOSCOPY, "ok", "Sharp enough to count hairs.")


def _global_blur(reblur: float, baseline: float | None) -> QualityCheck:
    if reblur < REBLUR_HOPELESS:
        sentence = "The picture is so blurred that single hairs cannot be seen; take it again."
        return QualityCheck("blur", reblur, REBLUR_HOPELESS, "warn", sentence)
    if not baseline:
        sentence = "There is no earlier photo of this view to compare the sharpness with."
        return QualityCheck("blur", reblur, None, "unknown", sentence)
    threshold = round(REBLUR_OF_BASELINE * baseline, 3)
    if reblur < threshold:
        sentence = "Clearly less sharp than the earlier photo of this view; focus and take it again."
        return QualityCheck("blur", reblur, threshold, "warn", sentence)
    return QualityCheck("blur", reblur, threshold, "ok", "As sharp as the earlier photo of this view.")


def _over_exposed(share: float) -> QualityCheck:
    per_cent = f"{100 * share:.0f} % of the middle of the picture is overexposed (white)"
    if share > OVER_EXPOSED_STRONGLY:
        sentence = f"{per_cent} and shows no detail. Unless the hair is white, take it again with less light."
        return QualityCheck("over_exposed", share, OVER_EXPOSED_STRONGLY, "warn", sentence)
    if share > OVER_EXPOSED:
        sentence = f"{per_cent}. Unless the hair is grey or white, take it again with less light."
        return QualityCheck("over_exposed", share, OVER_EXPOSED, "warn", sentence)
    return QualityCheck("over_exposed", share, OVER_EXPOSED, "ok", "Not over-exposed.")


def _light(median: int, baseline: int | None) -> QualityCheck:
    if not baseline:
        sentence = "There is no earlier photo of this view to compare the light with."
        return QualityCheck("light", None, None, "unknown", sentence)
    ratio = round(median / baseline, 3)
    if ratio < DARKER_THAN_BASELINE:
        sentence = "Much darker than the earlier photo of this view; use the same light and exposure."
        return QualityCheck("light", ratio, DARKER_THAN_BASELINE, "warn", sentence)
    if ratio > BRIGHTER_THAN_BASELINE:
        sentence = "Much brighter than the earlier photo of this view; use the same light and exposure."
        return QualityCheck("light", ratio, BRIGHTER_THAN_BASELINE, "warn", sentence)
    nearest = DARKER_THAN_BASELINE if ratio < 1 else BRIGHTER_THAN_BASELINE
    return QualityCheck("light", ratio, nearest, "ok", "About as bright as the earlier photo.")


def _resolution(side: int, view: str) -> QualityCheck:
    if view == _TRICHOSCOPY:
        sentence = "Whether the detail is enough to count depends on the scale, in pixels per mm."
        return QualityCheck("resolution", side, None, "unknown", sentence)
    if side < MEASURABLE_SIDE:
        sentence = f"Only {side} pixels on the longer side, too few to measure on; send the photo in its full size."
        return QualityCheck("resolution", side, MEASURABLE_SIDE, "warn", sentence)
    if side < GLOBAL_SIDE:
        sentence = (
            f"Only {side} pixels on the longer side, fewer than the {GLOBAL_SIDE} a comparison "
            "needs; send the photo in its full size."
        )
        return QualityCheck("resolution", side, GLOBAL_SIDE, "warn", sentence)
    return QualityCheck("resolution", side, GLOBAL_SIDE, "ok", "Large enough to compare.")


def _capture_date(taken_on: date, in_file: FileDate | None) -> QualityCheck:
    """A camera's day must agree. The day that a file was saved says only that the photo is no later."""
    if in_file is None:
        return QualityCheck("capture_date", None, DAYS_APART, "unknown", "There is no date in the file.")
    days = (in_file.day - taken_on).days
    if in_file.strength == "camera":
        says, agrees = f"The camera says {in_file.day.day} {in_file.day:%B %Y}", "The camera's date agrees."
        wrong = abs(days) > DAYS_APART
    else:
        says, agrees = f"The file’s own date is {in_file.day.day} {in_file.day:%B %Y}", "The file's date agrees."
        wrong = days < -DAYS_APART
        if days > DAYS_APART:
            sentence = f"{says}; the day the photo was taken is not in it."
            return QualityCheck("capture_date", days, DAYS_APART, "unknown", sentence)
    if not wrong:
        return QualityCheck("capture_date", days, DAYS_APART, "ok", agrees)
    sentence = f"{says}, {abs(days)} days {'after' if days > 0 else 'before'} the photo’s date; "
    return QualityCheck("capture_date", days, DAYS_APART, "warn", sentence + "check the date and the patient.")


def _same_picture(fingerprint: str, others: Iterable[tuple[object, str]]) -> QualityCheck:
    levels = _normalised(fingerprint)
    if not levels:
        sentence = "The picture has too little detail to compare it with others."
        return QualityCheck("same_picture", None, SAME_PICTURE, "unknown", sentence)
    correlations = [(_correlation(levels, other), str(photo_id)) for photo_id, other in others]
    nearest, photo_id = max(correlations, key=itemgetter(0), default=(_UNLIKE, ""))
    if nearest < SAME_PICTURE:
        value = round(nearest, 5) if nearest > _UNLIKE else None
        return QualityCheck("same_picture", value, SAME_PICTURE, "ok", "Not a copy of another photo.")
    sentence = "This looks like a copy of a photo that is already here. Keep only one of them."
    return QualityCheck("same_picture", round(nearest, 5), SAME_PICTURE, "warn", sentence, photo_id=photo_id)


def _correlation(levels: list[float], fingerprint: str) -> float:
    """From -1 to 1, which a change of brightness or contrast leaves alone; -inf for a picture without one."""
    others = _normalised(fingerprint)
    return sum(map(mul, levels, others)) if len(others) == len(levels) else _UNLIKE


def _normalised(fingerprint: str) -> list[float]:
    """Levels less their mean, scaled to length 1; empty for an even or unreadable picture."""
    try:
        levels = base64.b64decode(fingerprint, validate=True)
    except ValueError:
        return []
    mean = sum(levels) / max(len(levels), 1)
    centred = [level - mean for level in levels]
    length = math.hypot(*centred)
    return [level / length for level in centred] if length > len(levels) * 0.01 else []
