.DEFAULT_GOAL := help
.PHONY: help setup up demo down kafka test paths test-servers test-faults lint manifests format lock notes sbom

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
T ?= tests

##@ Run

demo: setup ## Play the granted case and every refusal, and show every step and message
	$(BIN)/egov demo

up: setup ## Start the whole stand in this terminal (Ctrl-C stops it)
	$(BIN)/egov up

down: setup ## Stop a stand that was started elsewhere
	$(BIN)/egov down

kafka: setup ## Start a real Kafka node on port 9092 (needs Java 17 and Maven; Ctrl-C stops it)
	$(BIN)/python -m deploy.kafka.node

##@ Check

test: setup ## Run the tests but the slow ones (benchmark runs); T=tests/unit/web narrows them
	$(BIN)/python -m pytest -n auto -m "not slow" $(T)

test-faults: setup ## Let parts of a stand of real servers fail; nothing may be lost or doubled (EGOV_FAULTS="--each 3")
	$(BIN)/python -m pytest --servers tests/faults

test-servers: setup ## Run the tests with real Kafka and PostgreSQL, which they start themselves
	$(BIN)/python -m pytest -n 2 --servers -m "(kafka or postgres) and not slow" $(T)

paths: setup ## Run every path of every regulation on a stand of its own, and judge it (test does one of each regulation and channel)
	$(BIN)/egov paths

lint: setup ## Style, types and import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

manifests: ## Build the Kubernetes manifests and score them (needs Go, which builds kustomize and kube-score)
	deploy/kubernetes/check.sh

format: setup ## Rewrite the sources in our style
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

notes: setup ## Make the tables of docs/regulation-notes.md and docs/security.md anew, from the regulations and the routes
	@$(BIN)/egov regulations --notes > .notes.tmp && sed -i '/^| Regulation/,$$d' docs/regulation-notes.md \
		&& cat .notes.tmp >> docs/regulation-notes.md && rm .notes.tmp
	@$(BIN)/egov routes --markdown > .notes.tmp && sed -i '/^### Every service/,$$d' docs/security.md \
		&& cat .notes.tmp >> docs/security.md && rm .notes.tmp

##@ Environment

setup: $(STAMP) ## Make .venv with exactly the locked packages (once)

lock: ## Resolve the dependencies anew and write both locks with hashes
	$(BIN)/pip-compile $(PIP_COMPILE) --output-file requirements.lock pyproject.toml
	$(BIN)/pip-compile $(PIP_COMPILE) --extra dev --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml

sbom: setup ## List the packages that the services run on, with licences, in var/sbom.cdx.json (CycloneDX)
	@rm -rf var/sbom && $(PYTHON) -m venv --without-pip var/sbom
	@$(BIN)/python -m pip --python var/sbom/bin/python install --quiet --disable-pip-version-check --require-hashes \
		-r requirements.lock || { $(WITHOUT_NETWORK); exit 1; }
	@$(BIN)/cyclonedx-py environment --pyproject pyproject.toml --mc-type application --output-reproducible \
		--output-file var/sbom.cdx.json var/sbom/bin/python
	@rm -rf var/sbom; echo "var/sbom.cdx.json"

help: ## This list
	@awk 'BEGIN {FS = ":.*## "} /^##@ / {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

PIP_COMPILE := --quiet --generate-hashes --allow-unsafe --strip-extras --no-header --no-annotate --no-emit-index-url \
	--no-emit-trusted-host --no-emit-find-links

define WITHOUT_NETWORK
printf '%s\n' "" "The locked packages are not all to be had; the line above that begins with ERROR names the first one missing." \
	"The set-up needs a package index once, and nothing afterwards. Where there is no network, bring the packages along:" \
	"  elsewhere:  python3 -m pip download --dest wheels -r requirements-dev.lock   (same system and Python)" \
	"  here:       PIP_NO_INDEX=1 PIP_FIND_LINKS=wheels make setup" >&2
endef

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
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock || { $(WITHOUT_NETWORK); exit 1; }
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
