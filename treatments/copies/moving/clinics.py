"""Which rows are those of one clinic: what names it, the people whom these rows name, and what lets them in.

Sign-ins that last, wrong passwords, and PINs stay: they belong to the host. So does what belongs to no clinic, as the
trail of failed sign-ins. The seals of a clinic's trail are a chain of their own, so they come whole and still fit.
"""

from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import Q
from django.db.models.fields.related import ForeignKey

from clinic.staff.models import Clinic, User
from treatments.copies.contents import Original
from treatments.copies.moving.tables import Table, tables
from treatments.photos.models import Photo, WaitingPhoto
from treatments.photos.store.originals import storage_key
from treatments.records.fields import ClinicOf


def rows_of(clinic: Clinic) -> dict[Table, Q]:
    """By table, one that is pointed to before those that point to it; of a table that is not in it nothing is the
    clinic's. A row that the last release wrote while it still worked beside this one names no clinic: it has the one of
    the row that it is part of."""
    every = tables()
    found: dict[Table, Q] = {Clinic: Q(pk=clinic.pk)}
    for model in every:
        field: Any = next((each for each in model._meta.concrete_fields if each.name == "clinic"), None)
        if isinstance(field, ClinicOf):
            found[model] = Q(clinic=clinic) | Q(clinic=None, **{f"{field.whole}__clinic": clinic})
        elif field is not None:
            found[model] = Q(clinic=clinic)
    people = _people(found)
    found |= {User: Q(pk__in=people), Authenticator: Q(user__in=people)}
    return {model: found[model] for model in every if model in found}


def _people(rows: dict[Table, Q]) -> list[int]:
    """Whoever wrote, was named or works in these rows."""
    people: set[int] = set()
    for model, which in rows.items():
        for field in model._meta.concrete_fields:
            if isinstance(field, ForeignKey) and field.related_model is User:
                told = model._base_manager.filter(which).exclude(**{field.name: None})
                people.update(told.order_by().values_list(field.attname, flat=True).distinct())
    return sorted(people)


def originals_of(clinic: Clinic) -> list[Original]:
    """The photos of a clinic, and those that wait there to be given to a patient."""
    kept = Photo._base_manager.filter(clinic=clinic).values_list("key", "sha256", "size_bytes")
    waiting = WaitingPhoto._base_manager.filter(clinic=clinic, photo=None).values_list("pk", "sha256", "size_bytes")
    return sorted({*kept, *((storage_key(pk), sha256, size) for pk, sha256, size in waiting)})
