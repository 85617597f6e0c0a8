package main

import (
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/remotes"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// errNowhere says that there is no repository, or no remote of it to speak of.
var errNowhere = &hintError{text: "this is no repository with a remote", hint: "name the URL of one"}

// here returns the URL from which the repository one stands in is fetched, or
// to which it is pushed: of the remote that the current branch follows, else
// origin, else the only one.
func (a *app) here(command string, push bool) (string, error) {
	all, c, err := a.remotes()
	if err != nil {
		if folder, ok := git.Bare(err); ok {
			return "", bareFault(folder, strings.TrimSuffix(command, " --for"))
		}
		return "", errNowhere
	}
	follows := git.Followed(a.ctx, "", c)
	if _, notURL := credential.ParseRemote(follows); notURL == nil {
		url, _ := c.Rewrite(follows, push)
		return url, nil
	}
	if u, ok := git.MainRemote(all, follows, push); ok {
		return u.URL, nil
	}
	if len(all) > 0 {
		return "", &hintError{text: "this repository has several remotes, and none is called origin", hint: "name the URL of one"}
	}
	return "", errNowhere
}

// bareFault says how to work in a bare repository. Without being told, Git takes
// no folder for one: it may be content of another repository.
func bareFault(folder, command string) error {
	return &hintError{
		text:     "this folder looks like a bare repository, and may be part of somebody else's",
		hint:     "if it is yours, name it:",
		commands: []string{"git --git-dir=" + shellWord(folder) + strings.TrimPrefix(command, "git")},
	}
}

// remotes returns the remotes of the repository one stands in.
func (a *app) remotes() ([]git.RemoteURL, git.Config, error) {
	c, err := a.settings("")
	if err != nil {
		return nil, nil, err
	}
	all, err := git.Remotes(a.ctx, "", c)
	return all, c, err
}

// meant returns the URL that a person names: a URL, a target, or nothing, which
// is the repository one stands in. What is typed means exactly that, whatever
// the configuration of a repository says; the name of a remote counts only where
// it cannot be a target.
func (a *app) meant(name, command string, push bool) (string, error) {
	if name == "" {
		return a.here(command, push)
	}
	url := name
	if _, err := credential.ParseRemote(name); err != nil && !strings.Contains(name, "://") {
		target, err := parseTargets([]string{name})
		remote, isRemote := a.remoteNamed(name, push)
		switch {
		case err != nil && isRemote:
			return remote, nil
		case err != nil:
			return "", err
		}
		path := ""
		if len(target.Paths) > 0 {
			path = target.Paths[0] // of several repositories any will do
		}
		url = credential.Remote{Host: target.Host, Path: path}.HTTPS()
		if isRemote {
			a.ui.say("%s means %s here", quote(name), inFull(target))
			a.ui.hint("for the remote of that name:", command+" "+shellWord(git.WithoutUser(remote)))
		}
	}
	if push {
		url = a.asPush(url)
	}
	return url, nil
}

// inFull says what a target is.
func inFull(target credential.Target) string {
	switch {
	case len(target.Paths) == 0:
		return "the host " + target.String()
	case len(target.Paths) > 1:
		return "the repositories " + target.String()
	case strings.Contains(target.Paths[0], "/"):
		return "the repository " + target.String()
	}
	return "the owner " + target.String()
}

// remoteNamed returns the URL of the remote of a name, if there is one here.
func (a *app) remoteNamed(name string, push bool) (string, bool) {
	all, _, err := a.remotes()
	if err != nil {
		return "", false
	}
	i := slices.IndexFunc(all, func(u git.RemoteURL) bool { return u.Remote == name && u.Push == push })
	if i < 0 {
		return "", false
	}
	return all[i].URL, true
}

// asPush returns a URL as Git pushes to it, if it says of the host which requests
// are pushes.
func (a *app) asPush(url string) string {
	remote, err := credential.ParseRemote(url)
	scheme, rest, _ := strings.Cut(url, "://")
	if err != nil || remote.Protocol != "https" || git.WithoutUser(url) != url || !a.saysPush(remote.Host) {
		return url
	}
	return scheme + "://" + credential.PushLogin + "@" + rest
}

// remotesReader reads where the remotes of a repository lead.
func (a *app) remotesReader(tree *record.Tree) *remotes.Reader {
	return &remotes.Reader{Config: &a.git, SSH: &a.ssh, Hosts: tree.Hosts()}
}
