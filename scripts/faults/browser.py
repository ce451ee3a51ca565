"""What a browser does for a page's script: cookies, the CSRF token, one request and one answer. No Django here.

Every answer is written down with its status, the sentence that a person is shown, and how long it took.
"""

import html
import http.client
import json
import re
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

from scripts.faults.recipe import HOST

NOT_THERE = {502, 503, 504, 507}
"""Statuses after which the page's script sends the same again (static/js/forms/server.js)."""
SECONDS_FOR_TEXT, SECONDS_FOR_FILES = 30, 180
NO_ANSWER = 0
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class Answer:
    """`status` 0: nobody answered; `sentence` then says how."""

    status: int
    sentence: str
    seconds: float
    text: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    location: str = ""

    @property
    def is_away(self) -> bool:
        return self.status == NO_ANSWER or self.status in NOT_THERE


@dataclass
class Browser:
    """`own` is the address that it asks from, `proxy` the one that it asks. `write` gets every answer."""

    own: str
    proxy: tuple[str, int]
    authority: str
    write: Callable[[dict[str, Any]], None]
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._context = ssl.create_default_context(cafile=self.authority)
        self._context.check_hostname = False  # it is asked by its number

    def page(self, path: str, kind: str) -> Answer:
        """Open a page."""
        return self._ask("GET", path, kind, b"", {"Accept": "text/html"}, SECONDS_FOR_TEXT)

    def form(self, path: str, kind: str, fields: Any, *, headers: dict[str, str]) -> Answer:
        """Send a form as the page's script does, or as the browser does where `headers` do not say fetch."""
        told = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        return self._ask("POST", path, kind, urlencode(fields, doseq=True).encode(), told, SECONDS_FOR_TEXT)

    def file(self, path: str, kind: str, body: bytes, content_type: str, *, headers: dict[str, str]) -> Answer:
        """Send a body with a file in it."""
        return self._ask("POST", path, kind, body, {"Content-Type": content_type, **headers}, SECONDS_FOR_FILES)

    def _ask(self, method: str, path: str, kind: str, body: bytes, headers: dict[str, str], patience: int) -> Answer:
        begun, at = time.monotonic(), time.time()
        line = http.client.HTTPSConnection(
            *self.proxy, timeout=patience, source_address=(self.own, 0), context=self._context
        )
        home = f"https://{HOST}:{self.proxy[1]}"
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        told = {"Host": f"{HOST}:{self.proxy[1]}", "Cookie": cookie, "Origin": home, "Referer": f"{home}{path}"}
        try:
            line.request(method, path, body or None, told | headers)
            answer = self._read(line.getresponse(), begun)
        except (OSError, http.client.HTTPException) as fault:
            answer = Answer(NO_ANSWER, type(fault).__name__, time.monotonic() - begun)
        finally:
            line.close()
        seconds = round(answer.seconds, 3)
        told_of = {"status": answer.status, "sentence": answer.sentence, "seconds": seconds}
        self.write({"at": at, "method": method, "kind": kind, **told_of})
        return answer

    def _read(self, response: http.client.HTTPResponse, begun: float) -> Answer:
        text = response.read().decode(errors="replace")
        for line in response.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        is_json = (response.headers.get("Content-Type") or "").startswith("application/json")
        data = dict(json.loads(text)) if is_json else {}
        sentence = _said(data) if is_json else _heading(text)
        location = response.headers.get("Location") or ""
        return Answer(response.status, sentence, time.monotonic() - begun, text, data, location)


def _said(data: dict[str, Any]) -> str:
    return str(data.get("sentence") or data.get("error") or data.get("status") or ("saved" if "go" in data else ""))


def _heading(text: str) -> str:
    """The first heading of a page, or its title."""
    for name in ("h1", "title"):
        if found := re.search(rf"<{name}\b[^>]*>(.*?)</{name}>", text, re.S):
            return " ".join(html.unescape(_TAG.sub(" ", found[1])).split())
    return ""
