# SPDX-License-Identifier: Apache-2.0
# The short front door. CMake does the work; scripts/bootstrap installs what is missing.
SHELL := /bin/bash
BUILD ?= build
PAGES ?= data/dev-run.bin
JOBS  ?= $(shell nproc)
export SEALIFT_VENV ?= $(CURDIR)/.venv

.PHONY: help run test build waves lint format synth area docs bench coverage sanitize fuzz formal clean

help:
	@sed -n 's/^## //p' Makefile

## make run      the main job: guest pages out and in through the RTL, checked; report in build/report
run: $(BUILD)/configured
	cmake --build $(BUILD) --target sealift -j $(JOBS)
	$(BUILD)/bin/sealift run --pages $(PAGES) --report $(BUILD)/report

## make test     build and run every test
test: $(BUILD)/configured
	scripts/bootstrap vectors
	cmake --build $(BUILD) -j $(JOBS)
	ctest --test-dir $(BUILD) --output-on-failure -j $(JOBS)

## make bench    ratio and speed against zlib, libdeflate, lz4 and OpenSSL (PAGES=file)
bench: $(BUILD)/configured
	cmake --build $(BUILD) --target sealift -j $(JOBS)
	$(BUILD)/bin/sealift bench --pages $(PAGES) --json

## make waves    a short job with waves and a GTKWave view (TEST=, CASE=, SEED=, FROM=, TO= for a failing test)
waves:
	scripts/bootstrap build waves
	scripts/waves $(if $(TEST),--test '$(TEST)') $(if $(CASE),--case '$(CASE)') $(if $(SEED),--seed $(SEED)) \
	  $(if $(FROM),--from $(FROM)) $(if $(TO),--to $(TO))

## make lint     Verilator, Verible, clang-format, clang-tidy, generated files, licence lines
lint: $(BUILD)/configured
	scripts/bootstrap build tools
	scripts/lint $(BUILD)

## make format   reformat RTL and C++ in place
format:
	scripts/bootstrap tools
	scripts/lint --fix $(BUILD)

## make synth    synthesize the ecp5 configuration, area by module (CHECK=1: elaboration and check only)
synth:
	scripts/bootstrap tools
	scripts/synth $(if $(CHECK),--check) $(BUILD)/synth

## make area     place and route one block, beside the committed figure (BLOCK=name)
area:
	scripts/bootstrap tools
	scripts/area $(BLOCK)

## make docs     the register manual as HTML in build/docs
docs:
	scripts/bootstrap tools
	scripts/gen-regs --html $(BUILD)/docs/registers

## make sanitize the software's tests with address and undefined-behaviour sanitizers
sanitize:
	scripts/bootstrap build
	cmake -S . -B build-sanitize -G Ninja -DSEALIFT_SANITIZE=ON
	cmake --build build-sanitize -j $(JOBS) --target software_tests
	ctest --test-dir build-sanitize --output-on-failure -L sw

## make formal   every proof of docs/formal.md (PROOF=name: one of them)
formal:
	scripts/bootstrap formal
	scripts/formal $(PROOF)

## make fuzz     libFuzzer on the inflate model beside zlib, and the corpus minimized (SECONDS=60)
fuzz:
	scripts/bootstrap build fuzz
	scripts/fuzz $(SECONDS)

## make coverage line and toggle coverage of all tests in build-coverage/report
coverage:
	scripts/bootstrap build tools
	scripts/coverage

$(BUILD)/configured: CMakeLists.txt scripts/bootstrap
	scripts/bootstrap build
	cmake -S . -B $(BUILD) -G Ninja
	@touch $@

build: $(BUILD)/configured
	cmake --build $(BUILD) -j $(JOBS)

clean:
	rm -rf $(BUILD) build-waves build-coverage build-sanitize
