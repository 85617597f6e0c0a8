package main

// What is checked before a token is kept, and what is said afterwards.

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/github"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/remotes"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/resolve"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/advice"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// describe sets the kind and the target of a record to what its secret needs. The
// error says why nobody can log in with the secret.
func describe(r *credential.Record, secret credential.Secret) error {
	r.Kind = ""
	if r.Kind = forge.KindOf(secret.Reveal(), r.On()); secret.Empty() {
		r.Kind = guess(*r) // the variable is not set here
	}
	if what, hint := unfit(*r, secret); what != "" {
		return &hintError{text: what + "; nothing was changed", hint: hint}
	}
	target, err := r.Target.On(r.On())
	if err != nil {
		return &hintError{text: err.Error(), status: exitUsage}
	}
	r.Target = target
	return nil
}

// guess returns the usual kind of a token for a target.
func guess(r credential.Record) credential.Kind {
	switch on := r.On(); {
	case on == forge.GitLab:
		return forge.GitLabToken
	case on == forge.Azure:
		return forge.AzureToken
	case on == forge.Gitea:
		return forge.GiteaToken
	case on == forge.Bitbucket && r.Host == forge.BitbucketHost:
		return forge.BitbucketAPI
	case on == forge.Bitbucket:
		return forge.BitbucketHTTP
	case len(r.Paths) == 0:
		return credential.Classic
	}
	return credential.FineGrained
}

// unfit says what is wrong with a secret with which nobody can log in.
func unfit(r credential.Record, secret credential.Secret) (what, hint string) {
	issuer, own := r.Kind.Forge(), cmp.Or(forge.Of(r.Host), r.Forge)
	switch {
	case credential.IsRefreshToken(secret):
		return "this is the refresh token of a GitHub App (ghr_); Git cannot log in with it", ""
	case issuer != forge.GitHub && credential.IsGitHubHost(r.Host):
		return "this is not a token of GitHub, and GitHub accepts no passwords", "a token begins with github_pat_, ghp_, gho_, ghu_ or ghs_"
	case own != forge.Other && r.Kind != credential.Other && issuer != own:
		return fmt.Sprintf("this is a token of %s, and %s is a host of %s", issuer.Title(), r.Host, own.Title()), ""
	case r.IsToken() && !secret.Printable():
		return "this token has characters that no token has", ""
	}
	return "", ""
}

// afterAdd says what a person should know about a token that was just added.
func afterAdd(ctx context.Context, t *term.Terminal, r *resolve.Resolver, reader *remotes.Reader, added credential.Record, secret credential.Secret) error {
	if added.Expired(r.Tokens.Now) {
		t.Say("it expired %s, so it does not answer", inWords(added.Expires, r.Tokens.Now))
		t.Hint("if that date is wrong, add the token again with another --expires")
	}
	if github.ChecksumOf(secret) == github.ChecksumBad { // of a variable
		t.Say("its checksum is wrong; it may be mistyped or incomplete")
	}
	switch {
	case secret.Empty():
		t.Say("%s is not set here; the token is assumed to be a %s token", strings.TrimPrefix(added.Store, "env:"), added.Kind)
	case added.Kind == credential.FineGrained && len(added.Paths) == 0:
		t.Say("a fine-grained token belongs to one owner, and this one will answer for all of %s", added.Host)
		t.Hint("to make it answer only for its owner:", retarget(added, "OWNER"))
	case !added.IsToken() && len(added.Paths) > 0:
		t.Say("it is not a token of a known forge; it answers for all paths below %s", added.Target)
	}
	if !added.IsToken() && added.Username == "" {
		t.Hint("if " + added.Host + " needs a login too, add it again with --username LOGIN")
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
			t.Say("there are tokens for reading and for writing %s, but Git does not say which requests are pushes, so no token answers", added.Target)
			t.Hint("to make Git say so:", advice.SetupCommand("--least-privilege", added.Host))
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
	t.Say("the token %s fits %s equally well, so neither answers%s", quote(rival.Name), added.Target, unless)
	twoLogins := unless != "" && added.Username != "" && rival.Username != ""
	if !twoLogins && added.Kind == credential.FineGrained && path == added.Owner() {
		t.Hint("to use it only for its repositories, or to remove one of the two:",
			retarget(added, added.Owner()+"/REPO"), "git pat remove "+shellWord(added.Target.Short())+" --name NAME")
		return nil
	}
	do, commands := advice.KeepOne(rivals)
	t.Hint(do, commands...)
	return nil
}

// retarget is the command that changes the target of a token to an owner or a
// repository on the same host.
func retarget(r credential.Record, path string) string {
	target := credential.Target{Host: r.Host, Paths: []string{path}}
	return "git pat edit " + shellWord(r.Target.Short()) + " --select " + shellWord(r.Name) + " --target " + shellWord(target.Short())
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
			sayProblem(t, e)
		}
	}
}

// warnOfSetup says how to configure Git if it does not ask for a new token.
func warnOfSetup(ctx context.Context, t *term.Terminal, r *resolve.Resolver, added credential.Record) {
	if ok, err := r.Asks(ctx, "https://"+added.Host+"/"+added.Target.Owner()); !ok && err == nil {
		t.Hint("Git does not ask for tokens of "+added.Host+" yet; to configure it:", advice.SetupCommand("", added.Host))
	}
}
