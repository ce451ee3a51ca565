"""The audit trail in plain English: every action that is recorded, every page and every kind of record, in words.

Whoever adds an action adds its line to ACTIONS; tests/clinic/test_audit_words.py finds the ones without. What was done
is said in the past tense, so that it stands behind a name: "Mei Tan (nurse) …". A sentence may contain {what} (the kind
of record), {page}, and any name that the event's detail has: {asked}. Of whom it is (" of HC-0007 Ida Invented")
follows at its end, or stands where it has {of}. No Django here.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple


class Kind(StrEnum):
    """What a question to the trail can be about. The value stands in addresses."""

    LOOKED = "looked"
    WROTE = "wrote"
    CORRECTED = "corrected"
    STRUCK_OUT = "struck-out"
    LEFT = "left"
    REFUSED = "refused"
    SIGNED = "signed"
    ADMINISTERED = "administered"


KINDS: dict[Kind, str] = {
    Kind.LOOKED: "Looked at",
    Kind.WROTE: "Wrote",
    Kind.CORRECTED: "Corrected",
    Kind.STRUCK_OUT: "Struck out",
    Kind.LEFT: "Exported or printed",
    Kind.REFUSED: "Refused",
    Kind.SIGNED: "Signed in and out",
    Kind.ADMINISTERED: "People and settings",
}


class Words(NamedTuple):
    """`did` is what was done, in the past tense. `is_new` is whether it made a record that was not there before."""

    kind: Kind
    did: str
    is_new: bool = False


ACTIONS: dict[str, Words] = {
    # looked at
    "viewed": Words(Kind.LOOKED, "looked at {page}"),
    "viewed_today": Words(Kind.LOOKED, "looked at Today"),
    "viewed_list": Words(Kind.LOOKED, "looked at {page}, {rows} on it"),
    "searched": Words(Kind.LOOKED, "searched for a patient from {page}{of} (letters typed: {letters}, shown: {hits})"),
    "viewed_photo": Words(Kind.LOOKED, "opened the picture of a photo{of} by itself, outside a page"),
    "viewed_draft": Words(Kind.LOOKED, "looked at what they had typed and not saved, in the record"),
    "shown_typed": Words(Kind.LOOKED, "was shown again, to save it, what they had typed in {page}"),
    "refused_form": Words(Kind.LOOKED, "sent a form or a question that was not accepted, and was shown {page}"),
    "shown_pair": Words(Kind.LOOKED, "was shown, without name or date, a pair of photos{of} to read blind"),
    "viewed_lot": Words(Kind.LOOKED, "looked at a lot and who was given it"),
    "viewed_call_list": Words(Kind.LOOKED, "looked at the call list of a lot"),
    "opened_scan": Words(Kind.LOOKED, "opened the scan of a signed consent"),
    "viewed_audit": Words(Kind.LOOKED, "read the audit trail"),
    # wrote
    "registered": Words(Kind.WROTE, "registered a patient and began the record", is_new=True),
    "recorded_history": Words(Kind.WROTE, "recorded the hair-loss history", is_new=True),
    "took_history_again": Words(Kind.WROTE, "took the hair-loss history again"),
    "recorded_therapy": Words(Kind.WROTE, "recorded another treatment", is_new=True),
    "recorded_assessment": Words(Kind.WROTE, "recorded an examination", is_new=True),
    "recorded_follow_up": Words(Kind.WROTE, "recorded a follow-up visit", is_new=True),
    "recorded_measurement": Words(Kind.WROTE, "recorded a measurement", is_new=True),
    "added_laboratory_values": Words(Kind.WROTE, "added values to a laboratory report", is_new=True),
    "recorded_laboratory": Words(Kind.WROTE, "recorded a laboratory report", is_new=True),
    "recorded_consent": Words(Kind.WROTE, "recorded a consent", is_new=True),
    "wrote_consent_text": Words(Kind.ADMINISTERED, "published version {number} of a consent form", is_new=True),
    "retired_consent_text": Words(Kind.ADMINISTERED, "retired a consent form"),
    "withdrew_consent": Words(Kind.WROTE, "recorded that a consent{of} was withdrawn"),
    "logged_session": Words(Kind.WROTE, "logged a session", is_new=True),
    "reported_event": Words(Kind.WROTE, "reported an adverse event", is_new=True),
    "followed_up_event": Words(Kind.WROTE, "recorded a follow-up of an adverse event", is_new=True),
    "decided_report": Words(Kind.WROTE, "decided whether an adverse event{of} is reported to an authority"),
    "kept_photo": Words(Kind.WROTE, "sent a photo", is_new=True),
    "received_photo": Words(Kind.WROTE, "sent an old photo, of no patient yet"),
    "assigned_photos": Words(Kind.WROTE, "noted patient, view or date of {photos} old photos that wait"),
    "removed_waiting_photos": Words(Kind.WROTE, "removed {photos} old photos that were of no patient yet"),
    "removed_old_photos": Words(Kind.WROTE, "removed {photos} old photos that nobody gave a patient in time"),
    "took_back_photos": Words(Kind.STRUCK_OUT, "took a batch of {photos} old photos back"),
    "marked_quality": Words(Kind.WROTE, "judged the quality of a photo"),
    "aligned_photos": Words(Kind.WROTE, "set landmarks on a pair of photos", is_new=True),
    "forgot_alignment": Words(Kind.WROTE, "removed the landmarks from a pair of photos"),
    "linked_photos": Words(Kind.WROTE, "brought photos{of} to the session of their day"),
    "unlinked_photos": Words(Kind.WROTE, "took photos{of} from a session whose day was corrected"),
    "linked_facts": Words(Kind.WROTE, "brought earlier entries{of} into a course"),
    "opened_round": Words(Kind.WROTE, "opened a round of blind reading with {readers} readers", is_new=True),
    "added_reader": Words(Kind.WROTE, "let {member} read in a round of blind reading"),
    "read_pair": Words(Kind.WROTE, "read a pair of photos{of} blind"),
    "unblinded": Words(Kind.WROTE, "closed a round of blind reading: since then it is known what was read"),
    "planned_course": Words(Kind.WROTE, "planned a course", is_new=True),
    "changed_course": Words(Kind.WROTE, "changed the plan of a course"),
    "advanced_course": Words(Kind.WROTE, "moved a course{of} on to its next stage"),
    "stopped_course": Words(Kind.WROTE, "stopped a course"),
    "resumed_course": Words(Kind.WROTE, "resumed a course"),
    "added_protocol": Words(Kind.WROTE, "added a protocol", is_new=True),
    "changed_protocol": Words(Kind.WROTE, "changed a protocol"),
    "archived": Words(Kind.WROTE, "archived {what}"),
    "restored": Words(Kind.WROTE, "brought {what}{of} back from the archive"),
    "booked": Words(Kind.WROTE, "booked a visit", is_new=True),
    "changed_booking": Words(Kind.WROTE, "moved a booking{of} to another day, time or room"),
    "settled_booking": Words(Kind.WROTE, "noted of a booking{of} that it is now: {state}"),
    "noted_call": Words(Kind.WROTE, "noted what came of a call", is_new=True),
    "recorded_repeats": Words(Kind.WROTE, "entered repeat counts", is_new=True),
    "listed_laboratory_test": Words(Kind.WROTE, "added a laboratory test to the clinic’s list", is_new=True),
    "listed_product": Words(Kind.WROTE, "added a product", is_new=True),
    "received_lot": Words(Kind.WROTE, "received a lot", is_new=True),
    "opened_lot": Words(Kind.WROTE, "opened a lot"),
    "finished_lot": Words(Kind.WROTE, "finished a lot"),
    "recalled_lot": Words(Kind.WROTE, "recalled a lot"),
    "put_back_lot": Words(Kind.WROTE, "put a lot back in stock"),
    "counted_lot": Words(Kind.WROTE, "counted the stock of a lot"),
    "wrote_aftercare": Words(Kind.WROTE, "wrote an aftercare sheet", is_new=True),
    "gave_aftercare": Words(Kind.WROTE, "noted which aftercare sheet went home", is_new=True),
    "drafted_letter": Words(Kind.WROTE, "wrote the draft of a letter", is_new=True),
    "changed_letter": Words(Kind.WROTE, "changed the draft of a letter"),
    "signed_letter": Words(Kind.WROTE, "signed a letter"),
    "began_case_report": Words(Kind.WROTE, "began a case report", is_new=True),
    "wrote_case_report": Words(Kind.WROTE, "wrote in a case report"),
    "added_report_figure": Words(Kind.WROTE, "put a figure into a case report", is_new=True),
    "answered_flag": Words(Kind.WROTE, "answered what might identify a patient in a case report or series"),
    "sent_import_file": Words(Kind.WROTE, "sent a spreadsheet to be imported"),
    "refused_import_file": Words(Kind.REFUSED, "sent a file that is no spreadsheet, and of which nothing was kept"),
    "forgot_import_file": Words(Kind.WROTE, "removed a spreadsheet that was not imported"),
    "imported": Words(Kind.WROTE, "imported a spreadsheet: {records} records", is_new=True),
    "began_case_series": Words(Kind.WROTE, "began a case series", is_new=True),
    "wrote_case_series": Words(Kind.WROTE, "wrote on a case series"),
    # corrected
    "took_back_import": Words(Kind.CORRECTED, "took an import back: {records} records"),
    "corrected": Words(Kind.CORRECTED, "corrected {what}"),
    "updated": Words(Kind.WROTE, "wrote down what changed in {what}"),
    "corrected_session": Words(Kind.CORRECTED, "corrected a session"),
    "corrected_follow_up": Words(Kind.CORRECTED, "corrected a follow-up of an adverse event"),
    "took_day_of_session": Words(Kind.CORRECTED, "gave a photo{of} the corrected day of its session"),
    "moved_record": Words(Kind.CORRECTED, "moved {what} to the record"),
    "moved_away": Words(Kind.CORRECTED, "moved an entry{of} to another patient"),
    "moved_here": Words(Kind.CORRECTED, "moved an entry of another patient to the record"),
    "merged": Words(Kind.CORRECTED, "merged another record of the same person into that"),
    "merged_away": Words(Kind.CORRECTED, "merged the record{of} into another one of the same person"),
    "taken_apart": Words(Kind.CORRECTED, "took two merged records apart, one of them that"),
    # struck out
    "struck_out": Words(Kind.STRUCK_OUT, "struck out {what}{of} as entered in error"),
    # exported or printed
    "exported_photos": Words(Kind.LEFT, "exported photos", is_new=True),
    "exported_photos_again": Words(Kind.LEFT, "downloaded an earlier export of photos{of} again"),
    "downloaded_original": Words(Kind.LEFT, "downloaded the original file of a photo"),
    "exported_readings": Words(Kind.LEFT, "downloaded the readings of a round of blind reading"),
    "exported_call_list": Words(Kind.LEFT, "downloaded the call list of a lot"),
    "exported_record": Words(Kind.LEFT, "downloaded the whole record{of} as a file; asked for by: {asked_by}"),
    "exported_fhir": Words(Kind.LEFT, "downloaded the record{of} for another system (FHIR); asked for by: {asked_by}"),
    "downloaded_case_draft": Words(Kind.LEFT, "downloaded a draft of a case report ({format})"),
    "released_case_report": Words(Kind.LEFT, "made the final file of a case report ({format})"),
    "downloaded_paper": Words(Kind.LEFT, "downloaded {page} as a PDF"),
    "exported_workbook": Words(Kind.LEFT, "downloaded the clinic’s records as a workbook"),
    "exported_case_series": Words(Kind.LEFT, "downloaded a case series of {cases} cases"),
    "refused_case_series": Words(
        Kind.REFUSED, "was refused the file of a case series ({format}), and no file was made"
    ),
    "exported_research_rows": Words(
        Kind.LEFT, "downloaded {rows} rows for research; {suppressed} held back, {without_consent} without consent"
    ),
    "looked_up_pseudonym": Words(Kind.LOOKED, "looked up whose row of a file for research bears a code"),
    "downloaded_refused_rows": Words(Kind.LEFT, "downloaded the refused rows of a spreadsheet"),
    "printed": Words(Kind.LEFT, "printed {page}"),
    "printed_audit": Words(Kind.LEFT, "printed the audit trail"),
    "exported_outcomes": Words(Kind.LEFT, "downloaded figures of outcomes ({kind})"),
    "exported_audit": Words(Kind.LEFT, "downloaded the audit trail"),
    # refused
    "refused": Words(Kind.REFUSED, "asked for {page}{of} and was refused: the role may not {asked}"),
    "refused_to_pin": Words(Kind.REFUSED, "asked for {page}{of}, which a PIN does not open"),
    "not_found": Words(Kind.REFUSED, "asked for {page}{of} that is not there"),
    "refused_case_release": Words(
        Kind.REFUSED, "was refused the final file of a case report ({format}), and no file was made"
    ),
    "refused_export": Words(
        Kind.REFUSED, "asked to export photos{of} and was refused: no consent, or a photo struck out"
    ),
    # signed in and out
    "signed_in": Words(Kind.SIGNED, "signed in"),
    "signed_out": Words(Kind.SIGNED, "signed out"),
    "sign_in_failed": Words(Kind.SIGNED, "tried to sign in{as_account}, and was refused"),
    "sign_in_delayed": Words(Kind.SIGNED, "tried to sign in{as_account} too often, and had to wait"),
    "chose_clinic": Words(Kind.SIGNED, "chose to work at this clinic"),
    "confirmed_identity": Words(Kind.SIGNED, "confirmed who they are, before a change to their account"),
    "ended_session": Words(Kind.SIGNED, "signed themselves out on other devices: {devices}"),
    "changed_password": Words(Kind.SIGNED, "changed their password"),
    "added_totp": Words(Kind.SIGNED, "set up an authenticator app as their second factor"),
    "removed_totp": Words(Kind.SIGNED, "removed their authenticator app"),
    "added_passkey": Words(Kind.SIGNED, "added a passkey of theirs"),
    "removed_passkey": Words(Kind.SIGNED, "removed a passkey of theirs"),
    "made_recovery_codes": Words(Kind.SIGNED, "made recovery codes for themselves"),
    "covered": Words(Kind.SIGNED, "covered the page, or left it untouched until it was covered"),
    "uncovered": Words(Kind.SIGNED, "uncovered the page"),
    "switched_person": Words(Kind.SIGNED, "went on where somebody else was signed in"),
    "pin_set": Words(Kind.SIGNED, "chose a PIN for a device"),
    "pin_removed": Words(Kind.SIGNED, "had a PIN{of_person} on a device removed"),
    "pin_failed": Words(Kind.SIGNED, "entered a wrong PIN{of_person}"),
    # people and settings
    "opened_clinic": Words(Kind.ADMINISTERED, "opened the clinic", is_new=True),
    "added_member": Words(Kind.ADMINISTERED, "gave {member} a place here, as {role}", is_new=True),
    "changed_member": Words(Kind.ADMINISTERED, "changed what {member} may do here, to {role}"),
    "ended_member": Words(Kind.ADMINISTERED, "ended the work of {member} here"),
    "made_link": Words(Kind.ADMINISTERED, "made a one-time link to sign in for {member}{without_factor}"),
    "cancelled_link": Words(Kind.ADMINISTERED, "cancelled a one-time link of {member}"),
    "used_link": Words(Kind.SIGNED, "used a one-time link to set a new password or a passkey"),
    "signed_out_everywhere": Words(Kind.ADMINISTERED, "signed {member} out on every device"),
    "changed_clinic": Words(Kind.ADMINISTERED, "saved the settings of the clinic"),
    "made_feed": Words(Kind.ADMINISTERED, "made a calendar feed, which names: {names}"),
    "revoked_feed": Words(Kind.ADMINISTERED, "revoked a calendar feed"),
    "read_feed": Words(Kind.LEFT, "(a calendar program) read a calendar feed, for the first time that day"),
    "changed_message": Words(Kind.ADMINISTERED, "changed the text of a message"),
    "defined_responder": Words(Kind.ADMINISTERED, "defined what the clinic calls a responder", is_new=True),
    "set_thresholds": Words(Kind.ADMINISTERED, "set the limits from which a change counts"),
    "reset_thresholds": Words(Kind.ADMINISTERED, "went back to the published limits from which a change counts"),
    "restored_backup": Words(Kind.ADMINISTERED, "restored a copy of the record, without what was entered after it"),
}

# What a model is called: {what} in a sentence.
RECORDS: dict[str, str] = {
    "adverseevent": "an adverse event",
    "aftercaregiven": "an aftercare sheet that went home",
    "aftercaresheet": "an aftercare sheet",
    "appointment": "a booking",
    "assessment": "an examination",
    "call": "a call",
    "caseseries": "a case series",
    "clinic": "the settings of the clinic",
    "consent": "a consent",
    "consenttext": "a version of a consent form",
    "course": "a course",
    "exosomesession": "a session",
    "export": "an export of photos",
    "followup": "a follow-up of an adverse event",
    "hairhistory": "the hair-loss history",
    "laboratoryreport": "a laboratory report",
    "laboratoryresult": "a laboratory value",
    "laboratorytest": "a laboratory test of the clinic",
    "letter": "a letter",
    "casereport": "a case report",
    "flaganswer": "an answer in a case report",
    "reportfigure": "a figure of a case report",
    "reportrelease": "a final file of a case report",
    "import": "an import",
    "lot": "a lot",
    "measurement": "a measurement",
    "messagetemplate": "the text of a message",
    "patient": "the record",
    "photo": "a photo",
    "photobatch": "a batch of old photos",
    "photopair": "a pair of photos",
    "product": "a product",
    "protocol": "a protocol",
    "repeatpair": "a repeat count",
    "readinground": "a round of blind reading",
    "researchexport": "an export for research",
    "recordmove": "a move of entries between two records",
    "responderdefinition": "a definition of a responder",
    "seriesanswer": "an answer in a case series",
    "seriesrelease": "a final file of a case series",
    "therapy": "another treatment",
}

# What a page is called, by the name of its address: {page} in a sentence.
PAGES: dict[str, str] = {
    "appointments:book": "the form to book a visit",
    "appointments:calendar-file": "the calendar file of a booking",
    "appointments:feeds": "the calendar feeds",
    "appointments:feed-revoke": "the button to revoke a calendar feed",
    "appointments:messages": "the texts of messages",
    "appointments:message": "the text of a message",
    "appointments:write": "the messages that can be sent",
    "appointments:call": "the form to note a call",
    "appointments:cancel": "the form to cancel a booking",
    "appointments:detail": "a booking",
    "appointments:of-patient": "the bookings and calls",
    "appointments:state": "the button to say what became of a booking",
    "assessments:laboratory": "the laboratory values",
    "assessments:laboratory-add": "the form for a laboratory report",
    "assessments:laboratory-report": "a laboratory report",
    "assessments:laboratory-values-add": "the form to add values to a laboratory report",
    "assessments:laboratory-test-add": "the form to add a laboratory test",
    "assessments:laboratory-test-offer": "the button to offer a laboratory test or not",
    "assessments:laboratory-tests": "the laboratory tests",
    "assessments:measure": "the form for a measurement",
    "assessments:measurement": "a measurement",
    "assessments:thresholds": "the limits from which a change counts",
    "assessments:thresholds-reset": "the page to go back to the published limits",
    "audit-trail": "the audit trail",
    "audit-trail-csv": "the audit trail as a file",
    "audit-trail-print": "the audit trail, to print",
    "calls": "a list to telephone",
    "clinic-settings": "the settings of the clinic",
    "consents:add": "the form for a consent",
    "consents:index": "the consents",
    "consents:scan": "the scan of a signed consent",
    "consents:text": "a consent form",
    "consents:text-adopt": "the button to take over samples of consent forms",
    "consents:text-preview": "the preview of a consent form",
    "consents:text-retire": "the button to retire a consent form",
    "consents:text-version": "the form to write a new version of a consent form",
    "consents:text-write": "the form to write a consent form",
    "consents:texts": "the consent forms",
    "consents:withdraw": "the form to withdraw a consent",
    "consents:words": "a consent with the words that were signed",
    "examination:detail": "an examination",
    "examination:follow-up": "the form for a follow-up visit",
    "examination:record": "the form for an examination",
    "begin": "the first page of an empty Anagen",
    "copies": "the page of the copies",
    "first-start": "First start",
    "evidence:series": "the case series",
    "evidence:series-begin": "the form to begin a case series",
    "evidence:series-detail": "a case series",
    "evidence:series-write": "the form to write on a case series",
    "evidence:series-paper": "a case series as a file",
    "evidence:series-rows": "the rows of a case series",
    "evidence:series-answer": "the button to answer what might identify in a case series",
    "evidence:series-key": "the key of a file for research",
    "identity:merge": "the page to merge two records",
    "evidence:fhir": "the page to download the record as FHIR",
    "evidence:outcomes": "the outcomes of the clinic",
    "evidence:outcomes-csv": "the outcomes as a file",
    "evidence:outcomes-guide": "how to read outcomes",
    "evidence:outcomes-picture": "a picture of outcomes as a file",
    "evidence:outcomes-xlsx": "the outcomes as a workbook",
    "evidence:outcome-rows": "the courses behind a figure of outcomes",
    "evidence:responder": "the form to define a responder",
    "evidence:repeats": "the repeat counts",
    "evidence:case-report": "a case report",
    "evidence:case-report-add": "the form to begin a case report",
    "evidence:case-report-answer": "the button to answer what might identify",
    "evidence:case-report-draft-docx": "the button to download a draft of a case report",
    "evidence:case-report-draft-pdf": "the button to download a draft of a case report",
    "evidence:case-report-figure-add": "the form to add a figure to a case report",
    "evidence:case-report-figure-picture": "a picture of a case report",
    "evidence:case-report-figure-remove": "the page to remove a figure of a case report",
    "evidence:case-report-release": "the page to make the final file of a case report",
    "evidence:case-report-write": "the form to write a case report",
    "evidence:case-reports": "the case reports",
    "evidence:repeats-add": "the form for repeat counts",
    "evidence:repeats-use": "the page to use the clinic’s own error",
    "identity:move-assessment": "the page to move an examination to another patient",
    "identity:move-event": "the page to move an adverse event to another patient",
    "identity:move-laboratory": "the page to move a laboratory report to another patient",
    "identity:move-measurement": "the page to move a measurement to another patient",
    "identity:move-photo": "the page to move a photo to another patient",
    "identity:move-session": "the page to move a session to another patient",
    "identity:take-apart": "the page to take merged records apart",
    "papers:aftercare": "the aftercare sheet for every protocol",
    "papers:aftercare-protocol": "the aftercare sheet of a protocol",
    "papers:aftercare-version": "a version of an aftercare sheet",
    "papers:consent": "a consent, as a paper",
    "papers:consent-pdf": "the button to download a consent",
    "papers:course": "the course so far, as a paper",
    "papers:course-pdf": "the button to download the course so far",
    "papers:day": "the day’s summary",
    "papers:day-give": "the button to give the day’s summary",
    "papers:index": "the papers",
    "papers:letter": "a letter",
    "papers:letter-add": "the form to write a letter",
    "papers:letter-change": "the form to change the draft of a letter",
    "papers:letter-pdf": "the button to download a letter",
    "papers:letter-sign": "the button to sign a letter",
    "whole-record": "the page to download the whole record",
    "papers:show": "the page to show to the patient",
    "patients:archive": "the page to archive the record",
    "patients:contact": "the name and contact details",
    "patients:details": "the form for name, birth and contact details",
    "patients:find": "the search box",
    "patients:history": "the hair-loss history",
    "patients:history-again": "the form to take the hair-loss history again",
    "patients:index": "the list of patients",
    "patients:register": "the form to register a patient",
    "patients:restore": "the button to bring the record back from the archive",
    "patients:therapy": "another treatment",
    "patients:therapy-add": "the form for another treatment",
    "people": "the people of the clinic",
    "person": "the page of a person of the clinic",
    "person-add": "the page to add a person",
    "person-end": "the button to end what a person may do",
    "person-link": "the button to make a one-time link",
    "person-link-cancel": "the button to cancel a one-time link",
    "person-return": "the button to let a person come back",
    "person-role": "the button to change what a person may do",
    "person-sign-out": "the button to sign a person out",
    "photos:align": "the landmarks of a pair of photos",
    "photos:align-forget": "the button to remove the landmarks of a pair of photos",
    "photos:batch": "the grid of old photos that wait",
    "photos:batch-remove": "the page to remove old photos that wait",
    "photos:batch-send": "the page to send old photos",
    "photos:batch-take-back": "the page to take a batch of old photos back",
    "photos:batches": "the page to send old photos",
    "photos:compare": "two photos side by side",
    "photos:correct-several": "the form to correct several photos",
    "photos:detail": "a photo",
    "photos:export": "the page to export photos",
    "photos:export-cover": "the page to cover parts of a photo",
    "photos:file": "the picture of a photo",
    "photos:give-day": "the day of photos",
    "photos:keep": "the judgement of a photo",
    "photos:original": "the page to download the original of a photo",
    "photos:pick": "two photos to compare",
    "photos:sheet": "the photos",
    "photos:upload": "the page to send photos",
    "photos:waiting-file": "the picture of an old photo that waits",
    "products:lot-count": "the form to count the stock of a lot",
    "products:lot-open": "the button to open a lot",
    "products:lot-put-back": "the form to put a lot back in stock",
    "products:lot-receive": "the form to receive a lot",
    "products:product-add": "the form to add a product",
    "products:product-edit": "the form to correct a product",
    "reading:ask-reader": "the form to ask a reader for a round",
    "reading:close": "the form to close a round of blind reading",
    "reading:columns-csv": "what the columns of blind readings mean",
    "reading:mine": "the rounds that they read",
    "reading:open": "the form to open a round of blind reading",
    "reading:pair": "a pair of photos to read blind",
    "reading:picture": "the picture of a pair to read blind",
    "reading:readings-csv": "the blind readings of a round as a file",
    "reading:round": "a round of blind reading",
    "reading:rounds": "the rounds of blind reading",
    "recall:index": "the list of lots",
    "recall:lot": "a lot and who was given it",
    "recall:lot-calls": "the call list of a lot",
    "recall:lot-calls-csv": "the call list of a lot as a file",
    "recall:lot-edit": "the form to correct a lot",
    "recall:lot-finish": "the form to finish a lot",
    "recall:lot-recall": "the form to recall a lot",
    "recall:lot-stock": "the stock of a lot",
    "recall:product": "a product",
    "safety:decide": "the decision to report an adverse event",
    "safety:event": "an adverse event",
    "safety:follow-up": "the form for a follow-up of an adverse event",
    "safety:index": "the list of adverse events",
    "safety:report": "the form to report an adverse event",
    "safety:resolve": "the form to resolve an adverse event",
    "sessions:course": "a course",
    "sessions:course-plan": "the form to plan a course",
    "sessions:detail": "a session",
    "sessions:log": "the form to log a session",
    "sessions:log-check": "the check of a session that is being logged",
    "sessions:log-heading": "the form to log a session",
    "sessions:lot-find": "the search for a lot",
    "sessions:past": "the form for several past sessions",
    "sessions:protocol": "a protocol",
    "sessions:protocol-add": "the form to add a protocol",
    "sessions:protocol-archive": "the button to archive a protocol",
    "sessions:protocols": "the protocols",
    "timeline": "the timeline",
    "transfer:answers": "the questions about a spreadsheet",
    "transfer:columns": "the columns of a spreadsheet",
    "transfer:doubles": "the preview of an import",
    "transfer:import": "an import",
    "transfer:index": "the list of imports",
    "transfer:preview": "the preview of an import",
    "transfer:refused": "the refused rows of a spreadsheet",
    "transfer:remove": "the button to remove a spreadsheet",
    "transfer:sheets": "the sheets of a spreadsheet",
    "transfer:take-back": "the page to take an import back",
    "transfer:workbook": "the clinic’s workbook",
    "timeline:patient": "the timeline",
    "support": "the page to copy for support",
    "today": "Today",
    "who-looked": "the list of who looked at the record",
}

# Pages that there are of many records, by the end of their name; asked where PAGES has none.
PAGE_ENDINGS: dict[str, str] = {
    "corrections": "the corrections of an entry",
    "strike-out": "the page to strike out an entry",
    "correct": "the form to correct an entry",
    "change": "the form to change an entry",
    "advance": "the page to move a course on",
    "stop": "the page to stop a course",
    "resume": "the page to resume a course",
    "hand-on": "the page to hand the entries of a course on",
}


def page_in_words(name: str) -> str:
    """The page of an address called `name` ("photos:detail"); "a page" for one that nobody has named."""
    return PAGES.get(name) or next((words for end, words in PAGE_ENDINGS.items() if name.endswith(end)), "a page")


def words_of(action: str) -> Words | None:
    """None for an action of another release."""
    return ACTIONS.get(action)


def actions_of(kind: Kind) -> list[str]:
    return [action for action, words in ACTIONS.items() if words.kind == kind]


class _Details(dict[str, str]):
    """What a sentence asks for and the event does not have is said in a general way."""

    def __missing__(self, name: str) -> str:
        return "somebody" if name == "member" else "what was asked for"


def in_words(
    action: str,
    object_type: str,
    detail: Mapping[str, Any],
    *,
    people: Mapping[int, str],
    of: str = "",
    account: str = "",
) -> str:
    """What was done, to stand behind a name. `people` are the names of accounts by id; `of` says of whom it was done,
    "HC-0007 Ida Invented"; `account` is the name of the account that somebody tried to sign in with."""
    of = f" of {of}" if of else ""
    words = words_of(action)
    if words is None:
        return f"did what this release has no words for ({action}){of}"
    known = _Details({name: str(value) for name, value in detail.items() if not isinstance(value, dict | list)})
    known["what"] = RECORDS.get(object_type, "an entry")
    known["page"] = page_in_words(str(detail.get("page", "")))
    known["member"] = people.get(detail.get("member", 0), "somebody")
    known["of"] = of
    known["of_person"] = f" of {people[detail['person']]}" if detail.get("person") in people else ""
    known["without_factor"] = ", and to remove their second factor" if detail.get("removes_second_factor") else ""
    known["as_account"] = f" as {account}" if account else ""
    return words.did.format_map(known) + ("" if "{of}" in words.did else of)
