# Each target makes .venv and installs everything first if that has not happened yet.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/installed
ROOT_FLAG := $(if $(filter 0,$(shell id -u)),--allow-root)

.PHONY: lab test grade build bench system

lab: $(INSTALLED)  ## open the lessons in JupyterLab
	$(BIN)/jupyter lab $(ROOT_FLAG) --ServerApp.root_dir=lessons --LabApp.default_url=/lab/tree/constant-lr/constant-lr.ipynb

test: $(INSTALLED) system  ## every check that CI makes
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m grader build --check
	$(BIN)/python -m pytest --nbval --nbval-current-env --nbval-sanitize-with tests/nbval.cfg tests solutions

grade: $(INSTALLED)  ## class/submitted/STUDENT/LESSON/LESSON.ipynb
	@tests/system.sh bubblewrap libseccomp2
	$(BIN)/python -m grader grade class/submitted

build: $(INSTALLED)  ## lessons/ from solutions/ and grader/exercises/
	$(BIN)/python -m grader build

bench: $(INSTALLED)  ## measurements, as ratios in one run
	for bench in tests/bench/bench_*.py; do $(BIN)/python $$bench || exit 1; done

$(INSTALLED): requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -r requirements.txt
	touch $@

system:  ## what the tests need beside Python
	@tests/system.sh bubblewrap libseccomp2 chromium postgresql
