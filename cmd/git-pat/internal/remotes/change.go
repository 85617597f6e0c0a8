package remotes

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

// change makes the commands that change an entry. Function write returns the
// command that writes another URL, or nil if there is none.
func (r *Reader) change(ctx context.Context, e *Entry, write func(url string) ([]string, error)) error {
	if e.Wrong != nil {
		return nil
	}
	old := e.URL.Written.Value
	_, _, _, hasUser := git.CutUserinfo(old)
	if r.InsteadOf != "" && old == e.URL.URL && e.NotHTTPS() && e.Secret == nil && (e.Protocol == "ssh" || !hasUser) {
		begin := beginning(old)
		if folder, ok := e.folderFor(old[len(begin):]); ok {
			e.Commands = append(e.Commands, r.insteadOf(e, begin, folder)...)
			return nil
		}
	}
	if ShownName(e.Name) != e.Name { // no command can name it
		file, err := r.fileOption(ctx, e.Repository, e.URL.Written)
		if err == nil && file != nil {
			e.edit(file)
		}
		return err
	}
	fresh := e.HTTPS
	if remote, err := git.ParseRemote(old); err == nil && remote.Protocol == "https" {
		fresh, _ = findSecret(old, remote)
	}
	if fresh != old {
		path, plain := strings.CutPrefix(fresh, "https://"+e.Remote.Host+"/")
		if plain && e.URL.PushURL() && e.rules.SaysPush(e.Remote.Host) {
			fresh = git.PushBase(e.Remote.Host) + path // Git uses a pushurl as it is
		}
		command, err := write(fresh)
		if err != nil || command == nil {
			return err
		}
		e.Commands = append(e.Commands, e.Git(command...))
	}
	// A rule may rewrite the URL, and without that rule another one may.
	for _, push := range []bool{false, true} {
		if push && (!e.Push || e.URL.PushURL()) || !push && !e.Fetch && !e.URL.PushURL() {
			continue
		}
		rules := slices.Clone(e.rules)
		for {
			url, rule := rules.Rewrite(fresh, push)
			remote, err := git.ParseRemote(url)
			if err != nil {
				break
			}
			if _, secret := findSecret(url, remote); rule == nil || remote.Protocol == "https" && secret == nil {
				if !push || !e.Fetch {
					e.HTTPS = url
				}
				break
			}
			command, err := r.dropRule(ctx, e, *rule)
			if err != nil || command == nil {
				return err
			}
			if !slices.ContainsFunc(e.Commands, func(c []string) bool { return slices.Equal(c, command) }) {
				e.Commands = append(e.Commands, command)
			}
			rules = slices.DeleteFunc(rules, func(r git.Setting) bool { return r == *rule })
		}
	}
	return nil
}

// folderFor returns what comes before a path in the URL over https: usually nothing.
// ok is false if there is no such beginning, as on Azure DevOps, whose paths over SSH
// are others.
func (e *Entry) folderFor(path string) (folder string, ok bool) {
	for _, folder := range []string{"", "scm/"} {
		remote, err := credential.ParseRemote(credential.Remote{Host: e.Remote.Host}.HTTPS() + folder + path)
		if err == nil && remote.Path == e.Remote.Path {
			return folder, true
		}
	}
	return "", false
}

// insteadOf returns the commands that make Git use https for URLs that begin in one
// way, by lines in the file of our own, and say of them too which requests are
// pushes. The folder is what comes before their paths over https.
func (r *Reader) insteadOf(e *Entry, begin, folder string) [][]string {
	base := credential.Remote{Host: e.Remote.Host}.HTTPS()
	add := func(key, value string) []string {
		return []string{"config", "--file", r.InsteadOf, "--add", key, value}
	}
	commands := [][]string{add("url."+base+folder+".insteadOf", begin)}
	if e.rules.HasPushBase(e.Remote.Host) {
		commands = append(commands, add("url."+git.PushBase(e.Remote.Host)+folder+".pushInsteadOf", begin))
	}
	included := func(s git.Setting) bool { return s.Key == "include.path" && s.Value == r.InsteadOf }
	if !slices.ContainsFunc(e.rules, included) {
		commands = append(commands, []string{"config", "--global", "--add", "include.path", r.InsteadOf})
	}
	return commands
}

// beginning returns the part of a URL before its path.
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

// setURL returns the command that writes the URL of a remote, or nil if there is
// none. Only for a URL in the repository's own file it is git remote set-url,
// which would add a second URL to one in another file.
func (r *Reader) setURL(ctx context.Context, e *Entry, url string) ([]string, error) {
	file, err := r.fileOption(ctx, e.Repository, e.URL.Written)
	if err != nil || file == nil {
		return nil, err
	}
	elsewhere := func(s git.Setting) bool { return s.Origin != e.URL.Written.Origin }
	if file[0] != "--local" || slices.ContainsFunc(e.URL.Values, elsewhere) {
		return slices.Concat([]string{"config"}, file, []string{"--replace-all", e.URL.Written.Key, url, exactlyURL(e.URL.Written.Value)}), nil
	}
	command := []string{"remote", "set-url"}
	if e.URL.PushURL() {
		command = append(command, "--push")
	}
	if strings.HasPrefix(e.Name, "-") {
		command = append(command, "--")
	}
	command = append(command, e.Name, url)
	if len(e.URL.Values) > 1 {
		command = append(command, exactlyURL(e.URL.Written.Value))
	}
	return command, nil
}

// dropRule returns the command that removes a rule of insteadOf, or nil if there
// is none. If the rule holds a secret, the command would too.
func (r *Reader) dropRule(ctx context.Context, e *Entry, rule git.Setting) ([]string, error) {
	file, err := r.fileOption(ctx, e.Repository, rule)
	if err != nil || file == nil {
		e.Commands = nil
		return nil, err
	}
	base := rule.Section()
	_, info, _, hasUser := git.CutUserinfo(base)
	if hasUser && !isPublicUser(info) || git.HoldsSecret(base) || git.HoldsSecret(rule.Value) {
		e.edit(file)
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
	return e.Git(command...), nil
}

// edit leaves the change to a person, since a command would hold a secret.
func (e *Entry) edit(file []string) {
	e.Commands = nil
	e.ByHand = e.Git(slices.Concat([]string{"config"}, file, []string{"--edit"})...)
}

// fileOption returns the option with which git config writes the file of a
// setting, or nil if the setting comes from no file.
func (r *Reader) fileOption(ctx context.Context, repo Repository, entry git.Setting) ([]string, error) {
	file, ok := entry.File()
	if !ok {
		return nil, nil
	}
	for _, scope := range []string{"local", "worktree", "global"} {
		if entry.Scope != scope && entry.Scope != "" { // before Git 2.26
			continue
		}
		// An included setting is in another file. An error means that there is no such file.
		option := "--" + scope
		entries, _ := r.Config.File(ctx, repo.Folder, option, "--no-includes")
		if slices.ContainsFunc(entries, func(s git.Setting) bool { return s.Key == entry.Key && s.Origin == entry.Origin }) {
			return []string{option}, nil
		}
	}
	if !git.IsAbs(file) {
		file = path.Join(repo.top, file) // Git has gone to the top
	}
	return []string{"-f", file}, nil
}
