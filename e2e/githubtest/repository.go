package githubtest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
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

type repository struct {
	Repository
	id           int    // GitHub's number; it stays when the repository is renamed
	dir, wikiDir string // wikiDir is empty if there is no wiki
}

// A repositoryKey identifies a repository, in any spelling of its path.
type repositoryKey struct{ host, path string }

func keyOf(host, path string) repositoryKey {
	return repositoryKey{host, strings.ToLower(path)}
}

// repositoryConfig allows what GitHub allows and Git by default does not.
const repositoryConfig = `[http]
	receivepack = true
[uploadpack]
	allowFilter = true
	allowAnySHA1InWant = true
`

// AddRepository creates a bare repository with one commit on the branch main
// and returns its folder. The commit contains a README.md. The path may be the
// old path of a renamed repository, which is then no longer redirected. The
// host must be registered.
func (s *Server) AddRepository(r Repository) (dir string, err error) {
	if r.Host == "" {
		r.Host = "github.com"
	}
	r.Host = canonicalHost(r.Host)

	// Hold the lock for the whole call: two calls must not create the same
	// repository.
	s.mu.Lock()
	defer s.mu.Unlock()
	f, ok := s.hosts[r.Host].(*forge)
	if !ok {
		return "", fmt.Errorf("githubtest: repository: host %q is not registered", r.Host)
	}
	if err := f.checkName(r.Owner, r.Name); err != nil {
		return "", err
	}
	r.Private = r.Private && !f.gists()
	key := keyOf(r.Host, r.path())
	if s.repositories[key] != nil {
		return "", fmt.Errorf("githubtest: repository: %s exists on %s", r.path(), r.Host)
	}
	s.lastRepository++
	created := &repository{Repository: r, id: s.lastRepository}
	if created.dir, err = s.create(r.path()); err != nil {
		return "", err
	}
	if r.Wiki {
		if created.wikiDir, err = s.create(r.path() + ".wiki"); err != nil {
			return "", err
		}
	}
	s.repositories[key] = created
	delete(s.moved, key)
	if f.gists() {
		s.repositories[keyOf(r.Host, r.Name)] = created
	}
	return created.dir, nil
}

// checkName rejects names that a request could not find.
func (f *forge) checkName(owner, name string) error {
	switch {
	case owner == "" || name == "" || strings.Contains(name, "/"),
		f.logins == nil && strings.Contains(owner, "/"),
		strings.HasSuffix(name, ".git"), strings.HasSuffix(name, ".wiki"),
		strings.ContainsAny(owner+name, "%?# \n"):
		return fmt.Errorf("githubtest: repository: bad name %q/%q", owner, name)
	}
	return nil
}

// create creates a bare repository for a path. The name of its folder is a
// number, because paths can change and a file system may not distinguish all of
// them.
func (s *Server) create(path string) (dir string, err error) {
	root := filepath.Join(s.dir, "repositories")
	entries, err := os.ReadDir(root)
	if err != nil {
		return "", fmt.Errorf("githubtest: repository: %v", err)
	}
	dir = filepath.Join(root, fmt.Sprintf("%d.git", len(entries)+1))
	if err := s.git("", "init", "--quiet", "--bare", "--template="+filepath.Join(s.dir, "template"), dir); err != nil {
		return "", err
	}
	// "git init -b" needs Git 2.28.
	if err := s.git("", "--git-dir="+dir, "symbolic-ref", "HEAD", "refs/heads/main"); err != nil {
		return "", err
	}
	const message = "Initial commit"
	readme := "# " + path + "\n"
	stream := fmt.Sprintf("commit refs/heads/main\n"+
		"committer Mona Lisa <mona@github.example> 1767225600 +0000\n"+
		"data %d\n%s\n"+
		"M 100644 inline README.md\n"+
		"data %d\n%s\n", len(message), message, len(readme), readme)
	if err := s.git(stream, "--git-dir="+dir, "fast-import", "--quiet"); err != nil {
		return "", err
	}
	return dir, nil
}

// git runs Git for the server.
func (s *Server) git(in string, args ...string) error {
	cmd := exec.Command("git", args...)
	cmd.Dir = s.dir
	cmd.Env = append(s.gitEnv(), "PATH="+os.Getenv("PATH"))
	cmd.Stdin = strings.NewReader(in)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("githubtest: git %q: %v: %s", args, err, bytes.TrimSpace(stderr.Bytes()))
	}
	return nil
}

// gitEnv returns an environment in which Git does not read the configuration of
// the system or the user.
func (s *Server) gitEnv() []string {
	return []string{
		"HOME=" + filepath.Join(s.dir, "home"),
		"GIT_CONFIG_GLOBAL=" + os.DevNull,
		"GIT_CONFIG_NOSYSTEM=1",
		"LC_ALL=C",
	}
}

// Rename changes the path OWNER/NAME of a repository, as renaming or
// transferring it on GitHub does. Requests for the old path that have access
// are redirected to the new path, until another repository has the old path. If
// the repository was selected for a token, it stays selected, unless its owner
// changes.
func (s *Server) Rename(host, from, to string) error {
	host = canonicalHost(host)
	s.mu.Lock()
	defer s.mu.Unlock()
	f, ok := s.hosts[host].(*forge)
	r := s.repositories[keyOf(host, from)]
	if !ok || f.gists() || r == nil {
		return fmt.Errorf("githubtest: rename: no %q on %q", from, host)
	}
	cut := strings.LastIndexByte(to, '/')
	if cut < 0 {
		return fmt.Errorf("githubtest: rename: %q is no path of a repository", to)
	}
	owner, name := to[:cut], to[cut+1:]
	if err := f.checkName(owner, name); err != nil {
		return err
	}
	key := keyOf(host, to)
	if other := s.repositories[key]; other != nil && other != r {
		return fmt.Errorf("githubtest: rename: %s exists on %s", to, host)
	}
	for _, t := range s.tokens {
		if t.Host == host && strings.EqualFold(t.Owner, r.Owner) {
			t.followRename(r.Name, owner, name)
		}
	}
	delete(s.repositories, keyOf(host, from))
	delete(s.moved, key)
	if old := keyOf(host, from); old != key {
		s.moved[old] = r
	}
	r.Owner, r.Name = owner, name
	s.repositories[key] = r
	return nil
}

func (t *token) followRename(from, owner, name string) {
	for i, selected := range t.Repositories {
		if !strings.EqualFold(selected, from) {
			continue
		}
		if strings.EqualFold(t.Owner, owner) {
			t.Repositories[i] = name
		} else {
			t.Repositories = append(t.Repositories[:i:i], t.Repositories[i+1:]...)
		}
		return
	}
}

// A target is the repository that the path of a request leads to, as it was
// when the request arrived.
type target struct {
	Repository
	known bool // if false, there is no repository and the other fields mean nothing
	gist  bool
	wiki  bool
	dir   string
	moved bool // the path is an old path of the repository
}

// path returns the current path of the target, without ".git".
func (t target) path() string {
	if t.wiki {
		return t.Repository.path() + ".wiki"
	}
	return t.Repository.path()
}

// find looks up the path of a request. It does not decode the path, so an
// encoded path finds nothing.
func (f *forge) find(path string) target {
	f.s.mu.Lock()
	defer f.s.mu.Unlock()
	return f.findLocked(path)
}

// findLocked is like find. The caller holds s.mu.
func (f *forge) findLocked(path string) target {
	path = strings.TrimSuffix(path, ".git")
	wiki := false
	if f.logins == nil && !f.gists() {
		path, wiki = strings.CutSuffix(path, ".wiki")
	}
	key := keyOf(f.name, path)
	r, moved := f.s.repositories[key], false
	if r == nil {
		r = f.s.moved[key]
		moved = r != nil
	}
	if r == nil {
		return target{}
	}
	dir := r.dir
	if wiki {
		dir = r.wikiDir
	}
	if dir == "" {
		return target{}
	}
	return target{Repository: r.Repository, known: true, gist: f.gists(), wiki: wiki, dir: dir, moved: moved}
}
