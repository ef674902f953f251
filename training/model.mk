# make model: from the corpora to the model that is shipped in models/en; included by the Makefile. See training/README.md.
TRAINING_VENV := .venv-training
TRAINING_BIN := $(TRAINING_VENV)/bin
CORPORA ?= ../shared/training/data
TRAIN_ARGS ?= --passes 12
RUN := out/model

.PHONY: model model-train model-own model-evaluate model-test model-environment model-lock

model: model-train model-own ## train, export and score the model anew (over an hour; goes on where it was stopped)
	PYTHONPATH=src $(TRAINING_BIN)/python -m training.export --checkpoint $(RUN)/checkpoint.pt --own $(RUN)/own.pt \
		--lemmas $(RUN)/lemmas.json --full $(RUN)/full --out models/en
	@$(MAKE) model-evaluate

model-train: model-environment model-lock
	OMP_WAIT_POLICY=PASSIVE PYTHONPATH=src $(TRAINING_BIN)/python -m training.train --data "$(CORPORA)" --out $(RUN) $(TRAIN_ARGS)

model-own: model-environment install-test ## the second stage alone: labels, the head of our own classes, the lemmas
	PYTHONPATH=src $(BIN)/python -m training.lemmas --data "$(CORPORA)" --out $(RUN)/lemmas.json
	PYTHONPATH=src $(BIN)/python -m training.label_own --data "$(CORPORA)" --out $(RUN)/own
	OMP_WAIT_POLICY=PASSIVE PYTHONPATH=src $(TRAINING_BIN)/python -m training.train_own --labels $(RUN)/own \
		--checkpoint $(RUN)/checkpoint.pt --out $(RUN)/own.pt

model-evaluate: install-test
	PYTHONPATH=src $(BIN)/python -m training.evaluate --data "$(CORPORA)" models/en $(wildcard $(RUN)/full) --json $(RUN)/scores.json
	PYTHONPATH=src $(BIN)/python -m training.evaluate_own

model-test: model-environment ## the tests of training: ten steps on a handful of sentences, export included
	PYTHONPATH=src $(TRAINING_BIN)/python -m pytest tests/training $(ARGS)

# torch is not in the lock: the same version is a different file on each platform and index, so that no one hash fits.
model-environment: $(TRAINING_VENV)/.installed

$(TRAINING_VENV)/.installed: training/requirements.txt training/torch.txt
	$(or $(PYTHON),python3) -m venv $(TRAINING_VENV)
	$(TRAINING_BIN)/python -m pip install --quiet --no-deps --require-hashes -r training/requirements.txt
	$(TRAINING_BIN)/python -m pip install --quiet --no-deps -r training/torch.txt
	touch $@

model-lock: ## pin what training needs anew in training/requirements.txt; needs uv
	"$(UV)" pip compile --quiet --generate-hashes --universal --no-deps --python-version 3.11 --no-emit-index-url \
		--custom-compile-command "make model-lock" training/requirements.in -o training/requirements.txt
