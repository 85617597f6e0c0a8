package words

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/homefile"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/importer"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/importer/accounts"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/advice"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/shell"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

// importResult says what happened to an item.
func importResult(r importer.Result) string {
	return [...]string{
		importer.Added:   "added",
		importer.Known:   "already stored",
		importer.Merged:  "merged",
		importer.Skipped: "skipped",
	}[r]
}

// shownPath shortens a path below the person's home folder.
func shownPath(path string) string {
	if rest, ok := strings.CutPrefix(path, homefile.Home()+string(filepath.Separator)); ok {
		path = "~/" + rest
	}
	return Plain(path)
}

// PlaceFound says where an item is.
func PlaceFound(e *importer.Item) string {
	if e.Keyring {
		return shownPath(e.Place + " (keyring)")
	}
	return shownPath(e.Place)
}

// targetFound says what the token of an item is for.
func targetFound(e *importer.Item) string {
	if e.Kept() {
		return e.Target.String()
	}
	return OrDash(Plain(strings.Trim(e.Host+"/"+e.Path, "/")))
}

// ImportTable is the table of git pat import. With a dry run it says what would be.
func ImportTable(items []*importer.Item, dryRun bool) term.Table {
	table := term.Table{Columns: []term.Column{{Name: "FOUND", Rank: 1}, {Name: "TARGET"}, {Name: "KIND", Rank: 2}, {Name: "RESULT"}}}
	for _, e := range items {
		result := importResult(e.Result)
		if dryRun && (e.Result == importer.Added || e.Result == importer.Merged) {
			result = "would be " + result
		}
		table.Rows = append(table.Rows, []string{PlaceFound(e), targetFound(e), OrDash(e.Kind.String()), result})
	}
	table.Colour = func(result string) string {
		if result == importResult(importer.Skipped) {
			return term.Yellow
		}
		return term.Green
	}
	return table
}

// Skipped says why items are skipped, each reason once with the places of all.
func Skipped(items []*importer.Item) (all []advice.Advice) {
	places := map[string][]string{} // by what is said about them
	for _, e := range items {
		if e.Kept() {
			continue
		}
		why := whySkipped(e)
		key := fmt.Sprint(why)
		if places[key] == nil {
			all = append(all, why)
		}
		places[key] = append(places[key], PlaceFound(e))
	}
	for i, why := range all {
		all[i].What = fmt.Sprintf("skipped %s: %s", strings.Join(places[fmt.Sprint(why)], ", "), why.What)
	}
	return all
}

// NoURLs is the error if another helper is to be asked for nothing.
func NoURLs(helper string) error {
	return &Error{
		Text:   "a helper cannot list its tokens, so name the URLs to ask for",
		Status: ExitUsage, Hint: "for example:", Commands: []string{"git pat import " + shell.Own().Word(helper) + " https://github.com"},
	}
}

const ownerUnknown = "the owner of the token is unknown: "

// whySkipped says why an item is skipped, and what to do then.
func whySkipped(e *importer.Item) advice.Advice {
	r := e.Reason
	why := advice.Advice{What: [...]string{
		importer.NoLogin:     "it is not a URL with a user name and a password",
		importer.BadEscape:   "the URL has an invalid % escape",
		importer.OtherScheme: "tokens work over https only",

		importer.ForAnyHost:  "the entry is for all hosts, but a token is for one host",
		importer.Macro:       "the entry has a macro (macdef)",
		importer.UnknownWord: "the entry has an unknown word; a value with spaces needs quotes",
		importer.MissingWord: "the entry lacks a value or a closing quote",
		importer.NoMachine:   "the entry names no machine",

		importer.KeyringFailed: fmt.Sprint("the token is in the keyring, but ", r.Err),
		importer.NoSecret:      "the token is neither in the file of the program nor in the keyring",
		importer.Renewed:       "it is an OAuth token, which expires after hours",
		importer.NoAnswer:      "the helper has nothing for this URL",

		importer.BadHost:      "the host name is invalid",
		importer.NoPassword:   "there is no token or password",
		importer.NoUserName:   "GitLab accepts a deploy token only with its own user name",
		importer.BadText:      "a value is too long or has invalid characters",
		importer.OwnPlace:     "git pat itself stores a token there",
		importer.APIHost:      "Git does not ask for this host, which is GitHub's API",
		importer.Unfit:        fmt.Sprint(r.Err),
		importer.OtherServer:  "it is not a token of a known forge",
		importer.Expired:      "the token has expired",
		importer.NoRepository: "the path is not a repository",

		importer.OwnerNotNamed: ownerUnknown + "no path names it, and GitHub is not asked",
		importer.OwnerUnknown:  fmt.Sprint(ownerUnknown, r.Err),
		importer.OwnerHidden:   ownerUnknown + "no path names it, and the token sees no private repository",
		importer.SeveralOwners: ownerUnknown + "the token sees private repositories of several owners",

		importer.Rival:   fmt.Sprintf("the token %s is also for %s, and Git would get neither of the two", credential.Quote(r.Record.Name), r.Record.Target),
		importer.NotKept: "the token could not be stored",
	}[r.Why]}
	switch r.Why {
	case importer.OtherServer:
		why.Do = "to import tokens and passwords for other servers too, add --all"
	case importer.NoUserName:
		why.Do, why.Commands = "to add it with that name:", []string{addFor(e, cmp.Or(e.Path, "GROUP")) + " --username NAME"}
	case importer.OwnerNotNamed, importer.OwnerUnknown, importer.OwnerHidden, importer.SeveralOwners:
		why.Do, why.Commands = "to add the token for its owner:", []string{addFor(e, "OWNER")}
	case importer.Rival:
		switch owner := r.Record.Owner(); {
		case owner == "":
			why.Do, why.Commands = "to add it for one owner only:", []string{addFor(e, "OWNER")}
		case r.Record.Paths[0] == owner:
			why.Do, why.Commands = "to add it for one repository only:", []string{addFor(e, owner+"/REPOSITORY")}
		}
	}
	return why
}

// addFor is the command that adds an item's token for a path.
func addFor(e *importer.Item, path string) string {
	command := "git pat add " + shell.Own().Word(credential.Target{Host: e.Host, Paths: []string{path}}.Short())
	if e.Login != "" {
		command += " --username " + shell.Own().Word(e.Login)
	}
	return command
}

const RemoveUnasked = "to remove the imported entries without a question, add --yes"

// RemovalQuestion asks whether to remove the imported items from a source.
func RemovalQuestion(from importer.Source) string {
	switch from := from.(type) {
	case *importer.Files:
		return "Remove the imported entries from " + strings.Join(from.Paths, " and ") + "?"
	case *importer.Helper:
		return fmt.Sprintf("Erase the imported tokens from the helper %s?", credential.Quote(from.Name))
	}
	program := from.(*accounts.Accounts).Program
	return fmt.Sprintf("Log %s out of the imported accounts? %s cannot use them then.", program, program)
}

// Removed says what was removed from a source, or stays.
func Removed(from importer.Source, r importer.Removal) string {
	place := shownPath(r.Place)
	switch r.Err {
	case importer.ErrChanged:
		return place + " stays, because it changed since it was read"
	case importer.ErrNotErased:
		return "the helper did not erase its token for " + place
	}
	switch from := from.(type) {
	case *accounts.Accounts:
		return "logged " + from.Program + " out of " + place
	case *importer.Files:
		return fmt.Sprintf("removed %s from %s", Count(r.Entries, "entry", "entries"), place)
	}
	return "the helper erased its token for " + place
}

// ImportError says what a person can do about an error of a source.
func ImportError(err error, source string) error {
	var missing *importer.MissingError
	var locked *homefile.LockedError
	var logOut *accounts.LogOutError
	var oldGit *importer.OldGitError
	switch {
	case errors.As(err, &missing):
		f := &Error{
			Text: "there is no " + strings.Join(missing.Paths, " and no "),
			Hint: "if the file is elsewhere, name it:", Commands: []string{"git pat import " + source + " FILE"},
		}
		if hint := Elsewhere(source); hint != "" {
			f.Hint, f.Commands = hint, nil
		}
		return f
	case errors.As(err, &locked):
		return &Error{
			Text: "another program is changing " + locked.Path + ", so nothing was removed from it",
			Hint: "if no such program runs, delete its old lock file:", Commands: []string{shell.Own().Remove(locked.Lock)},
		}
	case errors.As(err, &logOut):
		f := &Error{Text: logOut.Error(), Hint: "to log out yourself:"}
		for _, args := range logOut.Args {
			f.Commands = append(f.Commands, logOut.Program+" "+CommandLine(args))
		}
		return f
	case errors.As(err, &oldGit):
		f := &Error{
			Text: fmt.Sprintf("nothing was removed: with Git %s, the helper %s may erase other tokens too", oldGit.Version, credential.Quote(oldGit.Helper)),
			Hint: "update Git to 2.45 or newer",
		}
		if words := strings.Fields(oldGit.Helper); words[0] == "git:store" {
			file := ""
			if len(words) > 1 {
				file = " FILE"
			}
			f.Hint += ", or remove the tokens from the helper's file:"
			f.Commands = []string{"git pat import git-credentials" + file + " --remove-source"}
		}
		return f
	}
	return err
}

// Elsewhere says how a program of a forge is told where its accounts are.
func Elsewhere(program string) string {
	variable, ok := map[string]string{"gh": "GH_CONFIG_DIR", "glab": "GLAB_CONFIG_DIR", "tea": "XDG_CONFIG_HOME"}[program]
	if !ok {
		return ""
	}
	return fmt.Sprintf("if %s has its accounts elsewhere, set %s", program, variable)
}
