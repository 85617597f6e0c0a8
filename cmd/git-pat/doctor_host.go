package main

// What git pat doctor finds in Git's configuration for a host.

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/remotes"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/setup"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/advice"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

// A site is a host, or what a section of Git's configuration is for there, as
// Git is asked about it.
type site struct {
	name string // host, host/owner
	host string
	url  string
}

// sites are a host, and the paths there that Git's configuration has sections
// of their own for.
func (d *doctor) sites(host string) ([]site, error) {
	sites := []site{{host, host, "https://" + host + "/owner/repository"}}
	c, err := d.r.Git.Folder(d.ctx, "")
	if err != nil {
		return nil, err
	}
	for _, entry := range slices.Concat(c.Under("credential", "helper"), c.Under("credential", "usehttppath")) {
		path, ok := strings.CutPrefix(entry.Section(), "https://"+host+"/")
		if path = strings.Trim(path, "/"); !ok || path == "" {
			continue
		}
		s := site{host + "/" + path, host, "https://" + host + "/" + path}
		if !slices.Contains(sites, s) {
			sites = append(sites, s)
		}
	}
	return sites, nil
}

// checkHost checks what Git does to log in to a host.
func (d *doctor) checkHost(host string) {
	sites, err := d.sites(host)
	if err != nil {
		d.cannot("helper-asked", host, err)
		return
	}
	for _, s := range sites {
		if err := d.checkHelpers(s); err != nil {
			d.cannot("helper-asked", s.name, err)
			continue
		}
		if err := d.checkPath(s); err != nil {
			d.cannot("use-http-path", s.name, err)
		}
	}
	if err := d.checkRefusals(host); err != nil {
		d.cannot("ssh-refused", host, err)
	}
	d.checkNetrc(host)
	if err := d.checkHTTP(sites[0]); err != nil {
		d.cannot("extra-header", host, err)
	}
	if err := d.checkRewritten(sites[0]); err != nil {
		d.cannot("url-rewritten", host, err)
	}
	d.checkPlainCredentials(host)
}

// checkHelpers checks which helpers Git asks, and in which order.
func (d *doctor) checkHelpers(s site) error {
	c, err := d.r.Git.Folder(d.ctx, "")
	if err != nil {
		return err
	}
	helpers := c.Helpers(s.url)
	ours := slices.IndexFunc(helpers, func(h git.Setting) bool { return git.RunsPat(h.Value) })
	if ours < 0 {
		return d.notAsked(d.add(stateFault, "helper-asked", s.name, "Git does not ask git-credential-pat for %s", s.name), s)
	}
	if path, _, _ := git.HelperWord(helpers[ours].Value); filepath.IsAbs(path) {
		if _, err := exec.LookPath(path); err != nil {
			f := d.add(stateFault, "helper-asked", s.name, "Git is to run %s for %s (%s), which cannot be run", quote(path), s.name, placeOf(helpers[ours].Origin))
			d.setUp(f, s)
			return nil
		}
	}
	d.add(stateOK, "helper-asked", s.name, "Git asks git-credential-pat (%s)", placeOf(helpers[ours].Origin))
	alone := true
	for i, h := range helpers {
		if git.RunsPat(h.Value) {
			continue
		}
		alone = false
		state, text := stateFault, "is asked before git-credential-pat, and what it answers is used"
		if i > ours {
			state, text = stateWarning, "is asked where no token answers, and is told of each token that works"
			if keeps(h.Value) {
				text += ": it keeps that for the whole host, and hands it out for other owners"
			}
		}
		shown, pattern := withoutArguments(h.Value)
		f := d.add(state, "other-helper", s.name, "the helper %s (%s) %s", quote(shown), placeOf(h.Origin), text)
		if i > ours && d.canMoveBehind(h) {
			f.do("to put the settings of git pat after it:", advice.SetupCommand("--yes", s.host))
			continue
		}
		d.blame(f, s, h, pattern)
	}
	if alone {
		d.add(stateOK, "other-helper", s.name, "no other helper is asked")
	}
	return nil
}

// canMoveBehind reports whether setup can put its settings behind another one.
func (d *doctor) canMoveBehind(other git.Setting) bool {
	r, err := setupReader(d.r.Git)
	return err == nil && len(r.Move(d.ctx, setup.Obstacle{Setting: other})) > 0
}

// notAsked says how to have Git ask us, and what took that away.
func (d *doctor) notAsked(f *finding, s site) error {
	c, err := d.r.Git.Folder(d.ctx, "")
	if err != nil {
		return err
	}
	entries := c.ForCredential(s.url, "helper")
	was := slices.IndexFunc(entries, func(e git.Setting) bool { return git.RunsPat(e.Value) })
	for i := len(entries) - 1; i > was && was >= 0; i-- {
		if entries[i].Value == "" {
			key, _ := remotes.HideSecretInKey(entries[i].Key)
			f.What += fmt.Sprintf(": an empty %s takes it away (%s)", key, placeOf(entries[i].Origin))
			d.blame(f, s, entries[i], git.Exactly(""))
			return nil
		}
	}
	d.setUp(f, s)
	return nil
}

// checkPath checks that Git says which repository it wants to log in for.
func (d *doctor) checkPath(s site) error {
	request, err := d.r.Request(d.ctx, s.url)
	if err != nil {
		return err
	}
	if err := d.checkUsername(s, request.Username); err != nil {
		return err
	}
	if request.Path != "" {
		d.add(stateOK, "use-http-path", s.name, "Git says which repository it wants to log in for")
		return nil
	}
	c, err := d.r.Git.Folder(d.ctx, "")
	if err != nil {
		return err
	}
	entries := c.ForCredential(s.url, "usehttppath")
	f := d.add(stateFault, "use-http-path", s.name, "Git does not say which repository of %s it wants to log in for, so that the right token cannot be told", s.name)
	if len(entries) == 0 {
		d.setUp(f, s)
		return nil
	}
	last := entries[len(entries)-1]
	key, _ := remotes.HideSecretInKey(last.Key)
	f.What += fmt.Sprintf(": %s is %s (%s)", key, quote(last.Value), placeOf(last.Origin))
	d.blame(f, s, last, git.Exactly(last.Value))
	return nil
}

// checkUsername looks for a user name that Git has from its configuration where
// a URL has none: the tokens of others do not answer then.
func (d *doctor) checkUsername(s site, username string) error {
	isOther := func(c credential.Candidate) bool {
		return c.Host == s.host && c.Username != "" && !credential.EqualFold(c.Username, username)
	}
	if (credential.Request{Username: username}).Login() == "" || !slices.ContainsFunc(d.tokens, isOther) {
		return nil
	}
	c, err := d.r.Git.Folder(d.ctx, "")
	entries := c.ForCredential(s.url, "username")
	if err != nil || len(entries) == 0 {
		return err
	}
	last := entries[len(entries)-1]
	key, _ := remotes.HideSecretInKey(last.Key)
	shown := quote(username)
	if (credential.Request{Host: s.host, Username: username}).TokenForName() {
		shown = "***"
	}
	f := d.add(stateWarning, "username", s.name, "Git asks for tokens of %s on %s only: %s (%s)", shown, s.name, key, placeOf(last.Origin))
	d.takeAway(f, last, git.Exactly(last.Value))
	return nil
}

// checkRefusals checks that we are asked where we say that tokens work over
// https only.
func (d *doctor) checkRefusals(host string) error {
	for _, url := range []string{"ssh://git@" + credential.WithoutPort(host) + "/owner/repository", "http://" + host + "/owner/repository"} {
		asked, err := d.r.Asks(d.ctx, url)
		if err != nil {
			return err
		}
		if !asked {
			scheme, _, _ := strings.Cut(url, ":")
			f := d.add(stateWarning, "ssh-refused", host, "Git does not ask git-credential-pat about %s URLs of %s, so that it cannot say how to go by https", scheme, host)
			return d.notAsked(f, site{host, host, url})
		}
	}
	return nil
}

// setUp has git pat setup put right what was found.
func (d *doctor) setUp(f *finding, s site) {
	c := setupCommand{Hosts: []string{s.host}}
	command := advice.SetupCommand("", s.host)
	if command == advice.SetupCommand("", credential.GitHubHost) {
		c.Hosts = nil
	}
	f.do("to set it up:", command)
	f.mend(func() error {
		want, err := c.want(d.t)
		if err != nil {
			return err
		}
		plan, err := c.plan(d.ctx, d.t, d.r.Git, want)
		if err != nil {
			return err
		}
		show := func(command string) error {
			d.t.Say("%s", strings.TrimPrefix(command, "# "))
			return nil
		}
		if err := c.apply(d.ctx, d.t, d.r.Git, want, plan, show); err != nil {
			return err
		}
		_, err = c.check(d.ctx, d.t, d.r.Git, want, show)
		return err
	}, "Do what %s does?", command)
}

// blame says how to be rid of a setting that is in the way: by setting the
// host up, if that comes after it, else by taking away the values that match a
// pattern.
func (d *doctor) blame(f *finding, s site, entry git.Setting, pattern string) {
	file, inFile := entry.File()
	if inFile && !d.isOfRepository(file) && isIncomplete(d.ctx, d.r.Git, s.host) {
		d.setUp(f, s)
		return
	}
	d.takeAway(f, entry, pattern)
}

// leaveOut is what to do about a setting that is in no file.
const leaveOut = "it is given with -c, or by GIT_CONFIG_PARAMETERS or GIT_CONFIG_COUNT; leave it out"

// takeAway says how to be rid of the values of a setting that match a pattern.
func (d *doctor) takeAway(f *finding, entry git.Setting, pattern string) {
	file, inFile := entry.File()
	where, words := "--local", "to take it away from this repository:"
	switch {
	case !inFile:
		f.do(leaveOut)
		return
	case filepath.IsAbs(file):
		where, words = "--file "+shellWord(file), "to take it away:"
	}
	_, held := remotes.HideSecretInKey(entry.Key)
	if held || (credential.Request{Host: credential.GitHubHost, Username: entry.Value}).TokenForName() {
		f.do("a token or password stands in it, so take it away by hand:", "git config "+where+" --edit")
		return
	}
	f.do(words, fmt.Sprintf("git config %s --unset-all %s %s", where, shellWord(entry.Key), shellWord(pattern)))
}

// isOfRepository reports whether a file is the configuration of the repository
// one stands in, which Git reads after the person's own.
func (d *doctor) isOfRepository(file string) bool {
	folder, err := git.Line(d.ctx, "rev-parse", "--git-common-dir")
	if err != nil {
		return false
	}
	if folder, err = filepath.Abs(folder); err != nil {
		return false
	}
	return !filepath.IsAbs(file) || strings.HasPrefix(filepath.Clean(file), folder+string(filepath.Separator))
}

// placeOf says where a setting stands.
func placeOf(origin string) string {
	if file, ok := strings.CutPrefix(origin, "file:"); ok {
		return plain(file)
	}
	return "given with -c or by the environment"
}

// withoutArguments returns a helper without its arguments, among which there may
// be a password, and a pattern for it.
func withoutArguments(value string) (shown, pattern string) {
	word, _, more := strings.Cut(value, " ")
	if name, _, ok := strings.Cut(word, "="); ok { // a variable before the program
		return name + "=...", "^" + regexp.QuoteMeta(name+"=")
	}
	if more {
		return word + " ...", "^" + regexp.QuoteMeta(word+" ")
	}
	return word, git.Exactly(word)
}

// keeps reports whether a helper is one that keeps what works for a host.
func keeps(value string) bool {
	switch strings.TrimPrefix(git.HelperProgram(value), "git-credential-") {
	case "store", "cache", "osxkeychain", "manager", "manager-core", "wincred", "libsecret", "gnome-keyring":
		return true
	}
	return false
}
