// Package githubtest is a server for tests that treats Git over HTTPS as
// GitHub does: which token may do what, with which status, and with which
// words. It has as much of the REST API as tells of tokens and ends them.
//
// A [Server] plays every host at once. Its proxy takes the connection that Git
// means to open to https://github.com/ and ends it here, with a certificate of
// the server's own authority, so tests and demonstrations use the real URLs.
// Nothing is ever sent beyond the loopback interface, whatever host is named.
//
// Hosts are of three kinds. GitHub's own, which know tokens ([Server.AddToken])
// and repositories ([Server.AddRepository]): github.com and gist.github.com
// from the start, others by [Server.AddHost]; each but the gist servers has the
// REST API, api.github.com for the first. Other forges, which know a user and a
// password ([Server.AddOpaqueHost]). And all the rest, which ask for a
// password, as a thief would, and never let anyone in.
//
// Every request is kept, whatever its host, and with it the names of the tokens
// it carried, so that a test can prove where a token went and where it did not.
// The secrets themselves appear in no log, error or exported field.
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

// A Server is made by [NewServer]. Its methods may be called from several
// goroutines and while requests are served; a change applies to the requests
// that come after it.
type Server struct {
	CAFile   string // certificate of the authority that vouches for every host, PEM
	ProxyURL string // http://127.0.0.1:PORT, for any host and port
	URL      string // https://127.0.0.1:PORT, the same without the proxy; a host of its own

	dir       string // absolute
	backend   string // git-http-backend
	errorLog  *os.File
	authority *authority
	servers   []*http.Server
	tunnels   *tunnels
	ticketKey []byte         // makes tickets for Git LFS
	serving   sync.WaitGroup // the servers' loops and the requests in flight

	mu           sync.Mutex
	closed       bool
	hosts        map[string]http.Handler // one for each registered host
	repositories map[repositoryKey]*repository
	policies     map[repositoryKey]Policy // by owner
	limits       map[limitKey]*limit
	moved        map[repositoryKey]*repository // by a path they had before
	tokens       map[string]*token             // by secret
	requests     []Request
	seen         map[string][]string // tokens by host, in the order they came
	unknown      map[[32]byte]string // names given to unknown secrets, by digest
	faults       []*fault
	delays       []delay

	lastRepository int // the number given last
}

// NewServer starts a server that keeps its repositories, the objects of Git
// LFS and its authority's certificate in dir. The folder must exist and be
// empty; it stays when the server is closed. Git must be installed.
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

// findBackend asks Git where its CGI program is: it is in no PATH.
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

	// Clients that refuse our certificate are part of many tests, and
	// they say so themselves.
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

// counted lets Close wait for the requests in flight: net/http does not.
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

// Close breaks off what is under way and waits until nothing of it runs, so
// that the folder can be removed. The log of requests can be read afterwards.
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

// Env is what a program needs in its environment, NAME=VALUE, to find the
// server behind every URL and to believe its certificates: Git, Git LFS, curl
// and programs written in Go (these except on macOS and Windows, where they
// ask the system about certificates). The proxy for http:// is among it, or a
// request in the clear would leave the machine.
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

// AddHost registers a host that behaves as GitHub does. A name that begins
// with "gist." is a gist server, for the tokens of the host without that word.
// A port is part of the name unless it is 443. Its REST API is a host of its
// own, api.TENANT.ghe.com, for TENANT.ghe.com; for any other it is where
// Enterprise Server has it, under /api/v3/. Adding a host again changes nothing;
// it panics if the name, or that of its REST API, is another kind of host's.
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

// AddOpaqueHost registers another forge, which knows nothing of tokens: user
// and password let in, to every repository of the host, to read and to write.
// Its repositories lie at any depth. The login is named user@host in the log.
// Calling it again adds a login or changes the password; it panics if
// the name is a host of GitHub's kind.
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

// serveSecure answers what came over TLS, directly or through the proxy.
func (s *Server) serveSecure(w http.ResponseWriter, r *http.Request) {
	// Where the client opened its connection to is where the secret went,
	// whatever the request says of itself.
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
			panic(http.ErrAbortHandler) // there was no body to do it in
		}
	default:
		s.serveStranger(w, r, target)
	}
}

// serveStranger answers for a host that nobody registered.
func (s *Server) serveStranger(w http.ResponseWriter, r *http.Request, host string) {
	// A token may leave in a body too; 1 MiB is more than any helper or
	// client sends before it has been let in.
	body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	rec := s.record(w, r, host, body)
	if s.wait(r, host) {
		rec.Header().Set("WWW-Authenticate", `Basic realm="`+host+`"`)
		writeText(rec, http.StatusUnauthorized, "Authentication required.")
	}
}

// wait holds a request up as long as [Server.Delay] said. It reports false if
// the client has gone meanwhile.
func (s *Server) wait(r *http.Request, host string) bool {
	for began := time.Now(); time.Since(began) < s.delayFor(host, r.URL.Path); {
		select {
		case <-time.After(5 * time.Millisecond): // for what may be ended meanwhile
		case <-r.Context().Done():
			return false
		}
	}
	return true
}

// writeText answers in the one content type whose body Git shows to people.
func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	io.WriteString(w, text)
}

// canonicalHost brings the spellings of one server to one: lower case, no dot
// at the end, and no port if it is that of https.
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

// rememberTarget tells the requests of a connection where it was meant to go.
func rememberTarget(ctx context.Context, c net.Conn) context.Context {
	if wrapped, ok := c.(interface{ NetConn() net.Conn }); ok {
		c = wrapped.NetConn()
	}
	if t, ok := c.(*tunnel); ok {
		return context.WithValue(ctx, targetKey{}, t.target)
	}
	return ctx
}
