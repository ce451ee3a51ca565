"""What can be wrong with the folder or the store of the photographs, each in one sentence for whoever meets it.

Imports nothing, so that the processes which only read pictures load nothing more.
"""

from typing import Final, Literal

Fault = Literal[
    "photos_missing",
    "photos_read_only",
    "photos_full",
    "photos_no_room",
    "photos_unreadable",
    "photos_away",
    "photos_refused",
]
TITLES: Final[dict[Fault, str]] = {
    "photos_full": "The disk of the photos is full",
    "photos_no_room": "No room is left for photos, the rest of the disk is kept for text",
    "photos_missing": "The folder of the photos is not there",
    "photos_read_only": "The folder of the photos can only be read",
    "photos_unreadable": "The disk of the photos does not work",
    "photos_away": "The store of the photos does not answer",
    "photos_refused": "The store of the photos refuses this server",
}
