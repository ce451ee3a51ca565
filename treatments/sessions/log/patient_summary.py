"""Who is before the needle, and what must be in sight before anything is filled in."""

import datetime
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from django.utils import timezone

from treatments.patients.models import HairHistory, Patient, Therapy
from treatments.patients.therapies import dose_on, with_updates
from treatments.patients.vocabulary import TRANSPLANTS, Caution
from treatments.photos.models import Photo
from treatments.photos.vocabulary import PhotoQuality, View
from treatments.records.models import Correction
from treatments.records.past_values import value_on
from treatments.records.text.text_folding import fold
from treatments.records.vocabulary import Asked
from treatments.sessions.log.pre_session_checks import PreSessionChecks

FACES = [View.FRONTAL_NATURAL, View.FRONTAL, View.OBLIQUE_LEFT, View.OBLIQUE_RIGHT]
"""Views by which a person is known again, the best first."""

SHOWN = 160
"""Letters of a free text that are shown here; the whole of it stands in the history."""

MATTERS: dict[str, str] = {
    "Blood thinner": (
        "anticoagula blood.thin warfarin coumadin phenprocoumon marcumar heparin enoxaparin clexane apixaban eliquis "
        "rivaroxaban xarelto dabigatran pradaxa edoxaban fondaparinux aspirin acetylsalicyl clopidogrel plavix "
        "prasugrel ticagrelor dipyridamole"
    ),
    "Immunosuppressant": (
        "immunosuppress methotrexate azathioprine ciclosporin cyclosporin tacrolimus sirolimus mycophenol prednis "
        "methylprednis dexamethasone cortison hydrocortison rituximab adalimumab etanercept infliximab tofacitinib "
        "baricitinib ritlecitinib upadacitinib ruxolitinib leflunomide chemotherap"
    ),
    "Retinoid": "isotretinoin roaccutane acitretin",
    "Beta blocker": "propranolol atenolol bisoprolol metoprolol carvedilol nebivolol beta.block",
}
"""Medicines that matter before an injection, by the beginnings of their words: bleeding, infection, wound healing, and
adrenaline that works less in an anaphylaxis."""

Level = Literal["", "warn", "serious", "unknown"]


@dataclass(frozen=True)
class Line:
    """A question and what is known of it: "Allergies", "egg: hives", "warn"."""

    term: str
    text: str
    level: Level = ""
    url: str = ""


@dataclass(frozen=True)
class PatientSummary:
    picture: Photo | None
    initials: str
    age: str
    birth: str
    lines: list[Line]


def summary(
    patient: Patient, checks: PreSessionChecks, *, on: datetime.date, session_on: datetime.date | None = None
) -> PatientSummary:
    """As of today, `on`; what changed after the day of the session, where that is another one, is said beside it. Other
    treatments are those of the day of the session, in the dose of that day.

    Two queries, one for the picture and one for the other treatments; one more where one of these was changed.
    """
    history: HairHistory | None = getattr(patient, "history", None)
    age, then = patient.age(on), session_on or on
    return PatientSummary(
        picture=_picture(patient),
        initials="".join(word[0] for word in patient.name.split()[:2]).upper(),
        age=f"{'about ' if age[1] else ''}{age[0]} years" if age else "age not recorded",
        birth=f"born {patient.birth.label()}" if patient.birth else "birth not recorded",
        lines=[
            _noted(_allergies(history), checks.changed_after(then, "allergies_text", "allergies")),
            _noted(_cautions(history, checks), checks.changed_after(then, "cautions", "cautions_asked")),
            *_medicines(history, patient, checks.changed_after(then, "medicines_text", "medicines"), on=on, then=then),
            *_events(checks, on),
        ],
    )


def _picture(patient: Patient) -> Photo | None:
    photos = Photo.objects.standing().filter(patient=patient, view__in=FACES).exclude(quality=PhotoQuality.RETAKE)
    photo: Photo | None = photos.order_by("-taken_on", "-id").first()
    if photo is not None:
        photo.patient = patient  # saves the query for it
    return photo


def _noted(line: Line, note: str) -> Line:
    return replace(line, text=f"{line.text} ({note})") if note else line


def _allergies(history: HairHistory | None) -> Line:
    if history is None or history.allergies == Asked.NOT_ASKED:
        return Line("Allergies", "not asked", "unknown")
    if history.allergies == Asked.NONE:
        return Line("Allergies", "No known allergies")
    return Line("Allergies", history.allergies_text or "yes, not named", "warn")


def _cautions(history: HairHistory | None, checks: PreSessionChecks) -> Line:
    named = [str(Caution(code).label) for code in sorted(checks.cautions) if code in Caution.values]
    if checks.scarring_sign:
        named.append("signs of scarring at the last examination")
    if checks.active_infection and Caution.ACTIVE_SCALP_INFECTION not in checks.cautions:
        named.append("scalp infection at the last examination")
    if named:
        return Line("Cautions", "; ".join(named), "warn")
    is_asked = history is not None and history.cautions_asked != Asked.NOT_ASKED
    return Line("Cautions", "none") if is_asked else Line("Cautions", "not asked", "unknown")


def _medicines(
    history: HairHistory | None, patient: Patient, changed: str, *, on: datetime.date, then: datetime.date
) -> Iterable[Line]:
    told = history.medicines_text.strip() if history else ""
    others = [text for each, updates in with_updates(patient) if (text := _taken(each, updates, on=on, then=then))]
    matter = that_matter(" ".join([told, *others]))
    if told or others:
        text = "; ".join(filter(None, [*matter, _short(told), *others]))
        yield _noted(Line("Medicines", text, "warn" if matter else ""), changed)
    elif history is not None and history.medicines == Asked.NONE:
        yield _noted(Line("Medicines", "none"), changed)
    else:
        yield Line("Medicines", "not asked", "unknown")


def _taken(therapy: Therapy, updates: Sequence[Correction], *, on: datetime.date, then: datetime.date) -> str:
    """ "Finasteride 1 mg (until 3 May 2026)": one of the day `then`; "" for one that had ended or not begun, and
    for a transplant. Where a date leaves it in doubt, it is named: a question too many is better than one too few."""
    began, ended = therapy.started or None, therapy.ended or None
    if therapy.kind in TRANSPLANTS or (began is not None and began.certainly_after(then)):
        return ""
    if ended is not None and (then >= on or ended.bounds()[1] < then):
        return ""
    is_ongoing = value_on(therapy, "is_ongoing", updates, then)
    was_over = is_ongoing is False and ended is None
    if was_over and then >= min(on, timezone.localdate(therapy.created_at)):
        return ""
    dose = dose_on(therapy, updates, then)
    doubt = ""
    if ended is not None:
        doubt = f" (until {ended.label()})"
    elif was_over:
        doubt = " (stopped, day not recorded)"
    elif is_ongoing is None:
        doubt = " (not asked whether it goes on)"
    return f"{therapy.get_kind_display()}{f' {dose}' if dose else ''}{doubt}"


def that_matter(text: str) -> list[str]:
    """ "Blood thinner: apixaban" for each word of a text that names a medicine that matters before an injection."""
    found = []
    for group, beginnings in MATTERS.items():
        words = re.findall(rf"\b(?:{'|'.join(beginnings.split())})[\w-]*", fold(text))
        if words:
            found.append(f"{group}: {', '.join(dict.fromkeys(words))}")
    return found


def _events(checks: PreSessionChecks, on: datetime.date) -> Iterable[Line]:
    open_events, earlier = checks.open_events(on), checks.grave_events(on)
    for each in open_events:
        level: Level = "serious" if each.is_grave else "warn"
        yield Line("Event not resolved", each.text, level, each.event.get_absolute_url())
    for each in earlier:
        yield Line("Earlier reaction", each.text, "serious", each.event.get_absolute_url())
    if not open_events and not earlier:
        yield Line("Events", "none to resolve, no serious or allergic one before")


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= SHOWN else f"{text[:SHOWN].rsplit(' ', 1)[0]} …"
