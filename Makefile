# The commands that people and CI use. Everything lives in .venv; nothing is installed elsewhere but what
# `solvent quickstart` announces.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: quickstart test test-fast lint bench lock clean

quickstart: .venv/installed
	$(BIN)/solvent quickstart
	@echo "  and   . .venv/bin/activate   puts solvent on your path" >&2

test: lint
	$(BIN)/pytest -n auto --maxprocesses 4 --dist loadscope

test-fast: .venv/develop
	$(BIN)/pytest -m "not engine"

lint: .venv/develop
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Measures on a real engine and fails when a target is missed; with ARGS=--write it updates docs/benchmarks.md.
bench: .venv/develop
	$(BIN)/python -m tests.bench $(ARGS)

# The development lock: what `make test` runs on, with hashes. Run it to take newer versions.
lock: .venv/bin/uv
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --generate-hashes --no-header --no-annotate \
		--upgrade --output-file dev.lock --quiet

.venv/bin/uv:
	@$(PYTHON) -c "import ensurepip" 2>/dev/null || { echo "python3-venv is missing:  apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

.venv/installed: pyproject.toml .venv/bin/uv
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --editable .
	$(BIN)/python -m compileall -q manager
	@touch $@

.venv/develop: dev.lock .venv/installed
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes --requirements dev.lock
	@touch $@

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis dist build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
