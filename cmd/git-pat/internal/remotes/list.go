// Package remotes says where the remotes and submodules of a repository lead,
// what keeps tokens from them, and which commands of Git change that.
//
// # What it promises
//
// Nothing is changed. A [Reader] reads Git's configuration and .gitmodules, asks
// Git, and may ask ssh for the real name of a host; it opens no connection.
//
// The commands are made from what is written and where, not from what Git makes
// of it: a remote that insteadOf leads away from https has no fault in its own
// URL. No command holds a token or password. Where one would have to, there is
// only ByHand, which opens the file.
package remotes

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

// An Entry is a URL that Git uses for a remote or a submodule.
type Entry struct {
	Repository
	Name      string
	Submodule string // the path of a submodule from Folder; empty for a remote
	Fetch     bool   // Git fetches from the URL
	Push      bool   // Git pushes to it
	URL       git.RemoteURL
	rules     git.Config // the configuration, whose insteadOf rules are for this URL

	Remote   credential.Remote // where the URL leads; it has no host if it leads to none
	Protocol string
	HTTPS    string     // the URL with which tokens work, as it is after the commands
	Wrong    error      // why there is no such URL: no repository can have the path; then there are no commands
	Secret   *Secret    // what stands in the URL, if anything does
	Follows  string     // for a relative URL, the remote that has to change
	Commands [][]string // arguments for Git that change it
	ByHand   []string   // arguments for Git that let a person do it, where Commands would hold a secret
}

// A Repository is the one that an entry belongs to.
type Repository struct {
	Folder string // from the current folder; empty for the repository one stands in
	top    string // from Folder to the top of the working tree
}

// Git returns the arguments for Git to do something in the repository.
func (r Repository) Git(args ...string) []string {
	if r.Folder == "" {
		return args
	}
	return append([]string{"-C", r.Folder}, args...)
}

// Refused reports whether the entry has to change: tokens cannot be used for it,
// or one can be seen in it.
func (e *Entry) Refused() bool { return e.Follows == "" && (e.NotHTTPS() || e.Secret != nil) }

// NotHTTPS reports whether the entry leads to a host, but not over https.
func (e *Entry) NotHTTPS() bool { return e.Remote.Host != "" && e.Remote.Protocol != "https" }

// Called reports whether a person means the entry by a name: that of the remote
// or submodule, or the path of the submodule.
func (e *Entry) Called(name string) bool {
	return e.Name == name || e.Submodule != "" && path.Join(e.Folder, e.Submodule) == path.Clean(name)
}

// Same reports whether two entries are of the same remote or submodule. A remote
// may have several URLs.
func (e *Entry) Same(other *Entry) bool {
	return e.Folder == other.Folder && e.Submodule == other.Submodule && e.Name == other.Name
}

// Unchanged reports whether two entries that were read one after the other are
// the same, with the same URL and the same commands.
func (e *Entry) Unchanged(later *Entry) bool {
	return e.Same(later) && e.URL.URL == later.URL.URL && e.URL.Written == later.URL.Written &&
		slices.EqualFunc(e.Commands, later.Commands, slices.Equal)
}

// Modules returns the .gitmodules file that the commands change, if they do.
func (e *Entry) Modules() (file string, ok bool) {
	ok = e.Submodule != "" && slices.ContainsFunc(e.Commands, func(args []string) bool { return slices.Contains(args, e.top+".gitmodules") })
	return path.Join(e.Folder, e.top, ".gitmodules"), ok
}

// Choose returns those of the entries that are to be changed: if a person named
// them, all that are refused; otherwise those on GitHub's hosts and on others
// that are ours, since no other server is known to have https. A relative URL of
// a submodule goes with that of its remote. A secret in the URL of a submodule
// needs a name too: it may come from whoever wrote .gitmodules, and would answer
// for others if it were kept.
func Choose(all []*Entry, named bool, ours func(host string) bool) []*Entry {
	var chosen []*Entry
	for _, e := range all {
		sure := !e.NotHTTPS() || ours(e.Remote.Host)
		if e.Secret != nil && (e.Submodule != "" || e.Folder != "") {
			sure = false
		}
		if e.Refused() && len(e.Commands) > 0 && (sure || named) {
			chosen = append(chosen, e)
		}
	}
	for _, e := range all {
		goesAlong := func(base *Entry) bool {
			return base.Folder == e.Folder && base.Submodule == "" && base.Name == e.Follows
		}
		if len(e.Commands) > 0 && e.Follows != "" && slices.ContainsFunc(chosen, goesAlong) {
			chosen = append(chosen, e)
		}
	}
	return chosen
}

// A Reader lists the entries of a repository.
type Reader struct {
	Config *git.Cache
	SSH    *SSH     // nil if ssh may not be asked
	Hosts  []string // the hosts that there are tokens for

	// Forge returns the forge of a host that the tokens for it tell. It is nil if there
	// are no tokens.
	Forge func(host string) forge.Forge

	Submodules bool // list the entries in submodules, and in theirs, too

	// InsteadOf is a file of Git's configuration. If it is named, the commands write
	// rules of insteadOf into it, and include it, and leave the URLs as they are.
	InsteadOf string
}

// List returns the entries of the repository in a folder; empty for the one that
// one stands in. If there is no repository the error is a *NoRepositoryError.
func (r *Reader) List(ctx context.Context, folder string) ([]*Entry, error) {
	repo := Repository{Folder: folder}
	out, err := git.Call{Folder: folder, Args: []string{"rev-parse", "--is-inside-work-tree", "--show-cdup"}}.Run(ctx)
	if err != nil && folder == "" {
		err = &NoRepositoryError{err}
	}
	if err != nil {
		return nil, err
	}
	inside, up, _ := strings.Cut(strings.TrimSuffix(out, "\n"), "\n")
	repo.top = strings.TrimSuffix(up, "\n")
	rules, err := r.Config.Folder(ctx, folder)
	if err != nil {
		return nil, err
	}
	all, err := git.Remotes(ctx, folder, rules)
	if err != nil {
		return nil, err
	}
	var entries []*Entry
	for _, u := range all {
		i := slices.IndexFunc(entries, func(e *Entry) bool {
			return e.Name == u.Remote && e.URL.URL == u.URL && e.URL.Written == u.Written
		})
		if i < 0 {
			entries = append(entries, &Entry{Repository: repo, Name: u.Remote, URL: u, rules: rules})
			i = len(entries) - 1
		}
		entries[i].Push = entries[i].Push || u.Push
		entries[i].Fetch = entries[i].Fetch || !u.Push
	}
	r.SSH.ask(ctx, urlsOf(entries))
	for _, e := range entries {
		if err := r.judge(ctx, e); err != nil {
			return nil, err
		}
	}
	if inside != "true" {
		return entries, nil // without a working tree there are no submodules
	}
	base, _ := git.MainRemote(all, git.Followed(ctx, folder, rules), false)
	return r.withSubmodules(ctx, entries, repo, base)
}

// A NoRepositoryError is the error if Git finds no repository, and says why.
type NoRepositoryError struct{ err error }

func (e *NoRepositoryError) Error() string { return e.err.Error() }

func (e *NoRepositoryError) Unwrap() error { return e.err }

// judge fills in where an entry leads, and which commands change it if tokens
// cannot be used there.
func (r *Reader) judge(ctx context.Context, e *Entry) error {
	remote, err := git.ParseRemote(e.URL.URL)
	if err != nil {
		e.Protocol = otherProtocol(e.URL.URL)
		return nil
	}
	remote = r.OverHTTPS(ctx, remote, e.URL.URL)
	e.Remote, e.Protocol = remote, remote.Protocol
	e.HTTPS, e.Secret = findSecret(e.URL.URL, remote)
	if remote.Protocol != "https" {
		e.HTTPS = remote.HTTPS()
		if _, err := r.forgeOf(remote.Host).Repository(remote.Host, remote.Path); err != nil {
			e.Wrong = fmt.Errorf("%s is %w", credential.Quote(remote.Path), err)
		}
	}
	if !e.Refused() || e.Submodule != "" {
		return nil
	}
	return r.change(ctx, e, func(url string) ([]string, error) { return r.setURL(ctx, e, url) })
}

// OverHTTPS returns the remote of a URL with the host and path that it has over https.
// The host of an SSH URL may be an alias of ssh_config, and for some forges the path
// differs.
func (r *Reader) OverHTTPS(ctx context.Context, remote credential.Remote, url string) credential.Remote {
	switch remote.Protocol {
	case "ssh":
		host := r.SSH.host(ctx, remote.Host, url)
		host, remote.Path = r.forgeOf(r.withPort(host)).HTTPS(forge.SSH{User: remote.User, Host: host, Path: remote.Path})
		remote.Host = r.withPort(host)
	case "git":
		remote.Host = r.withPort(remote.Host)
	}
	return remote
}

// forgeOf returns the forge of a host, which the tokens for it may tell.
func (r *Reader) forgeOf(host string) forge.Forge {
	f := forge.Of(host)
	if f == forge.Other && r.Forge != nil {
		f = r.Forge(host)
	}
	return f
}

// withPort returns a host with the port of https that its tokens are for. An SSH or
// git URL has a port of its own, or none.
func (r *Reader) withPort(host string) string {
	if !slices.Contains(r.Hosts, host) {
		for _, known := range r.Hosts {
			if credential.WithoutPort(known) == host {
				return known
			}
		}
	}
	return host
}
