# The tasks of the project; the default is what the tests run.
PYTHON ?= python

.PHONY: check gazetteers lint types test unit
check: lint types test

lint:
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .

types:
	$(PYTHON) -m mypy

test:
	$(PYTHON) -m pytest -n auto

unit:
	$(PYTHON) -m pytest -n auto -m "not slow"

# Rebuilds the generated word lists and gazetteers from their source packages.
gazetteers:
	$(PYTHON) gazetteers/build/all.py
