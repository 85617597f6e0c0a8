package githubtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// userLimit is the rate limit of GitHub for a user, in requests per hour.
const userLimit = 5000

// An answer is an answer of the API before it is sent.
type answer struct {
	status int
	body   any
	act    func() // the effect of the request, called with s.mu held; may be nil
}

// object is an object of JSON.
type object map[string]any

func problem(status int, message string) answer {
	return answer{status: status, body: object{"message": message, "documentation_url": "https://docs.github.com/rest"}}
}

// serveREST answers a call of the REST API of a host.
func (s *Server) serveREST(w http.ResponseWriter, r *http.Request, host, call string) {
	s.mu.Lock()
	reply := s.answer(w.Header(), r, host, call)
	s.mu.Unlock()
	s.send(w, r, reply)
}

// send sends an answer, or has it fail as a fault requires.
func (s *Server) send(w http.ResponseWriter, r *http.Request, reply answer) {
	send := func(w http.ResponseWriter, r *http.Request) {
		if reply.act != nil {
			s.mu.Lock()
			reply.act()
			s.mu.Unlock()
		}
		writeJSON(w, reply.status, reply.body)
	}
	if reply.status >= http.StatusBadRequest {
		send(w, r)
		return
	}
	s.admit(w, r, nil, refuseREST, send)
}

func refuseREST(w http.ResponseWriter, no *refusal) {
	if no.status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "60")
	}
	writeJSON(w, no.status, problem(no.status, no.text).body)
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}

// answer returns the answer to a call. The call has no effect yet, except that
// it counts for the rate limit. The caller holds s.mu.
func (s *Server) answer(header http.Header, r *http.Request, host, call string) answer {
	secret, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	t := s.tokens[secret]
	if bearer && (t == nil || !t.live(host)) {
		return problem(http.StatusUnauthorized, "Bad credentials")
	}
	if call = r.Method + " " + call; call == "POST credentials/revoke" {
		return s.revoke(r, t, host)
	}
	if t == nil {
		return problem(http.StatusUnauthorized, "Requires authentication")
	}
	t.describe(header)
	if !s.spend(header, t) {
		return problem(http.StatusForbidden, "API rate limit exceeded for user ID 1234567.")
	}
	installation := t.Kind == AppInstallation
	switch call {
	case "GET user", "GET user/repos":
		if installation {
			return problem(http.StatusForbidden, "Resource not accessible by integration")
		}
		if call == "GET user" {
			return answer{status: http.StatusOK, body: object{"login": t.Login}}
		}
		return answer{status: http.StatusOK, body: s.privateRepositories(t)}
	case "GET installation/repositories":
		if !installation {
			return problem(http.StatusForbidden, "Resource not accessible by personal access token")
		}
		return answer{status: http.StatusOK, body: object{"repositories": s.privateRepositories(t)}}
	}
	return problem(http.StatusNotFound, "Not Found")
}

// describe sets the headers with which GitHub describes the token.
func (t *token) describe(header http.Header) {
	if t.Kind == Classic || t.Kind == OAuth {
		scopes := t.Scopes
		if scopes == nil {
			scopes = []string{"repo"}
		}
		header.Set("X-OAuth-Scopes", strings.Join(scopes, ", "))
	}
	const name = "GitHub-Authentication-Token-Expiration"
	switch {
	case t.Expires.IsZero():
	case t.Kind == Classic:
		header.Set(name, t.Expires.UTC().Format("2006-01-02 15:04:05 UTC"))
	case t.Kind == FineGrained:
		header.Set(name, t.Expires.Format("2006-01-02 15:04:05 -0700"))
	}
}

// SetRateLimit sets how many more requests a user may send to the REST API of a
// host, with all tokens together. The default is 5000, and no limit on
// Enterprise Server.
func (s *Server) SetRateLimit(host, login string, left int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limits[host+" "+login] = left
}

// spend counts a request. It reports whether the user may send it. The caller
// holds s.mu.
func (s *Server) spend(header http.Header, t *token) bool {
	user := t.Host + " " + t.Login
	left, limited := s.limits[user]
	if !limited {
		if !hasAPIHost(t.Host) {
			return true
		}
		left = userLimit
	}
	s.limits[user] = max(left-1, 0)
	header.Set("X-RateLimit-Limit", strconv.Itoa(userLimit))
	header.Set("X-RateLimit-Remaining", strconv.Itoa(s.limits[user]))
	header.Set("X-RateLimit-Reset", fmt.Sprint(time.Now().Add(time.Hour).Unix()))
	return left > 0
}

// privateRepositories lists the private repositories that the token can access.
// GitHub lists the public ones too, unless the request excludes them. The caller
// holds s.mu.
func (s *Server) privateRepositories(t *token) []object {
	list := []object{} // not nil, which JSON writes as null
	for _, r := range s.repositories {
		read, _ := t.rights(r.Repository)
		if r.Host == t.Host && r.Private && read && !strings.HasSuffix(r.Name, ".wiki") && s.veto(t, r.Repository, false) == "" {
			list = append(list, object{"full_name": r.path(), "owner": object{"login": r.Owner}})
		}
	}
	return list
}

// revocable matches the tokens that the revocation API accepts. It ignores all
// others.
var revocable = regexp.MustCompile(`^(github_pat|gh[poru])_`)

// revoke answers a request to revoke tokens. On github.com the request must not
// have a token of its own; on an Enterprise Server it must have one.
func (s *Server) revoke(r *http.Request, t *token, host string) answer {
	switch {
	case !hasAPIHost(host) && t == nil:
		return problem(http.StatusUnauthorized, "Requires authentication")
	case hasAPIHost(host) && t != nil:
		return problem(http.StatusForbidden, "This endpoint is for requests without authentication.")
	}
	var body struct {
		Credentials []string `json:"credentials"`
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil || len(body.Credentials) == 0 {
		return problem(http.StatusUnprocessableEntity, "Validation Failed")
	}
	return answer{status: http.StatusAccepted, body: object{}, act: func() {
		for _, secret := range body.Credentials {
			if t := s.tokens[secret]; t != nil && t.Host == host && revocable.MatchString(secret) {
				t.revoked = true
			}
		}
	}}
}
