# make run    sets everything up and starts the service on http://127.0.0.1:8000
# make test   sets everything up and runs the whole test suite, with SQLite and nothing else
# make check  formatting, lint, types, layers, migrations
# make format formats the code and applies lint fixes
# make lock   writes requirements*.txt from requirements*.in; `make lock LOCK_OPTIONS=--upgrade` takes newer releases
# make bench  compares the service with its peers (needs PostgreSQL, Redis, node and wrk)

# Prefer the distribution's Python: it is built with optimisations that other builds may lack.
PYTHON ?= $(shell /usr/bin/python3 -c 'import ensurepip, sys; assert sys.version_info >= (3, 11)' 2>/dev/null \
	&& echo /usr/bin/python3 || echo python3)
BIN := .venv/bin

.PHONY: run test check format lock bench

# The lock files hold for every supported Python and platform, with the hashes of all files of a release.
LOCK := $(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make lock"

run: .venv/runtime .env
	@echo "==> Database: migrations"
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py demo
	@echo "==> Serving on http://127.0.0.1:8000 (stop with Ctrl+C)"
	@set -a && . ./.env && set +a && exec $(BIN)/granian --interface asgi --port 8000 tokensvc.asgi:application

test: .venv/development
	@echo "==> Tests, on $${DATABASE_URL:-SQLite}"
	@$(BIN)/python -m pytest --numprocesses auto
	@case "$$DATABASE_URL" in postgres*) $(BIN)/python -m pytest tests/system ;; esac

check: .venv/development
	@echo "==> Formatting and lint" && $(BIN)/ruff format --check . && $(BIN)/ruff check .
	@echo "==> Types" && $(BIN)/mypy
	@echo "==> Layers" && $(BIN)/lint-imports
	@echo "==> Migrations" && DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python manage.py makemigrations --check --dry-run

format: .venv/development
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

lock: .venv/development
	@echo "==> Lock files"
	@$(LOCK) $(LOCK_OPTIONS) --output-file requirements.txt requirements.in
	@$(LOCK) $(LOCK_OPTIONS) --output-file requirements-dev.txt requirements-dev.in

bench: .venv/development
	@$(BIN)/python -m bench $(BENCH)

.venv/runtime: requirements.txt
	@echo "==> Python packages"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.txt
	@touch $@

.venv/development: requirements.txt requirements-dev.txt
	@echo "==> Python packages for development"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements-dev.txt
	@touch $@ .venv/runtime

.env: | .venv/runtime
	@echo "==> .env: random keys, and a MADE-UP Agora app id and certificate (no Agora server accepts these)"
	@$(BIN)/python -m tokensvc.generate_env > $@.new && mv $@.new $@
