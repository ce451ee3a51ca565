"""The page of outcomes with figures in it, at the narrowest and at a middle width."""

from typing import Any

import pytest

from tests import factories
from tests.browser import sign_in
from tests.evidence.outcomes.test_page import cohort_of, computed, treated, with_moments
from tests.people import Cast
from treatments.records.months import add_months

pytestmark = pytest.mark.browser


def test_figures_can_be_read(cast: Cast, new_page: Any, axe: Any, live_server: Any) -> None:
    """Who is missing stands above the first result, nothing is wider than a telephone, and axe has nothing to say."""
    cohort_of(cast, with_moments(8, 12, 10))
    treated(cast)
    course = treated(cast)
    for stage, month in (("IV", 0), ("III", 12)):
        day = add_months(course.baseline_on, month)
        factories.assessment(course.patient, course=course, assessed_on=day, stage=stage)
    computed(cast)

    for width in (390, 820):
        page = new_page(width=width)
        sign_in(page.context, cast.manager, live_server.url)
        for address in ("/outcomes/", "/outcomes/rows/?month=12&step=missing", "/outcomes/guide/"):
            page.goto(address)
            axe(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.goto("/outcomes/")
        missing, first = (page.locator(name).first.bounding_box() for name in (".o-missing", ".o-plot:visible"))
        assert missing["y"] < first["y"]
