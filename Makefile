# Each target makes .venv and installs everything first if that has not happened yet.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/installed
# In parallel: tests/support/parallel.py says on how many workers, and deals the tests out to them.
PYTEST := $(BIN)/python -m pytest -n auto
ROOT_FLAG := $(if $(filter 0,$(shell id -u)),--allow-root)

.PHONY: lab check test long lint grade build bench system

lab: $(INSTALLED)  ## open the lessons in JupyterLab
	$(BIN)/jupyter lab $(ROOT_FLAG) --ServerApp.root_dir=lessons --LabApp.default_url=/lab/tree/constant-lr/constant-lr.ipynb

check: $(INSTALLED) lint  ## in minutes: all that needs no JupyterLab, cluster or graded class
	$(BIN)/python -m grader build --check
	$(PYTEST) tests/learner tests/unit tests/grading/sandbox tests/notebooks/test_prose.py tests/notebooks/test_without_widgets.py

test: $(INSTALLED) system lint  ## every check that CI makes
	$(PYTEST) --nbval --nbval-current-env --nbval-sanitize-with tests/nbval.cfg tests solutions

long: $(INSTALLED) system  ## what takes longer, by hand; tests/LONG.md says when it was last run
	$(BIN)/python tests/long.py

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

grade: $(INSTALLED) system  ## class/submitted/STUDENT/LESSON/LESSON.ipynb
	$(BIN)/python -m grader grade class/submitted

build: $(INSTALLED)  ## lessons/ from solutions/ and grader/exercises/
	$(BIN)/python -m grader build

bench: $(INSTALLED)  ## measurements, as ratios in one run
	for bench in tests/bench/bench_*.py; do $(BIN)/python $$bench || exit 1; done

$(INSTALLED): requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -r requirements.txt
	touch $@

# The sandbox is bubblewrap, browser tests drive a Chromium, and the tests start a PostgreSQL of their
# own: Debian is kept from starting one as a service. Only root may install them.
PACKAGES := bubblewrap libseccomp2 chromium postgresql
NO_SERVICE := /etc/postgresql-common/createcluster.d/no-service.conf
system:
	@if ! command -v bwrap >/dev/null || ! { command -v chromium || command -v google-chrome; } >/dev/null \
	  || ! { command -v initdb || ls /usr/lib/postgresql/*/bin/initdb; } >/dev/null 2>&1; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    mkdir -p $(dir $(NO_SERVICE)) && echo "create_main_cluster = false" >$(NO_SERVICE) && \
	    apt-get update -qq && apt-get install -y -qq $(PACKAGES) >/dev/null && rm $(NO_SERVICE); \
	  else echo "Tests need bubblewrap, Chromium and PostgreSQL: sudo apt-get install $(PACKAGES) (without them the tests that do are skipped)."; fi; fi
