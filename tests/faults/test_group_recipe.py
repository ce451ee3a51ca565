"""The recipe of a group prints what the fault runs start; they themselves need more than CI has (scripts/faults)."""

from pathlib import Path

from scripts.faults import recipe
from scripts.faults.runs import RUNS

FOLDER = Path("/run-of-faults")


def test_each_printed_file_is_found() -> None:
    """Every file is printed once, and its addresses and folders are replaced by those of a run."""
    files = [
        recipe.patroni_file(2, FOLDER, Path("/usr/lib/postgresql/17/bin")),
        recipe.haproxy_file("127.0.77.21"),
        recipe.nginx_server("127.0.77.21", FOLDER),
        recipe.pgbouncer_file("127.0.77.21", FOLDER / "users"),
        *recipe.limits_of_the_role(),
        *recipe.etcd_variables("app2", "10.0.0.22", FOLDER).values(),
        *recipe.anagen_variables("127.0.77.21").values(),
        *recipe.anagen_command("127.0.77.21", "python"),
        recipe.replaced(recipe.block("ini", "[anagen]"), {"/var/lib/postgresql/15/anagen": str(FOLDER)}),
    ]
    left = [text for text in files if "10.0.0." in text or "/opt/anagen" in text or "/etc/" in text]

    assert all(files) and left == []


def test_every_run_says_what_dies() -> None:
    assert [run.name for run in RUNS.values() if not run.sentence] == []
