// Package githubtest is a server for tests that behaves like GitHub for Git
// over HTTPS. For each token it checks access and answers with GitHub's status
// and text. It has the parts of the REST API that describe and revoke tokens.
//
// A [Server] is all hosts at once. It has a proxy. When Git connects to
// https://github.com/ through it, the server answers, with a certificate of its own
// authority. So tests and demos use the real URLs. Nothing is ever sent outside the
// loopback interface, for any host.
//
// There are three kinds of hosts:
//
//   - Hosts that behave like GitHub. They have tokens ([Server.AddToken]) and
//     repositories ([Server.AddRepository]). github.com and gist.github.com always
//     exist; [Server.AddHost] adds more. All but the gist servers have a REST API;
//     for github.com it is on api.github.com.
//   - Other forges, with users and passwords ([Server.AddOpaqueHost]).
//   - All other hosts. They ask for a password, as a hostile host would, and always
//     reject it.
//
// The server logs every request to every host with the names of the tokens in
// it. So a test can check which hosts received a token. The secrets are in no
// log, error or exported field.
package githubtest

import (
	"bytes"
	"cmp"
	"context"
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
	"time"
)

// A Server is created by [NewServer]. Its methods may be called from several
// goroutines and while requests are served. A change applies to later requests.
type Server struct {
	CAFile   string // certificate of the authority for all hosts, PEM
	ProxyURL string // http://127.0.0.1:PORT, for all hosts and ports
	URL      string // https://127.0.0.1:PORT, without the proxy; it is a separate host

	dir       string // absolute path
	backend   string // git-http-backend
	errorLog  *os.File
	authority *authority
	servers   []*http.Server
	tunnels   *tunnels
	ticketKey []byte         // key for the tickets of Git LFS
	serving   sync.WaitGroup // the loops of the servers and the running requests

	mu           sync.Mutex
	closed       bool
	hosts        map[string]http.Handler // by host
	repositories map[repositoryKey]*repository
	policies     map[repositoryKey]Policy // by owner
	limits       map[limitKey]*limit
	moved        map[repositoryKey]*repository // by an old path
	tokens       map[string]*token             // by secret
	requests     []Request
	seen         map[string][]string // tokens by host, in the order of arrival
	unknown      map[[32]byte]string // names of unknown secrets, by digest
	faults       []*fault
	delays       []delay

	lastRepository int // the ID of the newest repository
}

// NewServer starts a server. Its repositories, Git LFS objects and the
// certificate of its authority are in dir. The folder must exist and be empty,
// and Close does not remove it. Git must be installed.
func NewServer(dir string) (*Server, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("githubtest: %v", err)
	}
	backend, err := findBackend()
	if err != nil {
		return nil, fmt.Errorf("githubtest: %v", err)
	}
	s := &Server{
		CAFile:       filepath.Join(dir, "ca.pem"),
		dir:          dir,
		backend:      backend,
		tunnels:      newTunnels(),
		ticketKey:    make([]byte, 32),
		hosts:        make(map[string]http.Handler),
		repositories: make(map[repositoryKey]*repository),
		policies:     make(map[repositoryKey]Policy),
		limits:       make(map[limitKey]*limit),
		moved:        make(map[repositoryKey]*repository),
		tokens:       make(map[string]*token),
		seen:         make(map[string][]string),
		unknown:      make(map[[32]byte]string),
	}
	rand.Read(s.ticketKey) // never fails
	if s.authority, err = newAuthority(s.CAFile); err != nil {
		return nil, fmt.Errorf("githubtest: %v", err)
	}
	if err := s.layOut(); err != nil {
		return nil, fmt.Errorf("githubtest: %v", err)
	}
	s.AddHost("github.com")
	s.AddHost("gist.github.com")
	if err := s.listen(); err != nil {
		s.errorLog.Close()
		return nil, fmt.Errorf("githubtest: %v", err)
	}
	return s, nil
}

// findBackend asks Git where its CGI program is, because it is not in the PATH.
func findBackend() (string, error) {
	out, err := exec.Command("git", "--exec-path").Output()
	if err != nil {
		return "", fmt.Errorf("git --exec-path: %v", err)
	}
	return exec.LookPath(filepath.Join(strings.TrimSpace(string(out)), "git-http-backend"))
}

func (s *Server) layOut() error {
	for _, name := range []string{"home", "lfs", "repositories", "template"} {
		if err := os.Mkdir(filepath.Join(s.dir, name), 0o700); err != nil {
			return err
		}
	}
	config := filepath.Join(s.dir, "template", "config")
	if err := os.WriteFile(config, []byte(repositoryConfig), 0o600); err != nil {
		return err
	}
	var err error
	s.errorLog, err = os.Create(filepath.Join(s.dir, "http-backend.log"))
	return err
}

func (s *Server) listen() error {
	direct, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	proxy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		direct.Close()
		return err
	}
	s.URL = "https://" + direct.Addr().String()
	s.ProxyURL = "http://" + proxy.Addr().String()

	// In many tests the client rejects our certificate and reports it, so do
	// not log that here.
	silent := log.New(io.Discard, "", 0)
	secure := &http.Server{
		Handler:     s.counted(s.serveSecure),
		TLSConfig:   s.authority.config(),
		ConnContext: rememberTarget,
		ErrorLog:    silent,
	}
	plain := &http.Server{
		Handler:  s.counted(s.serveProxy),
		ErrorLog: silent,
	}
	s.servers = []*http.Server{plain, secure}
	s.serving.Go(func() { plain.Serve(proxy) })
	s.serving.Go(func() { secure.ServeTLS(direct, "", "") })
	s.serving.Go(func() { secure.ServeTLS(s.tunnels, "", "") })
	return nil
}

// counted lets Close wait for running requests; net/http does not.
func (s *Server) counted(serve http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		if s.closed {
			s.mu.Unlock()
			return
		}
		s.serving.Add(1)
		s.mu.Unlock()
		defer s.serving.Done()
		serve(w, r)
	})
}

// Close ends running requests and waits for them. After that, the folder can be
// removed, and the log of requests can still be read.
func (s *Server) Close() {
	s.mu.Lock()
	first := !s.closed
	s.closed = true
	s.mu.Unlock()
	if first {
		s.tunnels.Close()
		for _, server := range s.servers {
			server.Close()
		}
	}
	s.serving.Wait()
	if first {
		s.errorLog.Close()
	}
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

// AddHost adds a host that behaves like GitHub. If its name begins with
// "gist.", it is the gist server of the host without "gist.", and accepts that
// host's tokens. A port is part of the name unless it is 443. The REST API is
// on api.TENANT.ghe.com for TENANT.ghe.com, and otherwise below /api/v3/ on the
// same host, as on Enterprise Server. Adding a host twice has no effect.
// AddHost panics if the host, or the host of its REST API, already exists as
// another kind of host.
func (s *Server) AddHost(name string) {
	name = canonicalHost(name)
	s.mu.Lock()
	defer s.mu.Unlock()
	if h, ok := s.hosts[name]; ok {
		if f, ok := h.(*forge); !ok || f.logins != nil {
			panic("githubtest: " + name + " is already another kind of host")
		}
		return
	}
	f := &forge{s: s, name: name, realm: "GitHub"}
	f.judge = f.judgeAsGitHub
	switch api := restHost(name); {
	case f.gists():
	case api == "":
		f.rest = &restAPI{f: f, base: enterpriseBase}
	case s.hosts[api] != nil:
		panic("githubtest: " + api + " is already another kind of host")
	default:
		s.hosts[api] = &restAPI{f: f}
	}
	s.hosts[name] = f
}

// AddOpaqueHost adds a forge without tokens. The user may read and write all
// its repositories with the password. The path of a repository may have any
// number of segments. The name of the login in the log is user@host. Another
// call for the host adds a login or changes its password. AddOpaqueHost panics
// if the host already behaves like GitHub.
func (s *Server) AddOpaqueHost(name, user, password string) {
	name = canonicalHost(name)
	s.mu.Lock()
	defer s.mu.Unlock()
	f := &forge{s: s, name: name, realm: "Git", logins: make(map[string]string)}
	f.judge = f.judgeAsOther
	if h, ok := s.hosts[name]; ok {
		if f, ok = h.(*forge); !ok || f.logins == nil {
			panic("githubtest: " + name + " is already another kind of host")
		}
	}
	f.logins[user] = password
	s.hosts[name] = f
}

// serveSecure answers requests over TLS, direct or through the proxy.
func (s *Server) serveSecure(w http.ResponseWriter, r *http.Request) {
	// A secret goes to the host of the connection, which may differ from the
	// host in the request.
	host := canonicalHost(r.Host)
	target, _ := r.Context().Value(targetKey{}).(string)
	target = cmp.Or(target, host)

	s.mu.Lock()
	h := s.hosts[target]
	if f, ok := h.(*forge); ok && f.rest != nil && strings.HasPrefix(r.URL.EscapedPath(), f.rest.base+"/") {
		h = f.rest
	}
	s.mu.Unlock()
	switch {
	case target != host:
		rec := s.record(w, r, target, nil)
		http.Error(rec, "Misdirected Request", http.StatusMisdirectedRequest)
	case h != nil:
		var body []byte
		if _, ok := h.(*restAPI); ok {
			body, _ = io.ReadAll(io.LimitReader(r.Body, maxRESTBody))
			r.Body = io.NopCloser(bytes.NewReader(body))
		}
		rec := s.record(w, r, target, body)
		if s.wait(r, target) {
			h.ServeHTTP(rec, r)
		}
		if rec.cut {
			panic(http.ErrAbortHandler) // there is no body to cut short
		}
	default:
		s.serveStranger(w, r, target)
	}
}

// serveStranger answers requests to an unregistered host.
func (s *Server) serveStranger(w http.ResponseWriter, r *http.Request, host string) {
	// The body may contain a token too. 1 MiB is more than any client sends
	// before it is accepted.
	body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	rec := s.record(w, r, host, body)
	if s.wait(r, host) {
		rec.Header().Set("WWW-Authenticate", `Basic realm="`+host+`"`)
		writeText(rec, http.StatusUnauthorized, "Authentication required.")
	}
}

// wait delays a request as [Server.Delay] requires. It returns false if the
// client closes the connection first.
func (s *Server) wait(r *http.Request, host string) bool {
	for began := time.Now(); time.Since(began) < s.delayFor(host, r.URL.Path); {
		select {
		case <-time.After(5 * time.Millisecond): // the delay may have been ended
		case <-r.Context().Done():
			return false
		}
	}
	return true
}

// writeText answers with plain text, the only type of body that Git shows.
func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	io.WriteString(w, text)
}

// canonicalHost returns a host in lower case, without a dot at the end and
// without port 443.
func canonicalHost(authority string) string {
	host, port, err := net.SplitHostPort(authority)
	if err != nil {
		host, port = strings.Trim(authority, "[]"), ""
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port == "" || port == "443" {
		return host
	}
	return host + ":" + port
}

type targetKey struct{}

// rememberTarget stores the target of a connection in the context of its
// requests.
func rememberTarget(ctx context.Context, c net.Conn) context.Context {
	if wrapped, ok := c.(interface{ NetConn() net.Conn }); ok {
		c = wrapped.NetConn()
	}
	if t, ok := c.(*tunnel); ok {
		return context.WithValue(ctx, targetKey{}, t.target)
	}
	return ctx
}
