"""Clinics of release 0.1.0 migrate without losing a row or a value, and open on every page, in either database."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from django.test import Client

from clinic.staff.models import Membership, Role
from tests.upgrade import pages
from tests.upgrade.old_clinics import (
    CLINICS,
    columns,
    copy_to_default_database,
    default_database,
    loaded_rows,
    migrated_copy,
    record_models,
    stored_rows,
    unpack,
)
from treatments.models import AdverseEvent, Assessment, Correction, Course, Measurement, Patient
from treatments.records.text.text_folding import identifier_key

ROWS = {
    "paper-case-0.1.0": {
        "clinic_auditevent": 118,
        "treatments_correction": 4,
        "treatments_exosomesession": 7,
        "treatments_passedwarning": 8,
        "treatments_patient": 1,
    },
    "untidy-clinic-0.1.0": {
        "clinic_auditevent": 767,
        "treatments_correction": 19,
        "treatments_exosomesession": 174,
        "treatments_passedwarning": 12,
        "treatments_patient": 52,
    },
}
# Where a course was empty it is filled, if it follows from the record.
GIVEN_A_COURSE = {"treatments_assessment", "treatments_photo"}
# Computed from the record: of a patient with several courses by today's rules, of the others as they were.
COMPUTED = [
    ("treatments_patient", "next_due_on"),
    ("treatments_course", "next_due_on"),
    ("treatments_course", "next_due_until"),
]
DUE_OF_ONE_COURSE = """
    SELECT c.id, c.next_due_on, c.next_due_until, p.next_due_on
    FROM treatments_course c JOIN treatments_patient p ON p.id = c.patient_id
    WHERE (SELECT count(*) FROM treatments_course other WHERE other.patient_id = p.id) = 1 ORDER BY c.id
"""
# `migrate` itself writes here, one row for every migration and every model.
GROWS_BY_MIGRATING = {"django_migrations", "django_content_type", "auth_permission"}


@pytest.fixture(params=CLINICS)
def migrated(request: pytest.FixtureRequest, path: Path) -> Path:
    return migrated_copy(request.param, path)


@pytest.fixture
def copied(db: None, migrated: Path) -> Path:
    copy_to_default_database(migrated)
    return migrated


def manager() -> Client:
    client = Client()
    client.force_login(Membership.objects.active().filter(role=Role.MANAGER).first().user)
    return client


@pytest.mark.parametrize("clinic", CLINICS)
def test_migrating_keeps_every_row(clinic: str, path: Path) -> None:
    """Every column that a table had has the same values after `migrate`: corrections and audit trail among them."""
    tables = columns(unpack(clinic, path))
    for table in GIVEN_A_COURSE:
        tables[table].remove("course_id")
    tables["treatments_patient"].remove("search_text")  # made from the others, and folded by today's rules
    tables["treatments_photo"].remove("quality_checks")  # without the fingerprint: test_fingerprints.py
    for table, column in COMPUTED:
        tables[table].remove(column)
    before = {table: stored_rows(path, table, names) for table, names in tables.items()}
    assert {table: before[table].total() for table in ROWS[clinic]} == ROWS[clinic]

    migrated_copy(clinic, path)

    for table, names in tables.items():
        after = stored_rows(path, table, names)
        assert before[table] - after == {}, f"lost from {table}"
        if table not in GROWS_BY_MIGRATING:
            assert after - before[table] == {}, f"not in {table} before"


@pytest.mark.parametrize("clinic", CLINICS)
def test_what_is_due_stays_due(clinic: str, path: Path) -> None:
    unpack(clinic, path)
    with closing(sqlite3.connect(path)) as connection:
        before = connection.execute(DUE_OF_ONE_COURSE).fetchall()
    migrated_copy(clinic, path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute(DUE_OF_ONE_COURSE).fetchall() == before
    assert any(due for _, due, _, _ in before)


def test_older_courses_are_not_called_for(path: Path) -> None:
    """Of courses of one patient, each overdue when the next began, the newest is what the patient is called for."""
    migrated_copy("untidy-clinic-0.1.0", path)
    with closing(sqlite3.connect(path)) as connection:
        due = connection.execute(
            "SELECT c.next_due, p.next_due = c.next_due FROM treatments_course c JOIN treatments_patient p"
            " ON p.id = c.patient_id WHERE p.record_number = 'CH-004' AND c.next_due <> ''"
        ).fetchall()
    assert [is_told for _, is_told in due] == [1]


@pytest.mark.parametrize("clinic", CLINICS)
def test_old_changes_are_corrections(clinic: str, path: Path) -> None:
    """Nobody was asked whether a change was an update, and nobody can tell now: each stays a correction, without a day
    from which the new value is true, and is read as one."""
    migrated_copy(clinic, path)
    with default_database(path):
        changes = Correction.objects.all()
        assert changes.count() == ROWS[clinic]["treatments_correction"]
        assert set(changes.values_list("kind", "since")) == {("correction", None)}
        assert not Correction.objects.updates().exists()
        assert {each.headline for each in changes} == {"Corrected"}


@pytest.mark.parametrize("clinic", CLINICS)
def test_migrating_fills_empty_courses(clinic: str, path: Path) -> None:
    """A course that was recorded stays; an empty one is filled only with a course of the same patient."""
    unpack(clinic, path)
    columns_read = ["id", "course_id"]
    before = {table: stored_rows(path, table, columns_read) for table in GIVEN_A_COURSE}

    migrated_copy(clinic, path)

    for table in GIVEN_A_COURSE:
        recorded = {row for row in before[table] if dict(row)["course_id"] is not None}
        assert recorded <= set(stored_rows(path, table, columns_read))
    with default_database(path):
        for fact in (*Assessment.objects.all(), *Measurement.objects.all(), *AdverseEvent.objects.all()):
            courses = list(Course.objects.of_patient(fact.patient))
            if len(courses) == 1:
                assert fact.course == courses[0]
            assert fact.course is None or fact.course.patient_id == fact.patient_id


def test_one_number_twice_is_told(path: Path) -> None:
    """Record numbers that are one in two spellings are kept as written, and Today says whose they are."""
    migrated_copy("untidy-clinic-0.1.0", path)
    with default_database(path):
        kept = Patient.objects.filter(record_key=None)
        numbers = {identifier_key(number) for number in kept.values_list("record_number", flat=True)}
        assert len(numbers) > 0
        assert Patient.objects.filter(record_key__in=numbers).count() == len(numbers)
        today = manager().get("/").content.decode()
        for patient in kept:
            assert patient.record_number in today and patient.name in today


@pytest.mark.slow
def test_every_page_opens(migrated: Path) -> None:
    with default_database(migrated):
        assert pages.problems(manager()) == []


def test_search_finds_everyone(migrated: Path) -> None:
    with default_database(migrated):
        assert pages.not_found(manager()) == []


@pytest.mark.postgres
def test_copying_keeps_every_row(copied: Path) -> None:
    for model in record_models():
        with default_database(copied):
            before = loaded_rows(model)
        assert loaded_rows(model) == before, model.__name__


@pytest.mark.postgres
@pytest.mark.slow
def test_every_page_opens_of_a_copy(copied: Path) -> None:
    """Every address; the own page of every fourth row, as the rows are those that SQLite opens one by one."""
    assert pages.problems(manager(), every=4) == []


@pytest.mark.postgres
def test_search_finds_everyone_in_a_copy(copied: Path) -> None:
    assert pages.not_found(manager()) == []
