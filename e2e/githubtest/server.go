// Package githubtest is a server for tests that behaves like GitHub for Git
// over HTTPS. For each token it checks access and answers with GitHub's status
// and text. It has the parts of the REST API that describe and revoke tokens.
//
// A [Server] is all hosts at once. It has a proxy. When Git connects to
// https://github.com/ through it, the server answers, with a certificate of its
// own authority. So tests and demos use the real URLs. Nothing is ever sent
// outside the loopback interface, for any host.
//
// The hosts github.com and gist.github.com always exist. [Server.AddHost] adds
// more hosts like them, [Server.AddForge] adds hosts that behave like GitLab or
// Gitea, and [Server.AddOpaqueHost] adds forges with users and passwords. All other hosts ask for a password, as a hostile host would, and
// always reject it.
//
// The server logs every request to every host with the names of the tokens in
// it. So a test can check which hosts received a token. The secrets are in no
// log, error or exported field.
package githubtest

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

// A Server is created by [NewServer]. Its methods may be called from several
// goroutines and while requests are served. A change applies to later requests.
type Server struct {
	CAFile   string // certificate of the authority for all hosts, PEM
	ProxyURL string // http://127.0.0.1:PORT, for all hosts and ports

	dir       string // absolute path
	backend   string // git-http-backend
	errorLog  *os.File
	secure    net.Listener // serves all hosts
	servers   []*http.Server
	lfsTicket string       // gives access to the objects of Git LFS
	running   sync.RWMutex // locked for reading by requests, and forever by Close

	mu           sync.Mutex
	hosts        map[string]bool
	forges       map[string]otherForge // of those hosts that are not GitHub's
	repositories []*repository
	objects      map[string][]byte // of Git LFS, by repository and ID
	policies     map[string]Policy // by owner
	limits       map[string]int    // requests left, by host and login
	tokens       map[string]*token // by secret
	requests     []Request
	faults       []*fault
}

// NewServer starts a server. Its files are in dir, which must exist and be
// empty; Close does not remove it. Git must be installed.
func NewServer(dir string) (*Server, error) {
	s, err := newServer(dir)
	if err != nil {
		return nil, fmt.Errorf("githubtest: %v", err)
	}
	return s, nil
}

func newServer(dir string) (*Server, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	execPath, err := exec.Command("git", "--exec-path").Output()
	if err != nil {
		return nil, fmt.Errorf("git --exec-path: %v", err)
	}
	backend, err := exec.LookPath(filepath.Join(strings.TrimSpace(string(execPath)), "git-http-backend"))
	if err != nil {
		return nil, err
	}
	s := &Server{
		CAFile:    filepath.Join(dir, "ca.pem"),
		dir:       dir,
		backend:   backend,
		lfsTicket: "RemoteAuth " + rand.Text(),
		hosts:     map[string]bool{"github.com": true, "gist.github.com": true},
		forges:    make(map[string]otherForge),
		objects:   make(map[string][]byte),
		policies:  make(map[string]Policy),
		limits:    make(map[string]int),
		tokens:    make(map[string]*token),
	}
	certificates, err := newAuthority(s.CAFile)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, ".gitconfig"), []byte(gitConfig), 0o600); err != nil {
		return nil, err
	}
	if s.errorLog, err = os.Create(filepath.Join(dir, "http-backend.log")); err != nil {
		return nil, err
	}
	if s.secure, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, err
	}
	proxy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s.ProxyURL = "http://" + proxy.Addr().String()

	// In many tests the client rejects our certificate and reports it, so do
	// not log that here.
	silent := log.New(io.Discard, "", 0)
	https := &http.Server{Handler: s.untilClosed(s.serve), TLSConfig: certificates, ErrorLog: silent}
	plain := &http.Server{Handler: s.untilClosed(s.serveProxy), ErrorLog: silent}
	s.servers = []*http.Server{plain, https}
	go plain.Serve(proxy)
	go https.ServeTLS(s.secure, "", "")
	return s, nil
}

func (s *Server) untilClosed(serve http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.running.TryRLock() {
			defer s.running.RUnlock()
			serve(w, r)
		}
	})
}

// Close ends running requests and waits for them; net/http does not wait. After
// that, the folder can be removed, and the log of requests can still be read.
func (s *Server) Close() {
	for _, server := range s.servers {
		server.Close()
	}
	s.running.Lock()
	s.errorLog.Close()
}

// Env returns the environment variables, NAME=VALUE, with which a program
// reaches the server for every URL and trusts its certificates. They work for
// Git, Git LFS, curl and Go programs, but not for Go programs on macOS and
// Windows, which ask the system about certificates. They also set the proxy for
// http://, because such a request would leave the machine otherwise.
func (s *Server) Env() []string {
	return []string{
		"HTTPS_PROXY=" + s.ProxyURL,
		"https_proxy=" + s.ProxyURL,
		"HTTP_PROXY=" + s.ProxyURL,
		"http_proxy=" + s.ProxyURL,
		"NO_PROXY=",
		"no_proxy=",
		"GIT_SSL_CAINFO=" + s.CAFile,
		"SSL_CERT_FILE=" + s.CAFile,
	}
}

// AddHost adds a host that behaves like GitHub. A port is part of the name
// unless it is 443. The REST API is on api.TENANT.ghe.com for TENANT.ghe.com,
// and otherwise below /api/v3/ on the same host, as on Enterprise Server.
func (s *Server) AddHost(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hosts[name] = true
}

// AddOpaqueHost adds a forge without tokens. The user may read and write all
// its repositories with the password. The name of the password in the log is
// user@host.
func (s *Server) AddOpaqueHost(name, user, password string) {
	s.AddHost(name)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens[password] = &token{Token: Token{ID: user + "@" + name, Host: name, Kind: login, Login: user, Write: true}}
}

// serveProxy answers requests to the proxy. A CONNECT leads to the server, for
// every host. All other requests are plain HTTP.
func (s *Server) serveProxy(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodConnect {
		s.connect(w)
		return
	}
	host := canonicalHost(r.Host)
	if !strings.Contains(host, ":") {
		host += ":80" // marks requests without TLS in the log
	}
	http.Redirect(s.record(w, r, host, nil), r, "https://"+strings.TrimSuffix(r.Host, ":80")+r.URL.RequestURI(), http.StatusMovedPermanently)
}

func (s *Server) connect(w http.ResponseWriter) {
	server, err := net.Dial("tcp", s.secure.Addr().String())
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	client, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		server.Close()
		return
	}
	io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n")
	go func() {
		defer server.Close()
		io.Copy(server, buffered)
	}()
	go func() {
		defer client.Close()
		io.Copy(client, server)
	}()
}

// serve answers requests over TLS.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	host, path := canonicalHost(r.Host), r.URL.EscapedPath()
	forge := host
	call, isREST := strings.CutPrefix(path, "/api/v3/")
	if name, ok := strings.CutPrefix(host, "api."); ok && hasAPIHost(name) {
		forge, call, isREST = name, strings.TrimPrefix(path, "/"), true
	} else if hasAPIHost(host) {
		isREST = false
	}
	s.mu.Lock()
	known, other := s.hosts[forge], s.forges[forge]
	s.mu.Unlock()

	// The body may contain a token too. 1 MiB is more than any client sends to
	// the REST API, or before it is accepted.
	var body []byte
	if isREST || !known {
		body, _ = io.ReadAll(io.LimitReader(r.Body, 1<<20))
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	w = s.record(w, r, host, body)
	switch {
	case !known:
		refuseGit(w, &refusal{http.StatusUnauthorized, "Authentication required."})
	case other.kind != "":
		s.serveOther(w, r, host, path, other)
	case isREST:
		s.serveREST(w, r, forge, call)
	default:
		s.serveForge(w, r, host, strings.TrimPrefix(path, "/"))
	}
}

// hasAPIHost reports whether the REST API of a host is on api.HOST.
func hasAPIHost(host string) bool {
	return host == "github.com" || strings.HasSuffix(host, ".ghe.com")
}

// canonicalHost returns a host in lower case and without port 443.
func canonicalHost(host string) string {
	return strings.TrimSuffix(strings.ToLower(host), ":443")
}

// writeText answers with plain text, the only type of body that Git shows.
func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	io.WriteString(w, text)
}

// git runs Git for the server.
func (s *Server) git(in string, args ...string) error {
	cmd := exec.Command("git", args...)
	cmd.Dir = s.dir
	cmd.Env = append(s.gitEnv(), "PATH="+os.Getenv("PATH"))
	cmd.Stdin = strings.NewReader(in)
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("githubtest: git %q: %v: %s", args, err, text)
	}
	return nil
}

// gitEnv returns an environment in which Git reads only the configuration of
// the server.
func (s *Server) gitEnv() []string {
	return []string{"HOME=" + s.dir, "GIT_CONFIG_NOSYSTEM=1", "LC_ALL=C"}
}
