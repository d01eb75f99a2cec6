# Needs Python 3.11 or newer and make; everything else is installed by the
# targets into virtual environments of their own, which are made once and again
# only when pyproject.toml changes.
#
#   PYTHON=...       the interpreter to use (default: the first one found that will do)
#   PYTEST_ARGS=...  more arguments for pytest
#   EXTRAS=...       extras to install for the tests (default: test)
#   PINS=...         further requirements for the tests, such as 'numpy==1.24.*'
#   VENV=...         where the tests' environment lies (default: .venv-test)

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

CANDIDATES := python3 python3.13 python3.12 python3.11 python
ifndef PYTHON
PYTHON := $(shell for p in $(CANDIDATES); do \
	$$p -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& command -v $$p && break; done)
endif

EXTRAS ?= test
PINS ?=
VENV ?= .venv-test
PYTEST_ARGS ?=
TOOLS ?=
FUZZ_ARGS ?=
BENCH_ARGS ?=
ACCEL ?=
RUN_ARGS ?=
DIR ?=
OUT ?= build/demo

# $(call made,folder,extras,pins): the stamp of an environment. Its name changes with what goes into
# it, so that another interpreter or another pin makes a new environment.
made = $(1)/made-$(firstword $(shell printf '%s' '$(PYTHON) $(2) $(3)' | cksum))

# $(call install,folder,extras,pins,stamp)
define install
	@test -n '$(PYTHON)' || { echo 'No Python 3.11 or newer with the modules venv and ensurepip was found' \
	  '(Debian and Ubuntu: apt-get install python3-venv). Name one with PYTHON=...' >&2; exit 1; }
	@echo 'making $(1) with $(PYTHON)'
	@$(PYTHON) -m venv --clear $(1)
	@$(1)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.$(2)' $(3)
	@touch $(4)
endef

COMMA := ,
DEMO_STAMP := $(call made,.venv-demo,,)
TEST_STAMP := $(call made,$(VENV),[$(EXTRAS)],$(PINS))
BENCH_STAMP := $(call made,.venv-bench,[bench],)
DEV_STAMP := $(call made,.venv-dev,[dev$(COMMA)docs$(COMMA)test],)

.PHONY: help
help: ## Show this help
	@echo 'pydcm: what make can do'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | \
	  while IFS='|' read -r name text; do printf '%-18s %s\n' "$$name" "$$text"; done
	@sed -n '/^#   /s/^# //p' $(MAKEFILE_LIST)

# --- environments -----------------------------------------------------------

$(DEMO_STAMP): pyproject.toml pydcm/_version.py
	$(call install,.venv-demo,,,$@)

$(TEST_STAMP): pyproject.toml pydcm/_version.py
	$(call install,$(VENV),[$(EXTRAS)],$(foreach pin,$(PINS),'$(pin)'),$@)

$(BENCH_STAMP): pyproject.toml pydcm/_version.py
	$(call install,.venv-bench,[bench],,$@)

$(DEV_STAMP): pyproject.toml pydcm/_version.py
	$(call install,.venv-dev,[dev$(COMMA)docs$(COMMA)test],,$@)


# --- for everybody ----------------------------------------------------------

.PHONY: demo
demo: $(DEMO_STAMP) ## Folder of DICOM (DIR=path, else a made series) to volume, montage and table
	.venv-demo/bin/python tools/demo.py $(if $(DIR),'$(DIR)') --out '$(OUT)'

.PHONY: test
test: $(TEST_STAMP) ## Run the tests
	$(VENV)/bin/python -m pytest -n auto --dist worksteal $(PYTEST_ARGS)

.PHONY: accel
accel: $(TEST_STAMP) ## Build the accelerator with cargo and install it for the tests
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps \
	  --force-reinstall ./pydcm_accel
	PYDCM_REQUIRE=accel $(VENV)/bin/python -m pydcm info

.PHONY: fuzz
fuzz: $(TEST_STAMP) ## Compare implementations on made inputs (FUZZ_ARGS='--inputs N --seed S')
	$(VENV)/bin/python -m tools.fuzz $(FUZZ_ARGS)

.PHONY: conformance
conformance: $(TEST_STAMP) ## Run the conformance cases (RUN_ARGS='--impl accel'), or compare TOOLS=pydcm,dcmtk
	$(VENV)/bin/python -m conformance $(if $(TOOLS),tools --tools '$(TOOLS)',run) $(RUN_ARGS)

.PHONY: cases
cases: $(TEST_STAMP) ## Write the conformance cases anew
	$(VENV)/bin/python -m conformance generate

.PHONY: upstream
upstream: $(TEST_STAMP) ## Run pydicom's own tests on pydcm, which fetches them (EXTRAS with peers)
	$(VENV)/bin/python -m tools.upstream $(UPSTREAM_ARGS)

.PHONY: bench
bench: $(BENCH_STAMP) $(if $(ACCEL),bench-accel) ## Compare speed with other readers in one run (ACCEL=1: the accelerator's too)
	.venv-bench/bin/python -m tools.bench $(BENCH_ARGS)

.PHONY: bench-accel
bench-accel: $(BENCH_STAMP)
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --no-deps \
	  --force-reinstall ./pydcm_accel

# --- for those who change it ------------------------------------------------

.PHONY: check
check: lint types layers sizes generated rust docs ## All that is checked besides the tests

.PHONY: lint
lint: $(DEV_STAMP) ## Lint and check the format
	.venv-dev/bin/ruff check
	.venv-dev/bin/ruff format --check

.PHONY: format
format: $(DEV_STAMP) ## Format and mend what can be mended
	.venv-dev/bin/ruff check --fix
	.venv-dev/bin/ruff format

.PHONY: types
types: $(DEV_STAMP) ## Check types
	.venv-dev/bin/mypy
	.venv-dev/bin/python -m pytest -q -p no:cacheprovider tests/typing

.PHONY: layers
layers: $(DEV_STAMP) ## Check that imports point down only
	.venv-dev/bin/python tools/check_layers.py

.PHONY: sizes
sizes: $(DEV_STAMP) ## Check the sizes of modules
	.venv-dev/bin/python tools/check_sizes.py

.PHONY: generated
generated: $(DEV_STAMP) ## Check that generated files are what their generators make
	.venv-dev/bin/python -m tools.gen_std --check
	.venv-dev/bin/python -m tools.gen_codes --check
	.venv-dev/bin/python -m tools.gen_test_data --check
	.venv-dev/bin/python -m tools.gen_codec_table --check
	.venv-dev/bin/python -m tools.gen_bids_table --check
	.venv-dev/bin/python -m tools.gen_traceability --check
	.venv-dev/bin/python -m tools.gen_surface --check
	.venv-dev/bin/python -m conformance generate --check
	.venv-dev/bin/python -m tools.gen_native_stub --check
	.venv-dev/bin/python -m tools.gen_attribute_stub --check

.PHONY: rust
rust: $(DEV_STAMP) ## Check the accelerator's source, where cargo is
	@command -v cargo >/dev/null || { echo 'cargo is not on this machine: the accelerator is not checked'; exit 0; }; \
	export PYO3_PYTHON='$(abspath .venv-dev/bin/python)'; \
	cd pydcm_accel && cargo fmt --all --check && \
	cargo clippy --quiet --locked --workspace --all-targets -- -D warnings && \
	cargo test --quiet --locked && \
	cargo fmt --check --manifest-path fuzz/Cargo.toml && \
	cargo check --quiet --locked --no-default-features --manifest-path fuzz/Cargo.toml

.PHONY: docs
docs: $(DEV_STAMP) ## Build the documentation into build/docs
	.venv-dev/bin/python -m sphinx -W --keep-going --nitpicky -q -b html docs build/docs

.PHONY: hooks
hooks: $(DEV_STAMP) ## Run the checks before each commit
	.venv-dev/bin/pre-commit install

.PHONY: clean
clean: ## Remove environments and what the targets made
	rm -rf .venv-* build dist pydcm_accel/target pydcm_accel/fuzz/target
