package main

import (
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

// submodules returns those of a repository. What .gitmodules says besides is
// the word of whoever wrote it.
func (s *survey) submodules(repo repository) ([]submodule, error) {
	// Git would wait for a pipe, and we for Git.
	if info, err := os.Lstat(filepath.Join(repo.folder, repo.up, ".gitmodules")); err != nil || !info.Mode().IsRegular() {
		return nil, nil
	}
	entries, err := git.ReadFile(s.ctx, repo.folder, "--file", repo.up+".gitmodules")
	if err != nil || len(entries) == 0 {
		return nil, err
	}
	own, err := s.settings(repo.folder)
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
	out, err := git.Call{Folder: repo.folder, Args: paths}.Run(s.ctx)
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

// withSubmodules adds the places of the submodules of a repository, whose
// relative URLs begin at a remote of it.
func (s *survey) withSubmodules(places []*place, repo repository, base git.RemoteURL) ([]*place, error) {
	subs, err := s.submodules(repo)
	if err != nil || len(subs) == 0 {
		return places, err
	}
	var baseRemote *place
	for _, p := range places {
		if p.name == base.Remote && p.fetch {
			baseRemote = p
		}
	}
	// Git clones a submodule outside of the repository, so that its rules are not
	// for it.
	if s.outside, err = s.ownSettings(); err != nil {
		return nil, err
	}
	var urls []string
	for _, sub := range subs {
		for _, url := range []string{sub.url.Value, sub.own.Value} {
			url, _ = s.outside.Rewrite(url, false)
			urls = append(urls, url)
		}
	}
	s.ssh.ask(s.ctx, urls)
	for _, sub := range subs {
		p, err := s.submodulePlace(repo, sub, baseRemote)
		if err != nil {
			return nil, err
		}
		places = append(places, p)
		folder := path.Join(repo.folder, repo.up, sub.path)
		if !s.deep || !isPopulated(folder) {
			continue
		}
		inner, err := s.places(folder)
		if err != nil {
			return nil, err
		}
		places = append(places, inner...)
	}
	return places, nil
}

// isPopulated reports whether a submodule has a repository in its folder. A
// link there is none that Git made.
func isPopulated(folder string) bool {
	info, err := os.Lstat(filepath.FromSlash(folder))
	if err != nil || !info.IsDir() {
		return false
	}
	_, err = os.Lstat(filepath.Join(filepath.FromSlash(folder), ".git"))
	return err == nil
}

// submodulePlace judges the URL that Git uses for a submodule: its own, or
// before it is initialised that of .gitmodules. From there git submodule sync
// takes it again.
func (s *survey) submodulePlace(repo repository, sub submodule, base *place) (*place, error) {
	at := func(entry git.Setting) (*place, error) {
		p := &place{repository: repo, name: sub.name, submodule: repo.up + sub.path, fetch: true, push: true, rules: s.outside}
		p.url = git.RemoteURL{Remote: sub.name, Written: entry, Values: git.Config{entry}}
		p.url.URL, _ = s.outside.Rewrite(entry.Value, false)
		return p, s.judge(p)
	}
	module := sub.url
	relative := isRelative(module.Value)
	if relative {
		from := "."
		if base != nil {
			from = base.url.Written.Value
		}
		module.Value = resolve(from, module.Value)
	}
	p, err := at(module)
	if err != nil {
		return nil, err
	}
	sync := repo.git("submodule", "sync", "--", p.submodule)
	var own *place
	if sub.own.Key != "" {
		if own, err = at(sub.own); err != nil || !own.refused() {
			return own, err
		}
	}
	inModules := func(url string) ([]string, error) {
		return []string{"config", "-f", repo.up + ".gitmodules", sub.url.Key, url}, nil
	}
	inOwn := func(url string) ([]string, error) { return []string{"config", sub.own.Key, url}, nil }
	switch {
	case own != nil && own.https != p.https:
		return own, s.change(own, inOwn)
	case p.refused() && relative:
		p.follows, p.secret = base.name, nil // what stands in the URL is the remote's
		if own != nil && !s.insteadOf {
			p.commands = [][]string{sync}
		}
	case p.refused():
		if err := s.change(p, inModules); err != nil {
			return nil, err
		}
		if p.commands != nil && p.writes(sub.url.Key) {
			p.commands = slices.Insert(p.commands, 1, sync)
		}
	case own != nil: // and .gitmodules is as it should be
		own.commands = [][]string{sync}
		return own, nil
	}
	return p, nil
}

// writes reports whether the first command is one that writes a setting.
func (p *place) writes(key string) bool { return slices.Contains(p.commands[0], key) }

// isRelative reports whether the URL of a submodule begins where the
// repository comes from.
func isRelative(url string) bool {
	return strings.HasPrefix(url, "./") || strings.HasPrefix(url, "../")
}

// resolve returns what a relative URL is from a remote's, as git-submodule(1)
// has it: of the remote's URL a segment is dropped for each "../".
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
