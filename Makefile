# One job a target; `make help` lists them. A target whose inputs did not change does nothing.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

BIN := node_modules/.bin
# with JEST_RESULTS=folder each suite also leaves its result there as JSON
jest = $(BIN)/jest --selectProjects $1 $2 $(if $(JEST_RESULTS),--json --outputFile=$(JEST_RESULTS)/$@-$1.json >/dev/null)
CLUSTER_CLI := node build/e2e/cluster/cli.js
SOURCES := $(shell find src e2e bench image deploy -name '*.ts' 2>/dev/null)

IMG ?= nats-operator:$(shell sed -n 's/^  "version": "\(.*\)",$$/\1/p' package.json)
NODES ?= 3
CLUSTERS ?= 100
# kind, local or existing; unset: existing where CLUSTER_KUBECONFIG is set, else kind where a container engine answers, else local
export CLUSTER CLUSTERS

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

dist/nats-operator.js: build/.compiled $(wildcard crd/*.yaml)
	node build/image/bundle.js
	@touch $@

.PHONY: build
build: dist/nats-operator.js ## Compile and bundle the operator into dist/

.PHONY: lint
lint: node_modules/.installed ## Check types, lint rules and formatting
	$(BIN)/tsc --noEmit
	npm run --silent lint

.PHONY: test
test: lint binaries build ## Lint, types, unit and integration tests (needs Node and Go, not root)
	$(call jest,unit,--maxWorkers=100%)
	$(call jest,integration,--maxWorkers=3) # many of them wait more than they work

.PHONY: binaries
binaries: build/.compiled ## Build the servers that tests run (once; 15 minutes on 2 cores, then seconds)
	@$(CLUSTER_CLI) binaries

.PHONY: crd
crd: build/.compiled ## Generate crd/ from the classes in src/resources, with it example/deployment.yaml and deploy/namespaced.yaml
	node build/src/resources/schema/generate.js
	node build/deploy/generate.js

.PHONY: bench
bench: build binaries ## How close the operator comes to the API server's own limit, with CLUSTERS=100
	@node build/bench/bench.js

.PHONY: soak
soak: build binaries ## Edits and failures at random: CLUSTERS=200 for MINUTES=120
	@CLUSTERS=$(if $(filter command line environment,$(origin CLUSTERS)),$(CLUSTERS),200) node build/bench/soak.js

.PHONY: clean
clean: ## Remove what the other targets made, but for cached binaries and a running cluster
	rm -rf build dist coverage

##@ Image and deployment

.PHONY: image
image: ## Build the image IMG=nats-operator:<version> with a container engine
	docker build -t $(IMG) .

# the archive is written again when it is to have another name
IMAGE_NAMED := dist/.named-$(subst :,_,$(subst /,_,$(IMG)))
$(IMAGE_NAMED): dist/nats-operator.js
	@rm -f dist/.named-*
	@touch $@

dist/nats-operator-image.tar: $(IMAGE_NAMED)
	node build/image/archive.js $(IMG)

.PHONY: image-archive
image-archive: dist/nats-operator-image.tar ## Write the image as dist/nats-operator-image.tar, without a container engine

.PHONY: deploy
deploy: cluster-up image-archive ## Put the operator into the test cluster, as IMG=nats-operator:<version>
	@$(CLUSTER_CLI) load dist/nats-operator-image.tar
	@$(CLUSTER_CLI) deploy $(IMG)

.PHONY: undeploy
undeploy: build/.compiled ## Take the operator out of the test cluster; CRDs and clusters stay
	@$(CLUSTER_CLI) undeploy

.PHONY: demo
demo: deploy ## From nothing to a running NatsCluster and a message through it, and what to try next
	@node build/e2e/demo.js

##@ Test cluster

.PHONY: cluster-up
cluster-up: build/.compiled ## Bring a Kubernetes up with NODES=3 nodes, by CLUSTER=kind, local or existing
	@$(CLUSTER_CLI) up $(NODES)

.PHONY: cluster-down
cluster-down: build/.compiled ## Take it down and leave nothing behind
	@$(CLUSTER_CLI) down

.PHONY: e2e
e2e: deploy ## Core end-to-end tests on the test cluster
	$(call jest,e2e,--runInBand --testPathPatterns e2e/core)

.PHONY: e2e-full
e2e-full: deploy ## All end-to-end tests, the long and violent ones too
	$(call jest,e2e,--runInBand)
