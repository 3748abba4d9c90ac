# Two commands on a fresh machine: `make run` and `make test`. They set everything up themselves.
# Beforehand only Python >= 3.11 and make (Debian, Ubuntu, macOS).

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := .tools/bin/uv
export PYTHONDONTWRITEBYTECODE ?=

.DEFAULT_GOAL := help
.PHONY: help run test check lint bench shots words lock clean browser

help: ## list these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 16

# --- set-up: each target leaves a stamp, so that a second run costs nothing -----------------------------

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; found " + sys.version.split()[0] + ". Set PYTHON=... to another one.")'
	@echo "Setting up (once) ..."
	@$(PYTHON) -m venv .tools || { echo "The venv module is missing. On Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@.tools/bin/python -m pip install --quiet --require-hashes -r requirements/uv.lock

$(VENV)/bin/python: | $(UV)
	@$(PYTHON) -m venv --without-pip $(VENV)

$(VENV)/.run: requirements/run.lock pyproject.toml | $(UV) $(VENV)/bin/python
	@test -e $(VENV)/.dev || $(UV) pip sync --quiet --require-hashes --python $(BIN)/python requirements/run.lock
	@test -e $(VENV)/.dev || $(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.lock pyproject.toml | $(UV) $(VENV)/bin/python
	@$(UV) pip sync --quiet --require-hashes --python $(BIN)/python requirements/dev.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.run

tools: $(VENV)/.dev 
	@sh requirements/browser.sh $(BIN)

# --- what people type -----------------------------------------------------------------------------------

run: $(VENV)/.run ## set up, migrate, seed the demo town when empty, serve, print the addresses
	@$(BIN)/scenario-app serve --demo

test: $(VENV)/.dev browser ## set up and run every test (brings its own PostgreSQL, Valkey and browser)
	@$(BIN)/python -m pytest -n 2 --dist worksteal -q

check: test lint ## everything a change must pass

lint: $(VENV)/.dev ## style, types, import contracts, known vulnerabilities
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(VENV)/.dev ## measure (not a test): see docs/MEASURED.md
	@$(BIN)/python -m bench

shots: $(VENV)/.dev browser ## take pictures of every page: var/shots, and docs/screenshots for the README
	@$(BIN)/python -m pytest -q -n 0 tests/browser --shots

words: $(VENV)/.dev ## collect the words of every page into the catalogues of every language
	@mkdir -p var
	@$(BIN)/pybabel -q extract -F requirements/babel.cfg --sort-by-file --add-location=file -o var/words.pot scenario_app live evidence scenarios
	@$(BIN)/pybabel -q update -i var/words.pot -d scenario_app/translations --no-fuzzy-matching --ignore-obsolete --no-wrap --ignore-pot-creation-date

lock: $(UV) ## refresh the hash-locked requirements
	@for set in run prod dev; do \
	  extra="--extra build"; [ $$set = run ] || extra="$$extra --extra $$set"; \
	  $(UV) pip compile --quiet --universal --generate-hashes --no-annotate --no-header --no-emit-package scenario-app $$extra pyproject.toml -o requirements/$$set.lock; \
	done
	@echo uv | $(UV) pip compile --quiet --universal --generate-hashes --no-annotate --no-header - -o requirements/uv.lock

clean: ## remove what set-up made (never var/, which holds data)
	rm -rf $(VENV) .tools .pytest_cache .mypy_cache .ruff_cache
