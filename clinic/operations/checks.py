"""What `./anagen check --deploy` says of an installation, beside Django's own list: each with what to do about it."""

import stat
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import DatabaseError, connection

from clinic import environment
from clinic.audit import rights
from clinic.database.timeouts import absent_limits


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


@register(Tags.security, deploy=True)
def check_rights(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Silent on SQLite, which has no roles, and where the database does not answer, which is not for this to say."""
    if connection.vendor != "postgresql":
        return []
    try:
        tables = rights.changeable_tables(connection)
    except DatabaseError:
        return []
    if not tables:
        return []
    hint = (
        "Let another role own the tables, and run migrations as that one: "
        "DATABASE_URL=postgres://anagen_owner@… ./anagen migrate, then in the same way ./anagen audit rights ROLE. "
        "See docs/operations.md, The audit trail."
    )
    sentence = f"The role of DATABASE_URL owns or may change what is append-only: {', '.join(tables)}."
    return [Warning(sentence, hint=hint, id="anagen.W004")]


@register(Tags.security, deploy=True)
def check_time_limits(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Whether PostgreSQL has the limits that Anagen asked for; a pooler in front may keep them back without a word."""
    if connection.vendor != "postgresql":
        return []
    try:
        lines = absent_limits(connection)
    except DatabaseError:
        return []
    if not lines:
        return []
    hint = (
        f"As the administrator of PostgreSQL: {' '.join(lines)} Then restart Anagen. See docs/operations/database.md."
    )
    sentence = "PostgreSQL does not end what waits or runs too long: a pooler such as PgBouncer keeps the limits back."
    return [Warning(sentence, hint=hint, id="anagen.W005")]


@register(Tags.security, deploy=True)
def check_key(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if settings.AUDIT_KEYS:
        return []
    hint = "Add to .env: AUDIT_KEY= and 60 random characters, as for SECRET_KEY. Older seals are still understood."
    return [Warning("AUDIT_KEY is not set: the audit trail is sealed with SECRET_KEY.", hint=hint, id="anagen.W003")]


def private_paths() -> list[Path]:
    """Files and folders that hold patients' data, or what opens them."""
    database = settings.DATABASES["default"]
    files = [Path(database["NAME"])] if database["ENGINE"].endswith("sqlite3") else []
    return [*files, Path(settings.MEDIA_ROOT), Path(settings.ARRIVING_DIR), settings.BASE_DIR / ".env"]
