# `make` lists the targets; each is one module in scripts/ or one well-known tool.
PYTHON ?= python3
PORT ?= 4010
BIN := .venv/bin
# The targets and the tests start many Python processes; without cached bytecode each compiles every module again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo quick test test-deep generate check diff drill conformance contract mutants format mock bench bench-client bench-mock docs build release publish verify changelog lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/installed ## Create .venv from the hash-pinned lock

.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name it by PYTHON=...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check --require-hashes --no-deps --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup generate ## Set up, start the mock, make the documented call and show the Run
	@$(BIN)/python -m scripts.demo

quick: setup ## Run the tests for your changes since the last commit, in less than 30 seconds
	@$(BIN)/python -m scripts.quick

test: setup ## Run all tests in parallel and check the coverage of src/; ARGS= goes to pytest
	@$(BIN)/python -m scripts.test $(ARGS)

test-deep: setup ## Run the property tests with more examples and new seeds for SECONDS (default 600); SEED= is the first
	@$(BIN)/python -m scripts.deep $(if $(SECONDS),--seconds $(SECONDS)) $(if $(SEED),--seed $(SEED))

generate: setup ## Generate the client from openapi.yaml into generated/
	@$(BIN)/python -m scripts.generate

check: setup ## Lint the spec, check drift, formatting, lint and types, and run `make diff`; BASE=
	@$(BIN)/python -m scripts.check --base "$(BASE)"

diff: setup ## Judge what changed in openapi.yaml since the last release; BASE=, HEAD=, FORMAT=, FAIL_ON=, RULES=1
	@$(BIN)/python -m scripts.diff --base "$(BASE)" --head "$(HEAD)" --format "$(or $(FORMAT),text)" \
	  --fail-on "$(or $(FAIL_ON),breaking)" $(if $(RULES),--rules)

drill: setup ## Rehearse changes of openapi.yaml in clones of the repository
	@$(BIN)/python -m scripts.drill

conformance: setup ## Judge a server: the mock, or BASE_URL= THREAD_ID= RUN_ID= (key: OPENAI_API_KEY)
	@$(BIN)/python -m scripts.conformance

contract: conformance ## The same as make conformance

mutants: setup ## Test the conformance suite with wrong servers; SOURCE=1: with mutants of their source
	@$(BIN)/python -m scripts.mutants

format: setup ## Format and fix hand-written code
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: bench-client bench-mock ## Measure the client and the mock

bench-client: setup ## Compare a call with raw httpx, the stock generated client and the vendor's SDK
	@$(BIN)/python -m scripts.bench_client

mock: setup ## Start the mock server on PORT (default 4010)
	@$(BIN)/thread-runs-mock --port $(PORT)

bench-mock: setup ## Compare the mock with others, with up to a million runs, and in a thread or a process
	@$(BIN)/python -m scripts.bench_mock
	@$(BIN)/python -m scripts.bench_serve

docs: setup ## Build the documentation site in build/site
	@$(BIN)/python -m scripts.docs

build: setup ## Build wheel and sdist into dist/
	@rm -rf dist
	@$(BIN)/python -m hatchling build --directory dist

release: setup ## Write the section of CHANGELOG.md for the stated version, commit it, tag it
	@$(BIN)/python -m scripts.release

publish: setup ## Check, build and upload the tagged commit to INDEX_URL; credentials come from UV_PUBLISH_...
	@$(BIN)/python -m scripts.publish "$(INDEX_URL)" $(if $(SIMPLE_URL),--simple-url "$(SIMPLE_URL)")

verify: setup ## Compare VERSION= on an index (SIMPLE_URL=) or in a folder (FILES=) with what its tag builds
	@$(BIN)/python -m scripts.verify "$(VERSION)" $(if $(SIMPLE_URL),--simple-url "$(SIMPLE_URL)") \
	  $(if $(FILES),--files "$(FILES)")

changelog: setup ## Write what changed between two releases; BASE=, HEAD=
	@$(BIN)/python -m scripts.diff --base "$(BASE)" --head "$(HEAD)" --format changelog --fail-on none

lock: setup ## Pin all dependencies by hash; UPGRADE=1 upgrades them
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header --no-emit-index-url \
	  $(if $(UPGRADE),--upgrade) --python-version 3.11 --all-extras --group dev pyproject.toml --output-file requirements.lock

clean: ## Remove everything that can be rebuilt
	find generated scripts src tests -name __pycache__ -prune -exec rm -rf {} +
	rm -rf .venv build dist .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache .schemathesis
