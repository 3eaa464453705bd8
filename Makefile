# Every target makes what it needs: a virtual environment in .venv, and in it the
# extra of pyproject.toml that the target names. Installing runs again only when
# pyproject.toml or the C sources have changed. Another interpreter: `make test PYTHON=python3.12`.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# The first Python of 3.11 or newer; 3.11 leads, as PyTorch is the tests' reference there.
CANDIDATES := python3.11 python3 python3.12 python3.13 python3.14 python
RECENT := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in $(CANDIDATES); do \
	if $$p -c '$(RECENT)' 2>/dev/null; then echo $$p; break; fi; done)
VENV ?= .venv
RUN := $(VENV)/bin/python
PIP := $(RUN) -m pip -qq --disable-pip-version-check
NATIVE := $(wildcard torchlike/_native/*.[ch] torchlike/_kernels/*.[ch])
TESTS ?= tests
SAMPLE ?= 10
WORKERS ?= 2
PYTEST := $(RUN) -m pytest -n $(WORKERS) --dist worksteal $(PYTEST_ARGS)

.PHONY: help demo ecosystem test test-fast test-every test-numpy bench parity coverage lint format clean

help: ## show the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

demo: $(VENV)/.demo ## train on handwritten digits: an unmodified `import torch` script
	@$(RUN) -m torchlike examples/digits.py --out demo $(ARGS)

test: $(VENV)/.test ## run all tests
	@$(PYTEST) $(TESTS)

test-fast: $(VENV)/.test ## run the tests not marked slow
	@$(PYTEST) -m "not slow" $(TESTS)

# Of tests with very many cases each tenth, of the whole programs each fourth; SAMPLE=1
# runs them all, an hour long.
test-every: $(VENV)/.test ## run the tests with a flush after every operation
	@TORCHLIKE_FLUSH=every $(PYTEST) -m "not slow" --sample $(SAMPLE) $(TESTS)

NUMPY := tests/ops tests/nn tests/autograd tests/distributions tests/func

test-numpy: $(VENV)/.test ## run a sample of the tests of operations by NumPy, as new traces may
	@$(PYTEST) -m "not slow" --by-numpy --sample $(SAMPLE) $(NUMPY)

bench: $(VENV)/.test ## measure torchlike beside PyTorch and hand-written JAX
	@$(RUN) -m benchmarks $(ARGS)

parity: $(VENV)/.test ## compare with PyTorch's own tables of tests (an hour or more)
	@for table in ops modules optimizers; do \
		if [ -f tests/parity/$$table.py ]; then \
			$(RUN) -m tests.parity $$table --jobs $(WORKERS) --quiet $(ARGS) || true; \
		fi; done
	@$(RUN) -m tests.parity summary
	@$(RUN) -W ignore -m tests.parity.coverage

coverage: $(VENV)/.test ## write docs/coverage.md: names there, passes of the last sweep
	@$(RUN) -W ignore -m tests.parity.coverage

ecosystem: $(VENV)/.test ## run packages of the PyTorch ecosystem; write docs/ecosystem.md
	@$(RUN) -m tests.ecosystem $(ARGS)

lint: $(VENV)/.dev ## check style and formatting
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check --quiet . || \
		{ echo "not formatted: run 'make format'"; exit 1; }

format: $(VENV)/.dev ## format the code
	@$(RUN) -m ruff format --quiet .
	@$(RUN) -m ruff check --fix .

clean: ## remove the virtual environment and everything made
	rm -rf $(VENV) demo build dist *.egg-info .pytest_cache .ruff_cache

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || \
		{ echo "torchlike needs Python 3.11 or newer on the PATH"; exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.demo: EXTRA := demo
$(VENV)/.test: EXTRA := test
$(VENV)/.dev: EXTRA := dev

$(VENV)/.demo $(VENV)/.test $(VENV)/.dev: pyproject.toml $(NATIVE) | $(VENV)/bin/python
	@echo "Installing torchlike[$(EXTRA)] into $(VENV)"
	@$(PIP) install --editable '.[$(EXTRA)]'
	@touch $@
