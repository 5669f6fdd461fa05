# Nothing here needs a prior step: every target sets up what it uses.

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
COMPILE := $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-find-links --no-header

WITH_ENV := set -a; [ ! -f .env ] || . ./.env; set +a;

.PHONY: run dev test unit check bench lighthouse screenshots texts pins clean
.DEFAULT_GOAL := run

run: .venv/run.stamp static/vendor/socket.io.min.js  ## Serve on http://127.0.0.1:5000 (the demo, without TELNYX_API_KEY)
	@$(WITH_ENV) exec $(BIN)/python wsgi.py

dev: .venv/dev.stamp static/vendor/socket.io.min.js  ## Serve, and start again when a file changes
	@$(WITH_ENV) exec $(BIN)/watchfiles --ignore-paths static/node_modules '$(BIN)/python wsgi.py' wsgi.py dashboard templates static

test: .venv/dev.stamp static/vendor/socket.io.min.js  ## Run every test, on two cores
	@node --test --test-reporter=dot tests/js/
	@$(BIN)/python -m pytest -n 2

unit: .venv/dev.stamp static/vendor/socket.io.min.js  ## Run the tests that need no browser, no server and no PostgreSQL
	@$(BIN)/python -m pytest -n 2 -m "not servers"

screenshots: .venv/dev.stamp static/vendor/socket.io.min.js  ## Take the pictures of docs/images anew
	@$(BIN)/python -m tests.browser.screenshots

bench: .venv/dev.stamp static/vendor/socket.io.min.js  ## Measure against what a person would use instead
	@npm ci --prefix bench/peers/node --silent --no-audit --no-fund
	@$(BIN)/python -m bench.run

lighthouse: .venv/dev.stamp static/vendor/socket.io.min.js  ## Audit every page with Lighthouse, as a phone and as a desk
	@npm ci --prefix bench/lighthouse --silent --no-audit --no-fund
	@$(BIN)/python -m bench.lighthouse

check: .venv/dev.stamp  ## Lint and types
	@$(BIN)/ruff check
	@$(BIN)/mypy
	@if command -v npm >/dev/null; then npm ci --prefix tests/lint --silent --no-audit --no-fund && npm run --prefix tests/lint --silent check; \
	else echo "npm was not found: the scripts are not checked"; fi

texts: .venv/run.stamp  ## Bring every catalogue up to date with the source; LANGUAGE=fr begins another
	@$(BIN)/pybabel -q extract -F babel.cfg --project="Call console" --no-wrap --add-location=file --sort-by-file -o .venv/messages.pot .
	@[ -z "$(LANGUAGE)" ] || $(BIN)/pybabel -q init --no-wrap -i .venv/messages.pot -d dashboard/translations -l $(LANGUAGE)
	@$(BIN)/pybabel -q update --no-wrap --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date -i .venv/messages.pot -d dashboard/translations

pins: .venv/dev.stamp  ## Renew requirements.txt and requirements-dev.txt from the short list in pyproject.toml
	$(COMPILE) --upgrade -o requirements.txt pyproject.toml
	$(COMPILE) --upgrade --extra dev -o requirements-dev.txt pyproject.toml

clean:
	rm -rf .venv static/node_modules static/vendor tests/lint/node_modules instance

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed, and none was found. Install one, or name it: make PYTHON=/path/to/python3.12"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/run.stamp: requirements.txt | .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/dev.stamp: requirements-dev.txt .venv/run.stamp
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

# Without Node the page loads the same file from a CDN, held to its hash.
static/vendor/socket.io.min.js: static/package-lock.json
	@if command -v npm >/dev/null; then npm ci --prefix static --silent --no-audit --no-fund; \
	else echo "npm was not found: the page will load the Socket.IO client from a CDN"; fi
