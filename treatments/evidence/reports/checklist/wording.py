"""How a manuscript writes what the checks look for: events, sources, light, claims, other treatments. No Django."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

EVENT_WORDS: Final[Mapping[str, str]] = {
    # Before "swelling", which is another place.
    "facial_oedema": r"facial (?:swelling|o?edema)|swelling of the (?:face|forehead|eyelids?)|periorbital o?edema",
    "lymphadenopathy": r"swollen lymph nodes|lymphadenopathy",
    "local_anaesthetic_toxicity": r"toxicity",
    "injection_site_pain": r"pains?|painful",
    "injection_site_erythema": r"redness|erythema",
    "injection_site_oedema": r"swellings?|o?edema",
    "injection_site_irritation": r"irritations?",
    "pruritus": r"itching|itch|pruritus",
    "headache": r"headaches?",
    "bruising": r"bruis(?:es?|ing)",
    "haemorrhage": r"bleeding|ha?emorrhage",
    "paraesthesia": r"tingling|para?esthesia",
    "anaesthesia": r"numbness",
    "induration": r"hardening|induration",
    "nodule_mass": r"nodules?|lumps?",
    "granuloma": r"granulomas?",
    "folliculitis": r"folliculitis",
    "infection": r"infections?",
    "sterile_abscess": r"sterile abscess(?:es)?",
    "abscess": r"abscess(?:es)?",
    "urticaria": r"hives|urticaria",
    "hypersensitivity": r"local allergy|hypersensitivity",
    "anaphylaxis": r"anaphyla\w+",
    "dizziness": r"dizziness",
    "nausea": r"nausea",
    "fever": r"fever",
    "shedding_te": r"increased shedding|telogen effluvium",
    "necrosis": r"necrosis",
    "ulcer": r"ulcers?|ulceration",
    "scar": r"scars?",
    "pigment_change": r"pigment change|hyperpigmentation|hypopigmentation",
    "vasculitis": r"vasculitis",
    "vasovagal": r"fainting|fainted|faints?|vasovagal",
}
"""How each kind of event is written in a sentence; a longer name stands before one that is in it."""
SOURCE_WORDS: Final[Mapping[str, str]] = {
    "plant": r"plant[- ]derived|plant|rose (?:stem )?cells?|RSCEs?",
    "msc": r"MSC[- ]derived|MSCs?|mesenchymal|stromal cells?|stem cells?|umbilical|Wharton|adipose",
    "platelet": r"PRP|platelet[- ]rich|platelets?",
    "salmon": r"salmon|PDRN",
    "milk": r"milk",
    "medium": r"conditioned medi(?:um|a)|secretome",
}
"""How the source of a product is written; the words of the record's own sources are held."""
LIGHT_WORDS: Final[Mapping[str, str]] = {
    "bright_overhead": r"bright (?:overhead )?light",
    "standard_room": r"standard (?:room )?light(?:ing)?|room light",
    "fixed_flash": r"flash",
    "ring": r"ring light",
    "cross_polarised": r"polari[sz]ed",
    "daylight": r"daylight",
}
CLAIMS: Final[Mapping[str, str]] = {
    "repigmentation": r"repigment\w*",
    "cure": r"\bcured?\b",
    "complete regrowth": r"complete (?:scalp )?(?:hair )?regrowth",
    "new hair follicles": r"new (?:hair )?follicles|neogenesis",
    "histology": r"histolog\w+|biops\w+",
    "statistical significance": r"statistically significant|p\s*[<=]\s*0?\.\d+",
    "a doubling": r"\b(?:doubled|tripled|(?:two|three|2|3)-?fold)\b",
    "a laboratory value": r"\bblood tests?\b|\bferritin\b|\bTSH\b|\bvitamin D\b|\btestosterone\b|\bzinc\b",
    "trichoscopy": r"\b(?:trichoscop|dermoscop)\w+",
}
"""What a text can claim and a row may not hold, unless the record names it itself."""
TREATMENTS: Final[Mapping[str, str]] = {
    "minoxidil": r"minoxidil",
    "finasteride": r"finasteride",
    "dutasteride": r"dutasteride",
    "spironolactone": r"spironolactone",
    "microneedling": r"micro-?needling|dermaroller|needling pen",
    "laser": r"\blasers?\b|low-level light",
    "transplant": r"hair transplant\w*|\bFUE\b|\bFUT\b",
    "ketoconazole": r"ketoconazole",
}
TWO_NAMES: Final = re.compile(
    r"\bcrown\s*(?:\band\b|,|/)\s*(?:the\s+)?vertex\b|\bvertex\s*(?:\band\b|,|/)\s*(?:the\s+)?crown\b", re.I
)
IMPROPER_UNIT: Final = re.compile(r"\d\s*(?:cc|cm3|cm³)\b|\bcc\b")
HARM: Final = re.compile(r"adverse|side[- ]effects?|reactions?|well tolerated|transient|safety|complications?", re.I)
OCCURRED: Final = re.compile(
    r"\b(?:had|developed|experienced|occurred|suffered|complained of|followed|appeared|arose)\b", re.I
)
NO_HARM: Final = re.compile(
    r"\b(?:no|without(?:\s+any)?|free (?:of|from)|neither)\s+(?:(?:any|relevant|significant|observed|reported|"
    r"treatment-related|local)\s+)*(?:(?:adverse|untoward)\s+(?:events?|effects?|reactions?)|side[- ]effects?|"
    r"complications?|reactions?|harms?)\b(?!\s+(?:other|than))",
    re.I,
)
NO_SERIOUS: Final = re.compile(
    r"\b(?:no|without(?:\s+any)?)\s+(?:serious|severe)(?:\s+(?:or|and)\s+\w+)?\s+(?:adverse\s+)?"
    r"(?:events?|effects?|reactions?|complications?)",
    re.I,
)
NEGATION: Final = re.compile(r"\b(?:no|not|without|neither|nor|never|denied|absence of)\b", re.I)
DENIED: Final = re.compile(rf"{NEGATION.pattern}.*?(?=\bbut\b|;|$)", re.I)
OF_THE_CASE: Final = re.compile(
    r"\b(?:this|our) (?:case|patient|man|woman|case’s|case's)\b(?!\s+reports?\s+by)"
    r"|\bthe (?:case|patient|man|woman)(?:’s|'s)?\b(?!\s+(?:in|of|with|reports?)\b)|\bwe gave\b",
    re.I,
)
OF_OTHERS: Final = re.compile(
    r"\bet al\b|\bstud(?:y|ies)\b|\btrials?\b|\breviews?\b|\bmeta-analys[ei]s\b|\bpatients\b|\b(?:in|of) (?:men|women|"
    r"males|females|mice)\b|\bpopulation\b|\bworldwide\b|\bin that (?:report|case)\b|\[\d+|\bconfidence interval",
    re.I,
)
"""A sentence that speaks of others; of these nothing is held against the record."""
NOT_YET: Final = re.compile(
    r"\b(?:needed|required|warranted|would|should|could|might|larger|further stud\w+|future|100 % (?:certain|sure))\b",
    re.I,
)
PLANNED: Final = re.compile(r"\b(?:planned|scheduled|plans?|every|annual|yearly|continues?|not certain)\b", re.I)
LIGHT_DIFFERS: Final = re.compile(
    r"light\w*\s+(?:differ|was not the same|was another|changed)|different light|another light", re.I
)
STRENGTH_OF: Final = re.compile(
    r"(?:minoxidil|solution|lotion|foam|lidocaine|ketoconazole|shampoo|cream|gel)\W+(?:of\s+)?$", re.I
)
"""What stands before a per cent that is the strength of something, or after it."""
OF_STRENGTH: Final = re.compile(
    r"^\W*(?:topical\s+)?(?:minoxidil|solution|lotion|foam|lidocaine|ketoconazole|shampoo|cream|gel|confidence|CI\b|"
    r"certain|sure)",
    re.I,
)
