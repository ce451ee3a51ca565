"""Sessions in the database, as Django keeps them, of which requests that overlap do not undo each other's part."""

from copy import deepcopy
from typing import Any

from django.contrib.sessions.backends import db
from django.db import transaction

_GONE = object()


class SessionStore(db.SessionStore):
    """Saves what this request has changed, and nothing else: a touch or an upload that was under way while the page was
    covered would write the session as it was before, and so uncover it."""

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self._before: dict[str, Any] = {}

    def load(self) -> dict[str, Any]:
        data: dict[str, Any] = super().load()
        self._before = deepcopy(data)
        return data

    def save(self, must_create: bool = False) -> None:
        if must_create or self.session_key is None:
            super().save(must_create)
        else:
            with transaction.atomic():
                self._take_in_others()
                super().save()
        self._before = deepcopy(dict(self.items()))

    def _take_in_others(self) -> None:
        """Lay what was changed here over what is stored now. A session that was ended meanwhile stays ended."""
        mine = dict(self.items())
        row = self.model.objects.select_for_update().filter(session_key=self.session_key).first()
        if row is None:
            return
        merged = self.decode(row.session_data)
        for key in mine.keys() | self._before.keys():
            value = mine.get(key, _GONE)
            if value is _GONE and key in self._before:
                merged.pop(key, None)
            elif value != self._before.get(key, _GONE):
                merged[key] = value
        self._session_cache = merged
