# Everything from a clean clone: Python 3.11 or newer and make are enough.
# A stamp is written last, so an interrupted step is simply done again.

PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input
UV := $(VENV)/lock/bin/uv pip compile pyproject.toml --universal --python-version 3.11 \
  --generate-hashes --no-header --no-annotate --quiet --upgrade

export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help setup run test check bench load chaos programmes lock clean

help:  ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## */make \1	/' | expand -t 14

setup: $(VENV)/.ready node_modules/.ready  ## .venv with everything and the built front end
	@node frontend/build.mjs

run: setup  ## serve http://localhost:8000 (PORT changes it) with the demo programme
	@VEJVISER_DEMO=1 PORT=$(PORT) exec $(BIN)/vejviser all

test: setup  ## every check: ruff, mypy, import-linter, pytest
	@$(MAKE) --no-print-directory check
	$(BIN)/pytest --numprocesses 2 --dist loadfile

check:
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --verbose

bench: setup  ## speed against a bare transaction, as JSON lines; kept in docs/benchmarks.md
	@$(BIN)/python -m tests.bench

load: setup  ## lead two hundred made-up youths through each programme, with random answers
	@$(BIN)/python -m tests.load

chaos: setup  ## kill and disturb the served application while cases are worked; kept in docs/durability.md
	@$(BIN)/python -m tests.chaos --write

programmes: setup  ## write docs/programmes.md and its pictures again, after a change in bpmn/
	@PYTHONPATH=. $(BIN)/python docs/programmes.py

lock:  ## choose the newest packages that pyproject.toml allows, and pin them
	@test -x $(VENV)/lock/bin/uv || $(PYTHON) -m venv $(VENV)/lock
	@$(VENV)/lock/bin/python -m pip --quiet install uv
	$(UV) --group install --output-file requirements.lock
	$(UV) --group install --group build --group dev --constraint requirements.lock --output-file requirements-dev.lock

clean:  ## remove what the targets made, the embedded database (var/) excepted
	rm -rf $(VENV) node_modules webapp/static/build processes/engine/build *.egg-info \
	  .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find handlers models processes tests webapp -name __pycache__ -prune -exec rm -rf {} +

# .made: the environment itself is whole. .installing: pip was at work, perhaps until it was killed.
$(VENV)/.ready: requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'Python 3.11 or newer is needed; name it with PYTHON=...' >&2; exit 1; }
	@if [ ! -e $(VENV)/.made ] || [ -e $(VENV)/.installing ] || ! $(BIN)/python -c 'import pip'; then \
	  rm -rf $(VENV) && $(PYTHON) -m venv $(VENV) && touch $(VENV)/.made || \
	  { echo 'No environment was made; Debian and Ubuntu need python3-venv.' >&2; exit 1; }; fi
	@touch $(VENV)/.installing
	$(PIP) install --require-hashes --only-binary :all: -r requirements-dev.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@rm $(VENV)/.installing && touch $@

node_modules/.ready: package.json package-lock.json | $(VENV)/.ready
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@
