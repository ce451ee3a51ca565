"""The page of a case report by keyboard: a sentence says where it comes from when it has the focus, too."""

from typing import Any

import pytest

from tests import factories
from tests.browser import sign_in
from tests.people import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_sentence_in_focus_names_source(cast: Cast, new_page: Any, live_server: Any) -> None:
    course = factories.course(cast.patient)
    factories.exosome_session(course)
    report = factories.case_report(cast.patient, course=course, created_by=cast.clinician, title="Exosomes: a case")
    page = new_page(width=390)
    sign_in(page.context, cast.clinician, live_server.url)
    page.goto(f"/patients/{report.patient_id}/case-reports/{report.pk}/")
    sentence = page.locator("a.told").first

    page.keyboard.press("Tab")
    sentence.focus()

    shown = sentence.evaluate("told => getComputedStyle(told, '::after').content")
    assert shown == f'"{sentence.get_attribute("title")}"'
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_last_question_can_be_seen(cast: Cast, new_page: Any, live_server: Any) -> None:
    """Whoever says that nothing identifies sees the box that is ticked, and whether it is."""
    report = factories.case_report(cast.patient, course=factories.course(cast.patient), created_by=cast.clinician)
    factories.consent(cast.patient, kind="case_publication")
    page = new_page(width=390)
    sign_in(page.context, cast.clinician, live_server.url)
    page.goto(f"/patients/{report.patient_id}/case-reports/{report.pk}/release/")
    mark = page.locator(".tick-row .opt-mark")

    box = mark.bounding_box()
    assert (round(box["width"]), round(box["height"])) == (20, 20)
    page.get_by_label("I have read it through").check()
    assert mark.evaluate("mark => getComputedStyle(mark, '::after').content") == '"✓"'
