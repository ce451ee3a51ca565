"""A request whose body was cut off on its way must not be taken for a shorter one.

A browser says beforehand how many bytes it sends. When the connection breaks, servers pass on what arrived; Django then
reads a form without its last fields, or a photo's form without the photo, as if it had been sent like that.
"""

from collections.abc import Callable, Iterable
from typing import Any


class TruncatedBody(OSError):
    """Django takes an OSError while it reads a body for a broken connection."""


IS_TRUNCATED = "anagen.body_was_cut"
"""Key in a request's environment (and so in request.META), set once its body was found to be truncated."""


class CheckedBody:
    """The input stream of a request, which raises TruncatedBody where it ends before `expected` bytes."""

    def __init__(self, environ: dict[str, Any], expected: int) -> None:
        self._environ = environ
        self._stream = environ["wsgi.input"]
        self._left = expected

    def _truncated(self) -> TruncatedBody:
        self._environ[IS_TRUNCATED] = True
        return TruncatedBody(f"The body ended {self._left} bytes early.")

    def _limit(self, size: int | None) -> int:
        return self._left if size is None or size < 0 else min(size, self._left)

    def read(self, size: int | None = -1) -> bytes:
        wanted = self._limit(size)
        parts = []
        while wanted:
            part = self._stream.read(wanted)
            if not part:
                raise self._truncated()
            parts.append(part)
            wanted -= len(part)
            self._left -= len(part)
        return b"".join(parts)

    def readline(self, size: int | None = -1) -> bytes:
        wanted = self._limit(size)
        line: bytes = self._stream.readline(wanted) if wanted else b""
        self._left -= len(line)
        if self._left and len(line) < wanted and not line.endswith(b"\n"):
            raise self._truncated()
        return line


def refuse_truncated_bodies(application: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """A WSGI application behind the check; a request without a length has no body to check."""

    def checked(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        length = environ.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length):
            environ["wsgi.input"] = CheckedBody(environ, int(length))
        return application(environ, start_response)

    return checked
