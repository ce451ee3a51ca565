"""The invented people of the demonstration clinic. Every name is a plant or a place where plants grow."""

from dataclasses import dataclass

CLINIC = "Lime Tree Hair Clinic"
LETTERHEAD = "1 Invented Road, #02-03\nSingapore 000001\nTelephone +65 6000 0000"
PASSWORD = "growth phase 2026 demo"  # noqa: S105 -- printed on the first start; the clinic is invented

STAFF = [
    ("manager", "dr.bloom@limetree.example", "Dr Iris Bloom"),
    ("clinician", "dr.moor@limetree.example", "Dr Heath Moor"),
    ("nurse", "nurse.field@limetree.example", "Poppy Field"),
    ("reception", "reception@limetree.example", "Reed Marsh"),
    ("reader", "reader@limetree.example", "Sage Meadow"),
    ("blind_reader", "blind.reader@limetree.example", "Dr Fern Hollow"),
]
SECOND_READER = ("second.reader@limetree.example", "Dr Sedge Waters")

PRODUCT = {
    "name": "Invented vesicle solution R",
    "manufacturer": "Example Biologics",
    "marketed_as": "rose exosome solution",
    "source_type": "plant_rose_stem_cell",
    "donor": "plant",
    "form": "solution",
    "unit_ml": "5",
    "labelled_route": "injectable",
    "regulatory_basis": "special_access_or_named_patient",
    "regulatory_note": "Invented for the demonstration",
}
SECOND_PRODUCT = {
    "name": "Invented vesicle powder M",
    "manufacturer": "Example Biologics",
    "marketed_as": "stem cell exosome powder",
    "source_type": "msc_umbilical_cord",
    "donor": "allogeneic",
    "form": "lyophilised_powder",
    "unit_ml": "3",
    "labelled_route": "topical_only",
    "regulatory_basis": "unknown",
}
OWN_BLOOD = {
    "name": "Platelet-rich plasma",
    "source_type": "platelet_rich_plasma",
    "donor": "autologous",
    "form": "solution",
    "labelled_route": "injectable",
    "regulatory_basis": "own_blood",
}
# number, product, mL received, days from today until it expires, days since it was received
LOTS = [
    ("LT-2601", 0, "60", 12, 170),
    ("LT-2602", 0, "150", 190, 120),
    ("LT-2603", 0, "100", 320, 20),
    ("LT-2588", 0, "200", -20, 420),
    ("PM-0417", 1, "45", 240, 60),
]


@dataclass(frozen=True)
class Person:
    """One invented patient. `photos` names a rendered head: a to e."""

    key: str
    name: str
    sex: str
    born: str
    phone: str
    ethnicity: str = ""
    onset: str = ""
    photos: str = ""


PEOPLE = {
    person.key: person
    for person in (
        Person("case", "Basil Thyme", "male", "60 years old", "+65 5550 0101", "Chinese", "5 years ago", "a"),
        Person("year", "Rowan Ash", "male", "12 Mar 1981", "+65 5550 0102", "", "about 2019", "b"),
        Person("overdue", "Cedric Elm", "male", "1974", "+65 5550 0103", "", "2018"),
        Person("serious", "Olive Grove", "female", "3 Sep 1979", "+65 5550 0104", "", "2021"),
        Person("headache", "Bay Laurel", "male", "21 Jun 1988", "+65 5550 0105", "", "2022"),
        Person("woman", "Hazel Copse", "female", "8 Nov 1985", "+65 5550 0106", "", "about 2020"),
        Person("new", "Linden Park", "male", "17 Jan 1993", "+65 5550 0107"),
        Person("archived", "Sorrel Dock", "male", "1966", "+65 5550 0108"),
        Person("little", "Aspen Hill", "male", "30 Apr 1976", "+65 5550 0109", "", "2015", "c"),
        Person("worse", "Alder Brook", "male", "2 Feb 1958", "+65 5550 0110", "", "about 2005", "d"),
        Person("today", "Juniper Berry", "female", "14 Jul 1990", "+65 5550 0111", "", "2023"),
        Person("first", "Clement Orchard", "male", "25 Dec 1984", "+65 5550 0112", "", "2020"),
        Person("unfinished", "Fern Dale", "female", "6 Jun 1982", "+65 5550 0113", "", "2021"),
        Person("corrected", "Heath Gorse", "male", "19 Aug 1979", "+65 5550 0114", "", "2017"),
        Person("namesake", "Rowan Ash", "male", "1956", "+65 5550 0115", "", "2010", "e"),
    )
}
