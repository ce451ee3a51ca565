"""Remarks on quality: where each bound lies, and that nothing ever becomes a refusal."""

import io
import json
from dataclasses import asdict
from datetime import date, timedelta

import pytest
from PIL import Image, ImageDraw, ImageFilter

from tests.photos.corpus import scene
from treatments.photos.file_dates import FileDate
from treatments.photos.quality import checks
from treatments.photos.quality.checks import QualityCheck, judge
from treatments.photos.quality.measures import MEASURED_SIDE, Measures, measure
from treatments.templatetags.photos import check_figures

VISIT = date(2026, 3, 2)
CODES = ["blur", "over_exposed", "light", "resolution", "capture_date", "same_picture"]


def head(seed: int, *, hairs: int = 5000) -> Image.Image:
    return scene(seed, 1600, 1200, hairs=hairs)


def measured(picture: Image.Image) -> Measures:
    return measure(picture, long_side=max(picture.size))


def made_up(**changes: object) -> Measures:
    base = measured(Image.radial_gradient("L").convert("RGB"))
    base.update({"long_side": 4032, "reblur": 15.0, "over_exposed": 0.0, "median": 100})
    return base | changes  # type: ignore[return-value]


def by_camera(day: date) -> FileDate:
    return FileDate(day, None, None, "exif_original", "camera")


def check(code: str, measures: Measures, **given: object) -> QualityCheck:
    arguments = {
        "view": "vertex",
        "baseline_measures": None,
        "taken_on": VISIT,
        "in_file": by_camera(VISIT),
        "others": [],
    }
    results = {result.code: result for result in judge(measures, **(arguments | given))}
    assert list(results) == CODES
    return results[code]


@pytest.mark.parametrize("seed", range(6))
def test_blur_against_the_patients_baseline(seed: int) -> None:
    """Blur differs from sharp by the patient's own baseline."""
    baseline, followup = measured(head(seed)), head(seed + 100, hairs=6000)
    assert check("blur", measured(followup), baseline_measures=baseline).verdict == "ok"
    blurred = measured(followup.filter(ImageFilter.GaussianBlur(2.5)))
    assert check("blur", blurred, baseline_measures=baseline).verdict == "warn"


def test_more_blur_measures_lower() -> None:
    picture = head(1)
    ratios = [measured(picture.filter(ImageFilter.GaussianBlur(radius)))["reblur"] for radius in (0, 1, 2, 4, 8)]
    assert ratios == sorted(ratios, reverse=True)
    assert ratios[0] > 8 and 1 <= ratios[-1] < 1.3


def test_blur_has_one_scale_for_cameras() -> None:
    """Blur is measured at one scale, whatever the camera."""
    large = head(2).resize((3200, 2400), Image.Resampling.LANCZOS)
    small = large.resize((MEASURED_SIDE, 768), Image.Resampling.LANCZOS)
    assert measured(large)["reblur"] == pytest.approx(measured(small)["reblur"], rel=0.02)


@pytest.mark.parametrize(
    ("view", "reblur", "baseline", "verdict"),
    [
        ("vertex", 9.0, 15.0, "ok"),
        ("vertex", 8.99, 15.0, "warn"),
        ("vertex", 5.0, None, "unknown"),  # no absolute rule: it depends on what is in the picture
        ("vertex", 1.8, None, "unknown"),
        ("vertex", 1.79, None, "warn"),
        ("vertex", 1.79, 2.0, "warn"),
        ("vertex", None, 15.0, "unknown"),
        ("vertex", 12.0, "none measured", "unknown"),
        ("trichoscopy", 2.3, None, "ok"),
        ("trichoscopy", 2.29, None, "warn"),
        ("trichoscopy", 2.4, 15.0, "ok"),
    ],
)
def test_bounds_of_blur(view: str, reblur: float | None, baseline: float | str | None, verdict: str) -> None:
    earlier = None
    if baseline is not None:
        earlier = made_up(reblur=None if baseline == "none measured" else baseline)
    assert check("blur", made_up(reblur=reblur), view=view, baseline_measures=earlier).verdict == verdict


def test_even_picture_is_not_blurred() -> None:
    """An even picture is not called blurred."""
    even = measured(Image.new("RGB", (800, 600), (120, 90, 80)))
    assert check("blur", even).verdict == "unknown"
    assert check("same_picture", even, others=[("a", even["fingerprint"])]).verdict == "unknown"


@pytest.mark.parametrize("share", [0.0, 0.02, 0.0201, 0.10, 0.11, 1.0])
def test_bounds_of_over_exposure(share: float) -> None:
    result = check("over_exposed", made_up(over_exposed=share))
    assert result.verdict == ("warn" if share > 0.02 else "ok")
    assert ("shows no detail" in result.sentence) == (share > 0.10)


def test_over_exposure_in_any_channel() -> None:
    """Over-exposure is measured in the middle and in any channel."""
    dark = Image.new("RGB", (1000, 800), (60, 50, 40))
    rim = dark.copy()
    rim.paste((255, 255, 255), (0, 0, 1000, 150))
    assert measured(rim)["over_exposed"] == 0
    middle = dark.copy()
    middle.paste((252, 90, 80), (450, 360, 550, 440))
    assert measured(middle)["over_exposed"] == pytest.approx(100 * 80 / (600 * 480), rel=0.03)


@pytest.mark.parametrize(
    ("median", "baseline", "verdict"),
    [(60, 100, "ok"), (59, 100, "warn"), (160, 100, "ok"), (161, 100, "warn"), (3, None, "unknown"), (3, 0, "unknown")],
)
def test_bounds_of_light(median: int, baseline: int | None, verdict: str) -> None:
    earlier = None if baseline is None else made_up(median=baseline)
    assert check("light", made_up(median=median), baseline_measures=earlier).verdict == verdict


def test_dark_skin_gets_no_light_remark() -> None:
    """Dark skin, rightly exposed, gets no remark on light."""
    dark = head(3).point(lambda level: level * 0.28)
    first, again = measured(dark), measured(dark.point(lambda level: level * 1.1))
    assert first["median"] < 60
    assert check("light", first).verdict == "unknown"
    assert check("over_exposed", first).verdict == "ok"
    assert check("light", again, baseline_measures=first).verdict == "ok"


@pytest.mark.parametrize(
    ("side", "view", "verdict"),
    [
        (1600, "vertex", "ok"),
        (1599, "vertex", "warn"),
        (999, "frontal", "warn"),
        (900, "trichoscopy", "unknown"),  # what counts there is px per mm, which the clinic gives
        (1599, "target_macro", "warn"),
    ],
)
def test_bounds_of_resolution(side: int, view: str, verdict: str) -> None:
    assert check("resolution", made_up(long_side=side), view=view).verdict == verdict


@pytest.mark.parametrize(
    ("days", "verdict"),
    [(0, "ok"), (1, "ok"), (-1, "ok"), (2, "warn"), (-2, "warn"), (-400, "warn"), (None, "unknown")],
)
def test_bounds_of_the_capture_date(days: int | None, verdict: str) -> None:
    camera = None if days is None else by_camera(VISIT + timedelta(days=days))
    result = check("capture_date", made_up(), in_file=camera)
    assert (result.verdict, result.value) == (verdict, days)


@pytest.mark.parametrize(("days", "verdict"), [(0, "ok"), (30, "unknown"), (-1, "ok"), (-2, "warn")])
def test_bounds_of_the_file_date(days: int, verdict: str) -> None:
    """A file may be saved long after its photo was taken, and not before."""
    saved = FileDate(VISIT + timedelta(days=days), None, None, "exif_modified", "file")
    assert check("capture_date", made_up(), in_file=saved).verdict == verdict


def test_capture_date_says_how_it_differs() -> None:
    """The capture date says which way it is off."""
    result = check("capture_date", made_up(), in_file=by_camera(date(2026, 2, 20)))
    assert "20 February 2026, 10 days before" in result.sentence


def _saved_again(picture: Image.Image) -> dict[str, Image.Image]:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=60)
    return {
        "encoded again": Image.open(buffer).convert("RGB"),
        "smaller": picture.resize((800, 600), Image.Resampling.LANCZOS),
        "brighter": picture.point(lambda level: level * 1.15 + 4),
    }


@pytest.mark.parametrize("seed", range(3))
def test_the_same_exposure_is_known_again(seed: int) -> None:
    picture = head(seed)
    others = [("other", measured(head(seed + 50))["fingerprint"]), ("mine", measured(picture)["fingerprint"])]
    for how, copy in _saved_again(picture).items():
        result = check("same_picture", measured(copy), others=others)
        assert (result.verdict, result.photo_id) == ("warn", "mine"), how


@pytest.mark.parametrize("light", [0.3, 0.2])
def test_same_exposure_on_dark_skin(light: float) -> None:
    """Few levels apart: rounded to them, a copy fell below the bound."""
    picture = head(4).point(lambda level: level * light)
    mine = [("mine", measured(picture)["fingerprint"])]
    for how, copy in _saved_again(picture).items():
        assert check("same_picture", measured(copy), others=mine).verdict == "warn", how
    other = measured(head(54).point(lambda level: level * light))
    assert check("same_picture", other, others=mine).verdict == "ok"


def test_other_picture_is_not_the_same() -> None:
    """Another picture is not called the same."""
    chance = [(n, measured(scene(n, 1600, 1200, hairs=1500))["fingerprint"]) for n in range(10, 16)]
    result = check("same_picture", measured(scene(9, 1600, 1200, hairs=1500)), others=chance)
    assert (result.verdict, result.photo_id) == ("ok", None)
    assert check("same_picture", made_up()).verdict == "ok"


def test_unreadable_fingerprint_is_skipped() -> None:
    """A fingerprint that cannot be read is passed over."""
    mine = measured(head(1))
    others = [("a", ""), ("b", "%%%"), ("c", "AAAA"), ("d", mine["fingerprint"])]
    assert check("same_picture", mine, others=others).photo_id == "d"


def test_baseline_of_other_rules_is_skipped() -> None:
    """A baseline measured by other rules is not compared with."""
    other = made_up(version="0", reblur=90.0, median=5)
    assert check("blur", made_up(), baseline_measures=other).verdict == "unknown"
    assert check("light", made_up(), baseline_measures=other).verdict == "unknown"


def test_results_as_json_with_version() -> None:
    """Results and measures go into JSON with threshold and version."""
    mine = measured(head(1))
    assert json.loads(json.dumps(mine)) == mine
    for result in judge(
        mine,
        view="vertex",
        baseline_measures=mine,
        taken_on=VISIT,
        in_file=by_camera(VISIT),
        others=[(1, mine["fingerprint"])],
    ):
        kept = json.loads(json.dumps(asdict(result)))
        assert kept["version"] == checks.RULES_VERSION
        assert kept["threshold"] is not None
        assert kept["verdict"] in ("ok", "warn", "unknown")
        assert kept["sentence"].endswith(".")


def before_a_wall(light: float, *, head_level: int = 60) -> Image.Image:
    """A dark head before a wall lit from one side, at `light` times the usual linear light."""
    side = (
        Image.linear_gradient("L").rotate(90).resize((1600, 1200)).point(lambda level: 0.45 + 0.15 * level / 255, "F")
    )
    wall = side.point(lambda value: value * light)
    levels = Image.frombytes(
        "L", wall.size, bytes(round(255 * value ** (1 / 2.2)) for value in wall.get_flattened_data())
    )
    picture = Image.merge("RGB", [levels] * 3)
    ImageDraw.Draw(picture).ellipse((350, 100, 1250, 1100), fill=(head_level,) * 3)
    return picture


def test_light_behind_the_head() -> None:
    """The light behind the head is measured, and more hair is not taken for less light."""
    usual, brighter = (measured(before_a_wall(light))["backdrop"] for light in (1.0, 1.3))
    assert usual and brighter
    assert brighter / usual == pytest.approx(1.3, rel=0.05)
    assert measured(before_a_wall(1.0, head_level=20))["backdrop"] == usual


def test_no_even_wall_no_light() -> None:
    """Without an even wall no light is measured."""
    assert measured(scene(3, 1600, 1200))["backdrop"] is None  # hair and a red block in the corners
    assert measured(Image.new("RGB", (1600, 1200), "white"))["backdrop"] is None  # burnt out
    half = before_a_wall(1.0)
    half.paste((40, 40, 40), (0, 800, 1600, 1200))  # shoulders
    assert measured(half)["backdrop"] is None


@pytest.mark.parametrize(
    ("code", "value", "limit", "told"),
    [
        ("over_exposed", 0.00555, 0.02, "measured 0.555 % of the picture, limit 2 %"),
        ("light", 1.02, 1.6, "measured 102 % as bright as the earlier photo, limit 160 %"),
        ("resolution", 1600, 1600, "measured 1600 px, limit 1600 px"),
        ("same_picture", 0.9812, 0.995, "measured 98.1 % alike, limit 99.5 %"),
        ("capture_date", 3, 1, "measured 3 days, limit 1 day"),
        ("blur", 18.53, None, "measured 18.5"),
        ("colours", None, None, ""),
    ],
)
def test_what_was_measured_has_its_unit(code, value, limit, told):
    assert check_figures(QualityCheck(code, value, limit, "ok", "A sentence.")) == told
