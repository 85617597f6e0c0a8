package githubtest

import (
	"fmt"
	"net/http"
	"net/http/cgi"
	"net/url"
	"path/filepath"
	"strings"
)

// A refusal is an answer that rejects a request.
type refusal struct {
	status int
	text   string
}

// A refuser writes a refusal in the format of the request: text for Git, JSON
// for the REST API and Git LFS.
type refuser func(http.ResponseWriter, *refusal)

// serveForge answers requests for a repository.
func (s *Server) serveForge(w http.ResponseWriter, r *http.Request, host, path string) {
	if repository, call, ok := strings.Cut(path, "/info/lfs/"); ok {
		s.serveLFS(w, r, host, repository, call)
		return
	}
	for _, service := range []string{"info/refs", "git-upload-pack", "git-receive-pack"} {
		repository, ok := strings.CutSuffix(path, "/"+service)
		if !ok {
			continue
		}
		pack, query := service, ""
		if service == "info/refs" {
			pack = r.URL.Query().Get("service")
			query = "service=" + pack
		}
		to := s.find(host, repository)
		s.admit(w, r, s.judge(r, to, pack == "git-receive-pack"), refuseGit, func(w http.ResponseWriter, r *http.Request) {
			// If Git is redirected after it has logged in, it still posts to
			// the old path, and it does not follow a redirect of a POST. So
			// only info/refs is redirected.
			if to.moved && service == "info/refs" {
				w.Header().Set("Location", "https://"+host+"/"+to.path()+".git/info/refs?"+query)
				w.WriteHeader(http.StatusMovedPermanently)
				return
			}
			s.serveGit(w, r, to.dir, service, query)
		})
		return
	}
	writeText(w, http.StatusNotFound, "Not Found")
}

// admit answers a request: with the refusal if there is one, else as a fault
// requires, else by calling serve.
func (s *Server) admit(w http.ResponseWriter, r *http.Request, no *refusal, refuse refuser, serve http.HandlerFunc) {
	if no != nil {
		refuse(w, no)
	} else if f := s.nextFault(canonicalHost(r.Host), r.URL.Path); f != nil {
		f.strike(w, r, refuse, serve)
	} else {
		serve(w, r)
	}
}

func refuseGit(w http.ResponseWriter, no *refusal) {
	if no.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Basic realm="GitHub"`)
	}
	writeText(w, no.status, no.text)
}

// judge returns the refusal that GitHub would send, with its text, or nil.
func (s *Server) judge(r *http.Request, to target, write bool) *refusal {
	s.mu.Lock()
	other := s.forges[canonicalHost(r.Host)]
	s.mu.Unlock()
	if other.kind != "" {
		return s.judgeOther(r, to, write, other)
	}
	public := to.dir != "" && !to.Private
	if r.Header.Get("Authorization") == "" {
		switch {
		case public && !write:
			return nil
		case public:
			return &refusal{http.StatusUnauthorized, "No anonymous write access."}
		}
		// GitHub does not tell private repositories from missing ones.
		return &refusal{http.StatusUnauthorized, "Repository not found."}
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.tokenOf(r)
	if t == nil {
		// An invalid token is rejected for public repositories too.
		return &refusal{http.StatusUnauthorized,
			"Invalid username or token. Password authentication is not supported for Git operations."}
	}
	if to.dir == "" {
		return &refusal{http.StatusNotFound, "Repository not found."}
	}
	mayRead, mayWrite := t.rights(to.Repository)
	veto := s.veto(t, to.Repository, write)
	switch {
	case !mayRead && t.Kind == FineGrained && t.reaches(to.Owner):
		// The text says "write" even for reading.
		return &refusal{http.StatusForbidden, "Write access to repository not granted."}
	case !mayRead:
		return &refusal{http.StatusNotFound, "Repository not found."}
	case veto != "":
		return &refusal{http.StatusForbidden, veto}
	case write && !mayWrite && to.gist():
		return &refusal{http.StatusForbidden, "Permission to write to gist denied."}
	case write && !mayWrite:
		return &refusal{http.StatusForbidden,
			fmt.Sprintf("Permission to %s.git denied to %s.", to.path(), t.Login)}
	}
	return nil
}

// tokenOf returns the valid token in a request of Git, or nil. Any user name
// works, but it must not be empty. The token may also be the user name. The
// caller holds s.mu.
func (s *Server) tokenOf(r *http.Request) *token {
	user, password, _ := r.BasicAuth()
	t := s.tokens[password]
	if t == nil && (password == "" || password == "x-oauth-basic") {
		t = s.tokens[user]
	}
	if user == "" || t == nil || !t.live(strings.TrimPrefix(canonicalHost(r.Host), "gist.")) || t.Kind == login && t.Login != user {
		return nil
	}
	return t
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
	handler := &cgi.Handler{
		Path: s.backend,
		Dir:  s.dir,
		Env: append(s.gitEnv(), "GIT_PROJECT_ROOT="+filepath.Dir(dir), "GIT_HTTP_EXPORT_ALL=1",
			"GIT_PROTOCOL="+r.Header.Get("Git-Protocol")),
		Stderr: s.errorLog,
	}
	handler.ServeHTTP(w, in)
}
