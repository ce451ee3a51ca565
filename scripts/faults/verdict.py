"""Compares the ledgers of a run with what is in the database and in the store, and prints what it found as JSON.

    python -m scripts.faults.verdict <clinic id> <ledger.jsonl> ...

Run on a host of Anagen, with its settings. `lost` are confirmed saves that are not there with their exact content,
`doubled` those that are there more than once, `unconfirmed` rows whose answer never arrived.
"""

import hashlib
import json
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")


def compare(clinic: int, confirmed: list[dict[str, Any]]) -> dict[str, Any]:
    from treatments.models import ExosomeSession, Measurement, Photo

    marks = [
        *Measurement.objects.filter(clinic=clinic).values_list("pk", "device"),
        *ExosomeSession.objects.filter(clinic=clinic).values_list("pk", "note"),
    ]
    rows = {str(pk): hashlib.sha256(mark.encode()).hexdigest() for pk, mark in marks}
    rows |= {str(pk): sha256 for pk, sha256 in Photo.objects.filter(clinic=clinic).values_list("pk", "sha256")}
    lost = [one["id"] for one in confirmed if rows.get(one["id"]) != one["sha256"]]
    doubled = [sha256 for sha256, times in Counter(rows.values()).items() if times > 1]
    known = {one["id"] for one in confirmed}
    return {
        "confirmed": Counter(one["kind"] for one in confirmed),
        "lost": len(lost),
        "doubled": len(doubled),
        "unconfirmed": len(rows.keys() - known),
        "photos_altered_or_missing": sum(1 for _ in wrong_photos(confirmed)),
    }


def wrong_photos(confirmed: list[dict[str, Any]]) -> Any:
    """The ids of confirmed photos whose bytes in the store have another SHA-256 than was sent."""
    from clinic.operations import photo_store
    from treatments.models import Photo

    store = photo_store.originals()
    keys = {str(pk): key for pk, key in Photo.objects.values_list("pk", "key")}
    for one in confirmed:
        if one["kind"] == "photo" and (one["id"] not in keys or sha256_of(store, keys[one["id"]]) != one["sha256"]):
            yield one["id"]


def sha256_of(store: Any, key: str) -> str:
    """Of the bytes that lie in the store under a key; "" where nothing does."""
    from clinic.object_store.stores import NotThere

    digest = hashlib.sha256()
    try:
        for piece in store.get(key):
            digest.update(piece)
    except NotThere:
        return ""
    return digest.hexdigest()


def lines(path: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


if __name__ == "__main__":
    django.setup()
    print(json.dumps(compare(int(sys.argv[1]), [one for path in sys.argv[2:] for one in lines(path)])))
