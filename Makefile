# make up     install, build the graph of the seed documents, serve it    (PORT, HOST, STORE, DOCS can be set)
# make test   install what the tests need, run all of them
# make help   the other targets
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

HOST ?= 127.0.0.1
PORT ?= 8000
STORE ?= store
DOCS ?= seeds

VENV := .venv
BIN := $(VENV)/bin
UV ?= $(or $(wildcard $(BIN)/uv),uv)
COMPILE = "$(UV)" pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-emit-index-url \
	--custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)

.PHONY: help up install install-test test lint types patterns web unit picture notebook wheel lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

up: install ## build the graph of DOCS (seeds) into STORE and serve it on HOST:PORT
	@scripts/up "$(DOCS)" "$(STORE)" "$(HOST)" "$(PORT)"

-include training/model.mk

install: ## install the locked dependencies and the package into .venv
	@scripts/install run

install-test: ## the same, with what the tests need
	@scripts/install test

test: lint types patterns web unit ## run all checks and tests

lint: install-test ## style and formatting
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: install-test ## strict types
	$(BIN)/mypy

patterns: install-test ## every pattern on its own examples
	$(BIN)/kg check --patterns

web: install-test ## types and tests of the pages' scripts, if Node is here
	@if [ -d web/node_modules/typescript ]; then cd web && npm run --silent types && npm test --silent; \
	else echo "web/ is not built here (no Node): its types and tests are passed over"; fi

unit: install-test ## unit, property, HTTP, shape, layer, docs and notebook tests
	$(BIN)/python -m pytest $(ARGS)

picture: install-test ## draw docs/images/seeds.svg anew from the seeds
	$(BIN)/kg build seeds --store out/picture-store
	$(BIN)/python scripts/draw_graph.py out/picture-store docs/images/seeds.svg

notebook: install-test ## write notebooks/*.ipynb anew, outputs included
	$(BIN)/python scripts/write_notebook.py

wheel: install ## build the wheel into dist/
	$(BIN)/python -m hatchling build -t wheel -d dist

lock: ## pin the dependencies anew in requirements*.txt (UPGRADE=1: to the newest); needs uv
	@command -v "$(UV)" >/dev/null || { echo "make lock needs uv: $(BIN)/pip install uv, or set UV=/path/to/uv" >&2; exit 1; }
	$(COMPILE) pyproject.toml --group build -o requirements.txt
	$(COMPILE) pyproject.toml --group build --group test -c requirements.txt -o requirements-test.txt

clean: ## remove what was made: .venv, STORE, caches, build outputs
	rm -rf $(VENV) "$(STORE)" build dist out web/dist web/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
