"""Sentences about the patient before treatment: who, with what, what was found, which diagnosis. Each names its row."""

import re
from collections.abc import Iterator

from treatments.assessments.finding_text import stage_text
from treatments.assessments.laboratory.models import LaboratoryReport
from treatments.assessments.models import Assessment
from treatments.assessments.vocabulary import Diagnosis
from treatments.evidence.deidentification.ages import age_words
from treatments.evidence.reports.sentences.record import CaseRecord
from treatments.evidence.reports.sentences.words import begun, place, says, spelled
from treatments.papers.document import Sentence
from treatments.patients.models import HairHistory, Therapy
from treatments.patients.therapies import as_treatments
from treatments.patients.vocabulary import IN_SHORT, Complaint, HairLossCourse, Sex, TherapyResponse
from treatments.records.formatting import count, listed, uncapitalised
from treatments.records.months import age_on
from treatments.records.partial_dates import PartialDate
from treatments.records.vocabulary import Asked

_PERSON = {Sex.MALE: "man", Sex.FEMALE: "woman"}
_COMPLAINT = {
    Complaint.THINNING: "thinning of the hair",
    Complaint.SHEDDING: "shedding of hair",
    Complaint.BOTH: "thinning and shedding of hair",
}
_COURSE = {
    HairLossCourse.SLOW_PROGRESSIVE: "The hair loss was slowly progressive.",
    HairLossCourse.RAPID: "The hair loss was rapid.",
    HairLossCourse.INTERMITTENT: "The hair loss came and went.",
    HairLossCourse.STABLE: "The hair loss was stable.",
    HairLossCourse.REGRESSING: "The hair loss was regressing.",
}
_RESPONSE = {
    TherapyResponse.IMPROVED: "with improvement",
    TherapyResponse.NO_CHANGE: "without a change",
    TherapyResponse.WORSE: "while the hair loss grew worse",
}

_NO = re.compile(r"(?:no|none|never)\W*", re.IGNORECASE)


def age(record: CaseRecord) -> str:
    """ "60 years old"; "" where no date of birth is known."""
    known = record.patient.age(record.course.when)
    return age_words(known[0], is_approximate=known[1]) if known else ""


def sex(record: CaseRecord) -> str:
    """ "man", "woman", "person" where another sex is recorded; "" where none is."""
    return _PERSON.get(Sex(record.patient.sex), "person") if record.patient.sex != Sex.UNKNOWN else ""


def who(record: CaseRecord) -> list[Sentence]:
    ethnicity, is_other = says(record.patient.ethnicity), record.patient.sex == Sex.OTHER
    person = "" if is_other and not ethnicity else sex(record) or ("person" if ethnicity else "")
    words = " ".join(filter(None, [ethnicity, person]))
    told = ", ".join(filter(None, [f"{_article(words)} {words}" if words else "", age(record)]))
    if is_other:
        told = f"{told}{', and ' if told else ''}of a sex recorded as neither male nor female"
    return [record.sentence(f"The patient was {told}.", record.patient)] if told else []


def _article(words: str) -> str:
    is_vowel = words[:1].lower() in "aeiou" and not words.lower().startswith(("eu", "uk", "us", "uni", "uy", "uz"))
    return "an" if is_vowel else "a"


def concern(record: CaseRecord) -> list[Sentence]:
    history = record.history
    if history is None:
        return []
    told = []
    if history.complaint:
        where = f" at the {listed([place(each) for each in history.region_labels])}" if history.region_labels else ""
        told.append(f"The main concern was {_COMPLAINT[Complaint(history.complaint)]}{where}.")
    if history.course:
        told.append(_COURSE[HairLossCourse(history.course)])
    if since := since_words(record):
        told.append(f"It had begun {since} before Month 0.")
    return [record.sentence(sentence, history) for sentence in told]


def since_words(record: CaseRecord) -> str:
    """ "about 5 years", "8 months": how long before Month 0 it began."""
    years, history = onset_years(record), record.history
    if years is None or history is None or history.onset is None:
        return ""
    about = "about " if history.onset.approximate or history.onset.precision != "day" else ""
    if years >= 1:
        return f"{about}{count(years, 'year')}"
    start = record.course.when.earliest
    months = (start.year - history.onset.earliest.year) * 12 + start.month - history.onset.earliest.month
    return f"{about}{count(months, 'month')}" if months > 0 else "less than a month"


def onset_years(record: CaseRecord) -> int | None:
    history = record.history
    if history is None or not history.onset or history.onset.earliest > record.course.when.latest:
        return None
    return age_on(history.onset, record.course.when)[0]


def medical(record: CaseRecord) -> list[Sentence]:
    history = record.history
    return [record.sentence(text, history) for text in _medical(history)] if history else []


def _medical(history: HairHistory) -> Iterator[str]:
    for asked, text, name in (
        (history.conditions, history.conditions_text, "other illness"),
        (history.medicines, history.medicines_text, "medicines of the past year"),
        (history.allergies, history.allergies_text, "allergies"),
    ):
        if asked == Asked.NONE:
            yield f"Asked about {name}, the patient named none."
        elif asked == Asked.YES and says(text):
            yield f"{begun(name)}: {says(text)}."


def is_asked(record: CaseRecord, name: str) -> bool:
    """Whether a question of the history was put and answered: with none, or with what there is."""
    asked = getattr(record.history, name, Asked.NOT_ASKED)
    return bool(asked == Asked.NONE or (asked == Asked.YES and says(getattr(record.history, f"{name}_text"))))


def family(record: CaseRecord) -> list[Sentence]:
    history = record.history
    if history is None:
        return []
    told = []
    if history.family == Asked.NONE:
        told.append("No hair loss in the family was known to the patient.")
    elif history.relatives_text:
        told.append(f"Hair loss in the family: {history.relatives_text}.")
    elif history.family == Asked.YES:
        told.append("There was hair loss in the family.")
    if history.family in (Asked.YES, Asked.NONE) and says(history.family_note):
        told.append(f"{begun(says(history.family_note))}.")
    return [record.sentence(sentence, history) for sentence in told]


def psychosocial(record: CaseRecord) -> list[Sentence]:
    history = record.history
    if history is None:
        return []
    smoking = says(history.smoking) or (history.smoking.strip(" .") if _NO.fullmatch(history.smoking.strip()) else "")
    told = [f"Smoking: {uncapitalised(smoking)}."] if smoking else []
    if says(history.impact):
        told.append(f"What the hair loss means to the patient: {uncapitalised(says(history.impact))}.")
    return [record.sentence(sentence, history) for sentence in told]


def therapies_before(record: CaseRecord) -> list[Therapy]:
    """Those that did not certainly begin after Month 0."""
    standing = (each for each in record.facts.therapies if not each.is_struck_out)
    return [each for each in standing if not (each.started and each.started.certainly_after(record.course.when))]


def earlier(record: CaseRecord) -> list[Sentence]:
    """Other treatments before, and earlier courses of this clinic: "none" is what was asked before any of them."""
    therapies, history = therapies_before(record), record.history
    told = [record.sentence(_therapy(record, each), each) for each in therapies]
    told += earlier_courses(record)
    if not told and history is not None and history.earlier_treatment == Asked.NONE:
        return [record.sentence("No treatment for the hair loss had been sought before.", history)]
    return told


def earlier_courses(record: CaseRecord) -> list[Sentence]:
    told = []
    for course in record.facts.standing_courses:
        sessions = [] if course.pk == record.course.pk else record.facts.sessions_of(course)
        if sessions and not sessions[0].when.certainly_after(record.course.when):
            first, last = (record.at(each.when) for each in (sessions[0], sessions[-1]))
            span = first if first == last else f"the first {first}, the last {last}"
            of = spelled(len(sessions), "session")
            told.append(record.sentence(f"There had been an earlier course of {of} here: {span}.", course))
    return told


def later_therapies(record: CaseRecord) -> list[Sentence]:
    known = {each.pk for each in therapies_before(record)}
    standing = (each for each in record.facts.therapies if not each.is_struck_out and each.pk not in known)
    return [record.sentence(_therapy(record, each), each) for each in standing]


def turns(record: CaseRecord) -> list[tuple[str, PartialDate]]:
    """What began, ended or changed of another treatment after Month 0, with when: "finasteride begun"."""
    told = []
    for each in as_treatments(record.facts.therapies, record.facts.corrections):
        dated = [
            ("done" if each.is_occasion else "begun", each.began),
            ("stopped", None if each.is_occasion else each.ended),
        ]
        dated += [("changed", change.when) for change in each.changes]
        for what, when in dated:
            if when is not None and not record.course.when.certainly_after(when):
                told.append((f"{each.name} {what}", when))
    return told


def _therapy(record: CaseRecord, therapy: Therapy) -> str:
    """ "Topical minoxidil (5 %, once a day) was begun 24 to 25 months before Month 0 and stopped at Month 3, without a
    change." The dose is the first one where it was changed, and the changes follow."""
    name = IN_SHORT.get(therapy.kind, str(therapy)) or str(therapy)
    known = as_treatments([therapy], record.facts.corrections)[0]
    dose = _grafts(therapy) if therapy.is_transplant else known.dose
    response = _RESPONSE.get(TherapyResponse(therapy.response), "") if therapy.response else ""
    if known.is_occasion:
        told = f"was done {record.at(therapy.started)}" if therapy.started else "had been done; when is not recorded"
    else:
        turns = [f"was begun {record.at(therapy.started)}" if therapy.started else "was used"]
        turns += [
            f"was changed to {each.dose.replace(', ', ' ')} {record.at(each.when)}"
            if each.dose
            else f"was changed {record.at(each.when)}"
            for each in known.changes
        ]
        if therapy.ended:
            turns.append(f"was stopped {record.at(therapy.ended)}")
        elif therapy.is_ongoing:
            turns.append("was still going on at the last entry")
        told = listed([turns[0], *(turn.removeprefix("was ") for turn in turns[1:])])
    named = (
        f"{name.removesuffix(')')}, {dose})" if dose and name.endswith(")") else f"{name} ({dose})" if dose else name
    )
    return f"{begun(named)} {told}{f', {response}' if response else ''}."


def _grafts(therapy: Therapy) -> str:
    """Without the place where it was done."""
    return f"{therapy.grafts} grafts" if therapy.grafts is not None else ""


def findings(record: CaseRecord) -> list[Sentence]:
    """What was found before treatment, visit by visit."""
    return [
        record.sentence(f"{begun(text)}.", visit)
        for visit in record.before
        for text in [*filter(None, [says(visit.examination)]), *_findings(visit)]
    ]


def _findings(visit: Assessment) -> list[str]:
    """Without a test that was not done, and with the words of a journal."""
    told = [_whole(each) for each in visit.finding_sentences if says(each) and each != "Pull test not done"]
    return [re.sub(r"^Thin at (.*)$", r"The hair was thin at the \1", each) for each in told]


def _whole(text: str) -> str:
    for short, long in (
        ("Pull test ", "The pull test was "),
        ("Fitzpatrick ", "The skin was of Fitzpatrick type "),
        ("Trichoscopy: ", "Trichoscopy showed "),
    ):
        if text.startswith(short):
            return long + text.removeprefix(short)
    return f"There was {uncapitalised(text)}" if text.startswith(("No ", "Mild ", "Moderate ", "Severe ")) else text


def staged(record: CaseRecord) -> Assessment | None:
    """The grading before treatment; None where nobody graded."""
    graded = [each for each in record.before if each.stage]
    return graded[-1] if graded else None


def stage(record: CaseRecord) -> list[Sentence]:
    visit = staged(record)
    if visit is None:
        return []
    return [record.sentence(f"Before treatment the stage was {stage_text(visit.scale, visit.stage)}.", visit)]


def diagnosis_visit(record: CaseRecord) -> Assessment | None:
    diagnosed = [each for each in record.assessments if each.diagnosis]
    return diagnosed[-1] if diagnosed else None


def diagnosis(record: CaseRecord) -> list[Sentence]:
    visit = diagnosis_visit(record)
    if visit is None:
        return []
    note = says(visit.diagnosis_note)
    if visit.diagnosis == Diagnosis.OTHER:
        return (
            [record.sentence(f"The diagnosis was another one than pattern hair loss: {note}.", visit)] if note else []
        )
    told = [f"The diagnosis was {uncapitalised(str(visit.get_diagnosis_display()))}."]
    if note:
        told.append(f"How it was made: {uncapitalised(note)}.")
    return [record.sentence(sentence, visit) for sentence in told]


def differentials(record: CaseRecord) -> list[Sentence]:
    """Each list once, however often it was recorded."""
    told: dict[str, Sentence] = {}
    for visit in record.assessments:
        if visit.differential_labels:
            text = f"Also considered: {listed([uncapitalised(each) for each in visit.differential_labels])}."
            told.setdefault(text, record.sentence(text, visit))
    return list(told.values())


def laboratory_reports(record: CaseRecord) -> list[LaboratoryReport]:
    """Those of the course that hold a value."""
    return [
        report
        for report, results in record.facts.laboratory
        if not report.is_struck_out
        and record.facts.is_of(record.course, report)
        and any(not each.is_struck_out for each in results)
    ]


def laboratory(record: CaseRecord) -> list[Sentence]:
    told, known = [], {each.pk for each in laboratory_reports(record)}
    for report, results in record.facts.laboratory:
        if report.pk in known:
            values = [str(each) for each in results if not each.is_struck_out]
            told.append(record.sentence(f"Laboratory values {record.at(report.when)}: {listed(values)}.", report))
    return told


def methods(record: CaseRecord) -> list[Sentence]:
    """How it was examined: of each method the first row that used it."""
    told = []
    if record.before and (_findings(visit := record.before[-1]) or says(visit.examination)):
        told.append(record.sentence("The scalp was examined.", visit))
    taken: dict[str, list[str]] = {}
    for photo in record.photos:
        views = taken.setdefault(record.month(photo.when), [])
        if (view := uncapitalised(str(photo.get_view_display()))) not in views:
            views.append(view)
    if taken:
        told.append(record.sentence(f"Photographs were taken {_photographs(taken)}.", record.photos[0]))
    return told


def _photographs(taken: dict[str, list[str]]) -> str:
    """ "at Month 0 and Month 5: vertex and frontal"; Month by Month where their views differ."""
    views = list(taken.values())
    if all(set(each) == set(views[0]) for each in views):
        return f"at {listed(list(taken))}: {listed(views[0])}"
    return "; ".join(f"at {month}: {listed(each)}" for month, each in taken.items())
