package main

// What git pat import says about the data and the errors of package importer.

import (
	"errors"
	"fmt"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/importer"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

// resultInWords says what became of an item.
func resultInWords(r importer.Result) string {
	return [...]string{
		importer.Added:  "added",
		importer.Known:  "kept already",
		importer.Merged: "merged",
		importer.Left:   "left",
	}[r]
}

// placeFound says where an item is.
func placeFound(e *importer.Item) string {
	if e.Keyring {
		return plain(e.Place + " (keyring)")
	}
	return plain(e.Place)
}

// whyLeft says why an item is left, and what to do then.
func whyLeft(e *importer.Item) (why, hint string, commands []string) {
	r := e.Reason
	why = [...]string{
		importer.NoLogin:     "it is no URL with a user name and a password",
		importer.BadEscape:   "it has a % that begins no code",
		importer.OtherScheme: "it is for " + quote(r.Name) + ", and tokens work over https only",

		importer.ForAnyHost:  "it is for any host, and a token is for one",
		importer.Macro:       "it has a macro (macdef), which is no log-in of Git's",
		importer.UnknownWord: "it has a word that netrc does not know",
		importer.MissingWord: "a word is missing in it, or the end of a quote",
		importer.NoMachine:   "it names no machine",

		importer.KeyringFailed: fmt.Sprint("its token is in the keyring, and ", r.Err),
		importer.NoSecret:      "its token is neither in the file nor in the keyring",
		importer.NoAnswer:      fmt.Sprintf("the helper %s has nothing for it", quote(r.Name)),

		importer.BadHost:      "its host is none that a token could be for",
		importer.NoPassword:   "it has no password",
		importer.BadText:      "it is too long, or holds control characters or no UTF-8",
		importer.OwnPlace:     "it is there for git pat, which keeps a token in this place",
		importer.APIHost:      "Git does not ask for this host: it is GitHub's API",
		importer.Unfit:        fmt.Sprint(r.Err),
		importer.OtherServer:  "it is not for GitHub",
		importer.Expired:      "it has expired",
		importer.NoRepository: "its path is none of a repository at GitHub",

		importer.OwnerNotNamed: "its owner is not known: no path names it, and GitHub is not asked",
		importer.OwnerUnknown:  fmt.Sprint("its owner is not known: ", r.Err),
		importer.OwnerHidden:   "its owner is not known: no path names it, and it sees no private repository",
		importer.SeveralOwners: "its owner is not known: it sees private repositories of several",

		importer.Rival:          fmt.Sprintf("there is another token, %s, for %s, and beside it neither would answer", quote(r.Record.Name), r.Record.Target),
		importer.RivalMeanwhile: fmt.Sprintf("another token for %s was added meanwhile", r.Record.Target),
		importer.NotKept:        "it could not be kept",
		importer.Lost:           "its token is not found here any more",
	}[r.Why]
	switch r.Why {
	case importer.OtherServer:
		hint = "to import what is for other servers too, add --all"
	case importer.OwnerNotNamed, importer.OwnerUnknown, importer.OwnerHidden, importer.SeveralOwners:
		hint, commands = "to add it for its owner:", []string{addForOwner(e)}
	case importer.Rival:
		hint, commands = "to add it for what the other one is not for:", []string{addForOwner(e)}
	case importer.RivalMeanwhile:
		hint, commands = "to see what there is now:", []string{"git pat list " + shellWord(r.Record.Target.Short())}
	}
	return why, hint, commands
}

// addForOwner is the command that adds an item's token for an owner that only
// the person knows.
func addForOwner(e *importer.Item) string {
	command := "git pat add " + shellWord(credential.Target{Host: e.Host, Paths: []string{"OWNER"}}.Short())
	if e.Login != "" {
		command += " --username " + shellWord(e.Login)
	}
	return command
}

// removalQuestion asks whether to remove what is kept from a source.
func removalQuestion(from importer.Source) string {
	switch from := from.(type) {
	case *importer.Files:
		return "Remove what is kept from " + strings.Join(from.Paths, " and ") + "?"
	case *importer.Helper:
		return fmt.Sprintf("Have the helper %s forget what is kept?", quote(from.Name))
	}
	return "Log gh out of the accounts that are kept? It cannot use them any more then."
}

// removalInWords says what was removed from a source, or stays.
func removalInWords(from importer.Source, r importer.Removal) string {
	switch from := from.(type) {
	case *importer.Files:
		if r.Changed {
			return placeFound(r.Item) + " was changed meanwhile, so nothing of it is removed"
		}
		return fmt.Sprintf("removed %s from %s", count(r.Entries, "entry", "entries"), r.File)
	case *importer.Helper:
		if r.Changed {
			return fmt.Sprintf("what the helper %s has for %s was changed meanwhile, so it stays", quote(from.Name), r.Item.Place)
		}
		return fmt.Sprintf("the helper %s has forgotten what it had for %s", quote(from.Name), r.Item.Place)
	}
	if r.Changed {
		return fmt.Sprintf("the account %s of gh on %s was changed meanwhile, so it stays", quote(r.Item.Login), r.Item.Host)
	}
	return "gh is logged out: gh " + quoteAll(r.Args)
}

func count(n int, one, several string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, several)
}

// inWords turns the errors of a source into what a person can do about them.
func (c *importCommand) inWords(err error) error {
	var missing *importer.MissingError
	var hosts *importer.HostsError
	var locked *importer.LockedError
	var logOut *importer.LogOutError
	var remains *importer.NotErasedError
	var oldGit *importer.OldGitError
	switch {
	case errors.As(err, &missing):
		hint := "if it is in another file, name that"
		if c.Source == "gh" {
			hint = "if gh has its accounts elsewhere, set GH_CONFIG_DIR"
		}
		return &hintError{text: "there is nothing to import: no " + strings.Join(missing.Paths, " and no "), hint: hint}
	case errors.As(err, &hosts):
		return &hintError{text: hosts.Path + " cannot be read: it is no YAML"}
	case errors.As(err, &locked):
		return &hintError{
			text: fmt.Sprintf("another program is changing %s, so nothing is removed from it", locked.Path),
			hint: "if none is, it was killed, and left a file to be deleted:", commands: []string{"rm " + shellWord(locked.Lock)},
		}
	case errors.As(err, &logOut):
		f := &hintError{text: "gh is not logged out: " + logOut.Err.Error(), hint: "to log it out yourself:"}
		for _, args := range logOut.Args {
			f.commands = append(f.commands, "gh "+quoteAll(args))
		}
		return f
	case errors.As(err, &remains):
		return &hintError{text: "the helper " + quote(remains.Helper) + " still has what it had for " + strings.Join(remains.Places, ", ")}
	case errors.As(err, &oldGit):
		f := &hintError{text: fmt.Sprintf("nothing is removed from the helper %s: with Git %s it may erase more than it is told to, and with 2.45 or newer it does not", quote(oldGit.Helper), oldGit.Version)}
		if oldGit.Helper == "store" {
			f.hint, f.commands = "what it has is in a file, from which it can be removed:", []string{"git pat import git-credentials --remove-source"}
		}
		return f
	}
	return err
}
