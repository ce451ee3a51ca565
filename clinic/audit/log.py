"""The one way to write to the audit trail."""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import Error, OperationalError, models, transaction

from clinic.audit import seal_timer
from clinic.audit.models import AuditEvent


class NotOnTheTrail(OperationalError):
    """An event could not be written, and so what it tells of must not happen: nobody is shown, nothing is changed."""


@dataclass(frozen=True)
class RequestFacts:
    """The request that an action came with; empty for a command on the server."""

    request_id: str = ""
    address: str | None = None
    session: str = ""
    written: list[int] = field(default_factory=list)
    """The ids of the events that were written for it."""
    actions: list[str] = field(default_factory=list)


_ON_THE_SERVER = RequestFacts()
request_facts: ContextVar[RequestFacts] = ContextVar("request_facts", default=_ON_THE_SERVER)


def record(
    action: str,
    *,
    by: AbstractBaseUser | AnonymousUser | None,
    clinic: models.Model | None,
    target: models.Model | Mapping[str, Any] | None = None,
    detail: dict[str, Any] | None = None,
) -> AuditEvent:
    """Append an event, in the caller's transaction, so that a change is never stored without it.

    `by` acted on `target`, a row of the record, or what `identity` says of one. `detail` takes field names, counts and
    codes; never names of people, notes or measured values. Raises NotOnTheTrail when the database cannot write it.
    """
    facts = request_facts.get()
    try:
        event = AuditEvent.objects.create(
            clinic_id=clinic.pk if clinic else None,
            actor_id=by.pk if by else None,
            action=action,
            detail=detail or {},
            request_id=facts.request_id,
            address=facts.address,
            session=facts.session,
            **(identity(target) if isinstance(target, models.Model) else target or {}),
        )
    except Error as fault:  # whatever the database objects to: a rule of the trail's own too
        raise NotOnTheTrail(str(fault)) from fault
    if facts.request_id:
        facts.written.append(event.pk)
        facts.actions.append(action)
    if seal_timer.is_on():
        transaction.on_commit(seal_timer.schedule, robust=True)
    return event


def identity(target: models.Model) -> dict[str, Any]:
    """How an event names a row of the record: `object_type`, `object_id`, and `patient_id` where it is a patient's."""
    model = target._meta.model_name or ""
    patient_id = target.pk if model == "patient" else getattr(target, "patient_id", None)
    return {"object_type": model, "object_id": str(target.pk), "patient_id": patient_id}
