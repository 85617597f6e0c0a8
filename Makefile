PREFIX  = /usr/local
VERSION = $(shell git describe --tags --always --dirty 2>/dev/null)
GO      = CGO_ENABLED=0 go
LDFLAGS = -s -w -X main.version=$(VERSION)

STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOVULNCHECK = golang.org/x/vuln/cmd/govulncheck@v1.9.0
FUZZTIME    = 30s

.PHONY: build install uninstall demo test soak lint fuzz cover clean

build:
	$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/ ./cmd/git-credential-pat ./cmd/git-pat

install: build
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 bin/git-credential-pat bin/git-pat $(DESTDIR)$(PREFIX)/bin

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/git-credential-pat $(DESTDIR)$(PREFIX)/bin/git-pat

demo: build
	@go run ./e2e/demo bin

test:
	@TESTFLAGS='$(TESTFLAGS)' sh .ci/needs
	go test -count=1 $(TESTFLAGS) ./...

soak:
	@sh .ci/needs
	GIT_PAT_SOAK=1 go test -count=1 -v -run '^TestSoak' -timeout 60m ./e2e

lint:
	test -z "$$(gofmt -l . | tee /dev/stderr)"
	go vet ./...
	GOOS=darwin go vet ./...
	GOOS=windows go vet ./...
	go run $(STATICCHECK) ./...
	@sh .ci/vulnerabilities $(GOVULNCHECK)

fuzz:
	@sh .ci/fuzz $(FUZZTIME)

cover:
	mkdir -p coverage
	go test -coverpkg=./... -coverprofile=coverage/profile ./...
	go tool cover -html=coverage/profile -o coverage/index.html

clean:
	rm -rf bin coverage
