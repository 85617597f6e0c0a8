// Package gogit logs Go programs in to Git servers with the tokens of git pat. It
// is for programs that use github.com/go-git/go-git/v5, because go-git does not
// support credential helpers.
//
// [Login] chooses the token for a URL. Its result is the option Auth for go-git.
// Call Report afterwards:
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
// Login chooses the same token as git-credential-pat, from the same records and
// stores. If the URL has a user name, the token must belong to this login. If no
// token fits or can be used, the error is a [*NoTokenError], which says why.
//
// Go-git uses one login for a repository and its submodules. A submodule of
// another owner needs a login for its own URL: pass it to
// [git.Submodule.UpdateContext].
//
// # Public repositories
//
// Public repositories need no token. Even with an error, Login returns an Auth,
// which sends no token. If the server then requires a login, the error of Report
// begins with the error of Login, so people see what is missing:
//
//	login, err := gogit.Login(ctx, url)
//	var none *gogit.NoTokenError
//	if err != nil && !errors.As(err, &none) {
//		return err
//	}
//
// # Guarantees
//
// A token is sent only to the host and port of the URL and only over https. It is
// not sent after a redirect to another host, or to the host of a submodule
// elsewhere. Package fmt does not print it, and no error contains it. A token
// that the server rejects is set aside, not deleted. No new token is stored.
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

// An Auth logs in to the server of one URL. It may be used for several calls of
// go-git, but only for one at a time.
type Auth struct {
	keeper  keeper.Keeper
	request credential.Request
	token   credential.Considered
	login   *keeper.Login // nil if there is no token
	err     error         // why there is no token

	// What happened since the last report.
	sent atomic.Bool // the token was sent
	last atomic.Bool // the last request went to the server of the URL
}

var _ githttp.AuthMethod = (*Auth)(nil)

// ErrNotHTTPS is the error for a URL with another protocol. The error that wraps
// it contains the https URL.
var ErrNotHTTPS = errors.New("tokens work over https only")

// A NoTokenError says in one line why no token can be used for a URL.
type NoTokenError struct{ credential.Decision }

func (e *NoTokenError) Error() string { return e.Reason() }

// Login returns the login for the server of a repository. It uses the records in
// the folder record.Dir. It waits at most three seconds for a locked keyring. The
// Auth is never nil; if there is an error, it sends no token.
//
// The error is a *NoTokenError if no token fits or can be used. It wraps
// ErrNotHTTPS if the URL is not an https URL, credential.ErrPath if the forge
// does not allow the path, and a *store.Error if the store of the token failed.
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

// LoginFrom is like Login, but uses the fields Tree, Open and Now of a keeper. It
// is for programs with separate records, and for programs whose user can unlock a
// keyring.
func LoginFrom(ctx context.Context, k *keeper.Keeper, url string) (*Auth, error) {
	a := &Auth{keeper: *k}
	a.keeper.Save = keeper.SaveNever // the token is already stored
	a.err = a.choose(ctx, url)
	return a, a.err
}

// choose chooses and reads the token for a URL.
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

// title returns the token for use in a sentence, without the secret.
func (a *Auth) title() string { return "the token " + a.token.Title() }

// Name implements transport.AuthMethod.
func (a *Auth) Name() string { return "git-pat" }

// String describes the token without the secret.
func (a *Auth) String() string {
	if a.login == nil {
		return a.Name() + " - no token"
	}
	return a.Name() + " - " + a.title()
}

// SetAuth adds the token to a request if the request goes to the server of the URL
// over https. Go-git calls it for every request, also for those to submodules and
// after redirects.
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
	r.SetBasicAuth(a.login.UserName(a.request, a.token.Record), a.login.Password.Reveal())
}

// Report records the result of a call of go-git and returns its error, with an
// explanation if there is one.
//
// If the server accepted the token, Report notes the use, also after errors such
// as [git.NoErrAlreadyUpToDate]. If the server rejected the token with the status
// 401, Report sets it aside, and the error says so. The token is then not used
// until git pat verify succeeds or git pat rotate replaces it; after an hour it
// is tried once more. Any other error, such as a status of 403 or 404, says
// nothing about the token, and Report does nothing.
//
// After a redirect to another host, go-git removes the token and does not say
// which host sent the error. Report assumes the host of the URL.
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
		rejection, failed := a.keeper.Reject(ctx, report)
		switch {
		case failed != nil:
			return fmt.Errorf("%w: %w", failed, err)
		case len(rejection.SetAside) > 0:
			return fmt.Errorf("%s rejected %s; it is set aside: %w", a.request.Host, a.title(), err)
		}
	case sent && accepted(err):
		// The call has succeeded, so an error of the note is ignored.
		a.keeper.Approve(ctx, report)
	}
	return err
}

// accepted reports whether the server accepted the login. Two errors of go-git
// mean that there was nothing to do.
func accepted(err error) bool {
	return err == nil || errors.Is(err, git.NoErrAlreadyUpToDate) || errors.Is(err, transport.ErrEmptyRemoteRepository)
}
