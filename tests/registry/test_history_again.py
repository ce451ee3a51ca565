"""A history that is taken again: what is as before counts as asked again, what differs is an update of that day."""

import pytest
from django.test import Client
from django.urls import reverse

from clinic.audit.models import AuditEvent
from tests.html_forms import filled
from tests.people import Cast
from treatments.models import Correction, HairHistory

pytestmark = pytest.mark.django_db


@pytest.fixture
def recorded(cast: Cast) -> HairHistory:
    return HairHistory.objects.create(
        clinic=cast.clinic, patient=cast.patient, created_by=cast.nurse, taken_on="2025-01-10", onset="2020",
        allergies="none", medicines="yes", medicines_text="Ramipril", family="yes", relatives={"father": "affected"},
    )  # fmt: skip


def again(cast: Cast) -> str:
    return reverse("patients:history-again", args=[cast.patient.pk])


def send(client: Client, cast: Cast, **typed: object) -> object:
    page = client.get(again(cast)).content.decode()
    return client.post(again(cast), filled(page, **typed))


def test_what_differs_is_an_update(cast: Cast, clinician_client: Client, recorded: HairHistory) -> None:
    """Allergies differ, medicines are as before, the rest was not asked: the record and every page say just that."""
    answer = send(
        clinician_client, cast, taken_again="3 May 2026", allergies="yes", allergies_text="penicillin",
        again_medicines="on",
    )  # fmt: skip

    assert answer.status_code == 302  # type: ignore[attr-defined]
    told = Correction.objects.get()
    assert (told.kind, told.since.text, told.confirmed) == ("update", "2026-05-03", ["medicines"])
    assert [change["field"] for change in told.changes] == ["allergies", "allergies_text"]
    recorded.refresh_from_db()
    assert (recorded.taken_on.text, recorded.relatives) == ("2025-01-10", {"father": "affected"})
    assert AuditEvent.objects.filter(action="took_history_again").count() == 1

    timeline = clinician_client.get(cast.patient.get_absolute_url()).content.decode()
    assert "History taken again" in timeline and "Allergies: asked, none → Yes" in timeline
    assert "medicines unchanged" in timeline
    page = clinician_client.get(reverse("patients:history", args=[cast.patient.pk])).content.decode()
    assert 'penicillin <span class="quiet">asked 3 May 2026</span>' in page
    assert "before: Asked, none, until 3 May 2026" in page
    assert 'Ramipril <span class="quiet">asked 3 May 2026</span>' in page
    assert 'father affected <span class="quiet">asked 10 Jan 2025</span>' in page


def test_nothing_changed_is_kept_too(cast: Cast, clinician_client: Client, recorded: HairHistory) -> None:
    """Who asked everything and heard nothing new has asked all the same; sent twice it is once. What was never said in
    free words is not as before."""
    HairHistory.objects.update(cautions_asked="none", conditions="none")
    page = filled(
        clinician_client.get(again(cast)).content.decode(), taken_again="3 May 2026", all_again="on", smoking=""
    )

    answers = [clinician_client.post(again(cast), page).status_code for _ in range(2)]

    assert answers == [302, 302]
    told = Correction.objects.get()
    assert told.changes == []
    assert told.confirmed == ["allergies", "reasons not to inject", "medicines", "other illness", "family"]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({}, "Tick what you asked again"),
        ({"all_again": "on", "taken_again": ""}, "Write the day on which you asked"),
        ({"all_again": "on", "taken_again": "2 Jan 2025"}, "It was taken first on 10 Jan 2025"),
        ({"all_again": "on", "taken_again": "2 Jan 2199"}, "future"),
        ({"allergies": "yes", "allergies_text": ""}, "Write the allergies"),
        ({"all_again": "on"}, "It still says “Not asked”."),
        ({"again_cautions_asked": "on"}, "It still says “Not asked”."),
        ({"again_smoking": "on"}, "No answer stands here"),
    ],
)
def test_what_a_retake_needs(
    cast: Cast, clinician_client: Client, recorded: HairHistory, typed: dict[str, str], sentence: str
) -> None:
    answer = send(clinician_client, cast, **typed)

    assert answer.status_code == 422 and sentence in answer.content.decode()  # type: ignore[attr-defined]
    assert not Correction.objects.exists()


def test_not_asked_has_no_day(cast: Cast, clinician_client: Client, recorded: HairHistory) -> None:
    """An earlier release kept that a question without an answer was asked again, and as before."""
    kept = {"kind": "update", "since": "2026-05-03", "confirmed": ["medicines", "reasons not to inject"], "version": 2}
    of = {"record_type": "hairhistory", "record_id": recorded.pk, "patient_id": cast.patient.pk, "changes": []}
    Correction.objects.create(clinic=cast.clinic, by=cast.nurse, **kept, **of)

    page = clinician_client.get(reverse("patients:history", args=[cast.patient.pk])).content.decode()

    assert 'Ramipril <span class="quiet">asked 3 May 2026</span>' in page
    assert 'not asked <span class="quiet">asked' not in page


def test_without_a_history_it_is_taken(cast: Cast, clinician_client: Client) -> None:
    assert clinician_client.get(again(cast))["Location"] == reverse("patients:history", args=[cast.patient.pk])
