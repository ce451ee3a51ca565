"""Every action that the code records has its words, in clinic/audit_report/words.py, and no words are idle."""

import pytest
from django.apps import apps

from clinic.audit_report.words import ACTIONS, KINDS, RECORDS, Kind, actions_of, in_words, page_in_words
from clinic.staff.access import Can
from tests.clinic.recorded_actions import recorded_actions
from tests.urls import routes
from treatments.records.models import Record

WORDS = "clinic/audit_report/words.py"


def test_every_action_has_words():
    found = recorded_actions()
    missing = {action: places for action, places in found.places.items() if action not in ACTIONS}
    assert not missing, f"Add these to ACTIONS in {WORDS}: " + "; ".join(
        f'"{action}" (recorded in {", ".join(places)})' for action, places in missing.items()
    )


def test_no_words_are_idle():
    idle = set(ACTIONS) - set(recorded_actions().places)
    assert not idle, f"Nothing records these any more; take them out of ACTIONS in {WORDS}: {sorted(idle)}"


def test_every_action_can_be_followed():
    lost = recorded_actions().lost
    assert not lost, (
        "The action that is recorded here is no string that tests/clinic/recorded_actions.py can follow. Name it in "
        f"the call, or hand it on as a parameter: {lost}"
    )


def test_every_record_has_its_noun():
    """What stands on the trail by the name of its model is called by a word of the clinic."""
    models = {model._meta.model_name for model in apps.get_models() if issubclass(model, Record)}
    missing = models - set(RECORDS)
    assert not missing, f"Add these to RECORDS in {WORDS}: {sorted(missing)}"


def test_every_page_has_its_noun():
    """Every address that a role may be refused, also one that only takes what is sent to it."""
    names = {route.name for route in routes() if route.requires not in {None, Can.BE_SIGNED_IN}}
    missing = {name for name in names if page_in_words(name) == "a page"}
    assert not missing, f"Add these pages to PAGES in {WORDS}: {sorted(missing)}"


def test_every_kind_has_actions():
    assert set(KINDS) == set(Kind)
    assert [kind for kind in Kind if not actions_of(kind)] == []


@pytest.mark.parametrize(
    ("action", "object_type", "detail", "sentence"),
    [
        ("viewed", "patient", {"page": "timeline"}, "looked at the timeline"),
        ("viewed", "patient", {"page": "safety:follow-up-corrections"}, "looked at the corrections of an entry"),
        ("viewed", "patient", {}, "looked at a page"),
        ("corrected", "exosomesession", {"fields": ["depth_mm"]}, "corrected a session"),
        (
            "refused",
            "",
            {"asked": "export photos", "page": "photos:export"},
            "asked for the page to export photos and was refused: the role may not export photos",
        ),
        (
            "searched",
            "",
            {"page": "patients:find", "letters": 3, "hits": 1},
            "searched for a patient from the search box (letters typed: 3, shown: 1)",
        ),
        ("pin_failed", "", {"person": 3}, "entered a wrong PIN of Mei Tan"),
        ("pin_removed", "", {"because": "asked"}, "had a PIN on a device removed"),
        (
            "made_link",
            "",
            {"member": 3, "removes_second_factor": True},
            "made a one-time link to sign in for Mei Tan, and to remove their second factor",
        ),
        ("added_member", "", {"role": "nurse", "member": 3}, "gave Mei Tan a place here, as nurse"),
        ("added_member", "", {}, "gave somebody a place here, as what was asked for"),
        ("archived", "patient", {}, "archived the record"),
        ("of_next_year", "", {}, "did what this release has no words for (of_next_year)"),
    ],
)
def test_events_are_told_in_words(action, object_type, detail, sentence):
    assert in_words(action, object_type, detail, people={3: "Mei Tan"}) == sentence
