"""What `./anagen check --deploy` says of an installation, beside Django's own list: each with what to do about it."""

import stat
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register

from clinic import environment


@register(Tags.security, deploy=True)
def check_proxy(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """TRUSTED_PROXY must be said: the slowing of guesses and the audit trail rest on whose address a request has."""
    if environment.text("TRUSTED_PROXY"):
        return []
    sentence = "TRUSTED_PROXY is not set, so behind a proxy everybody counts as one address, and is slowed as one."
    hint = "In .env set TRUSTED_PROXY=1 where a proxy in front appends X-Forwarded-For, TRUSTED_PROXY=0 where none is."
    return [Warning(sentence, hint=hint, id="anagen.W001")]


@register(Tags.security, deploy=True)
def check_permissions(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Database, photos, files while they arrive and settings are for Anagen's own user alone."""
    return [
        Warning(f"Other users of this server can reach {path}.", hint=f"chmod -R o-rwx {path}", id="anagen.W002")
        for path in private_paths()
        if path.exists() and path.stat().st_mode & stat.S_IRWXO
    ]


def private_paths() -> list[Path]:
    """Files and folders that hold patients' data, or what opens them."""
    database = settings.DATABASES["default"]
    files = [Path(database["NAME"])] if database["ENGINE"].endswith("sqlite3") else []
    return [*files, Path(settings.MEDIA_ROOT), Path(settings.ARRIVING_DIR), settings.BASE_DIR / ".env"]
