package remotes

import (
	"context"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
)

// A submodule is one that .gitmodules names and that the index has.
type submodule struct {
	name string
	path string      // from the top of the working tree
	url  git.Setting // in .gitmodules
	own  git.Setting // in the repository's configuration, once it is initialised; Git uses this one
}

// submodules returns the submodules of a repository. What .gitmodules names and
// the index does not have is left out: anybody may have written it.
func (r *Reader) submodules(ctx context.Context, repo Repository) ([]submodule, error) {
	// Git would wait for a pipe, and we for Git.
	if info, err := os.Lstat(filepath.Join(repo.Folder, repo.top, ".gitmodules")); err != nil || !info.Mode().IsRegular() {
		return nil, nil
	}
	entries, err := git.ReadFile(ctx, repo.Folder, "--file", repo.top+".gitmodules")
	if err != nil || len(entries) == 0 {
		return nil, err
	}
	own, err := r.Config.Folder(ctx, repo.Folder)
	if err != nil {
		return nil, err
	}
	var found []submodule
	paths := []string{"ls-files", "--stage", "--full-name", "-z", "--"}
	for _, entry := range entries.Under("submodule", "path") {
		name, ok := strings.CutSuffix(strings.TrimPrefix(entry.Key, "submodule."), ".path")
		urls := entries.List("submodule." + name + ".url")
		if !ok || len(urls) == 0 {
			continue
		}
		sub := submodule{name: name, path: entry.Value, url: urls[len(urls)-1]}
		if values := own.List(sub.url.Key); len(values) > 0 {
			sub.own = values[len(values)-1]
		}
		found = append(found, sub)
		paths = append(paths, ":(top,literal)"+sub.path)
	}
	out, err := git.Call{Folder: repo.Folder, Args: paths}.Run(ctx)
	if err != nil {
		return nil, err
	}
	inIndex := map[string]bool{}
	for entry := range strings.SplitSeq(out, "\x00") {
		if mode, name, ok := strings.Cut(entry, "\t"); ok && strings.HasPrefix(mode, "160000 ") {
			inIndex[name] = true
		}
	}
	return slices.DeleteFunc(found, func(sub submodule) bool { return !inIndex[sub.path] }), nil
}

// withSubmodules adds the entries of the submodules of a repository. Their
// relative URLs begin at the remote base.
func (r *Reader) withSubmodules(ctx context.Context, entries []*Entry, repo Repository, base git.RemoteURL) ([]*Entry, error) {
	subs, err := r.submodules(ctx, repo)
	if err != nil || len(subs) == 0 {
		return entries, err
	}
	var baseRemote *Entry
	for _, e := range entries {
		if e.Name == base.Remote && e.Fetch {
			baseRemote = e
		}
	}
	// Git clones a submodule outside of the repository, so the insteadOf rules of
	// the repository do not apply.
	outside, err := r.Config.Own(ctx)
	if err != nil {
		return nil, err
	}
	var urls []string
	for _, sub := range subs {
		for _, url := range []string{sub.url.Value, sub.own.Value} {
			url, _ = outside.Rewrite(url, false)
			urls = append(urls, url)
		}
	}
	r.SSH.ask(ctx, urls)
	for _, sub := range subs {
		e, err := r.submoduleEntry(ctx, repo, sub, baseRemote, outside)
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
		folder := path.Join(repo.Folder, repo.top, sub.path)
		if !r.Submodules || !isPopulated(folder) {
			continue
		}
		inner, err := r.List(ctx, folder)
		if err != nil {
			return nil, err
		}
		entries = append(entries, inner...)
	}
	return entries, nil
}

// isPopulated reports whether a submodule has a repository in its folder. Git
// itself makes no link there.
func isPopulated(folder string) bool {
	info, err := os.Lstat(filepath.FromSlash(folder))
	if err != nil || !info.IsDir() {
		return false
	}
	_, err = os.Lstat(filepath.Join(filepath.FromSlash(folder), ".git"))
	return err == nil
}

// submoduleEntry judges the URL that Git uses for a submodule: the one in the
// configuration, or the one in .gitmodules if the submodule is not initialised.
// git submodule sync copies the URL from .gitmodules again.
func (r *Reader) submoduleEntry(ctx context.Context, repo Repository, sub submodule, base *Entry, outside git.Config) (*Entry, error) {
	at := func(entry git.Setting) (*Entry, error) {
		e := &Entry{Repository: repo, Name: sub.name, Submodule: repo.top + sub.path, Fetch: true, Push: true, rules: outside}
		e.URL = git.RemoteURL{Remote: sub.name, Written: entry, Values: git.Config{entry}}
		e.URL.URL, _ = outside.Rewrite(entry.Value, false)
		return e, r.judge(ctx, e)
	}
	module := sub.url
	relative := isRelative(module.Value) && base != nil // without a remote it is a path on this machine
	if relative {
		module.Value = resolve(base.URL.Written.Value, module.Value)
	}
	e, err := at(module)
	if err != nil {
		return nil, err
	}
	sync := repo.Git("submodule", "sync", "--", e.Submodule)
	var own *Entry
	if sub.own.Key != "" {
		if own, err = at(sub.own); err != nil || !own.Refused() {
			return own, err
		}
	}
	inModules := func(url string) ([]string, error) {
		return []string{"config", "-f", repo.top + ".gitmodules", sub.url.Key, url}, nil
	}
	inOwn := func(url string) ([]string, error) { return []string{"config", sub.own.Key, url}, nil }
	switch {
	case own != nil && own.HTTPS != e.HTTPS:
		return own, r.change(ctx, own, inOwn)
	case e.Refused() && relative:
		e.Follows, e.Secret = base.Name, nil // what stands in the URL is the remote's
		if own != nil && r.InsteadOf == "" {
			e.Commands = [][]string{sync}
		}
	case e.Refused():
		if err := r.change(ctx, e, inModules); err != nil {
			return nil, err
		}
		if e.Commands != nil && e.writes(sub.url.Key) {
			e.Commands = slices.Insert(e.Commands, 1, sync)
		}
	case own != nil: // .gitmodules is right already
		own.Commands = [][]string{sync}
		return own, nil
	}
	return e, nil
}

// writes reports whether the first command is one that writes a setting.
func (e *Entry) writes(key string) bool { return slices.Contains(e.Commands[0], key) }

// isRelative reports whether the URL of a submodule is relative to that of its
// repository.
func isRelative(url string) bool {
	return strings.HasPrefix(url, "./") || strings.HasPrefix(url, "../")
}

// resolve returns a relative URL as an absolute one, as git-submodule(1) says:
// each "../" drops a segment of the remote's URL.
func resolve(from, url string) string {
	from = strings.TrimRight(from, "/")
	separator := "/"
	for {
		if rest, ok := strings.CutPrefix(url, "./"); ok {
			url = rest
			continue
		}
		rest, ok := strings.CutPrefix(url, "../")
		if !ok {
			return strings.TrimRight(from+separator+url, "/")
		}
		url, separator = rest, "/"
		i := strings.LastIndexByte(from, '/')
		if i < 0 {
			i, separator = strings.LastIndexByte(from, ':'), ":"
		}
		if i < 0 {
			return url // above all that the remote's URL names
		}
		from = from[:i]
	}
}
