package forge

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// ErrPath is the error for a path that a forge cannot have.
var ErrPath = errors.New("not the path of an owner or repository")

func (f Forge) pathError() error {
	if f == Other {
		return ErrPath
	}
	return fmt.Errorf("%w on %s", ErrPath, f.Title())
}

// Repository returns the part of a path that names the repository, or the owner,
// group or project if the path is shorter. It returns "" for an empty path. Two
// paths of one repository have the same result: case, outer slashes, a query, and
// the endings .git and .wiki do not matter, and what belongs to a service, such as
// info/lfs, is removed. The host is needed because some forges name repositories
// differently on their own host. The error wraps ErrPath.
//
//	GitHub, codeberg.org, bitbucket.org   OWNER/REPO
//	GitLab                                GROUP/.../PROJECT
//	Gitea, Other                          all, as the server may be below a path
//	Bitbucket Data Center                 scm/PROJECT/REPO
//	dev.azure.com                         ORG/PROJECT/_git/REPO
//	Azure DevOps Server                   COLLECTION/PROJECT/_git/REPO
func (f Forge) Repository(host, path string) (string, error) {
	bare, _, hasQuery := strings.Cut(path, "?")
	bare = strings.Trim(Fold(bare), "/")
	if bare == "" && !hasQuery {
		return "", nil
	}
	segments := strings.Split(bare, "/")
	if !f.areNames(segments) {
		return "", f.pathError()
	}
	own := Of(host) == f
	switch {
	case f == GitHub, f == Bitbucket && own, f == Gitea && own:
		segments = firstTwo(segments)
	case f == Bitbucket:
		segments = f.dataCenter(segments)
	case f == Azure:
		segments = azure(segments, own)
	default:
		segments = f.upToRepository(segments)
	}
	if segments == nil || !f.areNames(segments) { // without an ending, a name may be "" or "."
		return "", f.pathError()
	}
	return strings.Join(segments, "/"), nil
}

// Target is Repository for a path as people type it or copy it from a browser. For
// Bitbucket Data Center it adds scm to PROJECT and PROJECT/REPO. For GitLab it
// removes groups, with which the pages of a group begin. A query is an error.
func (f Forge) Target(host, path string) (string, error) {
	if strings.Contains(path, "?") {
		return "", f.pathError()
	}
	repository, err := f.Repository(host, path)
	segments := strings.Split(repository, "/")
	switch {
	case f == Bitbucket && Of(host) != f && repository != "" && len(segments) < 3 && !slices.Contains(segments, "scm"):
		repository = "scm/" + repository
	case f == GitLab:
		repository = strings.TrimPrefix(repository, "groups/") // no group has this name
	}
	return repository, err
}

// Covers reports whether a token for one path may answer for another: they are
// equal, or the second begins with all segments of the first. Both are results of
// Repository and not empty.
func Covers(path, asked string) bool {
	return path == asked || strings.HasPrefix(asked, path+"/")
}

// Owner returns the first part of a result of Repository that can be an account of
// its own: the owner, top group, organization or project.
func (f Forge) Owner(host, repository string) string {
	segments := strings.Split(repository, "/")
	end := 1
	if f == Bitbucket && Of(host) != f {
		end = min(slices.Index(segments, "scm")+2, len(segments))
	}
	return strings.Join(segments[:end], "/")
}

// CanBeRepository reports whether a result of Repository can be a repository. It is
// certain if the path tells that. On GitLab it does not tell a project from a group,
// and on servers that may be below a path it does not tell where names begin.
func (f Forge) CanBeRepository(host, path string) (possible, certain bool) {
	segments := strings.Split(path, "/")
	own := Of(host) == f
	switch {
	case path == "":
		return false, false
	case f == GitHub, f == Bitbucket && own, f == Gitea && own:
		return len(segments) == 2, true
	case f == Bitbucket:
		at := slices.Index(segments, "scm")
		return at >= 0 && len(segments) == at+3, true
	case f == Azure:
		return slices.Contains(segments, "_git"), true
	case f == Other:
		return true, false
	}
	return len(segments) > 1, false
}

func (f Forge) areNames(segments []string) bool {
	return !slices.ContainsFunc(segments, func(s string) bool { return !f.isName(s) })
}

// isName reports whether a forge can have a segment, in lower case, in a path.
func (f Forge) isName(s string) bool {
	if s == "" || s == "." || s == ".." {
		return false
	}
	control := func(r rune) bool { return r < ' ' || r == 0x7f }
	switch f {
	case Azure:
		// "Naming restrictions and conventions" in the documentation of Azure DevOps,
		// for projects and repositories.
		return utf8.ValidString(s) && !strings.ContainsFunc(s, control) &&
			!strings.ContainsAny(s, `\/:*?"<>|;#${},+=[]%`) && strings.Trim(s, " .") == s
	case Bitbucket:
		s = strings.TrimPrefix(s, "~") // personal projects of Data Center
		return s != "" && s != "." && s != ".." && strings.Trim(s, alphanumeric+"._-") == ""
	case Other:
		// Any name is possible. But some servers read these as separators and dots.
		// Some also remove what follows a semicolon.
		separator := strings.Contains(s, `\`) || strings.Contains(s, "%2f") || strings.Contains(s, "%5c") || strings.Contains(s, "%2e")
		before, _, _ := strings.Cut(s, ";")
		dots := before == "." || before == ".."
		return !separator && !dots && !strings.ContainsFunc(s, control)
	}
	return strings.Trim(s, alphanumeric+"._-") == ""
}

// withoutEnding removes .git and then .wiki from the name of a repository, each
// once.
func withoutEnding(name string) string {
	return strings.TrimSuffix(strings.TrimSuffix(name, ".git"), ".wiki")
}

// named returns a path whose last segment is the name of a repository.
func named(before []string, name string) []string {
	return append(slices.Clone(before), withoutEnding(name))
}

// firstTwo reads OWNER/REPO.
func firstTwo(segments []string) []string {
	if len(segments) < 2 {
		return segments // nothing is removed from an owner
	}
	return named(segments[:1], segments[1])
}

// upToRepository reads a path with any number of groups. The repository ends at
// the first .git, else before the first segment of a service.
func (f Forge) upToRepository(segments []string) []string {
	for i, s := range segments {
		if strings.HasSuffix(s, ".git") {
			if s == ".git" && f == Other && i > 0 {
				return segments[:i] // a repository with files, served as it is
			}
			return named(segments[:i], s)
		}
		if i > 0 && f.isService(segments[i:], i) {
			segments = segments[:i]
			break
		}
	}
	last := len(segments) - 1
	return named(segments[:last], segments[last])
}

// isService reports whether the segments after the first ones of a path belong to a
// service, and not to the name of a repository.
func (f Forge) isService(rest []string, before int) bool {
	next := ""
	if len(rest) > 1 {
		next = rest[1]
	}
	switch rest[0] {
	case "git-upload-pack", "git-receive-pack":
		return true // gitprotocol-http(5)
	case "info":
		return next == "refs" || next == "lfs"
	}
	switch {
	case f == GitLab && rest[0] == "-":
		return true
	case f == GitLab && before > 1:
		// "Reserved project names" in GitLab's documentation: no project or group has
		// them, and older URLs have them after the project.
		return slices.Contains([]string{"badges", "blame", "blob", "builds", "commits", "create_dir", "find_file", "raw", "refs", "tree", "wikis"}, rest[0])
	case f == Gitea && before > 1:
		return (rest[0] == "src" || rest[0] == "raw") && slices.Contains([]string{"branch", "commit", "tag"}, next)
	}
	return false
}

// dataCenter reads a path of Bitbucket Data Center: [CONTEXT/]scm/PROJECT/REPO as in
// clone URLs, or as in a browser [CONTEXT/]projects/PROJECT/repos/REPO, and the other
// pages below projects/PROJECT and users/USER. With scm further on, what is before it
// is the context path of a clone URL.
func (f Forge) dataCenter(segments []string) []string {
	for i, s := range segments {
		rest := segments[i+1:]
		switch {
		case s == "scm":
		case s != "projects" && s != "users" || len(rest) == 0:
			continue
		case len(rest) > 2 && rest[1] == "repos":
			rest = []string{project(s, rest[0]), rest[2]}
		case !slices.Contains(rest, "scm"):
			rest = []string{project(s, rest[0])}
		default:
			continue
		}
		return append(append(slices.Clone(segments[:i]), "scm"), firstTwo(rest)...)
	}
	return f.upToRepository(segments)
}

// project returns the project of a page below projects or users.
func project(page, name string) string {
	if page == "users" {
		return "~" + name
	}
	return name
}

// azure reads a path of Azure DevOps: ORG/PROJECT/_git/REPO, or ORG/_git/REPO for
// the repository that has the name of its project. It returns nil for other paths.
// Instead of _git/REPO there may be _git/_optimized/REPO or, on dev.azure.com, only
// REPO. Names do not begin with an underscore, so such a segment ends the names.
func azure(segments []string, own bool) []string {
	end := slices.IndexFunc(segments, func(s string) bool { return strings.HasPrefix(s, "_") })
	names, rest := segments, []string(nil)
	if end >= 0 {
		names, rest = segments[:end], segments[end:]
	}
	if own && len(names) > 1 && names[1] == "defaultcollection" {
		names = append([]string{names[0]}, names[2:]...)
	}
	switch {
	case len(names) == 0:
		return nil
	case len(rest) > 1 && rest[0] == "_git":
		rest = rest[1:]
		if rest[0] == "_optimized" || rest[0] == "_full" {
			rest = rest[1:]
		}
	case own && len(names) == 3:
		names, rest = names[:2], names[2:]
	default:
		rest = nil
	}
	switch {
	case own && len(names) > 2, len(rest) > 0 && strings.HasPrefix(rest[0], "_"):
		return nil
	case len(rest) == 0:
		return names
	case own && len(names) == 1:
		names = named(names, rest[0])
	}
	return named(append(slices.Clone(names), "_git"), rest[0])
}
