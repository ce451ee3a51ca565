"""One of the people of a run: signs in, saves sessions and measurements, and sends photos, until told to stop.

    python -m scripts.faults.person < orders.json

Every form is got from its page and posted with the id that the page gave it. After 502, 503, 504, 507 or no answer the
same is sent again, after the pauses of the page's script. `ledger.jsonl` has a line for each save that was confirmed,
with the sum of its content; `answers.jsonl` one for every answer. No Django here, and no database: this is the outside.
"""

import hashlib
import json
import random
import re
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from scripts.faults.browser import Answer, Browser
from tests.html_forms import fields_of
from treatments.records.ids import new_id

FETCH = {"X-Requested-With": "fetch", "Accept": "*/*"}
BOUNDARY = "----a-photo-on-its-way"
LONGEST_PAUSE = {"form": 5, "photo": 60}
"""Seconds; as in static/js/forms/server.js and static/js/photos/queue.js."""
SECONDS_TO_FINISH = 90


@dataclass(frozen=True)
class Orders:
    """What the run tells a person, and the addresses of the forms of its own patients."""

    folder: str
    number: int
    own: str
    proxy: tuple[str, int]
    authority: str
    email: str
    password: str
    sign_in: str
    measure: list[str]
    sessions: list[dict[str, Any]]
    photos: list[dict[str, str]]
    records: list[str]
    pictures: list[str]
    pause: float
    photo_pause: float | None


class Person:
    def __init__(self, orders: Orders) -> None:
        self.orders, self.folder = orders, Path(orders.folder)
        self.chance = random.Random(orders.number)  # noqa: S311 -- seeded chance, not secrecy
        self._lock = threading.Lock()
        self._answers, self._ledger = self._file("answers"), self._file("ledger")
        self.browser = Browser(orders.own, tuple(orders.proxy), orders.authority, self._write_answer)
        self.saves = 0

    def _file(self, name: str) -> TextIO:
        return (self.folder / f"{name}.jsonl").open("a", buffering=1)

    def _write_answer(self, told: dict[str, Any]) -> None:
        with self._lock:
            self._answers.write(json.dumps(told) + "\n")

    def _confirm(self, kind: str, record: str, content: str, tries: int, begun: float) -> None:
        """Into the ledger: from here on it may not be lost."""
        told = {"at": time.time(), "kind": kind, "id": record, "sha256": content, "tries": tries}
        with self._lock:
            self._ledger.write(json.dumps({**told, "seconds": round(time.monotonic() - begun, 2)}) + "\n")

    @property
    def is_over(self) -> bool:
        return (self.folder.parent / "stop").exists()

    @property
    def has_no_time_left(self) -> bool:
        """Whether what is on its way has had its time since the run said stop."""
        stop = self.folder.parent / "stop"
        return stop.exists() and time.time() - stop.stat().st_mtime > SECONDS_TO_FINISH

    # ── Signing in ─────────────────────────────────────────────────────────────────────────────────

    def sign_in(self) -> None:
        """With e-mail and password. Raises RuntimeError when they are refused."""
        page = self.browser.page(self.orders.sign_in, "sign-in")
        told = {"username": self.orders.email, "password": self.orders.password, "csrfmiddlewaretoken": token_in(page)}
        answer = self.browser.form(self.orders.sign_in, "sign-in", told, headers={"Accept": "text/html"})
        if answer.status != 302:
            raise RuntimeError(f"{self.orders.email} is not signed in: {answer.status} {answer.sentence}")

    # ── Notes ──────────────────────────────────────────────────────────────────────────────────────

    def write_notes(self) -> None:
        sessions = list(self.orders.sessions)
        while not self.is_over:
            self.saves += 1
            if sessions and self.saves % 4 == 0:
                self.save("session", sessions[-1]["url"], sessions.pop()["fields"])
            else:
                self.save("measurement", self.chance.choice(self.orders.measure), self._measurement())
            if self.orders.records:
                self.browser.page(self.chance.choice(self.orders.records), "record page")
            time.sleep(self.chance.uniform(0.5, 1.5) * self.orders.pause)

    def _measurement(self) -> dict[str, str]:
        value = 80 + self.chance.randrange(120)
        told = {"kind": "hair_density", "site": "vertex", "value": str(value), "method": "manual_trichoscopy_count"}
        return told | {"area_cm2": "1"}

    def save(self, kind: str, url: str, changes: dict[str, Any]) -> None:
        """Open a form, fill it in, and send it until it is answered."""
        page = self._open(kind, url)
        if page is None:
            return
        fields = fields_of(page.text) or {}
        record = fields["id"][0]
        mark = f"{kind} {self.orders.number}.{self.saves} {record}"
        note = {"measurement": "device", "session": "note"}[kind]
        told = {**fields, **{name: [str(value)] for name, value in changes.items()}, note: [mark]}
        headers = {**FETCH, "X-CSRFToken": token_in(page), "X-Opened-As": opened_as(page)}
        begun = time.monotonic()
        for tries in range(10_000):
            answer = self.browser.form(url, kind, {k: v for k, v in told.items() if v}, headers=headers)
            if "go" in answer.data:
                self._confirm(kind, record, hashlib.sha256(mark.encode()).hexdigest(), tries + 1, begun)
                return
            if not (answer.is_away or answer.status == 500):
                (self.folder / f"refused-{kind}-{answer.status}.html").write_text(answer.text)
                return
            if self.has_no_time_left:
                return
            time.sleep(min(2**tries, LONGEST_PAUSE["form"]))

    def _open(self, kind: str, url: str) -> Answer | None:
        """The page of a form, opened again until it comes; None when the run is over before."""
        while True:
            page = self.browser.page(url, f"{kind} page")
            if page.status == 200:
                return page
            if self.is_over:
                return None
            time.sleep(2)

    # ── Photos ─────────────────────────────────────────────────────────────────────────────────────

    def send_photos(self) -> None:
        number, pause = 0, self.orders.photo_pause
        while pause is not None and not self.is_over:
            number += 1
            place = self.orders.photos[number % len(self.orders.photos)]
            self._send_photo(place, picture(self.chance.choice(self.orders.pictures), f"{self.orders.number}.{number}"))
            time.sleep(self.chance.uniform(0.5, 1.5) * pause)

    def _send_photo(self, place: dict[str, str], data: bytes) -> None:
        page = self._open("photo", place["sheet"])
        if page is None:
            return
        record, sha256 = str(new_id()), hashlib.sha256(data).hexdigest()
        fields = {"id": record, "view": place["view"], "capture_path": "upload", "sha256": sha256}
        fields["csrfmiddlewaretoken"] = token_in(page)
        body = multipart(fields, data)
        headers = {**FETCH, "X-CSRFToken": token_in(page), "X-Opened-As": opened_as(page)}
        begun, pauses = time.monotonic(), 0
        for tries in range(10_000):
            answer = self.browser.file(
                place["upload"], "photo", body, f"multipart/form-data; boundary={BOUNDARY}", headers=headers
            )
            if answer.status in {200, 201} and answer.data.get("status"):
                self._confirm("photo", record, sha256, tries + 1, begun)
                return
            if not (answer.is_away or answer.status in {500, 429}):
                (self.folder / f"refused-photo-{answer.status}.html").write_text(answer.text)
                return
            if self.has_no_time_left:
                return
            time.sleep(min(2**pauses, LONGEST_PAUSE["photo"]))
            pauses += 1


def token_in(page: Answer) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    return found[1] if found else ""


def opened_as(page: Answer) -> str:
    """Who opened the page, for which clinic: the value of its field data-as."""
    found = re.search(r"<input[^>]*\bdata-as\b[^>]*>", page.text)
    value = re.search(r'\bvalue="([^"]*)"', found[0]) if found else None
    return value[1] if value else ""


def picture(path: str, mark: str) -> bytes:
    """The bytes of a real photo with a comment of its own, so that no two are the same."""
    data, comment = Path(path).read_bytes(), mark.encode()
    return data[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + data[2:]


def multipart(fields: dict[str, str], data: bytes) -> bytes:
    def part(name: str, value: str) -> bytes:
        return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()

    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n'
    file = [head.encode(), b"Content-Type: image/jpeg\r\n\r\n", data, b"\r\n"]
    texts = [part(name, value) for name, value in fields.items()]
    return b"".join([*texts, *file, part("_sentinel", "1"), f"--{BOUNDARY}--\r\n".encode()])


def main() -> None:
    person = Person(Orders(**json.load(sys.stdin)))
    person.sign_in()
    (person.folder / "signed-in").touch()
    works = [threading.Thread(target=work) for work in (person.write_notes, person.send_photos)]
    for work in works:
        work.start()
    for work in works:
        work.join()


if __name__ == "__main__":
    main()
