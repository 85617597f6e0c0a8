package git

import (
	"context"
	"slices"
	"strings"
)

// A RemoteURL is one URL of a remote.
type RemoteURL struct {
	Remote  string  // the remote's name
	Push    bool    // it is pushed to, and not fetched from
	Written Setting // where it stands; empty for what is in no configuration
	Values  Config  // all that stand under the same key
	URL     string  // as Git uses it: insteadOf and pushInsteadOf are applied
}

// PushURL reports whether the URL is one that is for pushing only.
func (u RemoteURL) PushURL() bool { return strings.HasSuffix(u.Written.Key, ".pushurl") }

// Remotes returns the URLs of the remotes of a repository, first the one that is
// fetched from and then those that are pushed to, and the configuration there; a
// folder of "" is the current one. Git names them: with worktrees and formats of
// repositories it alone is exact.
func Remotes(ctx context.Context, folder string, c Config) ([]RemoteURL, error) {
	out, err := Call{Folder: folder, Args: []string{"remote", "--verbose"}}.Run(ctx)
	if err != nil {
		return nil, err
	}
	var all []RemoteURL
	count := map[string]int{} // of the URLs that a remote is pushed to
	for line := range strings.Lines(out) {
		name, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		url, push := rest, false
		if i := strings.LastIndex(rest, " (fetch)"); i >= 0 {
			url = rest[:i] // what may follow is the filter of a partial clone
		} else if url, push = strings.CutSuffix(rest, " (push)"); !push {
			continue // a remote without a URL
		}
		u := RemoteURL{Remote: name, Push: push, URL: url, Values: c.List("remote." + name + ".url")}
		lines := u.Values
		i := 0 // of several URLs Git fetches from the first
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

// withPushRule returns the URLs that a pushInsteadOf is for. If there are any, Git
// pushes to these only.
func (c Config) withPushRule(urls Config) Config {
	return urls.filter(func(url Setting) bool {
		_, rule := c.Rewrite(url.Value, true)
		return rule != nil && strings.HasSuffix(rule.Key, ".pushinsteadof")
	})
}

// Followed returns the remote that the current branch of a repository follows, by
// its name or as a URL, or nothing.
func Followed(ctx context.Context, folder string, c Config) string {
	out, err := Call{Folder: folder, Args: []string{"symbolic-ref", "--quiet", "--short", "HEAD"}}.Run(ctx)
	if err != nil {
		return ""
	}
	branch, _, _ := strings.Cut(out, "\n")
	return c.Last("branch." + branch + ".remote")
}

// MainRemote returns where a repository is fetched from, or pushed to: the remote
// that the current branch follows, else origin, else the only one.
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
