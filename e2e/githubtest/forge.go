package githubtest

import (
	"fmt"
	"net/http"
	"net/http/cgi"
	"net/url"
	"path/filepath"
	"strings"
)

// A forge is a host that serves repositories. GitHub and the others differ in
// who is let in; the rest they share.
type forge struct {
	s      *Server
	name   string
	realm  string
	logins map[string]string // passwords by user, guarded by s.mu; nil: GitHub's kind
	judge  func(c credential, to target, write bool) *refusal
	rest   *restAPI // nil: none, or on another host
}

// gists reports whether the host's repositories are gists.
func (f *forge) gists() bool { return f.logins == nil && strings.HasPrefix(f.name, "gist.") }

// A refusal is an answer that keeps Git from what it asked for.
type refusal struct {
	status int
	text   string
}

// ServeHTTP answers for the host once the request is in the log.
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
		// GitHub has no plain files for clients that know nothing else.
		writeText(w, http.StatusForbidden, "Please upgrade your git client.")
		return
	}
	to := f.find(path)
	if !f.admit(w, r, to, pack == "git-receive-pack", f.refuse) {
		return
	}
	// Git that was sent on only after it had logged in goes on to post to the
	// old path, and follows no redirect of a post: there it must be served.
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

// cutService splits "/acme/widgets.git/info/refs" into the repository's path
// and what is asked of it, which is empty if it is nothing of Git's.
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

// admit lets a request in, or has said why not.
func (f *forge) admit(w http.ResponseWriter, r *http.Request, to target, write bool, refuse refuser) bool {
	if no := f.judge(credentialOf(r), to, write); no != nil {
		refuse(w, no)
		return false
	}
	return !f.s.meetFault(w, r, f.name, refuse)
}

// refuse answers Git.
func (f *forge) refuse(w http.ResponseWriter, no *refusal) {
	if no.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", fmt.Sprintf("Basic realm=%q", f.realm))
	}
	writeText(w, no.status, no.text)
}

// judgeAsGitHub decides as GitHub does, in its words.
func (f *forge) judgeAsGitHub(c credential, to target, write bool) *refusal {
	public := to.known && !to.Private
	if !c.given {
		switch {
		case public && !write:
			return nil
		case public:
			return &refusal{http.StatusUnauthorized, "No anonymous write access."}
		}
		// The same for what is private and what does not exist.
		return &refusal{http.StatusUnauthorized, "Repository not found."}
	}

	f.s.mu.Lock()
	defer f.s.mu.Unlock()
	t := f.s.validToken(c, strings.TrimPrefix(f.name, "gist."))
	if t == nil {
		// For public repositories too.
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
		// It says "write" to those who only wanted to read.
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

// validToken returns the token that logs in with c on a host, or nil. Any
// username will do, but not none. The caller holds s.mu.
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

// judgeAsOther decides as a forge that has only users.
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

// redirect sends a request on to where the repository is now, with whatever
// followed its path, and with ".git" if it came with it.
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

// serveGit has Git itself answer, for the repository in dir.
func (s *Server) serveGit(w http.ResponseWriter, r *http.Request, dir, service, query string) {
	// Git starts to answer a push while it is still reading; HTTP/1 is not
	// served so unless asked. HTTP/2 always is and says "not supported".
	_ = http.NewResponseController(w).EnableFullDuplex()

	in := r.Clone(r.Context())
	in.URL = &url.URL{Path: "/" + filepath.Base(dir) + "/" + service, RawQuery: query}
	in.Header.Del("Authorization") // not for the environment of a process
	// Git reads to the end where no length is given, so it can take the
	// chunks that package cgi refuses.
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
