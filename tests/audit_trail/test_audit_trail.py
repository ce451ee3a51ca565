"""The page that answers who saw or did what: its questions, its words, its pages, on paper and as a file."""

import csv
import datetime
import io
import re
import uuid

import pytest
from django.utils import timezone

from clinic.audit.log import RequestFacts, record, request_facts
from clinic.audit.models import AuditEvent
from clinic.sign_in.failures import account_hash
from clinic.staff.actions import change_member
from clinic.staff.models import Membership
from tests import factories
from treatments.audit_trail import views
from treatments.identity.merge.actions import merge_patients
from treatments.identity.move.actions import Destination, move_record
from treatments.models import RecordMove

pytestmark = pytest.mark.django_db
UTC = datetime.UTC


@pytest.fixture
def clinic(cast):
    """The cast's clinic keeps the time of Singapore, eight hours ahead of UTC."""
    cast.clinic.time_zone = "Asia/Singapore"
    cast.clinic.save()
    return cast.clinic


def event(clinic, by, action, at, *, patient=None, address="192.0.2.1", **fields):
    told = {"object_type": "patient", "object_id": str(patient.pk), "patient_id": patient.pk} if patient else {}
    return AuditEvent.objects.create(clinic=clinic, actor=by, action=action, at=at, address=address, **(told | fields))


def shown(response):
    """The lines of a page, each as one text."""
    rows = re.findall(r"<tr>\s*<th scope=\"row\">.*?</tr>", response.content.decode(), re.S)
    return [" ".join(re.sub(r"<[^>]*>", "", row).split()) for row in rows]


def ask(client, **answers):
    return client.get("/audit-trail/", answers)


def test_an_event_is_told_in_words(cast, clinic):
    cast.nurse.name = "Mei Tan"
    cast.nurse.save()
    cast.patient.record_number = "HC-0007"
    cast.patient.save()
    at = datetime.datetime(2026, 5, 14, 1, 12, 33, tzinfo=UTC)
    event(clinic, cast.nurse, "viewed", at, patient=cast.patient, detail={"page": "timeline"})

    answer = ask(cast.client(cast.manager), patient="hc 7", until="14 May 2026")

    assert shown(answer) == [
        "14 May 2026, 09:12:33 Mei Tan (nurse) looked at the timeline of HC-0007 Ida Invented from 192.0.2.1"
    ]
    assert answer.context["how_many"] == "1 event"


def test_a_lot_is_named(cast, clinic):
    lot = factories.lot(factories.product(clinic), number="EX-1001")
    other = factories.lot(factories.product(factories.clinic(name="Elsewhere")), number="EL-9")
    at = datetime.datetime(2026, 5, 14, 1, 12, 33, tzinfo=UTC)
    for each in (lot, other):
        event(clinic, cast.nurse, "recalled_lot", at, object_type="lot", object_id=str(each.pk))

    theirs, ours = sorted(shown(ask(cast.client(cast.manager), until="14 May 2026")), key=len)

    assert "recalled a lot: EX-1001" in ours
    assert "recalled a lot" in theirs and "EL-9" not in theirs


def test_the_empty_page_asks_nothing(cast, clinic):
    """Before anything is asked there are examples, and nothing new on the trail."""
    before = AuditEvent.objects.count()

    answer = cast.client(cast.manager).get("/audit-trail/")

    assert "Everything of today" in answer.content.decode() and shown(answer) == []
    assert AuditEvent.objects.count() == before


@pytest.mark.parametrize(
    ("asked", "action", "told"),
    [("", "viewed_audit", 200), ("print/", "printed_audit", 200), ("audit-trail.csv", "exported_audit", 200)],
)
def test_a_question_is_on_the_trail(asked, action, told, cast, clinic):
    """What was asked, without what was typed: a name may have been."""
    client = cast.client(cast.manager)

    answer = client.get(f"/audit-trail/{asked}", {"patient": "Ida Inv", "since": "May 2026", "kind": "wrote"})

    found = AuditEvent.objects.get(action=action)
    assert answer.status_code == told
    assert (found.actor, found.patient_id, found.clinic) == (cast.manager, cast.patient.pk, clinic)
    assert found.detail == {"since": "2026-05", "kind": "wrote"}


def test_each_answer_narrows(cast, clinic):
    other = factories.patient(clinic, name="Otto Invented")
    day = datetime.datetime(2026, 5, 14, 4, tzinfo=UTC)
    week = datetime.timedelta(days=7)
    event(clinic, cast.nurse, "viewed", day, patient=cast.patient, detail={"page": "timeline"})
    event(clinic, cast.nurse, "logged_session", day + week, patient=cast.patient)
    event(clinic, cast.clinician, "viewed", day + 2 * week, patient=other, detail={"page": "timeline"})
    event(clinic, cast.clinician, "signed_in", day + 3 * week)
    event(cast.other_clinic, cast.stranger, "viewed", day, patient=cast.patient, detail={"page": "timeline"})
    client = cast.client(cast.manager)

    def count(**answers):
        return len(shown(ask(client, until="31 Oct 2026", **answers)))

    assert count() == 4
    assert count(patient=cast.patient.record_number) == 2
    assert count(person=cast.nurse.pk) == 2
    assert count(kind="looked") == 2
    assert count(kind="signed") == 1
    assert count(kind="wrote", person=cast.clinician.pk) == 0
    assert count(patient=cast.patient.record_number, kind="looked") == 1
    assert count(since="21 May 2026") == 3
    assert len(shown(ask(client, since="May 2026", until="May 2026"))) == 3
    assert len(shown(ask(client, since="28 May 2026", until="28 May 2026"))) == 1


def test_a_day_is_the_clinics(cast, clinic):
    """Midnight in Singapore is four in the afternoon of UTC."""
    midnight = datetime.datetime(2026, 5, 13, 16, tzinfo=UTC)
    second = datetime.timedelta(seconds=1)
    for at in (midnight - second, midnight, midnight + datetime.timedelta(days=1) - second):
        event(clinic, cast.nurse, "signed_in", at)

    answer = ask(cast.client(cast.manager), since="14 May 2026", until="14 May 2026")

    assert [line[:21] for line in shown(answer)] == ["14 May 2026, 23:59:59", "14 May 2026, 00:00:00"]


@pytest.mark.parametrize("order", ["newest", "oldest"])
def test_pages_meet_without_a_gap(order, cast, clinic, monkeypatch):
    """Forward to the end and back to the start each event is shown once, those of one moment too."""
    monkeypatch.setattr(views, "EVENTS_ON_A_PAGE", 4)
    at = datetime.datetime(2026, 5, 14, 4, tzinfo=UTC)
    for number in range(11):
        action = ("signed_in", "signed_out", "chose_clinic")[number % 3]
        event(clinic, cast.nurse, action, at + datetime.timedelta(hours=number // 5), session=f"{number}")
    client, asked = cast.client(cast.manager), {"kind": "signed", "person": cast.nurse.pk, "order": order}

    def walk(link):
        seen, address = [], {}
        while address is not None:
            answer = client.get("/audit-trail/", asked | address)
            seen.append([event.session for event in answer.context["answer"].events])
            found = re.search(rf"{link}=(\d+)", answer.content.decode())
            address = {link: found[1]} if found else None
        return seen

    forward = walk("after")
    assert [len(page) for page in forward] == [4, 4, 3]
    expected = [str(number) for number in range(11)]
    assert [each for page in forward for each in page] == (expected if order == "oldest" else expected[::-1])
    last = client.get("/audit-trail/", asked | {"after": _pk(forward[1][-1])}).context["answer"].before
    back = client.get("/audit-trail/", asked | {"before": last}).context["answer"]
    assert [event.session for event in back.events] == forward[1] and back.has_earlier and back.has_later


def _pk(session):
    return AuditEvent.objects.get(session=session).pk


def test_an_hour_that_comes_twice(cast, clinic):
    """When a clock is put back, two events an hour apart have the same time of day."""
    clinic.time_zone = "Europe/Berlin"
    clinic.save()
    for hour in (0, 1):
        at = datetime.datetime(2026, 10, 25, hour, 30, tzinfo=UTC)
        event(clinic, cast.nurse, "viewed", at, patient=cast.patient)

    told = shown(ask(cast.client(cast.manager), until="25 Oct 2026"))

    assert [line.partition(" Nurse")[0] for line in told] == [
        "25 Oct 2026, 02:30:00 (CET)",
        "25 Oct 2026, 02:30:00 (CEST)",
    ]


def test_many_events_are_not_all_counted(cast, clinic, monkeypatch):
    monkeypatch.setattr("clinic.audit_report.questions.COUNTED", 5)
    monkeypatch.setattr(views, "COUNTED", 5)
    for _ in range(6):
        event(clinic, cast.nurse, "signed_in", timezone.now())

    assert "more than 5 events" in ask(cast.client(cast.manager), person=cast.nurse.pk).content.decode()


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"since": "31 Feb 2026"}, "Feb 2026 has 28 days; there is no day 31."),
        ({"until": "soon"}, "“soon” is not a date we can read."),
        ({"since": "14 May 2026", "until": "13 May 2026"}, "This lies before 14 May 2026."),
        ({"patient": "Zyzzyva"}, "No patient matches."),
        ({"person": "999999"}, "Select a valid choice."),
        ({"kind": "anything else"}, "Select a valid choice."),
    ],
)
def test_a_bad_answer_keeps_the_others(answers, message, cast, clinic):
    """The message stands beside the field, nothing typed is lost, and the trail is not asked."""
    typed = {"patient": "Ida Invented", "since": "May 2025"} | answers

    answer = ask(cast.client(cast.manager), **typed)
    text = answer.content.decode()

    assert answer.status_code == 422
    assert message in text and "<title>Error: Audit trail" in text
    for name in {"patient", "since", "until"} & set(typed):
        assert f'value="{typed[name]}"' in text
    assert not AuditEvent.objects.filter(action="viewed_audit").exists()


def test_of_several_patients_one_is_chosen(cast, clinic):
    """The rest of the question stays in the addresses among which to choose."""
    twin = factories.patient(clinic, name="Ida Invented", archived_at=timezone.now())
    client = cast.client(cast.manager)

    text = ask(client, patient="ida", kind="looked").content.decode()

    assert "Choose which patient you mean." in text and 'value="ida"' in text
    found = re.search(rf'href="\?(patient={twin.record_number}[^"]*)"', text)
    assert found and "kind=looked" in found[1]
    assert client.get(f"/audit-trail/?{found[1]}").context["form"].subject.patient == twin


def test_who_is_gone_can_be_chosen(cast, clinic):
    change_member(Membership.objects.get(user=cast.nurse), role="nurse", is_active=False, by=cast.manager)
    at = datetime.datetime(2026, 5, 14, 4, tzinfo=UTC)
    event(clinic, cast.nurse, "signed_in", at)

    answer = ask(cast.client(cast.manager), person=cast.nurse.pk)

    assert f"{cast.nurse.name}, nurse" in answer.content.decode()
    assert [re.sub(r"\(nurse.*?\)", "(gone)", line) for line in shown(answer)] == [
        f"14 May 2026, 12:00:00 {cast.nurse.name} (gone) signed in from 192.0.2.1"
    ]


def untimed(line: str) -> str:
    """Without its day and time, whose length differs: "1 Dec 2026, 09:05:00 "."""
    return re.sub(r"^\d{1,2} \w{3} \d{4}, [\d:]{8} ", "", line)


def test_refused_sign_ins_name_the_account(cast, clinic):
    """Those of the clinic's people, also of one who is gone, whose tries belong to no clinic; nobody else's."""
    at = datetime.datetime(2026, 5, 14, 4, tzinfo=UTC)
    for of, email in ((clinic, cast.nurse.email), (None, cast.reader.email), (None, "stranger@example.test")):
        event(of, None, "sign_in_failed", at, detail={"account": account_hash(email), "how": "password"})
    client = cast.client(cast.manager)

    everybodys = shown(ask(client, kind="signed"))
    nurses = shown(ask(client, kind="signed", person=cast.nurse.pk))

    said = "14 May 2026, 12:00:00 Somebody who was not signed in tried to sign in as {}, and was refused from 192.0.2.1"
    assert sorted(everybodys) == sorted(said.format(each.name) for each in (cast.nurse, cast.reader))
    assert nurses == [said.format(cast.nurse.name)]


def test_who_was_refused_a_record_is_shown(cast, clinic):
    """Under the patient whom the address named, although nothing of the record was reached."""
    assert cast.client(cast.reception).get(f"/patients/{cast.patient.pk}/").status_code == 403
    assert cast.client(cast.stranger).get(f"/patients/{cast.patient.pk}/").status_code == 404

    for asked in ({}, {"kind": "refused"}):
        lines = shown(ask(cast.client(cast.manager), patient=cast.patient.record_number, **asked))
        assert [untimed(line) for line in lines if "read the audit trail" not in line] == [
            f"{cast.reception.name} (reception) asked for the timeline of {cast.patient.record_number} Ida Invented"
            " and was refused: the role may not see the clinical record and photos from 127.0.0.1"
        ]


def test_events_of_a_merged_record_are_shown(cast, clinic):
    shell = factories.patient(clinic, name="Ida Invented", record_number="T-OLD")
    at = datetime.datetime(2026, 5, 14, 4, tzinfo=UTC)
    event(clinic, cast.nurse, "viewed", at, patient=shell, detail={"page": "timeline"})
    merge_patients(
        RecordMove(clinic=clinic, patient=cast.patient, from_patient=shell, reason="One person"), by=cast.manager
    )
    client = cast.client(cast.manager)

    for number in ("T-OLD", cast.patient.record_number):
        answer = ask(client, patient=number, kind="looked", person=cast.nurse.pk)
        assert f"T-OLD was merged into {cast.patient.record_number}. The events of all are shown." in (
            answer.content.decode()
        )
        assert [untimed(line) for line in shown(answer)] == [
            f"{cast.nurse.name} (nurse) looked at the timeline of T-OLD Ida Invented from 192.0.2.1"
        ]


def test_events_of_a_moved_entry_are_shown(cast, clinic):
    """What was done with the entry where it was before, and nothing else that was done there."""
    wrong = factories.patient(clinic, name="Otto Invented", record_number="T-WRONG")
    assessment = factories.assessment(wrong)
    at = datetime.datetime(2026, 5, 14, 4, tzinfo=UTC)
    event(clinic, cast.nurse, "viewed", at, patient=wrong, detail={"page": "timeline"})
    of_entry = {"object_type": "assessment", "object_id": str(assessment.pk), "patient_id": wrong.pk}
    AuditEvent.objects.create(clinic=clinic, actor=cast.nurse, action="recorded_assessment", at=at, **of_entry)
    move = RecordMove(clinic=clinic, patient=cast.patient, from_patient=wrong, reason="Wrong chair")
    move_record(move, record=assessment, to=Destination(cast.patient), expected_version=1, along=[], by=cast.manager)

    answer = ask(cast.client(cast.manager), patient=cast.patient.record_number, person=cast.nurse.pk)

    assert [untimed(line) for line in shown(answer)] == [
        f"{cast.nurse.name} (nurse) recorded an examination of T-WRONG Otto Invented"
    ]
    assert "Entries were moved here from T-WRONG" in answer.content.decode()


def test_another_clinics_patient_is_unknown(cast, clinic):
    stranger = factories.patient(cast.other_clinic, name="Zora Elsewhere")

    assert ask(cast.client(cast.manager), patient="Zora").status_code == 422
    assert ask(cast.client(cast.manager), patient=stranger.record_number).status_code == 422


def test_no_page_of_another_clinic(cast, clinic):
    """An event of another clinic is no place to begin a page, and does not show when it was."""
    theirs = event(cast.other_clinic, cast.stranger, "signed_in", timezone.now() - datetime.timedelta(days=300))
    for _ in range(2):
        event(clinic, cast.nurse, "signed_in", timezone.now())

    answer = ask(cast.client(cast.manager), person=cast.nurse.pk, after=theirs.pk)

    assert len(shown(answer)) == 2


@pytest.mark.parametrize("names_patient", [True, False])
def test_the_file(names_patient, cast, clinic):
    """One event a row, nothing that a spreadsheet would run, a patient's name only where one was asked for."""
    cast.nurse.name = "=HYPERLINK(1)"
    cast.nurse.save()
    at = datetime.datetime(2026, 5, 14, 1, 12, 33, tzinfo=UTC)
    event(clinic, cast.nurse, "viewed", at, patient=cast.patient, detail={"page": "timeline"})
    asked = {"patient": cast.patient.record_number} if names_patient else {"person": cast.nurse.pk}

    answer = cast.client(cast.manager).get("/audit-trail/audit-trail.csv", asked | {"until": "May 2026"})

    rows = list(csv.reader(io.StringIO(b"".join(answer).decode().removeprefix("\ufeff"))))
    assert rows[0][0].startswith(f"Audit trail of Lime Tree Hair Clinic, asked by {cast.manager.name} on ")
    assert "until May 2026" in rows[1][0]
    assert rows[2][0] == "Time" and len(rows) == 4
    number = cast.patient.record_number
    of = f"{number} Ida Invented" if names_patient else number
    assert rows[3] == [
        "2026-05-14 09:12:33+08:00", "'=HYPERLINK(1)", "nurse", f"looked at the timeline of {of}", "Looked at", number,
        "'192.0.2.1",
    ]  # fmt: skip
    assert ("Ida" in str(rows)) is names_patient
    assert re.fullmatch(r'attachment; filename="audit-trail-\d{4}-\d\d-\d\d-\d{4}\.csv"', answer["Content-Disposition"])


def test_the_sheet_says_what_was_asked(cast, clinic, monkeypatch):
    monkeypatch.setattr(views, "EVENTS_ON_PAPER", 2)
    for _ in range(3):
        event(clinic, cast.nurse, "signed_in", timezone.now())

    answer = cast.client(cast.manager).get("/audit-trail/print/", {"person": cast.nurse.pk, "since": "2026"})
    text = " ".join(re.sub(r"<[^>]*>", " ", answer.content.decode()).split())

    assert f"Person {cast.nurse.name} When from 2026 on What anything Asked by {cast.manager.name}, manager" in text
    assert "3 events, of which these are the first 2." in text and len(shown(answer)) == 2


def test_a_bad_question_is_not_printed(cast, clinic):
    for address in ("print/", "audit-trail.csv"):
        answer = cast.client(cast.manager).get(f"/audit-trail/{address}", {"since": "soon"})
        assert answer.headers["Location"] == "/audit-trail/?since=soon"


# ── Who looked at my record? ───────────────────────────────────────────────────────────────────


def test_a_patient_is_told_who_looked(cast, clinic):
    """By day and person, in plain words, the latest first; nothing of other patients, nothing internal."""
    clinic.letterhead = "Lime Tree Hair Clinic\n1 Invented Street"
    clinic.save()
    other = factories.patient(clinic, name="Otto Invented")
    first = datetime.datetime(2026, 5, 14, 4, tzinfo=UTC)
    for hours, by, action in ((0, cast.nurse, "viewed"), (1, cast.nurse, "viewed"), (2, cast.nurse, "logged_session"),
                              (3, cast.clinician, "viewed"), (30, cast.nurse, "exported_photos")):  # fmt: skip
        event(clinic, by, action, first + datetime.timedelta(hours=hours), patient=cast.patient)
    event(clinic, cast.reader, "viewed", first, patient=other)

    answer = cast.client(cast.manager).get(f"/patients/{cast.patient.pk}/who-looked/")
    text = answer.content.decode()

    assert shown(answer) == [
        f"15 May 2026 {cast.nurse.name}, nurse exported or printed from it",
        f"14 May 2026 {cast.clinician.name}, clinician looked at it",
        f"14 May 2026 {cast.nurse.name}, nurse looked at it and wrote in it",
    ]
    assert "1 Invented Street" in text and "since 14 May 2026" in text
    assert AuditEvent.objects.get(action="viewed_audit").patient_id == cast.patient.pk


def test_who_looked_since_a_day(cast, clinic):
    for month in (3, 5):
        event(clinic, cast.nurse, "viewed", datetime.datetime(2026, month, 14, 4, tzinfo=UTC), patient=cast.patient)
    client = cast.client(cast.manager)

    assert len(shown(client.get(f"/patients/{cast.patient.pk}/who-looked/", {"since": "April 2026"}))) == 1
    refused = client.get(f"/patients/{cast.patient.pk}/who-looked/", {"since": "soon"})
    assert refused.status_code == 422 and 'value="soon"' in refused.content.decode()


def test_nobody_looked(cast, clinic):
    text = cast.client(cast.manager).get(f"/patients/{cast.patient.pk}/who-looked/").content.decode()

    assert "Nobody looked at this record in this time." in text


def test_a_command_on_the_server_is_named(cast, clinic):
    request_facts.set(RequestFacts())
    record("archived", by=None, clinic=clinic, target=cast.patient)

    answer = ask(cast.client(cast.manager), patient=cast.patient.record_number)

    assert [line.partition(" A ")[2] for line in shown(answer)] == [
        f"command on the server archived the record of {cast.patient.record_number} Ida Invented"
    ]


def test_a_record_that_is_not_here(cast, clinic):
    """An id that no patient of the clinic has is said to be none; the page does not fail."""
    lost = {"object_type": "patient", "object_id": "x", "patient_id": uuid.uuid4()}
    AuditEvent.objects.create(clinic=clinic, actor=cast.nurse, action="viewed", detail={"page": "timeline"}, **lost)

    answer = ask(cast.client(cast.manager), person=cast.nurse.pk)

    assert "looked at the timeline of a record that is not here" in shown(answer)[0]
