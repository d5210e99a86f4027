# One command sets everything up: each target makes what is missing, once, and works without a network afterwards.
.DEFAULT_GOAL := help
.PHONY: help demo test test-full bench lint format clean

PYTHON ?=
ARGS ?=
JOBS ?= 2
VERSIONS ?= 14 15 16 17 18
export PYTHON

help:
	@echo 'make demo       a real database with a live application, across a migration history and back (ARGS=--keep)'
	@echo 'make test       the tests, against real servers (ARGS="tests/sql -k name")'
	@echo 'make test-full  the tests, on PostgreSQL $(VERSIONS)'
	@echo 'make bench      measurements, with other tools beside'
	@echo 'make lint       linter, formatter and type checker'

demo: .venv/.ready-embedded
	@.venv/bin/watari demo $(ARGS)

test: .venv/.ready-dev
	.venv/bin/pytest -n $(JOBS) --dist loadgroup -m 'not full' $(ARGS)

test-full: .venv/.ready-dev
	@for version in $(VERSIONS); do \
	  programs=$$(.venv/bin/python tools/servers.py $$version) || exit 1; \
	  echo "PostgreSQL $$version: $$programs"; \
	  WATARI_TEST_SERVER=$$programs .venv/bin/pytest -n $(JOBS) --dist loadgroup $(ARGS) || exit 1; \
	done

bench: .venv/.ready-dev
	.venv/bin/python -m bench $(ARGS)

lint: .venv/.ready-dev
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy

format: .venv/.ready-dev
	.venv/bin/ruff check --fix
	.venv/bin/ruff format

clean:
	rm -rf .venv .cache .mypy_cache .pytest_cache .ruff_cache

.venv/.ready-%: pyproject.toml .ci/environment
	@.ci/environment $*
