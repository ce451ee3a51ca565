"""What a file says otherwise than the record."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from treatments.records.actions import display_value
from treatments.records.text.text_folding import fold


def differences_from(existing: Any, values: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What the file says otherwise: label, as recorded, as in the file. An empty cell says nothing."""
    rows = []
    for name, value in values.items():
        if value is None or value == "":
            continue
        column = existing._meta.get_field(name)
        theirs = existing.given_product if name == "product" else getattr(existing, name)
        if _is_same(theirs, value):
            continue
        rows.append((str(column.verbose_name), display_value(column, theirs), display_value(column, value)))
    return rows


def other_name(what: str, recorded: str, told: str) -> list[tuple[str, str, str]]:
    """Somebody is compared by name: they may have an account since, or none any more."""
    return [(what, recorded or "not recorded", told)] if told and fold(told) != fold(recorded) else []


def _is_same(theirs: Any, mine: Any) -> bool:
    if isinstance(theirs, str) and isinstance(mine, str):
        return " ".join(theirs.split()) == " ".join(mine.split())
    if isinstance(theirs, Decimal) or isinstance(mine, Decimal):
        return theirs is not None and Decimal(theirs) == Decimal(mine)
    return bool(theirs == mine)
