"""Whether an original in a store is whole."""

import hashlib

from clinic.object_store.stores import NotThere, ObjectStore


def is_whole_original(store: ObjectStore, key: str, sha256: str, size: int) -> bool:
    """Reads it, where its length is right. Raises OSError where the store itself fails."""
    digest = hashlib.sha256()
    try:
        if store.head(key).size != size:
            return False
        for piece in store.get(key):
            digest.update(piece)
    except NotThere:
        return False
    return digest.hexdigest() == sha256
