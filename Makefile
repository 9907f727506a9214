# Strowger. "make help" says what there is.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Where the sandboxed Asterisk lives. Set it to share one between checkouts.
STROWGER_CACHE ?= $(CURDIR)/.cache
CI ?=
FUZZTIME ?= 10s
SUITE ?= queue ici ctips
export STROWGER_CACHE CI FUZZTIME

# Linters, at the versions the code is clean with.
TOOLS := $(CURDIR)/.cache/tools/bin
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
ERRCHECK := github.com/kisielk/errcheck@v1.30.0
GOFUMPT := mvdan.cc/gofumpt@v0.12.0
EXHAUSTIVE := github.com/nishanths/exhaustive/cmd/exhaustive@v0.17.1
TOOLSTAMP := $(TOOLS)/.$(subst /,_,$(subst @,-,$(notdir $(STATICCHECK) $(ERRCHECK) $(GOFUMPT) $(EXHAUSTIVE))))
TOOLSTAMP := $(subst $() $(),+,$(TOOLSTAMP))

# Seconds a layer of tests may take on two cores with a warm build cache. A
# layer above its budget is pointed out in the summary.
export BUDGET_LINT := 100
export BUDGET_HOUSE := 15
export BUDGET_MODEL := 100
export BUDGET_RANDOM := 70
export BUDGET_PARTS := 270
export BUDGET_PLAIN := 30
export BUDGET_REAL := 800

.PHONY: help build run test lint fmt tools deps asterisk gen fuzz mutants chaos bench clean

help: ## say what there is
	@echo "Strowger: a telephony switch controller beside Asterisk. Targets:"
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))
	@echo "Variables: SUITE=$(SUITE) (bench), FUZZTIME=$(FUZZTIME) (fuzz), STROWGER_CACHE (folder of the sandboxed Asterisk), CI=true (a skipped layer fails)"

build: ## build bin/strowger
	@mkdir -p bin
	@CGO_ENABLED=0 go build -trimpath -o bin/strowger ./cmd/strowger

run: build ## start Asterisk, the controller and demo calls; Ctrl-C stops them all
	@exec bin/strowger run

test: deps tools ## lint, and every test on every layer; the last lines name skipped layers
	@test/run.sh

lint: tools ## gofumpt, vet, staticcheck, errcheck, exhaustive
	@failed=0; \
	unformatted=$$($(TOOLS)/gofumpt -l $$(go list -f '{{.Dir}}' ./...) | sort -u); \
	if [[ -n $$unformatted ]]; then echo "not formatted (make fmt):"; echo "$$unformatted"; failed=1; fi; \
	go vet ./... || failed=1; \
	$(TOOLS)/staticcheck ./... || failed=1; \
	$(TOOLS)/errcheck ./... || failed=1; \
	$(TOOLS)/exhaustive -d ./... || failed=1; \
	exit $$failed

fmt: tools ## format every Go file
	@$(TOOLS)/gofumpt -w $$(go list -f '{{.Dir}}' ./...)

tools: $(TOOLSTAMP) ## install the linters under .cache/tools

$(TOOLSTAMP):
	@echo "installing linters into $(TOOLS)"
	@mkdir -p $(TOOLS) && rm -f $(TOOLS)/.[a-z]*
	@for tool in $(STATICCHECK) $(ERRCHECK) $(GOFUMPT) $(EXHAUSTIVE); do GOFLAGS= GOBIN=$(TOOLS) go install $$tool; done
	@touch $@

deps: ## install what the tests need, where root and apt are there
	@test/deps.sh

asterisk: ## make the sandboxed Asterisk, once; print what it is
	@go run ./test/asterisk -cache $(STROWGER_CACHE) version

gen: ## write the generated ARI client afresh; on CI fail if that changes anything
	@api=$$(go run ./test/asterisk -cache $(STROWGER_CACHE) rest-api); \
	go run ./ari/internal/arigen -api "$$api" -out ari/arispec $$([[ $$CI == true ]] && echo -check)

fuzz: ## run every fuzz target for FUZZTIME
	@test/fuzz.sh

chaos: ## every fault on real Asterisk, the long forms too, and the mutants; reports in bench/out/chaos.jsonl
	@mkdir -p bench/out
	@cd test && STROWGER_CHAOS=long STROWGER_CHAOS_REPORT=$(CURDIR)/bench/out/chaos.jsonl go test -count=1 -timeout 6h -run '^Test(Chaos|Trial)'
	@$(MAKE) mutants

mutants: ## take guards out one by one; a test must notice each
	@go run ./test/mutants/run -real

bench: ## measure, queue, ici and ctips where SUITE names no other: step, crash, events, recount
	@mkdir -p bench/out
	@for suite in $(SUITE); do echo "== suite $$suite"; go run $$(go list -f '{{if eq .Name "main"}}{{.ImportPath}}{{end}}' ./bench/...) -suite $$suite; done

clean: ## remove what was built, and the demo's state; keep the caches
	@rm -rf bin var bench/out
