"""A consent as a paper: its words in its language, what was allowed, who signed, and the signature."""

import pytest

from clinic.audit.models import AuditEvent
from tests import factories
from tests.html_tree import read
from tests.papers.pdf_reader import bytes_of, facts_of, headings_of, letters, read_of
from tests.people import Cast
from treatments.models import ConsentText
from treatments.papers.consent_form.consent_text import NO_WORDS
from treatments.records.actions import strike_out

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
STROKES = [[[100 + 20 * n, 100 + (n % 3) * 40] for n in range(12)]]


def test_words_and_signature_are_printed(cast: Cast) -> None:
    """Page and file say the same; the signature is in both, as a drawing that says whose it is."""
    text = ConsentText.objects.create(
        clinic=cast.clinic, created_by=cast.manager, kind="photography", title="影像同意书", language="zh-Hans",
        language_name="Chinese", number=2, body="# 用途\n- 病历\n- 教学\n我已阅读。",
        uses={"record": "放入病历", "teaching": "用于教学"},
    )  # fmt: skip
    consent = factories.consent(
        cast.patient, kind="photography", text=text, form_version=text.named_version, signed_how="on_screen",
        signature=STROKES, purposes=["record"],
    )  # fmt: skip
    client, address = cast.client(cast.nurse), f"/patients/{cast.patient.pk}/papers/consents/{consent.pk}/"

    page = client.get(address)
    pdf = client.post(f"{address}pdf/").content

    document, printed = page.context["document"], letters(read_of(pdf))
    on_page = letters(read(page.content.decode()).all("article")[0].text)
    for said in document.texts()[:-1]:
        assert letters(said) in printed and letters(said) in on_page, said
    assert headings_of(pdf) == document.headings() and facts_of(pdf)["Tagged"] == "yes"
    assert 'lang="zh-Hans"' in page.content.decode() and consent.signature_path in page.content.decode()
    assert b"/Figure" in bytes_of(pdf)
    rows = {name: value for block in document.flat() for name, value in getattr(block, "rows", ())}
    assert (rows["放入病历"], rows["用于教学"]) == ("Yes", "No")
    assert AuditEvent.objects.filter(action="downloaded_paper", patient_id=cast.patient.pk).count() == 1


def test_form_on_paper_has_no_words(cast: Cast) -> None:
    consent = factories.consent(cast.patient)
    page = cast.client(cast.nurse).get(f"/patients/{cast.patient.pk}/papers/consents/{consent.pk}/")

    assert NO_WORDS in page.content.decode() and "paper-signature" not in page.content.decode()


def test_withdrawn_says_so(cast: Cast) -> None:
    consent = factories.consent(cast.patient)
    type(consent).objects.filter(pk=consent.pk).update(withdrawn_on=consent.given_on, withdrawn_by=cast.nurse)
    page = cast.client(cast.nurse).get(f"/patients/{cast.patient.pk}/papers/consents/{consent.pk}/")

    assert "Until that day it was valid." in page.content.decode()


def test_why_it_is_struck_out_stays_here(cast: Cast) -> None:
    """The paper goes home, and the reason may name somebody else."""
    consent = factories.consent(cast.patient)
    strike_out(consent, reason="Signed by Otto Other", expected_version=1, by=cast.nurse)
    page = cast.client(cast.nurse).get(f"/patients/{cast.patient.pk}/papers/consents/{consent.pk}/").content.decode()

    assert "Struck out as entered in error. This consent does not count." in page and "Otto Other" not in page


def test_typed_name_stands_as_the_signature(cast: Cast) -> None:
    """What was typed stands over the line, in page and file; below it who signed, and how."""
    consent = factories.consent(cast.patient, signed_how="on_screen", signature={"typed": "I. Invented"})
    client, address = cast.client(cast.nurse), f"/patients/{cast.patient.pk}/papers/consents/{consent.pk}/"

    page, pdf = client.get(address).content.decode(), client.post(f"{address}pdf/").content

    for said in (letters(read(page).all("article")[0].text), letters(read_of(pdf))):
        assert letters("I. Invented Ida Invented Name typed on the screen") in said


def test_title_is_in_its_language(cast: Cast) -> None:
    text = ConsentText.objects.create(
        clinic=cast.clinic, created_by=cast.manager, kind="treatment", title="موافقة", language="ar", number=1,
        language_name="Arabic", body="لا شمس",
    )  # fmt: skip
    consent = factories.consent(cast.patient, text=text, form_version=text.named_version)
    page = cast.client(cast.nurse).get(f"/patients/{cast.patient.pk}/papers/consents/{consent.pk}/").content.decode()

    (title,) = read(page).all("h1")
    assert (title["lang"], title["dir"]) == ("ar", "rtl")
