package verify

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/homefile"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/inspect"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

// Servers are the servers of tokens.
type Servers struct {
	Git     *git.Cache
	Version string // of this program
}

// Client returns a client for a host. It trusts the certificates of the system and
// those that the person's own Git trusts.
func (s *Servers) Client(ctx context.Context, host string) (*inspect.Client, error) {
	file := certificates(ctx, s.Git, host)
	if file == "" {
		return inspect.NewClient(s.Version, nil)
	}
	extra, _, err := homefile.Read(file)
	if err != nil {
		return nil, fmt.Errorf("the certificates that Git trusts: %w", err)
	}
	return inspect.NewClient(s.Version, []byte(extra))
}

// Inspect asks the server about a token, which need not be stored yet; see
// inspect.Client.Inspect.
func (s *Servers) Inspect(ctx context.Context, r credential.Record, secret credential.Secret, now time.Time) (inspect.Report, error) {
	client, err := s.Client(ctx, r.Host)
	if err != nil {
		return inspect.Report{}, err
	}
	return client.Inspect(ctx, r, secret, now), nil
}

// certificates returns the path of the file with the certificates that Git trusts,
// or nothing. The configuration of the repository in the current folder does not
// count, because others may have written it.
func certificates(ctx context.Context, settings *git.Cache, host string) string {
	file := os.Getenv("GIT_SSL_CAINFO")
	if file != "" {
		return file
	}
	if own, err := settings.Own(ctx); err == nil {
		for _, s := range own.ForHTTP("https://"+host, "sslcainfo") {
			file = s.Value
		}
	}
	if rest, ok := strings.CutPrefix(file, "~/"); ok {
		file = filepath.Join(homefile.Home(), rest)
	}
	return file
}
