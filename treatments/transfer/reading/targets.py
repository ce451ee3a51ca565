"""What a column of a sheet may hold: each field of the record that is imported, and the words by which it is found.

The own workbook is written with the same labels (`own_workbook`), so that it is read back without a question.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from treatments.assessments.measurement_kinds import QUANTITIES, Method
from treatments.assessments.scales.catalogue import SCALE_CHOICES
from treatments.assessments.vocabulary import Diagnosis, Fitzpatrick, GlobalChange, Satisfaction
from treatments.courses.vocabulary import Anaesthesia, NeedleGauge, Phase, Route, SessionOutcome, SkinPrep
from treatments.courses.volumes import MAX_FURTHER
from treatments.patients.vocabulary import Sex
from treatments.records.regions import INJECTABLE, Region
from treatments.records.text.text_folding import fold
from treatments.records.vocabulary import Asked
from treatments.transfer.reading import reaction_words

PATIENT, SESSION, STAGE, MEASUREMENT, VISIT = "patient", "session", "stage", "measurement", "visit"
GROUPS: Final = {
    PATIENT: "Patient",
    VISIT: "Visit",
    SESSION: "Session",
    STAGE: "Stage and examination",
    MEASUREMENT: "Measurement",
}
ALWAYS: Final = frozenset({PATIENT, VISIT})
FURTHER_PLACES: Final = tuple(range(2, 2 + MAX_FURTHER))
"""What a session was given beside its first product stands in columns that bear its place: "Product 2"."""
FURTHER: Final = ("product", "lot", "ml", "where", "route", "depth_mm", "device", "mixed_hours", "note")
"""The columns of one place; their targets are called "product_2"."""


@dataclass(frozen=True)
class Target:
    """`reads` names how a cell is read (`cell_values`). `choices` are code and label, `spellings` other words for it.

    `low`, `high` and `places` are the limits of a number, `most` the letters of a text. `word_code` is the target with
    which it shares what its words were said to mean.
    """

    code: str
    group: str
    label: str
    reads: str = "text"
    words: tuple[str, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    spellings: tuple[tuple[str, str], ...] = ()
    most: int = 4000
    places: int = 2
    low: Decimal = Decimal(0)
    high: Decimal = Decimal(999_999)
    unit: str = ""
    kind: str = ""
    like: str = ""

    @property
    def word_code(self) -> str:
        return self.like or self.code

    @property
    def title(self) -> str:
        """The heading of its column in the own workbook, the same for no two targets of a group."""
        return f"{self.label}, {self.unit}" if self.unit and self.unit not in self.label else self.label


def _choices(choices: Iterable[tuple[Any, Any]]) -> tuple[tuple[str, str], ...]:
    return tuple((str(code), str(label)) for code, label in choices)


_SEXES = (
    *((word, "male") for word in ("m", "man", "male", "men", "mann", "männlich", "homme", "h", "hombre", "uomo", "男")),
    *((word, "female") for word in ("f", "w", "woman", "female", "frau", "weiblich", "femme", "mujer", "donna", "女")),
    *((word, "other") for word in ("o", "x", "d", "divers", "diverse")),
    *((word, "unknown") for word in ("u", "unknown", "?", "n/a", "-")),
)
_YES = ("y", "yes", "true", "1", "x", "ja", "oui", "si", "sí", "✓", "✔")
_NO = ("n", "no", "false", "0", "none", "nein", "non", "nil", "-")
_YES_NO = (*((word, "yes") for word in _YES), *((word, "no") for word in _NO))
# A dash is no answer: whether it means "asked, none" is asked.
_ASKED = (
    *((word, "yes") for word in _YES),
    *((word, "none") for word in _NO if word != "-"),
    ("not asked", "not_asked"),
)
_ROUTES = (
    *((word, Route.INTRADERMAL_INJECTION.value) for word in ("id", "intradermal", "injection", "injected")),
    *((word, Route.SUBCUTANEOUS_INJECTION.value) for word in ("sc", "subcutaneous")),
    *((word, Route.MICRONEEDLING_TOPICAL.value) for word in ("mn", "microneedling", "dermapen", "needling")),
    *((word, Route.MESOTHERAPY_GUN.value) for word in ("meso", "mesotherapy", "gun", "mesogun")),
    *((word, Route.FRACTIONAL_LASER_TOPICAL.value) for word in ("laser", "fractional laser")),
    *((word, Route.TOPICAL_ONLY.value) for word in ("topical",)),
)
_METHODS = (
    *((word, Method.CLINICIAN_VISUAL_ESTIMATE.value) for word in ("estimate", "visual", "visual estimate", "eye")),
    *((word, Method.MANUAL_TRICHOSCOPY_COUNT.value) for word in ("trichoscopy", "dermoscopy", "manual", "count")),
    *((word, Method.AI_IMAGE_ANALYSIS.value) for word in ("ai", "automatic", "software")),
)
_SCALES = (
    *((word, "norwood_1975") for word in ("norwood", "hamilton", "nw", "hamilton norwood", "norwood hamilton", "nh")),
    ("ludwig", "ludwig_1977"),
    ("sinclair", "sinclair_2004"),
    ("savin", "savin_1996"),
    ("olsen", "olsen_1999"),
    ("basp", "basp_2007"),
)
_GAUGES = tuple(
    (f"{mark}{gauge}{end}", str(gauge)) for gauge in NeedleGauge.values for mark in ("", "g") for end in ("", "g")
)
_OUTCOMES = (("done", "completed"), ("complete", "completed"), ("stopped", "aborted"), ("partial", "partial"))

_PATIENT = (
    Target(
        "record_number",
        PATIENT,
        "Record number",
        "identifier",
        (
            "record no",
            "record nr",
            "file number",
            "file no",
            "patient id",
            "patient no",
            "patient number",
            "id",
            "hc no",
            "mrn",
            "chart no",
            "chart number",
            "no",
            "nr",
            "patientennummer",
            "numero",
        ),
        most=32,
    ),
    Target(
        "name",
        PATIENT,
        "Name",
        "text",
        ("patient", "patient name", "full name", "name of patient", "nom", "nombre"),
        most=160,
    ),
    Target("given_name", PATIENT, "Given name", "text", ("first name", "forename", "vorname", "prenom"), most=80),
    Target(
        "family_name",
        PATIENT,
        "Family name",
        "text",
        ("last name", "surname", "nachname", "nom de famille", "apellido"),
        most=80,
    ),
    Target(
        "sex", PATIENT, "Sex", "choice", ("gender", "m/f", "geschlecht", "sexe", "sexo"), _choices(Sex.choices), _SEXES
    ),
    Target(
        "birth",
        PATIENT,
        "Date of birth",
        "birth",
        (
            "dob",
            "birth",
            "born",
            "birthday",
            "birth date",
            "year of birth",
            "birthdate",
            "geburtsdatum",
            "geboren",
            "geb",
            "geburtstag",
            "date de naissance",
            "fecha de nacimiento",
            "d.o.b.",
            "d.o.b",
        ),
    ),
    Target(
        "phone",
        PATIENT,
        "Telephone",
        "phone",
        (
            "phone",
            "mobile",
            "tel",
            "tel.",
            "phone number",
            "handphone",
            "cell",
            "contact no",
            "contact number",
            "telefon",
            "telephone number",
            "hp",
            "mobile number",
        ),
        most=40,
    ),
    Target("email", PATIENT, "E-mail", "email", ("email", "mail", "email address", "e-mail address"), most=254),
    Target("ethnicity", PATIENT, "Ethnicity", "text", ("race", "ethnic group"), most=60),
    Target("contact_note", PATIENT, "How best to reach the patient", "text", ("contact note", "contact"), most=200),
)
_VISIT = (
    Target("date", VISIT, "Date of the visit", "past", ("date", "visit date", "visit", "day", "datum", "fecha")),
    Target(
        "reported_label",
        VISIT,
        "Name of this visit in the old record",
        "text",
        ("visit name", "visit label", "label", "visit no", "session no", "session", "session number", "month"),
        most=80,
    ),
)
_SESSION = (
    Target(
        "session_date",
        SESSION,
        "Date of the session",
        "past",
        ("session date", "treatment date", "date of treatment", "injection date", "treated on", "date given"),
    ),
    Target("course", SESSION, "Course", "text", ("course name",), most=120),
    Target("session_time", SESSION, "Time", "time", ("time of session", "hour")),
    Target("phase", SESSION, "Part of the plan", "choice", ("phase",), _choices(Phase.choices)),
    Target(
        "total_ml",
        SESSION,
        "Total volume, mL",
        "decimal",
        (
            "ml",
            "total",
            "total ml",
            "volume",
            "volume ml",
            "dose",
            "dose ml",
            "total volume",
            "cc",
            "amount",
            "volumen",
            "vol",
            "menge",
            "menge ml",
            "volumen ml",
            "ml 1",
            "volume 1",
            "first volume",
        ),
        high=Decimal(20),
        unit="mL",
    ),
    Target(
        "region",
        SESSION,
        "Region treated",
        "region",
        ("region", "area", "where", "regions", "site treated", "treated area", "zone", "region 1", "area 1"),
        most=80,
    ),
    *(
        Target(
            f"volume_{region.value}",
            SESSION,
            f"{region.label}, mL",
            "decimal",
            (f"{region.label} ml", f"{region.label}", *(("crown", "crown ml") if region is Region.VERTEX else ())),
            high=Decimal(20),
            unit="mL",
            kind=region.value,
        )
        for region in INJECTABLE
    ),
    Target("as_told", SESSION, "Where (in the words of the old record)", "text", most=80),
    Target(
        "product",
        SESSION,
        "Product",
        "text",
        ("exosome", "exosome product", "brand", "präparat", "product 1", "first product"),
        most=120,
    ),
    Target(
        "lot",
        SESSION,
        "Lot",
        "identifier",
        (
            "lot number",
            "lot no",
            "batch",
            "batch number",
            "batch no",
            "lot nr",
            "charge",
            "lot 1",
            "batch 1",
            "first lot",
        ),
        most=60,
    ),
    Target(
        "route",
        SESSION,
        "Route",
        "choice",
        ("technique", "how given", "route 1", "technique 1"),
        _choices(Route.choices),
        _ROUTES,
    ),
    Target(
        "needle_gauge",
        SESSION,
        "Needle, gauge",
        "choice",
        ("gauge", "needle", "needle gauge"),
        _choices(NeedleGauge.choices),
        _GAUGES,
    ),
    Target(
        "needle_length_mm",
        SESSION,
        "Needle length, mm",
        "decimal",
        ("needle length",),
        places=1,
        high=Decimal(60),
        unit="mm",
    ),
    Target(
        "depth_mm", SESSION, "Depth, mm", "decimal", ("depth", "injection depth"), places=1, high=Decimal(60), unit="mm"
    ),
    Target(
        "points",
        SESSION,
        "Injection points",
        "whole",
        ("points", "injections", "number of points"),
        low=Decimal(1),
        high=Decimal(2000),
    ),
    Target(
        "point_ml",
        SESSION,
        "mL at each point",
        "decimal",
        ("ml per point", "ml/point"),
        places=3,
        high=Decimal(9),
        unit="mL",
    ),
    Target(
        "mixed_hours",
        SESSION,
        "Mixed, hours before use",
        "decimal",
        ("hours since mixing",),
        places=1,
        high=Decimal(999),
        unit="h",
    ),
    Target("device", SESSION, "Device and cartridge", "text", ("device", "pen", "cartridge"), most=120),
    Target(
        "skin_prep", SESSION, "Skin preparation", "choice", ("skin prep", "disinfection"), _choices(SkinPrep.choices)
    ),
    Target(
        "anaesthesia",
        SESSION,
        "Anaesthesia",
        "choice",
        ("anesthesia",),
        _choices(Anaesthesia.choices),
        (("emla", "topical_lidocaine_prilocaine"), ("blt", "topical_BLT"), ("no", "none"), ("block", "ring_block")),
    ),
    Target("anaesthesia_detail", SESSION, "Agent and dose", "text", ("anaesthetic", "anesthetic"), most=120),
    Target(
        "pain_during",
        SESSION,
        "Pain during the session, 0 to 10",
        "whole",
        ("pain", "pain 0-10", "vas", "nrs", "pain score", "pain during", "schmerz", "schmerzen", "schmerz 0-10"),
        high=Decimal(10),
    ),
    Target("pain_after", SESSION, "Pain 15 minutes after, 0 to 10", "whole", ("pain after",), high=Decimal(10)),
    Target(
        "operator",
        SESSION,
        "Given by",
        "text",
        ("doctor", "operator", "injector", "by", "dr", "physician", "nurse", "arzt", "behandler"),
        most=120,
    ),
    Target("assistant", SESSION, "Assisted by", "text", ("assistant",), most=120),
    Target(
        "outcome",
        SESSION,
        "Was it completed?",
        "choice",
        ("completed", "session outcome"),
        _choices(SessionOutcome.choices),
        _OUTCOMES,
    ),
    Target("outcome_reason", SESSION, "Why it was not completed", "text", ("why not completed",), most=300),
    Target(
        "since_last",
        SESSION,
        "Anything since last time?",
        "asked",
        ("since last", "events since last"),
        _choices(Asked.choices),
        _ASKED,
    ),
    Target(
        "reactions",
        SESSION,
        "Reactions today?",
        "reactions",
        (
            "reaction",
            "reactions",
            "side effects",
            "ae",
            "adverse events",
            "adverse event",
            "reaktion",
            "reaktionen",
            "nebenwirkungen",
        ),
        _choices(Asked.choices),
        (*_ASKED, *reaction_words.SPELLINGS),
    ),
    Target(
        "note",
        SESSION,
        "Note of the session",
        "text",
        ("note", "notes", "remarks", "comment", "comments", "remark", "bemerkung", "bemerkungen", "anmerkung", "notiz"),
    ),
)


def _of_place(place: int) -> tuple[Target, ...]:
    """The columns of what was given beside the first product: another product, a second lot, or a technique alone."""

    def target(code: str, label: str, reads: str, words: tuple[str, ...], **more: Any) -> Target:
        numbered = (f"{word} {place}" for word in words)
        ordinal = (f"{each} {word}" for each in _ORDINALS[place] for word in words)
        return Target(f"{code}_{place}", SESSION, f"{label} {place}", reads, (*numbered, *ordinal), **more)

    return (
        target("product", "Product", "text", ("product", "exosome product", "präparat"), most=120),
        target("lot", "Lot", "identifier", ("lot", "lot number", "lot no", "batch", "batch no", "charge"), most=60),
        target(
            "ml", "Volume", "decimal", ("volume", "ml", "cc", "dose", "volume ml", "menge"), high=Decimal(20), unit="mL"
        ),
        target("where", "Region", "places", ("region", "area", "where", "regions", "zone"), most=400, like="region"),
        target(
            "route", "Route", "choice", ("route", "technique"), choices=_choices(Route.choices), spellings=_ROUTES,
            like="route",
        ),
        target("depth_mm", "Depth", "decimal", ("depth", "depth mm"), places=1, high=Decimal(60), unit="mm"),
        target("device", "Device and cartridge", "text", ("device", "pen"), most=120),
        target(
            "mixed_hours", "Mixed, hours before use", "decimal", ("hours since mixing",), places=1, high=Decimal(999),
            unit="h",
        ),
        target("note", "Note on product", "text", ("note", "remark"), most=300),
    )  # fmt: skip


_ORDINALS: Final = {2: ("second", "2nd"), 3: ("third", "3rd"), 4: ("fourth", "4th")}
_SESSION_FURTHER = tuple(target for place in FURTHER_PLACES for target in _of_place(place))
_STAGE = (
    Target(
        "stage_date",
        STAGE,
        "Date of the examination",
        "past",
        ("examination date", "graded on", "assessment date", "date of assessment", "stage date"),
    ),
    Target("scale", STAGE, "Scale", "choice", ("grading scale", "classification"), _choices(SCALE_CHOICES), _SCALES),
    Target(
        "stage",
        STAGE,
        "Stage",
        "stage",
        (
            "norwood",
            "norwood stage",
            "grade",
            "nw",
            "hamilton norwood",
            "ludwig",
            "sinclair",
            "stage norwood",
            "norwood hamilton",
            "stadium",
            "hair loss stage",
        ),
        most=40,
    ),
    Target("stage_note", STAGE, "Note on the stage", "text", ("stage note",), most=300),
    Target("examination", STAGE, "Examination", "text", ("findings", "exam", "on examination")),
    Target(
        "fitzpatrick",
        STAGE,
        "Fitzpatrick skin type",
        "choice",
        ("fitzpatrick", "skin type", "phototype"),
        _choices(Fitzpatrick.choices),
        tuple((str(place), code) for place, code in enumerate(Fitzpatrick.values, start=1)),
    ),
    Target(
        "diagnosis",
        STAGE,
        "Diagnosis",
        "choice",
        ("dx",),
        _choices(Diagnosis.choices),
        (("mphl", "male_pattern"), ("fphl", "female_pattern"), ("aga", "male_pattern")),
    ),
    Target("diagnosis_note", STAGE, "How the diagnosis was made", "text", (), most=400),
    Target("change_seen", STAGE, "Change since the baseline", "text", ("change",), most=2000),
    Target(
        "global_change",
        STAGE,
        "Change seen by the clinician, −3 to +3",
        "choice",
        ("global change", "gaia", "gpa"),
        _choices(GlobalChange.choices),
    ),
    Target(
        "patient_change",
        STAGE,
        "Change seen by the patient, −3 to +3",
        "choice",
        ("patient change",),
        _choices(GlobalChange.choices),
    ),
    Target("satisfaction", STAGE, "Satisfaction", "choice", ("patient satisfaction",), _choices(Satisfaction.choices)),
    Target("dlqi", STAGE, "DLQI total, 0 to 30", "whole", ("dlqi",), high=Decimal(30)),
    Target("patient_words", STAGE, "The patient’s own words", "text", ("patient says", "patient words")),
    Target("plan", STAGE, "Plan", "text", (), most=2000),
)
_KINDS = tuple((each.code, each.label) for each in QUANTITIES.values() if not each.derived)
_MEASURED = (
    Target(
        "measured_date",
        MEASUREMENT,
        "Date of the measurement",
        "past",
        ("measurement date", "measured on", "date measured"),
    ),
    Target(
        "kind",
        MEASUREMENT,
        "What was measured",
        "choice",
        ("measurement", "what", "quantity", "parameter"),
        _KINDS,
        (("density", "hair_density"), ("diameter", "shaft_diameter_mean")),
    ),
    Target("value", MEASUREMENT, "Value", "amount", ("result",), places=3, low=Decimal(-999_999)),
    Target("low", MEASUREMENT, "From (lowest)", "decimal", ("from", "low"), places=3, low=Decimal(-999_999)),
    Target("high", MEASUREMENT, "To (highest)", "decimal", ("to", "high"), places=3, low=Decimal(-999_999)),
    Target("site", MEASUREMENT, "Measured where", "site", ("site", "measured at", "location"), most=40),
    Target("site_detail", MEASUREMENT, "Exact spot", "text", ("spot",), most=160),
    Target("is_same_spot", MEASUREMENT, "Exactly the same spot as before", "bool"),
    Target("method", MEASUREMENT, "Measured how", "choice", ("method",), _choices(Method.choices), _METHODS),
    Target(
        "measuring_device", MEASUREMENT, "Measuring device", "text", ("trichoscope", "device and software"), most=160
    ),
    Target(
        "area_cm2",
        MEASUREMENT,
        "Area, cm²",
        "decimal",
        ("area cm2", "counted area"),
        places=3,
        high=Decimal(999),
        unit="cm²",
    ),
    Target("magnification", MEASUREMENT, "Magnification", "whole", ("zoom",), high=Decimal(32767)),
    Target("vellus_cutoff_um", MEASUREMENT, "Vellus below, µm", "whole", ("vellus cutoff",), high=Decimal(32767)),
    Target("is_clipped", MEASUREMENT, "Hair clipped", "bool", ("clipped",)),
    Target("is_dyed", MEASUREMENT, "Hair dyed", "bool", ("dyed",)),
    Target("measured_by", MEASUREMENT, "Measured by", "text", (), most=120),
    *(
        Target(
            f"m_{each.code}",
            MEASUREMENT,
            f"{each.label}, {each.unit}",
            "amount",
            (each.label, each.code, *_more),
            places=3,
            low=Decimal(-999_999),
            unit=each.unit,
            kind=each.code,
        )
        for each, _more in (
            (
                each,
                {
                    "hair_density": (
                        "density",
                        "density /cm2",
                        "density cm2",
                        "hairs/cm2",
                        "hair count",
                        "density hairs/cm2",
                        "dichte",
                        "haardichte",
                        "dichte haare/cm2",
                        "haare/cm2",
                    ),
                    "shaft_diameter_mean": ("diameter", "hair diameter", "shaft diameter", "diameter um"),
                    "density_change_pct": ("density change", "change in density", "improvement", "density change %"),
                    "terminal_vellus_ratio": ("t:v", "t/v ratio", "terminal:vellus"),
                    "anagen_pct": ("anagen", "anagen %"),
                    "telogen_pct": ("telogen", "telogen %"),
                }.get(each.code, ()),
            )
            for each in QUANTITIES.values()
            if not each.derived
        )
    ),
)

TARGETS: Final[dict[str, Target]] = {
    each.code: each for each in (*_PATIENT, *_VISIT, *_SESSION, *_SESSION_FURTHER, *_STAGE, *_MEASURED)
}

BESIDE: Final = frozenset(each.code for each in _SESSION_FURTHER)
"""The targets of what was given beside the first product."""

_OTHER_SIGNS = re.compile(r"[^\w%²³µ/:.°]+")


def heading_key(heading: str) -> str:
    """A heading without its case, accents, brackets and signs: "D.O.B. (dd/mm)" and "d.o.b. dd/mm" are one."""
    return " ".join(_OTHER_SIGNS.sub(" ", fold(heading)).split()).strip(" .:")


def _by_heading() -> dict[str, str]:
    found: dict[str, str] = {}
    for target in TARGETS.values():
        for words in (target.label, target.title, target.code.replace("_", " ")):
            found.setdefault(heading_key(words), target.code)
    for target in TARGETS.values():
        for words in target.words:
            found.setdefault(heading_key(words), target.code)
    return found


BY_HEADING: Final = _by_heading()


def target_of_heading(heading: str) -> str:
    """The target that a heading names: as a whole, behind the group of a second heading row ("Session: Date"), or
    without what stands in brackets; "" for none."""
    key = heading_key(heading)
    if key in BY_HEADING:
        return BY_HEADING[key]
    bare = heading_key(_IN_BRACKETS.sub(" ", heading))
    if bare in BY_HEADING and _says_nothing_else(BY_HEADING[bare], _IN_BRACKETS.findall(heading)):
        return BY_HEADING[bare]
    upper, separator, lower = heading.partition(": ")
    if not separator:
        return ""
    code = target_of_heading(lower)
    if code == "date" and (group := _DATES_BY_GROUP.get(_group_named(upper))):
        return group
    if place := _place_named(upper):
        return target_of_heading(f"{lower} {place}")
    return code


_IN_BRACKETS: Final = re.compile(r"[(\[].*?[)\]]")
_HARMLESS: Final[dict[str, frozenset[str]]] = {
    "birth": frozenset({"dd", "mm", "yy", "yyyy", "d", "m", "y", "tt", "jj", "jjjj", "iso"}),
    "choice": frozenset({"m", "f", "w", "h", "x", "d"}),
    "phone": frozenset({"home", "mobile", "work", "cell", "private", "privat"}),
    "whole": frozenset({"0", "10", "30", "vas", "nrs"}),
    "bool": frozenset({"y", "n", "yes", "no"}),
}
_HARMLESS_ANYWHERE: Final = frozenset({"required", "optional", "total", "text"})


def _says_nothing_else(code: str, brackets: Iterable[str]) -> bool:
    """Whether what a heading has in brackets leaves its meaning: "(dd/mm/yy)", or the unit. "Dose (vials)", "Pain
    (0-100)", "Stage (target)" and "Name (next of kin)" are something else, and a person says what."""
    target = TARGETS[code]
    usual = _HARMLESS["birth"] if target.reads == "past" else _HARMLESS.get(target.reads, frozenset())
    units = {target.unit.casefold(), *(("cc", "ccm") if target.unit == "mL" else ())}
    if code == "stage":
        usual = frozenset(word for words in _SCALE_WORDS for word in words.split())
    for each in brackets:
        inner = fold(each[1:-1]).strip()
        words = {word for word in re.split(r"[^\w%]+", inner) if word}
        if inner not in {fold(unit) for unit in units} and not words <= usual | _HARMLESS_ANYWHERE:
            return False
    return True


_SCALE_WORDS: Final = tuple(fold(word) for word, _ in _SCALES)
_DATES_BY_GROUP: Final = {SESSION: "session_date", STAGE: "stage_date", MEASUREMENT: "measured_date", PATIENT: "birth"}


def _place_named(words: str) -> int:
    """2 for the group "Product 2" or "Second product", 0 for any other."""
    key = heading_key(words)
    if not {"product", "lot", "vial", "praparat"} & set(key.split()):
        return 0
    named = (place for place in FURTHER_PLACES if key.endswith(f" {place}") or key.startswith(_ORDINALS[place]))
    return next(named, 0)


def _group_named(words: str) -> str:
    named = {"treatment": SESSION, "session": SESSION, "injection": SESSION, "examination": STAGE, "assessment": STAGE}
    named |= {"stage": STAGE, "grading": STAGE, "measurement": MEASUREMENT, "density": MEASUREMENT, "patient": PATIENT}
    return next((group for word, group in named.items() if word in fold(words)), "")
