# Newsroom. Each target does all of its own set-up and does it once: on a fresh machine with Python 3.11+ and make,
# `make demo` is enough.
#
#   make demo             the newsroom with sample stories on http://localhost:8000 (PORT=9000 make demo: elsewhere)
#   make install          .venv and packages alone
#   make test             all tests, on SQLite (ARGS="tests/members -k join": some of them)
#   make test-postgres    all again with what needs PostgreSQL (DATABASE_URL, REDIS_URL)
#   make bench            what a page costs, as ratios to yardsticks of the same run (JSON=FILE writes them there too)
#   make lint             style, imports, migrations, deployment checks

PORT ?= 8000
ARGS ?=
BIN := .venv/bin
INSTALLED := .venv/.installed
POSTGRES_URL = $(or $(DATABASE_URL),postgres://postgres@127.0.0.1:5432/newsroom)
TEST_REDIS_URL = $(or $(REDIS_URL),redis://127.0.0.1:6379/9)

.PHONY: demo install test test-postgres bench lint tools

demo: $(INSTALLED)
	@exec $(BIN)/python manage.py demo --port $(PORT)

install: $(INSTALLED)

# Packages come through pip, so that whatever mirror it is set up for is used.
$(INSTALLED): requirements.txt .ci/python
	@.ci/python .venv
	@echo "Installing packages …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

test: $(INSTALLED) tools
	env -u DATABASE_URL -u REDIS_URL $(BIN)/python -m pytest -n 2 -m "not postgres" $(ARGS)

test-postgres: $(INSTALLED) tools
	@DATABASE_URL=$(POSTGRES_URL) REDIS_URL=$(TEST_REDIS_URL) $(BIN)/python .ci/reachable.py
	DATABASE_URL=$(POSTGRES_URL) REDIS_URL=$(TEST_REDIS_URL) $(BIN)/python -m pytest -n 2 $(ARGS)

bench: $(INSTALLED)
	@$(BIN)/python -m tests.benchmarks $(if $(JSON),--json $(JSON))

lint: $(INSTALLED)
	@.ci/lint

# Chromium, fonts and gettext, for the tests alone.
tools:
	@.ci/tools
