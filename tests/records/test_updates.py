"""What changes is not wrong: an update has a day and keeps what was true before; a correction has a reason."""

import datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from clinic.audit.models import AuditEvent
from tests import factories
from tests.html_forms import filled
from tests.people import Cast
from treatments.models import Correction, HairHistory, Patient
from treatments.patients import actions
from treatments.records.actions import Conflict, as_json, update
from treatments.records.partial_dates import PartialDate
from treatments.records.past_values import changed_after, former_values, value_on

pytestmark = pytest.mark.django_db
MAY = PartialDate("2026-05-03")


def history(cast: Cast, **answers: Any) -> HairHistory:
    return HairHistory.objects.create(
        clinic=cast.clinic, patient=cast.patient, created_by=cast.clinician, taken_on="2025-01-10", **answers
    )


def changed(record: Any, cast: Cast, since: str, **changes: Any) -> Any:
    record.refresh_from_db()
    return update(record, changes=changes, since=PartialDate(since), expected_version=record.version, by=cast.clinician)


def test_an_update_keeps_the_value_before(cast: Cast) -> None:
    """The old value is kept as true until the day, without a reason, and the trail tells of it."""
    changed(history(cast, allergies="none"), cast, "2026-05-03", allergies="yes", allergies_text="penicillin")

    told = Correction.objects.get()
    assert (told.kind, told.since, told.reason, told.headline) == ("update", MAY, "", "Changed on 3 May 2026")
    assert [(each["before"], each["after"], each["was"]) for each in told.changes] == [
        ("Asked, none", "Yes", "none"),
        ("not recorded", "penicillin", ""),
    ]
    assert AuditEvent.objects.filter(action="updated").count() == 1


def test_an_update_sent_twice_is_one(cast: Cast) -> None:
    """A double click writes one update; another day from the same version is a conflict."""
    told = {"changes": {"phone": "+65 5550 0142"}, "expected_version": 1, "by": cast.reception}

    actions.update_details(cast.patient, since=MAY, **told)
    again = actions.update_details(Patient.objects.get(pk=cast.patient.pk), since=MAY, **told)

    assert (again.version, Correction.objects.count()) == (2, 1)
    with pytest.raises(Conflict):
        actions.update_details(Patient.objects.get(pk=cast.patient.pk), since=PartialDate("2026-06"), **told)


def test_nothing_changed_writes_nothing(cast: Cast) -> None:
    """Equal values are no update, unless something was asked again."""
    recorded = history(cast, allergies="none")
    same = {"changes": {"allergies": "none"}, "since": MAY, "by": cast.clinician}

    assert update(recorded, expected_version=1, **same).version == 1
    update(recorded, expected_version=1, confirmed=["allergies"], **same)

    told = Correction.objects.get()
    assert (told.changes, told.confirmed_text, told.version) == ([], "allergies", 2)


@pytest.mark.parametrize(
    "told",
    [
        {"kind": "correction", "reason": ""},
        {"kind": "update", "since": ""},
        {"kind": "correction", "reason": "Misread", "since": "2026-05"},
        {"kind": "guess", "reason": "Misread"},
    ],
)
def test_kind_day_and_reason_fit(cast: Cast, told: dict[str, str]) -> None:
    """The database refuses a correction without a reason, an update without its day, and any other kind."""
    patient = cast.patient
    row = {"clinic": cast.clinic, "record_id": patient.pk, "version": 2, "changes": [], "by": cast.nurse}
    with pytest.raises(IntegrityError), transaction.atomic():
        Correction.objects.create(**row, **told)


@pytest.mark.parametrize("column", ["kind", "since", "confirmed", "changes"])
def test_what_was_told_stays_told(cast: Cast, column: str) -> None:
    """Neither day nor kind of an update can be changed afterwards, on either database."""
    changed(history(cast), cast, "2026-05-03", smoking="stopped")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Correction.objects.update(**{column: F(column)})


def test_values_of_an_earlier_day(cast: Cast) -> None:
    """Each update counts from its day; what may lie on the day asked for counts; a correction counts for every day."""
    recorded = history(cast, allergies="none", cautions=["cancer"])
    changed(recorded, cast, "2026-03", allergies="yes", allergies_text="latex")
    recorded.refresh_from_db()
    changed(recorded, cast, "2026-05-03", allergies_text="latex, penicillin", cautions=[])
    recorded.refresh_from_db()
    updates = list(Correction.objects.of_record(recorded).updates())

    def on(text: str) -> tuple[Any, ...]:
        day = datetime.date.fromisoformat(text)
        return tuple(value_on(recorded, name, updates, day) for name in ("allergies", "allergies_text", "cautions"))

    assert on("2026-02-28") == ("none", "", ["cancer"])
    assert on("2026-03-01") == on("2026-05-02") == ("yes", "latex", ["cancer"])
    assert on("2026-05-03") == ("yes", "latex, penicillin", [])
    assert [each.version for each in changed_after(updates, ["allergies_text"], datetime.date(2026, 4, 1))] == [3]
    assert [each.text for each in former_values(updates)["allergies_text"]] == ["latex, until 3 May 2026"]


@given(days=st.lists(st.dates(datetime.date(2020, 1, 1), datetime.date(2026, 1, 1)), max_size=6, unique=True))
def test_any_updates_read_back(days: list[datetime.date]) -> None:
    """Of updates told in the order of their days, the value of any day is that of the last one before it."""
    updates = []
    for version, day in enumerate(sorted(days), start=2):
        was = "first" if version == 2 else f"value {version - 1}"
        change = {"field": "smoking", "label": "Smoking", "before": was, "after": f"value {version}", "was": was}
        updates.append(Correction(kind="update", since=PartialDate(day.isoformat()), version=version, changes=[change]))
    record = HairHistory(smoking=f"value {len(days) + 1}" if days else "first")

    for day in [datetime.date(2019, 1, 1), *days, datetime.date(2026, 6, 1)]:
        count = sum(each <= day for each in days)
        assert value_on(record, "smoking", updates, day) == (f"value {count + 1}" if count else "first")


def test_values_as_json() -> None:
    """What the database cannot keep as JSON is kept as its text, and read back by its column."""
    assert [as_json(value) for value in (None, True, 3, "a", ["b"], {"c": 1}, MAY)] == [
        None, True, 3, "a", ["b"], {"c": 1}, "2026-05-03",
    ]  # fmt: skip


def test_a_new_telephone_is_an_update(cast: Cast) -> None:
    """Reception writes the new number with its day: the old one stands beside it, and finds the patient."""
    patient = factories.patient(cast.clinic, name="Nell Novak", phone="+65 5550 0142")
    client, url = cast.client(cast.reception), reverse("patients:details", args=[patient.pk])
    page = client.get(url).content.decode()

    answer = client.post(url, filled(page, phone="+65 5550 0777", changed_since="3 May 2026"))

    assert answer.status_code == 302
    contact = client.get(answer["Location"]).content.decode()
    assert "before: +65 5550 0142, until 3 May 2026" in contact and "since 3 May 2026" in contact
    for number in ("55500142", "5550 0777"):
        assert list(Patient.objects.of(cast.clinic).matching(number)) == [patient], number


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"phone": "1", "changed_since": ""}, "Write since when"),
        ({"phone": "1", "changed_since": "1 Jan 2199"}, "This day is in the future"),
        ({"birth": "1964"}, "A date of birth does not change"),
        ({"phone": "1", "change_kind": "correction"}, "Write why it is corrected"),
        ({"phone": "1", "change_kind": ""}, "Choose one of the two"),
    ],
)
def test_what_an_update_needs(cast: Cast, typed: dict[str, str], sentence: str) -> None:
    """Refused with a sentence, and what was typed stands there still."""
    client, url = cast.client(cast.reception), reverse("patients:details", args=[cast.patient.pk])
    page = client.get(url).content.decode()

    answer = client.post(url, filled(page, contact_note="Ring twice", **typed))

    assert answer.status_code == 422
    assert sentence in answer.content.decode() and "Ring twice" in answer.content.decode()


def test_a_page_of_before_corrects(cast: Cast) -> None:
    """A page that was opened before this release asks for a reason alone: what it sends is a correction."""
    url = reverse("patients:details", args=[cast.patient.pk])
    page = cast.client(cast.reception).get(url).content.decode()
    old = {
        name: value
        for name, value in filled(page, phone="1", correction_reason="Typed wrongly").items()
        if name not in {"change_kind", "changed_since"}
    }

    assert cast.client(cast.reception).post(url, old).status_code == 302
    assert Correction.objects.get().kind == "correction"


def test_updates_are_told_apart(cast: Cast, clinician_client: Client) -> None:
    """The timeline and the page of all changes say "Changed" with the day of one, and "Corrected" of the other."""
    recorded = history(cast, smoking="ten a day")
    changed(recorded, cast, "2026-05-03", smoking="stopped")

    timeline = clinician_client.get(cast.patient.get_absolute_url()).content.decode()

    assert "<b>Changed on 3 May 2026</b>: smoking" in timeline and "<b>Corrected</b>" not in timeline
