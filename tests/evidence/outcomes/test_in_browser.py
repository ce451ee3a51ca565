"""The page of outcomes with figures in it, at the narrowest and at a middle width."""

from typing import Any

import pytest

from tests import factories
from tests.accessibility import page_checks
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

    for width in (390, 820, 1440):
        page = new_page(width=width)
        sign_in(page.context, cast.manager, live_server.url)
        for address in ("/outcomes/", "/outcomes/rows/?month=12&step=missing", "/outcomes/guide/"):
            page.goto(address)
            axe(page)
            assert list(page_checks.too_wide(page)) == []
        page.goto("/outcomes/")
        # Rows and columns are stages on a telephone too.
        assert page.locator(".o-stages td").first.evaluate("cell => getComputedStyle(cell).display") == "table-cell"
        missing, first = (page.locator(name).first.bounding_box() for name in (".o-missing", ".o-plot:visible"))
        assert missing["y"] < first["y"]
    page.emulate_media(media="print")  # the wide drawing takes the width of a sheet, at a size that can be read
    assert page.locator(".o-wide .o-plot").first.bounding_box()["width"] >= 600


def test_a_long_name_keeps_the_head_in_a_row(cast: Cast, new_page: Any, live_server: Any) -> None:
    """Menu, search and the name of who is signed in stand beside the name of a clinic, be it as long as one can be."""
    cast.clinic.name = "The Royal Northern Institute of Hair and Scalp"
    cast.clinic.save()
    page = new_page()
    sign_in(page.context, cast.manager, live_server.url)
    for width in (1440, 1180, 820):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto("/outcomes/")
        assert page.locator(".masthead").bounding_box()["height"] < 60, width
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_long_names_are_not_cut_off(cast: Cast, new_page: Any, live_server: Any) -> None:
    """Long names of patients, protocols and lots: at no width is a column of the rows, or a number, beyond the edge."""
    name = "Intensive restoration programme with maintenance and yearly refresh, for patients after transplantation"
    protocol = factories.protocol(cast.clinic, name=name)
    for number, person in enumerate(
        ("Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh, Hubert", "Lê Đức Anh Tuấn")
    ):
        patient = factories.patient(cast.clinic, name=person, record_number=f"HC-2026-{number:08}")
        course = treated(cast, patient=patient, before=150, after=160 + number, protocol=protocol, name=name)
        for stage, month in (("III-vertex", 0), ("III-vertex", 12)):
            day = add_months(course.baseline_on, month)
            factories.assessment(patient, course=course, assessed_on=day, stage=stage)
    cohort_of(cast, with_moments(5, 12, 10))
    page = new_page()
    sign_in(page.context, cast.manager, live_server.url)
    for width in (320, 390, 700, 820, 1000, 1280):
        page.set_viewport_size({"width": width, "height": 720})
        for address in ("/outcomes/", "/outcomes/rows/?month=12&step=analysed", "/outcomes/rows/?step=courses"):
            page.goto(f"{address}{'&' if '?' in address else '?'}protocol={protocol.pk}")
            assert list(page_checks.too_wide(page)) == [], (width, address)
