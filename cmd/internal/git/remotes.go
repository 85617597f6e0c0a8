package git

import (
	"context"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// ParseRemote reads a URL as Git uses it. To Git, a number after the colon
// of an SSH URL is a part of the path, where credential.ParseRemote sees a port.
func ParseRemote(url string) (credential.Remote, error) {
	remote, err := credential.ParseRemote(url)
	if err != nil {
		if remote, err := credential.ParseRemote("git@" + url); err == nil {
			return remote, nil
		}
	}
	return remote, err
}

// A RemoteURL is one URL of a remote.
type RemoteURL struct {
	Remote  string  // the name of the remote
	Push    bool    // Git pushes to this URL; otherwise Git fetches from it
	Written Setting // the setting with the URL; empty if it is not in the configuration
	Values  Config  // all settings with the same key
	URL     string  // as Git uses it, after insteadOf and pushInsteadOf
}

// PushURL reports whether the URL comes from the setting pushurl.
func (u RemoteURL) PushURL() bool { return strings.HasSuffix(u.Written.Key, ".pushurl") }

// Remotes returns the URLs of the remotes of a repository: for each remote the URL
// to fetch from, and then those to push to. The folder "" is the current one, and
// c is its configuration. The list comes from Git, because only Git knows all
// worktrees and repository formats.
func Remotes(ctx context.Context, folder string, c Config) ([]RemoteURL, error) {
	out, err := Call{Folder: folder, Args: []string{"remote", "--verbose"}}.Run(ctx)
	if err != nil {
		return nil, err
	}
	var all []RemoteURL
	count := map[string]int{} // of the push URLs of a remote
	for line := range strings.Lines(out) {
		name, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		url, push := rest, false
		if i := strings.LastIndex(rest, " (fetch)"); i >= 0 {
			url = rest[:i] // the filter of a partial clone may follow
		} else if url, push = strings.CutSuffix(rest, " (push)"); !push {
			continue // a remote without a URL
		}
		u := RemoteURL{Remote: name, Push: push, URL: url, Values: c.List("remote." + name + ".url")}
		lines := u.Values
		i := 0 // Git fetches from the first URL
		if push {
			i = count[name]
			count[name]++
			if own := c.List("remote." + name + ".pushurl"); len(own) > 0 {
				u.Values, lines = own, own
			} else if some := c.withPushRule(lines); len(some) > 0 {
				lines = some
			}
		}
		if i < len(lines) {
			u.Written = lines[i]
		}
		all = append(all, u)
	}
	return all, nil
}

// withPushRule returns the URLs to which a pushInsteadOf applies. If there are
// any, Git pushes only to these.
func (c Config) withPushRule(urls Config) Config {
	return urls.filter(func(url Setting) bool {
		_, rule := c.Rewrite(url.Value, true)
		return rule != nil && strings.HasSuffix(rule.Key, ".pushinsteadof")
	})
}

// Followed returns the remote of the current branch, as a name or a URL, or "" if
// it has none.
func Followed(ctx context.Context, folder string, c Config) string {
	out, err := Call{Folder: folder, Args: []string{"symbolic-ref", "--quiet", "--short", "HEAD"}}.Run(ctx)
	if err != nil {
		return ""
	}
	branch, _, _ := strings.Cut(out, "\n")
	return c.Last("branch." + branch + ".remote")
}

// MainRemote returns the URL to fetch from or to push to: that of the remote of the
// current branch, else of origin, else of the only remote.
func MainRemote(all []RemoteURL, follows string, push bool) (RemoteURL, bool) {
	all = slices.DeleteFunc(slices.Clone(all), func(u RemoteURL) bool { return u.Push != push })
	for _, name := range []string{follows, "origin"} {
		if i := slices.IndexFunc(all, func(u RemoteURL) bool { return u.Remote == name }); i >= 0 {
			return all[i], true
		}
	}
	if len(all) == 1 {
		return all[0], true
	}
	return RemoteURL{}, false
}
