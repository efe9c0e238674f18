# Jarvis Admin. `make run` and `make test` are all a newcomer needs; both set themselves up.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
PY := .venv/bin/python
NPM := $(shell command -v npm 2>/dev/null || echo .venv/bin/npm)
export PYTHONDONTWRITEBYTECODE ?= 1

.PHONY: help run test lint bench format lock clean setup assets

help:  ## what there is to make
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

run: setup  ## everything on this machine, with a demo fleet; PORT=8123 chooses the port
	@$(PY) -m tools.run

test: setup  ## all tests: SQLite, PostgreSQL, Local Fly, a real browser
	@$(PY) -m tools.chromium
	@$(PY) -m pytest -n auto --dist loadfile --no-loadscope-reorder $(ARGS)

lint: setup  ## ruff, mypy, import rules
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports

bench: setup  ## the speeds of the README, measured here beside their references
	@$(PY) -m bench

format: setup  ## put the code into shape
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

lock: setup  ## pin the requirements anew
	@for name in requirements requirements-dev requirements-node; do \
	  .venv/bin/uv pip compile -q --generate-hashes --universal --python-version 3.11 \
	    --no-header --no-annotate --no-emit-index-url $$name.in -o $$name.txt; done

clean:  ## forget the demo fleet; what was installed stays
	rm -rf instance .env

setup: .venv/.ready static/vendor/manifest.json
assets: setup

.venv/.ready: requirements-dev.txt
	@echo "Setting up .venv (about a minute) …"
	@test -x $(PY) || $(PYTHON) -m venv .venv
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

node_modules/.ready: package.json package-lock.json .venv/.ready
	@test -x "$(NPM)" || $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-node.txt
	@PATH="$$PWD/.venv/bin:$$PATH" $(NPM) ci --silent --no-audit --no-fund --ignore-scripts
	@touch $@

static/vendor/manifest.json: node_modules/.ready tools/assets.py $(shell find templates -name '*.html' 2>/dev/null)
	@$(PY) -m tools.assets
	@touch $@
