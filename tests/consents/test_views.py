import datetime
import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.html_forms import reasons_asked_for
from tests.html_tree import read
from tests.people import Cast
from treatments.consents.actions import withdraw
from treatments.models import Consent, Correction, Export, PassedWarning
from treatments.records.ids import new_id
from treatments.records.partial_dates import PartialDate

pytestmark = pytest.mark.any_database
STROKES = [[[10, 20], [30, 40], [50, 60], [70, 80], [90, 100], [110, 120], [130, 140], [150, 160]]]


def page(name: str, cast: Cast, *ids: Any) -> str:
    return reverse(f"consents:{name}", args=[cast.patient.pk, *ids])


def filled(**fields: Any) -> dict[str, Any]:
    today = timezone.localdate().isoformat()
    answers = {"kind": "treatment", "form_version": "T-3", "given_on": today, "signed_by": "patient"}
    return {"id": str(new_id()), **answers, "signed_how": "paper_filed", "_sentinel": "1", **fields}


def post(cast: Cast, **fields: Any) -> Any:
    return cast.client(cast.nurse).post(page("add", cast), filled(**fields))


def test_page_without_any_consent(cast: Cast) -> None:
    """Without any consent the page says what to do."""
    body = cast.client(cast.nurse).get(page("index", cast)).content.decode()
    assert "No consent is recorded" in body
    assert f"{page('add', cast)}?kind=treatment" in body
    assert "?kind=" not in cast.client(cast.reader).get(page("index", cast)).content.decode()


def test_no_use_of_photos_is_ticked_before(cast: Cast) -> None:
    """No use of photographs is ticked beforehand."""
    body = cast.client(cast.nurse).get(page("add", cast), {"kind": "photography"}).content.decode()
    boxes = re.findall(r"<input type=\"checkbox\"[^>]*>", body)
    assert len(boxes) == 8
    assert not [box for box in boxes if "checked" in box]
    assert "The clinic cannot get back copies that are already published" in body
    assert re.search(r"value=\"photography\"[^>]*checked", body)


def test_consent_on_paper_is_stored(cast: Cast) -> None:
    """A consent that was signed on paper is stored."""
    answer = post(cast, covers_unapproved="on", covers_source="plant-derived exosomes", language="English")
    consent = Consent.objects.get()
    assert answer.url == consent.get_absolute_url()
    assert (consent.covers_unapproved, consent.signature, consent.created_by) == (True, None, cast.nurse)
    body = cast.client(cast.reader).get(page("index", cast)).content.decode()
    assert "The form says that the product is not approved for this use" in body
    assert "plant-derived exosomes" in body
    assert page("withdraw", cast, consent.pk) not in body


def test_each_use_is_allowed_by_its_own_tick(cast: Cast) -> None:
    assert post(cast, kind="photography", purposes=["record", "publication"]).status_code == 302
    assert Consent.objects.get().purposes == ["record", "publication"]
    body = cast.client(cast.nurse).get(page("index", cast)).content.decode()
    assert body.count(">Allowed<") == 2
    assert body.count(">Not allowed<") == 4


def test_signature_as_strokes_or_typed_name(cast: Cast) -> None:
    """A signature on the screen is stored as strokes or as the typed name."""
    post(cast, signed_how="on_screen", strokes=json.dumps(STROKES))
    assert Consent.objects.get().signature == STROKES
    assert "M10 20 L30 40" in cast.client(cast.nurse).get(page("index", cast)).content.decode()
    post(cast, signed_how="on_screen", typed_name="Ida Invented", kind="data_processing")
    assert Consent.objects.get(kind="data_processing").signature_name == "Ida Invented"


def test_strokes_before_paper_do_not_count(cast: Cast) -> None:
    """Strokes from before paper was chosen are nobody's signature."""
    assert post(cast, strokes=json.dumps(STROKES)).status_code == 302
    assert Consent.objects.get().signature is None


def a_day(**ago: int) -> str:
    return (timezone.localdate() - datetime.timedelta(**ago)).isoformat()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"kind": ""}, "Choose what the patient consents to"),
        ({"form_version": ""}, "Write the name of the form"),
        ({"signed_how": ""}, "Choose whether it is signed here"),
        ({"kind": "photography"}, "Tick each use that the patient allows"),
        ({"signed_by": "guardian"}, "Write the name of the parent or guardian"),
        ({"signed_how": "on_screen"}, "Ask the patient to sign in the field"),
        ({"signed_how": "on_screen", "strokes": "[[[1,2]]]"}, "too short for a signature"),
        ({"signed_how": "on_screen", "strokes": "junk"}, "could not be read"),
        ({"signed_how": "on_screen", "typed_name": "Ida", "given_on": a_day(days=9)}, "is of today"),
        ({"given_on": a_day(days=-1)}, "is in the future"),
        ({"given_on": "1960-01-01"}, "before the patient’s birth"),
        ({"expires_on": a_day(days=1)}, "is before “Signed on”"),
    ],
)
def test_untrue_consent_is_refused(cast: Cast, fields: dict[str, Any], sentence: str) -> None:
    """What would be untrue is refused and stays typed."""
    answer = post(cast, language="Malay", **fields)
    body = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in body
    assert 'value="Malay"' in body
    assert not Consent.objects.exists()


def test_same_consent_after_withdrawal(cast: Cast) -> None:
    """Signed again after it was withdrawn it is no double click; signed twice without that it is asked about."""
    assert post(cast).status_code == 302
    assert "saved exactly the same" in post(cast).content.decode()
    first = Consent.objects.get()
    withdraw(first, on=timezone.localdate(), reason="No reason given", expected_version=1, by=cast.nurse)
    asked = post(cast)
    assert "saved exactly the same" not in asked.content.decode()


def test_consent_of_before_a_withdrawal(cast: Cast) -> None:
    """An older consent that is entered after the patient took the same back would allow it again: it is asked about, in
    a new one and where a day is corrected. A later one, or one for another use, is not."""
    today = timezone.localdate()
    factories.consent(cast.patient, "photography", purposes=["record", "research"], withdrawn_on=today,
                      withdrawn_by=cast.nurse)  # fmt: skip
    yesterday = (today - datetime.timedelta(days=1)).isoformat()
    told = {"kind": "photography", "purposes": ["research"]}

    asked = post(cast, **told, given_on=yesterday)
    assert asked.status_code == 422 and "The patient withdrew the same on" in asked.content.decode()
    assert post(cast, kind="photography", purposes=["teaching"], given_on=yesterday).status_code == 302
    assert post(cast, **told, given_on=today.isoformat()).status_code == 302
    later = Consent.objects.get(purposes=["research"])
    fields = {
        "version": "1", "form_version": later.form_version, "given_on": yesterday, "signed_by": "patient",
        "correction_reason": "The day was wrong", "_sentinel": "1",
    }  # fmt: skip
    corrected = cast.client(cast.nurse).post(page("correct", cast, later.pk), fields)
    assert corrected.status_code == 422 and "The patient withdrew the same on" in corrected.content.decode()

    reasons = reasons_asked_for(asked.content.decode(), "the patient allowed it anew")
    assert post(cast, **told, given_on=yesterday, **reasons).status_code == 302
    assert "withdrew the same" in PassedWarning.objects.get().sentence


def test_minor_who_signs_alone(cast: Cast) -> None:
    """Somebody under age who signs alone is asked about."""
    cast.patient.birth = PartialDate(str(timezone.localdate().year - 16))
    cast.patient.save()
    asked = post(cast)
    assert asked.status_code == 422
    reasons = reasons_asked_for(asked.content.decode(), "mother signed on paper too")
    assert post(cast, **reasons).status_code == 302
    assert PassedWarning.objects.get().rule == "14"
    assert post(cast, kind="research", signed_by="guardian", guardian="Ana Invented, mother").status_code == 302


def test_saving_twice_is_one_consent(cast: Cast) -> None:
    """Saving twice is one consent, and other content is shown."""
    client, fields = cast.client(cast.nurse), filled(signed_how="on_screen", strokes=json.dumps(STROKES))
    assert client.post(page("add", cast), fields).url == client.post(page("add", cast), fields).url
    assert Consent.objects.count() == 1
    changed = {**fields, "form_version": "T-4", "strokes": "", "typed_name": "Ida Invented"}
    answer = client.post(page("add", cast), changed)
    body = answer.content.decode()
    assert answer.status_code == 409
    assert "drawn in 1 stroke" in body
    assert "typed: Ida Invented" in body
    assert Consent.objects.get().form_version == "T-3"


def test_withdrawal_lists_what_has_left(cast: Cast) -> None:
    """A withdrawal ends the consent at once and names what has left the clinic."""
    consent = factories.consent(cast.patient, "photography", purposes=["record", "publication"])
    Export.objects.create(
        clinic=cast.clinic, patient=cast.patient, consent=consent, purpose="publication", photos=["a", "b"],
        file_format="pdf", sha256="0" * 64, created_by=cast.clinician,
    )  # fmt: skip
    client, address = cast.client(cast.nurse), page("withdraw", cast, consent.pk)
    body = client.get(address).content.decode()
    assert "The clinic cannot get back copies that have left it" in body
    assert "1 was made under this consent" in body
    assert "2 photos, PDF" in body
    fields = {"version": "1", "on": timezone.localdate().isoformat(), "reason": "no reason given"}
    assert client.post(address, fields).url == consent.get_absolute_url()
    assert not Consent.objects.in_force(timezone.localdate()).exists()
    body = client.get(page("index", cast)).content.decode()
    assert body.count("Not allowed, withdrawn") == 2
    assert page("correct", cast, consent.pk) not in body
    assert client.post(address, fields).status_code == 302
    assert "cannot be withdrawn again" in client.get(address).content.decode()


@pytest.mark.parametrize(
    ("kind", "uses", "others", "told"),
    [
        ("research", [], [], ""),
        ("treatment", [], [], ""),
        ("photography", ["record", "research"], ["research", "teaching"], ": research study"),
    ],
)
def test_another_consent_that_stays(cast: Cast, kind: str, uses: list[str], others: list[str], told: str) -> None:
    """Who withdraws one of two that allow the same is told which one stays, before and after, and not that nothing may
    be done any more. One that has ended, or allows other uses, is not named."""
    consent = factories.consent(cast.patient, kind, purposes=uses, form_version="T-1")
    given = datetime.date(2025, 5, 3)
    other = factories.consent(cast.patient, kind, purposes=others, given_on=given, form_version="T-2")
    ended = {"withdrawn_on": timezone.localdate(), "withdrawn_by": cast.nurse}
    factories.consent(cast.patient, kind, purposes=others, form_version="T-3", **ended)
    if uses:
        factories.consent(cast.patient, kind, purposes=["marketing_web"], form_version="T-4")
    client, address = cast.client(cast.nurse), page("withdraw", cast, consent.pk)
    fields = {"version": "1", "on": timezone.localdate().isoformat(), "reason": "no reason given"}

    before = client.get(address).content.decode()
    after = client.post(address, fields, follow=True).content.decode()
    alone = client.get(page("withdraw", cast, other.pk)).content.decode()

    named = f"{other.get_kind_display()} consent, 3 May 2025, T-2{told}"
    assert "that one stays valid" in before and f">{named}</a>" in before
    assert "T-3" not in before and "T-4" not in before
    assert f"what it allowed is allowed still: {named}." in after and "any more" not in after.split("<h1")[0]
    assert "stays valid" not in alone


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"reason": ""}, "This field is required"),
        ({"on": a_day(days=-1)}, "This day is in the future"),
        ({"on": a_day(days=900)}, "The patient signed this consent on"),
    ],
)
def test_impossible_withdrawal_is_refused(cast: Cast, fields: dict[str, str], sentence: str) -> None:
    """A withdrawal that cannot be is refused."""
    consent = factories.consent(cast.patient)
    fields = {"version": "1", "on": a_day(days=0), "reason": "no reason given", **fields}
    answer = cast.client(cast.nurse).post(page("withdraw", cast, consent.pk), fields)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert Consent.objects.get().withdrawn_on is None


def test_second_withdrawal_is_refused(cast: Cast) -> None:
    """Who withdraws what another has withdrawn is refused with a sentence."""
    consent = factories.consent(cast.patient)
    fields = {"version": "1", "on": a_day(days=0), "reason": "said on the telephone"}
    cast.client(cast.nurse).post(page("withdraw", cast, consent.pk), fields)
    answer = cast.client(cast.clinician).post(page("withdraw", cast, consent.pk), {**fields, "reason": "said here"})
    assert answer.status_code == 409
    assert "said on the telephone" in answer.content.decode()


def test_slip_is_corrected_with_a_reason(cast: Cast) -> None:
    """A slip of the pen is corrected with its reason."""
    consent = factories.consent(cast.patient)
    client, address = cast.client(cast.nurse), page("correct", cast, consent.pk)
    fields = filled(version="1", form_version="T-9", given_on=consent.given_on.isoformat(), kind="research")
    assert client.post(address, {**fields, "correction_reason": "misread the form"}).status_code == 302
    consent.refresh_from_db()
    assert (consent.form_version, consent.kind) == ("T-9", "treatment")
    assert Correction.objects.get().changes[0]["before"] == "T-2"
    assert "misread the form" in client.get(page("corrections", cast, consent.pk)).content.decode()
    stale = cast.client(cast.clinician).post(address, {**fields, "form_version": "T-1", "correction_reason": "no, T-1"})
    body = stale.content.decode()
    assert stale.status_code == 409
    assert "T-9" in body and "T-1" in body


def test_withdrawn_consent_is_not_corrected(cast: Cast) -> None:
    consent = factories.consent(cast.patient, withdrawn_on=timezone.localdate(), withdrawn_by=cast.nurse)
    fields = filled(version="1", form_version="T-9", given_on=consent.given_on.isoformat(), correction_reason="a slip")
    answer = cast.client(cast.nurse).post(page("correct", cast, consent.pk), fields)
    assert answer.status_code == 422
    assert "cannot be changed" in answer.content.decode()


def test_struck_out_consent_stays_readable(cast: Cast) -> None:
    """Striking out takes the consent out of force and leaves it readable."""
    consent = factories.consent(cast.patient)
    fields = {"version": "1", "reason": "wrong patient", "_sentinel": "1"}
    assert cast.client(cast.nurse).post(page("strike-out", cast, consent.pk), fields).status_code == 302
    body = cast.client(cast.nurse).get(page("index", cast)).content.decode()
    assert "Never given" in body
    assert "wrong patient" in body
    # What is printed for the patient does not say why: it may name somebody else.
    words = read(cast.client(cast.nurse).get(page("words", cast, consent.pk)).content.decode())
    (why,) = [each for each in words.all("span") if "wrong patient" in each.text and "noprint" in each.classes]
    assert words.text.count("wrong patient") == why.text.count("wrong patient") == 1


def everything(cast: Cast) -> list[str]:
    consent = factories.consent(cast.patient)
    of_one = [page(name, cast, consent.pk) for name in ("withdraw", "correct", "strike-out", "corrections")]
    return [page("index", cast), page("add", cast), *of_one]


def test_reception_and_strangers_see_nothing(cast: Cast) -> None:
    """Reception and strangers see none of it."""
    reception, stranger = cast.client(cast.reception), cast.client(cast.stranger)
    for address in everything(cast):
        assert reception.get(address).status_code == 403, address
        assert stranger.get(address).status_code == 404, address
        assert Client().get(address).status_code == 302, address


def test_a_reader_reads_and_writes_nothing(cast: Cast) -> None:
    answers = [cast.client(cast.reader).get(address).status_code for address in everything(cast)]
    assert answers == [200, 403, 403, 403, 403, 200]
    assert cast.client(cast.reader).post(page("add", cast), filled()).status_code == 403


def test_consent_under_its_own_patient_only(cast: Cast) -> None:
    """A consent is found only under its own patient."""
    other = factories.consent(factories.patient(cast.clinic))
    for name in ("withdraw", "correct", "strike-out", "corrections"):
        assert cast.client(cast.nurse).get(page(name, cast, other.pk)).status_code == 404
