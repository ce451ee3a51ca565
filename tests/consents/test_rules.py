from datetime import date

import pytest

from treatments.consents.purposes import COVERS, PhotoPurpose
from treatments.consents.rules import ConsentFacts, allows, in_force, photo_use_problems, treatment_problems

GIVEN = date(2025, 1, 14)


def codes(problems):
    return [p.code for p in problems]


def treatment(**other):
    return ConsentFacts(**({"kind": "treatment", "given_on": GIVEN} | other))


def photos(*purposes, **other):
    return ConsentFacts(kind="photography", given_on=GIVEN, purposes=frozenset(purposes), **other)


@pytest.mark.parametrize(
    ("other", "on", "stands"),
    [
        ({}, date(2025, 1, 13), False),
        ({}, GIVEN, True),
        ({"expires_on": date(2025, 6, 30)}, date(2025, 6, 30), True),
        ({"expires_on": date(2025, 6, 30)}, date(2025, 7, 1), False),
        ({"withdrawn_on": date(2025, 3, 1)}, date(2025, 2, 28), True),
        ({"withdrawn_on": date(2025, 3, 1)}, date(2025, 3, 1), False),
    ],
)
def test_consent_is_in_force_until_it_ends(other, on, stands):
    """A consent is in force from its day until it ends."""
    assert bool(in_force([treatment(**other)], "treatment", on)) is stands


@pytest.mark.parametrize(
    ("consents", "sentence"),
    [
        ([], "There is no treatment consent"),
        ([photos("record")], "There is no treatment consent"),
        ([treatment(given_on=date(2025, 3, 1))], "signed on 1 Mar 2025, after this session"),
        ([treatment(withdrawn_on=date(2025, 2, 1))], "withdrawn on 1 Feb 2025"),
        ([treatment(expires_on=date(2025, 1, 31))], "expired on 31 Jan 2025"),
    ],
)
def test_rule_14_no_session_without_consent(consents, sentence):
    """No session without consent, and the reason why."""
    (problem,) = treatment_problems(consents, on=date(2025, 2, 14))
    assert problem.is_error and problem.rule == 14
    assert sentence in problem.sentence


def test_a_new_consent_heals_a_withdrawn_one():
    consents = [treatment(withdrawn_on=date(2025, 2, 1)), treatment(given_on=date(2025, 2, 10))]
    assert treatment_problems(consents, on=date(2025, 2, 14)) == []


@pytest.mark.parametrize(
    ("covers", "names", "expected"),
    [
        ("", {"plant_rose_stem_cell", "Plant, rose stem cells"}, []),
        ("Plant, rose stem cells", {"plant_rose_stem_cell", "Plant, rose stem cells"}, []),
        ("plant rose stem cell", {"plant_rose_stem_cell"}, []),
        ("Rose stem cells (Plant, rose stem cells)", {"Plant, rose stem cells"}, []),
        ("Stromal cells, fat", {"plant_rose_stem_cell", "Plant, rose stem cells"}, ["another_source"]),
        ("Exo‑Sérum by O’Neil", {"Exo-Serum"}, []),
        ("ＥＸＯ Serum\u200b", {"Exo‐Serum"}, []),
        ("Stromal cells, fat", set(), []),
    ],
)
def test_rule_14_consent_covers_the_source(covers, names, expected):
    """The consent covers the source used."""
    problems = treatment_problems([treatment(covers_source=covers)], on=GIVEN, product_names=names)
    assert codes(problems) == expected


@pytest.mark.parametrize(("named", "expected"), [(True, []), (False, ["unapproved_not_named"])])
def test_unapproved_use_is_named_in_consent(named, expected):
    """Unapproved use is named in the consent."""
    problems = treatment_problems([treatment(covers_unapproved=named)], on=GIVEN, unapproved=True)
    assert codes(problems) == expected


@pytest.mark.parametrize("purpose", [p.value for p in PhotoPurpose])
def test_no_purpose_follows_from_another(purpose):
    others = [p.value for p in PhotoPurpose if p.value != purpose]
    assert not allows([photos(*others)], purpose, GIVEN)
    assert allows([photos(purpose)], purpose, GIVEN)
    assert codes(photo_use_problems([photos(*others)], purpose=purpose, on=GIVEN)) == ["beyond_consent"]


def test_a_withdrawal_ends_every_use_at_once():
    consents = [photos("record", "teaching", withdrawn_on=date(2025, 3, 1))]
    assert photo_use_problems(consents, purpose="teaching", on=date(2025, 2, 28)) == []
    assert codes(photo_use_problems(consents, purpose="teaching", on=date(2025, 3, 1))) == ["no_photo_consent"]


def test_each_purpose_says_what_it_covers():
    assert set(COVERS) == set(PhotoPurpose)


def test_two_halves_do_not_make_a_consent():
    """One consent names the source and another the missing approval: neither covers the session."""
    names = {"plant_rose_stem_cell", "Plant, rose stem cells"}
    source_only = treatment(covers_source="Plant, rose stem cells")
    approval_only = treatment(covers_source="Stromal cells, fat", covers_unapproved=True)
    whole = treatment(covers_source="Plant, rose stem cells", covers_unapproved=True)

    def left_open(*consents):
        return codes(treatment_problems(consents, on=GIVEN, product_names=names, unapproved=True))

    assert left_open(source_only, approval_only) == left_open(approval_only, source_only) == ["unapproved_not_named"]
    assert left_open(approval_only) == ["another_source"]
    assert left_open(source_only, approval_only, whole) == []
