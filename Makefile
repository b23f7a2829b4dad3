# Lendloom from a fresh machine: every target sets up what it needs. It takes Python 3.11, Node.js 20.19 for the
# web application, and a network once.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
ARGS ?=
# A test run starts a hundred processes: what one has compiled is kept for the others.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help setup run web types screens test bench soak check check-python check-web node-modules lock clean chromium

help: ## Say what can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

setup: $(INSTALLED) ## Create .venv and install what requirements.lock pins

run: $(INSTALLED) ## Start everything for a demonstration on http://127.0.0.1:8080 (LENDLOOM_PORT=...)
	@$(BIN)/python web/build.py --if-possible
	@LENDLOOM_PROFILE="$${LENDLOOM_PROFILE:-demo}" exec $(BIN)/lendloom up $(ARGS)

web: $(INSTALLED) ## Build the web application, where its sources have changed
	$(BIN)/python web/build.py

types: $(INSTALLED) ## Write the web application's types from the API as it is
	$(BIN)/python web/build.py types

test: $(INSTALLED) web chromium ## Run all tests (ARGS='tests/unit -k feel')
	$(if $(ARGS),,$(BIN)/python web/build.py test)
	$(if $(ARGS),$(BIN)/pytest $(ARGS),$(BIN)/python -m tests)

screens: $(INSTALLED) web chromium ## Take the pictures of every page anew, into docs/screens
	@rm -f docs/screens/*.png
	LENDLOOM_SCREENS=$(CURDIR)/docs/screens $(BIN)/pytest tests/browser
	@du -sh docs/screens

chromium:
	@command -v chromium-headless-shell >/dev/null || command -v chromium >/dev/null || sh web/chromium.sh

bench: $(INSTALLED) ## Measure the workloads W1..W4, write var/bench.json (ARGS=--big)
	$(BIN)/python -m benchmarks $(ARGS)

soak: $(INSTALLED) ## Run the crash test for long, then watch memory (MINUTES=10, ARGS='--seed 1')
	$(BIN)/python -m benchmarks.soak $(or $(MINUTES),10) $(ARGS)

check: ## Lint, types, the import contract, and the web application's types
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target --keep-going check-python check-web

check-python: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports

check-web: $(INSTALLED) node-modules
	$(BIN)/python web/build.py check

# Beside the set-up of .venv, which it does not need.
node-modules:
	@$(PYTHON) web/build.py install

lock: ## Pin anew what setup.cfg asks for, with hashes
	$(PYTHON) -m venv var/lock-venv
	var/lock-venv/bin/pip install --quiet pip-tools
	CUSTOM_COMPILE_COMMAND="make lock" PIP_FIND_LINKS= var/lock-venv/bin/pip-compile setup.cfg --extra dev \
		--generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-trusted-host \
		--quiet --output-file requirements.lock

clean: ## Remove .venv and caches; data under var/ stay
	rm -rf $(VENV) web/node_modules api/static .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis *.egg-info

$(INSTALLED): requirements.lock setup.cfg
	@command -v $(PYTHON) >/dev/null || { \
		echo "Python 3.11 is missing: apt-get install python3.11 python3.11-venv, or make PYTHON=/path/to/python3.11"; \
		echo "缺少 Python 3.11：请执行 apt-get install python3.11 python3.11-venv，或用 make PYTHON=路径 指定。"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { \
		echo "$(PYTHON) is not Python 3.11; choose one with make PYTHON=/path/to/python3.11"; \
		echo "$(PYTHON) 不是 Python 3.11；请用 make PYTHON=路径 指定。"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "Python's venv is missing (Debian packs it apart): apt-get install python3.11-venv"; \
		echo "缺少 Python 的 venv 模块（Debian 单独打包）：请执行 apt-get install python3.11-venv"; exit 1; }
	@echo "Setting up $(VENV) ... / 正在准备 $(VENV)……"
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -e .
	@# What is used is compiled once here, not by each process at its first start; what is not used, never.
	@$(BIN)/python -c 'import api.app, server.cli'
	@touch $@
