package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/github"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

type revokeCommand struct {
	Target []string `arg:"" help:"what the token is for"`
	Name   string   `placeholder:"NAME" help:"which one, if there are several of one target"`
	Yes    bool     `short:"y" help:"ask nothing"`
}

func (revokeCommand) Help() string {
	return `GitHub is told to end the token for ever, wherever it is used, and then it is
removed here. That cannot be undone. GitHub mails its owner, and deploy keys
that were made with the token go with it.

To only forget a token here, use git pat remove.`
}

func (c *revokeCommand) Run(a *app) error {
	tree, found, err := a.named(c.Target, c.Name)
	if err != nil {
		return err
	}
	if found.Damaged != nil {
		return found.Damaged
	}
	if !github.CanRevoke(found.Kind) {
		return &hintError{
			text: fmt.Sprintf("GitHub cannot be told to revoke a token of the kind %s", found.Kind),
			hint: "to forget it here:", commands: []string{onToken("git pat remove", found.Record)},
		}
	}
	secret, err := a.secretOf(tree, found)
	if err != nil {
		return err
	}
	if !c.Yes {
		if err := a.confirmRevocation(found.Record); err != nil {
			return err
		}
	}
	const so = "nothing is revoked"
	err = a.ifUnchanged(tree, found, so, func(now credential.Candidate) error { return a.sameSecret(tree, now, &secret, so) })
	if err != nil {
		return err
	}
	if err := a.revoke(found.Record, secret); err != nil {
		return err
	}
	return a.forgetRevoked(tree, found, secret)
}

// forgetRevoked removes a token that was just revoked. A newer one that has
// taken its place meanwhile stays.
func (a *app) forgetRevoked(tree *record.Tree, c credential.Candidate, secret credential.Secret) error {
	told := fmt.Sprintf("%s is told to revoke the token %s", c.Host, c.Title())
	err := a.ifUnchanged(tree, c, "", func(now credential.Candidate) error {
		var lost *lostError
		if err := a.sameSecret(tree, now, &secret, ""); err != nil && !errors.As(err, &lost) {
			return err
		}
		return a.forget(tree, now)
	})
	var changed *changedError
	switch {
	case err == nil:
		a.ui.say("%s, and it is removed here", told)
	case !errors.As(err, &changed):
		a.ui.say("%s, but it is not removed here", told)
	case changed.gone:
		a.ui.say("%s, and it was removed here meanwhile", told)
		return nil
	default:
		return &hintError{
			text:     told + "; here it was changed meanwhile, so what there is now stays",
			hint:     "to ask GitHub whether that is good:",
			commands: []string{"git pat verify " + shellWord(c.Target.Short())},
		}
	}
	return err
}

// A lostError says that a store has not got the secret of a record any more.
type lostError struct{ record credential.Record }

func (e *lostError) Error() string {
	return fmt.Sprintf("the token %s is no longer in its store, %s", e.record.Title(), quote(e.record.Store))
}

// Unwrap says what helps.
func (e *lostError) Unwrap() error {
	return &hintError{hint: "where it can be deleted: " + github.TokensPage(e.record.Host, e.record.Kind)}
}

// secretOf returns the secret of a record. Where its store has none, the error
// is a *lostError.
func (a *app) secretOf(tree *record.Tree, c credential.Candidate) (credential.Secret, error) {
	s, err := a.open(tree, c.Store)
	if err != nil {
		return credential.Secret{}, err
	}
	secret, err := s.Get(a.ctx, c.Key)
	if errors.Is(err, store.ErrNotFound) {
		return secret, &lostError{c.Record}
	}
	return secret, err
}

// confirmRevocation says what revoking means and has a person type the name.
func (a *app) confirmRevocation(r credential.Record) error {
	noTerminal := &hintError{text: "there is no terminal to ask at", hint: "to revoke it without being asked, add --yes"}
	if !a.ui.somebodyIsThere() {
		return noTerminal
	}
	a.ui.say("the token %s for %s is going to be revoked, which cannot be undone", quote(r.Name), r.Target)
	a.ui.say("it ends wherever it is used, its owner is mailed, and deploy keys made with it go too")
	typed, err := a.ui.ask(fmt.Sprintf("To revoke it, type its name, %s: ", r.Name))
	if err == errNoTerminal {
		return noTerminal
	}
	if err != nil {
		return err
	}
	if !strings.EqualFold(strings.TrimSpace(typed), r.Name) {
		return &hintError{text: "nothing is revoked"}
	}
	return nil
}

// revoke tells GitHub to end a token.
func (a *app) revoke(r credential.Record, secret credential.Secret) error {
	client, err := a.github(r.Host)
	if err != nil {
		return err
	}
	err = client.Revoke(a.ctx, r.Host, secret)
	if err == nil {
		return nil
	}
	f := &hintError{text: "the token is not revoked: " + err.Error()}
	var refusal *github.Refusal
	if errors.Is(err, github.ErrUnreachable) {
		// It may have been told all the same, and only its answer be lost.
		f.text = "whether the token is revoked is not known: " + err.Error()
	} else if errors.As(err, &refusal) && !refusal.RetryAfter.IsZero() {
		f.text = "the token is not revoked: the server takes no more calls for a while"
	}
	if page := github.TokensPage(r.Host, r.Kind); page != "" {
		f.hint, f.commands = "try again, or delete it at", []string{page}
	}
	return f
}
