package githubtest

import (
	"fmt"
	"net/http"
	"net/http/cgi"
	"net/url"
	"path/filepath"
	"strings"
)

// A forge is a host that serves repositories. Forges differ only in which
// requests they accept.
type forge struct {
	s      *Server
	name   string
	realm  string
	logins map[string]string // passwords by user, guarded by s.mu; nil if the host behaves like GitHub
	judge  func(c credential, to target, write bool) *refusal
	rest   *restAPI // nil if there is none, or if it is on another host
}

// gists reports whether the host's repositories are gists.
func (f *forge) gists() bool { return f.logins == nil && strings.HasPrefix(f.name, "gist.") }

// A refusal is an answer that rejects a request.
type refusal struct {
	status int
	text   string
}

// ServeHTTP answers a request that is already in the log.
func (f *forge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, service := cutService(r.URL.EscapedPath())
	if service == "" {
		writeText(w, http.StatusNotFound, "Not Found")
		return
	}
	if strings.HasPrefix(service, lfsPrefix) {
		f.serveLFS(w, r, path, strings.TrimPrefix(service, lfsPrefix))
		return
	}
	pack := service
	if service == "info/refs" {
		pack = r.URL.Query().Get("service")
	}
	if pack != "git-upload-pack" && pack != "git-receive-pack" {
		// GitHub does not support the dumb HTTP protocol.
		writeText(w, http.StatusForbidden, "Please upgrade your git client.")
		return
	}
	to := f.find(path)
	if !f.admit(w, r, to, pack == "git-receive-pack", f.refuse) {
		return
	}
	// If Git is redirected after it has logged in, it still posts to the old
	// path, and it does not follow a redirect of a POST. So only info/refs is
	// redirected.
	if to.moved && service == "info/refs" {
		f.redirect(w, r, path, to)
		return
	}
	query := ""
	if service == "info/refs" {
		query = "service=" + pack
	}
	f.s.serveGit(w, r, to.dir, service, query)
}

// cutService splits "/acme/widgets.git/info/refs" into the path of the
// repository and the service. The service is empty if it is not a service of
// Git.
func cutService(path string) (repository, service string) {
	path = strings.TrimPrefix(path, "/")
	if i := strings.Index(path, "/"+lfsPrefix); i > 0 {
		return path[:i], path[i+1:]
	}
	for _, service := range []string{"info/refs", "git-upload-pack", "git-receive-pack"} {
		if repository, ok := strings.CutSuffix(path, "/"+service); ok {
			return repository, service
		}
	}
	return path, ""
}

// admit reports whether a request is accepted. If not, it has answered the
// request.
func (f *forge) admit(w http.ResponseWriter, r *http.Request, to target, write bool, refuse refuser) bool {
	if no := f.judge(credentialOf(r), to, write); no != nil {
		refuse(w, no)
		return false
	}
	return !f.s.meetFault(w, r, f.name, refuse)
}

// refuse answers a request of Git with a refusal.
func (f *forge) refuse(w http.ResponseWriter, no *refusal) {
	if no.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", fmt.Sprintf("Basic realm=%q", f.realm))
	}
	writeText(w, no.status, no.text)
}

// judgeAsGitHub returns the refusal that GitHub would send, with its text, or
// nil.
func (f *forge) judgeAsGitHub(c credential, to target, write bool) *refusal {
	public := to.known && !to.Private
	if !c.given {
		switch {
		case public && !write:
			return nil
		case public:
			return &refusal{http.StatusUnauthorized, "No anonymous write access."}
		}
		// GitHub does not tell private repositories from missing ones.
		return &refusal{http.StatusUnauthorized, "Repository not found."}
	}

	f.s.mu.Lock()
	defer f.s.mu.Unlock()
	t := f.s.validToken(c, strings.TrimPrefix(f.name, "gist."))
	if t == nil {
		// An invalid token is rejected for public repositories too.
		return &refusal{http.StatusUnauthorized,
			"Invalid username or token. Password authentication is not supported for Git operations."}
	}
	if !to.known {
		return &refusal{http.StatusNotFound, "Repository not found."}
	}
	mayRead, mayWrite := t.rights(to)
	no := f.s.vetoOf(t, to, write)
	switch {
	case !mayRead && t.Kind == FineGrained && t.reaches(to.Owner):
		// The text says "write" even for reading.
		return &refusal{http.StatusForbidden, "Write access to repository not granted."}
	case !mayRead:
		return &refusal{http.StatusNotFound, "Repository not found."}
	case no != nil:
		return no.refusal()
	case write && !mayWrite && to.gist:
		return &refusal{http.StatusForbidden, "Permission to write to gist denied."}
	case write && !mayWrite:
		return &refusal{http.StatusForbidden,
			fmt.Sprintf("Permission to %s.git denied to %s.", to.path(), t.Login)}
	}
	return nil
}

// validToken returns the valid token in c for a host, or nil. Any user name
// works, but it must not be empty. The caller holds s.mu.
func (s *Server) validToken(c credential, host string) *token {
	if !c.basic || c.user == "" {
		return nil
	}
	t := s.tokens[c.password]
	if t == nil && (c.password == "" || c.password == "x-oauth-basic") {
		t = s.tokens[c.user]
	}
	if t == nil || !t.live(host) {
		return nil
	}
	return t
}

// judgeAsOther returns the refusal of a forge that has only users and
// passwords, or nil.
func (f *forge) judgeAsOther(c credential, to target, write bool) *refusal {
	if !c.given && to.known && !to.Private && !write {
		return nil
	}
	f.s.mu.Lock()
	defer f.s.mu.Unlock()
	password, ok := f.logins[c.user]
	switch {
	case !c.given:
		return &refusal{http.StatusUnauthorized, "Authentication required."}
	case !c.basic || !ok || c.password != password:
		return &refusal{http.StatusUnauthorized, "Access denied."}
	case !to.known:
		return &refusal{http.StatusNotFound, "Repository not found."}
	}
	return nil
}

// redirect redirects a request to the new path of the repository. It keeps the
// rest of the URL, and ".git" if the old path had it.
func (f *forge) redirect(w http.ResponseWriter, r *http.Request, path string, to target) {
	now := to.path()
	if strings.HasSuffix(path, ".git") {
		now += ".git"
	}
	rest := strings.TrimPrefix(r.URL.EscapedPath(), "/"+path)
	location := "https://" + r.Host + "/" + now + rest
	if r.URL.RawQuery != "" {
		location += "?" + r.URL.RawQuery
	}
	w.Header().Set("Location", location)
	w.WriteHeader(http.StatusMovedPermanently)
}

// serveGit lets Git answer for the repository in dir.
func (s *Server) serveGit(w http.ResponseWriter, r *http.Request, dir, service, query string) {
	// Git starts to answer a push while it is still reading. This must be
	// enabled for HTTP/1. HTTP/2 always allows it and returns an error here.
	_ = http.NewResponseController(w).EnableFullDuplex()

	in := r.Clone(r.Context())
	in.URL = &url.URL{Path: "/" + filepath.Base(dir) + "/" + service, RawQuery: query}
	in.Header.Del("Authorization") // a secret must not be in the environment of a process
	// Package cgi rejects chunked requests. Git reads to the end if there is no
	// length, so remove the encoding.
	in.TransferEncoding = nil

	env := append(s.gitEnv(), "GIT_PROJECT_ROOT="+filepath.Dir(dir), "GIT_HTTP_EXPORT_ALL=1")
	if protocol := r.Header.Get("Git-Protocol"); protocol != "" {
		env = append(env, "GIT_PROTOCOL="+protocol)
	}
	handler := &cgi.Handler{
		Path:   s.backend,
		Dir:    s.dir,
		Env:    env,
		Stderr: s.errorLog,
		Logger: s.errorLogger(),
	}
	handler.ServeHTTP(w, in)
}
