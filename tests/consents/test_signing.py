"""A consent is signed under the words that are stored with it, and read again for ever."""

import datetime
import json
import re
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from clinic.audit.models import AuditEvent
from tests import factories
from tests.consents.test_views import STROKES, filled, page, post
from tests.people import Cast
from treatments.consents.purposes import COVERS
from treatments.models import Consent, ConsentText, PassedWarning
from treatments.records.ids import new_id

pytestmark = pytest.mark.any_database


def signed(text: ConsentText, **fields: Any) -> dict[str, Any]:
    """What the page sends that shows these words."""
    shown = {"kind": text.kind, "text": str(text.pk), "text_shown": text.digest, "form_version": ""}
    return {**shown, "signed_how": "on_screen", "strokes": json.dumps(STROKES), **fields}


def body_of(answer: Any) -> str:
    body: str = answer.content.decode()
    return body


def test_signed_under_the_words_shown(cast: Cast) -> None:
    text = factories.consent_text(cast.clinic, covers_unapproved=True, covers_source="plants")
    opened = body_of(cast.client(cast.nurse).get(page("add", cast) + "?kind=treatment"))
    assert "An injection into the scalp." in opened and "<li>It may hurt.</li>" in opened
    assert f'name="text_shown" value="{text.digest}"' in opened
    assert post(cast, **signed(text)).status_code == 302
    consent = Consent.objects.get()
    assert (consent.text, consent.form_version) == (text, "Treatment with exosomes, version 1")
    assert (consent.language, consent.covers_unapproved, consent.covers_source) == ("English", True, "plants")
    detail = AuditEvent.objects.get(action="recorded_consent").detail
    assert (detail["text"], detail["sha256"]) == (str(text.pk), text.digest)


def test_what_was_signed_is_read_for_ever(cast: Cast) -> None:
    """After a newer version, and after the form was retired, the page of the consent has its own words."""
    text = factories.consent_text(cast.clinic, body="Words of version 1.")
    post(cast, **signed(text, signed_by="guardian", guardian="Ana Invented, mother", witness="Ben Invented"))
    consent = Consent.objects.get()
    newer = factories.consent_text(cast.clinic, number=2, body="Other words.")
    ConsentText.objects.filter(pk=newer.pk).update(retired_at=timezone.now(), retired_by=cast.manager)
    answer = cast.client(cast.reader).get(page("words", cast, consent.pk))
    body = body_of(answer)
    assert "Words of version 1." in body and "Other words." not in body
    for told in ("Ana Invented, mother", "Ben Invented", "M10 20", "version 1", "a newer version is published"):
        assert told in body, told
    index = body_of(cast.client(cast.reader).get(page("index", cast)))
    assert page("words", cast, consent.pk) in index


def test_newer_version_is_shown_instead(cast: Cast) -> None:
    """What was typed stays; the signature was under other words and is asked for again."""
    old = factories.consent_text(cast.clinic, body="Old words.")
    new = factories.consent_text(cast.clinic, number=2, body="New words.")
    fields = signed(old, witness="Ben Invented", typed_name="")
    answer = post(cast, **fields)
    body = body_of(answer)
    assert answer.status_code == 422 and not Consent.objects.exists()
    assert "Version 2 was published while you were on this page" in body
    assert "Ben Invented" in body and "New words." in body and "Old words." not in body
    assert re.search(rf'value="{new.pk}"\s+checked', body)
    assert f'name="text_shown" value="{new.digest}"' in body
    assert "[[10" not in body
    assert post(cast, **signed(new)).status_code == 302
    assert Consent.objects.get().text == new


def test_words_not_shown_are_not_signed(cast: Cast) -> None:
    """Without scripts another form may be chosen than the one on the page."""
    factories.consent_text(cast.clinic)
    malay = factories.consent_text(cast.clinic, language="ms", language_name="Malay", title="Rawatan")
    answer = post(cast, **signed(malay, text_shown="0" * 64, strokes="", typed_name="Ida Invented"))
    assert answer.status_code == 422
    assert "The words stand below now" in body_of(answer)
    assert "Ida Invented" in body_of(answer)


def test_words_are_shown_without_scripts(cast: Cast) -> None:
    """The button shows the form of the kind and keeps what was typed; nothing is saved, nothing is objected to."""
    factories.consent_text(cast.clinic, "photography", title="Photos", uses={"record": "Kept."}, body="Pictures.")
    answer = post(cast, kind="photography", text="", show="1", witness="Ben Invented", given_on="")
    body = body_of(answer)
    assert answer.status_code == 200 and "Not saved yet" not in body
    shown = re.search(r'<section\s+class="step leaf text-shown"[^>]*>', body)
    assert shown and "hidden" not in shown[0]
    assert "Ben Invented" in body


def test_saved_again_after_a_new_version(cast: Cast) -> None:
    """A retry of what was saved is the same consent, although its form has a newer version by now."""
    text = factories.consent_text(cast.clinic)
    fields, client = filled(**signed(text)), cast.client(cast.nurse)
    first = client.post(page("add", cast), fields)
    factories.consent_text(cast.clinic, number=2)
    assert client.post(page("add", cast), fields).url == first.url
    assert Consent.objects.count() == 1


def test_older_version_on_paper(cast: Cast) -> None:
    """A page that was printed earlier names its version; that it was printed before it was written is asked about."""
    old = factories.consent_text(cast.clinic)
    factories.consent_text(cast.clinic, number=2)
    paper = signed(old, signed_how="paper_filed", strokes="", text_shown="")
    assert post(cast, **paper).status_code == 302
    assert Consent.objects.get().text == old
    before = (timezone.localdate() - datetime.timedelta(days=40)).isoformat()
    asked = post(cast, **paper, given_on=before)
    assert asked.status_code == 422 and "Is it the form that was signed?" in body_of(asked)
    reasons = {
        name: "Same words as our printed form" for name in re.findall(r'name="(pass-form-[^"]+)"', body_of(asked))
    }
    assert post(cast, **paper, given_on=before, **reasons).status_code == 302
    assert PassedWarning.objects.get().rule == "form"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"text": ""}, "Choose the form that the patient signs"),
        ({"text": str(new_id())}, "Select a valid choice"),
        ({"kind": "photography", "purposes": ["record"]}, "Choose the form that the patient signs"),
        ({"text": "paper", "form_version": "T-9"}, "Who signs on the screen reads the words there"),
    ],
)
def test_form_that_is_not_signed(cast: Cast, fields: dict[str, Any], sentence: str) -> None:
    factories.consent_text(cast.clinic, "photography", title="Photos", uses={"record": "Kept."})
    answer = post(cast, **(signed(factories.consent_text(cast.clinic)) | fields))
    assert answer.status_code == 422 and sentence in body_of(answer)


def test_retired_form_is_not_signed(cast: Cast) -> None:
    text = factories.consent_text(cast.clinic)
    ConsentText.objects.update(retired_at=timezone.now(), retired_by=cast.manager)
    answer = post(cast, **signed(text))
    assert answer.status_code == 422 and "is not signed any more" in body_of(answer)


def test_another_form_on_paper_is_named(cast: Cast) -> None:
    factories.consent_text(cast.clinic)
    assert post(cast, text="paper", form_version="Old form 7", covers_source="plants").status_code == 302
    consent = Consent.objects.get()
    assert (consent.text, consent.form_version, consent.covers_source) == (None, "Old form 7", "plants")
    body = body_of(cast.client(cast.reader).get(page("words", cast, consent.pk)))
    assert "Only the name of this form is kept here" in body


def test_uses_in_the_words_of_the_form(cast: Cast) -> None:
    """Each use has the form's own words; what it does not ask about is not asked and cannot be allowed by it."""
    uses = {"record": "سجلي فقط", "teaching": "للتعليم"}
    told = {"language": "ar", "language_name": "Arabic", "title": "صور", "uses": uses}
    text = factories.consent_text(cast.clinic, "photography", **told)
    body = body_of(cast.client(cast.nurse).get(page("add", cast) + "?kind=photography"))
    assert re.search(r'lang="ar"\s+dir="rtl"[^>]*>سجلي فقط', body)
    assert len(re.findall(r"data-use\s*>", body)) == 2 and len(re.findall(r"data-use\s+hidden", body)) == 4
    refused = post(cast, **signed(text, purposes=["record", "publication"]))
    assert refused.status_code == 422 and "does not ask about: publication" in body_of(refused)
    assert post(cast, **signed(text, purposes=["record"])).status_code == 302
    page_of_it = body_of(cast.client(cast.nurse).get(page("words", cast, Consent.objects.get().pk)))
    assert page_of_it.count("is-not-allowed") == 1 and COVERS["record"] not in page_of_it


def test_language_of_last_time(cast: Cast) -> None:
    """Of several languages the patient's own is chosen; without one a person chooses."""
    factories.consent_text(cast.clinic)
    malay = factories.consent_text(cast.clinic, language="ms", language_name="Malay", title="Rawatan")
    address = page("add", cast) + "?kind=treatment"
    assert not re.search(r'name="text"\s+value="[^"]+"\s+checked', body_of(cast.client(cast.nurse).get(address)))
    factories.consent(cast.patient, "research", language="malay ")
    assert re.search(rf'value="{malay.pk}"\s+checked', body_of(cast.client(cast.nurse).get(address)))


def test_what_was_signed_is_not_corrected(cast: Cast) -> None:
    """Form, language and source are those of the version; the dates and names can be corrected."""
    text = factories.consent_text(cast.clinic)
    post(cast, **signed(text))
    consent, address = Consent.objects.get(), ""
    address = page("correct", cast, consent.pk)
    assert 'name="form_version"' not in body_of(cast.client(cast.nurse).get(address))
    fields = filled(version="1", form_version="T-9", witness="Ben Invented", correction_reason="forgot the witness")
    assert cast.client(cast.nurse).post(address, fields).status_code == 302
    consent.refresh_from_db()
    assert (consent.form_version, consent.witness) == (text.named_version, "Ben Invented")


def test_asked_by_a_page_it_leads_back(cast: Cast) -> None:
    """To a page of this site and no other; and a person who leaves is back there too."""
    address = page("add", cast)
    here = reverse("photos:sheet", args=[cast.patient.pk])
    client = cast.client(cast.nurse)
    opened = body_of(client.get(f"{address}?kind=treatment&next={here}"))
    assert f'name="next" value="{here}"' in opened and f'href="{here}" data-leave' in opened
    assert client.post(address, filled(next=here)).url == here
    away = client.post(address, filled(next="https://evil.example/", form_version="T-4"))
    assert away.url == Consent.objects.get(form_version="T-4").get_absolute_url()


def test_of_another_patient_or_clinic(cast: Cast) -> None:
    other = factories.consent(factories.patient(cast.clinic))
    assert cast.client(cast.nurse).get(page("words", cast, other.pk)).status_code == 404
    foreign = factories.consent_text(factories.clinic())
    answer = post(cast, **signed(foreign))
    assert answer.status_code == 422 and not Consent.objects.filter(patient=cast.patient).exists()
