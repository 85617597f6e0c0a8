package main

// What git pat doctor finds that logs in before Git asks a helper.

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// checkNetrc looks for a log-in in the file that curl reads, which Git uses
// before it asks any helper.
func (d *doctor) checkNetrc(host string) {
	for _, path := range netrcOfCurl() {
		text, _, err := readFile(path)
		var odd *fault
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
	for _, entry := range parseNetrc(text) {
		switch {
		case entry.why == forAnyHost:
			return allHosts, true
		case credential.EqualFold(entry.host, host):
			return host, true
		}
	}
	return "", false
}

// checkHTTP looks for settings of Git's HTTP that log in without a helper, or
// sooner.
func (d *doctor) checkHTTP(s site) error {
	entries, err := config(d.ctx, `^http\.(.*\.)?extraheader$`)
	if err != nil {
		return err
	}
	var sent []configEntry
	for _, entry := range entries {
		applies, err := d.isForHTTP(entry.Key, s.url)
		name, _, _ := strings.Cut(entry.Value, ":")
		switch {
		case err != nil:
			return err
		case !applies:
		case entry.Value == "":
			sent = nil // git-config: an empty one takes away those before
		case strings.EqualFold(strings.TrimSpace(name), "authorization"):
			sent = append(sent, configEntry{Key: entry.Key, Value: name + ":", Origin: entry.Origin})
		}
	}
	for _, entry := range sent {
		key, _ := shownKey(entry.Key)
		f := d.add(stateFault, "extra-header", s.name, "Git logs in to %s with a header of %s (%s), and asks no helper", s.name, key, placeOf(entry.Origin))
		d.takeAway(f, entry, "^"+regexp.QuoteMeta(entry.Value))
		if len(f.Do) > 1 {
			f.Do[0] = "what it logs in with may be in no other place; when you have that, to take it away:"
		}
	}
	for _, setting := range []struct{ check, key, means string }{
		{"proactive-auth", "http.proactiveAuth", "Git logs in before a server asks it to, so that it wants a token for public repositories too"},
		{"cookie-file", "http.cookieFile", "a cookie in it may log in before any helper is asked"},
	} {
		value, err := git1(d.ctx, "config", "--get-urlmatch", setting.key, s.url)
		if status, ok := exitStatus(err); ok && status == 1 || err == nil && (value == "" || value == "none") {
			continue
		}
		if err != nil {
			return err
		}
		d.add(stateWarning, setting.check, s.name, "%s is %s: %s", setting.key, quote(value), setting.means).
			do("to see where it is set:", `git config --show-origin --get-regexp '^http\..*`+strings.TrimPrefix(strings.ToLower(setting.key), "http.")+"$'")
	}
	return nil
}

// isForHTTP reports whether a key under http is for a URL, by having Git look
// for another key in its place.
func (d *doctor) isForHTTP(key, url string) (bool, error) {
	section, ok := strings.CutPrefix(key[:strings.LastIndexByte(key, '.')], "http.")
	if !ok {
		return true, nil // http.extraHeader itself
	}
	if strings.ContainsAny(section, "=\n") {
		return false, nil // as in matches
	}
	_, err := git(d.ctx, "-c", "http."+section+".gitPatDoctor=yes", "config", "--get-urlmatch", "http.gitPatDoctor", url)
	if status, ok := exitStatus(err); ok && status == 1 {
		return false, nil
	}
	return err == nil, err
}

// checkRewritten checks that Git goes to https URLs of a host as they are, by
// whatever url.BASE.insteadOf there is.
func (d *doctor) checkRewritten(host site) error {
	entries, err := config(d.ctx, `^url\..*\.(push)?insteadof$`)
	if err != nil {
		return err
	}
	sites := []site{host}
	for _, entry := range entries {
		path, ok := strings.CutPrefix(entry.Value, "https://"+host.name+"/")
		s := site{host.name + "/" + strings.TrimSuffix(path, "/"), host.host, entry.Value}
		if ok && path != "" && !slices.Contains(sites, s) {
			sites = append(sites, s)
		}
	}
	for _, s := range sites {
		if err := d.checkRewriting(s, entries); err != nil {
			return err
		}
	}
	return nil
}

func (d *doctor) checkRewriting(s site, entries []configEntry) error {
	for _, push := range []bool{false, true} {
		url, err := d.urlOf(s.url, push)
		if err != nil {
			return err
		}
		what := "fetch from"
		if push {
			what = "push to"
		}
		remote, err := credential.ParseRemote(url)
		var f *finding
		switch {
		case err != nil || remote.Protocol != "https":
			f = d.add(stateFault, "url-rewritten", s.name, "to %s %s Git goes another way than by https, where tokens are no use", what, s.name)
		case isCredential(remote):
			f = d.add(stateFault, "url-rewritten", s.name, "to %s %s Git uses a password or token that is put into each URL", what, s.name)
		default:
			continue
		}
		blameRewriting(f, s, entries, push)
		return nil
	}
	return nil
}

// blameRewriting says which setting turns a URL into another one. Its key is
// not shown, since a token may be in it.
func blameRewriting(f *finding, s site, entries []configEntry, push bool) {
	_, by := rewritten(entries, s.url, push)
	if by == nil {
		return // it has changed meanwhile
	}
	name := "insteadOf"
	if strings.HasSuffix(by.Key, ".pushinsteadof") {
		name = "pushInsteadOf"
	}
	value, _ := withoutSecret(by.Value)
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

// isCredential reports whether a URL carries what logs in.
func isCredential(r credential.Remote) bool {
	return r.Password || credential.KindOf(credential.NewSecret(r.User), r.Host).IsGitHub()
}

// checkPlainCredentials looks for log-ins in the files of git credential-store.
func (d *doctor) checkPlainCredentials(host string) {
	for _, path := range credentialFiles() {
		text, _, err := readFile(path)
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
	if d.tree == nil {
		return // which is said to be a fault
	}
	if _, err := git(d.ctx, "rev-parse", "--git-dir"); err != nil {
		return // it is none
	}
	all, err := d.survey(d.tree).places("")
	if err != nil {
		d.cannot("remote", "", err)
		return
	}
	hosts := d.hosts()
	good, bad := 0, 0
	for _, p := range all {
		switch {
		case !slices.Contains(hosts, p.remote.Host) || p.follows != "":
		case p.refused():
			bad++
			d.add(stateFault, "remote", p.name, "%s", p.problem()).do("to change it:", p.fixCommand())
		default:
			good++
		}
	}
	if good > 0 && bad == 0 {
		d.add(stateOK, "remote", "", "its remotes go over https")
	}
}
