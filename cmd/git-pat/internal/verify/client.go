package verify

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/homefile"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/inspect"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
)

// Client returns a client for a host. It trusts the certificates of the system and
// those that the person's own Git trusts. The version is this program's.
func Client(ctx context.Context, settings *git.Cache, host, version string) (*inspect.Client, error) {
	file := certificates(ctx, settings, host)
	if file == "" {
		return inspect.NewClient(version, nil)
	}
	extra, _, err := homefile.Read(file)
	if err != nil {
		return nil, fmt.Errorf("the certificates that Git trusts: %w", err)
	}
	return inspect.NewClient(version, []byte(extra))
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
