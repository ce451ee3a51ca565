"""Try every quality gate on pictures whose blur, light, size, date and origin are known, and count what it says.

    python scripts/measure_gates.py            print the tables
    python scripts/measure_gates.py --write    and put them into docs/photos.md

All pictures are computed: the demonstration's rendered heads, and scalps drawn here in the six skin types. Nothing is
known from this about photographs of patients but that a gate which fails here would fail there too.
"""

import io
import random
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Final

from PIL import Image, ImageChops, ImageDraw, ImageFilter

TOP = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOP))

from treatments.photos.file_dates import FileDate  # noqa: E402 -- only after the line above
from treatments.photos.quality.checks import judge  # noqa: E402
from treatments.photos.quality.measures import MEASURED_SIDE, Measures, measure  # noqa: E402

DOCUMENT: Final = TOP / "docs/photos.md"
BEGIN, END = "<!-- scripts/measure_gates.py -->", "<!-- end -->"
HEADS: Final = TOP / "treatments/demonstration/photos"
VISIT: Final = date(2026, 3, 2)
SCALPS: Final = 5
"""Drawn people of each skin type."""

SKIN: Final = {
    "I": (243, 214, 197),
    "II": (231, 190, 166),
    "III": (209, 163, 134),
    "IV": (171, 121, 90),
    "V": (122, 80, 56),
    "VI": (70, 46, 36),
}
"""Fitzpatrick's types, rightly exposed, sRGB."""
GROUPS: Final = {
    "heads, light skin, dark hair": "ab",
    "heads, light skin, grey hair": "d",
    "heads, dark skin": "c",
    "scalps, skin I to III": ("I", "II", "III"),
    "scalps, skin IV to VI": ("IV", "V", "VI"),
}
Change = Callable[[Image.Image], Image.Image]


@dataclass(frozen=True)
class Visit:
    """A follow-up photo as it should be, what was measured on the first visit, and the pictures of others."""

    picture: Image.Image
    first: Measures
    others: list[tuple[str, str]] = field(default_factory=list)
    measured: dict[Change, Measures] = field(default_factory=dict)

    def after(self, change: Change) -> Measures:
        """What is measured once this was done to the picture; the same change is asked for by several gates."""
        if change not in self.measured:
            self.measured[change] = measured_of(change(self.picture))
        return self.measured[change]


def as_taken(picture: Image.Image) -> Image.Image:
    return picture


@dataclass(frozen=True)
class Step:
    """One known change, and whether one of the gates ought to speak: None where either is defensible."""

    gate: str
    told: str
    wanted: bool | None
    change: Change = as_taken
    view: str = "vertex"
    first_visit: bool = False
    days: int = 0
    against: str = ""


# --- pictures ---------------------------------------------------------------------------------------


def heads(people: str) -> Iterator[Visit]:
    """Every follow-up of these people against their own Month 0 of the same view."""
    paths = sorted(path for path in HEADS.glob("*-month*.jpg") if path.name[0] in people)
    pictures = {path.stem: Image.open(path).convert("RGB") for path in paths}
    measured = {name: measured_of(picture) for name, picture in pictures.items()}
    for name, picture in pictures.items():
        person_and_view, _, month = name.rpartition("-month")
        if month != "00":
            others = [(other, measured[other]["fingerprint"]) for other in measured if other != name]
            yield Visit(picture, measured[f"{person_and_view}-month00"], others)


def scalps(types: tuple[str, ...]) -> Iterator[Visit]:
    """Clipped hair on skin that fills the picture: nothing but the skin says how bright it is."""
    for kind in types:
        for person in range(SCALPS):
            first, later = scalp(kind, person, visit=0), scalp(kind, person, visit=1)
            strangers = [scalp(kind, other, visit=0) for other in range(SCALPS) if other != person][:2]
            others = [("own first", first), *(("stranger", stranger) for stranger in strangers)]
            known = [(name, measured_of(picture)["fingerprint"]) for name, picture in others]
            yield Visit(later, measured_of(first), known)


def scalp(kind: str, person: int, *, visit: int) -> Image.Image:
    """30 x 22 mm at 1600 px; a follow-up is turned, moved, lit and grown a little differently."""
    hairs = random.Random(f"{kind} {person}")  # noqa: S311 - a picture, not a secret
    drift = random.Random(f"{kind} {person} {visit}")  # noqa: S311
    size = (1600, 1200)
    light = Image.radial_gradient("L").resize(size).point(lambda level: 255 - level // 4)
    picture = ImageChops.multiply(Image.new("RGB", size, SKIN[kind]), Image.merge("RGB", [light] * 3))
    pen = ImageDraw.Draw(picture)
    turn, right, down = (drift.uniform(-limit, limit) * bool(visit) for limit in (0.05, 25, 25))
    for _ in range(900):
        x, y, dx = hairs.uniform(0, 1600), hairs.uniform(0, 1200), hairs.uniform(-20, 20)
        dy, shade, width = hairs.uniform(25, 55), hairs.randrange(8, 40), hairs.choice((3, 4, 5))
        x, y = x + right - turn * (y - 600), y + down + turn * (x - 800)
        pen.line(
            [(x, y), (x + dx, y + dy + drift.uniform(-4, 4))], fill=(shade, shade * 3 // 4, shade // 2), width=width
        )
    grain = Image.frombytes("L", size, drift.randbytes(1600 * 1200)).point(lambda level: 128 + (level - 128) // 18)
    noisy = ImageChops.add(picture, Image.merge("RGB", [grain] * 3), scale=1, offset=-128)
    return exposed(drift.uniform(-0.2, 0.2) * bool(visit))(noisy.filter(ImageFilter.GaussianBlur(0.7)))


def measured_of(picture: Image.Image) -> Measures:
    return measure(picture, long_side=max(picture.size))


# --- what is done to them ---------------------------------------------------------------------------


@cache
def blurred(px: float) -> Change:
    """Out of focus: a Gaussian of `px` at the 1024 px at which the gates measure."""
    return lambda picture: picture.filter(ImageFilter.GaussianBlur(px * max(picture.size) / MEASURED_SIDE))


@cache
def moved(px: int) -> Change:
    """The camera was moved along a line during the exposure; px at 1024."""

    def change(picture: Image.Image) -> Image.Image:
        mean = picture
        for place in range(1, round(px * max(picture.size) / MEASURED_SIDE) + 1):
            mean = Image.blend(mean, ImageChops.offset(picture, place, place // 2), 1 / (place + 1))
        return mean

    return change


@cache
def exposed(stops: float) -> Change:
    """More or less light by so many stops, in linear light, cut off at white."""
    levels = [_encoded(min(1.0, _linear(level / 255) * 2**stops)) for level in range(256)]
    return lambda picture: picture.point(levels * 3)


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


def _encoded(value: float) -> int:
    return round(255 * (12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055))


@cache
def sized(longest: int) -> Change:
    def change(picture: Image.Image) -> Image.Image:
        scale = longest / max(picture.size)
        size = (round(picture.width * scale), round(picture.height * scale))
        return picture.resize(size, Image.Resampling.BICUBIC)

    return change


def saved_again(picture: Image.Image) -> Image.Image:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=60)
    return Image.open(out).convert("RGB")


def next_in_burst(picture: Image.Image) -> Image.Image:
    return ImageChops.offset(picture, 2, 1).filter(ImageFilter.GaussianBlur(0.5))


def cut(picture: Image.Image) -> Image.Image:
    width, height = picture.size
    return picture.crop((width * 3 // 100, height * 3 // 100, width * 97 // 100, height * 97 // 100))


STEPS: Final = (
    Step("blur", "as taken, beside the first visit", False),
    Step("blur", "out of focus by 1 px", None, blurred(1)),
    Step("blur", "out of focus by 2.5 px", True, blurred(2.5)),
    Step("blur", "out of focus by 5 px", True, blurred(5)),
    Step("blur", "moved by 6 px", True, moved(6)),
    Step("blur", "moved by 15 px", True, moved(15)),
    Step("blur", "as taken, a first visit", False, first_visit=True),
    Step("blur", "out of focus by 2.5 px, a first visit", True, blurred(2.5), first_visit=True),
    Step("blur", "out of focus by 5 px, a first visit", True, blurred(5), first_visit=True),
    Step("light", "as taken, beside the first visit", False),
    Step("light", "2 stops darker", True, exposed(-2)),
    Step("light", "1.5 stops darker", True, exposed(-1.5)),
    Step("light", "1 stop darker", None, exposed(-1)),
    Step("light", "0.5 stop darker", False, exposed(-0.5)),
    Step("light", "0.5 stop brighter", False, exposed(0.5)),
    Step("light", "1 stop brighter", None, exposed(1)),
    Step("light", "1.5 stops brighter", True, exposed(1.5)),
    Step("light", "2 stops brighter", True, exposed(2)),
    Step("light", "as taken, a first visit", False, first_visit=True),
    Step("light", "2 stops darker, a first visit", True, exposed(-2), first_visit=True),
    Step("over_exposed", "as taken", False),
    Step("over_exposed", "1 stop brighter", None, exposed(1)),
    Step("over_exposed", "2 stops brighter", True, exposed(2)),
    Step("over_exposed", "3 stops brighter", True, exposed(3)),
    Step("light over_exposed", "1.5 stops brighter", True, exposed(1.5)),
    Step("light over_exposed", "2 stops brighter", True, exposed(2)),
    Step("resolution", "1600 px on the longer side", False, sized(1600)),
    Step("resolution", "1599 px", True, sized(1599)),
    Step("resolution", "999 px", True, sized(999)),
    Step("capture_date", "camera and clinic name the same day", False),
    Step("capture_date", "1 day apart", False, days=1),
    Step("capture_date", "2 days apart", True, days=2),
    Step("capture_date", "a year apart", True, days=-365),
    Step("same_picture", "another visit", False),
    Step("same_picture", "the same, saved again as JPEG at quality 60", True, saved_again, against="itself"),
    Step("same_picture", "the same, 800 px", True, sized(800), against="itself"),
    Step("same_picture", "the same, half a stop brighter", True, exposed(0.5), against="itself"),
    Step("same_picture", "the next of a burst, 2 px away", None, next_in_burst, against="itself"),
    Step("same_picture", "the same, 3 % cut off each edge", True, cut, against="itself"),
)
CLOSE_UPS: Final = (
    Step("blur", "trichoscopy, as taken", False, view="trichoscopy"),
    Step("blur", "trichoscopy, out of focus by 2.5 px", True, blurred(2.5), view="trichoscopy"),
    Step("blur", "trichoscopy, out of focus by 5 px", True, blurred(5), view="trichoscopy"),
)
TITLES: Final = {
    "blur": "Blur",
    "light": "Light, against the first visit",
    "over_exposed": "Burnt out",
    "light over_exposed": "One of these two",
    "resolution": "Size",
    "capture_date": "Date",
    "same_picture": "Same exposure saved again",
}


# --- counting ---------------------------------------------------------------------------------------


def visits_of(group: str) -> list[Visit]:
    members = GROUPS[group]
    return list(heads(members) if isinstance(members, str) else scalps(members))


def is_flagged(step: Step, visit: Visit) -> bool:
    others = visit.others if step.gate == "same_picture" else []
    if step.against == "itself":
        others = [*others, ("itself", visit.after(as_taken)["fingerprint"])]
    results = judge(
        visit.after(step.change),
        view=step.view,
        baseline_measures=None if step.first_visit else visit.first,
        taken_on=VISIT,
        in_file=FileDate(VISIT + timedelta(days=step.days), None, None, "exif_original", "camera"),
        others=others,
    )
    return any(result.verdict == "warn" for result in results if result.code in step.gate.split())


def counted(group: str) -> list[str]:
    """One cell a step: "warned/shown"; "–" where the pictures of the group are no such view."""
    visits, cells = visits_of(group), []
    for step in (*STEPS, *CLOSE_UPS):
        if step in CLOSE_UPS and group.startswith("heads"):
            cells.append("–")
            continue
        cells.append(f"{sum(is_flagged(step, visit) for visit in visits)}/{len(visits)}")
    return cells


def levels(kinds: Iterable[str] = SKIN) -> list[str]:
    """What an absolute rule for dark pictures would have to tell apart."""
    rows = ["| skin type | middle grey level, rightly exposed | 1.3 stops too dark | warned, rightly exposed |"]
    rows.append("|---|---|---|---|")
    for kind in kinds:
        pictures = [scalp(kind, person, visit=0) for person in range(SCALPS)]
        right = sorted(measured_of(picture)["median"] for picture in pictures)[SCALPS // 2]
        dark = sorted(measured_of(exposed(-1.3)(picture))["median"] for picture in pictures)[SCALPS // 2]
        of_any = Step(" ".join(TITLES), "as taken", False, first_visit=True)
        said = sum(is_flagged(of_any, Visit(picture, measured_of(picture))) for picture in pictures)
        rows.append(f"| {kind} | {right} | {dark} | {said}/{SCALPS} |")
    return rows


def table(columns: dict[str, list[str]]) -> list[str]:
    rows = [f"| gate | picture | should warn | {' | '.join(columns)} |", "|---" * (3 + len(columns)) + "|"]
    for number, step in enumerate((*STEPS, *CLOSE_UPS)):
        wanted = {True: "yes", False: "no", None: "either"}[step.wanted]
        cells = " | ".join(cells[number] for cells in columns.values())
        rows.append(f"| {TITLES[step.gate]} | {step.told} | {wanted} | {cells} |")
    return rows


def main(arguments: list[str]) -> int:
    text = "\n".join(table({group: counted(group) for group in GROUPS}) + [""] + levels())
    print(text)
    if "--write" in arguments:
        document = DOCUMENT.read_text()
        head, _, rest = document.partition(BEGIN)
        _, _, tail = rest.partition(END)
        DOCUMENT.write_text(f"{head}{BEGIN}\n\n{text}\n\n{END}{tail}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
