# Everything a developer or an operator types. `make help` lists it.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run build test bench lint format clean

# What `make run` and `make bench` hand on: make run ARGS='--cores 2 --port 7000'.
ARGS ?=

# How long `make test` feeds the parser with mutated requests; longer by hand.
FUZZ_SECONDS ?= 60

SOURCES := Package.swift Sources Tests Benchmarks

help: ## Show this list.
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## Install what is missing, build a release, and run a server in the foreground.
	@exec .build/release/gyre server $(ARGS)

build: ## Install what is missing and build the release.
	@.ci/setup build
	swift build -c release --product gyre

test: ## Install what is missing, the tests' tools included, and run every test.
	@.ci/setup test
	swift build -c release
	swift build --build-tests
	GYRE_FUZZ_SECONDS=$(FUZZ_SECONDS) swift test --skip-build --disable-xctest --filter mutatedRequests
	@.ci/test

bench: build ## Measure CPU per operation beside redis-server; see Benchmarks/README.md.
	@.ci/setup test
	swift build -c release
	@exec .build/release/side-by-side $(or $(ARGS),cpu)

lint: ## Check form and house rules.
	swift format lint --strict --recursive --parallel $(SOURCES)
	swift test --disable-xctest --filter LintTests

format: ## Lay the sources out as .swift-format says.
	swift format --in-place --recursive --parallel $(SOURCES)

clean: ## Remove everything that was built, the tests' Python packages included.
	rm -rf .build
