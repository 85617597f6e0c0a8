package main

// What git pat doctor finds that logs in before Git asks a helper.

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/homefile"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/importer"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/remotes"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/resolve"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

// checkNetrc looks for a log-in in the file that curl reads, which Git uses
// before it asks any helper.
func (d *doctor) checkNetrc(host string) {
	for _, path := range homefile.GitNetrc() {
		text, _, err := homefile.Read(path)
		var odd *homefile.Error
		if errors.As(err, &odd) {
			d.add(stateWarning, "netrc", host, "%s; Git reads it before it asks any helper", odd)
		}
		if err != nil {
			continue
		}
		entry, ok := netrcEntry(text, credential.WithoutPort(host))
		if ok {
			f := d.add(stateFault, "netrc", host, "%s has an entry for %s, which Git uses before it asks any helper", path, entry)
			if entry == allHosts {
				f.do("take that entry away from " + path)
			} else {
				f.do("to keep its token here, and take that entry away:", "git pat import netrc "+shellWord(path)+" --remove-source")
			}
			return
		}
	}
}

const allHosts = "all hosts"

// netrcEntry returns what the entry for a host is called: its machine, or
// default for all.
func netrcEntry(text, host string) (string, bool) {
	for _, entry := range importer.ParseNetrc(text) {
		switch {
		case entry.Reason.Why == importer.ForAnyHost:
			return allHosts, true
		case credential.EqualFold(entry.Host, host):
			return host, true
		}
	}
	return "", false
}

// checkHTTP looks for settings of Git's HTTP that log in without a helper, or
// sooner.
func (d *doctor) checkHTTP(s site) error {
	c, err := d.r.Git.Folder(d.ctx, "")
	if err != nil {
		return err
	}
	if sent, ok := c.AuthorizationHeader(s.url); ok {
		f := d.add(stateFault, "extra-header", s.name, "Git logs in to %s with a header of %s (%s), and asks no helper", s.name, sent.ShownKey(), placeOf(sent.Origin))
		name, _, _ := strings.Cut(sent.Value, ":")
		sent.Value = name + ":"
		d.takeAway(f, sent, "^"+regexp.QuoteMeta(sent.Value))
		if len(f.Do) > 1 {
			f.Do[0] = "what it logs in with may be in no other place; when you have that, to take it away:"
		}
	}
	for _, setting := range []struct{ check, key, means string }{
		{"proactive-auth", "http.proactiveAuth", "Git logs in before a server asks it to, so that it wants a token for public repositories too"},
		{"cookie-file", "http.cookieFile", "a cookie in it may log in before any helper is asked"},
	} {
		value := ""
		for _, entry := range c.ForHTTP(s.url, strings.TrimPrefix(strings.ToLower(setting.key), "http.")) {
			value = entry.Value
		}
		if value == "" || value == "none" {
			continue
		}
		d.add(stateWarning, setting.check, s.name, "%s is %s: %s", setting.key, quote(value), setting.means).
			do("to see where it is set:", `git config --show-origin --get-regexp '^http\..*`+strings.TrimPrefix(strings.ToLower(setting.key), "http.")+"$'")
	}
	return nil
}

// checkRewritten checks that Git goes to https URLs of a host as they are, by
// whatever url.BASE.insteadOf there is.
func (d *doctor) checkRewritten(host site) error {
	c, err := d.r.Git.Folder(d.ctx, "")
	if err != nil {
		return err
	}
	sites := []site{host}
	for _, entry := range slices.Concat(c.Under("url", "insteadof"), c.Under("url", "pushinsteadof")) {
		path, ok := strings.CutPrefix(entry.Value, "https://"+host.name+"/")
		s := site{host.name + "/" + strings.TrimSuffix(path, "/"), host.host, entry.Value}
		if ok && path != "" && !slices.Contains(sites, s) {
			sites = append(sites, s)
		}
	}
	for _, s := range sites {
		d.checkRewriting(s, c)
	}
	return nil
}

func (d *doctor) checkRewriting(s site, c git.Config) {
	for _, push := range []bool{false, true} {
		url, by := c.Rewrite(s.url, push)
		what := "fetch from"
		if push {
			what = "push to"
		}
		remote, err := credential.ParseRemote(url)
		var f *finding
		switch {
		case err != nil || remote.Protocol != "https":
			f = d.add(stateFault, "url-rewritten", s.name, "to %s %s Git goes another way than by https, where tokens are no use", what, s.name)
		case resolve.HoldsCredential(remote):
			f = d.add(stateFault, "url-rewritten", s.name, "to %s %s Git uses a password or token that is put into each URL", what, s.name)
		default:
			continue
		}
		if by != nil {
			blameRewriting(f, *by)
		}
		return
	}
}

// blameRewriting says which setting turns a URL into another one. Its key is
// not shown, since a token may be in it.
func blameRewriting(f *finding, by git.Setting) {
	name := "insteadOf"
	if strings.HasSuffix(by.Key, ".pushinsteadof") {
		name = "pushInsteadOf"
	}
	value, _ := remotes.HideSecret(by.Value)
	f.What += fmt.Sprintf(", by %s = %s (%s)", name, value, placeOf(by.Origin))
	file, inFile := by.File()
	switch {
	case !inFile:
		f.do(leaveOut)
	case filepath.IsAbs(file):
		f.do("to take that section of url away:", "git config --file "+shellWord(file)+" --edit")
	default:
		f.do("to take that section of url away:", "git config --local --edit")
	}
}

// checkPlainCredentials looks for log-ins in the files of git credential-store.
func (d *doctor) checkPlainCredentials(host string) {
	for _, path := range homefile.GitCredentials() {
		text, _, err := homefile.Read(path)
		if err != nil {
			continue
		}
		for line := range strings.Lines(text) {
			remote, err := credential.ParseRemote(strings.TrimSpace(line))
			if err == nil && remote.Protocol == "https" && remote.Host == host {
				d.add(stateWarning, "plain-credentials", host, "%s has a password or token for %s in plain text", path, host).
					do("to move it to where your tokens are:", "git pat import git-credentials")
				break
			}
		}
	}
}

// checkRemotes checks the remotes of the repository one stands in, and where
// its submodules come from, as git pat remote does. Other hosts than those that
// tokens are for do not matter here.
func (d *doctor) checkRemotes() {
	all, err := d.reader.List(d.ctx, "")
	var none *remotes.NoRepositoryError
	if errors.As(err, &none) {
		return
	}
	if err != nil {
		d.cannot("remote", "", err)
		return
	}
	hosts := d.hosts()
	good, bad := 0, 0
	for _, e := range all {
		switch {
		case !slices.Contains(hosts, e.Remote.Host) || e.Follows != "":
		case e.Refused():
			bad++
			f := d.add(stateFault, "remote", remotes.ShownName(e.Name), "%s", problem(e))
			if e.ByHand != nil {
				f.do(changeByHand, byHandCommand(e))
			} else {
				f.do("to change it:", fixCommand(e))
			}
		default:
			good++
		}
	}
	if good > 0 && bad == 0 {
		d.add(stateOK, "remote", "", "its remotes go over https")
	}
}
