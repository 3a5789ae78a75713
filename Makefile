# One job a target; `make help` lists them. A target whose inputs did not change does nothing.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

BIN := node_modules/.bin
SOURCES := $(shell find src e2e bench -name '*.ts' 2>/dev/null)

IMG ?= nats-operator:$(shell node -p "require('./package.json').version")
NODES ?= 3
# kind, local or existing; unset: existing where CLUSTER_KUBECONFIG is set, else kind where a container engine answers, else local
export CLUSTER

##@ Develop

.PHONY: help
help: ## Show this help
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z0-9-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# npm ci runs again only when the lock file changed
node_modules/.installed: package.json package-lock.json .npmrc
	npm ci --no-audit
	@touch $@

build/.compiled: node_modules/.installed tsconfig.json $(SOURCES)
	$(BIN)/tsc --build
	@touch $@

.PHONY: build
build: build/.compiled ## Compile and bundle the operator into dist/

.PHONY: lint
lint: node_modules/.installed ## Check types, lint rules and formatting
	$(BIN)/tsc --noEmit
	npm run --silent lint

.PHONY: test
test: lint build binaries ## Lint, types, unit and integration tests (needs Node and Go, no root)
	$(BIN)/jest --selectProjects unit
	$(BIN)/jest --selectProjects integration

.PHONY: clean
clean: ## Remove what the other targets made (not the cached binaries, not a running cluster)
	rm -rf build dist coverage
