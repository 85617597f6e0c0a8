package credential

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

// ErrPath is the error for a path that the forge of a host cannot have.
var ErrPath = forge.ErrPath

// A Target says what a token is for.
type Target struct {
	Host string // as ParseHost returns it

	// Paths lists an owner or group, or repositories of one owner, sorted. An empty
	// list means the whole host.
	Paths []string
}

// ParseTarget reads a target as people type it: HOST, HOST/OWNER,
// HOST/OWNER/REPO, an https or SSH URL of these, or OWNER or OWNER/REPO for
// github.com. Several repositories are OWNER/{REPO,REPO}. A first segment with
// a dot or a colon is a host; after one, names may have spaces. The meaning of a path
// depends on the kind of the token; call For to check it.
func ParseTarget(text string) (Target, error) {
	text = strings.TrimSpace(text)
	switch remote, err := ParseRemote(text); {
	case err == nil:
		return newTarget(forge.Locate(remote.Host, remote.Path, remote.User)).onGit()
	case strings.Contains(text, "://"):
		return Target{}, err
	}
	first, rest, _ := strings.Cut(text, "/")
	hasHost := strings.ContainsAny(first, ".:")
	odd := func(r rune) bool { return r < ' ' || r == 0x7f || r == '\\' }
	if first == "" || strings.ContainsFunc(text, odd) || strings.Contains(first, " ") || !hasHost && strings.Contains(rest, " ") {
		return Target{}, fmt.Errorf("%s is not a target: write HOST, HOST/OWNER, HOST/OWNER/REPO, OWNER or OWNER/REPO", Quote(text))
	}
	if !hasHost {
		target := newTarget(GitHubHost, cutPage(GitHubHost, text)).expand()
		_, err := target.For(FineGrained)
		return target, err
	}
	host, err := ParseHost(first)
	if err != nil {
		return Target{}, err
	}
	if i := strings.IndexAny(rest, "?#"); i >= 0 {
		rest = rest[:i]
	}
	if plain, err := url.PathUnescape(rest); err == nil && forge.Of(host) == forge.Azure && !strings.ContainsFunc(plain, odd) {
		rest = plain // copied from a browser: no name there has a percent sign
	}
	return newTarget(forge.Locate(host, cutPage(host, rest), "")).expand().onGit()
}

// onGit returns the target, or an error if its host has no repositories.
func (s Target) onGit() (Target, error) {
	host := RepositoryHost(s.Host)
	if host == "" {
		return s, nil
	}
	right := Target{Host: host}
	for _, path := range s.Paths {
		for _, part := range []string{"repos/", "users/"} { // of a URL of the API
			path = strings.TrimPrefix(path, part)
		}
		right.Paths = append(right.Paths, cutPage(host, path))
	}
	return Target{}, fmt.Errorf("%s has no repositories: write %s", Quote(s.Host), Visible(right.String()))
}

// cutPage returns the path of the repository in the path of a page, such as
// acme/widgets for acme/widgets/tree/main/src, without slashes at the start and end.
func cutPage(host, path string) string {
	path = strings.Trim(path, "/")
	segments := strings.Split(path, "/")
	f := forge.Of(host)
	isGitHub := f == forge.GitHub && host != GistHost && RepositoryHost(host) == ""
	odd := func(segment string) bool { return segment == "" || segment == "." || segment == ".." }
	switch {
	case len(segments) < 2 || slices.ContainsFunc(segments, odd) || f == forge.Azure:
		return path // nothing is removed from a path that is rejected
	case isGitHub && segments[0] == "orgs":
		return segments[1]
	case isGitHub || f == forge.Bitbucket || f == forge.Gitea:
		_, err := f.Repository(host, segments[1])
		if err == nil && len(segments) > 2 && segments[2] != "info" && !strings.HasSuffix(segments[1], ".git") {
			return segments[0] + "/" + segments[1]
		}
		return path
	}
	for i := 2; i < len(segments); i++ {
		// GitLab has its pages below "-" and allows no project with the other names.
		if slices.Contains([]string{"-", "tree", "blob", "raw", "blame", "commits"}, segments[i]) {
			return strings.Join(segments[:i], "/")
		}
	}
	return path
}

// expand replaces OWNER/{A,B}, the format of String, by OWNER/A and OWNER/B.
func (s Target) expand() Target {
	if len(s.Paths) != 1 || !strings.HasSuffix(s.Paths[0], "}") {
		return s
	}
	before, names, ok := strings.Cut(strings.TrimSuffix(s.Paths[0], "}"), "/{")
	if !ok {
		return s
	}
	several := Target{Host: s.Host}
	for name := range strings.SplitSeq(names, ",") {
		if name == "" {
			return s // For rejects it
		}
		several.Paths = append(several.Paths, before+"/"+name)
	}
	return several
}

func newTarget(host, path string) Target {
	target := Target{Host: host}
	if path = strings.Trim(path, "/"); path != "" {
		target.Paths = []string{path}
	}
	return target
}

// For returns the target of a token of the given kind; see On.
func (s Target) For(kind Kind) (Target, error) { return s.On(Record{Target: s, Kind: kind}.On()) }

// On checks and normalizes the paths as the forge reads them.
func (s Target) On(f forge.Forge) (Target, error) {
	t := Target{Host: s.Host}
	for _, typed := range append(s.Paths, "")[:max(1, len(s.Paths))] {
		host, path := forge.Locate(s.Host, typed, "")
		path, err := f.Target(host, path)
		if err != nil {
			return Target{}, fmt.Errorf("%s: %w", Quote(typed), err)
		}
		if t.Host = host; path != "" && !slices.Contains(t.Paths, path) {
			t.Paths = append(t.Paths, path)
		}
	}
	slices.Sort(t.Paths)
	for _, p := range t.Paths {
		if owner(p) != t.Owner() || len(t.Paths) > 1 && p == owner(p) {
			first, last := Quote(t.Paths[0]), Quote(t.Paths[len(t.Paths)-1])
			return Target{}, fmt.Errorf("%s and %s: the repositories of a token must belong to one owner", first, last)
		}
	}
	return t, nil
}

// owner returns the first segment of a path.
func owner(path string) string {
	first, _, _ := strings.Cut(path, "/")
	return first
}

// Owner returns the owner, or "" for the target of a whole host.
func (s Target) Owner() string {
	if len(s.Paths) == 0 {
		return ""
	}
	return owner(s.Paths[0])
}

// Equal reports whether two targets are equal.
func (s Target) Equal(t Target) bool { return s.Host == t.Host && slices.Equal(s.Paths, t.Paths) }

// String returns the target in a form that ParseTarget reads. Several
// repositories are in braces, which most shells expand. A host without a dot or
// a colon is written as a URL, because ParseTarget would read it as an owner.
func (s Target) String() string {
	host := s.Host
	if !strings.ContainsAny(host, ".:") {
		host = "https://" + host
	}
	switch len(s.Paths) {
	case 0:
		return host
	case 1:
		return host + "/" + s.Paths[0]
	}
	first := s.Owner()
	var names []string
	for _, p := range s.Paths {
		names = append(names, strings.TrimPrefix(p, first+"/"))
	}
	return host + "/" + first + "/{" + strings.Join(names, ",") + "}"
}

// Short returns the target as String does, but without "github.com/" at the
// start.
func (s Target) Short() string { return strings.TrimPrefix(s.String(), GitHubHost+"/") }
