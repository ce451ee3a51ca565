"""What looks like a person, a day or a place, whoever's it may be. No Django here.

No list of these is complete. They are of the languages and habits that mix in the notes of such clinics.
"""

import re
from typing import Final

EPONYMS: Final = frozenset({"norwood", "hamilton", "ludwig", "fitzpatrick", "sinclair", "savin", "olsen"})
# In small letters "may" is a month only before a year, and "mar", "dec" and "sept" are short for nothing else.
MONTH: Final = (
    r"(?:(?i:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)|M(?:ay|AY)|may(?=,?\s+(?:of\s+)?\d{4}))\.?"
)
_CAPITAL: Final = r"[A-ZÀ-ÖØ-Þ][\w’'-]+"
_TH: Final = r"(?:st|nd|rd|th)?"
_ORDINAL: Final = (
    r"(?:(?:twenty|thirty)[- ])?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth"
    r"|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth)"
)
_BETWEEN: Final = r"\s*[-–/.]\s*"
_RELATIVE: Final = (
    r"(?:(?:step|half)-?)?(?:wife|husband|partner|mother|father|brother|sister|son|daughter|uncle|aunt"
    r"|cousin|nephew|niece|grand(?:mother|father|son|daughter)|fianc[eé]e?|girlfriend|boyfriend|friend|neighbou?r"
    r"|colleague|employer|boss)(?:-in-law)?"
)
_OCCUPATION: Final = (
    r"(?:(?:taxi|bus|lorry|truck|grab|private[- ]hire)\s+)?(?:driver|pilot|(?:school)?teacher|lawyer|engineer|actor"
    r"|actress|singer|politician|judge|policeman|policewoman|police\s+officer|soldier|athlete|footballer|accountant"
    r"|chef|musician|journalist|firefighter|priest|pastor|imam|monk|hairdresser|barber|butcher|baker|dentist|cleaner"
    r"|banker|architect|student)"
)
# Capitals that are no place: what a report of this kind writes with one, and what follows "in" or "at" in every text.
NO_PLACE: Final = EPONYMS | frozenset(
    "month figure table week day year session stage type grade norwood-hamilton hamilton-norwood male female care"
    " asian asians european europeans chinese caucasian african korean japanese malay indian dermatology trichology"
    " exosome exosomes baseline i ii iii iv v vi vii the a an this that these our his her their some all most both"
    " androgenetic alopecia".split()
)
_PATTERNS: Final[tuple[tuple[str, str], ...]] = (
    ("a day", rf"\b\d{{1,2}}{_TH}\.?[\s-]*(?:of\s+)?{MONTH}(?:[,\s-]*(?:\d{{4}}|\d{{2}}\b))?(?!\w)"),
    ("a day", rf"\b{MONTH}\s+\d{{1,2}}{_TH}(?:,?\s+\d{{4}})?\b(?!\s*%)"),
    ("a day", rf"(?i:\b{_ORDINAL}\s+of\s+){MONTH}"),
    ("a day", r"\b\d{1,2}\.?\s+[^\W\d_]{3,10}\s+\d{4}\b"),
    ("a day", r"\b\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\b"),
    ("a day", rf"\b\d{{1,2}}{_BETWEEN}\d{{1,2}}{_BETWEEN}(?:\d{{4}}|\d{{2}})\b"),
    ("a day", r"(?:\d{4}\s*[年년]\s*)?\d{1,2}\s*[月월]\s*\d{1,2}\s*[日日号號일]|\d{4}\s*[年년]\s*\d{1,2}\s*[月월]"),
    ("a day", r"(?i:\bng[àa]y\s+\d{1,2}\b|\bth[áa]ng\s+\d{1,2}(?:\s+n[ăa]m\s+\d{4})?\b)"),
    (
        "a day",
        r"(?i:\bchristmas\b|\bnew\s+year(?:[’']s)?\b|\bramadan\b|\bhari\s+raya\b|\bdeepavali\b|\bdiwali\b|\bvesak\b"
        r"|\bchuseok\b|\bt[eế]t\s+(?:holiday|\d{4}))",
    ),
    ("a month of a year", rf"\b{MONTH}\s+(?:of\s+)?\d{{4}}\b"),
    ("a month of a year", r"\b(?:0?[1-9]|1[0-2])/(?:19|20)\d{2}\b"),
    (
        "a month of a year",
        rf"\b(?i:in|since|until|by|during|before|after|from|between|late|early|mid)[- ]+{MONTH}(?!\w)(?!\s+\d)",
    ),
    ("a year", r"\b(?:in|since|until|from|during|of|by|before|after)\s+(?:19|20)\d{2}\b"),
    ("a year", r"\b(?:early|late|mid|spring|summer|autumn|winter|q[1-4])[- ]+(?:of\s+)?(?:19|20)\d{2}\b"),
    ("an e-mail address", r"[\w.+-]+\s?@\s?[\w-]+\.[\w.-]+"),
    ("a web address", r"\b(?:https?://|www\.)\S+|\b[\w-]+\.(?:com|org|net|sg|my|cn|kr|vn)(?:/\S*)?(?![\w.])"),
    ("a name on a social network", r"(?<![\w.])@[a-z_][\w.]{2,}"),
    ("a telephone number", r"(?<![\w.])\+?\d[\d ()-]{6,}\d\b"),
    ("an identity number", r"\b[A-Z]{1,3}-?\d{5,9}[A-Z]?\b|\b[stfgm]\d{7}[a-z]\b"),
    ("a lot", r"\b(?:lot|batch)(?:\s+(?:no\.?|number)|\s*[#:])?\s+(?=[\w -]{0,4}\d{3})[a-z]{0,4}[ -]?\d[\w-]*"),
    ("the name of a file", r"\b[\w-]+\.(?:jpe?g|heic|png|dng|tiff?|pdf|docx?)\b"),
    ("a position", r"-?\d{1,3}\.\d{3,}\s*,\s*-?\d{1,3}\.\d{3,}"),
    (
        "an address",
        rf"\b\d+[A-Za-z]?,?\s+(?:{_CAPITAL}\s+){{1,3}}(?:Road|Rd|Street|St|Avenue|Ave|Lane|Drive|Close|Crescent|Way"
        r"|Square|Boulevard|Terrace|Walk|Place|Park)\b",
    ),
    ("an address", rf"\b(?:{_CAPITAL}\s+){{1,3}}(?:Road|Rd|Street|Avenue|Ave|Lane|Crescent|Boulevard|Terrace)\b"),
    ("an address", r"\b(?:Block|Blk)\s+\d+\b|#\d{2}-\d{2,5}\b"),
    ("an address", r"\b(?:Singapore|[Pp]ostcode|[Pp]ostal code)\s+\d{5,6}\b"),
    (
        "a person",
        rf"\b(?:Mr|Mrs|Ms|Miss|Mdm|Madam|Sir|Dr|Doctor|Prof|Professor|Nurse)\.?\s+{_CAPITAL}(?:\s+{_CAPITAL})*",
    ),
    (
        "a person",
        r"[\u4e00-\u9fff]{1,2}(?:先生|女士|小姐|太太|医生|醫生|医师|醫師)|[\uac00-\ud7af]{1,3}\s?(?:씨|선생님)",
    ),
    ("a nickname", rf"(?i:\b(?:nicknamed|known\s+as|called|alias|a\.?k\.?a\.?|goes\s+by))\s+[“\"‘']?{_CAPITAL}"),
    ("a relative", rf"\b{_RELATIVE}s?[,\s(]+(?:is\s+called\s+|named\s+)?{_CAPITAL}(?:\s+{_CAPITAL})*"),
    (
        "what only one person can be",
        r"\b(?:the\s+)?(?:only|oldest|youngest|best[- ]known)\s+[\w-]+(?:\s+[\w-]+)?\s+(?:in|of|at|on)\s+\S+",
    ),
    ("what only one person can be", r"\b(?:famous|celebrity|champion|award[- ]winning|television|film star)\b"),
    ("an occupation", r"\bworks?\s+(?:as|for|at)\s+[^.,;]+|\b(?:employed|profession|occupation)\b[^.,;]*"),
    ("an occupation", rf"\b(?:an?|the|former|retired)\s+{_OCCUPATION}\b|\bC[EF]O\b|\bchief\s+executive\b"),
    (
        "an age above 89",
        r"\b(?:9\d|1[01]\d)(?:[- ]years?[- ]old|\s+years|[- ]?y/?o|[- ]?yrs?)\b|\baged?\s+(?:9\d|1[01]\d)\b"
        r"|\bninety(?:[- ]\w+)?[- ]years?\b|\bninety-\w+|\b(?:nonage|cente)narian\b",
    ),
    (
        "a place",
        r"\b(?:liv(?:es?|ing)|born|resid(?:es?|ing)|resident)\s+(?:in|at|of|near)\s+(?!(?:the|a|his|her)\b)\S+",
    ),
)
PLACE: Final = re.compile(
    rf"\b(?:in|at|from|near|to|living in|lives in|born in)\s+((?:{_CAPITAL})(?:\s+{_CAPITAL})*)", re.UNICODE
)
# Of these the capital is what tells a name from a word.
_CASED: Final = frozenset(
    {"a person", "a relative", "a nickname", "an address", "an identity number", "a day", "a month of a year"}
)
COMPILED: Final = tuple(
    (kind, re.compile(pattern, re.NOFLAG if kind in _CASED else re.IGNORECASE)) for kind, pattern in _PATTERNS
)
