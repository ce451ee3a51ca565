"""A clinic of 0.1.0 gets a trail that cannot be changed, and seals over all that it has had so far."""

from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connections

from clinic.audit import sealing, verification
from clinic.audit.append_only import unprotected_tables
from clinic.audit.models import AuditEvent, AuditSeal
from tests.upgrade.old_clinics import copy_to_default_database, default_database, migrated_copy
from treatments.models import Correction


def test_an_old_trail_is_sealed(path: Path, settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path
    migrated_copy("untidy-clinic-0.1.0", path)
    with default_database(path):
        assert unprotected_tables(connections["default"]) == []
        for rows in (AuditEvent.objects, Correction.objects):
            with pytest.raises(IntegrityError, match="append-only"):
                rows.all().delete()
        assert sealing.seal() == AuditEvent.objects.count() == 767
        assert verification.verify().is_whole and AuditSeal.objects.count() > 0


@pytest.mark.postgres
@pytest.mark.django_db
def test_a_trail_is_sealed_after_a_move(path: Path, settings: Any, tmp_path: Path) -> None:
    """A seal that was made on SQLite holds on PostgreSQL, and the trail goes on behind it."""
    settings.VAR_DIR = tmp_path
    migrated_copy("paper-case-0.1.0", path)
    with default_database(path):
        assert sealing.seal() == 118
    copy_to_default_database(path)
    assert verification.verify().is_whole
    assert AuditEvent.objects.create(action="viewed").pk > AuditSeal.objects.latest("last_event").last_event
    assert sealing.seal() == 1 and verification.verify().is_whole
