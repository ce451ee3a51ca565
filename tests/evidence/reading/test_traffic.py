"""A reader's session as traffic: who sees all of it but the pictures guesses the later photo no better than chance."""

import datetime
import email.utils
import io
import os
import random
import re
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse
from PIL import Image

from tests.evidence.reading import rounds
from tests.evidence.reading.traffic import Message, PairTraffic, confirmed, guessed, suspects
from tests.people import Cast
from treatments.evidence.reading.order import draw, new_seed, new_token
from treatments.models import Consent, Patient, Photo, ReaderPlace, ShownPair
from treatments.photos.store.originals import derivative_path, storage_key
from treatments.records.ids import new_id

PAIRS, IN_A_ROUND = 500, 5
CHANCE = (0.45, 0.55)
pytestmark = [pytest.mark.django_db, pytest.mark.any_database, pytest.mark.slow]
Halves = list[tuple[Photo, Photo]]


@pytest.fixture
def pairs(cast: Cast) -> Halves:
    """Two photographs of each of 500 patients. The later has another size, another sharpness, a newer id and file, as
    from a better camera two years on: all that could tell, if any of it reached the reader."""
    day, number = datetime.date(2024, 1, 15), iter(range(10 * PAIRS))
    told = {"clinic": cast.clinic, "created_by": cast.nurse}
    patients = Patient.objects.bulk_create(
        Patient(name=f"Patient {index}", record_number=f"B-{index:05d}", sex="male", **told) for index in range(PAIRS)
    )
    Consent.objects.bulk_create(
        Consent(
            patient=patient, kind="photography", form_version="T-2", given_on=day, signed_how="paper_filed",
            purposes=["record", "research"], **told,
        )
        for patient in patients
    )  # fmt: skip
    chance = random.Random(7)  # noqa: S311 - the same pictures each time

    def photo(patient: Patient, taken_on: datetime.date, size: tuple[int, int], grain: float) -> Photo:
        key = storage_key(uuid.UUID(int=chance.getrandbits(128), version=4))
        place = derivative_path(settings.MEDIA_ROOT, key, 1600)
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.effect_noise(size, grain + chance.random() * 4).convert("RGB").save(place, "JPEG", quality=85)
        seen = time.mktime(taken_on.timetuple())
        os.utime(place, (seen, seen))
        return Photo(
            pk=new_id(), patient=patient, view="vertex", taken_on=taken_on, key=key, sha256=f"{next(number):064x}",
            size_bytes=1, media_type="image/jpeg", width=size[0], height=size[1], **told,
        )  # fmt: skip

    earlier = [photo(patient, day, (96, 72), 50) for patient in patients]
    later = [photo(patient, day.replace(year=2026), (128, 96), 20) for patient in patients]
    Photo.objects.bulk_create([*earlier, *later])
    return list(zip(earlier, later, strict=True))


def places(cast: Cast, pairs: Halves) -> Iterator[ReaderPlace]:
    """Rounds of five pairs for one reader, in the order and with the sides that the real seed draws."""
    for start in range(0, len(pairs), IN_A_ROUND):
        opened = rounds.reading_round(cast.clinic, by=cast.manager)
        place = rounds.place(opened, cast.blind_reader, seed=new_seed())
        rows = {row.pk: row for row in (rounds.pair(opened, *pair) for pair in pairs[start : start + IN_A_ROUND])}
        for position, shown in enumerate(draw(place.seed, list(rows), {}), 1):
            told = {"position": position, "later_is_right": shown.later_is_right, "token": new_token()}
            ShownPair.objects.create(place=place, pair=rows[shown.pair], **told)
        yield place


def message(kind: str, address: str, ask: Any) -> Message:
    began = time.perf_counter()
    answer: HttpResponse = ask()
    seconds = time.perf_counter() - began
    return Message(kind, address, dict(answer.headers), answer.content, seconds)


def record(cast: Cast, pairs: Halves) -> list[PairTraffic]:
    """Read every pair as a browser does: the page, its pictures in the order of the page, the answer."""
    client, recorded = cast.client(cast.blind_reader), []
    for place in places(cast, pairs):
        for shown in place.shown.order_by("position"):
            address = shown.get_absolute_url()
            page = message("page", address, lambda: client.get(address))  # noqa: B023 - called at once
            pictures = [message("picture", each, lambda: client.get(each)) for each in _pictures(page)]  # noqa: B023
            answer = message("answer", address, lambda: client.post(address, {"answer": "0", "_sentinel": "1"}))  # noqa: B023
            assert {each.headers.get("Content-Type") for each in pictures} == {"image/jpeg"}
            assert "Location" in answer.headers
            recorded.append(PairTraffic(shown.position, (page, *pictures, answer), shown.later_is_right))
    return recorded


def _pictures(page: Message) -> list[str]:
    """Each address once, as a browser asks for it."""
    return list(dict.fromkeys(re.findall(r'<img\s+src="([^"]*)"', page.body.decode())))


def leaks(first: Sequence[PairTraffic], again: Callable[[], Sequence[PairTraffic]]) -> dict[str, float]:
    """What the traffic tells of the later photo: rules that guess outside 45 to 55 %, and numbers tied to a side.

    Chance alone shows something in about one recording of six; then the pairs are recorded a second time. A share
    counts over both, and a number only where the second recording ties it to the same side: so nothing is found in
    998 of 1,000 runs in which nothing is, and no number of recordings makes a leak go away.
    """
    shares, found = _outside(guessed(first)), suspects(first)
    print(f"\nfigure: blind_traffic {guessed(first)}")
    if not shares and not found:
        return {}
    second = again()
    pooled = guessed([*first, *second])
    print(f"figure: blind_traffic_pooled {pooled}, suspects {found}")
    return {name: pooled[name] for name in shares if name in _outside(pooled)} | confirmed(found, second)


def _outside(shares: dict[str, float]) -> dict[str, float]:
    return {name: share for name, share in shares.items() if not CHANCE[0] <= share <= CHANCE[1]}


def test_traffic_tells_no_more_than_chance(cast: Cast, pairs: Halves) -> None:
    """Of 500 pairs every rule guesses 45 to 55 %, and no number that is seen is tied to the later photo."""
    assert leaks(record(cast, pairs), lambda: record(cast, pairs)) == {}


def careless(pairs: Halves, leak: str) -> Sequence[PairTraffic]:
    """The traffic of a server that sends two files for a pair and closes every leak but one."""
    chance = random.Random(leak)  # noqa: S311 - the same each time
    recorded = []
    for position, (earlier, later) in enumerate(pairs, 1):
        later_is_right = chance.random() < 0.5
        sides = (earlier, later) if later_is_right else (later, earlier)
        bodies = [_file(photo, leak, is_later=photo is later) for photo in sides]
        if leak != "size":
            longest = max(map(len, bodies))
            bodies = [body.ljust(longest, b"\0") for body in bodies]
        files = [
            Message("picture", _address(photo, leak, chance), _headers(photo, leak), body, chance.random())
            for photo, body in zip(sides, bodies, strict=True)
        ]
        recorded.append(PairTraffic(position, tuple(files), later_is_right))
    return recorded


def _file(photo: Photo, leak: str, *, is_later: bool) -> bytes:
    target = io.BytesIO()
    picture = Image.open(_path(photo)).resize((96, 72))
    if leak not in {"size"}:  # what the bytes of its pixels tell is closed by showing the same ones
        picture = Image.new("RGB", (96, 72), "grey")
    picture.save(target, "JPEG", quality=90 if leak == "quality" and is_later else 85)
    return target.getvalue()


def _path(photo: Photo) -> Path:
    return derivative_path(settings.MEDIA_ROOT, photo.key, 1600)


def _address(photo: Photo, leak: str, chance: random.Random) -> str:
    return f"/reading/{photo.pk if leak == 'id' else f'{chance.getrandbits(128):032x}'}.jpg"


def _headers(photo: Photo, leak: str) -> dict[str, str]:
    if leak != "Last-Modified":
        return {"Content-Type": "image/jpeg"}
    return {"Last-Modified": email.utils.formatdate(_path(photo).stat().st_mtime, usegmt=True)}


def test_planted_leaks_are_found(pairs: Halves) -> None:
    """The ids of the photographs, a date of their files, another quality, a size that was not made equal: each alone is
    found. What finds them finds nothing where none is left."""
    found = {
        leak: guessed(careless(pairs, leak))["best single rule"] for leak in ("id", "Last-Modified", "quality", "size")
    }

    assert {leak: share for leak, share in found.items() if share <= 0.9} == {}
    assert CHANCE[0] <= guessed(careless(pairs, "none"))["best single rule"] <= CHANCE[1]


def weakly(share: float, seed: int) -> list[PairTraffic]:
    """The traffic of 500 pairs with twenty numbers of no meaning, and one that is right of so many in a hundred."""
    chance, recorded = random.Random(seed), []  # noqa: S311 - the same each time
    for position in range(PAIRS):
        later_is_right = chance.random() < 0.5
        tells = later_is_right if chance.random() < share else not later_is_right
        told = {f"X-{number}": str(chance.randrange(1000)) for number in range(20)} | {"X-Tells": str(int(tells))}
        sent = Message("answer", f"/{chance.getrandbits(64):x}/", told, b"", chance.random())
        recorded.append(PairTraffic(position % IN_A_ROUND, (sent,), later_is_right))
    return recorded


def test_a_weak_leak_is_found() -> None:
    """What is right 62 times of a hundred, too seldom for a rule learnt on half of the pairs, is found in nearly every
    run; where nothing tells, nothing is."""
    found, nothing = (
        [confirmed(suspects(weakly(share, seed)), weakly(share, seed + 1)) for seed in range(0, 20, 2)]
        for share in (0.62, 0.5)
    )

    assert sum("0 answer header X-Tells" in each for each in found) >= 9
    assert [each for each in nothing if each] == []
