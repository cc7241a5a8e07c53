# `make` alone lists the targets. Everything here also works without make: the
# lines below are the commands to type.

GOLANGCI_VERSION = v2.15.0
NFPM_VERSION = v2.45.2
CRANE_VERSION = v0.22.1
CYCLONEDX_VERSION = v1.10.0
GOLANGCI = bin/golangci-lint-$(GOLANGCI_VERSION)/golangci-lint

FUZZTIME ?= 30s
BENCH    ?= .
TESTFLAGS ?=

# As a release is built; and so everything here is built once. The race detector
# alone needs cgo.
export CGO_ENABLED = $(if $(findstring -race,$(TESTFLAGS)),1,0)

# go vet has looked at the tests when go test starts; no debugger looks at them, so
# that the linker has less to write. What they write lies in memory.
GOTEST = scripts/in-memory.sh go test -vet=off -ldflags=-w

.DEFAULT_GOAL := help
.PHONY: help build man test-fast test prove-real route-real route-log adopt-real status-real boot-cuts releases-real cross tools release-snapshot test-release lint golden bench fuzz matrix rehearse-all generate clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

# Without cgo: one static file that runs on every distribution, and starts
# without the dynamic linker.
build: ## build bin/lbgen
	go build -trimpath -ldflags='-s -w' -o bin/lbgen ./cmd/lbgen

man: ## write the man pages to bin/man
	go run ./internal/gen/cli man bin/man

# The first rung of the ladder (docs/tests.md): what needs neither root nor a
# daemon nor a network, nor waits. REQUIRE_DAEMONS is for the second one.
test-fast: ## run the tests that start no daemon, in under a minute (TESTFLAGS=-race)
	CGO_ENABLED=0 go vet ./...
	$(GOTEST) -short -timeout 20m $(TESTFLAGS) ./...

# The longest begin first: the last one would have a processor to itself otherwise.
LONGEST = ./internal/scripts ./internal/installed

test: tools ## install what the tests need, then run them all (TESTFLAGS=-race)
	CGO_ENABLED=0 go vet ./...
	$(GOTEST) -timeout 45m $(TESTFLAGS) $(LONGEST) ./...

PROVE_REAL ?= 300
PROVE_SEED ?= 20261129

prove-real: tools ## compare forecasts and plans of PROVE_REAL made-up sites with real Keepalived (as root; half an hour)
	REQUIRE_DAEMONS=1 PROVE_REAL=$(PROVE_REAL) PROVE_SEED=$(PROVE_SEED) PROVE_STEPS=4 PLAN_REAL=$$(($(PROVE_REAL) / 3)) go test ./internal/measured -count=1 -v -timeout 3h

ROUTE_REAL ?= 300
ROUTE_SEED ?= 20261130

route-real: tools ## compare the ways of requests to ROUTE_REAL made-up sites with the real HAProxy (some minutes)
	REQUIRE_DAEMONS=1 ROUTE_REAL=$(ROUTE_REAL) ROUTE_SEED=$(ROUTE_SEED) go test ./internal/behaviour -run TestRoutesForeseeHAProxy -count=1 -v -timeout 1h

ROUTE_LOG ?= 100000

route-log: tools ## have the real HAProxy log ROUTE_LOG requests, and hold lbgen route --log against them (a minute)
	REQUIRE_DAEMONS=1 ROUTE_LOG=$(ROUTE_LOG) go test ./internal/behaviour -run TestLogOfHAProxy -count=1 -v -timeout 1h

ADOPT_REAL ?= 500
ADOPT_SEED ?= 1

adopt-real: tools ## compare ADOPT_REAL single changes of pairs with what the real daemons say of them (as root; some minutes)
	REQUIRE_DAEMONS=1 SINGLE_CHANGES=$(ADOPT_REAL) SINGLE_CHANGES_SEED=$(ADOPT_SEED) go test ./internal/adopt -run TestSingleChanges -count=1 -v -timeout 1h

status-real: tools ## plant some 25 troubles on two booted nodes, and see that lbgen status tells each (as root; some minutes)
	REQUIRE_DAEMONS=1 STATUS_REAL=1 go test ./cmd/lbgen -run 'TestStatus$$' -count=1 -v -timeout 1h

BOOT_CUTS ?= 100
BOOT_SEED ?= 1

boot-cuts: tools ## interrupt BOOT_CUTS installations on booted nodes at random (as root; half an hour)
	REQUIRE_DAEMONS=1 BOOT_CUTS=$(BOOT_CUTS) BOOT_SEED=$(BOOT_SEED) $(GOTEST) ./internal/installed -count=1 -v -timeout 3h

# A node's packages, and what systemd and the tests ask for.
TRIXIE = bin/roots/trixie
TRIXIE_HAS = systemd,systemd-resolved,init,dbus,openssh-server,haproxy,keepalived,rsyslog,logrotate,iproute2,iputils-ping,procps,psmisc,kmod,curl,python3

$(TRIXIE):
	scripts/install-test-tools.sh release
	rm -rf $@.new
	mkdir -p $(@D)
	debootstrap --variant=minbase --include=$(TRIXIE_HAS) trixie $@.new
	mv $@.new $@

releases-real: tools $(TRIXIE) ## take a site to a node of Debian 12 and one of Debian 13 (as root; fetches a Debian)
	REQUIRE_DAEMONS=1 OTHER_RELEASE=$(abspath $(TRIXIE)) $(GOTEST) ./internal/installed -run TestTwoReleases -count=1 -v -timeout 30m

# What a release is made for. A rehearsal and the daemons are for Linux; the rest
# runs on an admin's laptop too. go vet compiles the tests as well; where a platform
# has the files that this machine has, `make test` has done so.
PLATFORMS = linux/amd64 linux/arm64 darwin/arm64 darwin/amd64 windows/amd64
FILES = go list -f '{{.ImportPath}} {{.GoFiles}} {{.TestGoFiles}} {{.XTestGoFiles}}' ./...

cross: ## build lbgen for every platform of a release, and vet what differs there
	@own=$$($(FILES)); for p in $(PLATFORMS); do \
		echo "$$p"; export GOOS=$${p%/*} GOARCH=$${p#*/}; \
		go build -o /dev/null ./cmd/lbgen || exit 1; \
		[ "$$($(FILES))" = "$$own" ] || go vet ./... || exit 1; \
	done

tools: ## install the daemons and tools that the tests run, where missing
	scripts/install-test-tools.sh

# A folder for each version, as for golangci-lint.
NFPM = bin/nfpm-$(NFPM_VERSION)/nfpm
CRANE = bin/crane-$(CRANE_VERSION)/crane
CYCLONEDX = bin/cyclonedx-gomod-$(CYCLONEDX_VERSION)/cyclonedx-gomod
RELEASE ?= bin/release

$(NFPM):
	GOBIN=$(CURDIR)/$(@D) CGO_ENABLED=0 go install github.com/goreleaser/nfpm/v2/cmd/nfpm@$(NFPM_VERSION)
$(CRANE):
	GOBIN=$(CURDIR)/$(@D) CGO_ENABLED=0 go install github.com/google/go-containerregistry/cmd/crane@$(CRANE_VERSION)
$(CYCLONEDX):
	GOBIN=$(CURDIR)/$(@D) CGO_ENABLED=0 go install github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@$(CYCLONEDX_VERSION)

release-snapshot: $(NFPM) $(CRANE) $(CYCLONEDX) ## build all of a release from the checked-out commit into bin/release
	rm -rf $(RELEASE)
	PATH="$(CURDIR)/$(dir $(NFPM)):$(CURDIR)/$(dir $(CRANE)):$(CURDIR)/$(dir $(CYCLONEDX)):$$PATH" PLATFORMS='$(PLATFORMS)' scripts/release.sh $(RELEASE)

test-release: release-snapshot ## install and use what release-snapshot has built (as root; fetches a Debian)
	scripts/install-test-tools.sh release
	RELEASE=$(abspath $(RELEASE)) go test ./internal/release -count=1 -v -timeout 30m

# The parts of the programs in internal/scripts are linted as the wholes that they
# make, by a test there.
lint: $(GOLANGCI) ## gofmt, golangci-lint, and shellcheck of our own scripts
	@unformatted=$$(gofmt -l cmd internal templates); [ -z "$$unformatted" ] || { echo "gofmt -w $$unformatted"; exit 1; }
	$(GOLANGCI) run ./...
	git ls-files -z '*.sh' ':!*testdata*' ':!internal/scripts' | xargs -0 shellcheck --shell=sh
	shellcheck .ci/run

# A folder for each version, so that a new pin is built and an old one is not used.
$(GOLANGCI):
	GOBIN=$(CURDIR)/$(@D) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)

golden: ## write the golden files anew; read the diff before you commit it
	go test ./cmd/lbgen -run '^TestGolden$$' -update
	go test ./internal/check -run '^TestParsers$$' -update

bench: ## run the benchmarks (BENCH=regexp)
	scripts/install-test-tools.sh bench
	go test ./... -run '^$$' -bench '$(BENCH)' -benchmem

fuzz: ## run every fuzz target for FUZZTIME (30s)
	scripts/fuzz.sh $(FUZZTIME)

# Folders with other daemons, or releases of Debian whose packages are unpacked beside.
MATRIX ?= trixie sid
matrix: ## run what asks the daemons with others than this machine's (MATRIX='DIR sid …')
	scripts/install-test-tools.sh matrix
	scripts/matrix.sh $(MATRIX)

# Alone on the machine: a busy one is a bad judge. EXAMPLES='examples/prslb.yaml …' for some.
EXAMPLES ?=
rehearse-all: ## rehearse every example with every drill; half an hour (EXAMPLES=files)
	scripts/rehearse-all.sh $(EXAMPLES)

generate: ## make the generated files anew: schema and pages
	go generate ./...

clean: ## remove what was built
	rm -rf bin out
