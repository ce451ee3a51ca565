"""DATABASE_URL: what is taken, as libpq takes it, and what is refused with how it is written."""

import os
import subprocess
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from clinic.database.timeouts import absent_limits
from clinic.database.url import django_settings, libpq_environment
from clinic.operations.checks import check_time_limits
from tests.databases import find_binaries

ROOT = Path("/")
THREE = "postgres://me:p%40ss@/anagen?host=a,b,c&port=5432,5433,5434"


def settings_of(url: str) -> dict[str, Any]:
    return django_settings(url, base=ROOT)


def test_sqlite_options_for_many_writers() -> None:
    """SQLite is opened with what survives many writers."""
    settings = settings_of("sqlite:////srv/a.sqlite3?timeout=0.5")

    assert settings["NAME"] == "/srv/a.sqlite3" and settings["OPTIONS"]["timeout"] == 0.5
    assert settings["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in settings["OPTIONS"]["init_command"]
    assert "synchronous=FULL" in settings["OPTIONS"]["init_command"]


def test_postgresql_pool_and_time_limits() -> None:
    """PostgreSQL is opened with a pool, limits on both sides, and an end to the wait for a host that vanished."""
    settings = settings_of("postgres://me:p%40ss@db.example.org:5433/anagen?sslmode=require&connect_timeout=2")

    told = [settings[name] for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")]
    assert told == ["me", "p@ss", "db.example.org", "5433", "anagen"]
    options, pool = settings["OPTIONS"], {"max_size": 18, "timeout": 5, "reconnect_timeout": 2, "max_lifetime": 600}
    assert (options["sslmode"], options["connect_timeout"], options["tcp_user_timeout"]) == ("require", "2", "8000")
    assert pool.items() <= options["pool"].items()
    assert "lock_timeout=3s" in options["options"] and "target_session_attrs" not in options
    added = settings_of("postgres://me@h/x?options=-c%20work_mem%3D64MB")["OPTIONS"]["options"]
    assert "lock_timeout=3s" in added and added.endswith("-c work_mem=64MB")


def test_several_hosts_as_libpq_takes_them() -> None:
    """Of several hosts the one that takes writes is looked for; pg_dump is told the same, without the limits."""
    settings = settings_of(f"{THREE}&sslmode=require")

    assert (settings["HOST"], settings["PORT"]) == ("a,b,c", "5432,5433,5434")
    assert settings["OPTIONS"]["target_session_attrs"] == "read-write"
    told = libpq_environment(settings)
    assert told == {
        "PGHOST": "a,b,c",
        "PGPORT": "5432,5433,5434",
        "PGUSER": "me",
        "PGPASSWORD": "p@ss",
        "PGDATABASE": "anagen",
        "PGTARGETSESSIONATTRS": "read-write",
        "PGSSLMODE": "require",
        "PGCONNECT_TIMEOUT": "3",
    }


def test_pgbouncer_gets_no_startup_options() -> None:
    """It refuses them, and lends each transaction another connection, where no cursor of the one before is."""
    settings = settings_of("postgres://me@h:6432/anagen?pgbouncer=1")

    assert "options" not in settings["OPTIONS"] and settings["DISABLE_SERVER_SIDE_CURSORS"]


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("mysql://x/y", "begin with sqlite:/// or postgres://"),
        ("", "begin with"),
        ("postgres://[::1/x", "cannot be read"),
        ("sqlite://anagen.sqlite3", "four before one from the root"),
        ("sqlite:///", "three slashes"),
        ("sqlite:///a?timeout=long", "a number for timeout"),
        ("sqlite:///a?mode=ro", "only one is timeout"),
        ("postgres://me:secret@a:5432,b:5432/anagen", "several hosts in the place of one"),
        ("postgres://me:secret@a,b/anagen", "host=db1,db2,db3&port=5432,5432,5432"),
        ("postgres://me:secret@h/", "must name one database"),
        ("postgres://me:secret@h", "must name one database"),
        ("postgres://me:secret@h/a/b", "must name one database"),
        ("postgres://me:se/cret@h/anagen", "/ is written %2F"),
        ("postgres://me:se#cret@h/anagen", "# is written %23"),
        ("postgres://me:secret@h:99999/anagen", "a number as port"),
        ("postgres://me:secret@/anagen?host=a,b,c&port=1,2", "as many ports as hosts"),
        ("postgres://me:secret@/anagen?host=a,,c", "empty host"),
        ("postgres://me:secret@/anagen?host=a,b&port=1,x", "from 1 to 65535"),
        ("postgres://me:secret@h/anagen?host=a", "names its host twice"),
        ("postgres://me:secret@h:1/anagen?port=2", "names its host twice"),
        ("postgres://me:secret@/anagen?host=a&host=b", "an option twice"),
        ("postgres://me:secret@h/anagen?sslmod=require", "does not know"),
        ("postgres://me:secret@h/anagen?pool_size=many", "a number for pool_size"),
        ("postgres://me:secret@h/anagen?pool_size=1", "from 2 for pool_size"),
        ("postgres://me:secret@h/anagen?connect_timeout=soon", "whole number for connect_timeout"),
        ("postgres://me:secret@h/anagen?pgbouncer=yes", "0 or 1 for pgbouncer"),
        ("postgres://me:secret@/anagen?host=a,b&target_session_attrs=standby", "takes what is saved"),
    ],
)
def test_wrong_spelling_shows_the_right_one(url: str, told: str) -> None:
    """One sentence with an example; never what was typed, since a password is in it."""
    with pytest.raises(ImproperlyConfigured) as refused:
        settings_of(url)

    sentence = str(refused.value)
    assert told in sentence and "it is written like" in sentence
    assert "cret@h" not in sentence and "me:" not in sentence


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_limits_that_never_arrived_are_told() -> None:
    """As behind PgBouncer: each is named with the line that sets it for the role, and those lines do."""
    assert absent_limits(connection) == [] == check_time_limits(None)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = 0; SET statement_timeout = 0")
    lines = absent_limits(connection)
    [warning] = check_time_limits(None)
    assert [line.partition(" SET ")[2] for line in lines] == ["lock_timeout = '3s';", "statement_timeout = '30s';"]
    assert warning.id == "anagen.W005" and all(line in str(warning.hint) for line in lines)

    plain = {name: value for name, value in connection.get_connection_params().items() if name in {"host", "dbname"}}
    with psycopg.connect(**plain, user=connection.settings_dict["USER"], autocommit=True) as without_options:
        for line in lines:
            without_options.execute(line)
    try:
        with psycopg.connect(**plain, user=connection.settings_dict["USER"]) as without_options:
            assert without_options.execute("SHOW lock_timeout").fetchone() == ("3s",)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER ROLE CURRENT_USER RESET ALL")
        connection.close()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_pg_dump_finds_the_one_that_writes() -> None:
    """Of two hosts, one of which is not there, by the variables that it is told."""
    programs, told = find_binaries(), connection.settings_dict
    assert programs is not None
    url = f"postgres://{told['USER']}@/{told['NAME']}?host=127.0.0.1,{told['HOST']}&port=1,5432"
    dump = [programs / "pg_dump", "--schema-only", "--table=clinic_clinic"]
    done = subprocess.run(dump, env=os.environ | libpq_environment(settings_of(url)), capture_output=True, text=True)

    assert "CREATE TABLE" in done.stdout, done.stderr
