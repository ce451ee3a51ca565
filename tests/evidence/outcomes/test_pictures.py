"""Figures of outcomes as pictures to print: what each draws, and that none tells of fewer than five patients."""

import re
from typing import Any

import pytest
from defusedxml import ElementTree

from tests import factories
from tests.evidence.outcomes.test_page import PAGE, cohort_of, computed, page, treated, with_moments
from tests.people import Cast
from treatments.evidence.outcomes.figures import FEWEST
from treatments.models import Course, ExosomeSession
from treatments.records.months import add_months

pytestmark = pytest.mark.django_db
DRAWN = ("missing", "stages", "responders", "events", "published")


def picture(cast: Cast, figure: str) -> Any:
    response = cast.client(cast.clinician).get(f"{PAGE}plot.svg", {"figure": figure})
    assert response.status_code == 200, response.headers
    assert response["Content-Type"] == "image/svg+xml"
    return ElementTree.fromstring(response.content)


def marked(drawn: Any, css: str) -> int:
    return len([each for each in drawn.iter() if css in each.get("class", "").split()])


def words(drawn: Any) -> list[str]:
    return [each.text for each in drawn.iter() if each.tag.endswith("}text")]


def event_at(course: Course) -> None:
    session = ExosomeSession.objects.get(course=course)
    factories.adverse_event(course.patient, exosome_session=session, happened=course.baseline_on)


def is_refused(cast: Cast, figure: str) -> bool:
    response = cast.client(cast.clinician).get(f"{PAGE}plot.svg", {"figure": figure}, follow=True)
    return "There is no" in response.content.decode() and "text/html" in response["Content-Type"]


def offered(cast: Cast) -> set[str]:
    return set(re.findall(r"plot\.svg\?figure=(\w+)", page(cast)))


def test_month_of_enough_patients(cast: Cast) -> None:
    cohort_of(cast, with_moments(FEWEST, 12, 10))

    drawn = picture(cast, "12")
    assert marked(drawn, "o-point") == FEWEST and words(drawn)[0].startswith("Month 12: change in hair density of 5 ")
    assert is_refused(cast, "3")
    assert is_refused(cast, "another")


def test_a_month_says_who_is_missing(cast: Cast) -> None:
    """A picture is shown without its page: it says how many are missing, that nobody was a control."""
    cohort_of(cast, with_moments(FEWEST, 12, 10))
    told = words(picture(cast, "12"))
    assert f"{FEWEST} patients of {FEWEST} who were due are analysed; 0 are missing." in told
    assert any("no control group" in line for line in told) and all(len(line) < 90 for line in told)

    treated(cast)
    computed(cast)
    # One who is missing is not told, nor the sum from which that would follow.
    assert f"{FEWEST} patients are analysed; fewer than 5 are missing." in words(picture(cast, "12"))
    assert any("without a control group" in line for line in words(picture(cast, "published")))


def test_bars_are_as_long_as_counts(cast: Cast) -> None:
    """Ten begun, six of them analysed at Month 12; four are missing, which is not told."""
    cohort_of(cast, with_moments(6, 12, 10))
    for _ in range(4):
        treated(cast, before=150)
    computed(cast)
    drawn = picture(cast, "missing")

    told = words(drawn)
    last = told.index("Month 12")
    assert told[last + 1 : last + 3] == ["Begun", "10"] and told[-2:] == ["Analysed", "6"]
    lost = told.index("Missing: due, not analysed", last)
    assert told[lost + 1] == "fewer than 5"
    bars = [(each.get("class"), each.get("d")) for each in drawn.iter() if each.get("class") in ("p-step", "p-kept")]
    ends = [(css, float(re.search(r"H([\d.]+)v", way)[1]) - 260) for css, way in bars]
    assert ends[-1][0] == "p-kept" and ends[-1][1] / ends[0][1] == pytest.approx(0.6, abs=0.01)


def test_stages_keep_their_places(cast: Cast) -> None:
    """Five went from III vertex to II and one stayed: the one is not told."""
    for stage in ("II",) * 5 + ("IIIv",):
        course = treated(cast)
        factories.assessment(course.patient, assessed_on=course.baseline_on, course=course, stage="III-vertex")
        later = add_months(course.baseline_on, 12)
        stage = "III-vertex" if stage == "IIIv" else stage
        factories.assessment(course.patient, assessed_on=later, course=course, stage=stage)
    computed(cast)
    drawn = picture(cast, "stages")

    told = words(drawn)
    assert told[1:3] == ["Norwood, Month 12", "At baseline"]
    assert {"5", "fewer than 5"} <= set(told) and "1" not in told
    assert marked(drawn, "p-better") == 1


def test_responders_with_their_bounds(cast: Cast) -> None:
    """Twelve known, of whom six rose beyond the error; the two bounds, and placebo beside, have no interval."""
    cohort_of(cast, [100] * 6 + [0] * 6, month=6)
    for _ in range(6):
        treated(cast, before=150)
    computed(cast)
    drawn = picture(cast, "responders")

    assert words(drawn)[0].startswith("Count above error at Month 6, Hair count"), "no version before there is one"
    assert words(drawn).count("6 of 12 known: 50\u00a0%") == 1
    assert "If none of 6 missing responded" in words(drawn)
    assert (marked(drawn, "p-square"), marked(drawn, "p-bar")) == (1, 1) and marked(drawn, "p-hollow") > 2


def test_events_with_their_rate(cast: Cast) -> None:
    for _ in range(FEWEST + 1):
        course = treated(cast)
        event_at(course)
    treated(cast)
    computed(cast)

    drawn = picture(cast, "events")
    assert "6 in 7 sessions: 85.7" in words(drawn)
    assert (marked(drawn, "p-square"), marked(drawn, "p-bar")) == (1, 0), "below 30 patients there is no interval"


def test_none_tells_of_few(cast: Cast) -> None:
    """Four of five known responded, one event: no picture of them is offered, and none is given."""
    cohort_of(cast, [100] * 4 + [0], month=6)
    course = treated(cast)
    event_at(course)
    computed(cast)

    assert offered(cast) == {"missing", "published", "6"}
    assert all(is_refused(cast, name) for name in ("stages", "responders", "events"))
    told = {text for name in ("missing", "published") for text in words(picture(cast, name))}
    assert not {"1", "2", "3", "4"} & told


def test_every_picture_is_offered(cast: Cast) -> None:
    for _ in range(FEWEST + 5):
        course = treated(cast, before=100, after=180, month=6)
        for month in (0, 6):
            on = add_months(course.baseline_on, month)
            factories.assessment(course.patient, assessed_on=on, course=course, stage="III-vertex")
        event_at(course)
    computed(cast)

    assert offered(cast) == {*DRAWN, "6"}
    assert "plot.svg" not in page(cast, person=cast.nurse)
