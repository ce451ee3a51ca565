"""How the clinic's own texts of messages are written and changed."""

from collections.abc import Iterable
from typing import Unpack

from clinic.staff.models import User
from treatments.appointments.models import MessageTemplate
from treatments.records.actions import CorrectionArguments, Passed, correct, insert


def add_message(template: MessageTemplate, *, passed: Iterable[Passed] = (), by: User) -> MessageTemplate:
    """Keep a text of the clinic's own. Raises AlreadySaved, ValidationError where there is one of the kind already."""
    return insert(template, event="changed_message", passed=passed, by=by)


def change_message(template: MessageTemplate, **correction: Unpack[CorrectionArguments]) -> MessageTemplate:
    """Change a text; the old one is kept. Raises Conflict when somebody else changed it first."""
    return correct(template, event="changed_message", **correction)
