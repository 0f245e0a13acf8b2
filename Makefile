# Dolbom Dispatch. `make` alone lists what there is. Everything made is under .dolbom; `make clean` removes it.

PYTHON ?= python3
VENV_PYTHON := .dolbom/venv/bin/python
DAY ?= busy
SEED ?= 1
FORMAT ?=
FILE ?=
BUDGET_S ?= 5
DIR ?=
POLICY ?= ours
# Where the ports are: PORT_BASE=20000 moves all five, API_PORT=8081 (BROKER_, CONTROLLER_, REDIS_, WORLD_PORT) one.
export PORT_BASE BROKER_PORT CONTROLLER_PORT REDIS_PORT API_PORT WORLD_PORT
# The compiled parts of routing/, kept from run to run.
export NUMBA_CACHE_DIR ?= $(CURDIR)/.dolbom/numba

RUN_OPTIONS := --day "$(DAY)" $(if $(SPEED),--speed $(SPEED)) --seed $(SEED) $(if $(filter-out 0,$(HEADLESS)),--headless) \
	$(if $(STATE),--state "$(STATE)") $(if $(filter-out 0,$(KEEP)),--keep) $(if $(filter-out 0,$(NO_WORLD)),--no-world)

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run check test test-nightly bench bench-routing bench-solve bench-meal-day lock clean

help:
	@$(PYTHON) -m deploy.local.texts make_help

# stdout of `make run` belongs to the run (headless: its last line is the result)
setup:
	@$(PYTHON) -m deploy.local.setup 1>&2

setup-dev:
	@$(PYTHON) -m deploy.local.setup --dev --browser 1>&2

# The planner's kernels are compiled here once for each state of their sources (about a minute), not in the first solve.
KERNELS := .dolbom/numba/compiled
$(KERNELS): $(wildcard routing/*.py routing/kernel/*.py routing/coupled/*.py) deploy/requirements/run.txt | setup
	@$(VENV_PYTHON) -m deploy.local.compile 1>&2
	@mkdir -p $(@D) && touch $@

run: setup $(KERNELS)
	@exec $(VENV_PYTHON) -m deploy.local.run $(RUN_OPTIONS)

check: setup-dev
	.dolbom/venv/bin/ruff check .
	.dolbom/venv/bin/lint-imports
	.dolbom/venv/bin/mypy

# Three lanes, a file to a lane: a day in lock-step and one with kills leave a second core idle.
TEST_LANES ?= 3
# By night as many, and what only computes first: it fills two lanes for most of the night, while in the third processes are
# killed and waited for.
NIGHTLY_LANES ?= 3
NIGHTLY_ORDER := $(addprefix tests/,property chaos integration replay contract unit browser)
IN_LANES = --dist loadfile --no-loadscope-reorder

test: check $(KERNELS)
	$(VENV_PYTHON) -m pytest -m "not nightly" -n $(TEST_LANES) $(IN_LANES)

test-nightly: setup-dev $(KERNELS)
	$(VENV_PYTHON) -m pytest -m nightly -n $(NIGHTLY_LANES) $(IN_LANES) $(NIGHTLY_ORDER)

bench: setup-dev $(KERNELS)
	$(VENV_PYTHON) -m tests.benchmark

bench-routing: setup-dev $(KERNELS)
	$(VENV_PYTHON) -m tests.benchmark.routing $(if $(SETS),--sets "$(SETS)") $(if $(SEEDS),--seeds "$(SEEDS)") \
		$(if $(BUDGETS),--budgets "$(BUDGETS)") $(if $(LANES),--lanes "$(LANES)") $(if $(EVERY),--every "$(EVERY)") \
		$(if $(STOP_AFTER_S),--stop-after-s "$(STOP_AFTER_S)")

# stdout of these two is one JSON line
bench-solve: setup $(KERNELS)
	@$(VENV_PYTHON) -m tests.benchmark.routing.solve_one --format "$(FORMAT)" --file "$(FILE)" --budget-s "$(BUDGET_S)" --seed "$(SEED)"

bench-meal-day: setup $(KERNELS)
	@$(VENV_PYTHON) -m tests.benchmark.meal_days.one_day --dir "$(DIR)" --policy "$(POLICY)"

# uv is a tool of this target only; it writes no registry's address into the lists
UV = .dolbom/tools/bin/uv
COMPILE = $(UV) pip compile pyproject.toml --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-header --no-emit-index-url
lock:
	@test -x $(UV) || { $(PYTHON) -m venv .dolbom/tools && .dolbom/tools/bin/pip install --quiet uv; }
	$(COMPILE) --output-file deploy/requirements/run.txt
	$(COMPILE) --extra dev --constraint deploy/requirements/run.txt --output-file deploy/requirements/dev.txt

clean:
	@$(PYTHON) -m deploy.local.setup --clean
	@find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
