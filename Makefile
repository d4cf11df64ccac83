# Each target makes .venv and installs what it needs first, if that has not happened yet: the lessons
# need little, everything else the whole of requirements.txt. PYTHON=python3.13 chooses a Python; a
# .venv that another one made is then made anew.
PYTHON ?= $(firstword $(wildcard .venv/bin/python) python3)
VERSION := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
BIN := .venv/bin
FOR_LESSONS := .venv/lessons-$(VERSION)
INSTALLED := .venv/installed-$(VERSION)
# In parallel: tests/support/parallel.py says on how many workers, and deals the tests out to them.
PYTEST := $(BIN)/python -m pytest
# Scripts of tests/ find what pytest finds, too.
SCRIPT := PYTHONPATH=tests/support:tests/attacks $(BIN)/python
# test_release.py is `grader build --check`.
FOR_CHECK := prose release without_widgets
ROOT_FLAG := $(if $(filter 0,$(shell id -u)),--allow-root)

# The tests start hundreds of Pythons: what they import is compiled once.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: lab check test long lint grade install build bench attacks system

lab: $(FOR_LESSONS)  ## open the lessons in JupyterLab
	$(BIN)/jupyter lab $(ROOT_FLAG) --ServerApp.root_dir=lessons --LabApp.default_url=/lab/tree/start.ipynb

check: $(INSTALLED) lint  ## in minutes: all that needs no JupyterLab, cluster, database, sandbox or whole class
	$(PYTEST) -n logical tests/learner tests/unit $(FOR_CHECK:%=tests/notebooks/test_%.py)

test: $(INSTALLED) system lint  ## every check that CI makes
	$(PYTEST) -n auto --nbval --nbval-current-env --nbval-sanitize-with tests/nbval.cfg tests solutions

long: $(INSTALLED) system  ## what takes longer, by hand; tests/LONG.md says when it was last run
	$(BIN)/python tests/long.py

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

grade: $(INSTALLED)  ## class/submitted/STUDENT/LESSON/LESSON.ipynb
	@tests/system.sh bubblewrap libseccomp2
	$(BIN)/python -m grader grade class/submitted

install: $(INSTALLED)  ## everything into .venv, and nothing else

build: $(INSTALLED)  ## lessons/ from solutions/ and grader/exercises/
	$(BIN)/python -m grader build

bench: $(INSTALLED)  ## measurements, as ratios in one run
	for bench in tests/bench/bench_*.py; do $(SCRIPT) $$bench || exit 1; done

attacks: $(INSTALLED)  ## tests/attacks/README.md: what attacks achieve here and on stock nbgrader
	$(SCRIPT) tests/attacks/compare.py

$(INSTALLED): $(FOR_LESSONS) requirements.txt pyproject.toml lessons/pyproject.toml
	$(BIN)/python -m pip install -r requirements.txt
	touch $@

$(FOR_LESSONS): lessons/requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "The course needs Python 3.11 or newer, and $(PYTHON) is $(or $(VERSION),not there)." \
	    "Name another: make $(firstword $(MAKECMDGOALS) lab) PYTHON=python3.13"; exit 1; }
	$(BIN)/python -m pip --version 2>/dev/null | grep -q "(python $(VERSION))$$" || $(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install -r $< -e ./lessons
	touch $@

system:  ## what the tests need beside Python
	@tests/system.sh bubblewrap libseccomp2 chromium-headless-shell postgresql
