# `make demo` and `make test` do all the set-up on a fresh machine: Python 3.11 or newer is all they ask for.
# Set PYTHON to choose the interpreter, VENV to choose the folder of the environment.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEMO ?= outputs/demo
# One thread a worker: several test processes with several threads each fight over the cores.
PYTEST_ARGS ?= -n auto --maxprocesses 4 --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help install demo test lint format clean

help: ## List what can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1|/' | awk -F'|' '{printf "  make %-9s %s\n", $$1, $$2}'

install: $(STAMP) ## Create the environment and install the package into it, with what development needs

$(STAMP): pyproject.toml setup.py
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or newer found. Install one, or name it: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check -e ".[dev]"
	@$(BIN)/python -c "import cv2" || { echo "OpenCV misses a system library; on Debian or Ubuntu: apt-get install libgl1 libglib2.0-0" >&2; exit 1; }
	@touch $@

demo: $(STAMP) ## Run all tasks on a generated scene and write the pictures to outputs/demo
	$(BIN)/remotesam demo -o $(DEMO)
	@echo "The pictures are in $(abspath $(DEMO))"

test: lint ## Check style and types, then run all tests
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest $(PYTEST_ARGS)

lint: $(STAMP) ## Check style (ruff) and types (mypy)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet . || { echo "Run: make format" >&2; exit 1; }
	$(BIN)/mypy

format: $(STAMP) ## Sort imports and format the code
	$(BIN)/ruff check --fix --select I .
	$(BIN)/ruff format .

clean: ## Remove caches and build products (the environment and outputs stay)
	rm -rf build dist *.egg-info .pytest_cache .ruff_cache .mypy_cache
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
