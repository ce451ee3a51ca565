"""The figures a change is judged by: the published ones, or the clinic's own with a reason."""

from dataclasses import replace

import pytest

from clinic.audit.models import AuditEvent
from clinic.staff.models import Clinic
from tests.browser import sign_in
from tests.people import Cast
from treatments.assessments.measurements.visibility import DEFAULT
from treatments.assessments.thresholds.clinic_thresholds import (
    ChangedMeanwhile,
    reset_thresholds,
    set_thresholds,
    spelled,
    thresholds_of,
)

pytestmark = pytest.mark.django_db
OWN = replace(DEFAULT, sdc_matched_pct=11.4, sdc_unmatched_pct=22.0)
TYPED = {
    "sdc_matched_pct": "11.4",
    "sdc_unmatched_pct": "22",
    "visible_pct": "22.7",
    "visible_per_cm2": "43",
    "early_before_month": "6",
    "reason": "14 repeat counts of our own",
    "was": spelled(DEFAULT),
}


def change(cast: Cast, person: str = "manager", **fields: str):
    return cast.client(getattr(cast, person)).post("/clinic/thresholds/change/", {**TYPED, **fields})


def test_own_figures_have_reason_and_trail(cast: Cast) -> None:
    """The clinic's own figures are stored with their reason and trail."""
    assert change(cast).status_code == 302

    clinic = Clinic.objects.get(pk=cast.clinic.pk)
    assert thresholds_of(clinic) == OWN
    assert clinic.thresholds_reason == TYPED["reason"]
    event = AuditEvent.objects.get(action="set_thresholds")
    assert (event.detail["before"]["sdc_matched_pct"], event.detail["after"]["sdc_matched_pct"]) == (16.6, 11.4)
    assert thresholds_of(cast.other_clinic) == DEFAULT


def test_back_to_the_published_figures(cast: Cast) -> None:
    set_thresholds(cast.clinic, thresholds=OWN, reason="Own counts", by=cast.manager)

    assert cast.client(cast.manager).post("/clinic/thresholds/published/").status_code == 302

    clinic = Clinic.objects.get(pk=cast.clinic.pk)
    assert (clinic.thresholds, clinic.thresholds_reason) == (None, "")
    assert AuditEvent.objects.filter(action="reset_thresholds").count() == 1
    reset_thresholds(clinic, by=cast.manager)
    assert AuditEvent.objects.filter(action="reset_thresholds").count() == 1


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("reason", "", "required"),
        ("sdc_matched_pct", "0", "at least 1 %"),
        ("sdc_matched_pct", "nan", "plain figures"),
        ("sdc_unmatched_pct", "5", "cannot have less error than the same spot"),
        ("visible_pct", "101", "at most 100 %"),
        ("early_before_month", "0", "must be from 1 to 24"),
    ],
)
def test_senseless_figures_are_refused(cast: Cast, field: str, value: str, sentence: str) -> None:
    """Figures that make no sense are refused and stay typed."""
    response = change(cast, **{field: value})

    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert 'value="11.4"' in response.content.decode() or field == "sdc_matched_pct"
    assert Clinic.objects.get(pk=cast.clinic.pk).thresholds is None


def test_figures_are_not_overwritten_unseen(cast: Cast) -> None:
    """Somebody else's figures are not overwritten unseen."""
    set_thresholds(cast.clinic, thresholds=replace(OWN, visible_pct=30.0), reason="Own counts", by=cast.manager)

    response = change(cast)

    assert response.status_code == 409
    assert thresholds_of(Clinic.objects.get(pk=cast.clinic.pk)).visible_pct == 30.0
    assert change(cast, was=response.context["form"]["was"].value()).status_code == 302
    with pytest.raises(ChangedMeanwhile):
        set_thresholds(cast.clinic, thresholds=DEFAULT, reason="x", expected="1 2 3 4 5", by=cast.manager)


def test_only_a_manager_may_change_figures(cast: Cast) -> None:
    """Everyone who sees records sees the sources, and only a manager the change."""
    pages = {
        role: cast.client(getattr(cast, role)).get("/clinic/thresholds/").content.decode()
        for role in ("reader", "manager")
    }

    assert all("Journal of the American Academy of Dermatology" in page for page in pages.values())
    assert "thresholds/change" in pages["manager"] and "thresholds/change" not in pages["reader"]
    assert change(cast, "clinician").status_code == 403


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_thresholds_pages_are_accessible(cast: Cast, new_page, live_server, axe) -> None:
    page = new_page(width=390)
    sign_in(page.context, cast.manager, live_server.url)
    for address in ("/clinic/thresholds/", "/clinic/thresholds/change/"):
        page.goto(address)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
