from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from clinic.audit import log
from clinic.staff.links import cancel_links
from clinic.staff.models import Clinic, Membership, Role, User


class ChangedMeanwhile(Exception):
    """Somebody else has changed what was to be changed since the page was opened."""


def open_clinic(
    *, name: str, time_zone: str, email: str, person: str = "", password: str = "", by: User | None = None
) -> Membership:
    """Make a clinic and its first manager. An account that exists already keeps its name and password; a new one
    without a password is opened by a one-time link.

    Raises ValidationError for a weak password, an unknown time zone, or a new account without a name.
    """
    clinic = Clinic(name=name, time_zone=time_zone)
    clinic.full_clean()
    user = _account(email, person, password)
    with transaction.atomic():
        clinic.save()
        if not user.pk:
            user.save()
        membership = Membership.objects.create(user=user, clinic=clinic, role=Role.MANAGER)
        log.record("opened_clinic", by=by, clinic=clinic)
    return membership


def add_member(*, clinic: Clinic, email: str, person: str, role: str, by: User, password: str = "") -> Membership:
    """Give a person a role at a clinic; an account that exists already keeps its name and password. Somebody who
    worked there before comes back.

    Raises ValidationError for a weak password, an e-mail that is none, a new account without a name, or somebody who
    works there already.
    """
    user = _account(email, person, password)
    if user.pk and (before := Membership.objects.filter(clinic=clinic, user=user).first()):
        if before.is_active and before.role == role and user.waits_for_link:
            return before  # the form came twice
        if before.is_active:
            raise ValidationError(f"{user} works here already, as {before.get_role_display().lower()}.")
        return change_member(before, role=role, is_active=True, by=by)
    try:
        with transaction.atomic():
            if user.pk:
                # Whoever holds a link of another clinic would come in here by it.
                cancel_links(user, by=by, clinic=clinic)
            else:
                user.save()
            membership = Membership.objects.create(user=user, clinic=clinic, role=role)
            log.record("added_member", by=by, clinic=clinic, detail={"role": role, "member": user.pk})
    except IntegrityError as fault:
        raise ValidationError(f"Somebody else has just added {email}. Look at the list of people.") from fault
    return membership


def _account(email: str, person: str, password: str) -> User:
    """The account of this e-mail, or a new one that is not saved yet."""
    user = User.objects.filter(email__iexact=email.strip()).first()
    if user is not None:
        return user
    if not person.strip():
        raise ValidationError(f"Nobody has the e-mail {email} yet. Write the person’s name too.")
    user = User(email=email.strip().lower(), name=person.strip())
    user.set_unusable_password()
    user.clean_fields()
    if password:
        validate_password(password, user)
        user.set_password(password)
    return user


def change_member(
    membership: Membership, *, role: str, is_active: bool, by: User, expected: tuple[str, bool] | None = None
) -> Membership:
    """Give a person of a clinic another role, end what they may do there, or let them come back.

    What they wrote stays theirs; a link that they were given is cancelled when they leave. `expected` is the role and
    whether they worked here when the page was opened. Raises ValidationError where the clinic would have no manager
    left, and ChangedMeanwhile where somebody else was faster.
    """
    with transaction.atomic():
        # In one order and all at once: of two managers who end each other, the second finds who is left.
        of_clinic = Membership.objects.select_for_update(of=("self",)).filter(clinic=membership.clinic).order_by("pk")
        rows = {each.pk: each for each in of_clinic.select_related("user", "clinic")}
        current = rows[membership.pk]
        if expected is not None and expected != (current.role, current.is_active):
            raise ChangedMeanwhile
        managers = {pk for pk, row in rows.items() if row.works_here and row.role == Role.MANAGER}
        if managers == {current.pk} and not (is_active and role == Role.MANAGER):
            raise ValidationError("This is the only manager of the clinic. Make somebody else a manager first.")
        if (role, is_active) == (current.role, current.is_active):
            return current
        if current.is_active and not is_active:
            current.ended_at = timezone.now()
            cancel_links(current.user, by=by, clinic=current.clinic)
        elif is_active and not current.is_active:
            current.since, current.ended_at = timezone.now(), None
        action = "changed_member" if is_active else "ended_member"
        current.role, current.is_active = role, is_active
        current.save(update_fields=["role", "is_active", "since", "ended_at"])
        detail = {"role": role, "member": current.user_id, "is_active": is_active}
        log.record(action, by=by, clinic=current.clinic, detail=detail)
    return current


def change_clinic(clinic: Clinic, *, changes: dict[str, Any], expected: dict[str, Any], by: User) -> Clinic:
    """Set columns of the clinic, all checked already; the trail names those that are other than before.

    `expected` is what they were when the page was opened. Raises ChangedMeanwhile where they are not that any more.
    """
    with transaction.atomic():
        current = Clinic.objects.select_for_update().get(pk=clinic.pk)
        if any(getattr(current, name) != value for name, value in expected.items()):
            raise ChangedMeanwhile
        changed = [name for name, value in changes.items() if getattr(current, name) != value]
        for name in changed:
            setattr(current, name, changes[name])
        current.settings_saved_at = timezone.now()
        current.save(update_fields=[*changed, "settings_saved_at"])
        log.record("changed_clinic", by=by, clinic=current, detail={"fields": changed})
    return current
