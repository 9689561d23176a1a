# Every command works from a bare checkout with Python >= 3.11, make and git.
.DEFAULT_GOAL := help
.PHONY: help run test check bench install install-dev format clean

PORT ?= 8080
# One more than the two cores of a small machine: tests also wait, for servers and browsers.
WORKERS ?= 3
BIN := .venv/bin
# Compiling all of every library would double the wait; what a start imports is compiled once it is
# installed, also where the environment tells Python to keep nothing compiled.
PIP := $(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check
COMPILE := @env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -c \
	'import template_service.app, template_service.demo, template_service.server'

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: install ## serve a demonstration with made-up people on http://127.0.0.1:8080
	@$(BIN)/template-service demo --port $(PORT)

test: install-dev ## install what the tests need and run every test
	@deploy/test-machine
	env -u PYTHONDONTWRITEBYTECODE $(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

# The commands of the how-to pages take long: `make test` runs them.
check: install-dev ## format, lint, types, import contract, documentation
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q tests/docs --ignore tests/docs/test_how_to.py

bench: install-dev ## measure; one JSON line per figure (ONLY=name for one)
	@$(BIN)/python -m tests.bench $(ONLY)

format: install-dev ## write the code as `make check` wants it
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## forget everything that was installed or built
	rm -rf .venv build dist demo-data deploy/assets/node_modules template_service/web/static/vendor

install: .venv/installed
	@$(BIN)/python deploy/assets/install.py

install-dev: .venv/installed-dev
	@$(BIN)/python deploy/assets/install.py --dev

# The stamps make a second run fast: pip is asked again only when pyproject.toml changes.
.venv/installed: pyproject.toml | .venv/bin/python
	$(PIP) --editable '.[reports]'
	$(COMPILE)
	@touch $@

.venv/installed-dev: pyproject.toml | .venv/bin/python
	$(PIP) --editable '.[dev]'
	$(COMPILE)
	@touch $@ .venv/installed

.venv/bin/python:
	@deploy/make-venv
