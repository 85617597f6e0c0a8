package report

import (
	"fmt"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/doctor"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/words"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/advice"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/shell"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

func hostSentences(f doctor.Finding) (what string, do []string) {
	do = fixHint(f.Fix)
	switch fact := f.Fact.(type) {
	case doctor.Asked:
		return "Git asks git-credential-pat (" + words.PlaceOf(fact.File) + ")", nil
	case doctor.NotAsked:
		what = "Git does not ask git-credential-pat for " + f.Subject
		if len(fact.Instead) > 0 {
			what = "Git asks " + helperNames(fact) + " for " + f.Subject + " instead of git-credential-pat"
		}
		return what + words.DisabledBy(fact.Key, words.PlaceOf(fact.File)), do
	case doctor.NoRefusal:
		return fmt.Sprintf("Git does not ask git-credential-pat about %s URLs of %s, so it cannot say how to use https instead", fact.Protocol, f.Subject) + words.DisabledBy(fact.Key, words.PlaceOf(fact.File)), do
	case doctor.HelperBroken:
		return fmt.Sprintf("Git cannot run the helper %s for %s (%s)", credential.Quote(fact.Path), f.Subject, words.PlaceOf(fact.File)), do
	case doctor.OtherHelper:
		what = fmt.Sprintf("Git asks the helper %s (%s) ", credential.Quote(fact.Shown), words.PlaceOf(fact.File))
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
			what += fmt.Sprintf(": %s is %s (%s)", fact.Key, credential.Quote(fact.Value), words.PlaceOf(fact.File))
		}
		return what, do
	case doctor.UsernameSet:
		name := fact.Username
		if name != "***" {
			name = credential.Quote(name)
		}
		return fmt.Sprintf("Git asks only for tokens of %s on %s: %s is set (%s)", name, f.Subject, fact.Key, words.PlaceOf(fact.File)), do
	case doctor.NetrcUnreadable:
		return fact.Err.Error() + "; Git reads it before it asks a helper", nil
	case doctor.NetrcEntry:
		if fact.AllHosts {
			return fact.Path + " has an entry for all hosts; Git uses it before it asks a helper", []string{"remove that entry from " + fact.Path}
		}
		return fmt.Sprintf("%s has an entry for %s; Git uses it before it asks a helper", fact.Path, f.Subject),
			[]string{"to store its token here and remove the entry:", "git pat import netrc " + shell.Own().Word(fact.Path) + " --remove-source"}
	case doctor.HeaderSent:
		what = fmt.Sprintf("Git logs in to %s with a header from %s (%s), and asks no helper", f.Subject, fact.Key, words.PlaceOf(fact.File))
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
		return fmt.Sprintf("%s is %s: %s", fact.Key, credential.Quote(fact.Value), means),
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
		return fmt.Sprintf("%s: %s is %s (%s)", what, fact.Rule, fact.Value, words.PlaceOf(fact.File)), do
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
			name = "the helper " + credential.Quote(h.Shown)
		}
		if fact.Key == "" {
			name += " (" + words.PlaceOf(h.File) + ")"
		}
		names = append(names, name)
	}
	return strings.Join(names, " and ")
}

// fixHint says how to fix Git's configuration.
func fixHint(fix *doctor.Fix) []string {
	if fix == nil {
		return nil
	}
	where, from := "--local", " from this repository"
	if fix.File != "" {
		where, from = "--file "+shell.Own().Word(fix.File), ""
	}
	switch fix.Kind {
	case doctor.SetUp:
		return []string{"to set it up:", setupOf(fix.Hosts)}
	case doctor.SetUpAfter:
		return []string{words.PutAfter, advice.SetupCommand("--yes", fix.Hosts[0])}
	case doctor.Unset:
		return []string{"to remove it" + from + ":", fmt.Sprintf("git config %s --unset-all %s %s", where, shell.Own().Word(fix.Key), shell.Own().Word(fix.Pattern))}
	case doctor.Edit:
		return []string{"it holds a token or password, so remove it by hand:", "git config " + where + " --edit"}
	}
	return []string{words.RemoveThere}
}
