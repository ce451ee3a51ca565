"""The one way to write to the audit trail."""

import uuid
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.db import models

from clinic.audit.models import AuditEvent


@dataclass(frozen=True)
class RequestFacts:
    """Where an act came from; empty for a command on the server."""

    request_id: str = ""
    address: str | None = None
    session: str = ""


_ON_THE_SERVER = RequestFacts()
request_facts: ContextVar[RequestFacts] = ContextVar("request_facts", default=_ON_THE_SERVER)


def record(
    action: str,
    *,
    by: Any,
    clinic: Any,
    target: models.Model | None = None,
    patient_id: uuid.UUID | None = None,
    detail: dict[str, Any] | None = None,
) -> AuditEvent:
    """Append an event, in the caller's transaction, so that a fact and its trace exist together or not at all.

    `detail` takes field names, counts and codes; never names of people, notes or measured values.
    """
    facts = request_facts.get()
    if patient_id is None and target is not None:
        patient_id = target.pk if target._meta.model_name == "patient" else getattr(target, "patient_id", None)
    return AuditEvent.objects.create(
        clinic=clinic,
        actor=by if by is not None and by.pk else None,
        action=action,
        object_type=target._meta.model_name or "" if target is not None else "",
        object_id=str(target.pk) if target is not None else "",
        patient_id=patient_id,
        detail=detail or {},
        request_id=facts.request_id,
        address=facts.address,
        session=facts.session,
    )
