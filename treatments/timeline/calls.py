"""The whole lists of the desk, page by page: Today shows the first rows of each."""

import datetime
from dataclasses import dataclass
from typing import Any, Final

from django.core.paginator import Page, Paginator

from clinic.staff.models import Clinic
from treatments.appointments import desk
from treatments.timeline import today

ROWS_ON_A_PAGE = 50
LISTS: Final = {
    "due": "Due today",
    "open": "Due now",
    "overdue": "Overdue",
    "this_week": "Later this week",
    "booked": "Booked today",
    "postponed": "Postponed",
    "not_wanted": "Does not want to come",
}


@dataclass(frozen=True)
class CallPage:
    """One page of one list. `rows` are `today.Due`, of the list of bookings `desk.Booked`."""

    name: str
    page: Page[Any]
    rows: list[Any]

    @property
    def title(self) -> str:
        return LISTS[self.name]


def page_of(clinic: Clinic, day: datetime.date, name: str, number: int) -> CallPage:
    """A page of the list of this name; of an unknown name that of who is overdue."""
    name = name if name in LISTS else "overdue"
    rows = today.booked_rows(clinic, day) if name == "booked" else today.due_lists(clinic, day)[name]
    page = Paginator(rows, ROWS_ON_A_PAGE).get_page(number)
    if name == "booked":
        return CallPage(name, page, desk.listed(page.object_list))
    return CallPage(name, page, today.due_rows({name: list(page.object_list)}, day)[name])
