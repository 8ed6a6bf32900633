# Everything that people do with a checkout. `make help` lists it.
# Quoted everywhere: the checkout may stand in a folder with a blank in its name.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8001

.DEFAULT_GOAL := help
.PHONY: help serve test lint check build wheel bench clean

help: ## say what can be made
	@sed -n 's/^\([a-z]*\):.*## /  make \1|/p' Makefile | while IFS='|' read -r target text; do \
		printf '%-14s %s\n' "$$target" "$$text"; done

serve: $(VENV)/installed catalog.db ## build if needed, then browse the catalog in Datasette
	@"$(BIN)/iam-catalog" serve --port $(PORT)

test: lint ## style, types and tests
	@"$(BIN)/python" -m pytest

lint: $(VENV)/installed ## style and types
	@"$(BIN)/ruff" check .
	@"$(BIN)/ruff" format --check .
	@"$(BIN)/mypy"

build: $(VENV)/installed ## build catalog.db from data/
	@"$(BIN)/python" -m scraper build

wheel: $(VENV)/installed catalog.db ## pack the query module and the catalog into dist/
	@"$(BIN)/python" -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

bench: $(VENV)/installed catalog.db ## measure the targets in benchmarks/
	@"$(BIN)/python" -m benchmarks

clean: ## remove what can be made again, except catalog.db
	@rm -rf "$(VENV)" build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

# Installed anew only when the list of packages changes, so that a second run is quick and offline.
$(VENV)/installed: pyproject.toml
	@$(PYTHON) -c "import sys; sys.exit(None if sys.version_info >= (3, 11) else 'Python 3.11 or newer is needed, and $(PYTHON) is ' + sys.version.split()[0] + '. Name another one: make PYTHON=python3.12 …')"
	@test -x "$(BIN)/pip" || $(PYTHON) -m venv "$(VENV)"
	@"$(BIN)/python" -c "import sys, tomllib; data = tomllib.load(open('pyproject.toml', 'rb')); groups = data['dependency-groups']; print(*(each for name in ('scrape', 'test', 'lint', 'build') for each in groups[name]), *data['build-system']['requires'], sep='\n')" > "$(VENV)/requirements.txt"
	@"$(BIN)/python" -m pip install --quiet --disable-pip-version-check -r "$(VENV)/requirements.txt"
	@"$(BIN)/python" -m pip install --quiet --disable-pip-version-check --no-build-isolation -e '.[datasette]'
	@touch "$(VENV)/installed"

catalog.db: $(wildcard data/*.json data/*/*) $(wildcard scraper/*.py) $(wildcard iam_catalog/schema.py iam_catalog/views.py iam_catalog/names.py iam_catalog/identity.py iam_catalog/compare.py) | $(VENV)/installed
	@"$(BIN)/python" -m scraper build
