# MacRunners. `make help` lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help

CONFIGURATION := Release
HOST_OS := $(if $(filter Darwin,$(shell uname -s)),osx,linux)
HOST_RID := $(HOST_OS)-$(if $(filter arm64 aarch64,$(shell uname -m)),arm64,x64)
RID ?= $(HOST_RID)
PLATFORM ?= linux
ARTIFACTS := artifacts/$(RID)
EMULATOR := artifacts/emulator
# The daemon for Macs, for a look at its files; all programs: make publish RID=osx-arm64.
MAC_DAEMONS := artifacts/osx-arm64-daemon/.published artifacts/osx-x64-daemon/.published
AS_ROOT := $(shell [ "$$(id -u)" = 0 ] || echo sudo -E)
SOURCES := $(shell find src tests/MacRunners.MacEmulator tests/MacRunners.MacEmulator.LibSystem .build -type f -not -path '*/bin/*' -not -path '*/obj/*' -not -path 'src/MacRunners.Fleet/*' 2>/dev/null) Directory.Build.props Directory.Packages.props packaging/software/manifest.json
FLEET_SOURCES := $(shell find src/MacRunners.Fleet src/MacRunners/Images -type f -not -path '*/bin/*' -not -path '*/obj/*' 2>/dev/null) Directory.Build.props Directory.Packages.props

export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1
# Build servers would outlive the command, and some continuous integration waits for them.
export MSBUILDDISABLENODEREUSE := 1
export DOTNET_CLI_USE_MSBUILD_SERVER := 0
QUIET := --nologo -v quiet -clp:NoSummary -p:UseSharedCompilation=false

.PHONY: help
help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

.PHONY: demo
demo: $(ARTIFACTS)/.published $(if $(filter macos,$(PLATFORM)),$(EMULATOR)/.published) ## Six real jobs on this machine (PLATFORM=macos: the macOS code over the emulator; AGENT=/path: a real agent; KEEP=1: keep the folder)
	@$(AS_ROOT) $(ARTIFACTS)/macrunners-sim demo $(if $(filter macos,$(PLATFORM)),--emulator $(EMULATOR)) $(if $(AGENT),--agent $(AGENT)) $(if $(KEEP),--keep)

JOBS ?= 500
SLOTS ?= 2
SCHEDULES ?= 200
.PHONY: soak
soak: $(ARTIFACTS)/.published $(EMULATOR)/.published ## Many mixed jobs, failing calls, kills: does anything accumulate? Then fault-schedules and matrices (JOBS=500 SLOTS=2 SEED=n: again as before; PLATFORM=macos)
	@$(AS_ROOT) $(ARTIFACTS)/macrunners-sim soak --jobs $(JOBS) --slots $(SLOTS) $(if $(SEED),--seed $(SEED)) $(if $(filter macos,$(PLATFORM)),--emulator $(EMULATOR))
	@$(AS_ROOT) $(ARTIFACTS)/macrunners-sim fault-schedules --count $(SCHEDULES) $(if $(SEED),--seed $(SEED)) --emulator $(EMULATOR)
	@$(MAKE) --no-print-directory matrices

.PHONY: fault-schedules
fault-schedules: $(ARTIFACTS)/.published $(EMULATOR)/.published ## Jobs while the tools of macOS fail, hang and die at random moments (SCHEDULES=200 SEED=n: that one first)
	@$(AS_ROOT) $(ARTIFACTS)/macrunners-sim fault-schedules --count $(SCHEDULES) $(if $(SEED),--seed $(SEED)) --emulator $(EMULATOR)

FILES ?= 500000
PROCESSES ?= 1000
IDLE ?= 60
.PHONY: bench
bench: JOBS := 30
bench: $(ARTIFACTS)/.published $(EMULATOR)/.published ## How fast, how light? Each figure beside its aim, also in artifacts/bench.json (JOBS=30 FILES=500000 PROCESSES=1000 IDLE=60)
	@$(AS_ROOT) $(ARTIFACTS)/macrunners-sim bench --jobs $(JOBS) --files $(FILES) --processes $(PROCESSES) --idle $(IDLE) --emulator $(EMULATOR) --json artifacts/bench.json --markdown artifacts/bench.md

.PHONY: test test-unit test-linux test-macos
test: prepare-test ## All tests
	@$(MAKE) --no-print-directory build-tests
	@$(AS_ROOT) .build/test.sh unit linux macos

test-unit: prepare-test ## Unit and component tests
	@$(MAKE) --no-print-directory build-tests
	@$(AS_ROOT) .build/test.sh unit

test-linux: prepare-test ## End to end on native Linux accounts
	@$(MAKE) --no-print-directory build-tests
	@$(AS_ROOT) .build/test.sh linux

test-macos: prepare-test ## End to end on the macOS code over the emulator
	@$(MAKE) --no-print-directory build-tests
	@$(AS_ROOT) .build/test.sh macos

.PHONY: matrices
matrices: prepare-test ## Every row of the matrices of faults and crashes on both platforms, of which the tests run a part (MATRIX_CELLS= CRASH_POINTS=: part of names)
	@$(MAKE) --no-print-directory build-tests
	@$(AS_ROOT) env MATRIX_CELLS=$(or $(MATRIX_CELLS),all) CRASH_POINTS=$(or $(CRASH_POINTS),all) .build/test.sh matrices

# Bindings, layouts, parsers: against the system's own libSystem on a Mac, against the emulated one on Linux.
NATIVE_TESTS := ImportTests StructureLayoutTests MacHostTests MacFileCallsTests MacProcessesTests ProcessInformationTests DsclAnswerTests RecordListTests PropertyListTests UserFoldersTests FileNameTests
.PHONY: test-native
test-native: prepare $(if $(filter linux,$(HOST_OS)),$(EMULATOR)/.published) ## Those unit tests of the macOS code that run on a Mac itself
	@dotnet build tests/MacRunners.Tests -c $(CONFIGURATION) $(QUIET)
	@$(AS_ROOT) tests/MacRunners.Tests/bin/$(CONFIGURATION)/net10.0/MacRunners.Tests $(foreach class,$(NATIVE_TESTS),--filter-class '*.$(class)')

ACCOUNTS ?= 200
.PHONY: acceptance
acceptance: $(ARTIFACTS)/.published ## On a Mac: probe, doctor, isolation test, many accounts; the reports in artifacts/acceptance (ACCOUNTS=200)
	@$(AS_ROOT) packaging/macos/acceptance.sh --program $(ARTIFACTS)/macrunners --accounts $(ACCOUNTS) artifacts/acceptance

.PHONY: build build-tests
build: prepare ## Compile everything
	@dotnet build MacRunners.sln -c $(CONFIGURATION) $(QUIET)

build-tests: $(ARTIFACTS)/.published $(EMULATOR)/.published $(MAC_DAEMONS)
	@echo "Building the tests ..."
	@dotnet build MacRunners.sln -c $(CONFIGURATION) $(QUIET)

.PHONY: publish fleet
publish: $(ARTIFACTS)/.published $(ARTIFACTS)/.published-fleet ## The executables in artifacts/RID (RID=osx-arm64 ...)

fleet: $(ARTIFACTS)/.published-fleet ## Only macrunners-fleet, which workflows call

$(ARTIFACTS)/.published-fleet: $(FLEET_SOURCES) | prepare
	@echo "Publishing macrunners-fleet for $(RID) ..."
	@dotnet publish src/MacRunners.Fleet -c $(CONFIGURATION) -r $(RID) -o $(ARTIFACTS) $(QUIET)
	@touch $@

$(ARTIFACTS)/.published: $(SOURCES) | prepare
	@echo "Publishing macrunners for $(RID) ..."
	@dotnet publish src/MacRunners -c $(CONFIGURATION) -r $(RID) -o $(ARTIFACTS) $(QUIET)
	@echo "Publishing macrunners-sim for $(RID) ..."
	@dotnet publish src/MacRunners.Simulator -c $(CONFIGURATION) -r $(RID) -o $(ARTIFACTS) $(QUIET)
	@touch $@

VERSION := $(shell packaging/version.sh)
PACKAGE := artifacts/macrunners-$(VERSION)-$(RID)
PACKAGED := $(shell find packaging launchd -type f)

.PHONY: package install uninstall
package: $(PACKAGE)$(if $(filter osx,$(HOST_OS)),.pkg,.tar.gz) ## What is installed elsewhere: on macOS a .pkg (signed and notarised by CODESIGN_IDENTITY, INSTALLER_IDENTITY, NOTARY_PROFILE), else a tarball (RID=osx-arm64 ...)

$(PACKAGE).tar.gz: $(ARTIFACTS)/.published $(PACKAGED)
	@packaging/assemble.sh $(if $(filter osx-%,$(RID)),macos,linux) $(RID) $(ARTIFACTS) artifacts/package/$(RID)
	@packaging/tarball.sh artifacts/package/$(RID) $@

$(PACKAGE).pkg: $(ARTIFACTS)/.published $(PACKAGED)
	@packaging/macos/build-pkg.sh $(RID) $(ARTIFACTS) $@

install: $(ARTIFACTS)/.published ## Install on this machine, or upgrade what is installed, under running jobs
	@packaging/assemble.sh $(if $(filter osx,$(HOST_OS)),macos,linux) $(HOST_RID) $(ARTIFACTS) artifacts/package/$(HOST_RID)
	@$(AS_ROOT) artifacts/package/$(HOST_RID)/install.sh

uninstall: ## Remove it from this machine when its jobs have ended (PURGE=1: configuration, state and logs, too)
	@$(AS_ROOT) /opt/macrunners/uninstall.sh $(if $(PURGE),--purge)

$(MAC_DAEMONS): artifacts/osx-%-daemon/.published: $(SOURCES) | prepare
	@echo "Publishing macrunners for osx-$* ..."
	@dotnet publish src/MacRunners -c $(CONFIGURATION) -r osx-$* -o $(@D) $(QUIET)
	@touch $@

$(EMULATOR)/.published: $(SOURCES) | prepare
	@echo "Publishing the macOS emulator ..."
	@dotnet publish tests/MacRunners.MacEmulator -c $(CONFIGURATION) -r $(HOST_RID) -o $(EMULATOR) $(QUIET)
	@dotnet publish tests/MacRunners.MacEmulator.LibSystem -c $(CONFIGURATION) -r $(HOST_RID) -o $(EMULATOR) $(QUIET)
	@mv $(EMULATOR)/libSystem.so $(EMULATOR)/libSystem.dylib
	@touch $@

SCRIPTS := '*.sh' .ci/run packaging/macos/scripts
.PHONY: lint format
lint: prepare-lint ## Formatting of C#, shell scripts, Packer templates; faults in shell scripts and workflows
	@dotnet format MacRunners.sln --verify-no-changes --severity warn
	@git ls-files -z $(SCRIPTS) | xargs -0 shellcheck
	@git ls-files -z $(SCRIPTS) | xargs -0 shfmt -d
	@packer fmt -check -diff packaging/packer
	@.build/actionlint.sh

format: prepare-test ## Format everything
	@dotnet format MacRunners.sln
	@git ls-files -z $(SCRIPTS) | xargs -0 shfmt -w
	@packer fmt packaging/packer

.PHONY: docs
docs: prepare-test ## Renew what comes from the program: README's tables (settings, metrics, software), DEPLOYMENT's of Packer's variables, packaging/software/manifest.tsv
	@dotnet build tests/MacRunners.Tests -c $(CONFIGURATION) $(QUIET)
	@RENEW_DOCUMENTS=1 tests/MacRunners.Tests/bin/$(CONFIGURATION)/net10.0/MacRunners.Tests --filter-class '*DocumentedTablesTests'

.PHONY: prepare prepare-test prepare-lint
prepare:
	@.build/prepare.sh

prepare-test:
	@.build/prepare.sh test

prepare-lint:
	@.build/prepare.sh lint

.PHONY: clean
clean: ## Remove what was built
	@dotnet clean MacRunners.sln $(QUIET)
	@rm -rf artifacts
