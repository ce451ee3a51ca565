"""Everybody who works at a clinic or has worked there, by the names and roles that the trail's page gives them."""

from dataclasses import dataclass

from clinic.sign_in.failures import account_hash
from clinic.staff.models import Clinic, Membership
from treatments.records.formatting import day
from treatments.records.text.text_folding import name_order


@dataclass(frozen=True)
class People:
    """`roles` and `names` are by the id of an account, `accounts` are ids by the hash that a refused sign-in leaves."""

    names: dict[int, str]
    roles: dict[int, str]
    accounts: dict[str, int]

    def choices(self) -> list[tuple[str, str]]:
        """For a form: everybody by name, those who are gone as well."""
        return [
            (str(pk), f"{name}, {self.roles[pk]}")
            for pk, name in sorted(self.names.items(), key=lambda each: name_order(each[1]))
        ]

    def hashes(self, person_id: int | None) -> list[str]:
        """The accounts of one person; of everybody without one."""
        return [account for account, pk in self.accounts.items() if person_id in {None, pk}]


def people_of(clinic: Clinic) -> People:
    names, roles, accounts = {}, {}, {}
    for each in Membership.objects.filter(clinic=clinic).select_related("user"):
        names[each.user_id] = str(each.user)
        roles[each.user_id] = _role(each)
        accounts[account_hash(each.user.email)] = each.user_id
    return People(names, roles, accounts)


def _role(membership: Membership) -> str:
    """The role that the person has now, or had last."""
    role = membership.get_role_display().lower()
    if membership.is_active and membership.user.is_active:
        return role
    return f"{role} until {day(membership.ended_at)}" if membership.ended_at else f"{role}, no longer here"
