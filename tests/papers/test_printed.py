"""A paper as the browser prints it: no sheet with nothing on it, and no signature alone on one."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests import factories
from tests.browser import sign_in
from tests.paper import printed
from tests.papers.pdf_reader import sheets_of
from tests.people import Cast
from treatments.models import ConsentText

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LONG_NAME = "Wolfeschlegelsteinhausen Abdurrahmanzadeh von und zu Hohenlohe Waldenburg Schillingsfürst Maria"
STROKES = [[[100 + 20 * n, 100 + (n % 3) * 40] for n in range(12)]]


def test_no_sheet_is_empty(cast: Cast, new_page: Callable[..., Page], live_server: Any) -> None:
    """Wherever the text of a consent ends, the signature stands with the facts of it and their heading."""
    patient = factories.patient(cast.clinic, name=LONG_NAME)
    page = new_page(1200, 900)
    sign_in(page.context, cast.nurse, live_server.url)
    for number, lines in enumerate(range(21, 42, 3), start=1):
        text = ConsentText.objects.create(
            clinic=cast.clinic, created_by=cast.manager, kind="treatment", title="Treatment", language="en",
            language_name="English", number=number, body="\n".join(f"Line {each} of it." for each in range(lines)),
        )  # fmt: skip
        consent = factories.consent(
            patient, text=text, form_version=text.named_version, signed_how="on_screen", signature=STROKES
        )
        page.goto(f"/patients/{patient.pk}/papers/consents/{consent.pk}/")

        sheets = printed(page)

        assert all(sheet.body for sheet in sheets) and not any(sheet.cut for sheet in sheets), lines
        assert {"Signed", "Form", "Schillingsfürst"} <= set(sheets[-1].body), f"{lines} lines: {sheets[-1].body}"


def test_takes_the_sheets_of_its_file(cast: Cast, new_page: Callable[..., Page], live_server: Any) -> None:
    """The page prints with the measures of the PDF: its lines are as long and its parts no further apart."""
    parts = "\n\n".join(f"# Part {number}\n\n{'What the form says of it. ' * 9}" for number in range(6))
    text = factories.consent_text(cast.clinic, body=f"{parts}\n\n- One.\n- Two.", created_by=cast.manager)
    consent = factories.consent(cast.patient, text=text, form_version=text.named_version)
    address = f"/patients/{cast.patient.pk}/papers/consents/{consent.pk}/"
    page = new_page(1200, 900)
    sign_in(page.context, cast.nurse, live_server.url)
    page.goto(address)

    pdf = cast.client(cast.nurse).post(f"{address}pdf/").content
    assert len(printed(page)) == len(sheets_of(pdf)) == 1
