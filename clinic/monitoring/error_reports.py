"""Keeping what is known of an error, so that a manager can send it to whoever mends Anagen."""

import logging
import sys
from datetime import datetime, timedelta
from typing import Any, Final

from django.core.signals import got_request_exception
from django.db import DatabaseError
from django.http import HttpRequest
from django.utils import timezone

from clinic.audit.middleware import request_id
from clinic.monitoring.log_format import class_name, frames
from clinic.monitoring.models import ErrorReport
from clinic.operations.outages import route_name
from clinic.operations.release import version

LASTS: Final = timedelta(days=30)
AT_MOST: Final = 100
"""So many in an hour: an error that comes with every page need not be kept each time."""
_ERROR: Final = "anagen.error"
_log = logging.getLogger(__name__)


def _remember(*, request: HttpRequest | None = None, **kwargs: Any) -> None:
    fault = sys.exc_info()[1]
    if request is not None and fault is not None:
        request.META[_ERROR] = {"exception": class_name(fault)[:300], "frames": frames(fault.__traceback__)}


got_request_exception.connect(_remember, dispatch_uid="clinic.monitoring.error_reports")


def store(request: HttpRequest) -> None:
    """Keep the error that a request ended with, if one is known. A database that does not take it is logged."""
    error = request.META.get(_ERROR)
    if error is None:
        return
    try:
        if ErrorReport.objects.filter(at__gte=timezone.now() - timedelta(hours=1)).count() < AT_MOST:
            ErrorReport.objects.create(
                id=request_id(request),
                clinic=getattr(request, "clinic", None),
                method=(request.method or "")[:8],
                page=route_name(request)[:100],
                browser=request.headers.get("User-Agent", "")[:300],
                release=version()[:32],
                **error,
            )
    except DatabaseError as fault:
        _log.warning("The report of error %s is not kept: %s", request_id(request), class_name(fault))


def sweep(now: datetime) -> int:
    """Delete reports older than 30 days; how many."""
    return ErrorReport.objects.filter(at__lt=now - LASTS).delete()[0]
