package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/input"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/inspect"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/remotes"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/resolve"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/verify"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/view"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/words"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

type addCommand struct {
	Target    []string          `arg:"" help:"the target of the token"`
	Name      string            `placeholder:"NAME" help:"a name for the token, if the target has several; default: its login or kind"`
	Username  string            `placeholder:"LOGIN" help:"the login of the owner of the token"`
	Expires   string            `placeholder:"WHEN" help:"when it expires: the last day on which it works, as in 2027-01-31, a number of days, as in 90d, or a time in RFC 3339; also fills in the page"`
	Forge     string            `placeholder:"FORGE" help:"the software of the host, if neither the host nor the token tells it: github, gitlab, azure, bitbucket, gitea or forgejo"`
	Store     string            `placeholder:"STORE" help:"where to keep it: keyring, file, git:HELPER, env:VARIABLE or cmd:COMMAND; default: the keyring if there is one, else a file"`
	Access    credential.Access `placeholder:"ACCESS" help:"read (to fetch only) or write; also fills in the page; see git pat help setup"`
	Replace   bool              `help:"replace the token with the same target and name"`
	WithToken bool              `help:"read the token from standard input, as one line, and ask nothing"`
	Offline   bool              `help:"connect to nothing"`
	pageFlags
}

func (c *addCommand) Run(ctx context.Context, t *term.Terminal, kept *tokens.Tokens, r *resolve.Resolver, reader *remotes.Reader, s *verify.Servers) error {
	target, err := input.ParseTargets(c.Target)
	if err != nil {
		return err
	}
	wanted := credential.Record{
		Target:   target,
		Name:     strings.TrimSpace(c.Name),
		Username: strings.TrimSpace(c.Username),
		Store:    c.Store,
		Access:   c.Access,
		Added:    kept.Now.UTC(),
	}
	if err := input.CheckWords(wanted); err != nil {
		return err
	}
	if wanted.Expires, err = input.ParseExpiry(c.Expires, kept.Now); err != nil {
		return err
	}
	if c.Forge != "" {
		named, ok := forge.Named(c.Forge)
		if own := forge.Of(target.Host); !ok || own != forge.Other && own != named {
			return words.ForgeOption(c.Forge, target.Host)
		}
		wanted.Forge = named
	}
	if wanted.Store != "" {
		if _, err := kept.Open(wanted.Store); err != nil {
			return &words.Error{Text: err.Error(), Status: words.ExitUsage}
		}
	}
	asked := !c.WithToken && !store.ReadOnly(wanted.Store)
	if asked {
		if err := probe(ctx, kept, wanted.Store); err != nil {
			return err
		}
		showPage(t, kept, wanted, c.pageFlags, c.Offline)
	}
	secret, err := readToken(ctx, t, kept, wanted, c.WithToken)
	if err != nil {
		return err
	}
	// Other tokens of the host tell which forge it is.
	if at := input.ForgeOf(kept, wanted); at != forge.GitHub && forge.KindOf(secret.Reveal(), at).Forge() == at {
		wanted.Forge = cmp.Or(wanted.Forge, at)
	}
	if err := input.Describe(&wanted, secret); err != nil {
		return err
	}
	if asked {
		if err := askLogin(t, &wanted); err != nil {
			return err
		}
	}
	if wanted.Kind == forge.GitLabDeploy && wanted.Username == "" {
		return &words.Error{
			Text: "GitLab accepts a deploy token only with its own user name", Status: words.ExitUsage,
			Hint: "add --username with the name that GitLab showed with the token",
		}
	}
	checks := asked && !c.Offline
	added, err := kept.Add(ctx, wanted, secret, tokens.Existing{Replace: c.Replace, Stage: asked && (checks || !c.Replace)})
	if err := c.failed(t, wanted, err); err != nil {
		return err
	}
	if added.Old == nil {
		c.sayAdded(t, kept, added, secret)
	}
	known := added.Record
	var v view.Verification
	if checks {
		v = checkPasted(ctx, t, s, &known, secret, kept.Now)
	}
	if v.Result == inspect.ResultRefused {
		return rejected(ctx, kept, added, v)
	}
	if added.Old != nil {
		added, err = c.settle(ctx, t, kept, added, known, secret)
	} else if checks {
		err = kept.Complete(ctx, added.Record, known)
		added.Record = known
	}
	if err := c.failed(t, wanted, err); err != nil {
		return err
	}
	if checks {
		afterCheck(t, added.Record, wanted.Expires, v, kept.Now)
	}
	return afterAdd(ctx, t, r, reader, added.Record, secret)
}

// sayAdded says what was stored, and where.
func (c *addCommand) sayAdded(t *term.Terminal, kept *tokens.Tokens, added tokens.Addition, secret credential.Secret) {
	r := added.Record
	t.Say("%s", view.Added(added, secret))
	switch {
	case added.Default && r.Store == "file":
		t.Say("this machine has no keyring, so the token is in a plain file that only you can read, in %s", kept.Tree.Dir())
	case c.WithToken && store.ReadOnly(r.Store):
		t.Say("the token that you gave is not kept: the store %s is read each time", credential.Quote(r.Store))
	}
}

// settle replaces the old token with a staged one, or keeps both, as the person wants.
func (c *addCommand) settle(ctx context.Context, t *term.Terminal, kept *tokens.Tokens, added tokens.Addition, known credential.Record, secret credential.Secret) (tokens.Addition, error) {
	replaces := c.Replace
	if !replaces {
		var err error
		if replaces, err = t.Confirm("Replace the token " + added.Old.Title() + "?"); err != nil {
			return added, errors.Join(err, kept.Discard(ctx, added.Record))
		}
	}
	staged := added.Record
	added.Record = known
	var err error
	if replaces {
		added.Record, err = kept.Replace(ctx, *added.Old, staged, known, secret)
	} else {
		err = kept.Complete(ctx, staged, known)
	}
	var copied *tokens.CopyError
	if added.Replaced = replaces; err == nil || errors.As(err, &copied) {
		c.sayAdded(t, kept, added, secret)
	}
	return added, words.IfChanged(err, fmt.Sprintf("the new token is stored as %s, and set aside", credential.Quote(staged.Name)))
}

// rejected removes a new token that the server rejected. One that was there already is
// set aside.
func rejected(ctx context.Context, kept *tokens.Tokens, added tokens.Addition, v view.Verification) error {
	r := added.Record
	if added.Already {
		e := &words.Error{Text: fmt.Sprintf("%s rejects this token: %s; it is set aside", r.Host, v.What), Hint: "to replace it:", Commands: []string{words.OnToken("git pat rotate", r)}}
		return errors.Join(e, kept.Tree.SetAside(record.Key(r), credential.Refused(r.Host, kept.Now)))
	}
	if err := kept.Discard(ctx, r); err != nil {
		return err
	}
	what := "it is removed again"
	if added.Old != nil {
		what = fmt.Sprintf("the old token %s stays", credential.Quote(added.Old.Name))
	}
	return &words.Error{Text: fmt.Sprintf("%s rejects this token (%s), so %s", r.Host, v.What, what)}
}

// failed returns why a token was not added. A copy of the old token that stays in
// its store is only said.
func (c *addCommand) failed(t *term.Terminal, wanted credential.Record, err error) error {
	var copied *tokens.CopyError
	var exists *tokens.ExistsError
	switch {
	case errors.As(err, &copied):
		exit(t, err)
		return nil
	case errors.As(err, &exists) && exists.Old.Target.Equal(wanted.Target):
		return &words.Error{Text: err.Error(), Hint: "to replace it, add --replace; to keep both, choose another --name"}
	}
	return err
}

// checkPasted asks the server about a token that was just pasted, and completes its
// record.
func checkPasted(ctx context.Context, t *term.Terminal, s *verify.Servers, record *credential.Record, secret credential.Secret, now time.Time) view.Verification {
	defer t.Waiting("asking " + record.Host)()
	v := view.NewVerification(*record)
	report, err := s.Inspect(ctx, *record, secret, now)
	if err != nil {
		v.What = err.Error()
		return v
	}
	v.Read(report, *record)
	if v.Accepted() {
		if record.Username == "" {
			record.Username = v.Login
		}
		record.Expires = v.Expires
	}
	return v
}

// afterCheck says what the server said about a token that was just stored. given is when
// the person said that it expires.
func afterCheck(t *term.Terminal, r credential.Record, given time.Time, v view.Verification, now time.Time) {
	if !v.Accepted() {
		t.Say("it is not known whether %s accepts the token: %s", r.Host, v.What)
		return
	}
	v.Explain(r)
	if v.Login != "" {
		t.Say("%s accepted the token; it belongs to %s", r.Host, credential.Quote(v.Login))
	} else {
		t.Say("%s accepted the token", r.Host)
	}
	sayExpiry(t, r, given, now)
	sayProblems(t, v)
}

// sayExpiry says when a token expires, and if that is not what the person said.
func sayExpiry(t *term.Terminal, r credential.Record, given time.Time, now time.Time) {
	switch {
	case !given.IsZero() && r.Expires.IsZero():
		t.Say("%s says that it does not expire; the date that you gave is not recorded", r.Host)
	case !given.IsZero() && given.Sub(r.Expires).Abs() > 24*time.Hour:
		t.Say("it expires on %s, not on %s as you said; the date of %s is recorded",
			r.Expires.Local().Format(time.DateOnly), given.Local().Format(time.DateOnly), r.Host)
	case !r.Expires.IsZero() && !r.Expired(now):
		t.Say("it expires %s", words.When(r.Expires, now))
	}
}
