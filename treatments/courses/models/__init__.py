"""The plan of a course, and the sessions that were given in it."""

from treatments.courses.models.plans import LISTED, OPEN_STATES, Course, CourseQuerySet, Plan, Protocol
from treatments.courses.models.sessions import WAS_ASKED, ExosomeSession, RegionVolume, SessionQuerySet

__all__ = [
    "LISTED",
    "OPEN_STATES",
    "WAS_ASKED",
    "Course",
    "CourseQuerySet",
    "ExosomeSession",
    "Plan",
    "Protocol",
    "RegionVolume",
    "SessionQuerySet",
]
