package input

import (
	"cmp"
	"os"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

// ForgeOf returns the forge of a new token, if the host, the person or other tokens of
// the host tell it. Otherwise it returns forge.Other.
func ForgeOf(kept *tokens.Tokens, r credential.Record) forge.Forge {
	if on := r.On(); on != forge.Other {
		return on
	}
	return kept.Tree.Forge(r.Host)
}

// NewForm returns the values with which the page for a new token is filled in.
func NewForm(r credential.Record, target credential.Target, now time.Time) forge.Form {
	form := forge.Form{
		Host: target.Host, Kind: credential.FineGrained, Name: formName(r, now), Days: daysLeft(r, now),
		Text: "For Git over https, " + target.String(), ReadOnly: r.Access == credential.ReadAccess,
	}
	if len(target.Paths) > 0 {
		form.Repository = target.Paths[0]
	}
	return form
}

// daysLeft returns the number of days until a record expires, or 0 if the page
// accepts no such number.
func daysLeft(r credential.Record, now time.Time) int {
	days := int(r.Expires.Sub(now.Truncate(time.Second)) / (24 * time.Hour))
	if r.Expires.IsZero() || days < 1 || days > forge.MaxDays {
		return 0
	}
	return days
}

// formName returns the name for a token at its forge. It contains the time, because
// the names of a person's tokens must differ.
func formName(r credential.Record, now time.Time) string {
	machine, err := os.Hostname()
	if err != nil {
		machine = "git"
	}
	name := []rune(cmp.Or(r.Name, "git") + " on " + machine)
	when := now.Local().Format(" 2006-01-02 15:04:05")
	return string(name[:min(len(name), forge.MaxTokenName-len(when))]) + when
}

// HasGitHubPage reports whether GitHub has a page where the token for a record is
// created. For another host, it does so only if the host has GitHub tokens here, or if
// the person wants GitHub's page. No path of GitHub has three segments.
func HasGitHubPage(kept *tokens.Tokens, r credential.Record, wanted bool) bool {
	if _, err := r.Target.On(forge.GitHub); err != nil || r.Kind == credential.Other {
		return false
	}
	if r.Kind != "" || credential.IsGitHubHost(r.Host) || wanted {
		return true
	}
	return ForgeOf(kept, r) == forge.GitHub
}
