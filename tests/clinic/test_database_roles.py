"""PostgreSQL: the role of the service may add to what is append-only, and do nothing else with it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.management import call_command
from django.db import ConnectionHandler, ProgrammingError, connection, connections

from clinic.audit import rights, sealing
from clinic.audit.models import AuditEvent
from clinic.operations.checks import check_rights
from tests.people import Cast
from treatments.models import Correction
from treatments.records.actions import correct

ROLE = "anagen_service"


@pytest.fixture
def service(transactional_db: None) -> Iterator[None]:
    """The role of the recipe, on this server, with the rights that the command gives it."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {ROLE} LOGIN")
    call_command("audit", "rights", ROLE)
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"DROP OWNED BY {ROLE}; DROP ROLE {ROLE}")


@contextmanager
def as_the_service() -> Iterator[None]:
    usual = connections["default"]
    told = {**usual.settings_dict, "USER": ROLE}
    told["OPTIONS"] = {key: value for key, value in told["OPTIONS"].items() if key != "pool"}
    connections["default"] = ConnectionHandler({"default": told})["default"]
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = usual


@pytest.mark.postgres
def test_the_service_may_only_add(service: None, cast: Cast) -> None:
    assert set(rights.changeable_tables(connection)) == set(rights.append_only_tables()), "the owner of the tables"
    [warning] = check_rights(None)
    assert "clinic_auditevent" in warning.msg and "./anagen audit rights" in warning.hint
    with as_the_service():
        assert check_rights(None) == []
        assert cast.client(cast.nurse).get(cast.patient.get_absolute_url()).status_code == 200
        assert AuditEvent.objects.filter(patient_id=cast.patient.pk, actor=cast.nurse).exists()
        correct(cast.patient, changes={"phone": "91234567"}, reason="Misheard", expected_version=1, by=cast.nurse)
        Correction.objects.update(patient_id=cast.patient.pk)
        assert sealing.seal()
        for table in rights.append_only_tables():
            for statement in (
                f"UPDATE {table} SET id = id",  # noqa: S608
                f"DELETE FROM {table}",  # noqa: S608
                f"TRUNCATE {table}",
                f"ALTER TABLE {table} DISABLE TRIGGER ALL",
                f"DROP TRIGGER {table}_is_not_changed ON {table}",
                "SET session_replication_role = replica",
            ):
                with pytest.raises(ProgrammingError, match="permission denied|must be owner"):
                    connection.cursor().execute(statement)
