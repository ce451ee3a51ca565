"""Laboratory pages in a real browser: within their width, and accessible in every state."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser import sign_in
from tests.people import Cast
from treatments.assessments.laboratory.models import LaboratoryReport, LaboratoryTest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("width", [390, 820, 1440])
def test_pages_are_accessible(
    new_page: Callable[..., Page], live_server: Any, cast: Cast, axe: Any, width: int
) -> None:
    """Empty, filled, and with what is wrong beside its row."""
    LaboratoryTest.objects.create(clinic=cast.clinic, name="Zinc", unit="µmol/L", created_by=cast.clinician)
    page = new_page(width=width)
    sign_in(page.context, cast.clinician, live_server.url)
    of_patient = [cast.patient.pk]
    addresses = [reverse("assessments:laboratory", args=of_patient), reverse("assessments:laboratory-tests")]
    report = factories.laboratory_report(factories.patient(cast.clinic), ferritin=Decimal(18), tsh=Decimal(50))
    ferritin = report.results.first()
    own = [report.patient_id, report.pk]
    addresses += [
        reverse("assessments:laboratory", args=own[:1]),
        report.get_absolute_url(),
        reverse("assessments:laboratory-correct", args=own),
        reverse("assessments:laboratory-value-correct", args=[*own, ferritin.pk]),
        reverse("assessments:laboratory-add", args=of_patient),
    ]
    for address in addresses:
        page.goto(address)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, address


def test_report_without_script(new_page: Callable[..., Page], live_server: Any, cast: Cast) -> None:
    """A whole report is saved without scripts."""
    page = new_page(width=820, java_script_enabled=False)
    sign_in(page.context, cast.nurse, live_server.url)
    page.goto(reverse("assessments:laboratory-add", args=[cast.patient.pk]))
    page.get_by_label("Which laboratory?").fill("North Laboratory")
    page.locator('[name="ferritin-value"]').fill("18")
    page.locator('[name="ferritin-low"]').fill("30")
    page.locator('[name="tsh-comparator"]').select_option("<")
    page.locator('[name="tsh-value"]').fill("0.01")
    page.get_by_role("button", name="Save report").click()
    expect(page.locator("h1")).to_have_text("Laboratory report")
    expect(page.get_by_text("low", exact=True)).to_be_visible()
    assert LaboratoryReport.objects.get().results.count() == 2
