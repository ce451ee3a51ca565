"""The browser's print of a page is on the audit trail, with the page and whom it shows."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page

from clinic.audit.models import AuditEvent
from clinic.staff.models import Membership
from tests import factories
from tests.browser import sign_in
from tests.people import Cast

pytestmark = pytest.mark.django_db


def ticket_of(client: Client, address: str) -> str:
    found = re.search(r'data-ticket="([^"]+)"', client.get(address).content.decode())
    return unescape(found[1]) if found else ""


def printed() -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action="printed").order_by("id"))


def test_print_names_page_and_patient(cast: Cast) -> None:
    client = cast.client(cast.reader)
    address = cast.patient.get_absolute_url()

    assert client.post("/printed/", {"ticket": ticket_of(client, address)}).status_code == 204
    assert client.post("/printed/", {"ticket": ticket_of(client, "/patients/")}).status_code == 204

    of_patient, of_list = printed()
    assert (of_patient.actor, of_patient.clinic) == (cast.reader, cast.clinic)
    assert (of_patient.patient_id, of_patient.object_type) == (cast.patient.pk, "patient")
    assert (of_patient.detail, of_list.detail) == ({"page": "timeline:patient"}, {"page": "patients:index"})
    assert of_list.patient_id is None
    assert client.get(address).status_code == 200 and len(printed()) == 2


def test_a_page_about_nobody_has_no_ticket(cast: Cast) -> None:
    client = cast.client(cast.manager)

    assert [ticket_of(client, address) for address in ("/lots/", "/protocols/", "/nothing-here/")] == ["", "", ""]


def test_no_print_with_a_made_up_ticket(cast: Cast) -> None:
    """Nor with that of a page of another clinic."""
    theirs = ticket_of(cast.client(cast.stranger), "/patients/")
    client = cast.client(cast.nurse)

    assert [client.post("/printed/", {"ticket": text}).status_code for text in ("", "made-up", theirs)] == [422] * 3
    assert printed() == []


def test_print_of_the_clinic_that_it_shows(cast: Cast) -> None:
    """Who works at two clinics may have chosen the other one in a second window since."""
    there = factories.clinic(name="Second Clinic")
    chosen = Membership.objects.create(user=cast.nurse, clinic=there, role="nurse")
    client = cast.client(cast.nurse)
    ticket = ticket_of(client, cast.patient.get_absolute_url())
    client.post(f"/clinics/{chosen.pk}/choose/")

    assert client.post("/printed/", {"ticket": ticket}).status_code == 204
    assert [(each.clinic, each.patient_id) for each in printed()] == [(cast.clinic, cast.patient.pk)]


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_browser_tells_of_each_print(page: Page, live_server: Any, cast: Cast, watch: Any) -> None:
    """One that could not be told is told when the network is back."""
    sign_in(page.context, cast.reader, live_server.url)
    page.goto(cast.patient.get_absolute_url())
    with page.expect_response("**/printed/") as told:
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert told.value.status == 204

    watch.allow("request failed: POST .*printed", "console: Failed to load resource")
    page.context.set_offline(True)
    with page.expect_event("requestfailed"):
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert len(printed()) == 1
    with page.expect_response("**/printed/"):
        page.context.set_offline(False)

    assert [(each.patient_id, each.detail["page"]) for each in printed()] == [(cast.patient.pk, "timeline:patient")] * 2
