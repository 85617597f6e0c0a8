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

// A Request is what the log keeps of one. It holds no secret: wherever one
// stood, in the path too, is "***".
type Request struct {
	Time   time.Time
	Host   string // in lower case; with the port unless it is 443, so ":80" is in the clear
	Method string
	Path   string // as it came, not decoded
	Query  string
	Login  string // the username that was sent

	// Token is the ID of the token that came with it, in whatever header or
	// part of the URL; empty if none did. Those in the body count for the
	// REST API and for hosts that nobody registered. A secret that nobody
	// issued is "unknown-1", the next "unknown-2", the same each time.
	// Several are separated by commas.
	Token string

	Status int // 0: not answered yet, or never
	TLS    bool
}

// Requests returns the log so far, in the order the requests came. A connection
// through the proxy is not in it, only what was asked over it, unless a
// secret came with the CONNECT itself.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// SecretsSeenBy returns the IDs of the tokens that reached a host, named as in
// [Request.Host], each once, in the order they came. Unknown secrets are among
// them under the names of [Request.Token]; an empty password is none.
func (s *Server) SecretsSeenBy(host string) []string {
	host = canonicalHost(host)
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.seen[host])
}

// WriteLog writes the log so far to a file, in place of what was there: a line
// for each request, "HOST METHOD PATH?QUERY token=ID STATUS", with "-" for no
// token.
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

// A credential is what a request logs in with.
type credential struct {
	given          bool
	basic          bool // else it is a password alone, of some other scheme
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

// record puts a request in the log and returns the writer that adds its
// status. It is there before anything is answered: a client may look as soon
// as it has its answer.
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

// tokensIn names the secrets of a request. Known tokens are looked for
// everywhere, other secrets only where one logs in. The caller holds s.mu.
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
	slices.Sort(found) // maps have no order
	for _, id := range found {
		add(id)
	}
	return ids
}

// nameOf names the secret of a login: a token's ID, a login of another forge,
// or the name of an unknown one. The caller holds s.mu.
func (s *Server) nameOf(c credential, host string) string {
	if t := s.tokens[c.password]; t != nil {
		return t.ID
	}
	if t := s.tokens[c.user]; t != nil {
		return t.ID
	}
	if c.password == "" {
		// What curl tries first if the URL has a username.
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
	// A password of one forge that another host is shown. The least name
	// is taken so that the answer does not change if two have the same.
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

// tokenLike finds what looks like a token of GitHub's, also if nobody issued
// it. That it takes the name of a commit for one does no harm.
var tokenLike = regexp.MustCompile(`gh[a-z]_[A-Za-z0-9._-]{20,}|github_pat_[A-Za-z0-9_]{20,}|\b[0-9a-f]{40}\b`)

// hideSecrets is for parts that are no place for a secret. The caller holds
// s.mu.
func (s *Server) hideSecrets(text string) string {
	for secret := range s.tokens {
		text = strings.ReplaceAll(text, secret, "***")
	}
	return tokenLike.ReplaceAllString(text, "***")
}

// A recorder notes the status of an answer before the client can see it.
type recorder struct {
	http.ResponseWriter
	s     *Server
	index int
	done  bool

	cut    bool // the answer is to be cut short, and has not been yet
	status int  // of an answer that is to be cut, until its body comes
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

// Unwrap is for [http.ResponseController].
func (rec *recorder) Unwrap() http.ResponseWriter { return rec.ResponseWriter }

func (s *Server) errorLogger() *log.Logger { return log.New(s.errorLog, "", log.LstdFlags) }
