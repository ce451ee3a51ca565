"""Who did something: a person with an account, or the name of somebody without one."""

from typing import Any

from django.forms import BaseForm

BOTH = "Somebody with an account is chosen too. Clear one of the two."


def settle(form: BaseForm, cleaned: dict[str, Any], column: str) -> None:
    """To be called in `clean` of a form with the fields `column` and `column`_name. A name that was typed takes the
    place of the person that the page began with; beside one who was chosen it is an error."""
    if not (cleaned.get(column) and cleaned.get(f"{column}_name")):
        return
    if column in form.changed_data:
        form.add_error(f"{column}_name", BOTH)
    else:
        cleaned[column] = None
