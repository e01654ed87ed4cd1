# All targets work on a fresh machine with Python >= 3.11 and make. `make` lists them.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup demo simulator collection spec since client modules generate drift lint types pins clean test tests-without-traits as-seen strict-odata times fuzz soak bench matrix bounds bounds-of-the-wire environments environment-bounds environment-docs environment-galaxy environment-rulebook size sanity galaxy audit build docs screenshots release

# ansible-core 2.19, which the tools are pinned to, runs on Python 3.11 to 3.13.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
PY := $(BIN)/python
CODEGEN = $(PY) -m openapi.codegen
READY := .venv/.ready
# Installs into .venv: uv where there is one, in a tenth of the time of pip; pip where uv fails, since it does not read
# the settings of pip. See also release/tools.py.
UV ?= $(shell command -v uv)
OWN_UV := build/uv/bin/uv
INSTALL = install() { { test -n '$(UV)' && '$(UV)' pip install --quiet --python $(PY) "$$@" 2>/dev/null; } || \
	$(BIN)/pip install --quiet --disable-pip-version-check "$$@"; }; install
# Traits of the simulated PBXs of a run: TRAITS=as-seen, TRAITS=strict-odata, TRAITS=no-etags,drop-plus. Default: none.
WITH_TRAITS = $(if $(TRAITS),--traits=$(TRAITS))
TEST = $(BIN)/pytest -q -n $(or $(JOBS),2) --dist loadgroup
AGAIN = $(MAKE) --no-print-directory --keep-going
# One process: workers would import the tests twice.
BESIDE = $(AGAIN) JOBS=0 as-seen strict-odata times
# All tests. The sets, and the tests of dates and times, run beside the others, which wait for processes and sockets a
# quarter of the time; what they print comes last. JOBS=1 does one thing after the other.
ALL_TESTS = mkdir -p build; status=0; \
	test '$(JOBS)' = 1 || { $(BESIDE) >build/beside.txt 2>&1 & beside=$$!; }; \
	$(AGAIN) tests-without-traits || status=1; \
	if [ "$$beside" ]; then wait $$beside || status=1; cat build/beside.txt; else $(BESIDE) || status=1; fi; exit $$status
# Playbooks that users run. They are tested with the traits of real systems and with those of the specification. See
# pbx_simulator/TRAITS.md. The longest come first, so that no worker has one of them left at the end.
UNDER_BOTH := tests/collection/pages/test_docs_examples.py tests/playbook/test_config_playbooks.py tests/playbook/test_playbooks.py
# Round trips of each module. A PBX without traits is one of strict-odata that refuses less, so they pass there too.
ROUND_TRIPS := $(addprefix tests/collection/every_module/test_entities.py::test_,what_is_read_can_be_given_back \
	each_option_changes_what_it_says lists_are_added_to_and_taken_from one_is_made_of_everything_that_can_be_said) \
	tests/collection/every_module/test_settings.py::test_each_option_changes_what_it_says
# With --traits=FILE alone, which threecx doctor writes, `make test` runs what users run on such a PBX.
OTHER_ARGS = $(filter-out --traits=%,$(ARGS))
# Tests of dates and times. They run in the zone of New York, where mistakes show that UTC hides.
TIMES := $(addprefix tests/client/,calls/test_generated_models.py calls/test_runtime_odata.py \
	calls/test_runtime_operation.py sign_in/test_runtime_sign_in.py sign_in/test_token_lifetime.py \
	wire/test_runtime_retry.py) \
	$(addprefix tests/collection/,every_module/test_lists.py one_module/test_histories.py one_module/test_holidays.py \
	task/test_compare.py task/test_traps.py task/test_values.py task/test_zones_and_removals.py) \
	$(addprefix tests/config/,exporting/test_export.py files/test_checks.py files/test_loading.py) \
	tests/playbook/test_written_numbers.py tests/simulator/faults/test_fault_plan.py tests/simulator/odata/test_filter.py
COLLECTION := build/collections/ansible_collections/threecx/xapi
COLLECTION_SOURCES := $(shell find ansible_collection -type f -not -path '*/__pycache__/*' 2>/dev/null)

help: ## List the targets
	@awk -F ':.*## |^##@ ' '/^##@ / {printf "\n%s\n", $$2} /^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements-dev.txt pyproject.toml generated_client/threecx_xapi/_version.py
	@test -n "$(PYTHON)" || { echo "error: no Python from 3.11 to 3.13 found; install one, or name it: make PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "Setting up .venv with $$($(PYTHON) --version) (about a minute, once) ..."
	@$(PYTHON) -m venv .venv || { echo "error: this Python cannot create a virtual environment; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@$(INSTALL) --require-hashes -r requirements-dev.txt
	@$(INSTALL) --no-build-isolation --no-deps -e .
	@touch $@

# For `make pins`, and for the environments of .ci/run.
$(OWN_UV):
	@rm -rf build/uv && $(PYTHON) -m venv build/uv
	@build/uv/bin/pip install --quiet --disable-pip-version-check --no-compile uv==0.13.9

##@ Use

setup: $(READY) ## Create .venv with the pinned tools

demo: $(READY) collection ## Run a playbook on a simulated phone system and show each step
	@$(PY) -m tests.demo

simulator: $(READY) ## Start a simulated PBX: make simulator ARGS='--port 8443 --tls'
	@$(BIN)/threecx-simulator $(ARGS)

collection: $(COLLECTION)/MANIFEST.json

$(COLLECTION)/MANIFEST.json: $(READY) $(COLLECTION_SOURCES)
	@rm -rf build/collections
	@$(BIN)/ansible-galaxy collection build --force --output-path build/collections ansible_collection >/dev/null
	@ANSIBLE_COLLECTIONS_PATH=build/collections $(BIN)/ansible-galaxy collection install --force --no-deps --collections-path build/collections build/collections/threecx-xapi-*.tar.gz >/dev/null
	@rm -f build/collections/threecx-xapi-*.tar.gz
	@touch $@

##@ Develop

spec: $(READY) ## Write openapi/xapi-v1.yaml: make spec FROM=file|URL [CA=file]
	@$(CODEGEN) spec '$(FROM)' $(if $(CA),--ca '$(CA)')

since: $(READY) ## Write openapi/catalogue/since.yaml: make since FROM='file file ...', the documents of several releases
	@$(CODEGEN) since $(FROM)

# With FROM and INTO: for another document, into another folder. Otherwise from the committed document, in place.
OTHER = $(CODEGEN) generate '$(FROM)' '$(INTO)' $(if $(CA),--ca '$(CA)')

client: $(READY) ## Generate the client from the committed document, or for another: make client FROM=file|URL INTO=folder
	@$(if $(FROM),$(OTHER) --only client,$(CODEGEN) client)

modules: $(READY) ## Generate the modules from document and catalogue, or for another: make modules FROM=file|URL INTO=folder
	@$(if $(FROM),$(OTHER) --only modules,$(CODEGEN) modules)

generate: $(READY) ## Generate client and modules, both at once, or for another document: make generate FROM=file|URL INTO=folder [CA=file]
	@$(if $(FROM),$(OTHER),$(MAKE) --no-print-directory -j2 client modules)

drift: $(READY) ## Fail if a generated file differs from a fresh generation
	@$(CODEGEN) client --check
	@$(CODEGEN) modules --check

lint: $(READY) ## Check style, plain English, sizes and imports of hand-written files: ruff, codespell, import-linter
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/codespell .
	@$(PY) -m tests.style
	@mkdir -p build; $(BIN)/lint-imports --no-cache >build/imports.txt || { cat build/imports.txt; exit 1; }

types: $(READY) ## Run mypy --strict on all code, generated code included
	@$(BIN)/mypy docs openapi generated_client pbx_as_code pbx_simulator release tests \
		$(addprefix ansible_collection/plugins/,action doc_fragments filter inventory lookup module_utils plugin_utils) \
		ansible_collection/extensions/eda/plugins/event_source

pins: $(OWN_UV) ## Pin the requirements in requirements-*.in with hashes: make pins [ARGS=--upgrade]
	@mkdir -p build/pins
	@for name in dev galaxy docs rulebook; do \
	  cp requirements-$$name.txt build/pins/$$name.txt && \
	  $(OWN_UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	    --no-emit-index-url $(ARGS) requirements-$$name.in -o build/pins/$$name.txt && \
	  { echo "# Exact pins of requirements-$$name.in for every platform and Python from 3.11 on, with the hashes of all files of"; \
	    echo "# each release, written by \`make pins\`; do not edit."; cat build/pins/$$name.txt; } > build/pins/requirements.txt && \
	  mv build/pins/requirements.txt requirements-$$name.txt || exit 1; \
	done

clean: ## Remove all files that make has created
	rm -rf .venv .venvs build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

##@ Prove

test: $(READY) collection ## Run the tests (JOBS=2 at a time), playbooks, role, examples and round trips under both sets of traits; make test ARGS='...' runs pytest once, ARGS=--traits=traits.yml playbooks and round trips on such a PBX
	@$(if $(ARGS),$(TEST) $(ARGS) $(if $(OTHER_ARGS),,$(UNDER_BOTH) $(ROUND_TRIPS)),:)
	@$(if $(ARGS),:,$(ALL_TESTS))

# Tests that wait for other processes come first, while the sets and CI's other stages use the processor.
tests-without-traits: $(READY) collection
	@$(TEST) tests/playbook tests $(addprefix --ignore=,$(UNDER_BOTH) $(TIMES)) $(addprefix --deselect=,$(ROUND_TRIPS))

as-seen strict-odata: $(READY) collection
	@echo "== $@"
	@$(TEST) --traits=$@ $(UNDER_BOTH) $(ROUND_TRIPS)

times: $(READY) collection ## Run the tests of dates and times as on a machine in New York
	@echo "== in the time zone of New York"
	@TZ=America/New_York $(TEST) $(ARGS) $(TIMES)

fuzz: $(READY) collection ## Try random input on modules, client and role: make fuzz MINUTES=10 TRAITS=as-seen
	@$(PY) -m tests.fuzz $(or $(MINUTES),10) $(WITH_TRAITS) $(ARGS)

soak: $(READY) collection ## Run the fault tests on every module, state and request, 10,000 tasks under stress, 40 kills, an export of 10,000 users: an hour with JOBS=2 [TRAITS=strict-odata]
	@THREECX_SOAK=1 $(BIN)/pytest -q -n $(or $(JOBS),2) --dist loadgroup $(WITH_TRAITS) tests/faults tests/config/exporting/test_first_contact.py tests/openapi/test_other_documents.py tests/simulator/odata/test_schemathesis.py $(ARGS)

bench: $(READY) collection ## Measure performance against the alternatives: make bench ARGS='import client'
	@$(PY) -m tests.bench $(ARGS)

matrix: $(READY) collection ## Run the playbook tests on all ansible-cores and Pythons found, and those of each 3CX: make matrix [ARGS="2.19/3.12 3cx"]
	@$(PY) -m tests.matrix $(ARGS)

bounds: $(READY) ## Run the client's tests with the lowest supported releases of its dependencies
	@$(PY) -m tests.bounds $(ARGS)

# Releases of the dependencies can change only the requests on the wire.
bounds-of-the-wire: $(READY)
	@echo "== with the lowest releases of the dependencies"
	@$(PY) -m tests.bounds -n $(or $(JOBS),2) -k 'runtime_network or runtime_retry or runtime_paging or generated_wire'

# Environments of `make bounds`, `make docs`, `make galaxy` and `make build`, which those create otherwise.
environments: environment-bounds environment-docs environment-galaxy environment-rulebook

environment-bounds:
	@$(PYTHON) -c 'from tests import bounds; bounds.prepare()'

environment-docs environment-galaxy environment-rulebook:
	@$(PYTHON) -c 'from release import tools; tools.prepare("$(@:environment-%=%)")'

size: $(READY) ## Count lines per part, hand-written and generated
	@$(PY) -m tests.size

##@ Release

docs: $(READY) collection ## Build the documentation into build/docs/html, offline: make docs [SAMPLE=1: pages of a few modules]
	@$(PY) -m docs.tools $(if $(SAMPLE),--sample)

screenshots: $(READY) ## Take the pictures of the documentation again; needs Chromium
	@$(PY) -m docs.tools.screenshots

sanity: $(READY) ## Run all sanity tests of ansible-test, without ignore entries: make sanity [SAMPLE=1: some on a part of the modules]
	@$(PY) -m tests.sanity $(if $(SAMPLE),--sample)

galaxy: $(READY) ## Run the checks of Ansible Galaxy: changelog, ansible-lint, execution environment, galaxy-importer
	@$(PY) -m tests.galaxy $(ARGS)

audit: $(READY) ## Report known vulnerabilities of the pins, if the network allows it
	@$(PY) -m tests.audit

build: $(READY) ## Build wheel, sdist, the collection's tarball and checksums into build/dist: make build [ARGS=--sbom]
	@$(PY) -m release build $(ARGS)

release: $(READY) ## Prepare a release, ready to be tagged: make release VERSION=1.2.3 [ARGS=--dry-run]
	@$(PY) -m release prepare '$(VERSION)' $(ARGS)
