PREFIX  = /usr/local
VERSION = $(shell git describe --tags --always --dirty 2>/dev/null)
LDFLAGS = -s -w -X main.version=$(VERSION)
BIN     = bin
SHARE   = $(DESTDIR)$(PREFIX)/share

STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOVULNCHECK = golang.org/x/vuln/cmd/govulncheck@v1.9.0
FUZZTIME    = 30s

# What make packages makes packages for: amd64, arm64, arm7, 386, riscv64.
ARCH = $(shell go env GOARCH)
NFPM = go run github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.45.2
GORELEASER = go run github.com/goreleaser/goreleaser/v2@v2.15.1
CYCLONEDX  = go run github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.9.0
SBOM = $(BIN)/sbom.json

.PHONY: build files install uninstall packages sbom snapshot release test-packages test-go-install reproducible demo bench test test-newest test-oldest test-emulated test-windows forges soak lint fuzz cover clean

build:
	CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags '$(LDFLAGS)' -o $(BIN)/ ./cmd/git-credential-pat ./cmd/git-pat

files: build
	$(BIN)/git-pat completion bash >$(BIN)/git-pat.bash
	$(BIN)/git-pat completion zsh >$(BIN)/_git-pat
	$(BIN)/git-pat completion fish >$(BIN)/git-pat.fish
	$(BIN)/git-pat man git-pat >$(BIN)/git-pat.1
	$(BIN)/git-credential-pat --help | $(BIN)/git-pat man git-credential-pat >$(BIN)/git-credential-pat.1

install: files
	install -d $(DESTDIR)$(PREFIX)/bin $(SHARE)/man/man1
	install -d $(SHARE)/bash-completion/completions $(SHARE)/zsh/site-functions $(SHARE)/fish/vendor_completions.d
	install -m 755 $(BIN)/git-credential-pat $(BIN)/git-pat $(DESTDIR)$(PREFIX)/bin
	install -m 644 $(BIN)/git-pat.1 $(BIN)/git-credential-pat.1 $(SHARE)/man/man1
	install -m 644 $(BIN)/git-pat.bash $(SHARE)/bash-completion/completions/git-pat
	install -m 644 $(BIN)/_git-pat $(SHARE)/zsh/site-functions/_git-pat
	install -m 644 $(BIN)/git-pat.fish $(SHARE)/fish/vendor_completions.d/git-pat.fish

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/git-credential-pat $(DESTDIR)$(PREFIX)/bin/git-pat
	rm -f $(SHARE)/man/man1/git-pat.1 $(SHARE)/man/man1/git-credential-pat.1
	rm -f $(SHARE)/bash-completion/completions/git-pat $(SHARE)/zsh/site-functions/_git-pat $(SHARE)/fish/vendor_completions.d/git-pat.fish

# In bin/packages, for Linux and the processors in ARCH.
packages: files
	@VERSION='$(VERSION)' NFPM='$(NFPM)' LDFLAGS='$(LDFLAGS)' sh .ci/package/make $(ARCH)

sbom:
	$(CYCLONEDX) mod -json -licenses -std -noserial -output $(SBOM)

# Everything that a release has, in dist and bin/packages, without publishing it.
snapshot:
	$(GORELEASER) release --snapshot --clean

# Makes a draft of the release for the tag at GitHub.
release:
	$(GORELEASER) release --clean

# Installs the packages into a clean Debian, uses them and removes them.
test-packages: packages
	@sh .ci/package/test

# Installs the programs with go install, as a released version.
test-go-install:
	@sh .ci/package/go-install

# Makes the packages of the commit twice, in two folders, and compares them.
reproducible:
	@NFPM='$(NFPM)' sh .ci/package/reproducible

demo: build
	@go run ./e2e/demo bin

bench:
	@$(MAKE) -s install DESTDIR= PREFIX=$(CURDIR)/$(BIN)/installed
	@go run ./e2e/bench $(BENCHFLAGS) $(BIN)/installed/bin

test:
	@TESTFLAGS='$(TESTFLAGS)' sh .ci/needs
	go test -count=1 $(TESTFLAGS) ./...

# The programs again with the newest Git, on Debian.
test-newest:
	@sh .ci/newest-git .cache/git
	PATH="$(CURDIR)/.cache/git/bin:$$PATH" go test -count=1 $(TESTFLAGS) ./e2e

# The programs again with an old Git, which is built from the source in GIT_SOURCE.
# Not the scripts that expect no warning about Git, or safe.bareRepository of 2.38.
test-oldest:
	$(MAKE) -C $(GIT_SOURCE) -j4 prefix=$(CURDIR)/.cache/oldest-git NO_GETTEXT=1 NO_TCLTK=1 NO_OPENSSL=1 NO_PYTHON=1 install
	PATH="$(CURDIR)/.cache/oldest-git/bin:$$PATH" go test -count=1 -skip 'TestScripts/(doctor_|remote_bare|remote_places)' $(TESTFLAGS) ./e2e

# The libraries and the corpus of requests as on other processors, with qemu-user.
# s390x is big-endian. ARCH names others.
test-emulated: ARCH = s390x arm64
test-emulated:
	@TESTFLAGS='$(TESTFLAGS)' sh .ci/emulated $(ARCH)

# The tests for Windows in wine, with a Git for Windows. It needs root and Debian.
test-windows:
	@sh .ci/windows $(TESTFLAGS) ./protocol ./credential/... ./store/... ./cmd/...

# The programs with a real Gitea, a module of its own. It needs a newer Go, and some
# minutes to build the first time.
forges:
	@sh .ci/needs forges
	cd e2e/gitea && GOTOOLCHAIN=auto go test -count=1 $(TESTFLAGS) .

soak:
	@sh .ci/needs
	GIT_PAT_SOAK=1 go test -count=1 -v -run '^TestSoak' -timeout 60m ./e2e

lint:
	test -z "$$(gofmt -l . | tee /dev/stderr)"
	go vet ./...
	GOOS=darwin go vet ./...
	GOOS=windows go vet ./...
	go run $(STATICCHECK) ./...
	cd e2e/gitea && GOTOOLCHAIN=auto go vet . && GOTOOLCHAIN=auto go run $(STATICCHECK) .
	@sh .ci/vulnerabilities $(GOVULNCHECK)

fuzz:
	@sh .ci/fuzz $(FUZZTIME)

cover:
	mkdir -p coverage
	go test -coverpkg=./... -coverprofile=coverage/profile ./...
	go tool cover -html=coverage/profile -o coverage/index.html

clean:
	rm -rf bin coverage .cache
