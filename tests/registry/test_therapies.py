"""Other treatments: dose with unit, the grafts of a transplant, and what changes without having been wrong."""

import datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.html_forms import filled
from tests.people import Cast
from treatments.models import Correction, HairHistory, Therapy
from treatments.patients.therapies import other_treatments
from treatments.records.partial_dates import PartialDate, of_day

pytestmark = pytest.mark.django_db


def add(cast: Cast) -> str:
    return reverse("patients:therapy-add", args=[cast.patient.pk])


def recorded(cast: Cast, **fields: object) -> Therapy:
    told = {"kind": "finasteride_oral", "started": "2025-01-10", "is_ongoing": True, **fields}
    return Therapy.objects.create(clinic=cast.clinic, patient=cast.patient, created_by=cast.nurse, **told)


def test_a_transplant_has_its_grafts(cast: Cast, clinician_client: Client) -> None:
    page = clinician_client.get(add(cast)).content.decode()
    typed = {"kind": "hair_transplant_fue", "grafts": "1800", "grafted_regions": ["frontal", "vertex"]}

    answer = clinician_client.post(add(cast), filled(page, place="Example Clinic", started="2018", **typed))

    assert answer.status_code == 302
    assert Therapy.objects.get().dose_text == "1800 grafts, frontal and vertex, at Example Clinic"
    timeline = clinician_client.get(cast.patient.get_absolute_url()).content.decode()
    assert "1800 grafts, frontal and vertex, at Example Clinic" in timeline
    assert "<dt>Done</dt><dd>2018</dd>" in timeline and "<dt>Ended</dt>" not in timeline


def test_others_have_no_grafts(cast: Cast, clinician_client: Client) -> None:
    """What is asked of a transplant is not kept of another treatment, and the database refuses it."""
    page = clinician_client.get(add(cast)).content.decode()

    clinician_client.post(add(cast), filled(page, kind="prp", grafts="1800", place="Example Clinic"))

    told = Therapy.objects.get()
    assert (told.grafts, told.place, told.dose_text) == (None, "", "")
    with pytest.raises(IntegrityError), transaction.atomic():
        recorded(cast, grafts=5)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"dose": "1"}, "Choose the unit of the dose"),
        ({"dose_unit": "mg"}, "Write how much it is"),
        ({"dose": "1,0004", "dose_unit": "mg"}, "decimals"),
    ],
)
def test_a_dose_has_its_unit(cast: Cast, clinician_client: Client, typed: dict[str, str], sentence: str) -> None:
    page = clinician_client.get(add(cast)).content.decode()

    answer = clinician_client.post(add(cast), filled(page, kind="finasteride_oral", **typed))

    assert answer.status_code == 422 and sentence in answer.content.decode()
    with pytest.raises(IntegrityError), transaction.atomic():
        recorded(cast, dose=Decimal(1))


def test_a_dose_changes_from_a_day(cast: Cast, clinician_client: Client) -> None:
    """The dose of before stays what was taken until then; a stop without a day is of the day that is told."""
    therapy = recorded(cast, dose=Decimal(1), dose_unit="mg", detail="once a day")
    url = reverse("patients:therapy", args=[cast.patient.pk, therapy.pk])

    half = filled(clinician_client.get(url).content.decode(), dose="0.5", changed_since="May 2025")
    assert clinician_client.post(url, half).status_code == 302
    over = filled(clinician_client.get(url).content.decode(), is_ongoing="false", changed_since="3 Sep 2025")
    assert clinician_client.post(url, over).status_code == 302

    (read,) = other_treatments(cast.patient)
    assert (read.dose, read.ended and read.ended.text, read.is_over) == ("1\u00a0mg, once a day", "2025-09-03", True)
    assert [(each.when.text, each.dose) for each in read.changes] == [("2025-05", "0.5\u00a0mg, once a day")]
    assert set(Correction.objects.values_list("kind", flat=True)) == {"update"}


@pytest.mark.parametrize("answer", [True, False, None])
def test_another_answer_does_not_stop_it(cast: Cast, clinician_client: Client, answer: bool | None) -> None:
    """Whether it is still going on is chosen on the page as it is recorded, and stays when something else changes."""
    therapy = recorded(cast, is_ongoing=answer)
    url = reverse("patients:therapy", args=[cast.patient.pk, therapy.pk])

    page = filled(clinician_client.get(url).content.decode(), detail="before sleep", changed_since="May 2025")
    assert clinician_client.post(url, page).status_code == 302

    therapy.refresh_from_db()
    assert (therapy.detail, therapy.is_ongoing) == ("before sleep", answer)


@pytest.mark.parametrize(
    ("medicines", "told"),
    [("Finasterid 1 mg daily, aspirin", True), ("FINASTERIDA", True), ("aspirin", False), ("", False)],
)
def test_stopped_is_no_medicine_any_more(cast: Cast, clinician_client: Client, medicines: str, told: bool) -> None:
    """Who stops it learns that the history still names it, in whatever language; who goes on with it does not."""
    HairHistory.objects.create(
        clinic=cast.clinic,
        patient=cast.patient,
        created_by=cast.nurse,
        medicines="yes" if medicines else "",
        medicines_text=medicines,
    )
    therapy = recorded(cast)
    url = reverse("patients:therapy", args=[cast.patient.pk, therapy.pk])
    sentence = "The history still names finasteride among the medicines"
    for changed, is_told in (({"detail": "before sleep"}, False), ({"ended": "2025-06"}, told)):
        page = filled(clinician_client.get(url).content.decode(), changed_since="June 2025", **changed)
        if "ended" in changed:
            page["is_ongoing"] = "False"
        answer = clinician_client.post(url, page, follow=True)
        assert answer.status_code == 200 and answer.redirect_chain, answer.content.decode()[:2000]
        assert (sentence in answer.content.decode()) is is_told


def test_what_is_left_empty_is_named(cast: Cast, clinician_client: Client) -> None:
    for address, sentence in (
        (add(cast), "Choose the treatment."),
        (reverse("patients:archive", args=[cast.patient.pk]), "Write why the patient is archived."),
    ):
        answer = clinician_client.post(address, {"_sentinel": "1"})
        assert answer.status_code == 422 and sentence in answer.content.decode()


def taken(cast: Cast, on: str, earlier_treatment: str) -> HairHistory:
    told = {"taken_on": on, "earlier_treatment": earlier_treatment, "created_by": cast.nurse}
    return HairHistory.objects.create(clinic=cast.clinic, patient=cast.patient, **told)


@pytest.mark.parametrize(
    ("answer", "days_ago", "is_of_history"), [("yes", 0, True), ("none", 0, False), ("yes", 90, False)]
)
def test_words_are_counted_from_today(
    cast: Cast, clinician_client: Client, answer: str, days_ago: int, is_of_history: bool
) -> None:
    """ "2 weeks ago", said today, is not counted from a history of months ago; where one was entered today that
    leaves room for a treatment, it is counted from the day of that history."""
    history = taken(cast, "2025-08-03", answer)
    entered = timezone.now() - datetime.timedelta(days=days_ago)
    HairHistory.objects.filter(pk=history.pk).update(created_at=entered)

    told_on = clinician_client.get(add(cast)).context["form"]["told_on"].value()

    expected = PartialDate("2025-08-03") if is_of_history else of_day(timezone.localdate())
    assert told_on == expected


@pytest.mark.parametrize(
    ("answer", "started", "line"),
    [
        ("yes", "2024", "earlier treatment: finasteride"),
        ("yes", "2025-09-15", "earlier treatment: yes"),
        ("none", "2025-09-15", "no earlier treatment"),
        ("none", "2024", "earlier treatment: finasteride"),
    ],
)
def test_earlier_is_before_the_history(
    cast: Cast, clinician_client: Client, answer: str, started: str, line: str
) -> None:
    """What began during the course is no earlier treatment, and nobody reads "none" beside one that had begun."""
    taken(cast, "2025-08-03", answer)
    recorded(cast, started=started)

    lines = clinician_client.get(cast.patient.get_absolute_url()).context["header"].lines

    assert [each.text for each in lines if "earlier treatment" in each.text] == [line]


def test_old_text_of_a_dose_stays(cast: Cast) -> None:
    assert recorded(cast, detail="5 %, once a day").dose_text == "5 %, once a day"


@pytest.mark.parametrize("typed", [{"kind": "prp"}, {"started": "2019"}])
def test_what_never_changes(cast: Cast, clinician_client: Client, typed: dict[str, str]) -> None:
    """Another treatment is one of its own, and a beginning that was wrong is corrected."""
    url = reverse("patients:therapy", args=[cast.patient.pk, recorded(cast).pk])
    page = clinician_client.get(url).content.decode()

    assert clinician_client.post(url, filled(page, **typed)).status_code == 422
    right = filled(page, change_kind="correction", correction_reason="Asked again", **typed)
    assert clinician_client.post(url, right).status_code == 302
