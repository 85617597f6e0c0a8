package githubtest

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"log"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A Request is a request in the log. It contains no secret: every secret is
// replaced by "***", also in the path.
type Request struct {
	Time   time.Time
	Host   string // in lower case, with the port unless it is 443; ":80" means without TLS
	Method string
	Path   string // not decoded
	Query  string
	Login  string // the user name in the request

	// Token is the ID of the token in the request, in any header or part of the
	// URL, or "" if there is none. For the REST API and unregistered hosts, the
	// body is searched too. An unknown secret is "unknown-1", the next one
	// "unknown-2"; the same secret always has the same name. Several IDs are
	// separated by commas.
	Token string

	Status int // 0 if there is no answer yet, or never
	TLS    bool
}

// Requests returns the log, in the order in which the requests arrived. A
// CONNECT to the proxy is in it only if it contains a secret; the requests over
// the connection always are.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// SecretsSeenBy returns the IDs of the tokens that a host has received, each
// once, in the order in which they arrived. The host is named as in
// [Request.Host]. Unknown secrets are included, with their names of
// [Request.Token]. An empty password is not a secret.
func (s *Server) SecretsSeenBy(host string) []string {
	host = canonicalHost(host)
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.seen[host])
}

// WriteLog writes the log to a file and replaces its content. Each request is a
// line "HOST METHOD PATH?QUERY token=ID STATUS", with "-" if there is no token.
func (s *Server) WriteLog(path string) error {
	var out bytes.Buffer
	for _, r := range s.Requests() {
		where, token := cmp.Or(r.Path, "-"), cmp.Or(r.Token, "-")
		if r.Query != "" {
			where += "?" + r.Query
		}
		fmt.Fprintf(&out, "%s %s %s token=%s %d\n", r.Host, r.Method, where, token, r.Status)
	}
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		return fmt.Errorf("githubtest: %v", err)
	}
	return nil
}

// A credential is the login of a request.
type credential struct {
	given          bool
	basic          bool // Basic authentication; else another scheme, with only a password
	user, password string
}

func credentialOf(r *http.Request) credential {
	return parseCredential(r.Header.Get("Authorization"))
}

func parseCredential(header string) credential {
	if header == "" {
		return credential{}
	}
	scheme, rest, _ := strings.Cut(header, " ")
	rest = strings.TrimSpace(rest)
	if strings.EqualFold(scheme, "basic") {
		if decoded, err := base64.StdEncoding.DecodeString(rest); err == nil {
			user, password, _ := strings.Cut(string(decoded), ":")
			return credential{given: true, basic: true, user: user, password: password}
		}
	}
	return credential{given: true, password: rest}
}

// record adds a request to the log and returns a writer that adds the status to
// it. This happens before the answer, because a client may read the log as soon
// as it has the answer.
func (s *Server) record(w http.ResponseWriter, r *http.Request, host string, body []byte) *recorder {
	s.mu.Lock()
	defer s.mu.Unlock()
	tokens := s.tokensIn(r, host, body)
	for _, id := range tokens {
		if !slices.Contains(s.seen[host], id) {
			s.seen[host] = append(s.seen[host], id)
		}
	}
	s.requests = append(s.requests, Request{
		Time:   time.Now(),
		Host:   host,
		Method: r.Method,
		Path:   s.hideSecrets(r.URL.EscapedPath()),
		Query:  s.hideSecrets(r.URL.RawQuery),
		Login:  s.hideSecrets(credentialOf(r).user),
		Token:  strings.Join(tokens, ","),
		TLS:    r.TLS != nil,
	})
	return &recorder{ResponseWriter: w, s: s, index: len(s.requests) - 1}
}

// tokensIn returns the names of the secrets in a request. It looks for known
// tokens everywhere, and for other secrets only in the login. The caller holds
// s.mu.
func (s *Server) tokensIn(r *http.Request, host string, body []byte) []string {
	var ids []string
	add := func(id string) {
		if id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	head := []string{r.URL.RequestURI()}
	for _, values := range r.Header {
		head = append(head, values...)
	}
	for _, name := range []string{"Authorization", "Proxy-Authorization"} {
		for _, value := range r.Header.Values(name) {
			c := parseCredential(value)
			head = append(head, c.user, c.password)
			if c.given && !s.isTicket(r, host) {
				add(s.nameOf(c, host))
			}
		}
	}
	var found []string
	for secret, t := range s.tokens {
		if slices.ContainsFunc(head, func(h string) bool { return strings.Contains(h, secret) }) ||
			bytes.Contains(body, []byte(secret)) {
			found = append(found, t.ID)
		}
	}
	slices.Sort(found) // a map has no order
	for _, id := range found {
		add(id)
	}
	return ids
}

// nameOf returns the name of the secret in a login: the ID of a token, a login
// of another forge, or the name of an unknown secret. The caller holds s.mu.
func (s *Server) nameOf(c credential, host string) string {
	if t := s.tokens[c.password]; t != nil {
		return t.ID
	}
	if t := s.tokens[c.user]; t != nil {
		return t.ID
	}
	if c.password == "" {
		// curl first sends an empty password if the URL has a user name.
		if !tokenLike.MatchString(c.user) {
			return ""
		}
		c.password = c.user
	}
	if f, ok := s.hosts[host].(*forge); ok {
		if password, ok := f.logins[c.user]; ok && password == c.password {
			return c.user + "@" + f.name
		}
	}
	// The password may belong to another forge. If two forges have the same
	// one, take the name that is first in the alphabet, to get the same result
	// each time.
	least := ""
	for _, h := range s.hosts {
		f, ok := h.(*forge)
		if !ok {
			continue
		}
		for user, password := range f.logins {
			if name := user + "@" + f.name; password == c.password && (least == "" || name < least) {
				least = name
			}
		}
	}
	if least != "" {
		return least
	}
	digest := sha256.Sum256([]byte(c.password))
	if s.unknown[digest] == "" {
		s.unknown[digest] = fmt.Sprintf("unknown-%d", len(s.unknown)+1)
	}
	return s.unknown[digest]
}

// tokenLike matches everything that looks like a token of GitHub, even if no
// server knows it. It also matches the hash of a commit, which does no harm.
var tokenLike = regexp.MustCompile(`gh[a-z]_[A-Za-z0-9._-]{20,}|github_pat_[A-Za-z0-9_]{20,}|\b[0-9a-f]{40}\b`)

// hideSecrets replaces secrets in parts of a request that should contain none.
// The caller holds s.mu.
func (s *Server) hideSecrets(text string) string {
	for secret := range s.tokens {
		text = strings.ReplaceAll(text, secret, "***")
	}
	return tokenLike.ReplaceAllString(text, "***")
}

// A recorder adds the status to the log before the client receives it.
type recorder struct {
	http.ResponseWriter
	s     *Server
	index int
	done  bool

	cut    bool // the answer must still be cut short
	status int  // the status of an answer to cut short, until its body is written
}

func (rec *recorder) sent(status int) {
	if rec.done {
		return
	}
	rec.done = true
	rec.s.mu.Lock()
	rec.s.requests[rec.index].Status = status
	rec.s.mu.Unlock()
}

func (rec *recorder) WriteHeader(status int) {
	if rec.cut {
		rec.status = status
		return
	}
	rec.sent(status)
	rec.ResponseWriter.WriteHeader(status)
}

func (rec *recorder) Write(p []byte) (int, error) {
	if rec.cut {
		rec.cut = false
		rec.WriteHeader(cmp.Or(rec.status, http.StatusOK))
		rec.ResponseWriter.Write(p[:len(p)/2])
		http.NewResponseController(rec.ResponseWriter).Flush()
		panic(http.ErrAbortHandler)
	}
	rec.sent(http.StatusOK)
	return rec.ResponseWriter.Write(p)
}

// Unwrap is called by [http.ResponseController].
func (rec *recorder) Unwrap() http.ResponseWriter { return rec.ResponseWriter }

func (s *Server) errorLogger() *log.Logger { return log.New(s.errorLog, "", log.LstdFlags) }
