package fix

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/input"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/remotes"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/resolve"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// A NoAnswerError says that no token could answer for a URL, whichever is kept.
type NoAnswerError struct {
	URL    string
	Result resolve.Result
}

func (e *NoAnswerError) Error() string { return "no token can answer for the URL" }

// A NotAskedError says that Git does not ask for tokens of a host.
type NotAskedError struct{ Host string }

func (e *NotAskedError) Error() string {
	return "Git does not ask git-credential-pat for " + credential.Quote(e.Host)
}

// A RivalError says that another token is for the same repository.
type RivalError struct{ URL string }

func (e *RivalError) Error() string { return "there is another token for it" }

// ErrNoUser is the error for a password without a user name.
var ErrNoUser = errors.New("it has no user name")

// A ChangedError says that other tokens came or went since a person was asked, so
// that a token was not kept.
type ChangedError struct{ Record credential.Record }

func (e *ChangedError) Error() string {
	return "the tokens for " + e.Record.Target.String() + " were changed meanwhile, so it is not kept"
}

// A NotBackError says that a token was kept in a store and does not answer.
type NotBackError struct {
	Store string
	Err   error // may be nil
}

func (e *NotBackError) Error() string {
	text := "it was kept in the store " + credential.Quote(e.Store) + ", and does not come back"
	if e.Err != nil {
		text += " " + e.Err.Error()
	}
	return text
}

// Records are the records under which the secrets in URLs are to be kept. A record is
// nil if its secret need not be kept.
type Records map[*remotes.Entry]*credential.Record

// RecordFor returns the record under which the secret in a URL is to be kept. It is
// nil if there is no secret, or if it is that of the token that answers. The record
// is for the owner, or for the repository if the owner has another token. It is an
// error if the record would not be the one that answers. The secrets of the URLs
// before count as kept.
func (f *Fixer) RecordFor(ctx context.Context, entry *remotes.Entry, before Records) (*credential.Record, error) {
	secret, kept := entry.Secret, f.Resolver.Tokens
	if secret.Value.Empty() {
		return nil, nil
	}
	found, err := f.Resolver.Resolve(ctx, entry.HTTPS)
	if err != nil {
		return nil, err
	}
	request := found.Decision.Request
	switch {
	case found.StoreErr != nil || found.Refused != nil:
		return nil, &NoAnswerError{entry.HTTPS, found}
	case !found.Asked:
		return nil, &NotAskedError{request.Host}
	case found.Login != nil && found.Login.Password != nil && found.Login.Password.Equal(secret.Value):
		return nil, nil
	}
	var others []credential.Candidate
	var names []string
	for _, c := range found.Decision.Considered {
		others, names = append(others, c.Candidate), append(names, c.Name)
	}
	for other, r := range before {
		if r == nil {
			continue
		}
		c := credential.Candidate{Record: *r}
		fits := credential.Choose(request, []credential.Candidate{c}, kept.Now).Considered[0].Level != credential.NoLevel
		if fits && other.Secret.Value.Equal(secret.Value) {
			return nil, nil
		}
		others, names = append(others, c), append(names, c.Name)
	}
	paths, err := pathsFor(entry)
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		r := credential.Record{
			Target:   credential.Target{Host: request.Host, Paths: []string{path}},
			Username: secret.Login,
			Added:    kept.Now.UTC(),
		}
		if err := input.CheckWords(r); err != nil {
			return nil, err
		}
		if err := input.Describe(&r, secret.Value); err != nil {
			return nil, err
		}
		r.Name = record.FreeName(record.DefaultName(r), names)
		if answersAlone(r, others, request, kept.Now) {
			return &r, nil
		}
	}
	return nil, &RivalError{entry.HTTPS}
}

// pathsFor returns the paths for which a secret in a URL may be kept, the best first.
func pathsFor(entry *remotes.Entry) ([]string, error) {
	if !entry.Secret.Kind.IsToken() {
		if entry.Secret.Login == "" {
			return nil, ErrNoUser
		}
		return []string{strings.Trim(entry.Remote.Path, "/")}, nil
	}
	host, path := credential.Request{Host: entry.Remote.Host, Path: entry.Remote.Path}.Place()
	on := credential.Record{Target: credential.Target{Host: host}, Kind: entry.Secret.Kind}.On()
	repository, err := on.Repository(host, path)
	if err != nil {
		return nil, err
	}
	return []string{on.Owner(host, repository), repository}, nil
}

// answersAlone reports whether a new record would answer a request, with no other
// record for the same target.
func answersAlone(r credential.Record, others []credential.Candidate, request credential.Request, now time.Time) bool {
	all := append(slices.Clone(others), credential.Candidate{Record: r})
	if credential.Choose(request, all, now).Winner != len(others) {
		return false
	}
	// Another record counts whatever its login is, and even if it cannot be used.
	request.Username = ""
	considered := credential.Choose(request, all, now).Considered
	level := considered[len(others)].Level
	return !slices.ContainsFunc(considered[:len(others)], func(c credential.Considered) bool { return c.Level == level })
}

// Keep keeps the secret in a URL for the target that a person was shown, and makes
// sure that it answers from now on. The record is nil if it answers already.
func (f *Fixer) Keep(ctx context.Context, entry *remotes.Entry, shown *credential.Record) (*credential.Record, error) {
	r, err := f.RecordFor(ctx, entry, nil)
	if err != nil || r == nil {
		return nil, err
	}
	if shown == nil || !r.Target.Equal(shown.Target) {
		return nil, &ChangedError{*r}
	}
	r.Store = store.Default(ctx, f.Resolver.Tokens.Options)
	if err := f.keepAlone(ctx, entry, *r); err != nil {
		return nil, err
	}
	if again, err := f.RecordFor(ctx, entry, nil); err != nil || again != nil {
		return nil, &NotBackError{r.Store, err}
	}
	return r, nil
}

// keepAlone keeps the secret in a URL if no other record is for the same target.
func (f *Fixer) keepAlone(ctx context.Context, entry *remotes.Entry, r credential.Record) error {
	kept := f.Resolver.Tokens
	unlock, err := kept.Tree.Lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	others, err := kept.Tree.Lookup(r.Host, entry.Remote.Path)
	if err != nil {
		return err
	}
	if !answersAlone(r, others, credential.Request{Host: r.Host, Path: entry.Remote.Path}, kept.Now) {
		return &ChangedError{r}
	}
	if err := kept.Keep(ctx, nil, r, entry.Secret.Value); !errors.Is(err, fs.ErrExist) {
		return err
	}
	return &ChangedError{r}
}
