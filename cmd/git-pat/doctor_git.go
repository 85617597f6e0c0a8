package main

// What git pat doctor finds in Git: the programs, its configuration, and what
// it uses before it asks a helper. Which settings are for a host Git itself is
// asked, by asked.go.

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// checkGit checks the programs and the environment. It reports whether there
// is a Git to ask for more.
func (d *doctor) checkGit() bool {
	line, err := git1(d.ctx, "version")
	if err != nil {
		d.add(stateFault, "git-version", "git", "Git cannot be run: %s", err).do("install it, or put it into a folder that is in PATH")
		return false
	}
	text := strings.TrimPrefix(line, "git version ")
	switch {
	case !isAtLeast(text, 2, 9):
		// Since then an empty helper takes away those before it.
		d.add(stateFault, "git-version", "git", "Git is version %s, which asks all helpers for a host, whatever git pat setup writes", plain(text)).
			do("update it to 2.9 or newer, better to the newest")
	case d.letsReturnsIn():
		d.add(stateWarning, "git-version", "git", "Git is version %s, which lets a URL put more than one line into what it asks (CVE-2024-52006); git-credential-pat refuses that, other helpers may not", plain(text)).
			do("update it")
	default:
		d.add(stateOK, "git-version", "git", "Git is version %s", plain(text))
	}
	d.checkHelper()
	d.checkLFS()
	d.checkEnvironment()
	return true
}

// isAtLeast compares the numbers at the start of a version, as in 2.39.5 or
// 2.47.1.windows.1.
func isAtLeast(version string, want ...int) bool {
	for i, part := range strings.SplitN(version, ".", len(want)+1) {
		if i == len(want) {
			return true
		}
		digits := strings.TrimRight(part, strings.TrimLeft(part, "0123456789"))
		have, err := strconv.Atoi(digits)
		if err != nil || have != want[i] {
			return err == nil && have > want[i]
		}
	}
	return true
}

// letsReturnsIn reports whether Git hands helpers a host with a carriage
// return. Systems mend that without changing the version, so that it is tried.
func (d *doctor) letsReturnsIn() bool {
	const helper = "!cat >/dev/null; echo quit=1; :"
	env := []string{"GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=", "LC_ALL=C"}
	_, said, _ := runGit(d.ctx, "url=https://git-pat.invalid%0d/\n\n", env, "-c", "credential.helper=", "-c", "credential.helper="+helper, "credential", "fill")
	return strings.Contains(said, "told us to quit")
}

// checkHelper checks that Git finds the helper, and of this version.
func (d *doctor) checkHelper() {
	const program = "git-credential-" + helperName
	line, err := git1(d.ctx, "credential-"+helperName, "--version")
	if err != nil {
		f := d.add(stateFault, "helper-path", program, "Git does not find or cannot run %s: %s", program, err).
			do("put it into a folder that is in PATH")
		if self, err := os.Executable(); err == nil {
			if path, err := exec.LookPath(filepath.Join(filepath.Dir(self), program)); err == nil {
				f.do("it is beside git pat; put that folder into PATH:", "PATH=$PATH:"+shellWord(filepath.Dir(path)))
			}
		}
		return
	}
	where := ""
	if folder, err := git1(d.ctx, "--exec-path"); err == nil {
		for _, folder := range append([]string{folder}, filepath.SplitList(os.Getenv("PATH"))...) {
			if path, err := exec.LookPath(filepath.Join(folder, program)); err == nil {
				where = ", " + path
				break
			}
		}
	}
	version := strings.TrimPrefix(line, program+" version ")
	if version != versionText() {
		d.add(stateWarning, "helper-path", program, "Git finds %s%s, which is version %s, while git pat is %s", program, where, plain(version), versionText()).
			do("install both from the same release")
		return
	}
	d.add(stateOK, "helper-path", program, "Git finds %s%s, of the same version as git pat, %s", program, where, version)
}

// checkLFS looks for a Git LFS that does not end. Up to 3.5 it had no limit of
// tries, and up to 3.7.1 one that did not hold.
func (d *doctor) checkLFS() {
	line, err := git1(d.ctx, "lfs", "version")
	version, _, _ := strings.Cut(strings.TrimPrefix(line, "git-lfs/"), " ")
	if err != nil || version == "" {
		return // it is not there
	}
	if isAtLeast(version, 3, 7, 2) {
		d.add(stateOK, "git-lfs", "git-lfs", "Git LFS is version %s", plain(version))
		return
	}
	d.add(stateWarning, "git-lfs", "git-lfs", "Git LFS is version %s, which tries without end when a helper answers a refused token again; git-credential-pat does not, other helpers may", plain(version)).
		do("update it to a version after 3.7.1")
}

// checkEnvironment looks for variables that change what Git does.
func (d *doctor) checkEnvironment() {
	switch value, ok := os.LookupEnv("GIT_TRACE_REDACT"); strings.ToLower(value) {
	case "", "0", "false", "no", "off":
		if ok {
			d.add(stateWarning, "trace", "GIT_TRACE_REDACT", "GIT_TRACE_REDACT is off, so that a trace of Git's shows tokens").
				do("to have them masked again:", "unset GIT_TRACE_REDACT")
		}
	}
	value, by := os.Getenv("GIT_ASKPASS"), "GIT_ASKPASS"
	if value == "" {
		value, _ = git1(d.ctx, "config", "core.askPass")
		by = "core.askPass"
	}
	if value != "" {
		f := d.add(stateWarning, "askpass", by, "%s is %s: where no token answers, Git asks that program, and it may log in with an account of its own", by, quote(value)).
			do("if it does where a token should, add the token:", "git pat add OWNER")
		if strings.Contains(value, "/extensions/git/") || strings.Contains(value, `\extensions\git\`) {
			f.do("VS Code sets it; to have it leave that alone, set there:", `"git.terminalAuthentication": false`)
		}
	}
}

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
	entries, err := config(d.ctx, `^credential\..*\.(helper|usehttppath)$`)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		path, ok := strings.CutPrefix(credentialSection(entry.Key), "https://"+host+"/")
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
	helpers, err := d.helpers(s.url)
	if err != nil {
		return err
	}
	ours := slices.IndexFunc(helpers, func(h helperSetting) bool { return runsUs(h.Value) })
	if ours < 0 {
		return d.notAsked(d.add(stateFault, "helper-asked", s.name, "Git does not ask git-credential-pat for %s", s.name), s)
	}
	if path := helpers[ours].Value; filepath.IsAbs(path) {
		if _, err := os.Stat(path); err != nil {
			d.setUp(d.add(stateFault, "helper-asked", s.name, "Git is to run %s for %s, which is not there (%s)", quote(path), s.name, placeOf(helpers[ours].Origin)), s)
			return nil
		}
	}
	d.add(stateOK, "helper-asked", s.name, "Git asks git-credential-pat (%s)", placeOf(helpers[ours].Origin))
	alone := true
	for i, h := range helpers {
		if runsUs(h.Value) {
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
		f := d.add(state, "other-helper", s.name, "the helper %s (%s) %s", quote(h.Value), placeOf(h.Origin), text)
		entry := configEntry{Key: "credential.helper", Value: h.Value, Origin: h.Origin}
		if h.Section != "" {
			entry.Key = "credential." + h.Section + ".helper"
		}
		if i > ours && h.Origin == helpers[ours].Origin && isOurs(helpers[ours].Value) {
			options := strings.TrimPrefix(helpers[ours].Value, helperName)
			f.do("to have only git-credential-pat asked, set it up anew, after that one:",
				"git pat setup --undo "+shellWord(s.host), "git pat setup "+shellWord(s.host)+options)
			continue
		}
		d.blame(f, s, entry)
	}
	if alone {
		d.add(stateOK, "other-helper", s.name, "no other helper is asked")
	}
	return nil
}

// notAsked says how to have Git ask us, and what took that away.
func (d *doctor) notAsked(f *finding, s site) error {
	entries, err := d.settingsFor(s.url, "helper")
	if err != nil {
		return err
	}
	was := slices.IndexFunc(entries, func(e configEntry) bool { return runsUs(e.Value) })
	for i := len(entries) - 1; i > was && was >= 0; i-- {
		if entries[i].Value == "" {
			f.What += fmt.Sprintf(": an empty %s takes it away (%s)", entries[i].Key, placeOf(entries[i].Origin))
			d.blame(f, s, entries[i])
			return nil
		}
	}
	d.setUp(f, s)
	return nil
}

// checkPath checks that Git says which repository it wants to log in for.
func (d *doctor) checkPath(s site) error {
	request, err := d.asGitSends(s.url)
	if err != nil {
		return err
	}
	if request.Get("path") != "" {
		d.add(stateOK, "use-http-path", s.name, "Git says which repository it wants to log in for")
		return nil
	}
	entries, err := d.settingsFor(s.url, "usehttppath")
	if err != nil {
		return err
	}
	f := d.add(stateFault, "use-http-path", s.name, "Git does not say which repository of %s it wants to log in for, so that the right token cannot be told", s.name)
	if len(entries) == 0 {
		d.setUp(f, s)
		return nil
	}
	last := entries[len(entries)-1]
	f.What += fmt.Sprintf(": %s is %s (%s)", last.Key, quote(last.Value), placeOf(last.Origin))
	d.blame(f, s, last)
	return nil
}

// checkRefusals checks that we are asked where we say that tokens work over
// https only.
func (d *doctor) checkRefusals(host string) error {
	for _, url := range []string{"ssh://git@" + credential.WithoutPort(host) + "/owner/repository", "http://" + host + "/owner/repository"} {
		helpers, err := d.helpers(url)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(helpers, func(h helperSetting) bool { return runsUs(h.Value) }) {
			scheme, _, _ := strings.Cut(url, ":")
			f := d.add(stateWarning, "ssh-refused", host, "Git does not ask git-credential-pat about %s URLs of %s, so that it cannot say how to go by https", scheme, host)
			return d.notAsked(f, site{host, host, url})
		}
	}
	return nil
}

// setUp has git pat setup put right what was found.
func (d *doctor) setUp(f *finding, s site) {
	hosts := []string{s.host}
	command := setupOf(s.host)
	if command == "git pat setup" {
		hosts = nil
	}
	f.do("to set it up:", command)
	f.mend(func() error {
		setup := setupCommand{Hosts: hosts}
		hosts, err := setup.hosts()
		if err != nil {
			return err
		}
		changes, err := setup.changes(d.app, hosts)
		if err != nil {
			return err
		}
		_, err = d.apply(changes, false, func(command string) { d.ui.say("%s", command) })
		return err
	}, "Do what %s does?", command)
}

// blame says how to be rid of a setting that is in the way: by setting the
// host up, if that comes after it, else by taking it away.
func (d *doctor) blame(f *finding, s site, entry configEntry) {
	file, inFile := entry.File()
	if inFile && !d.isOfRepository(file) && d.isIncomplete(s.host) {
		d.setUp(f, s)
		return
	}
	d.takeAway(f, entry, exactly(entry.Value))
}

// leaveOut is what to do about a setting that is in no file.
const leaveOut = "it is given with -c, or by GIT_CONFIG_PARAMETERS or GIT_CONFIG_COUNT; leave it out"

// takeAway says how to be rid of a setting, by a pattern for its value.
func (d *doctor) takeAway(f *finding, entry configEntry, pattern string) {
	file, inFile := entry.File()
	where, words := "--local", "to take it away from this repository:"
	switch {
	case !inFile:
		f.do(leaveOut)
		return
	case filepath.IsAbs(file):
		where, words = "--file "+shellWord(file), "to take it away:"
	}
	f.do(words, fmt.Sprintf("git config %s --unset-all %s %s", where, shellWord(entry.Key), shellWord(pattern)))
}

// isOfRepository reports whether a file is the configuration of the repository
// one stands in, which Git reads after the person's own.
func (d *doctor) isOfRepository(file string) bool {
	folder, err := git1(d.ctx, "rev-parse", "--git-common-dir")
	if err != nil {
		return false
	}
	if folder, err = filepath.Abs(folder); err != nil {
		return false
	}
	return !filepath.IsAbs(file) || strings.HasPrefix(filepath.Clean(file), folder+string(filepath.Separator))
}

// isIncomplete reports whether git pat setup would change anything for a host.
func (d *doctor) isIncomplete(host string) bool {
	changes, err := (&setupCommand{}).changes(d.app, []string{host})
	return err == nil && slices.ContainsFunc(changes, func(c change) bool { return len(c.commands()) > 0 })
}

// placeOf says where a setting stands.
func placeOf(origin string) string {
	if file, ok := strings.CutPrefix(origin, "file:"); ok {
		return plain(file)
	}
	return "given with -c or by the environment"
}

// runsUs reports whether a helper is git-credential-pat, by whatever way.
func runsUs(value string) bool { return helperProgram(value) == "git-credential-"+helperName }

// keeps reports whether a helper is one that keeps what works for a host.
func keeps(value string) bool {
	switch strings.TrimPrefix(helperProgram(value), "git-credential-") {
	case "store", "cache", "osxkeychain", "manager", "manager-core", "wincred", "libsecret", "gnome-keyring":
		return true
	}
	return false
}

// helperProgram is the name of the program that a helper setting runs, by the
// rules of gitcredentials(7) and as far as it can be told without a shell.
func helperProgram(value string) string {
	line, isShell := strings.CutPrefix(strings.TrimSpace(value), "!")
	line = strings.TrimSpace(line)
	var word string
	switch {
	case line != "" && strings.ContainsRune(`'"`, rune(line[0])):
		word, line, _ = strings.Cut(line[1:], line[:1])
	default:
		word, line, _ = strings.Cut(line, " ")
	}
	if !isShell && !filepath.IsAbs(word) {
		return "git-credential-" + word
	}
	word = strings.TrimSuffix(word[strings.LastIndexAny(word, `/\`)+1:], ".exe")
	if word == "git" {
		word, _, _ = strings.Cut(strings.TrimSpace(line), " ")
		word = "git-" + word
	}
	return word
}

// checkNetrc looks for a log-in in the file that curl reads, which Git uses
// before it asks any helper.
func (d *doctor) checkNetrc(host string) {
	home, err := os.UserHomeDir()
	if err != nil {
		return
	}
	for _, name := range []string{".netrc", "_netrc"} { // the second is for Windows
		path := filepath.Join(home, name)
		text, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		entry, ok := netrcEntry(string(text), credential.WithoutPort(host))
		if ok {
			d.add(stateFault, "netrc", host, "%s has an entry for %s, which Git uses before it asks any helper", path, entry).
				do("take that entry away from " + path)
			return
		}
	}
}

// netrcEntry returns what the entry for a host is called: its machine, or
// default for all.
func netrcEntry(text, host string) (string, bool) {
	var words []string
	inMacro := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case inMacro || strings.HasPrefix(line, "macdef"):
			inMacro = line != "" // a macro goes on to an empty line
		case !strings.HasPrefix(line, "#"):
			words = append(words, strings.Fields(line)...)
		}
	}
	for i := 0; i < len(words); i++ {
		switch word := words[i]; {
		case word == "default":
			return "all hosts", true
		case word == "machine" && i+1 < len(words) && credential.EqualFold(strings.Trim(words[i+1], `"`), host):
			return host, true
		case word == "machine" || word == "login" || word == "password" || word == "account":
			i++ // what follows is a value
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
		f := d.add(stateFault, "extra-header", s.name, "Git logs in to %s with a header of %s (%s), and asks no helper", s.name, entry.Key, placeOf(entry.Origin))
		d.takeAway(f, entry, "^"+regexp.QuoteMeta(entry.Value))
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
	var by configEntry
	for _, entry := range entries {
		forPush := strings.HasSuffix(entry.Key, ".pushinsteadof")
		byPush := strings.HasSuffix(by.Key, ".pushinsteadof")
		switch {
		case !strings.HasPrefix(s.url, entry.Value) || forPush && !push:
		case forPush && !byPush, forPush == byPush && len(entry.Value) > len(by.Value):
			by = entry // the longest is used, and for a push first those for pushes
		}
	}
	name := "insteadOf"
	if strings.HasSuffix(by.Key, ".pushinsteadof") {
		name = "pushInsteadOf"
	}
	f.What += fmt.Sprintf(", by %s = %s (%s)", name, by.Value, placeOf(by.Origin))
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
	var paths []string
	if home, err := os.UserHomeDir(); err == nil {
		paths = append(paths, filepath.Join(home, ".git-credentials"))
		if os.Getenv("XDG_CONFIG_HOME") == "" {
			paths = append(paths, filepath.Join(home, ".config", "git", "credentials"))
		}
	}
	if folder := os.Getenv("XDG_CONFIG_HOME"); folder != "" {
		paths = append(paths, filepath.Join(folder, "git", "credentials"))
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(text)) {
			remote, err := credential.ParseRemote(strings.TrimSpace(line))
			if err == nil && remote.Protocol == "https" && remote.Host == host {
				d.add(stateWarning, "plain-credentials", host, "%s has a password or token for %s in plain text", path, host).
					do("to move it to where your tokens are:", "git pat import git-credentials")
				break
			}
		}
	}
}

// checkRemotes checks the remotes of the repository one stands in.
func (d *doctor) checkRemotes() {
	all, err := remotes(d.ctx, "")
	if err != nil {
		return // it is none
	}
	hosts := d.hosts()
	seen := map[string]bool{}
	good := 0
	for _, u := range all {
		remote, err := credential.ParseRemote(u.URL)
		if err != nil || !slices.ContainsFunc(hosts, func(host string) bool {
			// An SSH URL has a port of its own, or none.
			return host == remote.Host || remote.Protocol == "ssh" && credential.WithoutPort(host) == remote.Host
		}) {
			continue
		}
		what := "is fetched from"
		if u.Push {
			what = "is pushed to"
		}
		var f *finding
		switch {
		case seen[u.Remote]:
			continue
		case remote.Protocol != "https":
			f = d.add(stateFault, "remote", u.Remote, "the remote %s %s over %s, and tokens work over https only", quote(u.Remote), what, remote.Protocol)
		case isCredential(remote):
			f = d.add(stateFault, "remote", u.Remote, "the remote %s has a password or token in its URL, which Git uses and shows", quote(u.Remote))
		default:
			good++
			continue
		}
		seen[u.Remote] = true
		f.do("to change it:", "git pat remote --fix")
	}
	if good > 0 && len(seen) == 0 {
		d.add(stateOK, "remote", "", "its remotes go over https")
	}
}
