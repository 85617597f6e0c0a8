package githubtest

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// A Repository describes a repository for [Server.AddRepository].
type Repository struct {
	Host string // github.com if empty

	// Owner and Name are the path, without ".git". On a gist server they are
	// the user and the ID of the gist, and the URL may also contain only the
	// ID. On another forge Owner may have several segments.
	Owner, Name string

	// Private hides the repository from requests without read access. It is
	// ignored for a gist, because everybody who knows the ID of a gist may read
	// it.
	Private bool

	// Wiki adds a wiki, OWNER/NAME.wiki.git, with the same access.
	Wiki bool
}

func (r Repository) path() string { return r.Owner + "/" + r.Name }

func (r Repository) gist() bool { return isGistHost(r.Host) }

func isGistHost(host string) bool { return strings.HasPrefix(host, "gist.") }

type repository struct {
	Repository
	dir string
	old []string // old paths, and the ID of a gist
}

// gitConfig allows what GitHub allows and Git by default does not.
const gitConfig = `[http]
	receivepack = true
[uploadpack]
	allowFilter = true
	allowAnySHA1InWant = true
[init]
	defaultBranch = main
`

// AddRepository creates a bare repository with one commit on the branch main
// and returns its folder. The commit contains a README.md.
func (s *Server) AddRepository(r Repository) (dir string, err error) {
	if r.Host == "" {
		r.Host = "github.com"
	}
	r.Private = r.Private && !r.gist()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.hosts[r.Host] || s.findLocked(r.Host, r.path()).dir != "" {
		return "", fmt.Errorf("githubtest: the host of %s/%s is missing, or the repository exists", r.Host, r.path())
	}
	if r.Wiki {
		wiki := r
		wiki.Name += ".wiki"
		if _, err := s.create(wiki); err != nil {
			return "", err
		}
	}
	return s.create(r)
}

// create creates a repository. The name of its folder is a number, because
// paths can change. The caller holds s.mu.
func (s *Server) create(r Repository) (dir string, err error) {
	dir = filepath.Join(s.dir, fmt.Sprintf("%d.git", len(s.repositories)))
	if err := s.git("", "init", "--quiet", "--bare", "--template=", dir); err != nil {
		return "", err
	}
	readme := "# " + r.path() + "\n"
	stream := fmt.Sprintf("commit refs/heads/main\n"+
		"committer Mona Lisa <mona@github.example> 1767225600 +0000\n"+
		"data 15\nInitial commit\n"+
		"M 100644 inline README.md\n"+
		"data %d\n%s\n", len(readme), readme)
	if err := s.git(stream, "--git-dir="+dir, "fast-import", "--quiet"); err != nil {
		return "", err
	}
	created := &repository{Repository: r, dir: dir}
	if r.gist() {
		created.old = []string{r.Name}
	}
	s.repositories = append(s.repositories, created)
	return dir, nil
}

// Rename changes the path OWNER/NAME of a repository, as renaming or
// transferring it on GitHub does. Requests for the old path that have access
// are redirected to the new path.
func (s *Server) Rename(host, from, to string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.repositories {
		if r.Host == host && strings.EqualFold(r.path(), from) {
			r.old = append(r.old, from)
			r.Owner, r.Name, _ = strings.Cut(to, "/")
			return nil
		}
	}
	return fmt.Errorf("githubtest: rename: no %q on %q", from, host)
}

// A target is the repository that the path of a request leads to, as it was
// when the request arrived. It is zero if there is none.
type target struct {
	Repository
	dir   string
	moved bool // the path is an old path of the repository
}

// find looks up the path of a request. It does not decode the path, so an
// encoded path finds nothing.
func (s *Server) find(host, path string) target {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.findLocked(host, path)
}

func (s *Server) findLocked(host, path string) target {
	path = strings.TrimSuffix(path, ".git")
	same := func(p string) bool { return strings.EqualFold(p, path) }
	for _, r := range s.repositories {
		if r.Host != host {
			continue
		}
		if now := same(r.path()); now || slices.ContainsFunc(r.old, same) {
			return target{r.Repository, r.dir, !now && !r.gist()}
		}
	}
	return target{}
}
