.DEFAULT_GOAL := help
.PHONY: help setup up demo down test lint format lock

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
T ?= tests

##@ Run

demo: setup ## Play one application from the portal to the signed result and show every message
	$(BIN)/egov demo

up: setup ## Start the whole stand in this terminal (Ctrl-C stops it)
	$(BIN)/egov up

down: setup ## Stop a stand that was started elsewhere
	$(BIN)/egov down

##@ Check

test: setup ## Run the tests but the slow ones (benchmark runs); T=tests/unit/web narrows them
	$(BIN)/python -m pytest -n auto -m "not slow" $(T)

lint: setup ## Style, types and import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup ## Rewrite the sources in our style
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

##@ Environment

setup: $(STAMP) ## Make .venv with exactly the locked packages (once)

lock: ## Resolve the dependencies anew and write both locks with hashes
	$(BIN)/pip-compile $(PIP_COMPILE) --output-file requirements.lock pyproject.toml
	$(BIN)/pip-compile $(PIP_COMPILE) --extra dev --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml

help: ## This list
	@awk 'BEGIN {FS = ":.*## "} /^##@ / {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

PIP_COMPILE := --quiet --generate-hashes --allow-unsafe --strip-extras --no-header --no-annotate --no-emit-index-url \
	--no-emit-trusted-host --no-emit-find-links

# The stamp is written last: an interrupted set-up is taken up again. Some systems ship Python without ensurepip; then
# the venv is made bare and the system's own pip fills it.
$(STAMP): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version.split()[0])'
	@rm -f $@
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { rm -rf .venv; $(PYTHON) -m venv --without-pip .venv; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip --upgrade >/dev/null 2>&1 \
		|| $(PYTHON) -m pip --python $(BIN)/python install --quiet pip \
		|| { echo "Python has no pip: install the packages python3-venv and python3-pip"; exit 1; }
	@echo "Installing the locked packages into .venv (once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
