"""What a record of a file says, in one line of the preview."""

from treatments.assessments.finding_text import stage_text
from treatments.assessments.measurement_kinds import shown
from treatments.courses.volumes import shown_volumes
from treatments.patients.vocabulary import Sex
from treatments.records.regions import Region
from treatments.transfer import given_beside
from treatments.transfer.judging.planned import PlannedRecord
from treatments.transfer.reading import reaction_words
from treatments.transfer.reading.targets import MEASUREMENT, PATIENT, SESSION


def summary(planned: PlannedRecord) -> str:
    """ "Ann Tan, female, born 1964"; "Session 2 May 2025: Vertex 3 mL. Also given: PRP, 2 mL, vertex"; "Examination
    3 May 2025: Norwood III vertex"."""
    values, extra = planned.values, planned.draft.extra
    if planned.kind == PATIENT:
        born = f"born {values['birth'].label()}" if values.get("birth") else ""
        sex = str(Sex(values["sex"]).label).lower() if values.get("sex") else ""
        named = values.get("name") or (planned.existing.name if planned.existing is not None else "")
        return ", ".join(filter(None, (named, sex, born, values.get("phone", ""))))
    when = extra["when"].label()
    if planned.kind == SESSION:
        lot = f", lot {extra['lot']}" if extra["lot"] else ""
        said = [f"Session {when}: {shown_volumes(extra['volumes'])}{lot}"]
        if planned.further:
            said.append(f"Also given: {given_beside.as_text(planned.further)}")
        if extra["reactions"] and extra["reactions"].seen:
            said.append(f"Reactions: {reaction_words.text(extra['reactions'].seen)}")
        return ". ".join(said)
    if planned.kind == MEASUREMENT:
        measured = shown(values["kind"], value=values["value"], low=values["low"], high=values["high"])
        return f"Measurement {when}: {measured} at {str(Region(values['site']).label).lower()}"
    stage = stage_text(values.get("scale", ""), values.get("stage", ""))
    return f"Examination {when}: {stage or 'not graded'}"
