"""The pages of a case report: begun, written without loss, answered, released under the consent of that moment."""

import datetime
from typing import Any

import pytest
from django.test import Client

from clinic.audit.models import AuditEvent
from tests import factories
from tests.html_forms import reasons_asked_for
from tests.leaks import leaks
from tests.people import Cast
from treatments.consents.actions import withdraw
from treatments.evidence.reports import actions
from treatments.evidence.reports.report_page import ReportPage
from treatments.models import CaseReport, Consent, Correction, Export, FlagAnswer, Patient, ReportRelease
from treatments.registry.actions import archive_patient

pytestmark = pytest.mark.django_db
SENT = {"_sentinel": "1"}
READ = {"file_format": "pdf", "knows_nothing": "on", **SENT}


@pytest.fixture
def client(cast: Cast) -> Client:
    return cast.client(cast.clinician)


@pytest.fixture
def begun(cast: Cast) -> CaseReport:
    """Of a course with little in it."""
    course = factories.course(cast.patient)
    factories.exosome_session(course)
    return factories.case_report(
        cast.patient, course=course, created_by=cast.clinician, title="Exosomes: a case report"
    )


def home(report: CaseReport, page: str = "") -> str:
    return f"/patients/{report.patient_id}/case-reports/{report.pk}/{page}"


def read(report: CaseReport) -> dict[str, Any]:
    """What is sent by whoever has read the report as it stands."""
    fresh = CaseReport.objects.select_related("course", "clinic").get(pk=report.pk)
    patient = Patient.objects.select_related("history").get(pk=report.patient_id)
    return READ | {"version": report.version, "read": ReportPage.of(fresh, patient, fresh.clinic).digest}


def texts(report: CaseReport, **more: Any) -> dict[str, Any]:
    names = (
        "title", "keywords", "what_is_new", "main_lesson", "introduction", "challenges", "reasoning", "changes_why",
        "limits", "literature", "rationale", "take_away", "references", "authors", "ethics", "funding", "interests",
    )  # fmt: skip
    return {**{name: getattr(report, name) for name in names}, "version": report.version, **SENT, **more}


def consented(report: CaseReport, **fields: Any) -> Consent:
    return factories.consent(report.patient, kind="case_publication", **fields)


def test_from_the_papers_to_the_report(cast: Cast, client: Client) -> None:
    """Reached from the papers; without a course there is nothing to report, and the page says what comes first."""
    index = f"/patients/{cast.patient.pk}/case-reports/"
    assert index in client.get(f"/patients/{cast.patient.pk}/papers/").content.decode()
    assert "no course is planned" in client.get(index).content.decode()
    assert client.get(f"{index}add/").status_code == 302
    course = factories.course(cast.patient)
    assert "No case report is begun" in client.get(index).content.decode()
    page = client.get(f"{index}add/").content.decode()
    assert "a case report" in page
    form = {"course": course.pk, "title": "Exosomes for hair loss: a case report", **SENT}
    assert client.post(f"{index}add/", form).status_code == 302
    report = CaseReport.objects.get()
    assert (report.course, report.created_by, report.checklist_version) == (course, cast.clinician, "CARE 2016")
    assert report.title in client.get(index).content.decode()
    assert client.get(report.get_absolute_url()).status_code == 200


def test_an_empty_record_asks_for_all(client: Client, begun: CaseReport) -> None:
    page = client.get(home(begun)).content.decode()
    for said in ("of 30", "Not valid today", "DRAFT", "What is new about this case?", "Not written yet"):
        assert said in page
    assert f"{home(begun, 'write/')}#id_what_is_new" in page
    assert f"/patients/{begun.patient_id}/history/" in page


def test_limits_are_drafted_and_confirmed(client: Client, begun: CaseReport) -> None:
    """The draft stands in the form, and counts from when its author saved it."""
    page = client.get(home(begun, "write/")).content.decode()
    assert "This is one patient, without a control" in page
    begun.refresh_from_db()
    assert begun.limits == ""
    answer = client.post(home(begun, "write/"), texts(begun, limits="This is one patient, without a control."))
    assert answer.status_code == 302
    begun.refresh_from_db()
    assert begun.limits and begun.version == 2
    kept = Correction.objects.get(record_id=begun.pk)
    assert [each["field"] for each in kept.changes] == ["limits"] and kept.by == begun.created_by


def test_two_writers_lose_nothing(cast: Cast, client: Client, begun: CaseReport) -> None:
    """Who saves second is shown both texts, and nothing of either is lost."""
    first = texts(begun, take_away="What the first one wrote.")
    second = texts(begun, take_away="What the second one wrote.")
    assert client.post(home(begun, "write/"), first).status_code == 302
    answer = cast.client(cast.manager).post(home(begun, "write/"), second)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "What the first one wrote." in page and "What the second one wrote." in page
    begun.refresh_from_db()
    assert begun.take_away == "What the first one wrote."
    again = second | {"version": begun.version}
    assert cast.client(cast.manager).post(home(begun, "write/"), again).status_code == 302
    history = client.get(home(begun, "corrections/")).content.decode()
    assert "What the first one wrote." in history


def test_wrong_orcid_is_said(client: Client, begun: CaseReport) -> None:
    wrong = texts(begun, authors="Ada Invented; Clinic; 0000-0002-1825-0098", take_away="It stays typed.")
    answer = client.post(home(begun, "write/"), wrong)
    page = answer.content.decode()
    assert answer.status_code == 422 and "its last figure does not fit" in page and "It stays typed." in page
    right = texts(begun, authors="Ada Invented; Clinic; 0000-0002-1825-0097")
    assert client.post(home(begun, "write/"), right).status_code == 302
    assert "ORCID 0000-0002-1825-0097" in client.get(home(begun)).content.decode()


def test_key_words_are_searched_too(client: Client, begun: CaseReport) -> None:
    """What stands above the abstract leaves too; among the authors only the patient is looked for."""
    begun.patient.name = "Tan Wei Siong"
    begun.patient.save(update_fields=["name"])
    staff = begun.created_by.name
    CaseReport.objects.filter(pk=begun.pk).update(
        keywords="hair loss, Tan Wei Siong", authors=f"{staff}; {begun.clinic.name}\nAda Invented; Clinic of Mr Tan"
    )
    page = ReportPage.of(CaseReport.objects.get(pk=begun.pk), begun.patient, begun.clinic)
    found = [(flag.part, flag.found) for flag in page.open_flags]
    assert found == [("Authors", "Tan"), *(("Key words", word) for word in ("Tan", "Wei", "Siong"))]


def test_quoted_words_can_be_left_out(cast: Cast, client: Client, begun: CaseReport) -> None:
    """A patient's words are not the author's to change: a name in them is printed as "[…]", and stays on record."""
    words = "My wife Siew Ling says that Dr. Smith was right."
    visit = factories.assessment(begun.patient, course=begun.course, patient_words=words)
    page = ReportPage.of(CaseReport.objects.get(pk=begun.pk), begun.patient, begun.clinic)
    keys = {flag.found: flag.key for flag in page.open_flags}
    assert set(keys) == {"wife Siew Ling", "Dr Smith"}
    for key in keys.values():
        assert client.post(home(begun, "answer/"), {"key": key, "act": "leave_out"}).status_code == 302
    shown = client.get(home(begun)).content.decode()
    assert "My […] says that […] was right." in shown and "None to answer" in shown
    for ending in ("pdf", "docx"):
        file = client.post(home(begun, f"draft/{ending}/")).content
        assert leaks(file, ["Siew Ling", "Smith"]) == [] and leaks(file, ["was right"])
    visit.refresh_from_db()
    assert visit.patient_words == words
    assert set(FlagAnswer.objects.values_list("is_left_out", flat=True)) == {True}


def test_words_of_two_visits_are_parted(client: Client, begun: CaseReport) -> None:
    for words in ("It is denser", "Is it denser?"):
        factories.assessment(begun.patient, course=begun.course, patient_words=words)
    shown = client.get(home(begun)).content.decode()
    assert "“It is denser.”" in shown and "“Is it denser?”" in shown


def test_new_limits_are_offered(client: Client, begun: CaseReport) -> None:
    CaseReport.objects.filter(pk=begun.pk).update(limits="One patient, and no <b>control</b>.")
    shown = client.get(home(begun, "write/")).content.decode()
    assert "The record also says: This is one patient" in shown


def test_flag_is_answered_not_changed(client: Client, begun: CaseReport) -> None:
    text = f"In this case {begun.patient.name} was seen in May 2025."
    CaseReport.objects.filter(pk=begun.pk).update(take_away=text)
    page = ReportPage.of(CaseReport.objects.get(pk=begun.pk), begun.patient, begun.clinic)
    flags = {flag.found: flag for flag in page.open_flags}
    assert "May 2025" in flags and set(begun.patient.name.split()) <= set(flags)
    key = flags["May 2025"].key
    assert client.post(home(begun, "answer/"), {"key": key, "answer": ""}).status_code == 422
    assert client.post(home(begun, "answer/"), {"key": key, "answer": "Of the guideline"}).status_code == 302
    assert client.post(home(begun, "answer/"), {"key": key, "answer": "Again"}).status_code == 302
    answer = FlagAnswer.objects.get()
    assert (answer.found, answer.answer, answer.created_by) == ("May 2025", "Of the guideline", begun.created_by)
    shown = client.get(home(begun)).content.decode()
    assert "Of the guideline" in shown and text in shown.replace("&#x27;", "'")
    CaseReport.objects.filter(pk=begun.pk).update(take_away="In this case it was seen again in May 2025.")
    changed = ReportPage.of(CaseReport.objects.get(pk=begun.pk), begun.patient, begun.clinic)
    assert [flag.found for flag in changed.open_flags] == ["May 2025"], "another sentence asks again"
    assert client.post(home(begun, "answer/"), {"key": key, "answer": "Late"}).status_code == 409


def test_draft_needs_no_consent(client: Client, begun: CaseReport) -> None:
    """It says on each sheet what it is, and is on the trail."""
    for ending, begins in (("pdf", b"%PDF"), ("docx", b"PK")):
        answer = client.post(home(begun, f"draft/{ending}/"))
        assert answer.status_code == 200 and answer.content.startswith(begins)
        assert answer["Content-Disposition"] == f'attachment; filename="case-report-draft.{ending}"'
    events = AuditEvent.objects.filter(action="downloaded_case_draft", object_id=str(begun.pk))
    assert sorted(event.detail["format"] for event in events) == ["docx", "pdf"]
    assert not Export.objects.exists() and not ReportRelease.objects.exists()


def test_final_file_needs_consent(client: Client, begun: CaseReport) -> None:
    page = client.get(home(begun, "release/")).content.decode()
    assert "cannot be made yet" in page and "No consent to the publication of the case is valid today." in page
    assert f'href="/patients/{begun.patient_id}/consents/add/?kind=case_publication"' in page
    refused = client.post(home(begun, "release/"), read(begun))
    assert refused.status_code == 409 and not ReportRelease.objects.exists()
    assert AuditEvent.objects.get(action="refused_case_release").object_id == str(begun.pk)
    factories.consent(begun.patient, kind="photography", purposes=["publication"])
    assert client.post(home(begun, "release/"), read(begun)).status_code == 409, "photos alone"
    consent = consented(begun)
    untold = client.post(home(begun, "release/"), {"file_format": "pdf", "version": begun.version, **SENT})
    assert untold.status_code == 422 and "Read the report through." in untold.content.decode()
    made = client.post(home(begun, "release/"), read(begun))
    assert made.status_code == 200 and made.content.startswith(b"%PDF")
    release = ReportRelease.objects.select_related("export").get()
    assert release.consents == [str(consent.pk)] and release.export.consent == consent
    assert release.sha256 == release.export.sha256 and release.report_version == begun.version
    assert release.sha256 in client.get(home(begun)).content.decode()
    event = AuditEvent.objects.get(action="released_case_report")
    assert event.detail["sha256"] == release.sha256 and event.patient_id == begun.patient_id


def test_consent_withdrawn_meanwhile(cast: Cast, client: Client, begun: CaseReport) -> None:
    """Between the page and the file: nothing is made."""
    consent = consented(begun)
    assert "Make the file" in client.get(home(begun, "release/")).content.decode()
    withdraw(consent, on=datetime.date.today(), reason="Changed their mind", expected_version=1, by=cast.nurse)
    answer = client.post(home(begun, "release/"), read(begun))
    assert answer.status_code == 409 and not answer.content.startswith(b"%PDF")
    assert "No consent to the publication of the case is valid today." in answer.content.decode()
    assert not ReportRelease.objects.exists() and not Export.objects.exists()


def changed_by_archiving(report: CaseReport, cast: Cast) -> None:
    archive_patient(report.patient, reason="Moved abroad", by=cast.manager)


def changed_by_an_event(report: CaseReport, cast: Cast) -> None:
    factories.adverse_event(report.patient, course=report.course)


@pytest.mark.parametrize("change", [changed_by_archiving, changed_by_an_event])
def test_record_changed_meanwhile(cast: Cast, client: Client, begun: CaseReport, change: Any) -> None:
    """What is made is what was read: another entry, or a patient archived, is read first; then the file is made."""
    consented(begun)
    sent = read(begun)
    change(begun, cast)
    answer = client.post(home(begun, "release/"), sent)
    page = answer.content.decode()
    assert answer.status_code == 409 and "Read the report again" in page and "Make the file" not in page
    assert not ReportRelease.objects.exists()
    if change is changed_by_archiving:
        assert "Moved abroad" in client.get(home(begun, "release/")).content.decode()
    begun.refresh_from_db()
    assert client.post(home(begun, "release/"), read(begun)).status_code == 200


@pytest.mark.parametrize("fields", [{"expires_on": datetime.date(2020, 1, 1)}, {"given_on": datetime.date(2999, 1, 1)}])
def test_consent_of_another_day(client: Client, begun: CaseReport, fields: dict[str, Any]) -> None:
    consented(begun, **{"given_on": datetime.date(2019, 1, 1), **fields})
    assert client.post(home(begun, "release/"), read(begun)).status_code == 409


def test_withdrawn_while_it_is_made(cast: Cast, begun: CaseReport) -> None:
    """The consents are read in the transaction that puts the file on record, and the file is made after that."""
    consent = consented(begun)
    seen: list[Any] = []

    def make(current: CaseReport, rests: actions.Rests) -> bytes:
        seen.append(rests.consent)
        raise actions.NotReleased("something else stands against it")

    with pytest.raises(actions.NotReleased):
        actions.release(begun, file_format="pdf", expected_version=1, make=make, by=cast.clinician)
    assert seen == [consent] and not Export.objects.exists() and not ReportRelease.objects.exists()


def test_final_file_needs_answers(client: Client, begun: CaseReport) -> None:
    consented(begun)
    CaseReport.objects.filter(pk=begun.pk).update(take_away="In this case it was seen in May 2025.")
    answer = client.post(home(begun, "release/"), read(begun))
    assert answer.status_code == 409 and "1 passage that might identify is not answered." in answer.content.decode()


def test_contradictions_are_told_first(client: Client, begun: CaseReport) -> None:
    consented(begun)
    told = "do not agree everywhere"
    assert told not in client.get(home(begun, "release/")).content.decode()
    CaseReport.objects.filter(pk=begun.pk).update(take_away="In this case hair density doubled.")
    assert told in client.get(home(begun, "release/")).content.decode()


def test_final_file_is_of_what_was_read(cast: Cast, client: Client, begun: CaseReport) -> None:
    consented(begun)
    client.post(home(begun, "write/"), texts(begun, take_away="In this case it grew."))
    answer = client.post(home(begun, "release/"), read(begun) | {"version": 1})
    assert answer.status_code == 409 and "Somebody changed this report" in answer.content.decode()


def test_right_to_export_alone(cast: Cast, begun: CaseReport) -> None:
    for person in (cast.nurse, cast.reader, cast.reception):
        for page in ("", "write/", "release/", "figures/add/"):
            assert cast.client(person).get(home(begun, page)).status_code == 403
        assert cast.client(person).post(home(begun, "draft/pdf/")).status_code == 403
    assert cast.client(cast.stranger).get(home(begun)).status_code == 404


def test_report_of_another_patient(cast: Cast, client: Client, begun: CaseReport) -> None:
    other = factories.patient(cast.clinic)
    assert client.get(f"/patients/{other.pk}/case-reports/{begun.pk}/").status_code == 404
    assert client.post(f"/patients/{other.pk}/case-reports/{begun.pk}/draft/pdf/").status_code == 404


def test_course_of_another_patient(cast: Cast, client: Client) -> None:
    factories.course(cast.patient)
    theirs = factories.course(factories.patient(cast.clinic))
    form = {"course": theirs.pk, "title": "A case report", **SENT}
    answer = client.post(f"/patients/{cast.patient.pk}/case-reports/add/", form)
    assert answer.status_code == 422 and not CaseReport.objects.exists()


def test_struck_out_report_leaves_no_more(cast: Cast, client: Client, begun: CaseReport) -> None:
    consented(begun)
    answer = client.post(home(begun, "strike-out/"), {"reason": "Of the wrong course", "version": 1, **SENT})
    assert answer.status_code == 302
    assert client.post(home(begun, "release/"), read(begun) | {"version": 2}).status_code == 409
    assert client.get(home(begun, "write/")).status_code == 302
    assert "Struck out as entered in error" in client.get(home(begun)).content.decode()


def test_double_begin_is_one_report(cast: Cast, client: Client) -> None:
    course = factories.course(cast.patient)
    page = client.get(f"/patients/{cast.patient.pk}/case-reports/add/")
    form = {"id": page.context["form"].initial["id"], "course": course.pk, "title": "A case report", **SENT}
    addresses = [client.post(f"/patients/{cast.patient.pk}/case-reports/add/", form)["Location"] for _ in range(2)]
    assert len(set(addresses)) == 1 and CaseReport.objects.count() == 1
    other = form | {"title": "Another case report"}
    assert client.post(f"/patients/{cast.patient.pk}/case-reports/add/", other).status_code == 409


def test_same_title_again_asks(cast: Cast, client: Client) -> None:
    course = factories.course(cast.patient)
    url, form = f"/patients/{cast.patient.pk}/case-reports/add/", {"course": course.pk, "title": "A case", **SENT}
    assert client.post(url, form).status_code == 302
    asked = client.post(url, form)
    assert asked.status_code == 422
    assert client.post(url, form | reasons_asked_for(asked.content.decode(), "Another journal")).status_code == 302


def test_merged_record_brings_its_report(cast: Cast, begun: CaseReport) -> None:
    """A case report follows its course when two records of one person are merged."""
    from treatments.identity.merge.contents import KINDS, LINKS  # noqa: PLC0415

    assert KINDS[CaseReport] == "case report" and LINKS[CaseReport] == {"course": type(begun.course)}


def test_timeline_and_withdrawal_tell_of_it(cast: Cast, client: Client, begun: CaseReport) -> None:
    """What left under the consent is on the timeline, and whoever withdraws it learns of it first."""
    consent = consented(begun)
    assert client.post(home(begun, "release/"), read(begun)).status_code == 200
    timeline = client.get(f"/patients/{begun.patient_id}/").content.decode()
    assert ">Case report</a>" in timeline and "Before/after sheet" not in timeline
    page = client.get(f"/patients/{begun.patient_id}/consents/{consent.pk}/withdraw/").content.decode()
    assert "1 final file was made under this consent." in page
