# make demo runs everything on this machine; make test and make check are what CI runs.

GO      ?= go
BINARY  := bin/ocsso
FUZZ    ?= 20000x
SUDO    := $(shell [ "$$(id -u)" = 0 ] || command -v sudo)

.PHONY: help demo build test test-databases check generate fmt fuzz screenshot programs

help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: build ## Run a customer's site, a stand-in help center and three members, on this machine.
	@$(BINARY) demo

build: ## Build bin/ocsso.
	@CGO_ENABLED=0 $(GO) build -trimpath -o $(BINARY) ./cmd/ocsso

# One package at a time: browsers, servers and a disk that is waited for want the machine to themselves.
test: programs ## Run every test, with a real browser, Redis and nginx. Installs them by apt where they are missing.
	$(GO) test -p 1 ./...

test-databases: ## Run the SQL tests on PostgreSQL and MariaDB, in temporary directories.
	@sh .ci/databases.sh $(SUDO)

check: programs ## Check format, vet, staticcheck, generated code, races and a short run of each fuzz target.
	@unformatted=$$(gofmt -l cmd internal static templates web); [ -z "$$unformatted" ] || { echo "run make fmt: $$unformatted"; exit 1; }
	$(GO) mod verify
	$(GO) mod tidy -diff
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	$(GO) tool templ fmt -fail templates internal/simulator
	@sh .ci/generated.sh
	$(GO) test -race -p 1 -skip '^TestE2E' ./...
	@$(MAKE) --no-print-directory fuzz

generate: ## Write the Go code of the templates.
	$(GO) tool templ generate -include-version=false

fmt: ## Format Go and templates.
	gofmt -w cmd internal static templates web
	$(GO) tool templ fmt templates internal/simulator

fuzz: ## Run each fuzz target FUZZ times (20000x).
	@sh .ci/fuzz.sh $(FUZZ)

screenshot: programs ## Make the README's screenshots.
	OCSSO_SCREENSHOTS=$(CURDIR)/.github/images $(GO) test ./cmd/ocsso -run TestE2EScreenshots -count=1

programs:
	@sh .ci/install.sh $(SUDO)
