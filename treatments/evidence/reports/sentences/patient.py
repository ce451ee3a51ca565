"""Sentences about the patient before treatment: who, with what, what was found, which diagnosis. Each names its row."""

from collections.abc import Iterator

from treatments.assessments.finding_text import stage_text
from treatments.assessments.models import Assessment
from treatments.evidence.deidentification.ages import age_words
from treatments.evidence.reports.sentences.record import CaseRecord
from treatments.papers.document import Sentence
from treatments.patients.models import HairHistory, Therapy
from treatments.patients.vocabulary import IN_SHORT, Complaint, Sex, TherapyResponse
from treatments.records.formatting import count, listed, uncapitalised
from treatments.records.months import age_on
from treatments.records.vocabulary import Asked

_PERSON = {Sex.MALE: "man", Sex.FEMALE: "woman"}
_COMPLAINT = {
    Complaint.THINNING: "thinning of the hair",
    Complaint.SHEDDING: "shedding of hair",
    Complaint.BOTH: "thinning and shedding of hair",
}
_RESPONSE = {
    TherapyResponse.IMPROVED: "with improvement",
    TherapyResponse.NO_CHANGE: "without a change",
    TherapyResponse.WORSE: "and the hair loss grew worse",
}


def age(record: CaseRecord) -> str:
    """ "60 years old"; "" where no date of birth is known."""
    known = record.patient.age(record.course.when)
    return age_words(known[0], is_approximate=known[1]) if known else ""


def sex(record: CaseRecord) -> str:
    return _PERSON.get(Sex(record.patient.sex), "person") if record.patient.sex != Sex.UNKNOWN else ""


def who(record: CaseRecord) -> list[Sentence]:
    words = " ".join(filter(None, [record.patient.ethnicity, sex(record)]))
    told = ", ".join(filter(None, [f"{_article(words)} {words}" if words else "", age(record)]))
    return [record.sentence(f"The patient was {told}.", record.patient)] if told else []


def _article(words: str) -> str:
    return "an" if words[:1].lower() in "aeiou" else "a"


def concern(record: CaseRecord) -> list[Sentence]:
    history = record.history
    if history is None:
        return []
    told = []
    if history.complaint:
        where = f" at the {listed(history.region_labels)}" if history.region_labels else ""
        told.append(f"The main concern was {_COMPLAINT[Complaint(history.complaint)]}{where}.")
    if history.course:
        told.append(f"The hair loss was {uncapitalised(str(history.get_course_display()))}.")
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
        elif asked == Asked.YES and text.strip():
            yield f"{name[:1].upper()}{name[1:]}: {text.strip().rstrip('.')}."


def is_asked(record: CaseRecord, name: str) -> bool:
    """Whether a question of the history was put and answered: with none, or with what there is."""
    asked = getattr(record.history, name, Asked.NOT_ASKED)
    return bool(asked == Asked.NONE or (asked == Asked.YES and getattr(record.history, f"{name}_text").strip()))


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
    if history.family_note:
        told.append(f"{history.family_note.rstrip('.')}.")
    return [record.sentence(sentence, history) for sentence in told]


def psychosocial(record: CaseRecord) -> list[Sentence]:
    history = record.history
    if history is None:
        return []
    told = [f"Smoking: {uncapitalised(history.smoking.rstrip('.'))}."] if history.smoking else []
    if history.impact:
        told.append(f"What the hair loss means to the patient: {history.impact.strip().rstrip('.')}.")
    return [record.sentence(sentence, history) for sentence in told]


def therapies_before(record: CaseRecord) -> list[Therapy]:
    """Those that did not certainly begin after Month 0."""
    standing = (each for each in record.facts.therapies if not each.is_struck_out)
    return [each for each in standing if not (each.started and each.started.certainly_after(record.course.when))]


def earlier(record: CaseRecord) -> list[Sentence]:
    therapies, history = therapies_before(record), record.history
    told = [record.sentence(_therapy(record, each), each) for each in therapies]
    if not told and history is not None and history.earlier_treatment == Asked.NONE:
        return [record.sentence("No treatment for the hair loss had been sought before.", history)]
    return told


def later_therapies(record: CaseRecord) -> list[Sentence]:
    known = {each.pk for each in therapies_before(record)}
    standing = (each for each in record.facts.therapies if not each.is_struck_out and each.pk not in known)
    return [record.sentence(_therapy(record, each), each) for each in standing]


def _therapy(record: CaseRecord, therapy: Therapy) -> str:
    name = IN_SHORT.get(therapy.kind, str(therapy)) or str(therapy)
    dose = f" ({therapy.dose_text})" if therapy.dose_text and not therapy.is_transplant else ""
    grafts = f" ({therapy.grafts} grafts)" if therapy.is_transplant and therapy.grafts else ""
    when = []
    if therapy.started:
        when.append(f"from {record.month(therapy.started)}")
    if therapy.ended:
        when.append(f"until {record.month(therapy.ended)}")
    elif therapy.is_ongoing:
        when.append("and still")
    response = _RESPONSE.get(TherapyResponse(therapy.response), "") if therapy.response else ""
    told = " ".join(filter(None, [f"{name[:1].upper()}{name[1:]}{dose}{grafts} was used", *when, response]))
    return f"{told}."


def findings(record: CaseRecord) -> list[Sentence]:
    """What was found before treatment, visit by visit."""
    return [
        record.sentence(f"{text[:1].upper()}{text[1:]}.", visit)
        for visit in record.before
        for text in [*filter(None, [visit.examination.strip().rstrip(".")]), *visit.finding_sentences]
    ]


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
    told = [f"The diagnosis was {uncapitalised(str(visit.get_diagnosis_display()))}."]
    if visit.diagnosis_note:
        told.append(f"How it was made: {uncapitalised(visit.diagnosis_note.strip().rstrip('.'))}.")
    return [record.sentence(sentence, visit) for sentence in told]


def differentials(record: CaseRecord) -> list[Sentence]:
    return [
        record.sentence(
            f"Also considered: {listed([uncapitalised(each) for each in visit.differential_labels])}.", visit
        )
        for visit in record.assessments
        if visit.differential_labels
    ]


def laboratory(record: CaseRecord) -> list[Sentence]:
    told = []
    for report, results in record.facts.laboratory:
        values = [str(each) for each in results if not each.is_struck_out]
        if not report.is_struck_out and record.facts.is_of(record.course, report) and values:
            told.append(record.sentence(f"Laboratory, {record.month(report.when)}: {listed(values)}.", report))
    return told


def methods(record: CaseRecord) -> list[Sentence]:
    """How it was examined: of each method the first row that used it."""
    told = []
    if record.before and (visit := record.before[-1]).finding_sentences:
        told.append(record.sentence("The scalp was examined.", visit))
    views = list(dict.fromkeys(uncapitalised(str(photo.get_view_display())) for photo in record.photos))
    if views:
        months = list(dict.fromkeys(record.month(photo.when) for photo in record.photos))
        told.append(record.sentence(f"Photographs were taken at {listed(months)}: {listed(views)}.", record.photos[0]))
    return told
