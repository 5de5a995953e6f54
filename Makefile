# SPDX-License-Identifier: GPL-3.0-or-later
# make demo · make test · make matrix · make zip · make bench · make coherence · make report · make study
# make train STYLE=my.jpg · make train-house
# Needs Python 3.11 and make; sets everything else up itself, and may be repeated.

PYTHON ?= $(shell for p in python3.11 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null && command -v $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Most tests work on one core, and so does Blender mostly: two at a time, and torch with one thread in each.
TWO_AT_A_TIME := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile
IN_BLENDER := $(BIN)/python -m pytest tests/blender -n 2 --dist loadgroup
ASSETS ?= ../shared/assets
STYLE ?= starry-night
CLIP ?= demo/clip.mp4
PLATFORM ?= linux-x64

.PHONY: help demo test lint matrix window zip bench coherence report study train train-house clip clean

help:
	@sed -n '2,4s/^# //p' Makefile

$(READY): requirements.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 was not found; name it with make PYTHON=/path/to/python3.11"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

# The whole way: zip, installed Blender, the add-on's operator, keyframed strength, rendered movie.
demo: $(READY)
	$(BIN)/python -m demo.run --clip "$(CLIP)" --style "$(STYLE)"

# Every test but those of the other three Blenders and of the window, which `make matrix` and `make window` run.
test: $(READY) lint
	$(TWO_AT_A_TIME) tests --ignore=tests/gui --ignore=tests/blender
	BRUSHFLOW_BLENDERS="5.0" $(IN_BLENDER)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/mypy

# The installed zip in Blender 4.2, 4.5 and 5.2 (5.0 is part of `make test`).
matrix: $(READY)
	BRUSHFLOW_BLENDERS="4.2 4.5 5.2" $(IN_BLENDER)

# A real window of Blender, without a screen; needs root.
window: $(READY)
	$(BIN)/python -m pytest tests/gui

zip: $(READY)
	$(BIN)/python build_addon.py --platform $(PLATFORM)

bench: $(READY)
	$(BIN)/python -m core bench $(CLIP) --style $(STYLE)

# Frame by frame against settled, on the clip of the project; style loss needs $(ASSETS).
coherence: $(READY)
	$(BIN)/python -m core evaluate $(CLIP) --style $(STYLE) $(if $(wildcard $(ASSETS)),--assets $(ASSETS))

# Painters x styles x clips beside published ones: make report CLIP="a.mp4 b.mp4" STYLE="starry-night great-wave".
report: $(READY)
	$(BIN)/python -m core evaluate $(CLIP) --styles $(STYLE) --report runs/report $(if $(wildcard $(ASSETS)),--assets $(ASSETS))

# Loss networks, temporal losses and compressions, compared by short trainings; needs $(ASSETS).
study: $(READY)
	$(BIN)/python -m core study --assets $(ASSETS) --out runs/study --styles $(STYLE)
	cp runs/study/study.md docs/study.md

# A style of one's own from one picture: make train STYLE=my.jpg.
train: $(READY)
	$(BIN)/python -m core train-style "$(STYLE)" $(if $(wildcard $(ASSETS)),--assets $(ASSETS))

# The house network with all presets and the style encoder; needs $(ASSETS). Stopped, it goes on where it was.
train-house: $(READY)
	$(BIN)/python -m core.training.train --assets $(ASSETS) --out runs/house

# The demo clip, rendered by Blender from code; takes about a quarter of an hour.
clip: $(READY)
	$(BIN)/python -m tests.blender.environments 5.0
	.blender/5.0/bin/python demo/make_scene.py --out demo/clip.mp4

clean:
	rm -rf build dist runs
