package githubtest

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// An otherForge is how a host behaves that is not GitHub's.
type otherForge struct {
	kind string // GitLab or Gitea
	root string // the path of the server, "" or "/PATH"
}

func (o otherForge) api() string {
	if o.kind == GitLab {
		return o.root + "/api/v4/"
	}
	return o.root + "/api/v1/"
}

// AddForge adds a host that behaves like GitLab or Gitea, which kind says. Its
// tokens have the same kind. root is the path below which the server is, such as
// "/gitlab", or "". It is also the first segment of the owners of its
// repositories. Of the REST API there are the calls about a token itself.
func (s *Server) AddForge(name, kind, root string) {
	s.AddHost(name)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forges[name] = otherForge{kind, root}
}

// Successor returns the secret of the token into which a token was rotated, or "".
func (s *Server) Successor(secret string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.tokens[secret]
	for next, candidate := range s.tokens {
		if t != nil && candidate == t.next {
			return next
		}
	}
	return ""
}

// midnight returns when a token of GitLab ends that is to end on the day of t.
func midnight(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

// serveOther answers a request to a host of AddForge.
func (s *Server) serveOther(w http.ResponseWriter, r *http.Request, host, path string, other otherForge) {
	call, isREST := strings.CutPrefix(path, other.api())
	if !isREST {
		s.serveForge(w, r, host, strings.TrimPrefix(path, "/"))
		return
	}
	s.mu.Lock()
	reply := s.answerGitea(r, host, r.Method+" "+call)
	if other.kind == GitLab {
		reply = s.answerGitLab(r, host, r.Method+" "+call)
	}
	s.mu.Unlock()
	s.send(w, r, reply)
}

// judgeOther is judge for a host of AddForge.
func (s *Server) judgeOther(r *http.Request, to target, write bool, other otherForge) *refusal {
	public := to.dir != "" && !to.Private
	s.mu.Lock()
	defer s.mu.Unlock()
	user, password, basic := r.BasicAuth()
	t := s.tokens[password]
	if other.kind == Gitea && (password == "" || password == "x-oauth-basic") {
		t = s.tokens[user]
	}
	unauthorized := &refusal{http.StatusUnauthorized, "Unauthorized"}
	if other.kind == GitLab {
		unauthorized.text = "HTTP Basic: Access denied."
	}
	if !basic && public && !write {
		return nil
	}
	if t == nil || user == "" || !t.live(canonicalHost(r.Host)) {
		return unauthorized
	}
	mayRead, mayWrite := t.rights(to.Repository)
	switch {
	case !t.hasScope("api", "read_repository", "write_repository", "read:repository", "write:repository"):
		if other.kind == Gitea {
			return &refusal{http.StatusForbidden, lacksScope("read:repository")}
		}
		return unauthorized
	case to.dir == "" || !mayRead && !public:
		return &refusal{http.StatusNotFound, "Not found."}
	case write && !mayWrite && other.kind == Gitea && r.Method == http.MethodGet && t.hasScope("write:repository"):
		return nil // whoever may read may propose changes by a push
	case write && !mayWrite:
		return &refusal{http.StatusForbidden, "You are not allowed to push code to this project."}
	}
	return nil
}

// scopes returns the scopes of a token of another forge.
func (t *token) scopes() []string {
	scopes := t.Scopes
	switch {
	case scopes != nil:
	case t.Kind == GitLab && t.Write:
		scopes = []string{"read_repository", "write_repository"}
	case t.Kind == GitLab:
		scopes = []string{"read_repository"}
	case t.Write:
		scopes = []string{"write:repository"}
	default:
		scopes = []string{"read:repository"}
	}
	return scopes
}

func (t *token) hasScope(any ...string) bool {
	return slices.ContainsFunc(t.scopes(), func(scope string) bool { return slices.Contains(any, scope) })
}

// otherRights is rights for a token of another forge.
func (t *token) otherRights(r Repository) (read, write bool) {
	owner, group := strings.ToLower(r.Owner), strings.ToLower(t.Owner)
	inside := group == "" || owner == group || strings.HasPrefix(owner, group+"/")
	selected := t.Repositories == nil || containsFold(t.Repositories, r.Name)
	may := inside && selected
	return !r.Private || may, may && t.Write && t.hasScope("api", "write_repository", "write:repository")
}

func lacksScope(scope string) string {
	return "token does not have at least one of required scope(s), required=[" + scope + "]"
}

// answerGitea answers a call of Gitea's API. The caller holds s.mu.
func (s *Server) answerGitea(r *http.Request, host, call string) answer {
	secret, _ := strings.CutPrefix(r.Header.Get("Authorization"), "token ")
	t := s.tokens[secret]
	path, isRepository := strings.CutPrefix(call, "GET repos/")
	switch {
	case t == nil || !t.live(host):
		return answer{status: http.StatusUnauthorized, body: object{"message": "token is required"}}
	case isRepository && !t.hasScope("read:repository", "write:repository"):
		return answer{status: http.StatusForbidden, body: object{"message": lacksScope("read:repository")}}
	case isRepository:
		found := s.findLocked(host, strings.TrimPrefix(s.forges[host].root+"/", "/")+path)
		if read, _ := t.rights(found.Repository); found.dir != "" && read {
			return answer{status: http.StatusOK, body: object{"permissions": object{"pull": true, "push": t.Write}}}
		}
		return answer{status: http.StatusNotFound, body: object{"message": "not found"}}
	case call != "GET user":
		return answer{status: http.StatusNotFound, body: object{"message": "not found"}}
	case !t.hasScope("read:user", "write:user", "all"):
		return answer{status: http.StatusForbidden, body: object{"message": lacksScope("read:user")}}
	}
	return answer{status: http.StatusOK, body: object{"id": 1, "login": t.Login}}
}

// answerGitLab answers a call of GitLab's API. The caller holds s.mu.
func (s *Server) answerGitLab(r *http.Request, host, call string) answer {
	t := s.tokens[r.Header.Get("Private-Token")]
	rotates := call == "POST personal_access_tokens/self/rotate"
	switch {
	case t != nil && t.Host == host && t.revoked:
		if rotates { // what was rotated before is taken for stolen
			for next := t.next; next != nil; next = next.next {
				next.revoked = true
			}
		}
		return answer{status: http.StatusUnauthorized, body: object{"error": "invalid_token", "error_description": "Token was revoked. You have to re-authorize from the user."}}
	case t == nil || !t.live(host):
		return answer{status: http.StatusUnauthorized, body: object{"message": "401 Unauthorized"}}
	case call == "GET personal_access_tokens/self":
		return answer{status: http.StatusOK, body: t.self()}
	case !rotates:
		return answer{status: http.StatusNotFound, body: object{"error": "404 Not Found"}}
	case !t.hasScope("api", "self_rotate"):
		return answer{status: http.StatusForbidden, body: object{
			"error": "insufficient_scope", "scope": "api self_rotate",
			"error_description": "The request requires higher privileges than provided by the access token.",
		}}
	}
	return s.rotate(r, t)
}

// rotate answers a call to rotate a token. The old token is dead at once. The caller
// holds s.mu.
func (s *Server) rotate(r *http.Request, t *token) answer {
	today := midnight(time.Now())
	expires := today.AddDate(0, 0, 7)
	if text := r.URL.Query().Get("expires_at"); text != "" {
		var err error
		if expires, err = time.Parse(time.DateOnly, text); err != nil {
			return answer{status: http.StatusBadRequest, body: object{"error": "expires_at is invalid"}}
		}
	}
	if !expires.After(today) || expires.After(today.AddDate(0, 0, 365)) {
		return answer{status: http.StatusBadRequest, body: object{"message": "400 Bad request - Expiration date is not allowed"}}
	}
	secret, err := MintSecret(GitLab)
	if err != nil {
		return answer{status: http.StatusInternalServerError, body: object{"message": "500 Internal Server Error"}}
	}
	fresh := &token{Token: t.Token, created: time.Now()}
	fresh.ID, fresh.Expires = t.ID+"-rotated", expires
	body := fresh.self()
	body["token"] = secret
	return answer{status: http.StatusOK, body: body, act: func() {
		t.revoked, t.next = true, fresh
		s.tokens[secret] = fresh
	}}
}

// self returns what GitLab says of a token.
func (t *token) self() object {
	o := object{
		"id": 1, "name": t.ID, "revoked": false, "active": true, "scopes": t.scopes(), "user_id": 1,
		"created_at": t.created.UTC().Format(time.RFC3339), "last_used_at": nil, "expires_at": nil,
	}
	if !t.Expires.IsZero() {
		o["expires_at"] = t.Expires.Format(time.DateOnly)
	}
	return o
}
