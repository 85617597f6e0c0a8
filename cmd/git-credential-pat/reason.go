package main

import (
	"context"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/advice"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/shell"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

// whyNone says why a request has no answer. It reads Git's configuration only if a
// setting may be the reason.
func (h *helper) whyNone(ctx context.Context, d credential.Decision) advice.Advice {
	if usual := h.keeper.Tree.Elsewhere(); usual != "" {
		return advice.Advice{
			What: d.Reason() + ": " + h.keeper.Tree.Dir() + " has no tokens", Do: "to use those in the usual folder:",
			Commands: []string{shell.Own().Set("GIT_PAT_DIR", usual)},
		}
	}
	a := advice.For(d)
	switch {
	case d.Outcome == credential.Unspecified:
		whyNoPath(&a, readConfig(ctx), d.Request)
	case d.Outcome == credential.Ambiguous && d.Request.Username != "" && d.DependsOnAccess():
		c := readConfig(ctx)
		if c.SaysPush(d.Request.Host) && !whyUsername(&a, c, d.Request) {
			a.Do, a.Commands = "with a user name in the URL, Git does not say which requests are fetches; use:", []string{urlOf(d.Request)}
		}
	case d.Request.Login() != "" && len(d.With(credential.OtherLogin)) > 0:
		whyUsername(&a, readConfig(ctx), d.Request)
	}
	return a
}

func urlOf(r credential.Request) string { return credential.Remote{Host: r.Host, Path: r.Path}.HTTPS() }

// whyUsername changes the advice if the user name of a request comes from a setting.
func whyUsername(a *advice.Advice, c git.Config, request credential.Request) bool {
	settings := c.ForCredential(urlOf(request), "username")
	if len(settings) == 0 || settings[len(settings)-1].Value != request.Username {
		return false
	}
	removeSetting(a, "Git adds a user name because of ", settings[len(settings)-1])
	return true
}

// whyNoPath changes the advice if Git is configured to name the repository, but a
// request does not.
func whyNoPath(a *advice.Advice, c git.Config, request credential.Request) {
	const name = "usehttppath"
	host := urlOf(credential.Request{Host: request.Host})
	url := host + "owner/repository"
	asked, err := c.Asks(url)
	if err != nil {
		return
	}
	settings := c.ForCredential(url, name)
	if asked.Path != "" { // but perhaps not for some owners
		settings = nil
		for _, s := range c.Under("credential", name) {
			if strings.HasPrefix(s.Section(), host) && s.Section() != host && s.Value != "true" {
				settings = append(settings, s)
			}
		}
	}
	switch {
	case len(settings) > 0:
		removeSetting(a, "Git leaves out the repository because of ", settings[len(settings)-1])
	case asked.Path != "":
		target := credential.Target{Host: request.Host, Paths: []string{"OWNER/REPOSITORY"}}
		a.Do, a.Commands = "Git would name it, so another program asked; to print a token for it:", []string{"git pat token " + shell.Own().Word(target.Short())}
	}
}

// removeSetting says which setting is the reason. If it is in a file, it also says how
// to remove it.
func removeSetting(a *advice.Advice, what string, s git.Setting) {
	a.Do, a.Commands = what+s.ShownKey(), nil
	path, inFile := s.File()
	where := "--file " + shell.Own().Word(path)
	if s.Scope == "local" || s.Scope == "worktree" { // the path is relative
		where = "--" + s.Scope
	}
	if inFile && s.ShownKey() == s.Key && !git.HoldsSecret(s.Key) {
		a.Do, a.Commands = a.Do+"; to remove it:", []string{"git config " + where + " --unset-all " + shell.Own().Word(s.Key)}
	}
}
