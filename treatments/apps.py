from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class TreatmentsConfig(AppConfig):
    name = "treatments"
    label = "treatments"
    verbose_name = "The patient record"

    def ready(self) -> None:
        post_migrate.connect(keep_search_in_step, sender=self)


def keep_search_in_step(*, using: str, **kwargs: Any) -> None:
    """A migration that alters the table of patients on SQLite takes the triggers of the search with it."""
    from treatments.patients import search_index

    search_index.keep_in_step(connections[using])
