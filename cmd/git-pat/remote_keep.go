package main

// The tokens and passwords that stand in URLs, and how they are kept.

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/remotes"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/advice"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// staysInURL says why what stands in a URL is left there.
func (f *fixing) staysInURL(entry *remotes.Entry, err error) {
	f.stays = append(f.stays, entry)
	f.t.Say("the %s in the URL of %s stays there:", secretWord(entry.Secret), theRemote(entry))
	exit(f.t, err)
	f.t.Hint("to take it out without keeping it:", commandLines(entry.Commands)...)
}

// recordFor returns the record under which the secret in a URL is to be kept,
// or nil if it is empty or a token answers that is the same. It is for the
// owner, unless the owner has another one, and then for the repository. If it
// would not be the one that answers, it is better where it is. What is to be
// kept of other URLs before counts as kept.
func (f *fixing) recordFor(ctx context.Context, entry *remotes.Entry, before map[*remotes.Entry]*credential.Record) (*credential.Record, error) {
	if entry.Secret.Value.Empty() {
		return nil, nil
	}
	e, err := f.Resolve(ctx, entry.HTTPS)
	if err != nil {
		return nil, err
	}
	d, request := e.Decision, e.Decision.Request
	switch {
	case e.StoreErr != nil || e.Refused != nil:
		return nil, adviceError(whyNone(ctx, f.Resolver, entry.HTTPS, e))
	case !e.Asked:
		return nil, adviceError(doesNotAsk(ctx, f.Resolver, request.Host))
	case e.Login != nil && e.Login.Password != nil && e.Login.Password.Equal(entry.Secret.Value):
		return nil, nil
	}
	var candidates []credential.Candidate
	var taken []string
	for _, look := range d.Considered {
		candidates = append(candidates, look.Candidate)
		taken = append(taken, look.Name)
	}
	for other, r := range before {
		if r == nil {
			continue
		}
		c := credential.Candidate{Record: *r}
		fits := credential.Choose(request, []credential.Candidate{c}, f.Tokens.Now).Considered[0].Level != credential.NoLevel
		if fits && other.Secret.Value.Equal(entry.Secret.Value) {
			return nil, nil
		}
		candidates, taken = append(candidates, c), append(taken, c.Name)
	}
	paths := []string{strings.Trim(entry.Remote.Path, "/")}
	if entry.Secret.Kind.IsGitHub() {
		repository, err := credential.Request{Path: entry.Remote.Path}.Repository()
		if err != nil {
			return nil, err
		}
		paths = []string{credential.Target{Paths: []string{repository}}.Owner(), repository}
	} else if entry.Secret.Login == "" {
		return nil, &hintError{text: "it has no user name"}
	}
	for _, path := range paths {
		r := credential.Record{
			Target:   credential.Target{Host: request.Host, Paths: []string{path}},
			Username: entry.Secret.Login,
			Added:    f.Tokens.Now.UTC(),
		}
		if err := checkWords(r); err != nil {
			return nil, err
		}
		if err := describe(&r, entry.Secret.Value); err != nil {
			return nil, err
		}
		r.Name = record.FreeName(record.DefaultName(r), taken)
		if answersAlone(r, candidates, request, f.Tokens.Now) {
			return &r, nil
		}
	}
	return nil, &hintError{text: "there is another token for it", hint: "to see which:", commands: []string{"git pat explain " + shellWord(entry.HTTPS)}}
}

// adviceError is advice on what keeps something from being done.
func adviceError(a advice.Advice) error {
	return &hintError{text: a.What, hint: a.Do, commands: a.Commands}
}

// answersAlone reports whether a new record would answer a request, with no
// other record of its target beside it.
func answersAlone(r credential.Record, others []credential.Candidate, request credential.Request, now time.Time) bool {
	all := append(slices.Clone(others), credential.Candidate{Record: r})
	if credential.Choose(request, all, now).Winner != len(others) {
		return false
	}
	// Whatever its login is, and whether it can be used or not.
	request.Username = ""
	looked := credential.Choose(request, all, now).Considered
	fits := looked[len(others)]
	return !slices.ContainsFunc(looked[:len(others)], func(look credential.Considered) bool { return look.Level == fits.Level })
}

// keepSecret keeps what stands in a URL, for what was shown, and makes sure
// that it is what answers from now on.
func (f *fixing) keepSecret(ctx context.Context, entry *remotes.Entry, shown *credential.Record) error {
	r, err := f.recordFor(ctx, entry, nil)
	if err != nil || r == nil {
		return err
	}
	if shown == nil || !r.Target.Equal(shown.Target) {
		return errOthersMeanwhile(*r)
	}
	r.Store = store.Default(ctx, f.Tokens.Options)
	if err := f.keepAlone(ctx, entry, *r); err != nil {
		return err
	}
	if again, err := f.recordFor(ctx, entry, nil); err != nil || again != nil {
		return errors.Join(&hintError{text: fmt.Sprintf("it was kept in the store %s, and does not come back", quote(r.Store))}, err)
	}
	what := r.Kind.String() + " token"
	if r.Kind == credential.Other {
		what = "password"
	}
	f.t.Say("kept the %s %s for %s, in the store %s", what, called(*r, entry.Secret.Value), r.Target, quote(r.Store))
	return nil
}

// keepAlone keeps what stands in a URL if it is still to be the only one there.
func (f *fixing) keepAlone(ctx context.Context, entry *remotes.Entry, r credential.Record) error {
	unlock, err := f.Tokens.Tree.Lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	others, err := f.Tokens.Tree.Lookup(r.Host, entry.Remote.Path)
	if err != nil {
		return err
	}
	if !answersAlone(r, others, credential.Request{Host: r.Host, Path: entry.Remote.Path}, f.Tokens.Now) {
		return errOthersMeanwhile(r)
	}
	if err := f.Tokens.Keep(ctx, nil, r, entry.Secret.Value); !errors.Is(err, fs.ErrExist) {
		return err
	}
	return errOthersMeanwhile(r)
}

// errOthersMeanwhile is the error for a token whose place others have taken, or
// left, since a person was asked.
func errOthersMeanwhile(r credential.Record) error {
	return &hintError{
		text: fmt.Sprintf("the tokens for %s were changed meanwhile, so it is not kept", r.Target),
		hint: "to see the tokens that there are now:", commands: []string{"git pat list " + shellWord(r.Target.Short())},
	}
}
