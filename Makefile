# `make quickstart` runs the main job; `make test` passes the tests. Both set up what they need.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
SDKS := .sdks
GENERATIONS := $(patsubst %,$(SDKS)/%/complete,v1 v2 v3)
WORKERS ?= 2
# A file stays with one worker, for its tests share servers; in the order of the folders, or the few tests of
# the SDKs, which take longest, would come last.
PARALLEL := --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help quickstart test unit e2e test-sdks lint format benchmark clean

help:  ## list the targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.sdk: $(VENV)/bin/python pyproject.toml
	$(BIN)/pip install --quiet --editable '.[sdk]'
	@touch $@

$(VENV)/.dev: $(VENV)/bin/python pyproject.toml
	$(BIN)/pip install --quiet --editable '.[dev]'
	@touch $@ $(VENV)/.sdk

# The SDK as its authors ship it, and nothing of Clary.
$(SDKS)/%/complete: tests/sdks/%/requirements.txt
	rm -rf $(@D)
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/pip install --quiet --requirement $<
	@touch $@

quickstart: $(VENV)/.sdk  ## train, deploy and predict with unmodified SDK code
	$(BIN)/clary quickstart

test: $(VENV)/.dev  ## everything CI runs: linters, types, contracts, unit and end-to-end tests
	$(MAKE) --jobs 3 lint $(GENERATIONS)
	$(BIN)/pytest --reruns 1 $(PARALLEL)

unit: $(VENV)/.dev  ## the fast tier, in seconds
	$(BIN)/pytest -m 'not e2e' $(PARALLEL)

e2e: $(VENV)/.dev  ## unmodified clients against a real server
	$(BIN)/pytest -m e2e

test-sdks: $(VENV)/.dev $(GENERATIONS)  ## SageMaker SDK v1, v2 and v3, each in an environment of its own
	$(BIN)/pytest tests/e2e/test_sdks.py

lint: $(VENV)/.dev  ## ruff, mypy --strict and the import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev  ## rewrite the sources as ruff wants them
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

benchmark: $(VENV)/.dev  ## every claim measured, as ratios
	for claim in benchmarks/bench_*.py; do $(BIN)/python $$claim || exit 1; done

clean:  ## remove what make built
	rm -rf $(VENV) $(SDKS) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist
