"""The pinned lists agree with pyproject.toml, carry a hash for every file, and name no index."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

TOP = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((TOP / "pyproject.toml").read_text())
RUN = PROJECT["project"]["dependencies"]
DEV = PROJECT["dependency-groups"]["dev"]
TOOLS = json.loads((TOP / "package.json").read_text())
TOOLS_LOCK = json.loads((TOP / "package-lock.json").read_text())["packages"]
PIN = re.compile(r"^([a-z0-9-]+)==(\S+)", re.M)


def pins(name: str) -> dict[str, str]:
    return dict(PIN.findall((TOP / "requirements" / name).read_text()))


@pytest.mark.parametrize("name, wanted", [("run.txt", RUN), ("dev.txt", [*RUN, *DEV])])
def test_pins_satisfy_the_project(name, wanted):
    pinned = pins(name)
    for requirement in map(Requirement, wanted):
        version = pinned.get(canonicalize_name(requirement.name))
        assert version, f"{requirement.name} is not in {name}: run scripts/lock.py"
        assert version in requirement.specifier, f"{requirement} but {name} has {version}: run scripts/lock.py"


def test_developers_run_what_clinics_run():
    assert pins("run.txt").items() <= pins("dev.txt").items()


@pytest.mark.parametrize("name", ["run.txt", "dev.txt"])
def test_pins_have_hashes_and_no_address(name):
    """Every pin has hashes and no line names a place to download from."""
    text = (TOP / "requirements" / name).read_text()
    blocks = re.split(r"^(?=[a-z0-9-]+==)", text, flags=re.M)[1:]
    assert len(blocks) == len(pins(name)) > 10
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert not re.search(r"://|file:|^-|index|find-links|trusted", text, re.M)


def test_npm_pins_have_hashes_and_no_address():
    """What npm installs is of one version, for developers only, with a hash, from wherever the machine says."""
    named = TOOLS["devDependencies"]
    installed = {path.removeprefix("node_modules/"): package for path, package in TOOLS_LOCK.items() if path}

    assert "dependencies" not in TOOLS
    assert {name: installed[name]["version"] for name in named} == named
    assert [name for name, package in installed.items() if not package.get("integrity") or not package.get("dev")] == []
    assert [name for name, package in installed.items() if "resolved" in package] == []


def test_npm_tools_run_on_debians_node():
    """Debian 12 has Node 18.19; each tool says which it needs as `>=major.minor.patch`."""
    wanted = [package["engines"]["node"] for package in TOOLS_LOCK.values() if "engines" in package]

    assert [w for w in wanted if tuple(map(int, w.removeprefix(">=").split("."))) > (18, 19)] == []
