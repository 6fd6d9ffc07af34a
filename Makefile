# What can be done here. `make help` prints this list.
.PHONY: help run demo test fuzz check bench fmt packages

BUILD   := swift build -c release --static-swift-stdlib --product patchbay
PATCHBAY = $(shell swift build -c release --static-swift-stdlib --show-bin-path)/patchbay

help: ## this list
	@sed -nE 's/^([a-z]+):.*## (.*)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

run: packages ## build, start both apps and a private PostgreSQL, send three events, stay up until Ctrl-C
	@$(BUILD)
	@.ci/demo --stay $(PATCHBAY)

demo: packages ## the same on free ports with data of its own, and a live edit; exits non-zero when anything differs
	@$(BUILD)
	@.ci/demo $(PATCHBAY)

# One test at a time: many of them block on sockets and servers, and side by side they starve each other of the
# task pool's two threads (39 s either way; failures only side by side).
test: ## every test
	@.ci/packages test
	@swift test --no-parallel

# FUZZ_SECONDS=60 make fuzz. Each fuzzer prints what it did; a failure names the seed that repeats it.
fuzz: ## every fuzzer for long: mutated programs for five minutes, a million pairs of the rule index, and the others
	@.ci/packages test
	@.ci/fuzz

check: packages ## all errors of routes/* and scripts/
	@$(BUILD)
	@$(PATCHBAY) check

bench: ## the machine, the rule index and the loader against their peers, then events a second of one core; JSON lines
	@.ci/packages bench
	@$(BUILD)
	@Benchmarks/run $(PATCHBAY)
	@Benchmarks/gadget-events/run $(PATCHBAY)

fmt: ## format the Swift and the Bay sources
	@swift format --in-place --parallel --recursive Package.swift Sources Tests
	@$(BUILD)
	@$(PATCHBAY) fmt routes scripts

packages:
	@.ci/packages run
