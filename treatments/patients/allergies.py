"""What a patient is allergic to, against what is to be given: words by stem, substances under all their names.

No Django here. The table joins names of one substance, or of substances for which one allergy forbids the other:

- Excipients: annex to the European Commission's guideline on "Excipients in the labelling and package leaflet of
  medicinal products for human use" (EMA/CHMP/302620/2017): peanut with soya, lactose, lanolin, latex, wheat starch,
  sulphites, parabens, macrogols.
- Local anaesthetics by their two families, amides and esters: an allergy to one member questions its family, and as a
  rule not the other (Bhole et al., Br J Anaesth 2012;108:903, 10.1093/bja/aes162).
- Povidone-iodine has nothing to do with fish or shellfish (Schabelman and Witting, J Emerg Med 2010,
  10.1016/j.jemermed.2009.10.014): the two are not joined.

A word too many asks a question, a word too few harms a patient: where it is not certain that an allergy is denied, it
counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from treatments.records.text.text_folding import fold

SUBSTANCES: dict[str, str] = {
    "egg": "egg, albumen, ovalbumin, ovomucoid, ovotransferrin, lysozyme, lecithin, yolk",
    "soya": "soya, soy, soybean, soyabean, lecithin, peanut, arachis, groundnut",
    "peanut": "peanut, arachis, groundnut, nut",
    "nuts": "nut, almond, hazelnut, walnut, cashew, pistachio, pecan, macadamia, brazil nut, argan, shea",
    "milk": "milk, dairy, casein, caseinate, whey, lactalbumin, lactoglobulin, lactoferrin, lactose, colostrum, bovine",
    "beef": "beef, bovine, cow, cattle, calf, fetal bovine serum, fbs, gelatin, gelatine",
    "pork": "pork, porcine, pig, gelatin, gelatine, heparin",
    "fish": "fish, salmon, trout, cod, tuna, marine, seafood, protamine, polynucleotide, pdrn, isinglass",
    "shellfish": (
        "shellfish, crustacean, shrimp, prawn, crab, lobster, mussel, oyster, mollusc, marine, seafood, chitosan, "
        "glucosamine"
    ),
    "rose": "rose, rosa, rosaceae, damascena",
    "plant": "plant, herbal, botanical",
    "wheat": "wheat, gluten, cereal",
    "latex": "latex, rubber",
    "local anaesthetic, amide": (
        "lidocaine, lignocaine, xylocaine, emla, prilocaine, citanest, mepivacaine, bupivacaine, marcaine, "
        "levobupivacaine, ropivacaine, articaine, local anaesthetic, local anesthetic, anaesthetic, anesthetic, caine"
    ),
    "local anaesthetic, ester": (
        "benzocaine, procaine, novocaine, chloroprocaine, tetracaine, amethocaine, ametop, cocaine, para-aminobenzoic, "
        "paba, local anaesthetic, local anesthetic, anaesthetic, anesthetic, caine"
    ),
    "iodine": "iodine, povidone, povidone-iodine, betadine, iodophor",
    "chlorhexidine": "chlorhexidine, chlorhexidin, hibiscrub, hibitane, chloraprep, peridex",
    "alcohol": "alcohol, ethanol, isopropanol, isopropyl, propanol",
    "penicillin": (
        "penicillin, amoxicillin, ampicillin, flucloxacillin, co-amoxiclav, augmentin, piperacillin, betalactam"
    ),
    "aminoglycoside": "aminoglycoside, streptomycin, gentamicin, neomycin, kanamycin, tobramycin, amikacin",
    "macrogol": "macrogol, peg, polyethylene glycol, polysorbate, tween, poloxamer",
    "propylene glycol": "propylene glycol, propyleneglycol",
    "lanolin": "lanolin, wool fat, wool wax, wool alcohol",
    "paraben": "paraben, methylparaben, propylparaben, parahydroxybenzoate, hydroxybenzoate",
    "sulphite": "sulphite, sulfite, metabisulphite, metabisulfite, bisulphite, bisulfite",
    "fragrance": "fragrance, perfume, parfum",
    "hyaluronic acid": "hyaluronic, hyaluronate, hyaluronan, hyaluronidase",
    "albumin": "albumin, hsa",
    "platelets": "platelet, thrombocyte, prp",
    "yeast": "yeast, saccharomyces",
    "bacteria": "bacteria, bacterial, bacterium, lactobacillus",
}
"""Substance -> its names, after commas. A name of two words stands for both together, in their order."""

_NO_SUBSTANCE = frozenset(
    (
        "a about after again agent all allergen allergenic allergic allergies allergy also an anaphylactic "
        "anaphylaxis and another any applied are area as at atopic bad be been before block but by cause "
        "caused causes cell cells cent child childhood confirmed contact cream day derived dermatitis did do "
        "does dose drug eczema ever extract fever few food foods for from gauge gel given "
        "had has have hay he her his hives hour human hypersensitive hypersensitivity if in injected "
        "injection intolerance intolerant is it itch itching itchy its known like likely liquid local low "
        "made mark medication medicine mild minute moderate month more most my needle nerve no none not of "
        "old on once one only or oral other patient per person positive possible possibly preparation "
        "probable product rash react reacted reaction reactive really recorded reported ring said season "
        "seasonal sensitive sensitivity severe she shock since skin small so solution some source stated stem "
        "stromal strong sure suspected swab swelling swollen tape test than that the their then there they "
        "this tissue to told topical two type unclear unidentified unknown unspecified up urticaria use used "
        "very vesicle vesicles vial was water when whether which while with within without year years "
    ).split()
)
"""Words of an allergy, or of what is given, that name no substance."""

_ENDS = re.compile(r"[.;\n!?]+|\b(?:but|except|apart from|other than|however)\b", re.IGNORECASE)
_JOINTS = re.compile(r"([,/+&]|\band\b|\bor\b|\bnor\b)")
_DENIED = re.compile(
    r"\b(?:no|not|never|without|nil)\b(?! only)(?:(?!\band\b)[^,])*?"
    r"\b(?:allerg|hypersensitiv|sensitiv|intoleran|react|problem)\w*"
    r"|\bden(?:ies|ied)\b|\bnot to\b|(?<!not )\btolerate[sd]\b|(?<=[:–-]) ?(?:no|none|negative|tolerated)$"
)
_NOT_SURE = re.compile(r"\b(?:not|never) (?:known|sure|clear|tested|asked|tolerat\w*)\b")
_LEAD = re.compile(r"^(?:known |possible |probable )?(?:allerg(?:y|ic|ies) (?:to|against) )")


@dataclass(frozen=True, slots=True)
class Allergy:
    """One allergy as it is written, and the substances that its words name."""

    text: str
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Given:
    """Something that is to be given: what the page calls it, and the words that say what is in it."""

    label: str
    words: str


@dataclass(frozen=True, slots=True)
class Met:
    """An allergy that something given meets. `word` is the word of what is given."""

    allergy: str
    given: str
    word: str


def stem(word: str) -> str:
    """A folded word without the ending of its plural: eggs, egg; berries, berry; latex stays."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and re.search(r"(?:ss|sh|ch|x|z)es$", word):
        return word[:-2]
    return word[:-1] if len(word) > 3 and re.search(r"[^siu]s$", word) else word


def _stems(text: str) -> list[str]:
    return [stem(word) for word in re.findall(r"[^\W_]+", fold(text))]


_NAMES: dict[tuple[str, ...], set[str]] = {}
for _substance, _spellings in SUBSTANCES.items():
    for _spelling in _spellings.split(","):
        _NAMES.setdefault(tuple(_stems(_spelling)), set()).add(_substance)
_LONGEST = max(map(len, _NAMES))
_PASSED_OVER = {stem(word) for word in _NO_SUBSTANCE} | _NO_SUBSTANCE


def _words(text: str) -> list[tuple[str, frozenset[str]]]:
    """Each word of a text that may name a substance, with the names it stands for: itself, and its substances."""
    stems = _stems(text)
    found: list[tuple[str, frozenset[str]]] = []
    place = 0
    while place < len(stems):
        for length in range(min(_LONGEST, len(stems) - place), 0, -1):
            words = tuple(stems[place : place + length])
            if words in _NAMES:
                found.append((" ".join(words), frozenset(_NAMES[words])))
                break
        else:
            length = 1
            word = stems[place]
            if len(word) > 2 and word not in _PASSED_OVER and not word.isdigit():
                found.append((word, frozenset({f"“{word}”"})))
        place += length
    return found


def read(text: str) -> list[Allergy]:
    """The allergies that a text names, in its order; those that it denies are left out."""
    allergies = {}
    for item in affirmed(text):
        if words := _words(item):
            written = _LEAD.sub("", item)
            allergies[written] = Allergy(written, frozenset().union(*(names for _, names in words)))
    return list(allergies.values())


def affirmed(text: str) -> list[str]:
    """The folded parts of a text that it does not deny."""
    return [item for sentence in _ENDS.split(text) for item in _affirmed(fold(sentence)) if item]


def _affirmed(sentence: str) -> list[str]:
    """The parts of a sentence that it does not deny.

    A denial ("no allergy to egg, milk or soya") reaches to the end of its part, and over the parts before it that an
    "or" joins; "no allergy to egg, latex causes hives" denies egg alone.
    """
    parts = _JOINTS.split(sentence)
    denied = None if _NOT_SURE.search(sentence) else _DENIED.search(sentence)
    if denied is None:
        return [part.strip() for part in parts[::2]]
    ends = list(accumulate(map(len, parts)))
    first = next(number for number, end in enumerate(ends) if end > denied.start())
    joined = [number for number, part in enumerate(parts) if number > first and part in {"or", "nor"}]
    last = max([first, *(number + 1 for number in joined)])
    return [part.strip() for number, part in enumerate(parts[::2]) if not first <= 2 * number <= last]


def words_of(text: str) -> list[str]:
    """The words of the allergies that are compared, each once: "egg", "lidocaine"."""
    compared = [word for allergy in read(text) for word, _ in _words(allergy.text)]
    return list(dict.fromkeys(compared))


def met(allergies: Sequence[Allergy], given: Iterable[Given]) -> list[Met]:
    """Each allergy with each thing given that meets it, once."""
    found: dict[tuple[str, str], Met] = {}
    for each in given:
        for word, names in _words(each.words):
            for allergy in allergies:
                if names & allergy.names:
                    found.setdefault((allergy.text, each.label), Met(allergy.text, each.label, word))
    return list(found.values())
