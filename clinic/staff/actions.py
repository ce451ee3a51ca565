from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from clinic.audit import log
from clinic.staff.models import Clinic, Membership, Role, User


def open_clinic(
    *, name: str, time_zone: str, email: str, person: str, password: str, by: User | None = None
) -> Membership:
    """Make a clinic and its first manager.

    Raises ValidationError for a weak password, an unknown time zone, or an e-mail that has an account already.
    """
    if User.objects.filter(email__iexact=email).exists():
        raise ValidationError(f"{email} has an account already. Give the manager of this clinic another e-mail.")
    user = User(email=email.lower(), name=person)
    validate_password(password, user)
    clinic = Clinic(name=name, time_zone=time_zone)
    clinic.full_clean()
    with transaction.atomic():
        clinic.save()
        user.set_password(password)
        user.save()
        membership = Membership.objects.create(user=user, clinic=clinic, role=Role.MANAGER)
        log.record("opened_clinic", by=user, clinic=clinic)
    return membership


def add_member(*, clinic: Clinic, email: str, person: str, role: str, password: str, by: User) -> Membership:
    """Give a person a role at a clinic; an account that exists already keeps its password.

    Raises ValidationError for a weak password, or an e-mail that is none.
    """
    with transaction.atomic():
        user = User.objects.filter(email=email.lower()).first()
        if user is None:
            user = User(email=email.lower(), name=person)
            user.clean_fields(exclude=["password"])
            validate_password(password, user)
            user.set_password(password)
            user.save()
        membership = Membership.objects.create(user=user, clinic=clinic, role=role)
        log.record("added_member", by=by, clinic=clinic, detail={"role": role, "member": user.pk})
    return membership


def change_member(membership: Membership, *, role: str, is_active: bool, by: User) -> Membership:
    """Give a person of a clinic another role, end what they may do there, or let them come back.

    What they wrote stays theirs. Raises ValidationError where the clinic would have no manager left.
    """
    with transaction.atomic():
        of_clinic = Membership.objects.active().select_for_update().filter(clinic=membership.clinic)
        managers = {each.pk for each in of_clinic if each.role == Role.MANAGER}
        if managers == {membership.pk} and not (is_active and role == Role.MANAGER):
            raise ValidationError("This is the only manager of the clinic. Make somebody else a manager first.")
        membership.role, membership.is_active = role, is_active
        membership.save(update_fields=["role", "is_active"])
        detail = {"role": role, "member": membership.user_id, "is_active": is_active}
        log.record("changed_member", by=by, clinic=membership.clinic, detail=detail)
    return membership
