"""The plan of a course, and the sessions that were given in it."""

from treatments.courses.models.plans import LISTED, OPEN_STATES, Course, CourseQuerySet, Plan, Protocol
from treatments.courses.models.sessions import (
    OWN_BLOOD,
    WAS_ASKED,
    Application,
    ExosomeSession,
    RegionVolume,
    SessionQuerySet,
)

__all__ = [
    "LISTED",
    "OPEN_STATES",
    "OWN_BLOOD",
    "WAS_ASKED",
    "Application",
    "Course",
    "CourseQuerySet",
    "ExosomeSession",
    "Plan",
    "Protocol",
    "RegionVolume",
    "SessionQuerySet",
]
