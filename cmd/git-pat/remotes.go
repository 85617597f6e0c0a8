package main

import (
	"context"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// A remoteURL is one URL of a remote.
type remoteURL struct {
	Remote  string      // the remote's name
	Push    bool        // it is pushed to, and not fetched from
	Written configEntry // where it stands; empty for what is in no configuration
	URL     string      // as Git uses it: insteadOf and pushInsteadOf are applied
}

// remotes returns the URLs of the remotes of a repository, first the one that
// is fetched from and then those that are pushed to; a folder of "" is the
// current one. Git reads them: with included files, worktrees and formats of
// repositories it alone is exact.
func remotes(ctx context.Context, folder string) ([]remoteURL, error) {
	var at []string
	if folder != "" {
		at = []string{"-C", folder}
	}
	out, err := git(ctx, append(slices.Clone(at), "remote", "--verbose")...)
	if err != nil {
		return nil, err
	}
	entries, err := config(ctx, `^remote\..*\.(url|pushurl)$`, at...)
	if err != nil {
		return nil, err
	}
	var all []remoteURL
	count := map[string]int{} // of the URLs that a remote is pushed to
	for line := range strings.Lines(out) {
		name, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		url, push := rest, false
		if i := strings.LastIndex(rest, " (fetch)"); i >= 0 {
			url = rest[:i] // what may follow is the filter of a partial clone
		} else if url, push = strings.CutSuffix(rest, " (push)"); !push {
			continue // a remote without a URL
		}
		lines := written(entries, "remote."+name+".url")
		i := 0 // of several URLs Git fetches from the first
		if push {
			i = count[name]
			count[name]++
			if own := written(entries, "remote."+name+".pushurl"); len(own) > 0 {
				lines = own
			}
		}
		u := remoteURL{Remote: name, Push: push, URL: url}
		if i < len(lines) {
			u.Written = lines[i]
		}
		all = append(all, u)
	}
	return all, nil
}

// written returns the values of a key, since the last empty one, which takes
// away those before it (since Git 2.46).
func written(entries []configEntry, key string) []configEntry {
	var values []configEntry
	for _, entry := range entries {
		switch {
		case entry.Key != key:
		case entry.Value == "":
			values = nil
		default:
			values = append(values, entry)
		}
	}
	return values
}

// errNowhere says that there is no repository, or no remote of it to speak of.
var errNowhere = &fault{text: "this is no repository with a remote", hint: "name the URL of one"}

// here returns the URL from which the repository one stands in is fetched, or
// to which it is pushed: of the remote that the current branch follows, else
// origin, else the only one.
func (a *app) here(push bool) (string, error) {
	all, err := remotes(a.ctx, "")
	if err != nil {
		return "", errNowhere
	}
	all = slices.DeleteFunc(all, func(u remoteURL) bool { return u.Push != push })
	find := func(name string) (string, bool) {
		i := slices.IndexFunc(all, func(u remoteURL) bool { return u.Remote == name })
		if i < 0 {
			return "", false
		}
		return all[i].URL, true
	}
	if branch, err := git1(a.ctx, "symbolic-ref", "--quiet", "--short", "HEAD"); err == nil {
		follows, err := git1(a.ctx, "config", "branch."+branch+".remote")
		if url, ok := find(follows); err == nil && ok {
			return url, nil
		}
		if _, notURL := credential.ParseRemote(follows); err == nil && notURL == nil {
			return a.urlOf(follows, push)
		}
	}
	if url, ok := find("origin"); ok {
		return url, nil
	}
	if len(all) == 1 {
		return all[0].URL, nil
	}
	if len(all) > 1 {
		return "", &fault{text: "this repository has several remotes, and none is called origin", hint: "name one, or a URL"}
	}
	return "", errNowhere
}

// urlOf returns the URL that Git uses for the name of a remote or for a URL,
// to push to it or to fetch from it.
func (a *app) urlOf(nameOrURL string, push bool) (string, error) {
	if !push {
		return git1(a.ctx, "ls-remote", "--get-url", "--", nameOrURL)
	}
	if url, err := git1(a.ctx, "remote", "get-url", "--push", "--", nameOrURL); err == nil {
		return url, nil
	}
	// Git does not tell this of a URL that no remote has. git-config(1): the
	// longest that fits is used, and without one what is for fetching too.
	entries, err := config(a.ctx, `^url\..*\.pushinsteadof$`)
	if err != nil {
		return "", err
	}
	longest, base := "", ""
	for _, entry := range entries {
		if strings.HasPrefix(nameOrURL, entry.Value) && len(entry.Value) > len(longest) {
			longest = entry.Value
			base = strings.TrimSuffix(strings.TrimPrefix(entry.Key, "url."), ".pushinsteadof")
		}
	}
	if longest == "" {
		return a.urlOf(nameOrURL, false)
	}
	return base + nameOrURL[len(longest):], nil
}

// git1 runs Git and returns the first line that it prints.
func git1(ctx context.Context, args ...string) (string, error) {
	out, err := git(ctx, args...)
	line, _, _ := strings.Cut(out, "\n")
	return line, err
}
