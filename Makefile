# A bare `make` lists the targets. Everything is set up in .venv; needed are make, bash, and Python 3.11, 3.12 or 3.13
# with venv (PYTHON=/path/to/python3.12 says which; otherwise the first one found).
SHELL := /bin/bash
PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin
CONNECTORS := source-pluralsight source-skilljar destination-skilljar destination-pluvo
PACKAGES := shared/lms_shared source-pluralsight/source_pluralsight source-skilljar/source_skilljar destination-skilljar/destination_skilljar destination-pluvo/destination_pluvo docs/examples/chalk.py
# How many processes conftest.py says; one that is idle takes tests from the others.
PARALLEL := -n auto --dist worksteal
WAREHOUSE := .venv-warehouse
STAMP := $(VENV)/.installed
BENCHES ?= $(wildcard */bench/bench_*.py)
# How far pip is, one line for each 20 packages. What goes wrong is on its standard error.
COUNTED := awk '/^Collecting / { if (++n % 20 == 0) { print "  " n " packages ..."; fflush() } } /^Installing collected/ { print "  installing them ..."; fflush() }'
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Python keeps what it compiles: the tests start hundreds of processes, each of which would do it anew.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help install test test-all sweeps demo lint acceptance images image-tests bench sandbox warehouse docs pictures folders lock clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

install: $(STAMP) ## Set up .venv with the packages and the tools, at pinned versions

# A .venv whose Python is gone, or that was moved, is set up again.
ifneq ($(shell $(BIN)/python -c 'print("works")' 2>/dev/null),works)
.PHONY: $(STAMP)
endif

$(STAMP): constraints.txt requirements-dev.txt shared/pyproject.toml $(CONNECTORS:%=%/pyproject.toml)
	@.ci/make-venv $(VENV) $(PYTHON)
	@echo "Setting up $(VENV), once; this takes a minute or two."
	@set -o pipefail; $(BIN)/python -m pip install --constraint constraints.txt --requirement requirements-dev.txt | $(COUNTED)
	@echo "Installing the connectors."
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --no-build-isolation $(CONNECTORS:%=--editable ./%)
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --no-build-isolation \
	  --editable 'shared[destination,sandbox,sync,testing]'
	@touch $@

test: $(STAMP) ## Run the tests, and a sample of the heavy sweeps (PYTEST_ARGS="-n 0 -k users")
	$(BIN)/python -m pytest $(PARALLEL) $(PYTEST_ARGS)

test-all: $(STAMP) ## Run the tests, and every case of the heavy sweeps
	$(BIN)/python -m pytest $(PARALLEL) --whole $(PYTEST_ARGS)

sweeps: $(STAMP) ## Run the cases of the heavy sweeps that `make test` leaves out
	$(BIN)/python -m pytest $(PARALLEL) --sweeps $(PYTEST_ARGS)

demo: $(STAMP) ## Start the sandbox LMS servers, run the main job twice, show what happened (ARGS="--faults 0.2")
	$(BIN)/python -m lms_shared.dev.demo $(ARGS)

lint: $(STAMP) ## Check style, format, types and the order of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(PACKAGES)
	$(BIN)/lint-imports

acceptance: $(STAMP) ## Run Airbyte's standard connector tests (FAST) alone
	$(BIN)/python -m pytest $(PARALLEL) -k standard $(PYTEST_ARGS)

images: ## Build the connector images with docker
	@for c in $(CONNECTORS); do docker build $(if $(BASE_IMAGE),--build-arg BASE_IMAGE=$(BASE_IMAGE)) -f $$c/Dockerfile -t $$c:dev . || exit 1; done

image-tests: $(STAMP) images ## Run what is tested in the images: their commands, and Airbyte's standard tests of images
	$(BIN)/python -m pytest -m image_tests shared/tests/images
	@for c in $(CONNECTORS); do $(BIN)/python -m pytest -p airbyte_cdk.test.standard_tests.pytest_hooks -m image_tests --connector-image $$c:dev $$c/unit_tests/*standard.py || exit 1; done

bench: $(STAMP) ## Run the benchmarks, print their table and write it with plots to docs/ (BENCHES="path ...", LARGE=1)
	$(BIN)/python -m lms_shared.dev.benchmarks $(if $(LARGE),--large) docs $(BENCHES)

sandbox: $(STAMP) ## Run the pretend LMS servers in the foreground (ARGS="--help" lists the options)
	$(BIN)/lms-sandbox $(ARGS)

warehouse: $(STAMP) ## Read both sources into a DuckDB file with PyAirbyte, ask it four questions, draw a chart
	@test -e $(WAREHOUSE)/.installed || { echo "Setting up $(WAREHOUSE) for PyAirbyte, once; this takes some minutes."; \
	  .ci/make-venv $(WAREHOUSE) $(PYTHON) && $(WAREHOUSE)/bin/pip install --quiet --requirement examples/warehouse/requirements.txt && touch $(WAREHOUSE)/.installed; }
	$(WAREHOUSE)/bin/python -W ignore::FutureWarning examples/warehouse/load.py $(ARGS)
	$(WAREHOUSE)/bin/python examples/warehouse/ask.py

docs: $(STAMP) ## Write the tables in the READMEs of the destinations from their declarations
	$(BIN)/python -m lms_shared.dev.docs destination_skilljar.destination:DestinationSkilljar destination-skilljar
	$(BIN)/python -m lms_shared.dev.docs destination_pluvo.destination:DestinationPluvo destination-pluvo
	$(BIN)/python -m lms_shared.dev.docs.known_streams docs/reference/known-streams.md
	$(BIN)/python source-pluralsight/write_docs.py
	$(BIN)/python source-skilljar/write_docs.py
	$(BIN)/python -m lms_shared.dev.docs.presets

pictures: $(STAMP) ## Draw the forms and the report page for the docs with a headless Chromium
	$(BIN)/python -m lms_shared.dev.pictures

folders: $(STAMP) ## Write what the connector folders have in common from template/
	$(BIN)/python -m lms_shared.dev.connector_folders

lock: ## Write constraints.txt anew from what .venv holds
	@{ head -n 2 constraints.txt; $(BIN)/python -m pip freeze --exclude-editable | grep -viE '^(pip|setuptools)=='; } > constraints.new && mv constraints.new constraints.txt

clean: ## Remove .venv and caches
	rm -rf $(VENV) .venv-* .warehouse .mypy_cache .ruff_cache .pytest_cache .demo
