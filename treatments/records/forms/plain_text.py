"""Removes invisible characters that reverse, or hide, the text beside them.

They come with text pasted from telephones and chats, or are put there to make one name read as another. Characters that
a script needs (joiners, left-to-right and right-to-left marks) stay, and so does GS1's separator.
"""

import re
from typing import Any

from django.http import QueryDict

from treatments.records.forms.conditions import ConditionalForm

_HIDDEN = re.compile("[\u202a-\u202e\u2066-\u2069\x01-\x08\x0b\x0c\x0e-\x1c\x1e\x1f\x7f-\x9f]")


def without_hidden_marks(text: str) -> str:
    """Without embeddings, overrides and isolates of direction, and without control characters that break no line."""
    return _HIDDEN.sub("", text)


class PlainTextForm(ConditionalForm):
    """A form that reads every text without hidden marks, so that none is ever stored."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if isinstance(self.data, QueryDict) and any(map(_HIDDEN.search, _texts(self.data))):
            data = QueryDict(mutable=True)
            for name, values in self.data.lists():
                data.setlist(name, list(map(without_hidden_marks, values)))
            self.data = data


def _texts(data: QueryDict) -> list[str]:
    return [value for _, values in data.lists() for value in values]
