// Package resolve finds out what Git asks for when it uses a URL, and which token
// answers. The decision is made by the same code as in git-credential-pat.
package resolve

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/keeper"
)

// A Resolver answers as Git and git-credential-pat would in the current folder.
type Resolver struct {
	Tokens *tokens.Tokens
	Git    *git.Cache

	// OverHTTPS returns the remote of a URL with the host that it has over https. An SSH
	// URL may have an alias of ssh_config.
	OverHTTPS func(ctx context.Context, remote credential.Remote, url string) credential.Remote
}

// A Result says what Git asks for, and which token answers.
type Result struct {
	Request git.Request // a user name that is a token is ***
	Asked   bool        // Git asks git-credential-pat
	Before  git.Config  // the helpers that Git asks before it

	// Refused says why no token is ever used for the URL. It is a *ProtocolError,
	// ErrCredentialInURL, or says what is wrong with the host or the path.
	Refused error

	// StoreErr says why the store of the token that answers could not be read.
	StoreErr error

	Decision credential.Decision
	Login    *keeper.Login // nil if no token answers
}

// Winner returns the token that answers, if one does.
func (r Result) Winner() (credential.Considered, bool) {
	if r.Login == nil || r.StoreErr != nil {
		return credential.Considered{}, false
	}
	return r.Decision.Considered[r.Decision.Winner], true
}

// SameWinner reports whether the same token answers in two results.
func (r Result) SameWinner(other Result) bool {
	one, ok := r.Winner()
	another, alsoOK := other.Winner()
	return ok && alsoOK && one.Key == another.Key
}

// A ProtocolError says that a URL leads to a host over a protocol without tokens.
type ProtocolError struct{ Remote credential.Remote }

func (e *ProtocolError) Error() string {
	return "tokens work over https only, not over " + e.Remote.Protocol
}

// ErrCredentialInURL is the error for a URL with a token or password in it.
var ErrCredentialInURL = errors.New("the URL holds a token or password, so Git asks no helper")

// A HostError says that Git asks for another host than the one in a URL.
type HostError struct{ Host, Asked string }

func (e *HostError) Error() string {
	return fmt.Sprintf("Git asks for the host %s instead of %s", credential.Quote(e.Asked), e.Host)
}

// A URLError says that Git asks nobody for a URL, because it is not one.
type URLError struct{ URL string }

func (e *URLError) Error() string {
	return fmt.Sprintf("%s is not a URL that Git logs in to", credential.Quote(e.URL))
}

// Resolve decides which token answers for a URL. Nothing is changed.
func (r *Resolver) Resolve(ctx context.Context, url string) (Result, error) {
	var found Result
	typed := url
	remote, notURL := git.ParseRemote(url)
	if notURL == nil && !strings.Contains(url, "://") {
		// git credential does not read HOST:PATH.
		url = "ssh://" + strings.TrimPrefix(remote.HTTPS(), "https://")
	}
	request, err := r.Request(ctx, url)
	if err != nil {
		return found, err
	}
	if host, err := credential.ParseHost(request.Host); notURL == nil && remote.Protocol == "https" && (err != nil || host != remote.Host) {
		return found, &HostError{remote.Host, request.Host}
	}
	found.Request = request
	settings, err := r.Git.Folder(ctx, "")
	if err != nil {
		return found, err
	}
	helpers := settings.Helpers(url)
	ours := slices.IndexFunc(helpers, func(h git.Setting) bool { return git.RunsPat(h.Value) })
	found.Asked, found.Before = ours >= 0, helpers[:max(ours, 0)]
	if notURL == nil && !found.Asked {
		found.Request.Path = remote.Path // as Git sends it after setup
	}
	k := r.keeper()
	asked, err := credential.ParseRequest(found.Request.Protocol, found.Request.Host, found.Request.Path, found.Request.Username)
	if git.IsPush(found.Request.Host, asked.Username, func() git.Config { return settings }) {
		asked.Username = credential.PushLogin
	}
	if err == nil {
		err = k.Check(asked)
	}
	if (credential.Request{Host: found.Request.Host, Username: found.Request.Username}).TokenForName() {
		found.Request.Username = "***"
	}
	switch {
	case err != nil && notURL == nil && remote.Protocol != "https" && errors.Is(err, credential.ErrNotOurs):
		found.Refused = &ProtocolError{r.OverHTTPS(ctx, remote, typed)}
	case err != nil:
		found.Refused = err
	case notURL == nil && HoldsCredential(remote):
		found.Refused = ErrCredentialInURL
	}
	if found.Refused == nil {
		found.Decision, found.Login, found.StoreErr = k.Decide(ctx, asked)
	}
	return found, nil
}

// keeper returns what decides for the helper.
func (r *Resolver) keeper() *keeper.Keeper {
	return &keeper.Keeper{
		Tree:     r.Tokens.Tree,
		Open:     func(name string) (store.Store, error) { return r.Tokens.Open(name) },
		Now:      func() time.Time { return r.Tokens.Now },
		SaysPush: r.SaysPush,
	}
}

// Request returns what Git asks its helpers for when it logs in to a URL. A
// password in the URL does not count.
func (r *Resolver) Request(ctx context.Context, url string) (git.Request, error) {
	settings, err := r.Git.Folder(ctx, "")
	if err != nil {
		return git.Request{}, err
	}
	url = WithoutPassword(url)
	request, err := settings.Asks(url)
	if errors.Is(err, git.ErrURL) {
		err = &URLError{url}
	}
	return request, err
}

// WithoutPassword returns a URL without the password in it.
func WithoutPassword(url string) string {
	before, info, after, ok := git.CutUserinfo(url)
	if !ok {
		return url
	}
	user, _, _ := strings.Cut(info, ":")
	return before + user + "@" + after
}

// Asks reports whether Git asks git-credential-pat for a URL.
func (r *Resolver) Asks(ctx context.Context, url string) (bool, error) {
	settings, err := r.Git.Folder(ctx, "")
	return slices.ContainsFunc(settings.Helpers(url), func(h git.Setting) bool { return git.RunsPat(h.Value) }), err
}

// SaysPush reports whether Git says which requests for a host are pushes.
func (r *Resolver) SaysPush(ctx context.Context, host string) bool {
	settings, err := r.Git.Folder(ctx, "")
	return err == nil && settings.SaysPush(host)
}

// IsOurs reports whether a host is GitHub's, or has a token.
func (r *Resolver) IsOurs(host string) bool {
	if credential.IsGitHubHost(host) {
		return true
	}
	for range r.Tokens.Tree.Within(forge.Locate(host, "", "")) {
		return true
	}
	return false
}

// HoldsCredential reports whether a URL holds a token or password.
func HoldsCredential(r credential.Remote) bool {
	return r.Password || credential.KindOf(credential.NewSecret(r.User), r.Host).IsToken()
}

// HereOn returns the path of the repository in the current folder, if its remote is on
// a host. Otherwise it returns "".
func (r *Resolver) HereOn(ctx context.Context, host string) string {
	url, err := r.Here(ctx, false)
	remote, notURL := git.ParseRemote(url)
	if err != nil || notURL != nil || remote.Host != host {
		return ""
	}
	repository, _ := credential.Request{Host: host, Path: remote.Path}.Repository()
	return repository
}

// RecordFor returns the record of the token that answers for a repository. It is
// empty if none answers.
func (r *Resolver) RecordFor(ctx context.Context, host, repository string) credential.Record {
	if repository == "" {
		return credential.Record{}
	}
	found, err := r.Resolve(ctx, credential.Remote{Host: host, Path: repository}.HTTPS())
	if winner, ok := found.Winner(); ok && err == nil {
		return winner.Record
	}
	return credential.Record{}
}
