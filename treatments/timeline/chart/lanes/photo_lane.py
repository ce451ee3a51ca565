"""The photo lane: a short tick for every day with photos, and whole frames of as many as have room, the first and the
last among them."""

from itertools import pairwise

from treatments.records.formatting import count, uncapitalised
from treatments.timeline.chart.canvas import FINGER, Canvas, Place, escape, px
from treatments.timeline.chart.labels import Label, balance, latest_that_fit
from treatments.timeline.chart.text import at_month, joined
from treatments.timeline.chart.time_scale import spread
from treatments.timeline.chart.types import ChartCourse, PhotoMark

MOST_PHOTOS = 12
PHOTO_GAP = 4  # px between two thumbnails


def draw_photos(canvas: Canvas, course: ChartCourse, top: float) -> int:
    """Gives the y below the lane. Thumbnails are a little smaller where that shows more of them."""
    xs = canvas.xs(course.photos)
    if not xs:
        return canvas.empty_lane(top, "Photos", "none yet")
    shown = spread(xs, max(FINGER + PHOTO_GAP, (xs[-1] - xs[0]) / (MOST_PHOTOS - 1)))
    sets = count(len(xs), "set")
    begins = canvas.open_lane(top, "Photos", [sets if len(xs) == len(shown) else f"{sets}, {len(shown)} shown"])
    canvas.marks("M{x:g} {y:g}v5", [(x, begins) for x in xs], "c-taken")
    room = min((xs[after] - xs[before] for before, after in pairwise(shown)), default=canvas.form.width) - PHOTO_GAP
    side = min(canvas.form.photo, int(room))
    labels: list[Label] = []
    for photo, place in ((course.photos[number], xs[number]) for number in shown):
        x = min(place, canvas.form.width - side / 2 - 2)
        _draw_photo(canvas, course, photo, (x - side / 2, begins + 8), side)
        if photo.word:
            labels.append(Label.of(x, balance(uncapitalised(photo.word), min(room, 2 * side)), "c-sub"))
    written = latest_that_fit(labels, canvas.bounds)
    bottom = canvas.labels(written, begins + 8 + side)
    return canvas.close_lane(bottom + 8, len(labels) - len(written))


def _draw_photo(canvas: Canvas, course: ChartCourse, photo: PhotoMark, corner: Place, side: int) -> None:
    """The whole frame, never cropped; a grey square where the file cannot be shown."""
    x, y = corner
    where = f'x="{px(x)}" y="{px(y)}" width="{side}" height="{side}"'
    inside = f'<image href="{escape(photo.thumb_url)}" {where}/>'
    if not photo.thumb_url:
        middle = f'x="{px(x + side / 2)}" y="{px(y + side / 2 + 4)}"'
        inside = f'<rect {where} class="c-blank"/><text {middle} class="c-sub" text-anchor="middle">photos</text>'
    parts = ("Photos", at_month(course, photo.day), photo.label.removeprefix("Photos: "), uncapitalised(photo.word))
    canvas.link(photo.url, joined(parts), (x - 2, y - 2, side + 4, side + 4), inside)
