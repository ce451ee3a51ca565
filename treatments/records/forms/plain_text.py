"""Removes invisible characters that reverse, or hide, the text beside them.

They come with text pasted from telephones and chats, or are put there to make one name read as another. Characters that
a script needs (joiners, left-to-right and right-to-left marks) stay, and so does GS1's separator.
"""

import re
from typing import Any

from django.http import QueryDict

from treatments.records.forms.conditions import ConditionalForm
from treatments.records.text.text_folding import has_visible

_HIDDEN = re.compile(
    "[\u202a-\u202e\u2066-\u206f\x00-\x08\x0b\x0c\x0e-\x1c\x1e\x1f\x7f-\x9f"
    # Soft hyphens, zero-width spaces, word joiners, fillers and marks of the byte order: nothing of them is ever seen.
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060-\u2064\u3164\ufeff\uffa0\ufff9-\ufffb]"
)
_MAY_BE_UNSEEN = re.compile("[^\x00-\x7f]")


def without_hidden_marks(text: str) -> str:
    """Without embeddings, overrides and isolates of direction, signs that are never seen, and control characters that
    break no line. A text of which nothing can be seen is no text: ""."""
    plain = _HIDDEN.sub("", text)
    is_blank = _MAY_BE_UNSEEN.search(plain) and not has_visible(plain)
    return "" if is_blank else plain


class PlainTextForm(ConditionalForm):
    """A form that reads every text without hidden marks, so that none is ever stored."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if isinstance(self.data, QueryDict) and any(map(_is_to_be_cleaned, _texts(self.data))):
            data = QueryDict(mutable=True)
            for name, values in self.data.lists():
                data.setlist(name, list(map(without_hidden_marks, values)))
            self.data = data


def _is_to_be_cleaned(text: str) -> bool:
    return not text.isascii() or _HIDDEN.search(text) is not None


def _texts(data: QueryDict) -> list[str]:
    return [value for _, values in data.lists() for value in values]
