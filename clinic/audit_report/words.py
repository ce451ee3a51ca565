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
    "searched": Words(Kind.LOOKED, "searched for a patient, {letters} letters typed, {hits} shown"),
    "viewed_photo": Words(Kind.LOOKED, "opened by itself the picture of a photo"),
    "viewed_draft": Words(Kind.LOOKED, "looked at what they had typed and not saved, in the record"),
    "shown_typed": Words(Kind.LOOKED, "was shown, to save it, what they had typed before"),
    "refused_form": Words(Kind.LOOKED, "sent a form that was not saved, and was shown {page}"),
    "viewed_lot": Words(Kind.LOOKED, "looked at a lot and who was given it"),
    "viewed_call_list": Words(Kind.LOOKED, "looked at the call list of a lot"),
    "opened_scan": Words(Kind.LOOKED, "opened the scan of a signed consent"),
    "viewed_audit": Words(Kind.LOOKED, "read the audit trail"),
    # wrote
    "registered": Words(Kind.WROTE, "registered a patient and began the record", is_new=True),
    "recorded_history": Words(Kind.WROTE, "recorded the hair-loss history", is_new=True),
    "recorded_therapy": Words(Kind.WROTE, "recorded another treatment", is_new=True),
    "recorded_assessment": Words(Kind.WROTE, "recorded an examination", is_new=True),
    "recorded_measurement": Words(Kind.WROTE, "recorded a measurement", is_new=True),
    "recorded_consent": Words(Kind.WROTE, "recorded a consent", is_new=True),
    "withdrew_consent": Words(Kind.WROTE, "recorded that a consent{of} was withdrawn"),
    "logged_session": Words(Kind.WROTE, "logged a session", is_new=True),
    "reported_event": Words(Kind.WROTE, "reported an adverse event", is_new=True),
    "followed_up_event": Words(Kind.WROTE, "recorded a follow-up of an adverse event", is_new=True),
    "decided_report": Words(Kind.WROTE, "decided whether an adverse event{of} is reported to an authority"),
    "kept_photo": Words(Kind.WROTE, "sent a photo", is_new=True),
    "marked_quality": Words(Kind.WROTE, "judged the quality of a photo"),
    "aligned_photos": Words(Kind.WROTE, "set landmarks on a pair of photos", is_new=True),
    "forgot_alignment": Words(Kind.WROTE, "removed the landmarks from a pair of photos"),
    "linked_photos": Words(Kind.WROTE, "brought photos{of} to the session of their day"),
    "unlinked_photos": Words(Kind.WROTE, "took photos{of} from a session whose day was corrected"),
    "linked_facts": Words(Kind.WROTE, "brought earlier entries{of} into a course"),
    "planned_course": Words(Kind.WROTE, "planned a course", is_new=True),
    "changed_course": Words(Kind.WROTE, "changed the plan of a course"),
    "advanced_course": Words(Kind.WROTE, "moved a course{of} on to its next stage"),
    "stopped_course": Words(Kind.WROTE, "stopped a course"),
    "resumed_course": Words(Kind.WROTE, "resumed a course"),
    "added_protocol": Words(Kind.WROTE, "added a protocol", is_new=True),
    "changed_protocol": Words(Kind.WROTE, "changed a protocol"),
    "archived": Words(Kind.WROTE, "archived {what}"),
    "restored": Words(Kind.WROTE, "brought {what}{of} back from the archive"),
    "listed_product": Words(Kind.WROTE, "added a product", is_new=True),
    "received_lot": Words(Kind.WROTE, "received a lot", is_new=True),
    "opened_lot": Words(Kind.WROTE, "opened a lot"),
    "finished_lot": Words(Kind.WROTE, "finished a lot"),
    "recalled_lot": Words(Kind.WROTE, "recalled a lot"),
    "put_back_lot": Words(Kind.WROTE, "put a lot back in stock"),
    "counted_lot": Words(Kind.WROTE, "counted the stock of a lot"),
    # corrected
    "corrected": Words(Kind.CORRECTED, "corrected {what}"),
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
    "exported_call_list": Words(Kind.LEFT, "downloaded the call list of a lot"),
    "printed": Words(Kind.LEFT, "printed {page}"),
    "printed_audit": Words(Kind.LEFT, "printed the audit trail"),
    "exported_audit": Words(Kind.LEFT, "downloaded the audit trail"),
    # refused
    "refused": Words(Kind.REFUSED, "asked for {page}{of} and was refused: the role may not {asked}"),
    "not_found": Words(Kind.REFUSED, "asked for {page}{of} that is not there"),
    "refused_export": Words(Kind.REFUSED, "was refused to export photos{of} without a consent for it"),
    # signed in and out
    "signed_in": Words(Kind.SIGNED, "signed in"),
    "signed_out": Words(Kind.SIGNED, "signed out"),
    "sign_in_failed": Words(Kind.SIGNED, "tried to sign in{as_account}, and was refused"),
    "sign_in_delayed": Words(Kind.SIGNED, "tried to sign in{as_account} too often, and had to wait"),
    "chose_clinic": Words(Kind.SIGNED, "chose to work at this clinic"),
    "confirmed_identity": Words(Kind.SIGNED, "showed again who it is, before a change to an account"),
    "ended_session": Words(Kind.SIGNED, "signed out another device of their own"),
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
    "pin_removed": Words(Kind.SIGNED, "had a PIN for a device removed"),
    "pin_failed": Words(Kind.SIGNED, "entered a PIN that was wrong"),
    # people and settings
    "opened_clinic": Words(Kind.ADMINISTERED, "opened the clinic", is_new=True),
    "added_member": Words(Kind.ADMINISTERED, "gave {member} a place here, as {role}", is_new=True),
    "changed_member": Words(Kind.ADMINISTERED, "changed what {member} may do here"),
    "ended_member": Words(Kind.ADMINISTERED, "ended the work of {member} here"),
    "made_link": Words(Kind.ADMINISTERED, "made a one-time link to sign in for {member}"),
    "cancelled_link": Words(Kind.ADMINISTERED, "cancelled a one-time link of {member}"),
    "used_link": Words(Kind.SIGNED, "used a one-time link to set a new password"),
    "signed_out_everywhere": Words(Kind.ADMINISTERED, "signed {member} out on every device"),
    "changed_clinic": Words(Kind.ADMINISTERED, "saved the settings of the clinic"),
    "set_thresholds": Words(Kind.ADMINISTERED, "set the limits from which a change counts"),
    "reset_thresholds": Words(Kind.ADMINISTERED, "went back to the published limits from which a change counts"),
    "restored_backup": Words(Kind.ADMINISTERED, "restored a backup, without what was entered after it"),
}

# What a model is called: {what} in a sentence.
RECORDS: dict[str, str] = {
    "adverseevent": "an adverse event",
    "assessment": "an examination",
    "clinic": "the settings of the clinic",
    "consent": "a consent",
    "course": "a course",
    "exosomesession": "a session",
    "export": "an export of photos",
    "followup": "a follow-up of an adverse event",
    "hairhistory": "the hair-loss history",
    "lot": "a lot",
    "measurement": "a measurement",
    "patient": "the record",
    "photo": "a photo",
    "photopair": "a pair of photos",
    "product": "a product",
    "protocol": "a protocol",
    "recordmove": "a move of entries between two records",
    "therapy": "another treatment",
}

# What a page is called, by the name of its address: {page} in a sentence.
PAGES: dict[str, str] = {
    "assessments:measure": "the form for a measurement",
    "assessments:measurement": "a measurement",
    "consents:add": "the form for a consent",
    "consents:index": "the consents",
    "consents:withdraw": "the form to withdraw a consent",
    "examination:detail": "an examination",
    "examination:record": "the form for an examination",
    "identity:merge": "the page to merge two records",
    "identity:take-apart": "the page to take merged records apart",
    "identity:move-assessment": "the page to move an examination to another patient",
    "identity:move-event": "the page to move an adverse event to another patient",
    "identity:move-measurement": "the page to move a measurement to another patient",
    "identity:move-photo": "the page to move a photo to another patient",
    "identity:move-session": "the page to move a session to another patient",
    "patients:archive": "the page to archive the record",
    "patients:contact": "the name and contact details",
    "patients:details": "the form for name, birth and contact details",
    "patients:find": "the search for a patient",
    "patients:history": "the hair-loss history",
    "patients:index": "the list of patients",
    "patients:register": "the form to register a patient",
    "patients:therapy": "another treatment",
    "patients:therapy-add": "the form for another treatment",
    "photos:align": "the landmarks of a pair of photos",
    "photos:compare": "two photos side by side",
    "photos:correct-several": "the form to correct several photos",
    "photos:detail": "a photo",
    "photos:export": "the page to export photos",
    "photos:export-cover": "the page to cover parts of a photo",
    "photos:file": "the picture of a photo",
    "photos:original": "the page to download the original of a photo",
    "photos:sheet": "the photos",
    "photos:upload": "the page to send photos",
    "recall:index": "the list of lots",
    "recall:lot-calls": "the call list of a lot",
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
    "timeline": "the timeline",
    "timeline:patient": "the timeline",
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
    known["as_account"] = f" as {account}" if account else ""
    return words.did.format_map(known) + ("" if "{of}" in words.did else of)
