# The tasks of the project; the default is what the tests run.
PYTHON ?= python

.PHONY: check docs fuzz gazetteers lint site types test unit
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

# Runs the commands of the guide and of the README's picture, and writes what they give now into the pages.
docs:
	$(PYTHON) docs/replay.py
	$(PYTHON) docs/picture.py

# The documentation site. A warning fails it, and so does a link that leads nowhere.
SITE ?= build/site
site:
	$(PYTHON) -m sphinx --quiet --builder html --nitpicky --fail-on-warning --keep-going --fresh-env \
		--doctree-dir $(SITE).doctrees docs $(SITE)

# Rebuilds the generated word lists and gazetteers from their source packages.
gazetteers:
	$(PYTHON) gazetteers/build/all.py

# Many more random files and texts than the tests read; what is found can be had again by its number.
fuzz:
	$(PYTHON) tests/mutations.py --files 50000
	$(PYTHON) tests/random_texts.py --texts 300000
