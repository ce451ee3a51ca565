import sys
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
        post_migrate.connect(set_up_photo_folder, sender=self)


def keep_search_in_step(*, using: str, **kwargs: Any) -> None:
    """A migration that alters the table of patients on SQLite takes the triggers of the search with it."""
    from treatments.patients import search_index

    search_index.keep_in_step(connections[using])


def set_up_photo_folder(*, using: str, **kwargs: Any) -> None:
    """Set up MEDIA_ROOT of a new installation; where photos are kept already, only if they lie in it."""
    from treatments.photos.models import Photo
    from treatments.photos.upload.folder import set_up_if_new

    if Photo._meta.db_table not in connections[using].introspection.table_names():
        return
    try:
        fault = "" if set_up_if_new() else "The photos of this database are not in it. Mount the right folder."
    except OSError as error:
        fault = str(error)
    if fault:
        print(f"MEDIA_ROOT is not usable, no photo can be stored: {fault}", file=sys.stderr)
