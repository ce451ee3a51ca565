"""The trail is sealed, and what anybody changes in it by hand is found and named."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from clinic.audit import heads, log, sealing, verification
from clinic.audit.heads import Head
from clinic.audit.models import AuditEvent, AuditSeal
from clinic.operations.models import AUDIT, Upkeep
from tests.flush import without_triggers
from tests.people import Cast


@pytest.fixture(autouse=True)
def own_heads(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path


@pytest.fixture
def sealed(cast: Cast) -> list[int]:
    """Ids of nine events of one clinic, sealed by three seals; other clinics have some between."""
    ids = []
    for _ in range(3):
        for page in range(3):
            ids.append(log.record("viewed", by=cast.nurse, clinic=cast.clinic, detail={"page": str(page)}).pk)
            log.record("searched", by=cast.stranger, clinic=cast.other_clinic, detail={"letters": page})
            log.record("sign_in_failed", by=None, clinic=None)
        assert sealing.seal() == 9
    return ids


@contextmanager
def as_the_owner() -> Iterator[Any]:
    """Raw SQL past the triggers, as whoever owns the tables can do it."""
    with transaction.atomic(), connection.cursor() as cursor, without_triggers(cursor):
        yield cursor


def run(statement: str, *values: object) -> None:
    with as_the_owner() as cursor:
        cursor.execute(statement, values)


def found(cast: Cast, *printed: Head) -> list[str]:
    """What is wrong in the clinic; in no other place anything is."""
    verdict = verification.verify(list(printed))
    others = [trail for trail in verdict.trails if trail.clinic_id != cast.clinic.pk]
    assert [trail.findings for trail in others] == [[]] * len(others)
    [own] = [trail for trail in verdict.trails if trail.clinic_id == cast.clinic.pk]
    return [finding.sentence for finding in own.findings]


def test_every_column_is_sealed() -> None:
    """A column that comes later must be in the digest of seals that come later."""
    assert set(sealing.COLUMNS) == {field.column for field in AuditEvent._meta.local_fields}


def test_an_untouched_trail_is_whole(cast: Cast, sealed: list[int]) -> None:
    log.record("viewed", by=cast.nurse, clinic=cast.clinic)
    verdict = verification.verify()
    assert verdict.is_whole and verdict.notes == []
    told = {trail.clinic_id: (trail.sealed, trail.seals, trail.unsealed) for trail in verdict.trails}
    assert told == {None: (9, 3, 0), cast.clinic.pk: (9, 3, 1), cast.other_clinic.pk: (9, 3, 0)}
    assert sealing.seal() == 1 and sealing.seal() == 0


COLUMNS = {
    "at": "2020-01-01 10:00:00",
    "actor_id": None,
    "action": "exported_photos",
    "object_type": "photo",
    "object_id": "1",
    "patient_id": None,
    "detail": '{"page": "another"}',
    "request_id": "1",
    "address": "192.0.2.1",
    "session": "1",
}


def test_an_edit_of_any_column_is_found(cast: Cast, sealed: list[int]) -> None:
    event = log.record("viewed", by=cast.nurse, clinic=cast.clinic, target=cast.patient)
    sealing.seal()
    assert {*COLUMNS, "id", "clinic_id"} == set(sealing.COLUMNS)
    for column, value in COLUMNS.items():
        with transaction.atomic():
            run(f"UPDATE clinic_auditevent SET {column} = %s WHERE id = %s", value, event.pk)  # noqa: S608
            assert found(cast) == [f"event {event.pk} was edited: it is not what seal 4 has"], column
            transaction.set_rollback(True)
    run("UPDATE clinic_auditevent SET clinic_id = %s WHERE id = %s", cast.other_clinic.pk, sealed[1])
    own = {trail.clinic_id: trail.findings for trail in verification.verify().trails}[cast.clinic.pk]
    assert [each.sentence for each in own] == [
        f"event {sealed[1]} was edited: it stands in another clinic now, after seal 1"
    ]


def test_a_deletion_is_found(cast: Cast, sealed: list[int]) -> None:
    run("DELETE FROM clinic_auditevent WHERE id IN (%s, %s)", sealed[1], sealed[4])
    assert found(cast) == [
        f"event {sealed[1]} is missing: it was deleted, after seal 1",
        f"event {sealed[4]} is missing: it was deleted, after seal 2",
    ]


def test_an_exchange_is_found(cast: Cast, sealed: list[int]) -> None:
    one, two = sealed[0], sealed[5]
    for old, new in ((one, -1), (two, one), (-1, two)):
        run("UPDATE clinic_auditevent SET id = %s WHERE id = %s", new, old)
    assert found(cast) == [
        f"event {one} was exchanged with event {two}: it is not what seal 1 has",
        f"event {two} was exchanged with event {one}: it is not what seal 2 has",
    ]


def test_a_cut_tail_is_found(cast: Cast, sealed: list[int]) -> None:
    run("DELETE FROM clinic_auditevent WHERE id >= %s AND clinic_id = %s", sealed[6], cast.clinic.pk)
    assert found(cast) == [f"event {event} is missing: it was deleted, after seal 3" for event in sealed[6:]]


def test_a_tail_cut_with_its_seals_is_found(cast: Cast, sealed: list[int], capsys: Any) -> None:
    """By the file of heads; and by the printed line of a backup, where the file was cut too."""
    printed = heads.stored()[cast.clinic.pk]
    run("DELETE FROM clinic_auditevent WHERE id >= %s AND clinic_id = %s", sealed[6], cast.clinic.pk)
    run("DELETE FROM clinic_auditseal WHERE number = 3 AND clinic_id = %s", cast.clinic.pk)
    [sentence] = found(cast)
    assert sentence.startswith("the end was cut off: seal 3 was made before")

    log.record("viewed", by=cast.nurse, clinic=cast.clinic)
    assert sealing.seal() == 1, "work goes on, and the file remembers the seal that was"
    [sentence] = found(cast)
    assert sentence.startswith("seal 3 is not the one that was made before")

    heads.replace(heads.stored())
    assert found(cast) == []
    [sentence] = found(cast, Head.parse(str(printed)))
    assert sentence.startswith("seal 3 is not the one that was made before (--head)")
    with pytest.raises(CommandError):
        call_command("audit", "verify", "--head", str(printed))
    assert "seal 3 is not the one that was made before (--head)" in capsys.readouterr().out


def test_an_addition_is_found(cast: Cast, sealed: list[int]) -> None:
    run("DELETE FROM clinic_auditevent WHERE id = %s", sealed[1] + 1)  # of the other clinic, to have room for one
    columns = ", ".join(sealing.COLUMNS[1:])
    run(
        f"INSERT INTO clinic_auditevent (id, {columns}) SELECT %s, {columns} FROM clinic_auditevent WHERE id = %s",  # noqa: S608
        sealed[1] + 1,
        sealed[8],
    )
    own = {trail.clinic_id: trail.findings for trail in verification.verify().trails}[cast.clinic.pk]
    added = f"event {sealed[1] + 1} was added: it is older than seal 1, which does not have it"
    assert [each.sentence for each in own] == [added]


@pytest.mark.parametrize("is_of_clinic", [True, False])
def test_an_addition_where_it_is_quiet(cast: Cast, is_of_clinic: bool) -> None:
    """Below the last seal of any clinic nothing is sealed any more, although the clinic itself has no later one."""
    quiet = log.record("viewed", by=cast.nurse, clinic=cast.clinic)
    gap = log.record("viewed", by=cast.nurse, clinic=cast.clinic).pk
    log.record("viewed", by=cast.stranger, clinic=cast.other_clinic)
    run("DELETE FROM clinic_auditevent WHERE id = %s", gap)
    sealing.seal()
    columns = ", ".join(sealing.COLUMNS[2:])
    for event in (gap, -7):
        run(
            f"INSERT INTO clinic_auditevent (id, clinic_id, {columns}) "  # noqa: S608
            f"SELECT %s, %s, {columns} FROM clinic_auditevent WHERE id = %s",
            event,
            cast.clinic.pk if is_of_clinic else None,
            quiet.pk,
        )
    sealing.seal()
    told = [each.sentence for trail in verification.verify().trails for each in trail.findings]
    assert len(told) == 2 and all(f"event {event} " in each for event, each in zip((-7, gap), told, strict=True))


@pytest.mark.parametrize(
    "column, value",
    {"made_at": "2020-01-01 10:00:00", "first_event": 1, "count": 9, "entries": bytes(48), "mac": "0" * 64}.items(),
)
def test_an_edited_seal_is_found(column: str, value: object, cast: Cast, sealed: list[int]) -> None:
    run(f"UPDATE clinic_auditseal SET {column} = %s WHERE number = 2 AND clinic_id = %s", value, cast.clinic.pk)  # noqa: S608
    assert "seal 2 was edited, or made with another AUDIT_KEY" in found(cast)


def test_a_seal_that_was_taken_out_is_found(cast: Cast, sealed: list[int]) -> None:
    run("DELETE FROM clinic_auditseal WHERE number = 2 AND clinic_id = %s", cast.clinic.pk)
    assert found(cast) == ["seal 2 is missing: it was deleted"]


def test_another_key_seals_nothing(cast: Cast, sealed: list[int], settings: Any) -> None:
    """A forger has the database and not the key. A new key of the clinic follows an old one."""
    settings.AUDIT_KEYS = ["new" * 20]
    log.record("viewed", by=cast.nurse, clinic=cast.clinic)
    sealing.seal()
    assert found(cast) == [], "seals made with SECRET_KEY are still understood"
    settings.AUDIT_KEYS = ["another" * 10]
    assert found(cast) == [
        f"event {AuditEvent.objects.latest('id').pk} was edited: it is not what seal 4 has",
        "seal 4 was edited, or made with another AUDIT_KEY",
    ]


def test_a_replaced_key_seals_nothing(cast: Cast, sealed: list[int], settings: Any) -> None:
    """Whoever learned it, and why it was replaced, has the database too: their seals do not follow those of the new."""
    settings.AUDIT_KEYS = ["new" * 20]
    log.record("viewed", by=cast.nurse, clinic=cast.clinic)
    sealing.seal()
    settings.AUDIT_KEYS = []
    log.record("viewed", by=cast.nurse, clinic=cast.clinic)
    sealing.seal()
    settings.AUDIT_KEYS = ["new" * 20]
    assert "seal 5 was edited, or made with another AUDIT_KEY" in found(cast)


def test_the_command_names_what_is_wrong(cast: Cast, sealed: list[int], capsys: Any) -> None:
    call_command("audit", "verify")
    told = capsys.readouterr().out
    assert "Lime Tree Hair Clinic: events: 9 sealed, 0 not sealed yet; all as they were sealed" in told
    assert "Outside clinics: events: 9 sealed" in told and Upkeep.objects.get(task=AUDIT).faults == 0
    run("UPDATE clinic_auditevent SET action = 'edited' WHERE id = %s", sealed[3])
    with pytest.raises(CommandError):
        call_command("audit", "verify")
    assert f"  event {sealed[3]} was edited: it is not what seal 2 has\n" in capsys.readouterr().out
    assert Upkeep.objects.get(task=AUDIT).faults == 1


def test_lost_triggers_are_told_and_remade(cast: Cast, capsys: Any) -> None:
    where = "" if connection.vendor == "sqlite" else " ON treatments_correction"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER treatments_correction_is_not_deleted{where}")
    with pytest.raises(CommandError):
        call_command("audit", "verify")
    assert "treatments_correction has lost its triggers" in capsys.readouterr().out
    call_command("audit", "protect")
    call_command("audit", "verify")


def test_a_restored_backup_is_told_apart(cast: Cast, sealed: list[int]) -> None:
    """Verifying says what may have happened; the person says that it did, which is on the trail."""
    for table in ("clinic_auditevent WHERE id", "clinic_auditseal WHERE last_event"):
        run(f"DELETE FROM {table} >= %s", sealed[6])  # noqa: S608
    for trail in verification.verify().trails:
        assert "./anagen audit restored" in trail.findings[0].sentence
    call_command("audit", "restored")
    assert verification.verify().is_whole
    told = AuditEvent.objects.get(action="restored_backup", clinic=cast.clinic)
    assert told.detail == {"seal": 2, "seal_before": 3}


def test_the_file_of_heads_is_private(cast: Cast, sealed: list[int]) -> None:
    assert heads.path().stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in heads.path().parent.iterdir()) == ["audit-heads"]
    assert len(json.loads(heads.path().read_text())) == 3


def test_many_events_are_sealed_in_parts(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "EVENTS_AT_ONCE", 4)
    for number in range(10):
        log.record("viewed", by=cast.nurse, clinic=cast.clinic if number % 2 else None)
    assert sealing.seal(at_most=4) == 4
    assert sealing.seal() == 6
    assert AuditSeal.objects.count() == 6
    assert verification.verify().is_whole
