"""The lines of the log: as JSON or as text, without what may name a patient.

An address may hold a patient's id or a name that was searched for, and the text of an error the values of a row. So an
address is replaced by the name of its page, and of an error its class and the places in the program are written.
"""

import json
import logging
import re
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final

from clinic.exception_frames import causes

_FRAMES: Final = 25


def class_name(fault: BaseException) -> str:
    """ "psycopg.errors.DiskFull"; with what caused it behind, where that is of another class."""
    names = [f"{type(each).__module__}.{type(each).__qualname__}" for each in causes(fault)]
    return " < ".join(dict.fromkeys(name.removeprefix("builtins.") for name in names))


def frames(trace: TracebackType | None) -> list[str]:
    """Where an error came from, the innermost last: file, line and function, without a value."""
    found = traceback.extract_tb(trace)[-_FRAMES:]
    return [f"{_short(each.filename)}:{each.lineno} in {each.name}" for each in found]


def _short(path: str) -> str:
    """Without the folders of this machine."""
    for place in ("/site-packages/", "/clinic/", "/treatments/"):
        before, found, rest = path.rpartition(place)
        if found:
            return rest if place == "/site-packages/" else f"{place.strip('/')}/{rest}"
    return path.rpartition("/")[2]


class WithoutAddresses(logging.Filter):
    """Puts the name of the page for the address in what Django logs of a request, and cuts away what gunicorn quotes of
    one that it could not read or answer."""

    _OF_GUNICORN = re.compile(r"(Error handling request|Invalid request from ip=\S+(?=: ))[: ].*", re.DOTALL)

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        path = getattr(request, "path", None)
        if record.name == "gunicorn.error":
            record.msg, record.args = self._OF_GUNICORN.sub(r"\1", record.getMessage()), ()
        elif request is not None and path and isinstance(record.args, tuple):
            match = getattr(request, "resolver_match", None)
            page = match.view_name if match else "an address without a page"
            # Django writes what is not ASCII as \xe9 and the like.
            known = {as_logged for each in (path, request.path_info) for as_logged in (each, _escaped(each))}
            record.args = tuple(page if each in known else each for each in record.args)
        return True


def _escaped(text: str) -> str:
    return text.encode("unicode_escape").decode("ascii")


class TextFormatter(logging.Formatter):
    """Django's usual line; of an error its class and frames."""

    def formatException(self, ei: Any) -> str:
        fault = ei[1]
        return "\n".join([f"  {place}" for place in frames(fault.__traceback__)] + [f"  {class_name(fault)}"])


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
        }
        facts = getattr(record, "facts", None)
        told |= facts or {"kind": "message", "logger": record.name, "message": record.getMessage()}
        if record.exc_info and record.exc_info[1] is not None:
            fault = record.exc_info[1]
            told |= {"exception": class_name(fault), "frames": frames(fault.__traceback__)}
        return json.dumps(told, ensure_ascii=False)
