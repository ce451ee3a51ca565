"""The labels of the chart, in a real browser: none lies over another, over a mark, or over a line."""

import os
from dataclasses import replace
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from tests.timeline import chart_courses as courses
from treatments.assessments.measurements.visibility import DEFAULT
from treatments.models import Patient
from treatments.timeline import density, facts
from treatments.timeline.chart import data as charting
from treatments.timeline.chart.drawing import ChartCourse, draw, draw_all, summary
from treatments.timeline.chart.label_placement import Placed, Room, Wish, place, place_all
from treatments.timeline.chart.text_metrics import Box, Words
from treatments.timeline.month_photos import Pictures

EVERY = [
    courses.published(),
    courses.begun(),
    courses.late_graded(),
    courses.year(),
    courses.estimates(),
    courses.on_the_day(),
    courses.stopped(),
    courses.long_course(60, 1),
    courses.long_course(600, 10),
    *courses.CROWDS,
]
PICTURE = "data:image/gif;base64,R0lGODlhAQABAAAAACw="

# Every text of the visible chart against every other, the edges of the page, and what no label may cross.
FAULTS = """() => {
  const svg = [...document.querySelectorAll("svg.chart")].find(s => getComputedStyle(s).display !== "none");
  const matrix = svg.getScreenCTM(), found = [], boxes = [], marks = [];
  const box = (left, top, right, bottom) => {
    const a = new DOMPoint(left, top).matrixTransform(matrix), b = new DOMPoint(right, bottom).matrixTransform(matrix);
    return {left: a.x, top: a.y, right: b.x, bottom: b.y};
  };
  const each = (css, pattern, make) => svg.querySelectorAll(css).forEach(path => {
    for (const m of (path.getAttribute("d") || "").matchAll(pattern)) {
      const [a, b, c] = m.slice(1).map(Number);
      marks.push([css, make(a, b, c, Number(path.getAttribute("stroke-width") || 0) / 2)]);
    }
  });
  const upright = (x, y, to) => box(x - 0.5, Math.min(y, to), x + 0.5, Math.max(y, to));
  each(".c-today, .c-ended", /M([-\\d.]+) ([-\\d.]+)V([-\\d.]+)/g, upright);
  each(".c-error", /M([-\\d.]+) ([-\\d.]+)V([-\\d.]+)/g, upright);
  each(".c-unknown", /M([-\\d.]+) ([-\\d.]+)V([-\\d.]+)/g, upright);
  each(".c-guide.zero", /M([-\\d.]+) ([-\\d.]+)H([-\\d.]+)/g, (x, y, to) => box(x, y - 0.5, to, y + 0.5));
  each(".c-points", /M([-\\d.]+) ([-\\d.]+)h/g, (x, y, _, r) => box(x - r, y - r, x + r, y + r));
  svg.querySelectorAll(".c-dot, .c-range, .c-event").forEach(e => {
    const b = e.getBBox();
    marks.push([e.getAttribute("class"), box(b.x, b.y, b.x + b.width, b.y + b.height)]);
  });
  const less = (a, b) => a < b - 0.5;
  const beside = (p, q) => !less(p.left, q.right) || !less(q.left, p.right);
  const meet = (p, q) => !beside(p, q) && less(p.top, q.bottom) && less(q.top, p.bottom);
  for (const text of svg.querySelectorAll("text")) {
    const spans = [...text.querySelectorAll("tspan[x]")];
    for (const part of spans.length ? spans : [text]) {
      const r = part.getBoundingClientRect(), b = text.getBBox();
      const {left, right, top, bottom} = spans.length ? r : box(b.x, b.y, b.x + b.width, b.y + b.height);
      // The box of a text reaches above its capitals and below its base line by about as much.
      boxes.push([part.textContent, {left, right, top: top + 2.5, bottom: bottom - 2.5}, text]);
    }
  }
  boxes.forEach(([a, p, text], i) => {
    if (p.left < 0 || p.right > innerWidth) found.push(`${a} leaves the page`);
    for (const [b, q] of boxes.slice(i + 1)) if (meet(p, q)) found.push(`${a} over ${b}`);
    if (!text.closest("a")) for (const [css, q] of marks) if (meet(p, q)) found.push(`${a} over ${css}`);
  });
  if (!boxes.length) found.push("no text at all");
  if (document.documentElement.scrollWidth > innerWidth) found.push("the page scrolls sideways");
  return found;
}"""


def show(page: Any, base: str, course: ChartCourse) -> None:
    sheets = "".join(
        f'<link rel="stylesheet" href="{base}/static/css/{name}.css">'
        for name in ("tokens", "base", "components", "pages", "chart")
    )
    shown = replace(course, photos=tuple(replace(photo, thumb_url=PICTURE) for photo in course.photos))
    page.set_content(f'{sheets}<main><div class="wrap">{draw_all(shown)}</div></main>')
    page.wait_for_function("document.fonts.check('12px Inter') && document.fonts.status === 'loaded'")
    assert page.evaluate("getComputedStyle(document.querySelector('svg text')).strokeWidth") == "6px"


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 820, 1440])
def test_no_label_lies_over_anything(new_page: Any, live_server: Any, width: int) -> None:
    page = new_page(width=width)
    page.goto(f"{live_server.url}/static/css/chart.css")
    for course in EVERY:
        show(page, live_server.url, course)
        assert page.evaluate(FAULTS) == [], summary(course)


@pytest.mark.browser
def test_no_demonstration_label_overlaps(new_page: Any, live_server: Any) -> None:
    """No label of the demonstration lies over anything."""
    with open(os.devnull, "w") as silence:
        call_command("demo", stdout=silence)
    page = new_page()
    page.goto(f"{live_server.url}/static/css/chart.css")
    drawn = 0
    for patient in Patient.objects.select_related("history").order_by("record_number"):
        record = facts.load(patient)
        changes = density.changes(record.standing_measurements, record.course, DEFAULT)
        course = charting.chart_course(record, changes, Pictures(record, DEFAULT), timezone.localdate())
        if course is None:
            continue
        drawn += 1
        for width in (390, 820, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            show(page, live_server.url, course)
            assert page.evaluate(FAULTS) == [], (patient.name, width)
    assert drawn >= 12


# The rule itself


def said(*lines: str) -> list[Words]:
    return [Words(line) for line in lines]


def test_best_wording_before_best_place() -> None:
    """A label takes the best wording before the best place."""
    room = Room(0, 200, 100, [Box(0, 0, 60, 100)])
    wish = Wish([said("a long wording"), said("short")], [(0, 20, "start"), (70, 20, "start")])

    found = place(room, wish)

    assert found == Placed(said("a long wording"), (70, 20, "start"), loss=1)


def test_a_label_without_room_is_left_out() -> None:
    wish = Wish([said("too long for this")], [(10, 20, "start"), (30, 20, "end")])

    assert place(Room(0, 40, 100), wish) is None
    assert place(Room(0, 400, 18), wish) is None
    assert place(Room(0, 400, 100), wish) is not None


def test_label_steps_aside_for_another() -> None:
    """Alone the first would take the only place of the second."""
    room = Room(-3, 120, 40)
    first = Wish([said("first")], [(0, 20, "start"), (60, 20, "start")])
    second = Wish([said("second")], [(0, 20, "start")])

    both = place_all(room, [first, second])

    assert [label.place[0] for label in both if label] == [60, 0]


@given(
    st.lists(st.tuples(st.floats(0, 300), st.floats(10, 90)), max_size=9),
    st.lists(st.tuples(st.floats(0, 300), st.floats(0, 90)), max_size=6),
)
def test_no_two_labels_meet(spots: list[tuple[float, float]], marks: list[tuple[float, float]]) -> None:
    """No two labels meet, whatever is wished."""
    room = Room(0, 300, 100, [Box(x - 5, y - 5, x + 5, y + 5) for x, y in marks])
    wishes = [Wish([said("+20 %", "likely"), said("+20 %")], [(x, y, "start"), (x, y, "end")]) for x, y in spots]

    placed = [label for label in place_all(room, wishes) if label]

    boxes = [label.box for label in placed]
    assert not any(a.meets(b) for n, a in enumerate(boxes) for b in [*boxes[n + 1 :], *room.taken])
    assert all(0 <= box.left and box.right <= 300 and box.bottom <= 100 for box in boxes)
    assert len(placed) >= min(1, len([w for w in wishes if place(room, w)]))


@pytest.mark.parametrize("kind", ["wide", "mid", "narrow"])
@pytest.mark.parametrize("course", courses.CROWDS[9:], ids=lambda course: f"{len(course.density)} figures")
def test_unwritten_labels_are_in_the_table(course: ChartCourse, kind: Any) -> None:
    """What is not written is announced as being in the table."""
    short = replace(course, density=tuple(replace(point, verdict_label="Visible") for point in course.density))
    drawn = draw(short, kind)

    left_out = len(course.density) - drawn.count("isible<")
    assert (f">{left_out} more in the table<" in drawn) is (left_out > 0)
