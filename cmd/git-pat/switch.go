package main

// What keeps tokens from a remote, and the commands that change it. They are
// made from what is written and where, not from what Git makes of it: a remote
// that insteadOf leads away from https has nothing wrong in itself.

import (
	"fmt"
	"net/url"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
)

// A place is where a URL stands that Git uses for a remote or a submodule.
type place struct {
	repository
	name      string
	submodule string // its path in the folder, if it is one
	fetch     bool
	push      bool
	url       git.RemoteURL
	rules     git.Config // with the rules of insteadOf that are for it

	remote   credential.Remote // where it leads; without a host if to none
	protocol string
	https    string     // the URL with which tokens work, as it is after the commands
	secret   *urlSecret // what stands in the URL
	follows  string     // for a relative URL, the remote that has the fault
	commands [][]string // of Git, that change it
	byHand   []string   // a command with which a person can, where these would hold a secret
}

// A repository is one whose remotes are read.
type repository struct {
	folder string // from here; empty for the one that one stands in
	up     string // from the folder to the top of its working tree
}

// git returns the arguments for Git to do something in the repository.
func (r repository) git(args ...string) []string {
	if r.folder == "" {
		return args
	}
	return append([]string{"-C", r.folder}, args...)
}

// refused reports whether tokens cannot be used, or are in the open.
func (p *place) refused() bool { return p.follows == "" && (p.overOther() || p.secret != nil) }

// overOther reports whether it leads to a host over something else than https.
func (p *place) overOther() bool { return p.remote.Host != "" && p.remote.Protocol != "https" }

func (p *place) String() string {
	what, where := "remote", "here"
	if p.submodule != "" {
		what = "submodule"
	}
	if p.folder != "" {
		where = "in " + quote(p.folder)
	}
	return fmt.Sprintf("the %s %s %s", what, quote(shownName(p.name)), where)
}

// problem says why it is refused.
func (p *place) problem() string {
	if !p.overOther() {
		return fmt.Sprintf("the URL of %s holds a %s: %s", p, p.secret.what(), quote(p.secret.shown))
	}
	return fmt.Sprintf("%s over %s, and tokens work over https only", p.does(), p.remote.Protocol)
}

// does begins a sentence on the way that Git goes to it.
func (p *place) does() string {
	switch {
	case !p.fetch:
		return p.String() + " pushes"
	case !p.push:
		return p.String() + " fetches"
	}
	return p.String() + " is"
}

// sayProblem says why it is refused, and with which commands it is not.
func (a *app) sayProblem(p *place) {
	a.ui.say("%s", p.problem())
	switch {
	case p.byHand != nil:
		a.ui.hint(changeByHand, p.byHandCommand())
	case len(p.commands) == 0:
		a.ui.hint("it comes from the command line or the environment, so change it there")
	case p.secret != nil && !p.secret.secret.Empty():
		a.ui.hint(fmt.Sprintf("to keep the %s and take it out of the URL:", p.secret.what()), p.fixCommand())
	default:
		a.ui.hint("to change it:", commandLines(p.commands)...)
	}
}

// changeByHand is said before a command with which a person changes a setting.
const changeByHand = "the setting that does it may hold a secret, so change it by hand:"

// shownName is a name without the user name and password that one that is a URL
// may have.
func shownName(name string) string {
	if before, _, after, ok := git.CutUserinfo(name); ok {
		return before + "***@" + after
	}
	if git.HoldsSecret(name) {
		return "***"
	}
	return name
}

// fixCommand is the command of ours that changes the place, of all of them if its
// name cannot be shown.
func (p *place) fixCommand(options ...string) string {
	if shownName(p.name) != p.name {
		return "git " + quoteAll(p.git(append([]string{"pat", "remote", "--fix"}, options...)...))
	}
	args := p.git(append([]string{"pat", "remote", "--fix"}, options...)...)
	if strings.HasPrefix(p.name, "-") {
		args = append(args, "--")
	}
	return "git " + quoteAll(append(args, p.name))
}

func (p *place) byHandCommand() string { return "git " + quoteAll(p.byHand) }

func commandLines(commands [][]string) []string {
	var lines []string
	for _, args := range commands {
		lines = append(lines, "git "+quoteAll(args))
	}
	return lines
}

// A survey reads the places of a repository.
type survey struct {
	*app
	deep      bool // enters the submodules
	insteadOf bool // has rules of insteadOf written, and not URLs

	known   []string   // the hosts that there are tokens for
	outside git.Config // without a repository's own rules
}

func (a *app) survey(tree *store.Tree) *survey {
	return &survey{app: a, known: tree.Hosts()}
}

// places returns those of the repository that one stands in, or of the one in a
// folder.
func (s *survey) places(folder string) ([]*place, error) {
	repo := repository{folder: folder}
	out, err := git.Call{Folder: folder, Args: []string{"rev-parse", "--is-inside-work-tree", "--show-cdup"}}.Run(s.ctx)
	if err != nil && folder == "" {
		err = &noRepositoryError{err}
	}
	if err != nil {
		return nil, err
	}
	inside, up, _ := strings.Cut(strings.TrimSuffix(out, "\n"), "\n")
	repo.up = strings.TrimSuffix(up, "\n")
	rules, err := s.settings(folder)
	if err != nil {
		return nil, err
	}
	all, err := git.Remotes(s.ctx, folder, rules)
	if err != nil {
		return nil, err
	}
	var places []*place
	for _, u := range all {
		i := slices.IndexFunc(places, func(p *place) bool {
			return p.name == u.Remote && p.url.URL == u.URL && p.url.Written == u.Written
		})
		if i < 0 {
			places = append(places, &place{repository: repo, name: u.Remote, url: u, rules: rules})
			i = len(places) - 1
		}
		places[i].push = places[i].push || u.Push
		places[i].fetch = places[i].fetch || !u.Push
	}
	s.ssh.ask(s.ctx, urlsOf(places))
	for _, p := range places {
		if err := s.judge(p); err != nil {
			return nil, err
		}
	}
	if inside != "true" {
		return places, nil // and so without submodules
	}
	base, _ := git.MainRemote(all, git.Followed(s.ctx, folder, rules), false)
	return s.withSubmodules(places, repo, base)
}

// A noRepositoryError says why Git finds no repository.
type noRepositoryError struct{ err error }

func (e *noRepositoryError) Error() string { return e.err.Error() }

func (e *noRepositoryError) Unwrap() error { return e.err }

// judge says where a place leads, and how it is changed if tokens cannot
// follow there.
func (s *survey) judge(p *place) error {
	remote, err := parseRemote(p.url.URL)
	if err != nil {
		p.protocol = otherProtocol(p.url.URL)
		return nil
	}
	if remote.Protocol == "ssh" {
		remote.Host = s.withPort(s.ssh.host(s.ctx, remote.Host, p.url.URL))
	}
	p.remote, p.protocol = remote, remote.Protocol
	p.https, p.secret = secretIn(p.url.URL, remote)
	if remote.Protocol != "https" {
		p.https = remote.HTTPS()
	}
	if !p.refused() || p.submodule != "" {
		return nil
	}
	return s.change(p, func(url string) ([]string, error) { return s.setURL(p, url) })
}

// change makes the commands that change a place, with the one that writes
// another URL.
func (s *survey) change(p *place, write func(url string) ([]string, error)) error {
	old := p.url.Written.Value
	_, _, _, hasUser := git.CutUserinfo(old)
	if s.insteadOf && old == p.url.URL && p.overOther() && p.secret == nil && (p.protocol == "ssh" || !hasUser) {
		base := credential.Remote{Host: p.remote.Host}.HTTPS()
		p.commands = append(p.commands, []string{"config", "--global", "--add", "url." + base + ".insteadOf", beginning(old)})
		return nil
	}
	if shownName(p.name) != p.name { // and so no command can name it
		file, err := s.fileOption(p.repository, p.url.Written)
		if err == nil && file != nil {
			p.edit(file)
		}
		return err
	}
	fresh := p.https
	if remote, err := parseRemote(old); err == nil && remote.Protocol == "https" {
		fresh, _ = secretIn(old, remote)
	}
	if fresh != old {
		if scheme, rest, _ := strings.Cut(fresh, "://"); p.url.PushURL() && p.rules.SaysPush(p.remote.Host) && git.WithoutUser(fresh) == fresh {
			fresh = scheme + "://" + credential.PushLogin + "@" + rest // which Git does not put into a pushurl
		}
		command, err := write(fresh)
		if err != nil || command == nil {
			return err
		}
		p.commands = append(p.commands, p.git(command...))
	}
	// A rule may lead the URL astray, and without that rule another one may.
	for _, push := range []bool{false, true} {
		if push && (!p.push || p.url.PushURL()) || !push && !p.fetch && !p.url.PushURL() {
			continue
		}
		rules := slices.Clone(p.rules)
		for {
			url, rule := rules.Rewrite(fresh, push)
			remote, err := parseRemote(url)
			if err != nil {
				break
			}
			if _, secret := secretIn(url, remote); rule == nil || remote.Protocol == "https" && secret == nil {
				if !push || !p.fetch {
					p.https = url
				}
				break
			}
			command, err := s.dropRule(p, *rule)
			if err != nil || command == nil {
				return err
			}
			if !slices.ContainsFunc(p.commands, func(c []string) bool { return slices.Equal(c, command) }) {
				p.commands = append(p.commands, command)
			}
			rules = slices.DeleteFunc(rules, func(r git.Setting) bool { return r == *rule })
		}
	}
	return nil
}

// beginning is what a URL of an SSH or other server begins with, up to its path.
func beginning(url string) string {
	colon := ":"
	end := 0
	if i := strings.Index(url, "://"); i >= 0 {
		colon, end = "/", i+len("://")
	} else if i := strings.Index(url, "]:"); i >= 0 {
		end = i
	}
	end += strings.Index(url[end:], colon) + 1
	for end < len(url) && url[end] == '/' {
		end++
	}
	return url[:end]
}

// setURL is the command that writes the URL of a remote, or nil if there is
// none. Git's own is for what stands in the repository's configuration alone;
// of what stands elsewhere it would make a second URL.
func (s *survey) setURL(p *place, url string) ([]string, error) {
	file, err := s.fileOption(p.repository, p.url.Written)
	if err != nil || file == nil {
		return nil, err
	}
	elsewhere := func(e git.Setting) bool { return e.Origin != p.url.Written.Origin }
	if file[0] != "--local" || slices.ContainsFunc(p.url.Values, elsewhere) {
		return slices.Concat([]string{"config"}, file, []string{"--replace-all", p.url.Written.Key, url, exactlyURL(p.url.Written.Value)}), nil
	}
	command := []string{"remote", "set-url"}
	if p.url.PushURL() {
		command = append(command, "--push")
	}
	if strings.HasPrefix(p.name, "-") {
		command = append(command, "--")
	}
	command = append(command, p.name, url)
	if len(p.url.Values) > 1 {
		command = append(command, exactlyURL(p.url.Written.Value))
	}
	return command, nil
}

// dropRule is the command that takes away a rule of insteadOf, or nil if there
// is none. Where the rule holds a secret, the command would too.
func (s *survey) dropRule(p *place, rule git.Setting) ([]string, error) {
	file, err := s.fileOption(p.repository, rule)
	if err != nil || file == nil {
		p.commands = nil
		return nil, err
	}
	base := rule.Section()
	_, info, _, hasUser := git.CutUserinfo(base)
	if hasUser && !isPublicUser(info) || git.HoldsSecret(base) || git.HoldsSecret(rule.Value) {
		p.edit(file)
		return nil, nil
	}
	name := "insteadOf"
	if strings.HasSuffix(rule.Key, ".pushinsteadof") {
		name = "pushInsteadOf"
	}
	command := slices.Concat([]string{"config"}, file, []string{"--unset-all", "url." + base + "." + name, git.Exactly(rule.Value)})
	if file[0] == "--global" {
		return command, nil // the same from everywhere
	}
	return p.git(command...), nil
}

// edit has a person change a file, where a command would hold a secret.
func (p *place) edit(file []string) {
	p.commands = nil
	p.byHand = p.git(slices.Concat([]string{"config"}, file, []string{"--edit"})...)
}

// isPublicUser reports whether what stands before the host of a URL is a name that
// all use, and no secret for sure.
func isPublicUser(info string) bool { return info == "git" || info == credential.PushLogin }

// exactlyURL is exactly, but for a user name in a URL, which may be a secret.
func exactlyURL(url string) string {
	before, info, after, ok := git.CutUserinfo(url)
	if !ok || isPublicUser(info) {
		return git.Exactly(url)
	}
	return "^" + regexp.QuoteMeta(before) + "[^/]*@" + regexp.QuoteMeta(after) + "$"
}

// fileOption is the option with which git config writes the file that a setting
// stands in, or nil if it stands in none.
func (s *survey) fileOption(repo repository, entry git.Setting) ([]string, error) {
	file, ok := entry.File()
	if !ok {
		return nil, nil
	}
	for _, scope := range []string{"local", "worktree", "global"} {
		if entry.Scope != scope && entry.Scope != "" { // before Git 2.26
			continue
		}
		// What is included stands in another file. An error says that there is none.
		option := "--" + scope
		entries, _ := s.fileSettings(repo.folder, option, "--no-includes")
		if slices.ContainsFunc(entries, func(e git.Setting) bool { return e.Key == entry.Key && e.Origin == entry.Origin }) {
			return []string{option}, nil
		}
	}
	if !filepath.IsAbs(file) {
		file = path.Join(repo.up, file) // Git has gone to the top
	}
	return []string{"-f", file}, nil
}

// parseRemote reads a URL as Git uses it. A number behind the colon of an SSH
// URL is a port only to those who type scopes.
func parseRemote(url string) (credential.Remote, error) {
	remote, err := credential.ParseRemote(url)
	if err != nil {
		if remote, err := credential.ParseRemote("git@" + url); err == nil {
			return remote, nil
		}
	}
	return remote, err
}

// otherProtocol says by what Git gets at a repository that is on no host.
func otherProtocol(url string) string {
	if scheme, _, ok := strings.Cut(url, "://"); ok && !strings.ContainsAny(scheme, ":/") {
		return strings.ToLower(scheme)
	}
	if helper, _, ok := strings.Cut(url, "::"); ok && !strings.Contains(helper, "/") {
		return helper // gitremote-helpers(7)
	}
	return "local"
}

// withPort returns a host with the port of https that its tokens are for. An
// SSH URL has a port of its own, or none.
func (s *survey) withPort(host string) string {
	if !slices.Contains(s.known, host) {
		for _, known := range s.known {
			if credential.WithoutPort(known) == host {
				return known
			}
		}
	}
	return host
}

// A urlSecret is a token or password that stands in a URL.
type urlSecret struct {
	secret credential.Secret
	login  string
	kind   credential.Kind
	shown  string // the URL without it
}

func (s *urlSecret) what() string {
	if s.kind.IsGitHub() {
		return "token"
	}
	return "password"
}

// secretIn returns a URL without the token or password in it, and what that is.
// A token may be the password, or the user name: alone, or with the password
// x-oauth-basic. An empty password is one too: Git logs in with it.
func secretIn(text string, remote credential.Remote) (string, *urlSecret) {
	before, info, after, ok := git.CutUserinfo(text)
	if !ok {
		return text, nil
	}
	user, password, hasPassword := strings.Cut(info, ":")
	login, password := unescaped(user), unescaped(password)
	if kind := credential.KindOf(credential.NewSecret(login), remote.Host); kind.IsGitHub() || password == "x-oauth-basic" {
		login, password = "", login
	}
	clean := before + after
	switch {
	case password != "":
	case !hasPassword:
		return text, nil
	case user != "":
		clean = before + user + "@" + after
	}
	if login == credential.AnyLogin || remote.Protocol == "ssh" {
		login = ""
	}
	secret := credential.NewSecret(password)
	return clean, &urlSecret{secret, login, credential.KindOf(secret, remote.Host), before + "***@" + after}
}

// withoutSecret returns a URL without the token or password in it, and whether
// there is one.
func withoutSecret(url string) (shown string, held bool) {
	remote, err := parseRemote(url)
	if err != nil {
		remote.Host = credential.GitHubHost // with nothing behind the host it is none of a repository
	}
	if _, secret := secretIn(url, remote); secret != nil {
		return secret.shown, true
	}
	return url, false
}

// shownKey is withoutSecret for the key of a setting that may have a URL in it,
// as in credential.URL.helper.
func shownKey(key string) (shown string, held bool) {
	before, rest, ok := strings.Cut(key, ".")
	end := strings.LastIndexByte(rest, '.')
	if !ok || end < 0 {
		return key, false
	}
	url, held := withoutSecret(rest[:end])
	return before + "." + url + rest[end:], held
}

func unescaped(s string) string {
	if plain, err := url.PathUnescape(s); err == nil {
		return plain
	}
	return s
}
