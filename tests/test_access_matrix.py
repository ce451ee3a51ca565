"""Every address, by every method, for every kind of person and every kind of row: each answer is the one it has to be.

The addresses and their methods come from the URL table and the rights from the roles, so a new page is asked without
being named here. Another clinic's row and one that never was are answered alike, to the byte.

Each run asks what can differ. ANAGEN_WHOLE_MATRIX=1 asks every method for every kind of row and every person.
"""

import os
from collections.abc import Iterator
from http.cookies import SimpleCookie
from typing import Any, Final

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from clinic.staff.access import FIRST_PAGES, ROLE_CAN
from clinic.staff.models import Membership, Role, User
from tests import factories
from tests.people import Cast
from tests.rows import FREE, one_of_each, strike_out
from tests.test_access import page
from tests.urls import METHODS, NOBODY, Route, no_log, routes

pytestmark = [pytest.mark.django_db, pytest.mark.any_database, pytest.mark.slow]
ROUTES: Final = [route for route in routes() if not route.is_open]
PEOPLE: Final = [*Role.values, "signed_out", "without_clinic", "ended"]
# What a view may answer to whom it serves: a page, an answer to a script, a way on, a form that is not right.
SERVED: Final = {200, 201, 204, 302, 409, 422}
# Besides: an empty form that names no two photos; no number of a lot; a membership that is somebody else's; a pair that
# another person reads.
NOT_THERE: Final = {
    *("photos:align", "photos:align-forget", "sessions:lot-find", "choose-clinic"),
    *("reading:pair", "reading:picture"),
}
# Of a row that is struck out: without a course there is no session to log.
# Of a photo that was struck out no picture is shown in a figure.
GONE: Final = NOT_THERE | {"sessions:log-heading", "sessions:log-check", "evidence:case-report-figure-picture"}
# A batch begins with its first photo, under an id that the page made: one that never was is not missing, and what is
# sent without a photo leads to the own clinic's list.
BEGINS: Final = {("POST", "photos:batch-send")}
WHOLE: Final = os.environ.get("ANAGEN_WHOLE_MATRIX") == "1"
KINDS: Final = ("own", "struck out", "merged", "other clinic", "never existed")


class Matrix:
    def __init__(self, cast: Cast, person: str) -> None:
        self.cast, self.person = cast, person
        theirs = factories.patient(cast.other_clinic, name="Tom Elsewhere")
        struck = factories.patient(cast.clinic, name="Una Crossed")
        merged = factories.patient(cast.clinic, name="Mia Merged", merged_into=cast.patient)
        own = one_of_each(cast.patient, by=cast.clinician, files=True)
        self.ids: dict[str, dict[str, Any]] = {
            "own": own,
            "struck out": one_of_each(struck, by=cast.clinician, files=True),
            "merged": own | {"patient_id": merged.pk},
            "other clinic": one_of_each(theirs, by=cast.stranger),
            "never existed": dict.fromkeys(own, NOBODY) | FREE | {"membership_id": 0},
        }
        strike_out(self.ids["struck out"], by=cast.clinician)
        self.client = Client(raise_request_exception=False)
        if person != "signed_out":
            self.client.force_login(self._user())
        self.cookies = self.client.cookies.output(header="", sep=";")

    def _user(self) -> User:
        if self.person == "without_clinic":
            return factories.user()
        if self.person == "ended":
            user = factories.member(self.cast.clinic, Role.MANAGER)
            Membership.objects.filter(user=user).update(is_active=False)
            return user
        user: User = getattr(self.cast, self.person)
        return user

    def ask(self, route: Route, kind: str, method: str) -> HttpResponse:
        self.client.cookies = SimpleCookie(self.cookies)
        with transaction.atomic():
            answer: Any = self.client.generic(method, route.url(self.ids[kind]))
            transaction.set_rollback(True)  # a sentence that waits in the session too
        return answer

    def cases(self, route: Route) -> Iterator[tuple[str, str]]:
        """The methods that the view takes and one that it does not. Who may not open a view is refused before anybody
        looks at the row: besides the own row, one that never was is enough."""
        is_served = self.person in Role.values and route.requires in ROLE_CAN[self.person]
        has_row = bool(set(route.parameters) - set(FREE))
        if WHOLE:
            yield from ((kind, method) for kind in (KINDS if has_row else KINDS[:1]) for method in METHODS)
            return
        asked = sorted(route.methods | {"DELETE"})
        yield from (("own", method) for method in asked)
        for kind in (KINDS[1:] if is_served else KINDS[-1:]) if has_row else ():
            yield from ((kind, method) for method in (asked if is_served else ["GET"]))

    def expected(self, route: Route, kind: str, method: str) -> set[int]:
        if self.person == "signed_out":
            return {302}
        if self.person not in Role.values or route.requires not in ROLE_CAN[self.person]:
            return {302} if route.name == "today" and self.person in FIRST_PAGES else {403}
        if method not in route.methods:
            return {405}
        if kind in {"other clinic", "never existed"}:
            return {302} if (method, route.name) in BEGINS else {404}
        if kind == "merged" and "patient_id" in route.parameters:
            return {409} if method == "POST" else {302}
        beside = GONE if kind == "struck out" else NOT_THERE
        return SERVED | {404} if route.name in beside else SERVED


@pytest.mark.parametrize("person", PEOPLE)
def test_each_answer_is_the_expected(person: str, cast: Cast) -> None:
    """And nobody learns from an answer whether another clinic has the row."""
    matrix = Matrix(cast, person)
    with no_log():
        unexpected, asked = walk(matrix)

    assert unexpected == []
    print(f"\nfigure: access_{person} {asked} answers (0 unexpected)")


def walk(matrix: Matrix) -> tuple[list[str], int]:
    """The answers that are not the expected ones, and how many were asked for."""
    unexpected, asked = [], 0
    is_signed_in = matrix.person != "signed_out"
    for route in ROUTES:
        foreign: dict[tuple[str, str], str] = {}
        for kind, method in matrix.cases(route):
            answer = matrix.ask(route, kind, method)
            asked += 1
            is_led_in = is_signed_in or answer["Location"].startswith("/sign-in/?next=")
            if answer.status_code not in matrix.expected(route, kind, method) or not is_led_in:
                unexpected.append(f"{method} {route} {kind}: {answer.status_code}")
            if is_signed_in and kind in {"other clinic", "never existed"} and answer.status_code in {302, 404}:
                foreign[kind, method] = answer.headers.get("Location", "") + page(answer)
        for kind, method in foreign:
            if kind == "other clinic" and foreign[kind, method] != foreign["never existed", method]:
                unexpected.append(f"{method} {route} tells another clinic's row from none")
    return unexpected, asked
