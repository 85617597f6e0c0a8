package remotes

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

// An LFS says where Git LFS has the large files of a remote, if a setting leads to
// another repository than the one of the remote.
type LFS struct {
	Entry   *Entry // the remote
	Push    bool   // the files are sent there; otherwise they are fetched from there
	Setting git.Setting
	Files   string // the https URL of the repository with the files

	// Asks is the URL for which Git LFS asks for a token. It is the URL of the remote
	// if that has the same host, written in the same way.
	Asks string
}

// AsksForRemote reports whether Git LFS asks for the token of the remote, but sends it
// to the repository with the files.
func (l LFS) AsksForRemote() bool { return l.Asks != l.Files }

// Command returns the arguments for Git that make Git LFS ask for a token of the
// repository with the files: with its port, the host differs from the remote's.
func (l LFS) Command() []string {
	remote, err := git.ParseRemote(l.Files)
	if err != nil || credential.WithoutPort(remote.Host) != remote.Host || l.Entry.Folder != "" {
		return nil
	}
	_, path, _ := strings.Cut(strings.TrimPrefix(l.Files, "https://"), "/")
	return []string{"config", l.Setting.Key, "https://" + remote.Host + ":443/" + path}
}

// lfsConfig is the file at the top of a working tree in which a repository has
// settings for Git LFS, git-lfs-config(5).
const lfsConfig = ".lfsconfig"

// LFS returns where Git LFS has the large files of remotes.
func (r *Reader) LFS(ctx context.Context, entries []*Entry) ([]LFS, error) {
	var found []LFS
	for _, e := range entries {
		if e.Submodule != "" || e.Remote.Host == "" {
			continue
		}
		settings, err := r.lfsSettings(ctx, e.Repository)
		if err != nil {
			return nil, err
		}
		own := "remote." + e.Name + "."
		for _, push := range []bool{false, true} {
			keys := []string{"lfs.url", own + "lfsurl"}
			if push {
				keys = []string{"lfs.pushurl", "lfs.url", own + "lfspushurl", own + "lfsurl"}
			}
			if l, ok := leadsTo(e, settings, keys); ok && (push && e.Push || !push && e.Fetch) {
				l.Push = push
				same := func(other LFS) bool {
					return other.Entry.Name == e.Name && other.Files == l.Files && other.Asks == l.Asks
				}
				if !slices.ContainsFunc(found, same) {
					found = append(found, l)
				}
			}
		}
	}
	return found, nil
}

// lfsSettings returns the settings of a repository, after those in its .lfsconfig,
// over which they take precedence.
func (r *Reader) lfsSettings(ctx context.Context, repo Repository) (git.Config, error) {
	settings, err := r.Config.Folder(ctx, repo.Folder)
	if err != nil {
		return nil, err
	}
	// Git would wait for a pipe, and we for Git.
	if info, err := os.Lstat(filepath.Join(repo.Folder, repo.top, lfsConfig)); err != nil || !info.Mode().IsRegular() {
		return settings, nil
	}
	shared, err := r.Config.File(ctx, repo.Folder, "--file", repo.top+lfsConfig)
	if err != nil {
		return nil, err
	}
	return slices.Concat(shared, settings), nil
}

// leadsTo returns where the first of some settings leads, if it is to another
// repository over https.
func leadsTo(e *Entry, settings git.Config, keys []string) (LFS, bool) {
	for _, key := range keys {
		values := settings.Get(key)
		if len(values) == 0 {
			continue
		}
		l := LFS{Entry: e, Setting: values[len(values)-1]}
		url, _ := settings.Rewrite(l.Setting.Value, false)
		remote, err := git.ParseRemote(url)
		if err != nil || remote.Protocol != "https" || git.WithoutUser(url) != url || sameRepository(remote, e.Remote) {
			return LFS{}, false
		}
		l.Files, l.Asks = url, url
		if siteOf(url) == siteOf(e.URL.URL) {
			l.Asks = e.URL.URL
		}
		return l, true
	}
	return LFS{}, false
}

// siteOf returns the protocol and the host of a URL as they are written.
func siteOf(url string) string {
	scheme, rest, _ := strings.Cut(git.WithoutUser(url), "://")
	host, _, _ := strings.Cut(rest, "/")
	return scheme + "://" + host
}

// sameRepository reports whether two URLs lead to the same repository, as the
// forge reads them.
func sameRepository(a, b credential.Remote) bool {
	one, err := credential.Request{Host: a.Host, Path: a.Path}.Repository()
	if err != nil {
		return false
	}
	other, err := credential.Request{Host: b.Host, Path: b.Path}.Repository()
	return err == nil && one == other && a.Host == b.Host
}
