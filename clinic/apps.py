from pathlib import Path

from django.apps import AppConfig
from django.conf import settings
from django.db.backends.signals import connection_created


class ClinicConfig(AppConfig):
    name = "clinic"
    label = "clinic"
    verbose_name = "The practice"

    def ready(self) -> None:
        import clinic.operations.checks  # noqa: F401 -- which registers them
        from clinic.operations import closing

        connection_created.connect(closing.guard)
        database = settings.DATABASES["default"]
        if database["ENGINE"].endswith("sqlite3") and database["NAME"] != ":memory:":
            Path(database["NAME"]).parent.mkdir(parents=True, exist_ok=True)
