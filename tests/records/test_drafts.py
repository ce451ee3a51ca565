"""Drafts: the owner's alone, the newest batch wins, gone after 14 days, and no batch gives a 500."""

import datetime
import json
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from time_machine import travel

from clinic.staff.models import Membership
from tests.concurrency import at_once
from tests.people import Cast
from treatments.models import Draft
from treatments.records.drafts import batches
from treatments.records.drafts import store as drafts

pytestmark = pytest.mark.django_db
FORM = "/patients/register/"
OPENING = "0123456789abcdef"


def ticket(cast: Cast, person: Any = None, form: str = FORM) -> str:
    return drafts.ticket(owner=person or cast.clinician, clinic=cast.clinic, form=form)


def post(client: Client, payload: Any) -> Any:
    body = payload if isinstance(payload, bytes | str) else json.dumps(payload)
    return client.post("/drafts/keep/", body, content_type="application/json")


def batch(cast: Cast, **changes: Any) -> dict[str, Any]:
    payload = {
        "ticket": ticket(cast),
        "opening": OPENING,
        "values": {"name": ["Ida"]},
        "base_version": None,
        "sequence": 1,
    }
    return payload | changes


def offered(client: Client, form: str = FORM) -> Any:
    return client.get("/drafts/", {"form": form}).json()


def test_draft_comes_back_to_its_owner(cast: Cast, clinician_client: Client) -> None:
    """What was typed comes back to its owner."""
    answer = post(clinician_client, batch(cast, values={"name": ["Ida"], "regions": ["vertex", "frontal"]}))

    assert answer.status_code == 200 and answer.json()["signed_in"] is True
    response = offered(clinician_client)
    assert response["draft"]["values"] == {"name": ["Ida"], "regions": ["vertex", "frontal"]}
    assert response["draft"]["saved_label"] == answer.json()["saved_label"]


def test_a_draft_is_offered_to_nobody_else(cast: Cast, clinician_client: Client) -> None:
    post(clinician_client, batch(cast))

    for person in (cast.nurse, cast.manager, cast.stranger):
        assert offered(cast.client(person)) == {"draft": None}


def test_nobody_discards_what_is_not_theirs(cast: Cast, clinician_client: Client) -> None:
    post(clinician_client, batch(cast))

    cast.client(cast.nurse).delete(f"/drafts/?form={FORM}")

    assert Draft.objects.get().owner == cast.clinician


def test_draft_after_the_session_ended(cast: Cast, client: Client) -> None:
    """The page stores drafts for its owner after the session ended."""
    answer = post(client, batch(cast))

    assert answer.json()["signed_in"] is False
    assert Draft.objects.get().owner == cast.clinician


def test_draft_stays_with_the_first_person(cast: Cast) -> None:
    """What is typed while somebody else is signed in stays the first one's."""
    answer = post(cast.client(cast.nurse), batch(cast))

    assert answer.json()["signed_in"] is False
    assert Draft.objects.get().owner == cast.clinician
    assert offered(cast.client(cast.nurse)) == {"draft": None}


@pytest.mark.parametrize("spoilt", ["", "made up", "W10:1abc:xyz"])
def test_made_up_ticket_stores_nothing(cast: Cast, client: Client, spoilt: str) -> None:
    """A made-up ticket stores nothing."""
    assert post(client, batch(cast, ticket=spoilt)).status_code == 401
    assert not Draft.objects.exists()


def test_a_ticket_ends_with_the_membership(cast: Cast, client: Client) -> None:
    payload = batch(cast)
    Membership.objects.filter(user=cast.clinician).update(is_active=False)

    assert post(client, payload).status_code == 401


def test_a_ticket_ends_after_fourteen_days(cast: Cast, client: Client) -> None:
    payload = batch(cast)

    with travel(timezone.now() + datetime.timedelta(days=14, minutes=1)):
        assert post(client, payload).status_code == 401


def test_late_older_batch_changes_nothing(cast: Cast, clinician_client: Client) -> None:
    """An older batch that comes late changes nothing."""
    for sequence, name in ((1, "I"), (3, "Ida"), (2, "Id")):
        assert post(clinician_client, batch(cast, sequence=sequence, values={"name": [name]})).status_code == 200

    assert offered(clinician_client)["draft"]["values"] == {"name": ["Ida"]}


def test_two_windows_have_a_draft_each(cast: Cast, clinician_client: Client) -> None:
    """Two windows have a draft each, and the newest comes first."""
    with travel(timezone.now() - datetime.timedelta(minutes=5)):
        post(clinician_client, batch(cast, opening="a" * 24, values={"name": ["First"]}))
    post(clinician_client, batch(cast, opening="b" * 24, values={"name": ["Second"]}))

    response = offered(clinician_client)

    assert response["draft"]["values"] == {"name": ["Second"]}
    assert [draft["values"] for draft in response["earlier"]] == [{"name": ["First"]}]


def test_resumed_draft_is_replaced(cast: Cast, clinician_client: Client) -> None:
    """A resumed draft is replaced by the one it goes on in."""
    post(clinician_client, batch(cast, opening="a" * 24))

    post(clinician_client, batch(cast, opening="b" * 24, replaces="a" * 24))

    assert [draft.form for draft in Draft.objects.all()] == [f"{FORM}#{'b' * 24}"]


def test_draft_of_another_patient(cast: Cast, clinician_client: Client) -> None:
    """A draft of another patient is another form."""
    form = f"/patients/{cast.patient.pk}/history/"
    post(clinician_client, batch(cast, ticket=ticket(cast, form=form)))

    assert offered(clinician_client, FORM) == {"draft": None}
    assert offered(clinician_client, form)["draft"]["values"] == {"name": ["Ida"]}


def test_drafts_are_gone_after_fourteen_days(cast: Cast, clinician_client: Client) -> None:
    post(clinician_client, batch(cast))
    Draft.objects.update(saved_at=timezone.now() - datetime.timedelta(days=13, hours=23))
    assert offered(clinician_client)["draft"] is not None

    Draft.objects.update(saved_at=timezone.now() - datetime.timedelta(days=14, minutes=1))

    assert offered(clinician_client) == {"draft": None}
    call_command("sweep_drafts", stdout=open("/dev/null", "w"))
    assert not Draft.objects.exists()


def test_new_draft_sweeps_expired_ones(cast: Cast, clinician_client: Client) -> None:
    """A new draft sweeps away the expired ones."""
    post(clinician_client, batch(cast, opening="a" * 24))
    Draft.objects.update(saved_at=timezone.now() - datetime.timedelta(days=15))

    post(clinician_client, batch(cast, opening="b" * 24))

    assert Draft.objects.count() == 1


def test_discarded_draft_leaves_the_next(cast: Cast, clinician_client: Client) -> None:
    """A discarded draft is gone, and its neighbour stays."""
    post(clinician_client, batch(cast, opening="a" * 24))
    post(clinician_client, batch(cast, opening="b" * 24))

    clinician_client.delete(f"/drafts/?form={FORM}%23{'a' * 24}")

    assert [draft.form for draft in Draft.objects.all()] == [f"{FORM}#{'b' * 24}"]


def test_saving_forgets_its_own_draft_only(cast: Cast, clinician_client: Client) -> None:
    """Saving the form forgets its draft and no other."""
    for opening in ("a" * 24, "b" * 24):
        post(clinician_client, batch(cast, opening=opening))

    saved = {"name": "Ida", "record_number": "T-9", "sex": "female", "_opening": "a" * 24}
    assert clinician_client.post(FORM, saved).status_code == 302

    assert [draft.form for draft in Draft.objects.all()] == [f"{FORM}#{'b' * 24}"]


def test_refused_form_leaves_its_draft(cast: Cast, clinician_client: Client) -> None:
    """A form that was refused keeps its draft."""
    post(clinician_client, batch(cast))

    assert clinician_client.post(FORM, {"name": "", "_opening": OPENING}).status_code == 422

    assert Draft.objects.count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"values": {"name": ["nul \x00 here"]}},
        {"values": {"nul \x00": ["name"]}},
        {"values": {"name": ["half a pair \ud800"]}},
        {"values": {"\udfff": ["half a pair"]}},
        {"values": {"name": "not a list"}},
        {"values": {"name": [1]}},
        {"values": ["name"]},
        {"values": None},
        {"sequence": -1},
        {"sequence": 2**63},
        {"sequence": 1.5},
        {"sequence": True},
        {"sequence": "1"},
        {"base_version": 10**30},
        {"base_version": "x"},
        {"opening": "../../etc"},
        {"opening": ""},
        {"opening": "a" * 41},
        {"replaces": "#"},
        {"ticket": None},
        {"ticket": "\ud800"},
    ],
    ids=str,
)
def test_impossible_batch_is_refused(cast: Cast, client: Client, changes: Any) -> None:
    """A batch that our page cannot have sent is refused."""
    assert post(client, batch(cast, **changes)).status_code == 400
    assert not Draft.objects.exists()


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"1e309", b'"x"', b"\xff\xfe", b"[" * 50_000])
def test_junk_is_refused(client: Client, body: bytes) -> None:
    assert post(client, body).status_code == 400


def test_infinity_is_not_a_count(cast: Cast, client: Client) -> None:
    assert post(client, json.dumps(batch(cast)).replace('"sequence": 1', '"sequence": 1e309')).status_code == 400


def test_longest_note_fits_and_more_fails(cast: Cast, client: Client) -> None:
    """The longest note fits, and more is refused in a sentence."""
    assert post(client, batch(cast, values={"story": ["n" * 100_000]})).status_code == 200
    too_long = post(client, batch(cast, values={"story": ["n" * 200_001]}))
    assert too_long.status_code == 413
    assert "Press Save" in too_long.json()["error"]


def test_any_script_and_emoji_survive(cast: Cast, clinician_client: Client) -> None:
    """Any script and emoji come back as they were typed."""
    texts = ["O'Brien", "陳大文", "முருகன்", "عائشة", "👩🏽‍⚕️", "‮right to left", "<script>{{ 7*7 }}", "a\nb\r\nc\t"]

    post(clinician_client, batch(cast, values={"name": texts}))

    assert offered(clinician_client)["draft"]["values"] == {"name": texts}


@given(
    st.binary(max_size=300)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=8,
    ).map(lambda value: json.dumps(value).encode())
)
def test_bad_body_raises_only_unreadable(body: bytes) -> None:
    """No body, whatever it is, raises anything but Unreadable."""
    try:
        batches.read(body)
    except batches.Unreadable:
        pass


def test_drafts_of_one_ticket_are_bounded(cast: Cast, clinician_client: Client) -> None:
    """Sixty openings with one ticket: twenty are kept, the others are told why not; those that are kept go on."""
    text = {"note": ["n" * 1000]}
    openings = [f"{number:016x}" for number in range(60)]
    answers = [post(clinician_client, batch(cast, opening=opening, values=text)) for opening in openings]

    assert [answer.status_code for answer in answers] == [200] * 20 + [429] * 40
    assert "too many unsaved drafts" in answers[-1].json()["error"]
    again = post(clinician_client, batch(cast, opening=openings[0], values={"note": ["more"]}, sequence=2))
    assert again.status_code == 200
    resumed = post(clinician_client, batch(cast, opening="f" * 16, values=text, replaces=openings[1]))
    assert resumed.status_code == 200 and Draft.objects.count() == 20


@pytest.mark.django_db(transaction=True)
def test_drafts_sent_at_once_are_bounded(cast: Cast) -> None:
    """The keep address is open to a ticket: sent at once, on a connection each, its openings find no more room."""
    openings = iter(f"{number:016x}" for number in range(drafts.MAX_OF_A_PAGE + 8))
    Draft.objects.bulk_create(
        Draft(owner=cast.clinician, clinic=cast.clinic, form=f"{FORM}#{next(openings)}")
        for _ in range(drafts.MAX_OF_A_PAGE - 2)
    )

    answers = at_once(lambda: post(Client(), batch(cast, opening=next(openings))).status_code, times=8)

    assert sorted(answers) == [200] * 2 + [429] * 6
    assert Draft.objects.count() == drafts.MAX_OF_A_PAGE


def test_drafts_of_one_person_are_bounded(cast: Cast, clinician_client: Client) -> None:
    Draft.objects.bulk_create(
        Draft(owner=cast.clinician, clinic=cast.clinic, form=f"/patients/{number}/#{OPENING}") for number in range(100)
    )

    assert post(clinician_client, batch(cast)).status_code == 429
    assert post(cast.client(cast.nurse), batch(cast, ticket=ticket(cast, cast.nurse))).status_code == 200
