"""The labels of the chart, in a real browser: none lies over another, over a mark, or over a line."""

import os
from dataclasses import replace
from itertools import pairwise
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
from treatments.timeline.chart.drawing import draw, draw_all
from treatments.timeline.chart.labels import GAP, Label, Line, fit, two_rows
from treatments.timeline.chart.text import summary
from treatments.timeline.chart.types import ChartCourse
from treatments.timeline.month_photos import PhotoComparisons

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
@pytest.mark.slow
def test_no_demonstration_label_overlaps(new_page: Any, live_server: Any) -> None:
    """No label of the demonstration lies over anything."""
    with open(os.devnull, "w") as silence:
        call_command("demo", stdout=silence)
    page = new_page()
    page.goto(f"{live_server.url}/static/css/chart.css")
    drawn = 0
    for patient in Patient.objects.select_related("history").order_by("record_number"):
        record = facts.load(patient)
        changes = density.changes(record, DEFAULT)
        course = charting.chart_course(record, changes, PhotoComparisons(record, DEFAULT), timezone.localdate())
        if course is None:
            continue
        drawn += 1
        for width in (390, 820, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            show(page, live_server.url, course)
            assert page.evaluate(FAULTS) == [], (patient.name, width)
    assert drawn >= 12


# The rule itself


def labels_at(*places: float) -> list[Label]:
    return [Label(x, [Line("+20 %", "c-val"), Line("likely visible")], number) for number, x in enumerate(places)]


def test_neighbours_are_pushed_apart_little() -> None:
    """Neighbours are pushed apart as little as possible."""
    labels = labels_at(100, 130, 400)

    assert fit(labels, (0, 600))

    first, second, third = labels
    assert second.middle - first.middle == pytest.approx(first.width + GAP)
    assert (first.middle + second.middle) / 2 == pytest.approx(115)
    assert third.middle == 400


def test_labels_keep_within_the_bounds() -> None:
    labels = labels_at(5, 598)

    assert fit(labels, (0, 600))
    assert labels[0].middle == labels[0].width / 2
    assert labels[1].middle == 600 - labels[1].width / 2
    assert not fit(labels_at(20), (0, 40))


def test_a_label_off_its_mark_does_not_fit() -> None:
    assert not fit(labels_at(300, 301, 302, 303), (0, 600))


def test_second_row_takes_every_other_label() -> None:
    """Every other label is in the lower row where one row is not enough."""
    assert [len(row) for row in two_rows(labels_at(100, 300, 500), (0, 600))] == [3, 0]

    above, below = two_rows(labels_at(100, 150, 200, 250), (0, 600))

    assert [label.number for label in above] == [1, 3]
    assert [label.number for label in below] == [0, 2]


def test_earliest_labels_are_left_out() -> None:
    """The earliest labels are left out where two rows are not enough."""
    above, below = two_rows(labels_at(*range(100, 200, 5)), (0, 600))

    assert above and not below
    assert above[-1].number == 19


@given(st.lists(st.floats(0, 300), max_size=9).map(sorted))
def test_no_two_labels_meet(places: list[float]) -> None:
    """No two labels meet, wherever their marks are."""
    for row in two_rows(labels_at(*places), (0, 300)):
        for label in row:
            assert 0 <= label.middle - label.width / 2 and label.middle + label.width / 2 <= 300 + 1e-6
            assert abs(label.middle - label.x) <= label.width / 2 + GAP
        for before, after in pairwise(row):
            assert after.middle - before.middle >= (before.width + after.width) / 2 + GAP - 1e-6


@pytest.mark.parametrize("kind", ["wide", "mid", "narrow"])
@pytest.mark.parametrize("course", courses.CROWDS[9:], ids=lambda course: f"{len(course.density)} figures")
def test_unwritten_labels_are_in_the_table(course: ChartCourse, kind: Any) -> None:
    """What is not written is announced as being in the table."""
    short = replace(course, density=tuple(replace(point, verdict_label="Visible") for point in course.density))
    drawn = draw(short, kind)

    left_out = len(course.density) - drawn.count("isible<")
    assert (f">{left_out} more in the table<" in drawn) is (left_out > 0)
