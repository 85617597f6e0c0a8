package main

// What git pat doctor says about the programs and about Git's configuration.

import (
	"fmt"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/doctor"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/advice"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
)

// headingOf is the heading above a finding.
func headingOf(f doctor.Finding) string {
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

// inSentences says what was found, and what to do: words, then commands.
func inSentences(f doctor.Finding, now time.Time) (what string, do []string) {
	if failed, ok := f.Fact.(doctor.Failed); ok {
		return oneLine(failed.Err), errorHint(f, failed.Err)
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

// mendQuestion asks whether git pat is to fix a problem. It is empty if git pat
// cannot.
func mendQuestion(f doctor.Finding) string {
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
		what = "Git is version " + plain(fact.Version)
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
			return what, []string{"it is in the same folder as git pat; to add that folder to PATH:", "PATH=$PATH:" + shellWord(fact.Beside)}
		}
		return what, []string{"add the folder of git-credential-pat to PATH"}
	case doctor.HelperFound:
		what = "Git runs git-credential-pat"
		if fact.Path != "" {
			what = "Git runs " + fact.Path
		}
		if fact.Version != fact.Expected {
			return fmt.Sprintf("%s, version %s, but git pat is version %s", what, plain(fact.Version), fact.Expected), []string{"install both from the same release"}
		}
		return what + ", which has the same version as git pat, " + fact.Version, nil
	case doctor.TraceShowsTokens:
		return "GIT_TRACE_REDACT is off, so Git's traces show tokens", []string{"to hide them:", "unset GIT_TRACE_REDACT"}
	case doctor.AskPass:
		what = fmt.Sprintf("%s is %s: if no token answers, Git asks that program, which may log in with another account", fact.By, quote(fact.Program))
		if strings.Contains(strings.ReplaceAll(fact.Program, `\`, "/"), "/extensions/git/") {
			return what, []string{`VS Code sets it; to prevent that, set "git.terminalAuthentication": false in VS Code`}
		}
		return what, []string{"if that happens where a token should answer, add the token:", "git pat add OWNER"}
	}
	return "", nil
}

func hostSentences(f doctor.Finding) (what string, do []string) {
	do = fixHint(f.Fix)
	switch fact := f.Fact.(type) {
	case doctor.Asked:
		return "Git asks git-credential-pat (" + placeOf(fact.File) + ")", nil
	case doctor.NotAsked:
		what = "Git does not ask git-credential-pat for " + f.Subject
		if len(fact.Instead) > 0 {
			what = "Git asks " + helperNames(fact) + " for " + f.Subject + " instead of git-credential-pat"
		}
		return what + disabledBy(fact.Key, placeOf(fact.File)), do
	case doctor.NoRefusal:
		return fmt.Sprintf("Git does not ask git-credential-pat about %s URLs of %s, so it cannot say how to use https instead", fact.Protocol, f.Subject) + disabledBy(fact.Key, placeOf(fact.File)), do
	case doctor.HelperBroken:
		return fmt.Sprintf("Git cannot run the helper %s for %s (%s)", quote(fact.Path), f.Subject, placeOf(fact.File)), do
	case doctor.OtherHelper:
		what = fmt.Sprintf("Git asks the helper %s (%s) ", quote(fact.Shown), placeOf(fact.File))
		switch {
		case fact.Before:
			return what + "before git-credential-pat and uses its answer", do
		case fact.Keeps:
			return what + "if no token answers; that helper stores every token that works, and uses it for the whole host", do
		}
		return what + "if no token answers, and tells it every token that works", do
	case doctor.NoOtherHelper:
		return "Git asks no other helper", nil
	case doctor.PathSent:
		return "Git says which repository it needs a token for", nil
	case doctor.PathNotSent:
		what = fmt.Sprintf("Git does not say which repository of %s it needs a token for, so the right token cannot be chosen", f.Subject)
		if fact.Key != "" {
			what += fmt.Sprintf(": %s is %s (%s)", fact.Key, quote(fact.Value), placeOf(fact.File))
		}
		return what, do
	case doctor.UsernameSet:
		name := fact.Username
		if name != "***" {
			name = quote(name)
		}
		return fmt.Sprintf("Git asks only for tokens of %s on %s: %s is set (%s)", name, f.Subject, fact.Key, placeOf(fact.File)), do
	case doctor.NetrcUnreadable:
		return fact.Err.Error() + "; Git reads it before it asks a helper", nil
	case doctor.NetrcEntry:
		if fact.AllHosts {
			return fact.Path + " has an entry for all hosts; Git uses it before it asks a helper", []string{"remove that entry from " + fact.Path}
		}
		return fmt.Sprintf("%s has an entry for %s; Git uses it before it asks a helper", fact.Path, f.Subject),
			[]string{"to store its token here and remove the entry:", "git pat import netrc " + shellWord(fact.Path) + " --remove-source"}
	case doctor.HeaderSent:
		what = fmt.Sprintf("Git logs in to %s with a header from %s (%s), and asks no helper", f.Subject, fact.Key, placeOf(fact.File))
		if len(do) > 1 && f.Fix.Kind == doctor.Unset {
			do[0] = "it may be the only copy of a token; if you have another one, remove the header:"
		}
		return what, do
	case doctor.HTTPSetting:
		means := "Git logs in before a server asks for it, so it needs a token even for public repositories"
		if f.Check == "cookie-file" {
			means = "a cookie in it may log in before Git asks a helper"
		}
		name := strings.ToLower(strings.TrimPrefix(fact.Key, "http."))
		return fmt.Sprintf("%s is %s: %s", fact.Key, quote(fact.Value), means),
			[]string{"to see where it is set:", `git config --show-origin --get-regexp '^http\..*` + name + "$'"}
	case doctor.Rewritten:
		what = "fetch from"
		if fact.Push {
			what = "push to"
		}
		if fact.Secret {
			what = fmt.Sprintf("Git adds a password or token to the URL to %s %s", what, f.Subject)
		} else {
			what = fmt.Sprintf("Git does not use https to %s %s, and tokens work over https only", what, f.Subject)
		}
		if f.Fix.Kind == doctor.Edit {
			do[0] = "to remove that section of url:"
		}
		return fmt.Sprintf("%s: %s is %s (%s)", what, fact.Rule, fact.Value, placeOf(fact.File)), do
	case doctor.PlainText:
		return fmt.Sprintf("%s has a password or token for %s in plain text", fact.Path, f.Subject),
			[]string{"to move it to the store of your tokens:", "git pat import git-credentials --remove-source"}
	}
	return "", nil
}

// helperNames names the helpers that Git asks instead of ours, and where they are set
// unless another setting is to blame.
func helperNames(fact doctor.NotAsked) string {
	var names []string
	for _, h := range fact.Instead {
		name := h.Program
		if name != "gh" {
			name = "the helper " + quote(h.Shown)
		}
		if fact.Key == "" {
			name += " (" + placeOf(h.File) + ")"
		}
		names = append(names, name)
	}
	return strings.Join(names, " and ")
}

// disabledBy names the setting that disables our helper, if there is one.
func disabledBy(key, place string) string {
	if key == "" {
		return ""
	}
	return fmt.Sprintf(": an empty %s disables it (%s)", key, place)
}

// settingIn says where a setting is.
func settingIn(s git.Setting) string {
	file, ok := s.File()
	if !ok {
		file = ""
	}
	return placeOf(file)
}

// placeOf says which file a setting is in.
func placeOf(file string) string {
	if file == "" {
		return "set with -c or by the environment"
	}
	return plain(file)
}

// removeThere is what to do about a setting that is in no file.
const removeThere = "it is set with -c, GIT_CONFIG_PARAMETERS or GIT_CONFIG_COUNT; remove it there"

// putAfter is said before the command that puts our settings after another one.
const putAfter = "to put the settings of git pat after it:"

// fixHint says how to fix Git's configuration.
func fixHint(fix *doctor.Fix) []string {
	if fix == nil {
		return nil
	}
	where, from := "--local", " from this repository"
	if fix.File != "" {
		where, from = "--file "+shellWord(fix.File), ""
	}
	switch fix.Kind {
	case doctor.SetUp:
		return []string{"to set it up:", setupOf(fix.Hosts)}
	case doctor.SetUpAfter:
		return []string{putAfter, advice.SetupCommand("--yes", fix.Hosts[0])}
	case doctor.Unset:
		return []string{"to remove it" + from + ":", fmt.Sprintf("git config %s --unset-all %s %s", where, shellWord(fix.Key), shellWord(fix.Pattern))}
	case doctor.Edit:
		return []string{"it holds a token or password, so remove it by hand:", "git config " + where + " --edit"}
	}
	return []string{removeThere}
}
