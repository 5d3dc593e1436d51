# Everything a person or CI does here. Bare `make` prints the targets.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

BIN := .venv/bin
JOBS ?= auto
PYTEST_ARGS ?=
COVERAGE := --cov --cov-report term
SOURCES := app.py chalicelib tools tests

COMPILE := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-strip-extras --custom-compile-command "make lock"
# Bytecode is made for what is imported, when it is: for all of botocore it would take a third of the first start.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-compile

.PHONY: help run command test lint types package check format lock clean

help:  ## print these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/.local .venv/bin/afterword node_modules/.installed  ## start the service and its table on this machine
	@ls node_modules/@dynoxide/*/dynoxide >/dev/null 2>&1 || command -v dynoxide >/dev/null || $(MAKE) --silent .venv/.moto
	@exec $(BIN)/python -m tools.serve

command: .venv/.local .venv/bin/afterword  ## install what .venv/bin/afterword, the owner's command, needs
	@echo "The command is $(BIN)/afterword; docs/commands.md tells what it does."

test: .venv/.dev .venv/bin/afterword node_modules/.installed  ## run all tests
	$(BIN)/python -m pytest --numprocesses $(JOBS) $(PYTEST_ARGS)

lint: .venv/.dev  ## look for faults of style and type
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

package: .venv/.dev  ## build what goes to Lambda into dist/ and look at what is in it
	rm -rf dist
	AFTERWORD_SECRETS=package:only-while-packaging-$$(date +%s%N) AWS_DEFAULT_REGION=eu-west-1 \
		$(BIN)/chalice package --stage prod dist
	$(BIN)/python -m zipfile --list dist/deployment.zip > dist/contents.txt
	@for wanted in app.py chalicelib/settings.py chalicelib/routes/__init__.py chalice/app.py boto3/__init__.py nh3/; do \
		grep -q "^$$wanted" dist/contents.txt || { echo "the package lacks $$wanted" >&2; exit 1; }; done
	@! grep -E "^(tools|tests|docs|bench|moto|waitress|pytest|flask|rich|typer)/" dist/contents.txt \
		|| { echo "the package holds what does not belong there" >&2; exit 1; }
	@ls -l dist/deployment.zip

check: PYTEST_ARGS += $(COVERAGE)
check: lint test package  ## everything CI runs: with the tests, what they reach

format: .venv/.dev  ## lay out the code, and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: .venv/.dev  ## take up newer packages within the bounds of pyproject.toml and package.json
	$(COMPILE) --upgrade --group dev --output-file requirements-dev.txt
	$(COMPILE) --upgrade --group local --constraint requirements-dev.txt --output-file requirements-local.txt
	$(COMPILE) --upgrade --group moto --constraint requirements-dev.txt --output-file requirements-moto.txt
	$(COMPILE) --upgrade --constraint requirements-dev.txt --output-file requirements.txt
	npm update --package-lock-only --ignore-scripts

clean:  ## remove everything that was made here, but never the data in .afterword/
	rm -rf .venv node_modules dist .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The newest Python that the lock files were made for; names without a working interpreter behind them are passed over.
.venv/bin/python:
	@for python in python3.13 python3.12 python3.11 python3.14 python3; do \
		if $$python -c 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null; then \
			echo "Making .venv with $$python ..." && exec $$python -m venv .venv; \
		fi; \
	done; \
	echo "Python 3.11 to 3.14 with its venv module is needed (on Debian: apt-get install python3-venv)." >&2; exit 1

# Stamps: packages are installed again only when their list has changed.
.venv/.local: requirements-local.txt | .venv/bin/python
	@echo "Installing what the service needs ..."
	@$(INSTALL) -r $<
	@touch $@

.venv/.moto: requirements-moto.txt | .venv/bin/python
	@echo "Installing moto, which stands in for dynoxide ..."
	@$(INSTALL) -r $<
	@touch $@

.venv/.dev: requirements-dev.txt | .venv/bin/python
	@echo "Installing what the tests need ..."
	@$(INSTALL) -r $<
	@touch $@ .venv/.local .venv/.moto

# The command runs from any folder. pip's way to it (--editable, a build backend) takes two seconds of the first start
# for these same two lines.
.venv/bin/afterword: | .venv/bin/python
	@printf '%s\n' '#!/bin/sh' 'exec "$(CURDIR)/.venv/bin/python" "$(CURDIR)/tools" "$$@"' > $@
	@chmod +x $@

# Everything works without npm's packages, only not as well; so a failure here is told, and not final.
node_modules/.installed: package-lock.json
	@if ! command -v npm >/dev/null; then \
		echo "npm is missing, and with it the table that keeps its data: moto stands in for it."; \
	elif npm ci --ignore-scripts --loglevel=error >/dev/null; then \
		touch $@; \
	else \
		echo "npm ci has failed: moto stands in for the table that keeps its data."; \
	fi
