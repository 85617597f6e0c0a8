// Package fix changes the remotes that are refused. The token or password in a URL is
// kept first.
//
// # What it promises
//
// Nothing is changed but what a person was shown. A URL with a secret is changed only
// after the secret was kept and answers for the URL.
package fix

import (
	"context"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/remotes"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/resolve"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

// A Fixer changes the remotes of a repository.
type Fixer struct {
	Resolver *resolve.Resolver

	// List reads the repository.
	List func(ctx context.Context) ([]*remotes.Entry, error)

	done []string // the commands that were run
}

// Again reads the repository again.
func (f *Fixer) Again(ctx context.Context) ([]*remotes.Entry, error) {
	*f.Resolver.Git = git.Cache{}
	return f.List(ctx)
}

// Unchanged reads the repository again and returns the entries that are as they were
// shown, and those that are not. A URL that somebody wrote meanwhile may hold another
// token.
func (f *Fixer) Unchanged(ctx context.Context, shown []*remotes.Entry) (same, changed []*remotes.Entry, err error) {
	if len(shown) == 0 {
		return nil, nil, nil
	}
	now, err := f.Again(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, e := range shown {
		if slices.ContainsFunc(now, e.Unchanged) {
			same = append(same, e)
		} else {
			changed = append(changed, e)
		}
	}
	return same, changed, nil
}

// Run runs the commands of an entry, each once for all entries. It calls show before
// each.
func (f *Fixer) Run(ctx context.Context, e *remotes.Entry, show func(args []string) error) error {
	for _, args := range e.Commands {
		line := strings.Join(args, "\x00")
		if slices.Contains(f.done, line) {
			continue
		}
		f.done = append(f.done, line)
		if err := show(args); err != nil {
			return err
		}
		*f.Resolver.Git = git.Cache{}
		if _, err := git.Run(ctx, args...); err != nil {
			return err
		}
	}
	return nil
}

// A State says what became of an entry.
type State int

const (
	Fine     State = iota // it was not refused and is not
	Fixed                 // it was refused and is not any more
	Stays                 // it is refused, and a person was told why it was not changed
	Doubtful              // it is refused and was left, since its server may have no https
	Refused               // it is refused
)

// An Outcome is what became of an entry.
type Outcome struct {
	State
	Entry  *remotes.Entry
	Before *remotes.Entry // the entry as it was changed, if it was
}

// Outcomes returns what became of all entries after some were changed and some stayed.
// If a person named none, those of unknown servers were left.
func Outcomes(all, changed, stayed []*remotes.Entry, named bool, ours func(host string) bool) []Outcome {
	var outcomes []Outcome
	for _, e := range all {
		o := Outcome{Entry: e}
		i := slices.IndexFunc(changed, func(before *remotes.Entry) bool {
			return e.Same(before) && withoutUser(e.HTTPS) == withoutUser(before.HTTPS)
		})
		if i >= 0 {
			o.Before = changed[i]
		}
		switch {
		case !e.Refused() && o.Before != nil && e.Remote.Host != "":
			o.State = Fixed
		case !e.Refused():
			o.State = Fine
		case slices.ContainsFunc(stayed, e.Same):
			o.State = Stays
		case o.Before == nil && len(e.Commands) > 0 && e.Secret == nil && !named && !ours(e.Remote.Host):
			o.State = Doubtful
		default:
			o.State = Refused
		}
		outcomes = append(outcomes, o)
	}
	return outcomes
}

// withoutUser returns a URL without the user name and the usual port, which
// git.PushBase has.
func withoutUser(url string) string {
	if remote, err := credential.ParseRemote(url); err == nil {
		return remote.HTTPS()
	}
	return url
}
