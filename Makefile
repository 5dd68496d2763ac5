# Doorstep 家门口. Two commands matter: `make run` and `make test`; nothing needs to be set up before them.

HOST = 127.0.0.1
PORT = 8000

PYTHON = .venv/bin/python
PIP_INSTALL = $(PYTHON) -m pip install --quiet --disable-pip-version-check
NO_INSTALL = { echo "Could not install: the lines above say why. It needs a way to the internet, once." >&2; exit 1; }

export PYTHONPATH = $(CURDIR):$(CURDIR)/site

.PHONY: help run setup setup-dev test test-long lint bench screenshots
.DELETE_ON_ERROR:

help:
	@echo "make run          start the site at http://$(HOST):$(PORT) (HOST=… PORT=… to change)"
	@echo "make test         run all tests, on SQLite and on PostgreSQL"
	@echo "make test-long    what that holds in short form, with full counts: faults, random inputs"
	@echo "make lint         check style and types"
	@echo "make bench        measure what the README claims"
	@echo "make screenshots  take the pictures in the README, and every kind of page for review"
	@echo "make setup        install only"

run: export DJANGO_SETTINGS_MODULE = config.settings.dev
# Listening on another address than this machine's own means being called by that name.
run: export ALLOWED_HOSTS ?= $(if $(filter 0.0.0.0 ::,$(HOST)),*,$(HOST))
run: setup
	@$(PYTHON) -c 'import socket, sys; socket.create_server((sys.argv[1], int(sys.argv[2]))).close()' \
	    '$(HOST)' '$(PORT)' 2>/dev/null || { \
	    echo "Cannot listen on $(HOST):$(PORT). Another program may be using it." >&2; \
	    echo "Choose another port, for example: make run PORT=8001" >&2; exit 1; }
	@$(PYTHON) manage.py migrate --verbosity 0
	@$(PYTHON) manage.py load_demo
	@echo "Doorstep 家门口: http://$(HOST):$(PORT)  editors: http://$(HOST):$(PORT)/admin/  Ctrl-C ends it."
	@exec $(PYTHON) -m config.serve --host '$(HOST)' --port '$(PORT)'

# A copy of the requirements beside the installed packages tells whether they still match.
setup: $(PYTHON)
	@cmp -s requirements.txt .venv/requirements.txt || { \
	    echo "Installing what Doorstep is built on (takes a minute or two, once)…"; \
	    $(PIP_INSTALL) -r requirements.txt || $(NO_INSTALL); \
	    cp requirements.txt .venv/requirements.txt; }

setup-dev: setup
	@cat requirements.txt requirements-dev.txt | cmp -s - .venv/requirements-dev.txt || { \
	    echo "Installing the tools for tests…"; \
	    $(PIP_INSTALL) -r requirements-dev.txt || $(NO_INSTALL); \
	    cat requirements.txt requirements-dev.txt > .venv/requirements-dev.txt; }

# Runs only when .venv is missing or its Python is gone; takes the newest Python that can make one.
$(PYTHON):
	@able=; bare=; \
	for python in python3.13 python3.12 python3.11 python3; do \
	    $$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null || continue; \
	    if $$python -c 'import ensurepip, venv' 2>/dev/null; then able=$$python; break; fi; \
	    bare=$$python; \
	done; \
	if [ -z "$$able$$bare" ]; then \
	    echo "Doorstep needs Python 3.11, 3.12 or 3.13, and found none of them." >&2; \
	    echo "On Debian or Ubuntu: apt install python3 python3-venv" >&2; exit 1; fi; \
	if [ -z "$$able" ]; then \
	    echo "Your $$bare cannot make a virtual environment: its venv part is not installed." >&2; \
	    echo "On Debian or Ubuntu: apt install python3-venv" >&2; exit 1; fi; \
	echo "Making .venv with $$able…"; \
	$$able -m venv --clear .venv

test: setup-dev
	@$(PYTHON) -m tests.run

test-long: setup-dev
	@$(PYTHON) -m tests.run --long

lint: setup-dev
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy

bench: setup-dev
	@$(PYTHON) benchmarks/run.py

screenshots: setup-dev
	@$(PYTHON) -m tests.screenshots
