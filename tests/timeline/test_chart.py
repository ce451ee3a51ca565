"""The course chart: what it says, where it puts things, and what it must never contain."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.template.loader import render_to_string
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.timeline import chart_courses as courses
from treatments.records.months import add_months
from treatments.timeline.chart.canvas import FORMATS
from treatments.timeline.chart.drawing import draw, draw_all
from treatments.timeline.chart.labels import balance, text_width, wrap
from treatments.timeline.chart.table import rows
from treatments.timeline.chart.text import summary
from treatments.timeline.chart.time_scale import TimeAxis, cluster, month_name, rooms, round_values, span_of, spread
from treatments.timeline.chart.types import (
    ChartCourse,
    DensityPoint,
    EventMark,
    PhotoMark,
    PlannedWindow,
    SessionTick,
    StagePoint,
)

WIDTHS = ("wide", "mid", "narrow")
SVG = "{http://www.w3.org/2000/svg}"
START = date(2025, 1, 14)
EVERY = [
    courses.published(),
    courses.begun(),
    courses.late_graded(),
    courses.year(),
    courses.long_course(60, 1),
    courses.long_course(600, 10),
]


def drawing(course: ChartCourse, kind: str = "wide") -> ET.Element:
    return ET.fromstring(draw(course, kind))  # noqa: S314  (our own drawing)


def texts(course: ChartCourse, kind: str = "wide") -> list[str]:
    return ["".join(each.itertext()) for each in drawing(course, kind).iter("text")]


def with_class(course: ChartCourse, name: str, kind: str = "wide") -> list[ET.Element]:
    return [e for e in drawing(course, kind).iter() if name in e.get("class", "").split()]


def labels(course: ChartCourse, kind: str = "wide") -> list[str]:
    return [a.get("aria-label", "") for a in drawing(course, kind).iter("a")]


def points(element: ET.Element) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"M(-?[\d.]+) (-?[\d.]+)", element.get("d", ""))]


# What it says


def test_the_title_tells_the_published_case():
    assert summary(courses.published()) == (
        "Course from Month 0 to Month 9; Month 0 is 14 Jan 2025."
        " Stage, Norwood: III vertex at Month 0; not regraded since Month 0."
        " Density against the baseline: noticeably thicker, no figure recorded at Month 3;"
        " +20–25 %, visual estimate: not a measurement at Month 5."
        " 5 sessions, 3 mL each, Month 0 to 4."
        " 6 adverse events, all grade 1, none serious, none not resolved; asked once with none to report."
        " Photos at Month 0, 3 and 5."
        " Planned: maintenance due, Month 6 to Month 9."
    )


def test_the_title_follows_the_data():
    course = courses.published()
    changed = replace(course, stages=(), events=course.events[:1], asked_none=(), photos=(), planned=())
    told = summary(changed)
    assert "Stage, Norwood: not graded." in told
    assert "1 adverse event, grade 1, none serious, none not resolved." in told
    assert "No photos." in told
    assert "Planned" not in told


def test_blank_is_not_none():
    nothing = courses.begun()
    assert "No adverse event recorded, and none asked for." in summary(nothing)
    assert "none recorded" in texts(nothing)
    asked = replace(nothing, asked_none=(nothing.baseline,))
    assert "No adverse event, asked once with none to report." in summary(asked)
    assert "none recorded" not in texts(asked)
    assert "asked, none" in texts(asked)


@pytest.mark.parametrize(
    ("before", "after", "word"),
    [(("IV", 4), ("II", 2), "improved"), (("II", 2), ("III", 3), "worsened"), (("III", 3), ("IIIa", 3), "pattern")],
)
@pytest.mark.parametrize("kind", WIDTHS)
def test_a_step_says_which_way_it_went(before, after, word, kind):
    first = courses.grading(START, *before)
    second = courses.grading(add_months(START, 3), *after)
    course = ChartCourse(START, add_months(START, 4), None, "Norwood", (first, second))
    assert any(word in text for text in texts(course, kind))
    assert f"{after[0]} at Month 3, {word}" in summary(course)


def test_unranked_stages_have_no_direction():
    """Stages without a rank are neither better nor worse."""
    first, second = (courses.grading(add_months(START, n), label, None) for n, label in ((0, "M2"), (3, "C1")))
    course = ChartCourse(START, add_months(START, 4), None, "BASP", (first, second))
    assert "C1 at Month 3, changed" in summary(course)
    assert len({y for dot in with_class(course, "c-points") for _, y in points(dot)}) == 1


@pytest.mark.parametrize("kind", WIDTHS)
def test_unknown_is_drawn_as_unknown(kind):
    course = courses.published()
    written = " ".join(texts(course, kind))
    assert "not regraded" in written and "since Month 0" in written
    assert "figure recorded" in written
    assert with_class(course, "c-carried", kind) and with_class(course, "c-unknown", kind)


def test_estimate_is_hatched_never_a_point():
    """An estimate is hatched and never a point."""
    course = replace(courses.published(), stages=(), asked_none=())
    (estimate,) = with_class(course, "c-range")
    assert estimate.get("fill") == "url(#h-w)"
    assert not with_class(course, "c-points")
    assert not with_class(course, "c-error")
    assert "visual estimate:" in " ".join(texts(course))


def test_error_bar_is_as_tall_as_the_error():
    """An error bar is as tall as the error."""
    course = ChartCourse(
        START, add_months(START, 4), None, "", density=(courses.measured(add_months(START, 3), 10, 20),)
    )
    ((_, low), (_, cap_low), (_, cap_high)) = points(with_class(course, "c-error")[0])
    ticks = {e.text: float(e.get("y", "")) - 4 for e in with_class(course, "c-tick")}
    per_cent = (ticks["0 %"] - ticks["+20 %"]) / 20
    assert cap_low == low == pytest.approx(ticks["0 %"] + 10 * per_cent, abs=0.2)
    assert cap_high == pytest.approx(ticks["0 %"] - 30 * per_cent, abs=0.2)


@pytest.mark.parametrize(
    ("value", "error", "code", "filled"),
    [
        (31, 17, "likely_visible", True),
        (-31, 17, "above_error", True),
        (15, 17, "within_error", False),
        (31, None, "", False),
        (31, 17, "too_early", False),
        (31, 17, "not_comparable", False),
    ],
)
def test_only_real_change_is_filled(value, error, code, filled):
    """Only a change beyond its error is filled."""
    point = courses.measured(add_months(START, 3), value, error, "As told", code)
    course = ChartCourse(START, add_months(START, 4), None, "", density=(point,))
    assert bool(with_class(course, "c-holes")) is not filled
    assert "as told" in texts(course)


@pytest.mark.parametrize("kind", WIDTHS)
@pytest.mark.parametrize("course", EVERY[2:], ids=["late", "year", "sixty", "decade"])
def test_serious_and_open_are_always_written(course, kind):
    if any(e.serious for e in course.events):
        assert with_class(course, "c-serious", kind)
        assert any("serious" in "".join(e.itertext()) for e in with_class(course, "c-harm", kind))
    words = [e for e in with_class(course, "warn", kind) if "not resolved" in "".join(e.itertext())]
    assert bool(words) is any(e.is_open for e in course.events)


def test_serious_event_among_many_is_written():
    """A serious event among many keeps its label."""
    start = courses.begun().baseline
    crowd = tuple(courses.event(start + timedelta(days=3 * n), "Redness", serious=n == 20) for n in range(60))
    course = replace(courses.begun(), today=start + timedelta(days=180), events=crowd)
    for kind in WIDTHS:
        assert sum("serious" in "".join(e.itertext()) for e in with_class(course, "c-harm", kind)) == 1


def test_event_of_unknown_onset():
    """An event of unknown onset says where it is placed."""
    (found,) = [label for label in labels(courses.late_graded()) if label.startswith("Headache")]
    assert found == "Headache, grade 2, over, reported Month 3, 5 Dec 2025, beginning not known"


@pytest.mark.parametrize("kind", WIDTHS)
def test_long_note_says_there_is_no_figure(kind):
    """A long note loses its end, and never that there is no figure."""
    noted = courses.noted(add_months(START, 3), "Thicker " + "here and there " * 12)
    written = " ".join(texts(ChartCourse(START, add_months(START, 5), None, "", density=(noted,)), kind))
    assert re.search(r"Thicker here .*…, no\s+figure recorded", written)


# Where it puts things


def test_less_loss_stands_lower():
    first, second = courses.grading(START, "IV", 4), courses.grading(add_months(START, 3), "III", 3)
    course = ChartCourse(START, add_months(START, 4), None, "Norwood", (first, second))
    (dots,) = with_class(course, "c-points")
    (x_before, y_before), (x_after, y_after) = points(dots)
    assert x_after > x_before and y_after > y_before


days = st.dates(date(2000, 1, 1), date(2040, 1, 1))


@given(baseline=days, others=st.lists(days, min_size=2, max_size=8))
def test_days_are_in_order_and_inside(baseline, others):
    """Days are placed in order and stay inside."""
    course = ChartCourse(baseline, max(others), None, "", asked_none=tuple(others))
    axis = TimeAxis(baseline, *span_of(course), 194, 1166)
    placed = [axis.x(day) for day in sorted(others)]
    assert placed == sorted(placed)
    assert all(194 <= x <= 1166 for x in placed)
    assert axis.x(axis.first) == 194 and axis.x(axis.last) == 1166
    assert axis.last >= max(others) or axis.last.year >= 2039


def test_far_past_is_at_the_edge_and_named():
    """What lies long before is placed at the edge and named."""
    course = courses.late_graded()
    first, _ = span_of(course)
    assert first == date(2025, 5, 31)
    assert "‹ earlier, shown at this edge" in texts(course)
    assert "Month −7" in next(label for label in labels(course) if "1 Feb 2025" in label)
    assert "‹ earlier, shown at this edge" not in texts(courses.published())


def test_months_are_anniversaries():
    assert month_name(date(2025, 1, 31), date(2025, 2, 28)) == "Month 1"
    assert month_name(date(2025, 1, 31), date(2025, 1, 20)) == "Screening"
    assert month_name(date(2025, 1, 31), date(2024, 11, 30)) == "Month −2"


@pytest.mark.parametrize("kind", WIDTHS)
@pytest.mark.parametrize("years", [1, 3, 10, 40])
def test_the_months_thin_out(kind, years):
    course = courses.long_course(60, years)
    form = FORMATS[kind]
    ticks = TimeAxis(course.baseline, *span_of(course), form.left, form.right).ticks(form.month)
    places = [x for _, _, x in ticks]
    assert min(b - a for a, b in zip(places, places[1:], strict=False)) > form.month * 0.85
    assert 4 <= len(ticks) <= 24
    assert ticks[0][0] == 0


@pytest.mark.any_database
@pytest.mark.parametrize("kind", WIDTHS)
def test_no_number_touches_month_0(kind):
    """Nobody may read "Month 0 1": a number too near is left out. The years stand apart as well."""
    for months in range(3, 130, 7):
        end = add_months(START, months)
        course = replace(courses.begun(), baseline=START, end=end, today=end, planned=())
        row = [
            (float(text.get("x", "")), text_width("".join(text.itertext()), "c-val"))
            for element in with_class(course, "c-month", kind)
            for text in element.iter()
            if text.get("x")
        ]
        row_of_years = [
            (float(text.get("x", "")), text_width(text.text or ""))
            for element in with_class(course, "c-cal", kind)
            for text in element.iter("tspan")
            if len(text.text or "") == len("2026")
        ]
        assert row and row_of_years
        for places in (sorted(row), sorted(row_of_years)):
            gaps = [b[0] - a[0] - (a[1] + b[1]) / 2 for a, b in zip(places, places[1:], strict=False)]
            assert min(gaps, default=9) > 5, (kind, months)


def test_today_is_drawn_only_on_the_axis():
    """Today is drawn only while it is on the axis."""
    running = courses.published()
    assert with_class(running, "c-today") and "today, 16 Jun 2025" in texts(running)
    ended = replace(running, end=date(2025, 6, 30), planned=(), today=date(2031, 1, 1))
    assert not with_class(ended, "c-today")
    assert with_class(ended, "c-ended") and "ended, 30 Jun 2025" in texts(ended)
    assert span_of(ended)[1] == date(2025, 7, 14)


def test_planned_window_is_hatched():
    """A planned window is hatched between its days."""
    course = courses.published()
    (band,) = with_class(course, "c-window")
    axis = TimeAxis(course.baseline, *span_of(course), 194, 1166)
    assert float(band.get("x", "")) == pytest.approx(axis.x(date(2025, 7, 14)), abs=0.1)
    assert float(band.get("width", "")) == pytest.approx(
        axis.x(date(2025, 10, 14)) - axis.x(date(2025, 7, 14)), abs=0.2
    )
    assert band.get("fill") == "url(#h-w)"
    assert "maintenance due, Month 6 to 9" in texts(course)


@given(st.lists(st.floats(0, 1000), max_size=60), st.floats(10, 80))
def test_clusters_are_apart_and_complete(places, gap):
    """Clusters keep every item and lie apart."""
    found = cluster(places, places, gap)
    assert [x for group in found for x in group.items] == sorted(places)
    middles = [group.x for group in found]
    assert all(b - a >= 0.4 * gap for a, b in zip(middles, middles[1:], strict=False))
    assert all(0 < room <= 44 for room in rooms(found, 44))


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=60).map(sorted), st.floats(10, 200))
def test_chosen_items_are_apart_and_end_last(places, gap):
    """What is chosen lies apart and ends with the last."""
    chosen = spread(places, gap)
    assert chosen[0] == 0
    assert chosen == sorted(set(chosen))
    assert len(chosen) < 2 or chosen[-1] == len(places) - 1
    assert all(places[b] - places[a] >= gap for a, b in zip(chosen, chosen[1:], strict=False))


@given(st.floats(-100, 1e7), st.floats(0, 1e7))
def test_scale_is_round_and_complete(low, span):
    """The scale is round and encloses everything."""
    values = round_values(low, low + span)
    assert 0 in values and 2 <= len(values) <= 6
    assert values[0] <= low and values[-1] >= low + span - 1e-6


@pytest.mark.parametrize("kind", WIDTHS)
def test_many_marks_become_few_links(kind):
    """Many marks become few links and lose none."""
    course = courses.long_course(600, 10)
    found = labels(course, kind)
    sessions = [re.match(r"Sessions? (\d+)(?: to (\d+))?", label) for label in found]
    covered = [n for m in sessions if m for n in range(int(m[1]), int(m[2] or m[1]) + 1)]
    assert covered == list(range(1, len(course.sessions) + 1))
    groups = [int(m[1]) for label in found if (m := re.match(r"(\d+) adverse events", label))]
    single = [label for label in found if re.search(r", grade \d, ", label) and "adverse events" not in label]
    assert sum(groups) + len(single) == len(course.events)
    assert 2 <= sum(label.startswith("Photos") for label in found) <= 12
    assert len(found) < 60


def test_cluster_leads_to_the_most_important():
    """A cluster leads to what matters most in it."""
    day = date(2025, 2, 14)
    mild, grave = courses.event(day, "Redness"), courses.event(day, "Anaphylactic reaction", 4, serious=True)
    course = replace(courses.published(), events=(mild, grave, mild))
    (link,) = [a for a in drawing(course).iter("a") if "adverse events" in a.get("aria-label", "")]
    assert link.get("href") == grave.url
    assert link.get("aria-label") == (
        "3 adverse events, from Month 1: Redness, Anaphylactic reaction; 1 serious, none not resolved"
    )


def test_course_photos_are_frames_with_links():
    """All photos of a course are whole frames that lead somewhere."""
    course = courses.published()
    for kind in WIDTHS:
        links = [a for a in drawing(course, kind).iter("a") if a.get("aria-label", "").startswith("Photos")]
        assert [a.get("href") for a in links] == [p.url for p in course.photos]
        assert [a.find("image").get("href") for a in links] == [p.thumb_url for p in course.photos]
        assert not any(a.find("image").get("preserveAspectRatio") for a in links)


def test_photo_without_picture_is_a_link():
    """A photo that cannot be shown is still a link."""
    found = [a for a in drawing(courses.late_graded()).iter("a") if a.get("href") == "/p/"]
    assert len(found) == 1 and found[0].find("image") is None


# What it must never contain


@pytest.mark.parametrize("course", EVERY, ids=["published", "begun", "late", "year", "sixty", "decade"])
def test_drawing_obeys_the_content_policy(course):
    """The drawing is valid and obeys the content policy."""
    page = draw_all(course) + draw_all(course, key="-2")
    ids = []
    for element in ET.fromstring(f"<page>{page}</page>").iter():  # noqa: S314
        ids += [element.get("id")] if element.get("id") else []
        names = {name.lower() for name in element.keys()}
        assert "style" not in names and not any(name.startswith("on") for name in names)
        assert element.tag not in {"style", "script", "foreignObject"}
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"(?:url\(#|href=\"#|aria-labelledby=\")([\w-]+)", page)) <= set(ids)


figures = st.none() | st.floats(-100, 900)
intervals = st.none() | st.tuples(st.floats(-100, 900), st.floats(-100, 900)).map(sorted).map(tuple)
words = st.text(max_size=40)


@st.composite
def any_course(draw_one) -> ChartCourse:
    """Whatever the record can hold, and some that it should not."""
    day = st.dates(date(1990, 1, 1), date(2060, 1, 1))

    def some(strategy):
        return tuple(draw_one(st.lists(strategy, max_size=6)))

    return ChartCourse(
        baseline=draw_one(day),
        today=draw_one(day),
        end=draw_one(st.none() | day),
        stage_scale_label=draw_one(words),
        stages=some(st.builds(StagePoint, day, words, words, st.none() | st.integers(0, 9))),
        density=some(
            st.builds(
                DensityPoint,
                day,
                figures,
                figures,
                figures,
                intervals,
                words,
                st.booleans(),
                words,
                words,
                words,
                words,
            )
        ),
        sessions=some(st.builds(SessionTick, day, st.integers(1, 999), figures, words, words)),
        planned=some(st.builds(PlannedWindow, day, day, words)),
        events=some(
            st.builds(EventMark, st.none() | day, day, words, st.integers(1, 5), st.booleans(), st.booleans(), words)
        ),
        asked_none=some(day),
        photos=some(st.builds(PhotoMark, day, words, words, words)),
    )


@settings(max_examples=60)
@given(any_course(), st.sampled_from(WIDTHS))
def test_any_course_can_be_drawn(course, kind):
    svg = drawing(course, kind)
    _, _, width, height = (float(number) for number in svg.get("viewBox", "").split())
    placed = [(float(e.get("x", 0)), float(e.get("y", 0))) for e in svg.iter() if e.tag in {"text", "rect", "image"}]
    assert all(0 <= y <= height for _, y in placed)
    assert all(-4 <= x <= width + 4 for x, _ in placed)
    assert len(rows(course)) == len(course.days) + len(course.planned)
    assert summary(course)


@pytest.mark.parametrize("kind", WIDTHS)
def test_screen_reader_gets_links_and_title(kind):
    """Only links and title reach a screen reader."""
    svg = drawing(courses.published(), kind)
    assert svg.get("role") == "group"
    title, _, hidden, links = list(svg)
    assert title.tag == "title" and title.get("id") == svg.get("aria-labelledby")
    assert hidden.get("aria-hidden") == "true" and not list(hidden.iter("a"))
    assert all(a.get("aria-label") and a.get("href") for a in links.iter("a"))


def test_every_text_is_escaped():
    nasty = '<script>alert("1")</script> & \' \x00\x0b end'
    day = date(2025, 2, 14)
    course = ChartCourse(
        START,
        add_months(START, 4),
        None,
        nasty,
        stages=(replace(courses.grading(START, "x", 1), label=nasty),),
        density=(replace(courses.measured(day, 5, 3), verdict_label=nasty), courses.noted(add_months(START, 2), nasty)),
        sessions=(replace(courses.session(day, 1, 3, nasty), url='/s/"onclick="x'),),
        planned=(PlannedWindow(day, add_months(day, 1), nasty),),
        events=(replace(courses.event(day, nasty), url="/e/?a=1&b=<2>"),),
        photos=(replace(courses.photos(day, nasty), thumb_url='/t/">'),),
    )
    for kind in WIDTHS:
        svg = drawing(course, kind)
        assert not list(svg.iter("script"))
        assert {a.get("href") for a in svg.iter("a")} >= {'/s/"onclick="x', "/e/?a=1&b=<2>"}
        assert not re.search(r"[\x00-\x08\x0b]", draw(course, kind))


@pytest.mark.parametrize(("entries", "years", "kib"), [(60, 1, 45), (600, 10, 60)])
def test_the_three_drawings_stay_small(entries, years, kib):
    course = courses.long_course(entries, years)
    assert len(course.days) > entries * 0.95
    assert len(draw_all(course).encode()) < kib * 1024


# Labels


def test_lines_break_evenly_and_lose_no_word():
    """Lines are broken evenly and lose no word."""
    text = "noticeably thicker, no figure recorded"
    assert balance(text, 150) == ["noticeably thicker,", "no figure recorded"]
    for width in (40, 70, 104, 150):
        assert " ".join(balance(text, width)) == text
        assert len(balance(text, width)) == len(wrap(text, width))
        assert all(text_width(line) <= width or " " not in line for line in balance(text, width))


# The table beside it


def test_the_table_holds_every_fact_in_order():
    course = courses.late_graded()
    found = rows(course)
    assert [row.day for row in found] == sorted(row.day for row in found)
    assert len(found) == len(course.days) + len(course.planned)
    told = {(row.month, row.kind, row.fact) for row in found}
    assert ("Month 5 (+1 day)", "Stage", "Ludwig Ludwig I, improved") in told
    assert ("Month 3", "Density", "−6\u00a0%, −32 to +20, within measurement error; Marked count") in told
    assert ("Month 0", "Session", "Session 1, induction, 2.5\u00a0mL") in told
    assert ("Month 3", "Event", "Asked, none") in told
    headache = "Headache, grade 2, over, beginning not known, shown on the day it was reported"
    assert ("Month 3 (+5 days)", "Event", headache) in told
    (event,) = (event for event in course.events if event.onset is None)
    after_session = replace(course, events=(replace(event, follows_session=True),))
    assert headache.replace("it was reported", "of its session") in {row.fact for row in rows(after_session)}


def test_table_is_escaped_and_linked():
    """The table is rendered escaped and linked."""
    course = replace(courses.published(), events=(replace(courses.event(START, "<b>Redness"), url="/e/1/"),))
    html = render_to_string(
        "treatments/timeline/_chart_table.html", {"chart_rows": rows(course), "chart_summary": summary(course)}
    )
    assert html.lstrip().startswith("<details")
    assert html.count("<tr>") == len(rows(course)) + 1
    assert '<a href="/e/1/">&lt;b&gt;Redness, grade 1, over</a>' in html
    assert "style=" not in html


def test_table_of_an_empty_course_says_so():
    html = render_to_string("treatments/timeline/_chart_table.html", {"chart_rows": (), "chart_summary": ""})
    assert "Nothing is recorded in this course yet." in html
