"""What is written once: the database refuses to change, delete or replace it, whatever asks."""

import pytest
from django.db import IntegrityError, connection, models, transaction

from clinic.audit import log
from clinic.audit.append_only import AppendOnly, append_only_models, unprotected_tables
from clinic.audit.models import AuditEvent, AuditSeal
from tests import factories
from tests.evidence.reading import rounds
from tests.people import Cast
from treatments.models import (
    ConsentText,
    Correction,
    FlagAnswer,
    PassedWarning,
    Pseudonym,
    Reading,
    ReportRelease,
    ResearchExport,
    SeriesAnswer,
    SeriesRelease,
    StockMovement,
)
from treatments.records.actions import correct

PROTECTED = [
    *(AuditEvent, AuditSeal, Correction, PassedWarning, StockMovement, ConsentText),
    *(Reading, FlagAnswer, ReportRelease, ResearchExport, Pseudonym, SeriesAnswer, SeriesRelease),
]


def refused(statement: str, *values: object) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
    except IntegrityError as refusal:
        return "append-only" in str(refusal)
    return False


def a_row_of(model: type[AppendOnly], cast: Cast) -> models.Model:
    """A row of any append-only table, with each column filled by what its kind takes."""
    if model is AuditEvent:
        return log.record("viewed", by=cast.nurse, clinic=cast.clinic, target=cast.patient)
    if model is StockMovement:
        return factories.lot(factories.product(cast.clinic)).movements.get()
    if model is ConsentText:
        return factories.consent_text(cast.clinic)
    if model is FlagAnswer:
        return factories.flag_answer(factories.case_report(cast.patient))
    if model is ReportRelease:
        return factories.report_release(factories.case_report(cast.patient))
    if model in (ResearchExport, Pseudonym):
        export = factories.research_export(factories.case_series(cast.clinic), factories.course(cast.patient))
        return export if model is ResearchExport else export.pseudonyms.get()
    if model is SeriesAnswer:
        return factories.series_answer(factories.case_series(cast.clinic))
    if model is SeriesRelease:
        return factories.series_release(factories.case_series(cast.clinic))
    if model is Reading:
        read = rounds.reading_round(cast.clinic, by=cast.manager)
        pair = rounds.pair(read, factories.photo(cast.patient), factories.photo(cast.patient))
        return rounds.reading(rounds.shown(rounds.place(read, cast.blind_reader), [pair])[0], 1)
    if model is AuditSeal:
        told = {"number": 1, "made_at": cast.nurse.joined_at, "first_event": 1, "last_event": 1, "count": 1}
        return AuditSeal.objects.create(clinic=cast.clinic, entries=bytes(16), mac="0" * 64, **told)
    of = {"clinic": cast.clinic, "patient_id": cast.patient.pk, "record_id": cast.patient.pk, "by": cast.nurse}
    if model is Correction:
        return Correction.objects.create(version=2, changes=[], reason="Misread", record_type="patient", **of)
    return PassedWarning.objects.create(rule="14", sentence="Look", reason="Seen", record_type="patient", **of)


def test_every_append_only_table_is_known() -> None:
    assert set(append_only_models()) == set(PROTECTED)
    for model in PROTECTED:
        assert set(model.changeable) <= {field.column for field in model._meta.local_fields}, model


def test_no_migration_lost_a_trigger(db: None) -> None:
    assert unprotected_tables(connection) == []


@pytest.mark.parametrize("model", PROTECTED)
def test_nothing_changes_a_row(model: type[AppendOnly], cast: Cast) -> None:
    """Each column, by each of its names, but those that an action may change; a delete; and INSERT OR REPLACE, which
    deletes on SQLite."""
    row = a_row_of(model, cast)
    table, key = model._meta.db_table, model._meta.pk
    own = f"WHERE {key.column} = %s"  # noqa: S608 -- names from the models
    value = key.get_db_prep_value(row.pk, connection)
    for field in model._meta.local_fields:
        statement = f'UPDATE {table} SET "{field.column}" = "{field.column}" {own}'  # noqa: S608
        assert refused(statement, value) is (field.column not in model.changeable), field.name
    assert refused(f"DELETE FROM {table} {own}", value)  # noqa: S608
    if connection.vendor == "postgresql":
        connection.check_constraints()  # those that wait for the end of the transaction would refuse it first
        assert refused(f"TRUNCATE {table} CASCADE")  # consents refer to their words
    else:
        for name in ("rowid", "oid", "_rowid_"):
            assert refused(f"UPDATE {table} SET {name} = {name} + 1000 {own}", value), name  # noqa: S608
        assert refused(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} {own}", value)  # noqa: S608
    assert model._base_manager.filter(pk=row.pk).count() == 1
    for act in (row.save, row.delete):
        with pytest.raises(TypeError, match="append-only"):
            act()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("again", [False, True])
def test_a_committed_test_is_cleared_away(again: bool) -> None:
    """The tests themselves empty the tables, and their triggers are there again in the next one."""
    assert unprotected_tables(connection) == [] and not AuditEvent.objects.exists()
    log.record("viewed", by=None, clinic=None)


def test_a_correction_is_kept_as_it_is(cast: Cast) -> None:
    correct(cast.patient, changes={"phone": "91234567"}, reason="Misheard", expected_version=1, by=cast.nurse)
    with pytest.raises(IntegrityError), transaction.atomic():
        Correction.objects.update(reason="Another")
    with pytest.raises(IntegrityError), transaction.atomic():
        Correction.objects.all().delete()
    assert Correction.objects.get().reason == "Misheard"
