"""The words of the desk: what a visit is for, what became of a booking, what came of a call."""

from django.db import models


class VisitKind(models.TextChoices):
    """What somebody comes for. No product and no finding: everybody at the clinic reads it."""

    SESSION = "session", "Session"
    ASSESSMENT = "assessment", "Assessment"
    FOLLOW_UP = "follow_up", "Follow-up"
    CONSULTATION = "consultation", "Consultation"
    OTHER = "other", "Other"


class AppointmentState(models.TextChoices):
    BOOKED = "booked", "Booked"
    CAME = "came", "Came"
    DID_NOT_COME = "did_not_come", "Did not come"
    CANCELLED = "cancelled", "Cancelled"
    MOVED = "moved", "Moved"


class Outcome(models.TextChoices):
    """What came of a call."""

    REACHED = "reached", "Reached"
    NOT_REACHED = "not_reached", "Not reached"
    BOOKED = "booked", "Booked"
    POSTPONED = "postponed", "Postponed"
    DOES_NOT_WANT = "does_not_want", "Does not want to come"
    WRITTEN_TO = "written_to", "Written to"


ON_THE_DAY = [AppointmentState.BOOKED, AppointmentState.CAME, AppointmentState.DID_NOT_COME]
"""The states of a booking that stands on the list of its day."""

SETTLES_CALLING = [Outcome.REACHED, Outcome.POSTPONED, Outcome.DOES_NOT_WANT]
"""The outcomes of which the latest decides whether a patient is telephoned again."""


class NamesInCalendar(models.TextChoices):
    """Who is named in the feed for the clinic's calendar."""

    NONE = "none", "Nobody: “Booked, Room 1”"
    INITIALS = "initials", "Initials and record number: “Booked: E. E., HC-0007”"
    NAMES = "names", "Full names: “Booked: Eva Example”"


class MessageKind(models.TextChoices):
    REMINDER = "reminder", "Reminder of a booking"
    CONFIRMATION = "confirmation", "Confirmation of a booking"
    PLEASE_CALL = "please_call", "Please call us"
    AFTERCARE = "aftercare", "After the visit"
