"""A request whose body was cut on its way must not be taken for a shorter one.

A browser says beforehand how many bytes it sends. When the connection breaks, servers hand over what came; Django then
reads a form that lacks its last fields, or a photo's form without the photo, as if somebody had meant it so.
"""

from collections.abc import Callable, Iterable
from typing import Any


class CutBody(OSError):
    """Django takes an OSError while it reads a body for a broken connection."""


WAS_CUT = "anagen.body_was_cut"
"""In the environment of a request (and so in request.META) once the cut was met."""


class WholeBody:
    """The input stream of a request, which raises CutBody where it ends before `expected` bytes."""

    def __init__(self, environ: dict[str, Any], expected: int) -> None:
        self._environ = environ
        self._stream = environ["wsgi.input"]
        self._left = expected

    def _cut(self) -> CutBody:
        self._environ[WAS_CUT] = True
        return CutBody(f"The body ended {self._left} bytes early.")

    def read(self, size: int = -1) -> bytes:
        wanted = self._left if size is None or size < 0 else min(size, self._left)
        parts = []
        while wanted:
            part = self._stream.read(wanted)
            if not part:
                raise self._cut()
            parts.append(part)
            wanted -= len(part)
            self._left -= len(part)
        return b"".join(parts)

    def readline(self, size: int = -1) -> bytes:
        wanted = self._left if size is None or size < 0 else min(size, self._left)
        line: bytes = self._stream.readline(wanted) if wanted else b""
        self._left -= len(line)
        if self._left and len(line) < wanted and not line.endswith(b"\n"):
            raise self._cut()
        return line


def whole_bodies(application: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """A WSGI application behind the check; a request without a length has no body to check."""

    def checked(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        told = environ.get("CONTENT_LENGTH") or "0"
        if told.isdecimal() and int(told):
            environ["wsgi.input"] = WholeBody(environ, int(told))
        return application(environ, start_response)

    return checked
