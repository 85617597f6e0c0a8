package main

import (
	"context"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/github"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/remotes"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/resolve"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/words"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/advice"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/shell"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// What a person should know about a token that was added or changed.

// afterAdd says what a person should know about a token that was just added.
func afterAdd(ctx context.Context, t *term.Terminal, r *resolve.Resolver, reader *remotes.Reader, added credential.Record, secret credential.Secret) error {
	if added.Expired(r.Tokens.Now) {
		t.Say("it expired %s, so it does not answer", words.When(added.Expires, r.Tokens.Now))
		t.Hint("if that date is wrong:", advice.EditCommand(added)+" --expires WHEN")
	}
	if github.ChecksumOf(secret) == github.ChecksumBad { // from a variable or command
		t.Say("its checksum is wrong; it may be mistyped or incomplete")
	}
	switch {
	case secret.Empty():
		t.Say("%s is not set here; the token is assumed to be a %s token", strings.TrimPrefix(added.Store, "env:"), added.Kind)
	case added.Kind == credential.FineGrained && len(added.Paths) == 0:
		t.Say("a fine-grained token belongs to one owner, and this one will answer for all of %s", added.Host)
		t.Hint("to make it answer only for its owner:", words.Retarget(added, "OWNER"))
	case !added.IsToken() && len(added.Paths) > 0:
		t.Say("it is not a token of a known forge; it answers for all paths below %s", added.Target)
	}
	if !added.IsToken() && added.Username == "" {
		t.Hint("if "+added.Host+" needs a login too:", advice.EditCommand(added)+" --username LOGIN")
	}
	if err := warnOfRivals(ctx, t, r, added); err != nil {
		return err
	}
	warnOfSSH(ctx, t, reader, added)
	warnOfSetup(ctx, t, r, added)
	return nil
}

// warnOfRivals says if another token fits as well as a new one.
func warnOfRivals(ctx context.Context, t *term.Terminal, r *resolve.Resolver, added credential.Record) error {
	path := ""
	if len(added.Paths) > 0 {
		path = added.Paths[0]
	}
	candidates, err := r.Tokens.Tree.Lookup(added.Host, path)
	if err != nil {
		return err
	}
	if path == "" {
		path = "any/repository" // a request without a path is decided by other rules
	}
	d := credential.Choose(credential.Request{Host: added.Host, Path: path}, candidates, r.Tokens.Now)
	if d.DependsOnAccess() {
		if !r.SaysPush(ctx, added.Host) {
			advise(t, words.PushesUnknown(added.Target))
		}
		return nil
	}
	rivals := d.With(credential.Rival)
	isNew := func(c credential.Considered) bool { return c.Key == record.Key(added) }
	if d.Outcome != credential.Ambiguous || !slices.ContainsFunc(rivals, isNew) {
		return nil
	}
	rival := rivals[slices.IndexFunc(rivals, func(c credential.Considered) bool { return !isNew(c) })]
	unless := ""
	if !credential.EqualFold(added.Username, rival.Username) {
		unless = ", unless the URL names a login"
	}
	t.Say("the token %s fits %s equally well, so neither answers%s", credential.Quote(rival.Name), added.Target, unless)
	twoLogins := unless != "" && added.Username != "" && rival.Username != ""
	if !twoLogins && added.Kind == credential.FineGrained && path == added.Owner() {
		t.Hint("to use it only for its repositories, or to remove one of the two:",
			words.Retarget(added, added.Owner()+"/REPO"), "git pat remove "+shell.Own().Word(added.Target.Short())+" --name NAME")
		return nil
	}
	do, commands := advice.KeepOne(rivals)
	t.Hint(do, commands...)
	return nil
}

// warnOfSSH names the remotes of the repository in the current folder that a new
// token is for, but cannot be used with.
func warnOfSSH(ctx context.Context, t *term.Terminal, reader *remotes.Reader, added credential.Record) {
	entries, err := reader.List(ctx, "")
	if err != nil {
		return // there is no repository
	}
	for _, e := range entries {
		if !e.Refused() || !e.NotHTTPS() || e.Remote.Host != added.Host {
			continue
		}
		d := credential.Choose(credential.Request{Host: added.Host, Path: e.Remote.Path}, []credential.Candidate{{Record: added}}, added.Added)
		if len(d.With(credential.OtherPath)) == 0 {
			advise(t, words.Refused(e))
		}
	}
}

// warnOfSetup says how to configure Git if it does not ask for a new token.
func warnOfSetup(ctx context.Context, t *term.Terminal, r *resolve.Resolver, added credential.Record) {
	for _, host := range forge.Hosts(added.Host, added.Owner()) {
		if ok, err := r.Asks(ctx, "https://"+host+"/"+added.Owner()); !ok && err == nil {
			t.Hint("Git does not ask for tokens of "+host+" yet; to configure it:", advice.SetupCommand("", host))
			return
		}
	}
}
