"""Sign-ins that were refused, as the audit trail keeps them: by a keyed hash of the account that was tried."""

from typing import Final, Protocol

from django.http import HttpResponse
from django.utils.crypto import salted_hmac

from clinic.audit import log
from clinic.staff.models import Membership

_SALT: Final = "anagen.account-on-the-trail"


class CountedForm(Protocol):
    """A form whose try is counted, `wait` None until it was; `account` and `how` as note_failure takes them."""

    wait: int | None
    is_new_wait: bool

    @property
    def account(self) -> str: ...

    @property
    def how(self) -> str: ...


def refuse(form: CountedForm, response: HttpResponse) -> None:
    """422, or 429 when the try has to wait; on the audit trail is each of the first, and one for each wait.

    A form without its password or code is no try: it is counted nowhere, and would fill the trail from outside.
    """
    if form.wait:
        response.status_code = 429
        response.headers["Retry-After"] = str(form.wait)
        if form.is_new_wait:
            note_wait(form.account, seconds=form.wait)
    else:
        response.status_code = 422
        if form.wait is not None:
            note_failure(form.account, how=form.how)


def account_hash(email: str) -> str:
    """The same for the same e-mail in any case, without telling it: what was typed may be anything, a password too.
    Its key is the secret of the settings, which is not in the database."""
    return salted_hmac(_SALT, email.strip().lower(), algorithm="sha256").hexdigest()[:16]


def note_failure(email: str, *, how: str) -> None:
    """Put a refused try on the trail. `how` it was tried: "password", "totp", "webauthn", "recovery_codes", "pin".

    Raises NotOnTheTrail.
    """
    _put_on_trail("sign_in_failed", email, how=how)


def note_wait(email: str, *, seconds: int) -> None:
    """Put on the trail that tries have to wait. Once for a wait (throttle.is_new_wait), or a flood would fill it."""
    _put_on_trail("sign_in_delayed", email, seconds=seconds)


def _put_on_trail(action: str, email: str, **detail: str | int) -> None:
    """The event belongs to the clinic of the account, where there is one, so that its manager can read it; not while
    that clinic is moved, when nothing of its trail may change."""
    of_account = Membership.objects.active().filter(user__email=email.strip().lower(), clinic__closed="")
    membership = of_account.select_related("clinic").order_by("pk").first()
    clinic = membership.clinic if membership else None
    log.record(action, by=None, clinic=clinic, detail={"account": account_hash(email), **detail})
