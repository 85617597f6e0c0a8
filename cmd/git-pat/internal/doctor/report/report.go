// Package report puts what git pat doctor found into sentences and commands, for
// people and for programs.
package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/doctor"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/words"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/advice"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/shell"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

// An Object is a finding as --json shows it. Programs rely on its keys.
type Object struct {
	Check   string       `json:"check"`
	Subject string       `json:"subject"`
	State   doctor.State `json:"state"`
	What    string       `json:"what"`
	Do      []string     `json:"do"` // words, then commands
}

// Objects returns the findings for programs.
func Objects(findings []doctor.Finding, now time.Time) []Object {
	objects := []Object{} // not nil, which JSON calls null
	for _, f := range findings {
		what, do := Sentences(f, now)
		if do == nil {
			do = []string{}
		}
		objects = append(objects, Object{f.Check, f.Subject, f.State, what, do})
	}
	return objects
}

// Text returns the findings for people, under headings. Below each is what to do, and
// below that are the commands. It calls paint to give a state its colour.
func Text(findings []doctor.Finding, now time.Time, paint func(text, colour string) string) string {
	colours := map[doctor.State]string{doctor.OK: term.Green, doctor.Warning: term.Yellow, doctor.Error: term.Red}
	var b strings.Builder
	last := ""
	for _, f := range findings {
		if next := heading(f); next != last {
			if last != "" {
				b.WriteByte('\n')
			}
			last = next
			b.WriteString(credential.Visible(next) + "\n")
		}
		what, do := Sentences(f, now)
		b.WriteString("  " + paint(fmt.Sprintf("%-7s", f.State), colours[f.State]) + "  " + credential.Visible(what) + "\n")
		for i, line := range do {
			if i > 0 {
				line = "  " + line
			}
			b.WriteString("             " + credential.Visible(line) + "\n")
		}
	}
	return b.String()
}

// heading is the heading above a finding.
func heading(f doctor.Finding) string {
	switch f.Group {
	case doctor.Programs:
		return "Git"
	case doctor.Host:
		return f.Host
	case doctor.Stores:
		return "Stores"
	case doctor.Tokens:
		return "Tokens"
	}
	return "This repository"
}

// Sentences says what was found, and what to do: words, then commands.
func Sentences(f doctor.Finding, now time.Time) (what string, do []string) {
	if failed, ok := f.Fact.(doctor.Failed); ok {
		return words.OneLine(failed.Err), errorHint(f, failed.Err)
	}
	switch f.Group {
	case doctor.Programs:
		return programSentences(f)
	case doctor.Host:
		return hostSentences(f)
	case doctor.Stores:
		return storeSentences(f)
	case doctor.Tokens:
		return tokenSentences(f, now)
	}
	return remoteSentences(f)
}

// Question asks whether git pat is to fix a problem. It is empty if git pat
// cannot.
func Question(f doctor.Finding) string {
	switch {
	case f.Mending != nil:
		return fileQuestion(f.Mending)
	case f.Fix != nil && f.Fix.Kind == doctor.SetUp:
		return "Run " + setupOf(f.Fix.Hosts) + "?"
	}
	return ""
}

func setupOf(hosts []string) string { return advice.SetupCommand("", hosts[0]) }

func programSentences(f doctor.Finding) (what string, do []string) {
	switch fact := f.Fact.(type) {
	case doctor.GitMissing:
		return "Git cannot be run: " + fact.Err.Error(), []string{"install Git, or add its folder to PATH"}
	case doctor.GitVersion:
		what = "Git is version " + words.Plain(fact.Version)
		switch {
		case fact.TooOld:
			return what + ", which asks all helpers, even those that git pat setup disables", []string{"update Git to 2.9 or newer"}
		case fact.PassesReturns:
			return what + ", which lets a URL send a carriage return to helpers (CVE-2024-52006); git-credential-pat rejects it, other helpers may misread it", []string{"update Git"}
		}
		return what, nil
	case doctor.HelperMissing:
		what = "Git cannot run git-credential-pat: " + fact.Err.Error()
		if fact.Beside != "" {
			return what, []string{"it is in the same folder as git pat, " + fact.Beside + "; to add that folder to PATH:", shell.Own().AddToPath(fact.Beside)}
		}
		return what, []string{"add the folder of git-credential-pat to PATH"}
	case doctor.HelperFound:
		what = "Git runs git-credential-pat"
		if fact.Path != "" {
			what = "Git runs " + fact.Path
		}
		if fact.Version != fact.Expected {
			return fmt.Sprintf("%s, version %s, but git pat is version %s", what, words.Plain(fact.Version), fact.Expected), []string{"install both from the same release"}
		}
		return what + ", which has the same version as git pat, " + fact.Version, nil
	case doctor.TraceShowsTokens:
		return "GIT_TRACE_REDACT is off, so Git's traces show tokens", []string{"to hide them, remove the variable GIT_TRACE_REDACT:", shell.Own().Unset("GIT_TRACE_REDACT")}
	case doctor.AskPass:
		what = fmt.Sprintf("%s is %s: if no token answers, Git asks that program, which may log in with another account", fact.By, credential.Quote(fact.Program))
		if strings.Contains(strings.ReplaceAll(fact.Program, `\`, "/"), "/extensions/git/") {
			return what, []string{`VS Code sets it; to prevent that, set "git.terminalAuthentication": false in VS Code`}
		}
		return what, []string{"if that happens where a token should answer, add the token:", "git pat add OWNER"}
	}
	return "", nil
}

// errorHint says what helps with the error of a finding.
func errorHint(f doctor.Finding, err error) []string {
	hint := advice.Of(err)
	switch {
	case hint == "":
		return nil
	case f.Mending != nil:
		return []string{"to make it private:", hint}
	}
	return []string{hint}
}

// fileQuestion asks whether a file or token is to be changed.
func fileQuestion(m *doctor.Mending) string {
	switch m.Kind {
	case doctor.CloseFile:
		return fmt.Sprintf("Make %s private?", credential.Quote(m.Path))
	case doctor.RemoveFile:
		return fmt.Sprintf("Remove %s?", credential.Quote(m.Path))
	case doctor.RemoveSecret:
		return fmt.Sprintf("Remove the secret %s? It cannot be shown again.", credential.Quote(m.Key))
	}
	if m.Kind == doctor.RemoveCopy {
		return fmt.Sprintf("Remove the copy of the token, %s?", m.Token.Title())
	}
	return fmt.Sprintf("Remove the token %s, whose secret is lost?", m.Token.Title())
}
