"""From a page that lacks a consent to recording it, and back to what was typed there. Without scripts."""

from typing import Any

import pytest
from django.urls import reverse

from tests import factories
from tests.consents.test_views import filled, page
from tests.html_forms import filled as filled_form
from tests.people import Cast
from treatments.models import Consent, Draft, ExosomeSession
from treatments.records.drafts import store

MISSING = "No valid treatment consent"


@pytest.fixture
def log_page(cast: Cast) -> str:
    factories.course(cast.patient)
    return reverse("sessions:log", args=[cast.patient.pk])


def typed(body: str, **more: Any) -> dict[str, Any]:
    return filled_form(body) | {"note": "Talked long", "volume-vertex": "2.75", **more}


def leave(cast: Cast, address: str, **more: Any) -> Any:
    client = cast.client(cast.nurse)
    return client.post(address, typed(client.get(address).content.decode(), leave_for_consent="treatment", **more))


def test_log_page_leads_there_and_back(cast: Cast, log_page: str) -> None:
    """What was typed is a draft, the consent page knows the way back, and the page begins with what was typed."""
    client = cast.client(cast.nurse)
    assert MISSING in client.get(log_page).content.decode()
    there = leave(cast, log_page)
    assert there.status_code == 302 and there.url.startswith(page("add", cast) + "?kind=treatment&next=")
    opened = client.get(there.url)
    back = opened.context["asked_by"]
    assert back.startswith(log_page)
    answer = client.post(there.url, filled(next=back))
    assert answer.url == back and Consent.objects.get().kind == "treatment"
    again = client.get(back)
    body = again.content.decode()
    assert "Talked long" in body and 'value="2.75"' in body
    assert MISSING not in body and "Not saved yet" not in body
    saved = client.post(log_page, typed(body, route="intradermal_injection", lot="unknown", reaction="none"))
    if saved.status_code != 302:
        fields = typed(saved.content.decode(), route="intradermal_injection", lot="unknown", reaction="none")
        reasons = {name: "Old record" for name in fields if name.startswith("pass-")}
        saved = client.post(log_page, fields | reasons)
    assert saved.status_code == 302, saved.content.decode()
    assert ExosomeSession.objects.get().note == "Talked long"
    assert not Draft.objects.exists()


def test_one_draft_stands_for_one_page(cast: Cast, log_page: str) -> None:
    """The draft that the page itself kept becomes the one to come back to: none is offered as left behind."""
    client = cast.client(cast.nurse)
    form = client.get(log_page).context["draft_form"]
    store.save(
        owner=cast.nurse, clinic=cast.clinic, form=f"{form}#0123456789ab", values={}, base_version=None, sequence=7
    )
    there = leave(cast, log_page, _opening="0123456789ab")
    assert [draft.form for draft in Draft.objects.all()] == [f"{form}#0123456789ab"]
    assert "resume%3D0123456789ab" in there.url and Draft.objects.get().values["note"] == ["Talked long"]


def test_back_without_a_consent(cast: Cast, log_page: str) -> None:
    """Whoever leaves the consent page finds what was typed too, and is still told what is missing."""
    there = leave(cast, log_page)
    opened = cast.client(cast.nurse).get(there.url)
    body = cast.client(cast.nurse).get(opened.context["cancel_url"]).content.decode()
    assert "Talked long" in body and MISSING in body


def test_a_draft_is_its_owners(cast: Cast, log_page: str) -> None:
    """The address shows nobody else what was typed; a word that names nothing shows the page as it begins."""
    back = cast.client(cast.nurse).get(leave(cast, log_page).url).context["asked_by"]
    assert "Talked long" not in cast.client(cast.clinician).get(back).content.decode()
    for word in ("nothing", "x" * 24, "../" * 4, ""):
        answer = cast.client(cast.nurse).get(log_page, {"resume": word})
        assert answer.status_code == 200 and "Talked long" not in answer.content.decode()


def test_too_many_drafts_keep_the_page(cast: Cast, log_page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MAX_OF_A_PERSON", 0)
    answer = leave(cast, log_page)
    body = answer.content.decode()
    assert answer.status_code == 200
    assert "Talked long" in body and "too many unsaved drafts" in body


def test_whoever_may_override_is_led_too(cast: Cast, log_page: str) -> None:
    body = cast.client(cast.clinician).get(log_page).content.decode()
    assert 'name="leave_for_consent"' in body and "or you save with a reason" in body


def test_other_pages_lead_there_and_back(cast: Cast) -> None:
    """Photos, the patient's page and Today, each by a link that comes back to it."""
    factories.course(cast.patient)
    home = cast.patient.get_absolute_url()
    for address, kind in ((reverse("photos:sheet", args=[cast.patient.pk]), "photography"), (home, "treatment")):
        body = cast.client(cast.nurse).get(address).content.decode()
        way = f"{page('add', cast)}?kind={kind}&amp;next={address.replace('/', '%2F')}"
        assert way in body, address
