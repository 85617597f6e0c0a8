package githubtest

import (
	"bytes"
	"cmp"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
)

// A Request is a request in the log. It contains no secret: every secret is
// replaced by "***", also in the path.
type Request struct {
	Host   string // in lower case, with the port unless it is 443; ":80" means without TLS
	Method string
	Path   string // not decoded
	Query  string

	// Token is the ID of the token in the request, in any header or part of the
	// URL, or "" if there is none. For the REST API and unregistered hosts, the
	// body is searched too. An unknown secret is "unknown". Several IDs are
	// separated by commas.
	Token string

	Status int // 0 if there is no answer yet, or never
}

// Requests returns the log, in the order in which the requests arrived. A
// CONNECT to the proxy is not in it; the requests over the connection are.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// SecretsSeenBy returns the IDs of the tokens that a host has received, each
// once, in the order in which they arrived. An empty password is not a secret.
func (s *Server) SecretsSeenBy(host string) []string {
	var seen []string
	for _, r := range s.Requests() {
		if r.Host != host || r.Token == "" {
			continue
		}
		for id := range strings.SplitSeq(r.Token, ",") {
			if !slices.Contains(seen, id) {
				seen = append(seen, id)
			}
		}
	}
	return seen
}

// WriteLog writes the log to a file and replaces its content. Each request is a
// line "HOST METHOD PATH?QUERY token=ID STATUS", with "-" if there is no token.
func (s *Server) WriteLog(path string) error {
	var out bytes.Buffer
	for _, r := range s.Requests() {
		where := r.Path
		if r.Query != "" {
			where += "?" + r.Query
		}
		fmt.Fprintf(&out, "%s %s %s token=%s %d\n", r.Host, r.Method, where, cmp.Or(r.Token, "-"), r.Status)
	}
	return os.WriteFile(path, out.Bytes(), 0o600)
}

// record adds a request to the log and returns a writer that adds the status to
// it. This happens before the answer, because a client may read the log as soon
// as it has the answer.
func (s *Server) record(w http.ResponseWriter, r *http.Request, host string, body []byte) *recorder {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, Request{
		Host:   host,
		Method: r.Method,
		Path:   s.hideSecrets(r.URL.EscapedPath()),
		Query:  s.hideSecrets(r.URL.RawQuery),
		Token:  s.tokensIn(r, body),
	})
	return &recorder{ResponseWriter: w, s: s, index: len(s.requests) - 1}
}

// tokensIn returns the IDs of the tokens in a request. It looks for known tokens
// everywhere, and for other secrets only in the login. The caller holds s.mu.
func (s *Server) tokensIn(r *http.Request, body []byte) string {
	user, password, basic := r.BasicAuth()
	var text strings.Builder
	fmt.Fprintf(&text, "%s\n%s\n%s\n%s\n", r.URL.RequestURI(), user, password, body)
	r.Header.Write(&text)
	var ids []string
	for secret, t := range s.tokens {
		if strings.Contains(text.String(), secret) {
			ids = append(ids, t.ID)
		}
	}
	header := r.Header.Get("Authorization") + r.Header.Get("Private-Token")
	// curl first sends an empty password if the URL has a user name.
	empty := basic && password == "" && !tokenLike.MatchString(user)
	if len(ids) == 0 && header != "" && header != s.lfsTicket && !empty {
		ids = []string{"unknown"}
	}
	slices.Sort(ids) // a map has no order
	return strings.Join(ids, ",")
}

// tokenLike matches everything that looks like a token of GitHub, GitLab or Gitea, even if no
// server knows it. It also matches the hash of a commit, which does no harm.
var tokenLike = regexp.MustCompile(`glpat-[A-Za-z0-9._-]{20,}|gh[a-z]_[A-Za-z0-9._-]{20,}|github_pat_[A-Za-z0-9_]{20,}|\b[0-9a-f]{40}\b`)

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
	sent  bool
}

func (rec *recorder) WriteHeader(status int) {
	if !rec.sent {
		rec.sent = true
		rec.s.mu.Lock()
		rec.s.requests[rec.index].Status = status
		rec.s.mu.Unlock()
	}
	rec.ResponseWriter.WriteHeader(status)
}

func (rec *recorder) Write(p []byte) (int, error) {
	if !rec.sent {
		rec.WriteHeader(http.StatusOK)
	}
	return rec.ResponseWriter.Write(p)
}

// Unwrap is called by [http.ResponseController].
func (rec *recorder) Unwrap() http.ResponseWriter { return rec.ResponseWriter }
