# make help says what there is. Every target builds .venv first when it is missing or older than the lock; make federated
# has an environment of its own, because Flower is heavy and .venv stays what the tests have measured.

SHELL := bash
.DEFAULT_GOAL := help

BIN := .venv/bin
INSTALLED := .venv/.installed
FLOWER_INSTALLED := .venv-federated/.installed

# what make reports runs: make reports DATA=public PROFILE=full SEEDS=0-4 CORES=8
DATA = embedded
PROFILE = quick
SEEDS = 0
CORES =

# arguments of pytest: make test TESTS="tests/data -k phantom"
TESTS =

# arguments of medlab federated: make federated FEDERATED="--dataset uci-heart --rounds 40"
FEDERATED =

.PHONY: help reports test lab data federated record check lock clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

reports: $(INSTALLED)  ## run the notebooks that changed and build reports/index.html (DATA, PROFILE, SEEDS, CORES)
	@$(BIN)/medlab run --data $(DATA) --profile $(PROFILE) --seeds $(SEEDS) $(if $(CORES),--cores $(CORES))

test: $(INSTALLED)  ## all tests, linters and layers included (TESTS: arguments of pytest)
	@$(BIN)/python -m pytest $(TESTS)

lab: $(INSTALLED)  ## open JupyterLab in notebooks/
	@cd notebooks && exec ../$(BIN)/jupyter lab

data: $(INSTALLED)  ## get the public datasets (network, or a mirror in MEDLAB_MIRROR)
	@$(BIN)/medlab fetch --public

federated: $(FLOWER_INSTALLED)  ## four hospitals train one network over a real network, with Flower (FEDERATED: arguments)
	@.venv-federated/bin/medlab federated $(FEDERATED)

record: $(INSTALLED)  ## run workflow/record.yaml (hours, resumable), then write reports/results.json and the README's table
	@$(BIN)/medlab run --table workflow/record.yaml $(if $(CORES),--cores $(CORES))
	@$(BIN)/medlab record

check: $(INSTALLED)  ## check the notebooks without running them
	@$(BIN)/medlab check

lock:  ## resolve every version again (needs uv and a package index)
	@command -v uv > /dev/null || { echo "make lock needs uv: https://docs.astral.sh/uv" >&2; exit 2; }
	@set -eu; options="--quiet --universal --generate-hashes --no-header --no-emit-find-links --no-annotate --python-version 3.11"; \
	uv pip compile $$options --extra test pyproject.toml -o requirements.lock; \
	uv pip compile $$options --all-extras -c requirements.lock pyproject.toml -o requirements-extras.lock
	@echo "now bring the pins of environment.yml in line; make test compares them"

clean:  ## remove both environments, caches and what Snakemake remembers; data and reports stay
	@rm -rf .venv .venv-federated .snakemake .pytest_cache .ruff_cache .import_linter_cache

# The marker is written last, so an installation that broke off is done again. A virtual environment of the right Python
# is kept: pip changes what differs from the lock. The lock is complete, so pip has no dependencies to look for; pip 23 would
# not find in it what Flower asks for with an extra (sqlalchemy[asyncio]).
IS_311 := -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))'

$(INSTALLED): requirements.lock pyproject.toml
$(FLOWER_INSTALLED): requirements-extras.lock pyproject.toml

$(INSTALLED) $(FLOWER_INSTALLED):
	@set -eu; found=; \
	for python in "$${PYTHON:-}" python3.11 python3 python; do \
	  if [ -n "$$python" ] && "$$python" $(IS_311) 2> /dev/null; then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	  echo "medlab needs Python 3.11 and found none: install it, or say make PYTHON=/path/to/python3.11" >&2; exit 2; \
	fi; \
	echo "installing medlab into $(@D) ($$("$$found" --version); minutes the first time)"; \
	$(@D)/bin/python $(IS_311) 2> /dev/null || "$$found" -m venv --clear $(@D); \
	export PIP_DISABLE_PIP_VERSION_CHECK=1; \
	$(@D)/bin/python -m pip install -qq --require-hashes --no-deps -r $<; \
	$(@D)/bin/python -m pip install -qq --no-deps --no-build-isolation -e .; \
	touch $@
