"""Words that do not break by themselves, as long as a clinic may have them: nothing is cut off at any width."""

import datetime
from typing import Any

import pytest
from django.urls import reverse

from tests import factories
from tests.accessibility import page_checks
from tests.browser import sign_in
from tests.people import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTHS = (320, 390, 700, 820, 1000, 1200)


def test_nothing_is_cut_off(cast: Cast, new_page: Any, live_server: Any) -> None:
    """On Today, in lists, on the pages of a patient and a lot, and where the lot of a session is chosen."""
    product = factories.product(cast.clinic, name="Umbilical cord mesenchymal stem cell derived vesicles, lyophilised")
    soon = datetime.date.today() + datetime.timedelta(days=9)
    lot = factories.lot(product, number="LOT-2026-INTERNATIONAL-0001-EXTENDED", expires_on=soon)
    name = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh, Hubert Blaine"
    patient = factories.patient(cast.clinic, name=name, record_number="HC-2026-00000001")
    course = factories.course(patient, next_due_on=datetime.date.today(), product=product)
    session = factories.exosome_session(course, lot=lot, product=product, performed_on=datetime.date.today())
    event = factories.adverse_event(patient, exosome_session=session, outcome="3", grade=3, is_serious=True)
    page, faults = new_page(), []
    sign_in(page.context, cast.manager, live_server.url)
    of_patient = ("sessions:log", "examination:record", "papers:index", "whole-record", "evidence:case-report-add")
    addresses = ["/", "/patients/", "/lots/", "/adverse-events/?shown=all", "/outcomes/rows/?step=courses"]
    addresses += [each.get_absolute_url() for each in (patient, event, lot, session)]
    for address in [*addresses, *(reverse(name, args=[patient.pk]) for name in of_patient)]:
        assert page.goto(address).status == 200, address
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            faults += [f"{address} at {width}: {fault}" for fault in page_checks.too_wide(page)]
    assert not faults, "\n".join(faults)
