package view

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/github"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/inspect"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/refusal"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/words"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/advice"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/shell"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

// problemOf says what is wrong with a token, if anything, and what helps. It leaves
// out what is wrong with single repositories.
func problemOf(report inspect.Report, r credential.Record) (what string, do []string) {
	if c := report.Cause; c != nil {
		if !c.RetryAfter.IsZero() {
			return "the server accepts no more calls until " + c.RetryAfter.Local().Format(time.TimeOnly), nil
		}
		return Cause(*c, r)
	}
	if report.ListErr != nil {
		what = "GitHub did not list its repositories: " + report.ListErr.Error()
	} else if report.OtherOwner != "" {
		what = fmt.Sprintf("it belongs to the owner %s, not to %s", credential.Quote(report.OtherOwner), credential.Quote(report.NoneSeen))
		do = []string{"a fine-grained token works for one owner; to create one for " + report.NoneSeen + ": " + words.OnToken("git pat rotate", r)}
	} else if report.Lacks != "" {
		what = fmt.Sprintf("it lacks the scope %s, so it reaches no private repository", report.Lacks)
		if report.Lacks == "gist" {
			what = "it lacks the scope gist, so it cannot push to gists"
		}
		do = []string{"to add the scope: " + github.TokensPage(r.Host, r.Kind)}
		if r.On() != forge.GitHub {
			do = []string{"replace it: " + words.OnToken("git pat rotate", r)}
		}
	} else if owner := report.NoneSeen; owner != "" && r.Kind == credential.FineGrained {
		what = fmt.Sprintf("no private repository of %s is seen: the token belongs to another owner, or none is selected, or the token waits for approval by an owner of %s, or there is none", owner, owner)
		do = []string{
			"to select repositories: " + github.TokensPage(r.Host, r.Kind),
			"an owner approves it here: " + github.RequestsPage(r.Host, owner),
		}
	} else if owner != "" {
		what = fmt.Sprintf("no private repository of %s is seen: there is none, or the token is not authorized for single sign-on yet", owner)
		do = []string{"to authorize it: " + github.SSOPage(r.Host, owner)}
	}
	if report.SSO != "" {
		what = "it is not authorized for single sign-on"
		do = append([]string{"open " + report.SSO}, do...)
	}
	return what, do
}

// Cause puts a cause into a sentence without a capital or a full stop. It also says
// what helps, the likeliest first: each is a sentence or a URL. The record is that of
// the refused token, or the zero value if that is not known.
func Cause(c refusal.Cause, r credential.Record) (what string, do []string) {
	owner := cmp.Or(c.Owner(), "the owner")
	organization := cmp.Or(c.Organization, owner)
	repository := cmp.Or(c.Repository, "the repository")
	if r.Host == "" {
		r.Target, r.Kind = credential.Target{Host: c.Host}, c.Kind
	}
	on, tokens := r.On(), words.TokensPage(r)
	if on == forge.GitHub {
		tokens = github.TokensPage(c.Host, c.Kind)
	}
	addOwner := "git pat add " + shell.Own().Word(credential.Target{Host: c.Host, Paths: []string{cmp.Or(c.Organization, c.Owner(), "OWNER")}}.Short())
	rotate := "git pat rotate TARGET"
	if r.Name != "" {
		rotate = words.OnToken("git pat rotate", r)
	}
	add := func(steps ...string) {
		for _, step := range steps {
			if step != "" {
				do = append(do, step)
			}
		}
	}
	switch c.Reason {
	case refusal.BadToken:
		what = "the token is wrong, expired, deleted or revoked"
		add("replace it: " + rotate)
	case refusal.NotSelected:
		what = fmt.Sprintf("the token does not have %s: it is not selected, or waits for approval by an owner of %s, or lacks the permission contents", repository, owner)
		add("select it, at "+github.TokensPage(c.Host, credential.FineGrained),
			"an owner of the organization approves at "+github.RequestsPage(c.Host, owner))
	case refusal.NoPush:
		what = fmt.Sprintf("the token may fetch from %s, but not push to it", repository)
		switch {
		case c.Kind == credential.FineGrained:
			add("add the permission contents: write at " + tokens)
		case on == forge.GitHub:
			add("it needs the scope repo, and its user the right to push", orPage("see it at ", tokens))
		default:
			add(needsScopes(on, false), "replace it: "+rotate)
		}
	case refusal.NoWorkflows:
		what = "the token may not push files of .github/workflows"
		if c.Kind == credential.FineGrained {
			add("add the permission workflows: write at " + tokens)
		} else {
			add("add the scope workflow", orPage("at ", tokens))
		}
	case refusal.SingleSignOn:
		what = fmt.Sprintf("%s requires single sign-on, and the token is not authorized for it", organization)
		if c.SSO != "" {
			add("open " + c.SSO)
		} else if c.Kind == credential.Classic {
			add("choose Configure SSO beside the token, at "+tokens, "or log in at "+github.SSOPage(c.Host, organization))
		} else {
			add("log in at "+github.SSOPage(c.Host, organization)+", then replace the token", rotate)
		}
	case refusal.ClassicForbidden:
		what = fmt.Sprintf("%s does not accept classic tokens", organization)
		add("add a fine-grained token: " + addOwner)
	case refusal.LifetimeTooLong:
		what = fmt.Sprintf("%s does not accept tokens with such a long lifetime", organization)
		add(orPage("shorten its lifetime at ", cmp.Or(c.TokenPage, tokens)),
			"or replace it: "+rotate+" --expires 90d")
	case refusal.AddressNotAllowed:
		what = fmt.Sprintf("%s accepts only IP addresses on its list, and yours is not on it", organization)
		add("use the organization's network or VPN, or ask an owner to add your address")
	case refusal.AppRestricted:
		what = fmt.Sprintf("%s has not approved the app that this token belongs to", organization)
		add("ask an owner to approve it, or use a personal token: " + addOwner)
	case refusal.NotVisible:
		what = fmt.Sprintf("%s does not exist, or the token has no access to it", repository)
		add("check the name" + orPage(": ", repositoryPage(on, c.About)))
		if r.Name == "" {
			add("see which token is used: git pat explain https://" + c.Host + "/" + c.Repository)
		}
		if c.Kind == credential.FineGrained {
			add("select it for the token, at " + tokens)
		}
	case refusal.RateLimited:
		if !c.RetryAfter.IsZero() {
			return "the server accepts no more calls for a while", nil
		}
		what = "the server accepts no more calls for a while; the token may be good"
		add("wait and try again")
	case refusal.NoPermission:
		what = "the token lacks a permission for this"
		switch {
		case on != forge.GitHub && on != forge.Other:
			add(needsScopes(on, r.Access == credential.ReadAccess), "replace it: "+rotate)
		case tokens != "":
			add("add the permission at " + tokens)
		default:
			add("ask whoever manages the token or its app for the permission")
		}
	case refusal.SecretInPush:
		what = "the push contains a secret, so GitHub rejects it; the token is valid"
		add("remove the secret from the commits, and revoke it where it was created")
	case refusal.NoCredential:
		what = "Git had no credential to send"
		setup := "git pat setup"
		if c.Host != credential.GitHubHost {
			setup += " " + shell.Own().Word(c.Host)
		}
		add("add a token: "+addOwner, "or configure Git to use your tokens: "+setup)
	default: // Unknown and NoAnswer
		what = "this reply is unknown"
		if c.Err != nil {
			what = c.Err.Error()
		}
	}
	return what, do
}

// needsScopes says which rights a token of another forge needs.
func needsScopes(on forge.Forge, readOnly bool) string {
	scopes := on.Scopes(readOnly)
	switch {
	case len(scopes) == 0:
		return "it, or its user, needs the right to push"
	case readOnly:
		return "it needs the scope " + strings.Join(scopes, " and ")
	}
	return "it needs the scope " + strings.Join(scopes, " and ") + ", and its user the right to push"
}

// repositoryPage returns the page of a repository, or nothing if its path on the host
// is not known.
func repositoryPage(on forge.Forge, about refusal.About) string {
	if about.Repository == "" || on == forge.Bitbucket && about.Host != forge.BitbucketHost {
		return ""
	}
	return github.RepositoryPage(about.Host, about.Repository)
}

// orPage returns a step that needs a page, if there is a page.
func orPage(text, page string) string {
	if page == "" {
		return ""
	}
	return text + page
}

// WithoutOwner returns the steps that help even if the owner and the repository are
// not known.
func WithoutOwner(steps []string) []string {
	var left []string
	for _, step := range steps {
		_, page, hasPage := strings.Cut(step, "https://")
		if !hasPage || !strings.Contains(page, "the%20owner") && !strings.HasSuffix(page, "/") {
			left = append(left, step)
		}
	}
	return left
}

// Moved says where a repository is now, if an error says that it moved.
func Moved(host string, err error) (help advice.Advice) {
	if moved := new(inspect.MovedError); errors.As(err, &moved) {
		help.What = "its name is now " + moved.Repository
		help.Do = "to use its new URL:"
		help.Commands = []string{"git remote set-url REMOTE " + credential.Remote{Host: host, Path: moved.Repository}.HTTPS() + ".git"}
	}
	return help
}
