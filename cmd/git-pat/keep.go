package main

// How a token that a person gave is kept, and what is said about it then.

import (
	"errors"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/github"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/advice"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/keeper"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// describe completes a record by what its secret is, and refuses what cannot
// be used.
func describe(r *credential.Record, secret credential.Secret) error {
	r.Kind = credential.KindOf(secret, r.Host)
	if secret.Empty() {
		// A variable that is not set here. Its kind will most likely be
		// what suits the target.
		r.Kind = credential.FineGrained
		if len(r.Paths) == 0 {
			r.Kind = credential.Classic
		}
	}
	if what, hint := unfit(*r, secret); what != "" {
		return &hintError{text: what + ", so nothing is changed", hint: hint}
	}
	target, err := r.Target.For(r.Kind)
	if err != nil {
		return &hintError{text: err.Error(), status: exitUsage}
	}
	r.Target = target
	return nil
}

// unfit says what is wrong with a secret with which nobody can log in.
func unfit(r credential.Record, secret credential.Secret) (what, hint string) {
	switch {
	case credential.IsRefreshToken(secret):
		return "this is the refresh token of a GitHub App (ghr_), with which Git cannot log in", ""
	case r.Kind == credential.Other && credential.IsGitHubHost(r.Host):
		return "this is no token of GitHub's, and GitHub takes no passwords", "tokens begin with github_pat_, ghp_, gho_, ghu_ or ghs_"
	case r.Kind.IsGitHub() && !secret.Printable():
		return "this token holds characters that none has", ""
	}
	return "", ""
}

// probe makes sure that a store, or the one that would be chosen, can be used,
// before somebody makes a token that GitHub shows only once.
func (a *app) probe(tree *record.Tree, name string) error {
	chosen := name != ""
	if !chosen {
		name = "keyring"
	}
	trouble, err := a.trouble(tree, name)
	if err == nil && trouble != nil && (chosen || !trouble.Absent) {
		return trouble
	}
	return err
}

// trouble asks a store for what nobody has kept, and returns what keeps it from
// answering, if anything does.
func (a *app) trouble(tree *record.Tree, name string) (*store.Error, error) {
	s, err := a.open(tree, name)
	if err != nil {
		return nil, err
	}
	var trouble *store.Error
	_, err = s.Get(a.ctx, store.ProbeKey)
	errors.As(err, &trouble)
	return trouble, nil
}

// keep writes a record and its secret: in the place of an old one or, if that
// is nil, where there is none, which is fs.ErrExist if there is one. If
// anything fails, what was there stays. The caller holds the lock.
func (a *app) keep(tree *record.Tree, old *credential.Candidate, r credential.Record, secret credential.Secret) error {
	if err := a.put(tree, old, r, secret); err != nil {
		return err
	}
	if err := tree.Restore(record.Key(r)); err != nil {
		return err
	}
	if old != nil && old.Damaged == nil && old.Store != r.Store {
		a.ui.exit(a.dropOld(tree, r, secret, old.Store))
	}
	return nil
}

// put is keep without the marks. Where the secret comes into another store, the
// old one stays in its own, and the caller deletes it there.
//
// The record is changed when the new store has given the secret back. So the
// token answers whenever the program is killed: first from the old store, then
// from the new one.
func (a *app) put(tree *record.Tree, old *credential.Candidate, r credential.Record, secret credential.Secret) error {
	to, err := a.open(tree, r.Store)
	if err != nil {
		return err
	}
	key := record.Key(r)
	if old != nil && old.Damaged == nil && old.Store != r.Store {
		// Where records cannot be written, no secret is to go anywhere.
		if err := tree.Put(old.Record); err != nil {
			return err
		}
		if !store.ReadOnly(r.Store) {
			err = to.Set(a.ctx, key, secret)
			if err == nil {
				err = a.readBack(to, r, secret)
			}
		}
		if err == nil {
			err = tree.Put(r)
		}
		if err == nil {
			return nil
		}
		// An error may come after the record was changed. Then it needs the new secret.
		if now, failed := tree.Find(key); failed == nil && now.Record.Equal(old.Record) {
			to.Delete(a.ctx, key) // which may well fail where keeping did
		}
		return err
	}
	write, undo := tree.Put, func() error { return tree.Remove(key) }
	switch {
	case old == nil:
		write = tree.Create
		if err := keeper.Clear(a.ctx, tree, to, r); err != nil {
			return err
		}
	case old.Damaged == nil:
		undo = func() error { return tree.Put(old.Record) }
	}
	if err := write(r); err != nil || store.ReadOnly(r.Store) {
		return err
	}
	if err := to.Set(a.ctx, key, secret); err != nil {
		return errors.Join(err, undo())
	}
	return nil
}

// readBack makes sure that a store has the secret that it was given.
func (a *app) readBack(from store.Store, r credential.Record, secret credential.Secret) error {
	back, err := from.Get(a.ctx, record.Key(r))
	if errors.Is(err, store.ErrNotFound) || err == nil && !back.Equal(secret) {
		return &store.Error{Store: r.Store, What: "did not store the secret", Advice: "choose another --store"}
	}
	return err
}

// afterAdd says what a person should know of the token that was just added.
func (a *app) afterAdd(tree *record.Tree, r credential.Record, secret credential.Secret) error {
	if r.Expired(a.now) {
		a.ui.say("it expired %s, so that it does not answer", inWords(r.Expires, a.now))
	}
	if github.ChecksumOf(secret) == github.ChecksumBad {
		a.ui.say("its checksum does not fit: it looks mistyped or cut short")
	}
	switch {
	case secret.Empty():
		a.ui.say("%s is not set here; the token is taken for a %s one", strings.TrimPrefix(r.Store, "env:"), r.Kind)
	case r.Kind == credential.FineGrained && len(r.Paths) == 0:
		a.ui.say("a fine-grained token belongs to one owner, and this one will answer for all of %s", r.Host)
		a.ui.hint("to have it answer for its owner only:", "git pat add "+shellWord(credential.Target{Host: r.Host, Paths: []string{"OWNER"}}.Short()))
	case r.Kind == credential.Other && len(r.Paths) > 0:
		a.ui.say("this is no token of GitHub's, so that it answers for exactly the path %s", quote(strings.Join(r.Paths, ", ")))
	}
	if err := a.warnOfRivals(tree, r); err != nil {
		return err
	}
	a.warnOfSSH(tree, r)
	a.warnOfSetup(r)
	return nil
}

// warnOfRivals says if there is now another token that fits as well.
func (a *app) warnOfRivals(tree *record.Tree, r credential.Record) error {
	path := ""
	if len(r.Paths) > 0 {
		path = r.Paths[0]
	}
	candidates, err := tree.Lookup(r.Host, path)
	if err != nil {
		return err
	}
	if path == "" {
		path = "any/repository" // a request for the whole host would say something else
	}
	request := credential.Request{Host: r.Host, Path: path}
	d := credential.Choose(request, candidates, a.now)
	if d.DependsOnAccess() {
		if !a.saysPush(r.Host) {
			a.ui.say("there are tokens for reading and for writing %s, and Git does not say which requests are pushes, so that none answers", r.Target)
			a.ui.hint("to have Git say so:", advice.SetupCommand("--least-privilege", r.Host))
		}
		return nil
	}
	rivals := d.With(credential.Rival)
	isNew := func(look credential.Considered) bool { return look.Key == record.Key(r) }
	if d.Outcome != credential.Ambiguous || !slices.ContainsFunc(rivals, isNew) {
		return nil
	}
	for _, rival := range rivals {
		if rival.Key == record.Key(r) {
			continue
		}
		unless := ""
		if r.Username != "" || rival.Username != "" {
			unless = ", unless the URL names a login"
		}
		a.ui.say("the token %s fits %s as well, so that neither answers%s", quote(rival.Name), r.Target, unless)
		do, commands := advice.KeepOne(rivals)
		a.ui.hint(do, commands...)
		return nil
	}
	return nil
}

// warnOfSSH says which remotes of the repository one stands in the token is
// for, and cannot serve.
func (a *app) warnOfSSH(tree *record.Tree, r credential.Record) {
	entries, err := a.remotesReader(tree).List(a.ctx, "")
	if err != nil {
		return // no repository
	}
	for _, e := range entries {
		if !e.Refused() || !e.NotHTTPS() || e.Remote.Host != r.Host {
			continue
		}
		d := credential.Choose(credential.Request{Host: r.Host, Path: e.Remote.Path}, []credential.Candidate{{Record: r}}, r.Added)
		if len(d.With(credential.OtherPath)) == 0 {
			a.sayProblem(e)
		}
	}
}

// warnOfSetup says how to have Git ask for the token, if it seems not to.
func (a *app) warnOfSetup(r credential.Record) {
	if ok, err := a.asksUs("https://" + r.Host + "/" + r.Target.Owner()); ok || err != nil {
		return
	}
	a.ui.hint("Git does not ask for tokens of "+r.Host+" yet; to have it ask:", advice.SetupCommand("", r.Host))
}
