"""A letter: drafted from the record, changed, signed once, and never changed after that."""

import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from clinic.audit.models import AuditEvent
from tests import factories
from tests.html_forms import reasons_asked_for
from tests.papers.pdf_reader import facts_of, headings_of, letters, read_of
from tests.people import Cast
from treatments.handouts.actions import change_letter
from treatments.models import Application, Correction, HairHistory, Letter, PassedWarning
from treatments.records import formatting
from treatments.sessions.course_state import recompute

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


@pytest.fixture
def written(cast: Cast) -> Letter:
    made: Letter = Letter.objects.create(
        clinic=cast.clinic,
        patient=cast.patient,
        created_by=cast.clinician,
        recipient="Dr Noor Example\n2 Invented Street",
        subject="Ida Invented, T-1",
        body="Dear colleague,\n\n# Found\nIII vertex.",
    )
    return made


def home(cast: Cast) -> str:
    return f"/patients/{cast.patient.pk}/papers/letters/"


def fields(letter: Letter, **more: Any) -> dict[str, Any]:
    told = {"recipient": letter.recipient, "subject": letter.subject, "body": letter.body}
    return told | {"dated": "16 Jun 2025", "version": letter.version, "_sentinel": "1", **more}


def test_draft_is_of_the_record(cast: Cast) -> None:
    """What is recorded is in it; what was not asked or not found is not."""
    HairHistory.objects.create(
        clinic=cast.clinic, patient=cast.patient, created_by=cast.nurse, allergies="yes", allergies_text="lidocaine"
    )
    course = factories.course(cast.patient)
    product = factories.product(cast.clinic, name="Vesicle solution")
    for month in range(2):
        factories.exosome_session(
            course, product=product, performed_on=course.baseline_on + datetime.timedelta(days=30 * month)
        )
    factories.assessment(cast.patient)
    factories.measurement(cast.patient, value=Decimal("120"), measured_on=course.baseline_on)
    factories.adverse_event(cast.patient, kind="headache", grade=2)

    body = cast.client(cast.clinician).get(f"{home(cast)}add/").context["form"]["body"].value()

    for fact in (
        "Your patient Ida Invented (male,", "Allergies: lidocaine.", "We gave 2 sessions between",
        "with Vesicle solution, injection into the skin", "6 mL in all", "III vertex", "only one count, no change yet",
        "headache (grade 2",
    ):  # fmt: skip
        assert fact in body, fact
    assert "Medicines" not in body and "named none" not in body and "visible" not in body


def test_draft_names_every_product(cast: Cast) -> None:
    """Those of a combined session too, and how each was given."""
    first = factories.product(cast.clinic, name="Vesicle solution")
    session = factories.exosome_session(factories.course(cast.patient), product=first)
    Application.objects.create(
        exosome_session=session, place=2, product=factories.product(cast.clinic, name="PRP"), route="mesotherapy_gun",
        total_ml=Decimal("1"), volumes={"vertex": "1.00"},
    )  # fmt: skip

    body = cast.client(cast.clinician).get(f"{home(cast)}add/").context["form"]["body"].value()

    assert "with PRP and Vesicle solution, injection into the skin (intradermal) and mesotherapy gun," in body


def test_reason_for_a_second_one_is_kept(cast: Cast) -> None:
    """Two letters alike are asked about; why there are two is kept with the second."""
    client = cast.client(cast.clinician)
    told = {"recipient": "Dr A", "subject": "B", "body": "C", "dated": "16 Jun 2025", "_sentinel": "1"}
    client.post(f"{home(cast)}add/", told)

    asked = client.post(f"{home(cast)}add/", told)
    reasons = reasons_asked_for(asked.content.decode(), "The first was lost in the post")
    assert asked.status_code == 422 and Letter.objects.count() == 1
    assert client.post(f"{home(cast)}add/", told | reasons).status_code == 302

    kept = PassedWarning.objects.get()
    assert (kept.record_id, kept.patient_id) == (Letter.objects.order_by("-id")[0].pk, cast.patient.pk)
    assert kept.rule == "same-again" and kept.reason == "The first was lost in the post"
    page = client.get(f"{home(cast)}{kept.record_id}/corrections/").content.decode()
    assert "The first was lost in the post" in page


def test_draft_of_an_empty_record(cast: Cast) -> None:
    body = cast.client(cast.clinician).get(f"{home(cast)}add/").context["form"]["body"].value()

    assert "Stage: not graded" in body and "session" not in body.replace("sessions", "")


def test_draft_says_what_was_not_given(cast: Cast) -> None:
    """A product of one session is not told of the other, nor a session that was broken off as if it were whole."""
    course = factories.course(cast.patient)
    factories.exosome_session(course)
    later = course.baseline_on + datetime.timedelta(days=30)
    ended = {"outcome": "aborted", "outcome_reason": "Felt faint"}
    product = factories.product(cast.clinic, name="Vesicle solution")
    factories.exosome_session(course, performed_on=later, product=product, **ended)

    body = cast.client(cast.clinician).get(f"{home(cast)}add/").context["form"]["body"].value()

    assert "6 mL in all. At 1 of them the product was not recorded. Of these, 1 was broken off.\n" in body


def test_draft_of_a_month(cast: Cast) -> None:
    """A day that is known to the month alone."""
    told: dict[str, Any] = {"clinic": cast.clinic, "patient": cast.patient, "created_by": cast.nurse}
    HairHistory.objects.create(onset="2018", **told)
    course = factories.course(cast.patient, baseline_on=datetime.date(2025, 5, 1), baseline_precision="month")
    factories.exosome_session(course, performed_precision="month", outcome="partial", outcome_reason="Felt faint")

    body = cast.client(cast.clinician).get(f"{home(cast)}add/").context["form"]["body"].value()

    assert "We gave 1 session in May 2025;" in body and "in all. It was partly given.\n" in body
    assert "The hair loss began in 2018." in body


def test_long_name_leaves_the_others(cast: Cast) -> None:
    """Whom the letter is about is known by birth and record number, whatever the length of the name."""
    type(cast.patient).objects.filter(pk=cast.patient.pk).update(name="Ida " * 39 + "End")

    subject = cast.client(cast.clinician).get(f"{home(cast)}add/").context["form"]["subject"].value()

    assert subject.endswith(f"Ida…, born 1965, {cast.patient.record_number}") and 155 < len(subject) <= 160


def test_draft_does_not_say_unknown(cast: Cast) -> None:
    """A sex that is not known is left out, and a sentence that ends with a full stop gets no second one."""
    type(cast.patient).objects.filter(pk=cast.patient.pk).update(sex="unknown", birth="")
    told: dict[str, Any] = {"clinic": cast.clinic, "patient": cast.patient, "created_by": cast.nurse}
    HairHistory.objects.create(allergies="yes", allergies_text="Penicillin: rash.", **told)

    body = cast.client(cast.clinician).get(f"{home(cast)}add/").context["form"]["body"].value()

    assert "Your patient Ida Invented has been seen" in body and "Allergies: Penicillin: rash.\n" in body


def test_draft_names_the_booked_day(cast: Cast) -> None:
    factories.course(cast.patient, next_due="2026-12-29")
    day = timezone.localdate() + datetime.timedelta(days=9)
    factories.appointment(cast.patient, day=day)

    body = cast.client(cast.clinician).get(f"{home(cast)}add/").context["form"]["body"].value()

    assert f"The next visit is booked for {formatting.day(day)}." in body and "planned for" not in body


@pytest.mark.parametrize(
    ("sessions", "days_ago", "sentence"),
    [
        (1, 10, "The next session is planned for "),
        (1, 90, "The session that was planned for "),
        (5, 10, "The next follow-up is planned for "),
        (5, 400, "The follow-up that was planned for "),
    ],
)
def test_draft_says_what_comes_next(cast: Cast, sessions: int, days_ago: int, sentence: str) -> None:
    """A session or the follow-up, ahead or not recorded yet."""
    last = timezone.localdate() - datetime.timedelta(days=days_ago)
    first = last - datetime.timedelta(days=30 * (sessions - 1))
    course = factories.course(
        cast.patient, baseline_on=first, sessions_planned=5, follow_up_from_month=6, follow_up_to_month=9
    )
    for number in range(sessions):
        factories.exosome_session(course, performed_on=first + datetime.timedelta(days=30 * number))
    recompute(course.pk)

    body = cast.client(cast.clinician).get(f"{home(cast)}add/").context["form"]["body"].value()

    assert sentence in body, body


def test_is_saved_changed_signed(cast: Cast) -> None:
    """Draft, another draft with the first one kept, signature; each on the trail."""
    client = cast.client(cast.clinician)
    new = {"recipient": "Dr Noor Example", "subject": "About", "body": "One.", "dated": "16 Jun 2025", "_sentinel": "1"}
    assert client.post(f"{home(cast)}add/", new).status_code == 302
    letter = Letter.objects.get()
    address = f"{home(cast)}{letter.pk}/"
    assert "Draft, not signed" in client.get(address).content.decode()

    assert client.post(f"{address}change/", fields(letter, body="Two.")).status_code == 302
    assert client.post(f"{address}sign/", {"version": 2, "signed_as": "Dr Sam Invented"}).status_code == 302

    letter.refresh_from_db()
    assert (letter.body, letter.signed_by, letter.signed_as, letter.version) == (
        "Two.", cast.clinician, "Dr Sam Invented", 3,
    )  # fmt: skip
    (kept,) = Correction.objects.filter(record_id=letter.pk)
    assert [(each["before"], each["after"]) for each in kept.changes] == [("One.", "Two.")]
    actions = AuditEvent.objects.filter(patient_id=cast.patient.pk).order_by("id").values_list("action", flat=True)
    assert [each for each in actions if "letter" in each] == ["drafted_letter", "changed_letter", "signed_letter"]


def test_signed_letter_is_not_changed(cast: Cast, written: Letter) -> None:
    """Neither by the form, nor by the action, nor signed again; striking it out is left."""
    client, address = cast.client(cast.clinician), f"{home(cast)}{written.pk}/"
    client.post(f"{address}sign/", {"version": 1, "signed_as": "Dr Sam Invented"})
    written.refresh_from_db()

    refused = client.post(f"{address}change/", fields(written, body="Other."))

    assert refused.status_code == 422 and "This letter is signed" in refused.content.decode()
    assert client.get(f"{address}change/").status_code == 302
    with pytest.raises(ValidationError):
        change_letter(written, changes={"body": "Other."}, expected_version=written.version, by=cast.clinician)
    assert client.post(f"{address}sign/", {"version": 2, "signed_as": "Somebody"}).status_code in {409, 422}
    struck = client.post(f"{address}strike-out/", {"version": 2, "reason": "Wrong patient"})
    assert struck.status_code == 302
    written.refresh_from_db()
    assert (written.signed_as, written.body.startswith("Dear"), written.is_struck_out) == (
        "Dr Sam Invented",
        True,
        True,
    )
    assert "does not count" in client.get(address).content.decode()


def test_signs_only_what_was_read(cast: Cast, written: Letter) -> None:
    """A colleague changed the draft meanwhile: the page comes back with it, unsigned."""
    change_letter(written, changes={"body": "Newer words."}, expected_version=1, by=cast.manager)

    answer = cast.client(cast.clinician).post(
        f"{home(cast)}{written.pk}/sign/", {"version": 1, "signed_as": "Dr Sam Invented"}
    )

    assert answer.status_code == 409 and "Newer words." in answer.content.decode()
    assert not Letter.objects.get().is_signed


def test_signature_has_who_and_when(written: Letter) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Letter.objects.filter(pk=written.pk).update(signed_as="Somebody", signed_by=written.created_by)


def test_page_and_file_say_the_same(cast: Cast, written: Letter) -> None:
    client, address = cast.client(cast.clinician), f"{home(cast)}{written.pk}/"
    client.post(f"{address}sign/", {"version": 1, "signed_as": "Dr Sam Invented"})
    document = client.get(address).context["document"]
    pdf = client.post(f"{address}pdf/").content

    for text in (*document.texts()[:-1], "Dr Sam Invented"):
        assert letters(text) in letters(read_of(pdf)), text
    assert headings_of(pdf) == document.headings() and facts_of(pdf)["Tagged"] == "yes"
    assert AuditEvent.objects.filter(action="downloaded_paper", patient_id=cast.patient.pk).count() == 1


def test_nurse_writes_no_letter(cast: Cast, written: Letter) -> None:
    assert cast.client(cast.nurse).get(f"{home(cast)}add/").status_code == 403
    assert "Letters" not in cast.client(cast.nurse).get(f"/patients/{cast.patient.pk}/papers/").content.decode()
