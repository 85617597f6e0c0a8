// Package words puts what the other rooms found into sentences: errors with what
// helps, the results of a check or an import, and settings that are in the way. The
// commands print them.
//
// A sentence has no capital letter and no full stop, as Git's messages have none.
// Text from outside is quoted, and no sentence holds a secret.
package words

import (
	"fmt"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/github"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/advice"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/shell"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

// CommandLine makes arguments a shell's command line.
func CommandLine(args []string) string {
	words := make([]string, 0, len(args))
	for _, arg := range args {
		words = append(words, shell.Own().Word(arg))
	}
	return strings.Join(words, " ")
}

// GitLine is a command line of Git.
func GitLine(args []string) string { return "git " + CommandLine(args) }

// Steps are what to do: words, then commands.
func Steps(a advice.Advice) []string {
	if a.Do == "" {
		return nil
	}
	return append([]string{a.Do}, a.Commands...)
}

// OnToken is a command on one token, as in git pat remove.
func OnToken(command string, r credential.Record) string { return command + " " + advice.Arguments(r) }

// listOf is the command that lists the tokens for a target.
func listOf(t credential.Target) string { return "git pat list " + shell.Own().Word(t.Short()) }

// OrDash returns a text for a table, where nothing is a dash.
func OrDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// Plain returns a text that fits into a table: quoted if it has characters that do
// not print.
func Plain(s string) string {
	if quoted := credential.Quote(s); quoted != `"`+s+`"` {
		return quoted
	}
	return s
}

// When says how many days from now a time is, or "-" if it is not known.
func When(t, now time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return credential.InDays(t, now)
}

// OneLine is an error in one line, without tokens.
func OneLine(err error) string {
	return credential.MaskTokens(strings.ReplaceAll(err.Error(), "\n", "; "))
}

// Count returns a number with its noun.
func Count(n int, one, several string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, several)
}

// GitLines are command lines of Git.
func GitLines(commands [][]string) []string {
	var lines []string
	for _, args := range commands {
		lines = append(lines, GitLine(args))
	}
	return lines
}

// Called returns the name of a token and the last characters of its secret.
func Called(r credential.Record, secret credential.Secret) string {
	if tail := secret.Tail(); tail != "" {
		return fmt.Sprintf("%s (...%s)", credential.Quote(r.Name), tail)
	}
	return credential.Quote(r.Name)
}

// Differences names what differs between two records.
func Differences(old, wanted credential.Record) (names []string) {
	for _, d := range []struct {
		name  string
		equal bool
	}{
		{"target", old.Target.Equal(wanted.Target)},
		{"name", old.Name == wanted.Name},
		{"username", old.Username == wanted.Username},
		{"access", old.Access == wanted.Access},
		{"expiry date", old.Expires.Equal(wanted.Expires)},
		{"store", old.Store == wanted.Store},
	} {
		if !d.equal {
			names = append(names, d.name)
		}
	}
	return names
}

// Retarget is the command that changes the target of a token to an owner or a
// repository on the same host.
func Retarget(r credential.Record, path string) string {
	target := credential.Target{Host: r.Host, Paths: []string{path}}
	return advice.EditCommand(r) + " --target " + shell.Own().Word(target.Short())
}

// Target says what a target is.
func Target(target credential.Target) string {
	switch {
	case len(target.Paths) == 0:
		return "the host " + target.String()
	case len(target.Paths) > 1:
		return "the repositories " + target.String()
	case target.Owner() != target.Paths[0]:
		return "the repository " + target.String()
	}
	return "the owner " + target.String()
}

// PushesUnknown says that tokens differ only in their access, and that Git does not
// say which it needs.
func PushesUnknown(target credential.Target) advice.Advice {
	return advice.Advice{
		What: fmt.Sprintf("there are tokens for reading and for writing %s, but Git does not say which requests are pushes, so no token answers", target),
		Do:   "to make Git say so:", Commands: []string{advice.SetupCommand("--least-privilege", target.Host)},
	}
}

// TokensPage returns the page where a person deletes a token, or "" if it is unknown.
func TokensPage(r credential.Record) string {
	if r.On() == forge.GitHub {
		return github.TokensPage(r.Host, r.Kind)
	}
	form := forge.Form{Host: r.Host}
	if len(r.Paths) > 0 {
		form.Repository = r.Paths[0]
	}
	page, _ := r.On().Page(form) // the other forges list tokens where they create them
	page, _, _ = strings.Cut(page, "?")
	return page
}

// Repositories says which repositories to select on the page for a new token. No
// address can select them.
func Repositories(paths []string) string {
	var names []string
	for _, path := range paths {
		if _, name, ok := strings.Cut(path, "/"); ok {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "all or selected repositories"
	}
	return "only the repositories " + strings.Join(names, ", ")
}
