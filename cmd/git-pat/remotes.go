package main

import (
	"context"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// A remoteURL is one URL of a remote.
type remoteURL struct {
	Remote  string        // the remote's name
	Push    bool          // it is pushed to, and not fetched from
	Written configEntry   // where it stands; empty for what is in no configuration
	Values  []configEntry // all that stand under the same key
	URL     string        // as Git uses it: insteadOf and pushInsteadOf are applied
}

// pushURL reports whether the URL is one that is for pushing only.
func (u remoteURL) pushURL() bool { return strings.HasSuffix(u.Written.Key, ".pushurl") }

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
	rules, err := config(ctx, rewriteRules, at...)
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
		u := remoteURL{Remote: name, Push: push, URL: url, Values: written(entries, "remote."+name+".url")}
		lines := u.Values
		i := 0 // of several URLs Git fetches from the first
		if push {
			i = count[name]
			count[name]++
			if own := written(entries, "remote."+name+".pushurl"); len(own) > 0 {
				u.Values, lines = own, own
			} else if some := withRule(rules, lines); len(some) > 0 {
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

// rewriteRules are the keys of the rules by which Git uses another URL than
// the one that is written, git-config(1): url.BASE.insteadOf has BASE stand for
// what begins with its value, and pushInsteadOf does so where there is no
// pushurl.
const rewriteRules = `^url\..*\.(push)?insteadof$`

// rewritten returns a URL as Git uses it, and the rule that makes it another
// one, if there is one: of those that fit, the longest.
func rewritten(rules []configEntry, url string, push bool) (string, *configEntry) {
	ending := ".insteadof"
	if push {
		ending = ".pushinsteadof"
	}
	var rule *configEntry
	for i, r := range rules {
		if strings.HasSuffix(r.Key, ending) && strings.HasPrefix(url, r.Value) && (rule == nil || len(r.Value) > len(rule.Value)) {
			rule = &rules[i]
		}
	}
	switch {
	case rule != nil:
		return ruleBase(*rule) + url[len(rule.Value):], rule
	case push:
		return rewritten(rules, url, false)
	}
	return url, nil
}

// ruleBase is what stands for the value of a rule.
func ruleBase(rule configEntry) string {
	return strings.TrimPrefix(rule.Key[:strings.LastIndexByte(rule.Key, '.')], "url.")
}

// withRule returns the URLs that a pushInsteadOf is for. If there are any, Git
// pushes to these only.
func withRule(rules, urls []configEntry) []configEntry {
	var some []configEntry
	for _, url := range urls {
		if _, rule := rewritten(rules, url.Value, true); rule != nil && strings.HasSuffix(rule.Key, ".pushinsteadof") {
			some = append(some, url)
		}
	}
	return some
}

// cutUserinfo cuts a URL around the user name and password in it. As for curl,
// the last @ before the path counts.
func cutUserinfo(url string) (before, info, after string, ok bool) {
	scheme, rest, ok := strings.Cut(url, "://")
	authority := rest
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		authority = rest[:i]
	}
	at := strings.LastIndexByte(authority, '@')
	if !ok || at < 0 {
		return "", "", url, false
	}
	return scheme + "://", rest[:at], rest[at+1:], true
}

// withoutUser returns a URL without the user name and password in it.
func withoutUser(url string) string {
	before, _, after, _ := cutUserinfo(url)
	return before + after
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
	follows := followed(a.ctx)
	if _, notURL := credential.ParseRemote(follows); notURL == nil {
		return a.urlOf(follows, push)
	}
	if u, ok := mainRemote(all, follows, push); ok {
		return u.URL, nil
	}
	if len(all) > 0 {
		return "", &fault{text: "this repository has several remotes, and none is called origin", hint: "name one, or a URL"}
	}
	return "", errNowhere
}

// followed returns the remote that the current branch follows, by its name or
// as a URL, or nothing.
func followed(ctx context.Context, at ...string) string {
	branch, err := git1(ctx, append(slices.Clone(at), "symbolic-ref", "--quiet", "--short", "HEAD")...)
	if err != nil {
		return ""
	}
	follows, _ := git1(ctx, append(slices.Clone(at), "config", "branch."+branch+".remote")...)
	return follows
}

// mainRemote returns where a repository is fetched from, or pushed to: the
// remote that the current branch follows, else origin, else the only one.
func mainRemote(all []remoteURL, follows string, push bool) (remoteURL, bool) {
	all = slices.DeleteFunc(slices.Clone(all), func(u remoteURL) bool { return u.Push != push })
	for _, name := range []string{follows, "origin"} {
		if i := slices.IndexFunc(all, func(u remoteURL) bool { return u.Remote == name }); i >= 0 {
			return all[i], true
		}
	}
	if len(all) == 1 {
		return all[0], true
	}
	return remoteURL{}, false
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
	// Git does not tell this of a URL that no remote has.
	rules, err := config(a.ctx, rewriteRules)
	if err != nil {
		return "", err
	}
	url, _ := rewritten(rules, nameOrURL, true)
	return url, nil
}

// git1 runs Git and returns the first line that it prints.
func git1(ctx context.Context, args ...string) (string, error) {
	out, err := git(ctx, args...)
	line, _, _ := strings.Cut(out, "\n")
	return line, err
}
