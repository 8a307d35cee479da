# Everything a fresh clone needs; `make help` lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
BENCH_FOLDER ?= $(VENV)/kubernetes

.PHONY: help etcd apiserver demo test check simulate bench bench-hub bench-informer bench-scan accuracy proto constraints clean
help: ## list the targets
	@grep -hE '^[a-z -]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

# Debian keeps venv's pip in a package of its own; as root it is installed, otherwise it is named.
$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "commaok needs Python 3.11 or newer; set PYTHON=/path/to/python3.11" >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null; \
	  else echo "this Python cannot make virtual environments; run: sudo apt-get install python3-venv" >&2; exit 2; fi; }
	@echo "installing into $(VENV) (about a minute the first time)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: $(INSTALLED) ## the main job: measure the watch loss before and after the fix
	@$(BIN)/commaok lab run watch-manager --out demo

test: $(INSTALLED) ## all tests
	@$(BIN)/python -m pytest

check: $(INSTALLED) ## lint, format, types, import contract
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

simulate: $(INSTALLED) ## play SEEDS (100000) stories of faults in virtual time, or one SEED again
	@$(BIN)/python -m tests.simulation $(if $(SEED),--seed $(SEED),--seeds $(or $(SEEDS),100000) --processes $(or $(PROCESSES),2))

bench: $(INSTALLED) ## speed, side by side with peers where they are installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[bench]'
	@$(BIN)/python -m bench.etcd_receive

bench-informer: $(INSTALLED) ## an informer's catch-up and memory, with a million keys
	@$(BIN)/python -m bench.informer

bench-hub: $(INSTALLED) ## one hub and many watchers, beside a queue for each of them
	@$(BIN)/python -m bench.hub

bench-scan: $(INSTALLED) ## speed of the scan on Kubernetes (needs the go command)
	@$(BIN)/python -m bench.scan $(BENCH_FOLDER)

accuracy: $(INSTALLED) ## types of Go expressions, compared with go/types (needs the go command)
	@$(BIN)/python -m bench.accuracy std github.com/moby/buildkit@v0.17.0 github.com/prometheus/prometheus@v0.54.1

proto: $(INSTALLED) ## generate the protobuf modules again
	@$(BIN)/python -m grpc_tools.protoc -I src --python_out=src --pyi_out=src src/commaok/watch/etcd/rpc.proto

constraints: $(INSTALLED) ## freeze what is installed now into constraints.txt
	@{ echo '# What commaok is tested with: pip install -c constraints.txt commaok'; $(BIN)/python -m pip freeze --exclude-editable; } > constraints.txt

# Real servers for tests and experiments, built from their Go modules; needs Go, takes minutes.
etcd apiserver: ## build a current etcd, or a Kubernetes API server for custom resources, into .servers/
	@mkdir -p .servers && cd tests/servers/$@ && go build -o ../../../.servers/$@ .
	@echo "built .servers/$@: name it with COMMAOK_$(if $(filter etcd,$@),ETCD,KUBE_APISERVER)=$(CURDIR)/.servers/$@"

clean: ## remove the virtual environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache demo
