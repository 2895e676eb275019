# make run    sets everything up and starts the service on http://127.0.0.1:8000
# make test   sets everything up and runs the whole test suite, with SQLite and nothing else
# make check  formatting, lint, types, layers, migrations
# make bench  the peers side by side (needs PostgreSQL, Redis, node and wrk)

# The distribution's Python where it will do: it is built with optimisations that others may lack.
PYTHON ?= $(shell /usr/bin/python3 -c 'import ensurepip, sys; assert sys.version_info >= (3, 11)' 2>/dev/null \
	&& echo /usr/bin/python3 || echo python3)
BIN := .venv/bin

.PHONY: run test check bench format

run: .venv/runtime .env
	@echo "==> Database: migrations"
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py demo
	@echo "==> Serving on http://127.0.0.1:8000 (stop with Ctrl+C)"
	@set -a && . ./.env && set +a && exec $(BIN)/granian --interface asgi --port 8000 tokensvc.asgi:application

test: .venv/development
	@echo "==> Tests, on $${DATABASE_URL:-SQLite}"
	@$(BIN)/python -m pytest

check: .venv/development
	@echo "==> Formatting and lint" && $(BIN)/ruff format --check . && $(BIN)/ruff check .
	@echo "==> Types" && $(BIN)/mypy
	@echo "==> Layers" && $(BIN)/lint-imports
	@echo "==> Migrations" && DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python manage.py makemigrations --check --dry-run

bench: .venv/development
	@$(BIN)/python -m bench $(BENCH)

format: .venv/development
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

.venv/runtime: requirements.txt
	@echo "==> Python packages"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --requirement requirements.txt
	@touch $@

.venv/development: requirements.txt requirements-dev.txt
	@echo "==> Python packages, with those for development"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --requirement requirements-dev.txt
	@touch $@ .venv/runtime

.env: | .venv/runtime
	@echo "==> .env: random keys, and a MADE-UP Agora app id and certificate (no Agora server accepts these)"
	@$(BIN)/python -m tokensvc.local > $@.new && mv $@.new $@
