"""Whose record it is, on the page of a record: from whom it came."""

from typing import Any

from django import template

from treatments.patients.moves import MovedRecord, MoveKind
from treatments.records.models import ClinicalRecord

register = template.Library()


@register.inclusion_tag("treatments/identity/_came_from.html", takes_context=True)
def came_from(context: dict[str, Any], record: ClinicalRecord, back_url: str = "") -> dict[str, Any]:
    """The last move of a record to this patient, with the way back to where it came from."""
    last = MovedRecord.objects.of_record(record).last()
    is_misfiled = last is not None and last.move.kind == MoveKind.MISFILED
    can_move = is_misfiled and context["can"]["move_records"] and not record.is_struck_out
    return {"moved": last, "back_url": back_url if can_move else ""}
