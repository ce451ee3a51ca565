"""The pages of the clinic's consent forms: written, changed by a new version, retired, taken over from samples."""

from typing import Any

import pytest
from django.urls import reverse

from clinic.audit.models import AuditEvent
from tests import factories
from tests.people import Cast
from treatments.consents.texts.differences import ADDED, REMOVED, differences, only_changed
from treatments.consents.texts.samples import SAMPLES
from treatments.models import ConsentText
from treatments.records.ids import new_id

pytestmark = pytest.mark.any_database
LIST = "/consent-forms/"


def typed(**fields: Any) -> dict[str, Any]:
    told = {"kind": "treatment", "title": "Treatment", "language": "en", "body": "# One\r\n\r\nTwo."}
    return {"id": str(new_id()), **told, "_sentinel": "1", **fields}


def write(cast: Cast, **fields: Any) -> Any:
    return cast.client(cast.manager).post(reverse("consents:text-write"), typed(**fields))


def version(cast: Cast, after: ConsentText, **fields: Any) -> Any:
    told = {"id": str(new_id()), "after": str(after.pk), "body": "Three.", "_sentinel": "1", **fields}
    return cast.client(cast.manager).post(reverse("consents:text-version", args=[after.pk]), told)


def test_form_is_written_and_read(cast: Cast) -> None:
    answer = write(cast, covers_unapproved="on", covers_source="plants")
    text = ConsentText.objects.get()
    assert answer.url == text.get_absolute_url()
    assert (text.number, text.body, text.language_name, text.is_sample) == (1, "# One\n\nTwo.", "English", False)
    assert (text.covers_unapproved, text.covers_source, text.created_by) == (True, "plants", cast.manager)
    event = AuditEvent.objects.get(action="wrote_consent_text")
    assert event.detail["sha256"] == text.digest
    for person in (cast.reception, cast.reader, cast.nurse):
        body = cast.client(person).get(text.get_absolute_url()).content.decode()
        assert "<h2>One</h2>" in body and "Write a new version" not in body
    assert cast.client(cast.stranger).get(text.get_absolute_url()).status_code == 404


def test_any_language_is_written(cast: Cast) -> None:
    """One of the list, or another with its code; its direction stands on the page."""
    assert write(cast, language="ar", title="موافقة", body="نص <b>").status_code == 302
    assert write(cast, language="other", other_tag="dv_MV", other_name="Dhivehi", title="D").status_code == 302
    arabic, dhivehi = ConsentText.objects.order_by("created_at")
    body = cast.client(cast.manager).get(arabic.get_absolute_url()).content.decode()
    assert 'lang="ar" dir="rtl"' in body and "نص &lt;b&gt;" in body
    assert (dhivehi.language, dhivehi.language_name, dhivehi.direction) == ("dv-MV", "Dhivehi", "rtl")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"kind": ""}, "Choose what the patient consents to"),
        ({"title": ""}, "Write the title of the form"),
        ({"body": " \n "}, "Write the words that the patient reads"),
        ({"language": "other"}, "no language tag"),
        ({"language": "other", "other_tag": "sw"}, "Write the name of the language"),
        ({"kind": "photography"}, "Write words for at least one use"),
        ({"title": "TREATMENT of the Scalp"}, "The clinic has a form with this title"),
    ],
)
def test_form_that_cannot_be_is_refused(cast: Cast, fields: dict[str, str], sentence: str) -> None:
    factories.consent_text(cast.clinic, title="Treatment of the scalp")
    answer = write(cast, covers_source="kept as typed", **fields)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert ConsentText.objects.count() == 1


def test_changed_words_are_a_new_version(cast: Cast) -> None:
    """The words of version 1 stay; saving twice is one version; the page shows what was changed."""
    first = factories.consent_text(cast.clinic, body="Same.\n\nOne needle.")
    fields = {"id": str(new_id()), "body": "Same.\n\nTwo needles."}
    assert version(cast, first, **fields).url == version(cast, first, **fields).url
    second = ConsentText.objects.get(number=2)
    assert (second.title, second.language, second.body) == (first.title, "en", "Same.\n\nTwo needles.")
    first.refresh_from_db()
    assert first.body == "Same.\n\nOne needle."
    body = cast.client(cast.manager).get(second.get_absolute_url()).content.decode()
    assert "<del>One needle.</del>" in body and "<ins>Two needles.</ins>" in body
    old = cast.client(cast.manager).get(first.get_absolute_url()).content.decode()
    assert "This version is not signed any more" in old and second.get_absolute_url() in old


def test_two_people_write_a_version(cast: Cast) -> None:
    """Who comes second is shown the other's words, and may still publish."""
    first = factories.consent_text(cast.clinic)
    version(cast, first, body="Hers.")
    answer = version(cast, first, body="His.")
    body = answer.content.decode()
    assert answer.status_code == 409
    assert "Hers." in body and "His." in body
    second = ConsentText.objects.get(number=2)
    assert f'value="{second.pk}"' in body
    assert version(cast, second, body="His.").status_code == 302
    assert list(ConsentText.objects.order_by("number").values_list("body", flat=True))[1:] == ["Hers.", "His."]


def test_unchanged_words_are_no_version(cast: Cast) -> None:
    first = factories.consent_text(cast.clinic, body="Same.")
    answer = version(cast, first, body="Same.\r\n")
    assert answer.status_code == 422 and "These are the words of version 1" in answer.content.decode()


def test_preview_saves_nothing(cast: Cast) -> None:
    first = factories.consent_text(cast.clinic, language="ar", body="One.")
    page = f"{reverse('consents:text-preview')}?after={first.pk}"
    body = cast.client(cast.manager).post(page, {"body": "# Two <i>"}).content.decode()
    assert 'dir="rtl"' in body and "Two &lt;i&gt;" in body and "<del>" in body
    fresh = cast.client(cast.manager).post(reverse("consents:text-preview"), typed(kind="", language="other"))
    assert fresh.status_code == 200 and "<h2>One</h2>" in fresh.content.decode()
    assert ConsentText.objects.count() == 1


def test_retired_form_is_still_read(cast: Cast) -> None:
    """It is not asked any more, and a new version brings it back; an older version cannot be retired by itself."""
    first = factories.consent_text(cast.clinic)
    second = factories.consent_text(cast.clinic, number=2)
    client = cast.client(cast.manager)
    client.post(reverse("consents:text-retire", args=[first.pk]))
    assert not ConsentText.objects.filter(retired_at__isnull=False).exists()
    assert client.post(reverse("consents:text-retire", args=[second.pk])).url == LIST
    second.refresh_from_db()
    assert second.retired_by == cast.manager
    assert "Retired" in client.get(LIST).content.decode()
    assert "Nobody is asked to sign it" in client.get(second.get_absolute_url()).content.decode()
    assert version(cast, second).status_code == 302
    assert ConsentText.objects.of(cast.clinic).current().get().number == 3


def test_samples_are_taken_over_once(cast: Cast) -> None:
    """They say that a lawyer should read them, until the clinic publishes a version of its own."""
    client = cast.client(cast.manager)
    assert "No form is kept here yet" in client.get(LIST).content.decode()
    for _ in range(2):
        client.post(reverse("consents:text-adopt"), {"sample": ["treatment", "photography", "of nobody"]})
    adopted = ConsentText.objects.order_by("kind")
    assert [(text.kind, text.number, text.is_sample) for text in adopted] == [
        ("photography", 1, True),
        ("treatment", 1, True),
    ]
    treatment = adopted[1]
    assert "Have your lawyer read it" in client.get(treatment.get_absolute_url()).content.decode()
    assert "Samples to begin with" in client.get(LIST).content.decode()
    assert version(cast, treatment, body=treatment.body).status_code == 302
    assert not ConsentText.objects.get(number=2).is_sample


def test_samples_say_what_they_must() -> None:
    """Of a treatment: diagnosis, status, source, alternatives, what is unknown, the harms, cost, plan, the right to
    stop. Of photographs: each use has words of its own, and published copies cannot be got back."""
    treatment, photography, _, case = SAMPLES
    for word in (
        "which kind of hair loss", "No authority has approved", "made from", "minoxidil", "finasteride",
        "transplant", "do not know", "granulomas", "skin that dies", "infection", "costs", "stop at any time",
    ):  # fmt: skip
        assert word in treatment.body.replace("\\\n", ""), word
    assert len(photography.uses) == 6
    assert "cannot be got back" in photography.body
    for word in (
        "Your name",
        "read the text before",
        "on the internet",
        "may still recognise you",
        "take this back",
    ):
        assert word in case.body, word
    assert case.kind == "case_publication" and not case.uses


def test_differences_by_line_and_word() -> None:
    lines = differences("Same.\nOne small needle.\nGone.\nEnd.", "Same.\nOne large needle.\nEnd.\nNew.")
    told = [[(part.how, part.text) for part in line] for line in lines]
    assert told[1] != told[0]
    assert [(REMOVED, "Gone.")] in told and [(ADDED, "New.")] in told
    assert differences("头皮治疗。", "头皮外泌体治疗。")[0][1].text == "外泌体"
    assert only_changed(differences("a\nb", "a\nb")) == []
    far = only_changed(differences("1\n2\n3\n4\n5", "1\n2\n3\n4\nfive"))
    assert far[0] == () and [part.text for part in far[1]] == ["4"]


def test_only_a_manager_writes(cast: Cast) -> None:
    text = factories.consent_text(cast.clinic)
    for name, ids in (("text-write", []), ("text-version", [text.pk])):
        assert cast.client(cast.clinician).get(reverse(f"consents:{name}", args=ids)).status_code == 403
    for name, ids in (("text-retire", [text.pk]), ("text-adopt", []), ("text-preview", [])):
        assert cast.client(cast.clinician).post(reverse(f"consents:{name}", args=ids)).status_code == 403
