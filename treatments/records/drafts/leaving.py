"""Leaving a form for another page that must be filled in first, and coming back to what was typed.

The way works without scripts: the form is posted with the button that leads on, what was typed becomes a draft of the
person, and the address to come back to names it.
"""

import re
import secrets

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.http import urlencode

from clinic.staff.access import ClinicRequest
from treatments.records.drafts import store as drafts

RESUME = "resume"
"""The name in the address under which a page is told which draft it begins with."""
# Above every count of a browser: what a page sends of the same opening while it closes changes nothing.
_SEQUENCE = 2**31 - 1
_OPENING = re.compile(r"[0-9a-z]{8,40}")
_NOT_TYPED = re.compile(r"csrfmiddlewaretoken|version|_.*")
TOO_MANY = "You have too many unsaved drafts to leave this form now. Save it, or discard old drafts first."


def opening_of(request: ClinicRequest) -> str:
    """The opening of the page that was posted, whose draft stands for what was typed in it; "" without scripts."""
    opening = request.POST.get("_opening", "")
    return opening if _OPENING.fullmatch(opening) else ""


def leave(request: ClinicRequest, *, draft_form: str, button: str, to: str, **address: str) -> HttpResponse | None:
    """Keep what was posted as a draft of `draft_form`, and lead to the page `to`, which comes back by its `next`.

    `button` is the name of the button that was pressed, `address` what the address of this page needs besides. None,
    with a sentence for the page, where no further draft can be kept.
    """
    typed = {name: values for name, values in request.POST.lists() if not _NOT_TYPED.fullmatch(name) and name != button}
    opening = opening_of(request) or secrets.token_hex(12)
    try:
        drafts.save(
            owner=request.user,
            clinic=request.clinic,
            form=f"{draft_form}#{opening}",
            values={name: [str(value) for value in values] for name, values in typed.items()},
            base_version=None,
            sequence=_SEQUENCE,
        )
    except drafts.TooManyDrafts:
        messages.warning(request, TOO_MANY)
        return None
    back = f"{request.path}?{urlencode({**address, RESUME: opening})}"
    return redirect(f"{to}{'&' if '?' in to else '?'}{urlencode({'next': back})}")


def left(request: ClinicRequest, draft_form: str) -> QueryDict | None:
    """What this person had typed when they left the form; None where the address names no draft of it."""
    opening = request.GET.get(RESUME, "")
    if request.method != "GET" or not _OPENING.fullmatch(opening):
        return None
    draft = drafts.find(owner=request.user, clinic=request.clinic, form=f"{draft_form}#{opening}")
    if draft is None:
        return None
    typed = QueryDict(mutable=True)
    for name, values in draft.values.items():
        typed.setlist(name, values)
    return typed
