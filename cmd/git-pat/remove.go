package main

import (
	"errors"
	"fmt"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/github"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/disk"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

type removeCommand struct {
	Target []string `arg:"" help:"what the token is for"`
	Name   string   `placeholder:"NAME" help:"which one, if there are several of one target"`
	Yes    bool     `short:"y" help:"ask nothing"`
}

func (removeCommand) Help() string {
	return `The token is removed from its store and forgotten. At the server nothing
changes: there it works until it is deleted or expires. To have GitHub end it,
use git pat revoke.

TARGET is as for git pat add, so that the URL of a repository will do:

    git pat remove https://github.com/acme/widgets.git`
}

func (c *removeCommand) Run(a *app) error {
	tree, found, err := a.named(c.Target, c.Name)
	if err != nil {
		return err
	}
	var file *disk.FileError
	if errors.As(found.Damaged, &file) && file.Newer {
		return found.Damaged
	}
	if !c.Yes {
		yes, err := a.ui.confirm(fmt.Sprintf("Remove the token %s for %s? It cannot be shown again.", quote(found.Name), found.Target))
		if err == errNoTerminal {
			return &hintError{text: "there is no terminal to ask at", hint: "to remove it without being asked, add --yes"}
		}
		if err != nil {
			return err
		}
		if !yes {
			return &hintError{text: "nothing is removed"}
		}
	}
	err = a.ifUnchanged(tree, found, "nothing is removed", func(now credential.Candidate) error { return a.forget(tree, now) })
	if err != nil {
		return err
	}
	a.ui.say("removed the token %s for %s", quote(found.Name), found.Target)
	if found.Kind.IsPersonal() {
		a.ui.hint("at "+found.Host+" it works until it is deleted there or expires:", github.TokensPage(found.Host, found.Kind))
	}
	return nil
}

// forget deletes a secret and then its record, so that there is never a secret
// of which nobody knows. The caller holds the lock.
func (a *app) forget(tree *record.Tree, c credential.Candidate) error {
	names := []string{c.Store}
	if c.Store != "file" {
		names = append(names, "file") // a move that was cut short may have left a copy
	}
	if c.Damaged != nil {
		names = []string{"file", "keyring"} // nobody knows which; the others are found by their own means
	}
	for _, name := range names {
		s, err := a.open(tree, name)
		if err != nil {
			return err
		}
		err = s.Delete(a.ctx, c.Key)
		var trouble *store.Error
		if c.Damaged != nil && errors.As(err, &trouble) && trouble.Absent {
			continue
		}
		if err != nil {
			return err
		}
	}
	return tree.Remove(c.Key)
}
