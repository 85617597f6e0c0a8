// Package gogit logs Go programs in to Git servers with the tokens that git pat
// keeps. It is for programs that use go-git, github.com/go-git/go-git/v5, which
// knows no credential helpers.
//
// [Login] chooses the token for a URL. What it returns is for the option Auth of
// go-git's calls, and its method Report says afterwards how the call went:
//
//	login, err := gogit.Login(ctx, url)
//	if err != nil {
//		return err
//	}
//	_, err = git.PlainCloneContext(ctx, dir, false, &git.CloneOptions{URL: url, Auth: login})
//	return login.Report(ctx, err)
//
// # Which token
//
// The one that git-credential-pat would hand to Git, from the same records and
// stores. A user name in the URL asks for a token of that login. Where no token
// answers, the error is a [*NoTokenError], which says why.
//
// Go-git takes one login for a repository and its submodules. A submodule of
// another owner needs a login for its own URL: [git.Submodule.UpdateContext]
// takes one.
//
// # Public repositories
//
// They need no token. With every error of Login comes a login that sends
// nothing, and a program can go on with it. If the server then asks for one, the
// error of Report begins with that of Login, so that people see what is missing:
//
//	login, err := gogit.Login(ctx, url)
//	var none *gogit.NoTokenError
//	if err != nil && !errors.As(err, &none) {
//		return err
//	}
//
// # What it promises
//
// A token goes to the very host of the URL, port included, over https, and to
// no other: neither after a redirect nor for a submodule. No verb of fmt shows
// it, and no error does. A token that a server refuses is set aside and not
// deleted, and nothing is kept that was not kept before.
package gogit

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing/transport"
	githttp "github.com/go-git/go-git/v5/plumbing/transport/http"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/keeper"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// An Auth logs in to the server of one URL, for any number of calls of go-git,
// one after another.
type Auth struct {
	keeper  keeper.Keeper
	request credential.Request
	token   credential.Considered
	login   *keeper.Login // nil: nothing is sent
	err     error         // why not

	// Since the last report,
	sent atomic.Bool // the token was sent,
	last atomic.Bool // and the last request was one to the server
}

var _ githttp.AuthMethod = (*Auth)(nil)

// ErrNotHTTPS is the error for a URL of another protocol. The text around it
// has the https URL.
var ErrNotHTTPS = errors.New("tokens work over https only")

// A NoTokenError says that no token answers for a URL, and in one line why.
type NoTokenError struct{ credential.Decision }

func (e *NoTokenError) Error() string { return e.Reason() }

// Login returns what logs in to the server of a repository, with the person's
// own tokens: those in the folder of record.Dir. It waits three seconds at most
// for a keyring that is locked. The Auth is never nil; with an error, it sends
// nothing.
//
// The error is a *NoTokenError if no token answers, and wraps ErrNotHTTPS if
// none could; it wraps credential.ErrPath for a path that GitHub cannot have,
// and a *store.Error if the token could not be read.
func Login(ctx context.Context, url string) (*Auth, error) {
	dir, err := record.Dir()
	if err != nil {
		return &Auth{err: err}, err
	}
	tree, options := record.NewTree(dir), store.Options{Session: new(store.Session)}
	return LoginFrom(ctx, &keeper.Keeper{
		Tree: tree,
		Open: func(name string) (store.Store, error) { return store.Open(name, tree.Dir(), options) },
		Now:  time.Now,
	}, url)
}

// LoginFrom is Login with the tokens of a keeper, of which Tree, Open and Now
// are used. It is for programs with tokens of their own, and for those that
// have somebody at a terminal who can unlock a keyring.
func LoginFrom(ctx context.Context, k *keeper.Keeper, url string) (*Auth, error) {
	a := &Auth{keeper: *k}
	a.keeper.Save = keeper.SaveNever // what is reported came from there
	a.err = a.choose(ctx, url)
	return a, a.err
}

// choose finds the token that answers for a URL.
func (a *Auth) choose(ctx context.Context, url string) error {
	remote, err := credential.ParseRemote(url)
	switch {
	case err != nil:
		return err
	case remote.Protocol != "https":
		return fmt.Errorf("%w, not over %s: use %s", ErrNotHTTPS, remote.Protocol, remote.HTTPS())
	case remote.Password:
		return errors.New("the URL contains a password, which is used instead of a token")
	}
	a.request = credential.Request{Host: remote.Host, Path: remote.Path, Username: remote.User}
	if err := a.keeper.Check(a.request); err != nil {
		return err
	}
	decision, login, err := a.keeper.Fill(ctx, a.request)
	if decision.Winner >= 0 {
		a.token = decision.Considered[decision.Winner]
	}
	switch {
	case err != nil && decision.Winner >= 0:
		return fmt.Errorf("cannot read %s: %w", a.title(), err)
	case err != nil:
		return err
	case login == nil:
		return &NoTokenError{decision}
	case login.Password == nil && login.Credential == nil:
		return fmt.Errorf("cannot read %s: %w", a.title(), keeper.ErrSecret)
	}
	a.login = login
	return nil
}

// title is how the token is called in a sentence.
func (a *Auth) title() string { return "the token " + a.token.Title() }

// Name implements transport.AuthMethod.
func (a *Auth) Name() string { return "git-pat" }

// String says which token it is, without the token.
func (a *Auth) String() string {
	if a.login == nil {
		return a.Name() + " - no token"
	}
	return a.Name() + " - " + a.title()
}

// SetAuth logs a request in if it goes to the server, over https. Go-git calls
// it for all requests that it makes, be they for a submodule or follow from a
// redirect.
func (a *Auth) SetAuth(r *http.Request) {
	host, err := credential.ParseHost(r.URL.Host)
	ours := err == nil && host == a.request.Host && r.URL.Scheme == "https"
	a.last.Store(ours)
	if !ours || a.login == nil {
		return
	}
	a.sent.Store(true)
	if a.login.Credential != nil {
		r.Header.Set("Authorization", a.login.AuthType+" "+a.login.Credential.Reveal())
		return
	}
	username := a.request.Login()
	switch {
	case username != "":
	case a.login.Named:
		username = a.login.Username
	default:
		username = credential.AnyLogin
	}
	r.SetBasicAuth(username, a.login.Password.Reveal())
}

// Report takes note of how a call of go-git went, given its error, and returns
// that error with what there is to add to it.
//
// If the server took the token, its use is noted; also if there was nothing to
// do for it, as with [git.NoErrAlreadyUpToDate]. If it refused the token with a
// 401, the token is set aside: it does not answer until git pat verify finds
// that it is good after all, or git pat rotate replaces it, and is offered once
// more after an hour. The error says so then. Any other error, a 403 and a 404 among them, says nothing
// of the token, and nothing is noted.
//
// Go-git takes the token off where a redirect leads to another host, and does
// not say whose answer it returns. What that host says counts as the first's.
func (a *Auth) Report(ctx context.Context, err error) error {
	sent, last := a.sent.Swap(false), a.last.Swap(false)
	refused := last && errors.Is(err, transport.ErrAuthenticationRequired)
	if a.login == nil {
		if refused {
			return fmt.Errorf("%w: %w", a.err, err)
		}
		return err
	}
	report := keeper.Report{Request: a.request, Login: *a.login, Key: a.token.Key}
	switch {
	case refused:
		rejection, trouble := a.keeper.Reject(ctx, report)
		switch {
		case trouble != nil:
			return fmt.Errorf("%w: %w", trouble, err)
		case len(rejection.SetAside) > 0:
			return fmt.Errorf("%s rejected %s; it is set aside: %w", a.request.Host, a.title(), err)
		}
	case sent && accepted(err):
		// What was asked for is done. That a note of it cannot be made is no
		// reason to say that it is not.
		a.keeper.Approve(ctx, report)
	}
	return err
}

// accepted reports whether the server took the login: go-git has errors for
// when there was nothing to do.
func accepted(err error) bool {
	return err == nil || errors.Is(err, git.NoErrAlreadyUpToDate) || errors.Is(err, transport.ErrEmptyRemoteRepository)
}
