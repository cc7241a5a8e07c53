# `make` alone lists the targets. Everything here also works without make: the
# lines below are the commands to type.

GOLANGCI_VERSION = v2.15.0
GOLANGCI = bin/golangci-lint-$(GOLANGCI_VERSION)/golangci-lint

FUZZTIME ?= 30s
BENCH    ?= .
TESTFLAGS ?=

.DEFAULT_GOAL := help
.PHONY: help build man test-fast test prove-real cross tools lint golden bench fuzz generate clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

# Without cgo: one static file that runs on every distribution, and starts
# without the dynamic linker.
build: ## build bin/lbgen
	CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o bin/lbgen ./cmd/lbgen

man: ## write the man pages to bin/man
	go run ./internal/gen/cli man bin/man

# The first rung of the ladder (docs/tests.md): what needs neither root nor a
# daemon nor a network, nor waits. REQUIRE_DAEMONS is for the second one.
test-fast: ## run the tests that start no daemon, in under a minute (TESTFLAGS=-race)
	go vet ./...
	go test -short -timeout 20m $(TESTFLAGS) ./...

test: tools ## install what the tests need, then run them all (TESTFLAGS=-race)
	go vet ./...
	go test -timeout 45m $(TESTFLAGS) ./...

# What a release is made for. A rehearsal and the daemons are for Linux; the rest
# runs on an admin's laptop too. Windows is none of them: writing a tree locks its
# folder with flock. go vet compiles the tests as well.
PLATFORMS = linux/amd64 linux/arm64 darwin/arm64

PROVE_REAL ?= 300
PROVE_SEED ?= 20261129

prove-real: tools ## compare the forecasts of PROVE_REAL made-up sites with real Keepalived (as root; a quarter of an hour)
	REQUIRE_DAEMONS=1 PROVE_REAL=$(PROVE_REAL) PROVE_SEED=$(PROVE_SEED) PROVE_STEPS=4 go test ./internal/measured -count=1 -v -timeout 3h

cross: ## build and vet lbgen for every platform of a release
	@for p in $(PLATFORMS); do \
		echo "$$p"; export CGO_ENABLED=0 GOOS=$${p%/*} GOARCH=$${p#*/}; \
		go build -o /dev/null ./cmd/lbgen && go vet ./... || exit 1; \
	done

tools: ## install the daemons and tools that the tests run, where missing
	scripts/install-test-tools.sh

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

generate: ## make the generated files anew: schema and pages
	go generate ./...

clean: ## remove what was built
	rm -rf bin out
