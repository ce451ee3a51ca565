"""How the answer to a passage that might identify is kept."""

from typing import Any, TypeVar

from django.db import IntegrityError, transaction

from clinic.audit import log
from clinic.staff.models import User
from treatments.evidence.deidentification.answers import AnsweredFlag
from treatments.evidence.deidentification.flags import Flag
from treatments.records.models import Record

A = TypeVar("A", bound=AnsweredFlag)


def keep_answer(of: Record, *, model: type[A], column: str, flag: Flag, answer: str, by: User, **more: Any) -> A:
    """Keep the answer to a flag in `of`, which the `column` of the model names, with `more` columns. Answered twice at
    once it is the first answer."""
    made = model(
        clinic=of.clinic,
        key=flag.key,
        found=flag.found[:200],
        sentence=flag.sentence[:500],
        answer=answer,
        created_by=by,
        **{column: of},
        **more,
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
            log.record("answered_flag", by=by, clinic=of.clinic, target=of, detail={"kind": flag.kind})
    except IntegrityError:
        return model._default_manager.get(**{column: of, "key": flag.key})
    return made
