# make demo runs everything on this machine. CI runs make test, test-databases, test-engines and check.

GO      ?= go
FUZZ    ?= 5000x
SCREENSHOTS ?= screenshots
SUDO    := $(shell [ "$$(id -u)" = 0 ] || command -v sudo)

.PHONY: help demo build test test-databases test-engines check bench generate fmt fuzz rename licenses release update screenshots programs

help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: bin/ocdev ## Run a customer's site, a stand-in help center and three members, on this machine.
	@bin/ocdev demo $(if $(PORT),--port $(PORT)) $(if $(HELPCENTER_PORT),--helpcenter-port $(HELPCENTER_PORT)) $(if $(SHOP_PORT),--shop-port $(SHOP_PORT))

build: $(patsubst cmd/%,bin/%,$(wildcard cmd/*)) ## Build bin/ocsso, the server, and bin/ocdev, for building and testing an integration.

bin/%: .FORCE
	@CGO_ENABLED=0 $(GO) build -trimpath -o $@ ./cmd/$*

.FORCE:

test: programs ## Run every test, with a real browser, Redis, PostgreSQL, nginx and HAProxy. Installs what is missing by apt.
	$(GO) test -timeout 20m ./...
	cd deploy/test && $(GO) test -count=1 ./... # the cache doesn't see files outside of the module

test-databases: ## Run the SQL tests on MariaDB, too, in a temporary directory.
	@sh .ci/databases.sh $(SUDO)

test-engines: ## Run what members do in Firefox and WebKitGTK, too. OCSSO_ENGINES=firefox runs one engine.
	@sh .ci/engines.sh $(SUDO)

check: programs ## Check format, vet, staticcheck, generated code, the binaries, a fork, make release, licences, workflows and races; run each fuzz target briefly.
	@unformatted=$$(gofmt -l *.go cmd deploy internal static templates web); [ -z "$$unformatted" ] || { echo "run make fmt: $$unformatted"; exit 1; }
	$(GO) mod verify
	$(GO) mod tidy -diff
	$(GO) vet ./...
	cd deploy/test && $(GO) mod verify && $(GO) mod tidy -diff && $(GO) vet ./...
	$(GO) tool staticcheck ./...
	$(GO) tool templ fmt -fail .
	@sh .ci/generated.sh
	@sh .ci/methods.sh
	@sh .ci/fork-test.sh
	@sh .ci/release-test.sh # checks the licences, too
	$(if $(wildcard .github/workflows/*.yml),$(GO) tool -modfile=.ci/tools.mod actionlint .github/workflows/*.yml)
	$(GO) test -race -p 1 -timeout 20m -skip 'StayWithinTheMemory$$|HashesMadeElsewhere$$' $$(sh .ci/concurrent.sh) # it takes memory and time of its own, so one package at a time
	@$(MAKE) --no-print-directory fuzz

# The servers run on core 0, or on cores 0 and 1, and the load generator on core 1 where there is one.
PIN := $(shell command -v taskset >/dev/null && [ "$$(nproc)" -gt 1 ] && echo taskset --cpu-list 1)

bench: programs ## Measure the server against net/http and the stores against each other, in some minutes. No figure makes it fail.
	$(PIN) $(GO) test ./internal/bench -run '^$$' -bench . -benchtime 1x -timeout 1h

generate: ## Write the Go code of the templates.
	$(GO) tool templ generate -include-version=false

fmt: ## Format Go and templates.
	gofmt -w *.go cmd deploy internal static templates web
	$(GO) tool templ fmt .

fuzz: ## Run each fuzz target FUZZ times (5000x).
	@sh .ci/fuzz.sh $(FUZZ)

screenshots: programs ## Make a picture of every page in the folder SCREENSHOTS (screenshots), and the README's pictures.
	OCSSO_SCREENSHOTS=$(abspath $(SCREENSHOTS)) $(GO) test ./internal/devtools/enginetest -run TestScreenshots -count=1 -timeout 30m
	cp $(SCREENSHOTS)/readme/*.png .github/images/

rename: ## Rename the Go module, for a fork, and again after a merge: make rename MODULE=github.com/acme/sso
	@sh .ci/rename.sh "$(MODULE)"

licenses: ## Write bin/licenses.txt, to ship with the binary: the packages of others in it, with their licences.
	@sh .ci/licenses.sh bin/licenses.txt
	@sed '/^---/,$$d' bin/licenses.txt

release: ## Write archives for all platforms, checksums and an SBOM into dist: make release VERSION=v1.2.3
	@sh .ci/release.sh "$(VERSION)" dist

update: ## Update Go, the dependencies and the tools to their newest versions.
	$(GO) get toolchain@patch
	$(GO) get -u -t ./... tool
	$(GO) get -modfile=.ci/tools.mod -u tool
	[ ! -d internal/devtools ] || npm update --package-lock-only --omit-lockfile-registry-resolved --prefix internal/devtools/enginetest/testdata
	cd deploy/test && { $(GO) get -u -t ./... && $(GO) mod tidy || echo "deploy/test stays as it is: see above"; }
	$(GO) mod tidy
	@$(MAKE) --no-print-directory generate fmt

programs:
	@sh .ci/install.sh $(SUDO)
