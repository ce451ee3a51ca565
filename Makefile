# make run    the demonstration clinic on http://127.0.0.1:8000      make test   everything that must hold
# Needs Python 3.11 or newer, make, and on Debian python3-venv. Another Python: make PYTHON=python3.12 …
PYTHON ?= python3
PORT   ?= 8000
export VENV ?= $(CURDIR)/.venv
BIN    := $(VENV)/bin
MANAGE := $(BIN)/python manage.py

.PHONY: run demo test check tidy bench faults shots lock package clean packages tools
.DEFAULT_GOAL := run

run: export ANAGEN_MODE ?= development
run: packages
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) demo --if-empty
	@$(MANAGE) runserver --noreload 127.0.0.1:$(PORT)

demo: export ANAGEN_MODE ?= development
demo: packages  ## fill an empty database and print the sign-ins
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) demo --if-empty

test: tools
	@$(BIN)/python scripts/suite.py

check: tools
	@$(BIN)/python scripts/suite.py checks

tidy: tools  ## put in order what a machine can
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format --quiet .
	@$(BIN)/djlint templates --reformat --quiet --warn
	@$(PYTHON) scripts/node_tools.py biome check --write --log-level=error

bench: tools  ## measure; docs/operations.md says what the figures mean
	@$(BIN)/python scripts/bench.py

faults: tools  ## let parts of a group's installation die; docs/operations/fault-runs.md says what is needed
	@$(BIN)/python -m scripts.faults

shots: tools  ## take the pictures that README shows again
	@ANAGEN_SHOTS=1 $(BIN)/python -m pytest -q tests/journeys/test_every_page.py

lock:  ## choose the newest versions that pyproject.toml allows
	@$(PYTHON) scripts/lock.py --upgrade

package: tools  ## the wheel that a clinic installs, and the list by which pip checks all of it, in dist/
	@$(BIN)/python scripts/package.py

clean:  ## what tests and tools leave; var/, the clinic's records, stays
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache test-results
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

packages:
	@$(PYTHON) scripts/environment.py run
tools:
	@$(PYTHON) scripts/environment.py dev
