"""The aftercare sheet: written by clinic and protocol, in versions that never change."""

import pytest

from clinic.audit.models import AuditEvent
from clinic.staff.models import Role
from tests import factories
from tests.html_forms import reasons_asked_for
from tests.papers.pdf_reader import facts_of, letters, read_of
from tests.people import Cast
from treatments.handouts.actions import sheet_for
from treatments.handouts.default_sheet import DEFAULT_TEXT
from treatments.handouts.models import AftercareSheet
from treatments.models import PassedWarning
from treatments.papers.document import Heading, Items, Paragraph
from treatments.papers.sheet_text import blocks

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
GENERAL = "/protocols/aftercare/"


def save(client, address, text, based_on):
    return client.post(address, {"text": text, "based_on": based_on, "_sentinel": "1"})


def test_signs_make_blocks():
    text = "# Wash\nGently.\nNot hot.\n\n- no sun\n* no dye\n! Call\nEnd"

    assert blocks(text) == (
        Heading("Wash"),
        Paragraph("Gently.\nNot hot."),
        Items(("no sun", "no dye")),
        Paragraph("Call", "notice"),
        Paragraph("End"),
    )
    assert blocks("#\n!\n\n") == ()


def test_own_text_of_a_protocol_comes_first(cast: Cast) -> None:
    """The protocol's own, else the clinic's, else Anagen's in English; in another language none."""
    protocol = factories.protocol(cast.clinic)
    said = lambda language="en": getattr(sheet_for(cast.clinic, protocol, language), "text", None)  # noqa: E731

    assert (said(), said("vi")) == (DEFAULT_TEXT, None)
    for of, text in ((None, "Of the clinic."), (protocol, "Of the protocol.")):
        AftercareSheet.objects.create(clinic=cast.clinic, protocol=of, number=1, text=text, created_by=cast.manager)
        assert said() == text
    assert sheet_for(cast.other_clinic, None, "en").text == DEFAULT_TEXT


def test_each_save_is_the_next_version(cast: Cast) -> None:
    """The same text is no new version; what was written stays readable as it was."""
    protocol = factories.protocol(cast.clinic)
    client, address = cast.client(cast.clinician), f"/protocols/{protocol.pk}/aftercare/"

    assert DEFAULT_TEXT.splitlines()[0] in client.get(address).content.decode()
    for based_on, text in ((0, "# Rest\nFirst."), (1, "# Rest\nSecond."), (2, "# Rest\nSecond.")):
        assert save(client, address, text, based_on).status_code == 302
    versions = AftercareSheet.objects.order_by("number")
    assert [(each.number, each.text, each.protocol) for each in versions] == [
        (1, "# Rest\nFirst.", protocol),
        (2, "# Rest\nSecond.", protocol),
    ]
    assert "First." in client.get(f"/aftercare/{versions[0].pk}/").content.decode()
    pdf = client.get(f"/aftercare/{versions[0].pk}/?as=pdf").content
    assert letters("First.") in letters(read_of(pdf)) and facts_of(pdf)["Tagged"] == "yes"
    assert AuditEvent.objects.filter(action="wrote_aftercare").count() == 2


def test_two_people_do_not_overwrite(cast: Cast) -> None:
    """Who began from an older version is told, keeps what was typed, and may then save it."""
    client = cast.client(cast.clinician)
    save(client, GENERAL, "Theirs.", 0)

    refused = save(client, GENERAL, "Mine.", 0)

    assert refused.status_code == 422 and "Version 1 was written while" in refused.content.decode()
    assert "Mine." in refused.content.decode() and AftercareSheet.objects.count() == 1
    assert save(client, GENERAL, "Mine.", refused.context["form"]["based_on"].value()).status_code == 302


def test_reason_for_the_same_is_kept(cast: Cast) -> None:
    """The text of one protocol sent for another is asked about; the reason stays with the version that it made."""
    client, reason = cast.client(cast.clinician), "One text for both protocols"
    first, second = (f"/protocols/{factories.protocol(cast.clinic).pk}/aftercare/" for _ in range(2))
    save(client, first, "Rest.", 0)

    asked = save(client, second, "Rest.", 0)
    reasons = reasons_asked_for(asked.content.decode(), reason)
    told = {"text": "Rest.", "based_on": 0, "_sentinel": "1", **reasons}

    assert asked.status_code == 422 and client.post(second, told).status_code == 302
    kept = PassedWarning.objects.get()
    assert (kept.record_id, kept.reason) == (AftercareSheet.objects.order_by("-id")[0].pk, reason)


def test_empty_text_is_refused(cast: Cast) -> None:
    refused = save(cast.client(cast.clinician), GENERAL, "  ", 0)

    assert refused.status_code == 422 and "Write what the patient is told" in refused.content.decode()


@pytest.mark.parametrize("role", [Role.NURSE, Role.RECEPTION, Role.READER])
def test_who_may_write_it(cast: Cast, role: str) -> None:
    assert cast.client(getattr(cast, role)).get(GENERAL).status_code == 403


def test_language_is_of_the_address(cast: Cast) -> None:
    client = cast.client(cast.manager)
    save(client, f"{GENERAL}?language=zh-Hans", "# 护理须知", 0)

    assert AftercareSheet.objects.get().language == "zh-Hans"
    assert client.get(f"{GENERAL}?language=nonsense").status_code == 200
