package githubtest

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// enterpriseBase is the path of the REST API on an Enterprise Server.
const enterpriseBase = "/api/v3"

const (
	maxRESTBody   = 1 << 20 // bytes of a body that are read
	maxRevocation = 1000    // credentials in one call
)

// Rate limits of a host, in requests per hour.
const (
	anonymousLimit = 60
	userLimit      = 5000
)

// apiVersions lists the versions that a request may ask for.
var apiVersions = []string{"2022-11-28", "2026-03-10"}

// A restAPI is the REST API of a forge that behaves like GitHub. It is on its
// own host, or on the host of the forge below base.
type restAPI struct {
	f    *forge
	base string // enterpriseBase, or "" if the API has its own host
}

// restHost returns the host of the REST API of a host, or "" if it is the same
// host, as on Enterprise Server.
func restHost(name string) string {
	tenant, ok := strings.CutSuffix(name, ".ghe.com")
	if name == "github.com" || ok && tenant != "" && !strings.Contains(tenant, ".") {
		return "api." + name
	}
	return ""
}

// An answer is an answer of the API before it is sent. Its headers are already
// set, except those that depend on the status.
type answer struct {
	status int
	body   any    // nil if there is none
	act    func() // the effect of the request, called with s.mu held; may be nil
}

// ServeHTTP answers a request that is already in the log.
func (a *restAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.UserAgent() == "" {
		// GitHub's proxy in front of the API sends this, not as JSON.
		writeText(w, http.StatusForbidden, "Request forbidden by administrative rules. "+
			"Please make sure your request has a User-Agent header.\n")
		return
	}
	s := a.f.s
	s.mu.Lock()
	reply := a.answer(w.Header(), r)
	s.mu.Unlock()
	if reply.status < http.StatusBadRequest {
		refuse := func(w http.ResponseWriter, no *refusal) {
			if no.status == http.StatusTooManyRequests {
				w.Header().Set("Retry-After", "60")
			}
			writeJSON(w, no.status, a.problem(no.text))
		}
		if s.meetFault(w, r, canonicalHost(r.Host), refuse) {
			return
		}
		if reply.act != nil {
			s.mu.Lock()
			reply.act()
			s.mu.Unlock()
		}
	}
	if reply.body == nil {
		w.WriteHeader(reply.status)
		return
	}
	writeJSON(w, reply.status, reply.body)
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}

// problem returns the body of a refusal.
func (a *restAPI) problem(message string) map[string]string {
	documentation := "https://docs.github.com/rest"
	if a.base != "" {
		documentation = "https://docs.github.com/enterprise-server/rest"
	}
	return map[string]string{"message": message, "documentation_url": documentation}
}

func (a *restAPI) refuse(status int, message string) answer {
	return answer{status: status, body: a.problem(message)}
}

func (a *restAPI) notFound() answer { return a.refuse(http.StatusNotFound, "Not Found") }

func (a *restAPI) anonymous() answer {
	return a.refuse(http.StatusUnauthorized, "Requires authentication")
}

// answer returns the answer to a request. The request has no effect yet, except
// that it counts for the rate limit. The caller holds s.mu.
func (a *restAPI) answer(header http.Header, r *http.Request) answer {
	if v := r.Header.Get("X-GitHub-Api-Version"); v != "" && !slices.Contains(apiVersions, v) {
		return a.refuse(http.StatusBadRequest, "The requested API version is not supported.")
	}
	t, bad := a.tokenOf(r)
	if bad {
		// An invalid token is rejected even for public data.
		return a.refuse(http.StatusUnauthorized, "Bad credentials")
	}
	if t != nil {
		t.describe(header)
	}
	if no := a.spend(header, t); no != "" {
		return a.refuse(http.StatusForbidden, no)
	}

	path := strings.TrimPrefix(r.URL.EscapedPath(), a.base+"/")
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	// A path with a slash at the end does not exist.
	switch method + " " + path {
	case "GET user":
		return a.user(t)
	case "GET user/repos":
		return a.userRepositories(header, r, t)
	case "GET installation/repositories":
		return a.installationRepositories(header, r, t)
	case "DELETE installation/token":
		if t == nil {
			return a.anonymous()
		}
		if t.Kind != AppInstallation {
			return a.refuse(http.StatusForbidden, "Resource not accessible by personal access token")
		}
		return answer{status: http.StatusNoContent, act: func() { t.revoked = true }}
	case "POST credentials/revoke":
		return a.revoke(r, t)
	}
	if name, ok := strings.CutPrefix(path, "repos/"); ok && method == http.MethodGet {
		// A wiki is a repository only for Git, not for the API.
		if strings.Count(name, "/") != 1 || strings.HasSuffix(name, ".git") || strings.HasSuffix(name, ".wiki") {
			return a.notFound()
		}
		return a.repository(header, r, t, a.f.findLocked(name))
	}
	if id, ok := strings.CutPrefix(path, "repositories/"); ok && method == http.MethodGet {
		for _, candidate := range a.f.s.repositories {
			if candidate.Host == a.f.name && strconv.Itoa(candidate.id) == id {
				return a.repository(header, r, t, a.f.findLocked(candidate.path()))
			}
		}
	}
	return a.notFound()
}

// tokenOf returns the token of a request, or nil if there is none. bad is true
// if the token is invalid. The caller holds s.mu.
func (a *restAPI) tokenOf(r *http.Request) (t *token, bad bool) {
	c := credentialOf(r)
	if !c.given {
		return nil, false
	}
	if c.basic {
		t = a.f.s.validToken(c, a.f.name)
		return t, t == nil
	}
	scheme, _, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if strings.EqualFold(scheme, "bearer") || strings.EqualFold(scheme, "token") {
		t = a.f.s.tokens[c.password]
	}
	if t == nil || !t.live(a.f.name) {
		return nil, true
	}
	return t, false
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
	if t.Expires.IsZero() {
		return
	}
	const name = "GitHub-Authentication-Token-Expiration"
	switch t.Kind {
	case Classic:
		header.Set(name, t.Expires.UTC().Format("2006-01-02 15:04:05 UTC"))
	case FineGrained:
		header.Set(name, t.Expires.Format("2006-01-02 15:04:05 -0700"))
	}
}

// A limitKey is a user of a host. An empty login stands for requests without a
// token.
type limitKey struct{ host, login string }

type limit struct {
	total, left int
	reset       time.Time
}

// SetRateLimit sets how many more requests a user may send to the REST API of a
// host in the next hour, with all tokens together. An empty login stands for
// requests without a token. By default the limit is 60 requests without a token
// and 5,000 for each user. An Enterprise Server has no limit by default.
func (s *Server) SetRateLimit(host, login string, left int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	host = canonicalHost(host)
	if api, ok := s.hosts[host].(*restAPI); ok {
		host = api.f.name // the host may be that of the API or of the forge
	}
	key := limitKey{host, strings.ToLower(login)}
	s.limits[key] = newLimit(login)
	s.limits[key].left = left
}

func newLimit(login string) *limit {
	total := userLimit
	if login == "" {
		total = anonymousLimit
	}
	return &limit{total: total, left: total, reset: time.Now().Add(time.Hour)}
}

// spend counts a request. It returns a message if the limit is exceeded. The
// caller holds s.mu.
func (a *restAPI) spend(header http.Header, t *token) (no string) {
	login := ""
	if t != nil {
		login = t.Login
	}
	limits, key := a.f.s.limits, limitKey{a.f.name, strings.ToLower(login)}
	if limits[key] == nil && a.base != "" {
		return ""
	}
	if limits[key] == nil || time.Now().After(limits[key].reset) {
		limits[key] = newLimit(login)
	}
	l := limits[key]
	switch {
	case l.left > 0:
		l.left--
	case t == nil:
		no = "API rate limit exceeded for 127.0.0.1."
	default:
		no = fmt.Sprintf("API rate limit exceeded for user ID %d.", numberOf(login))
	}
	header.Set("X-RateLimit-Limit", strconv.Itoa(l.total))
	header.Set("X-RateLimit-Remaining", strconv.Itoa(l.left))
	header.Set("X-RateLimit-Reset", strconv.FormatInt(l.reset.Unix(), 10))
	header.Set("X-RateLimit-Resource", "core")
	return no
}

// numberOf returns the ID that a name has at GitHub. It is made up, but the
// same in every run.
func numberOf(name string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(strings.ToLower(name)))
	return h.Sum32()>>1 + 1
}

func (a *restAPI) user(t *token) answer {
	switch {
	case t == nil:
		return a.anonymous()
	case t.Kind == AppInstallation:
		return a.refuse(http.StatusForbidden, "Resource not accessible by integration")
	}
	return answer{status: http.StatusOK, body: a.account(t.Login)}
}

func (a *restAPI) account(login string) map[string]any {
	return map[string]any{
		"login":    login,
		"id":       numberOf(login),
		"html_url": "https://" + a.f.name + "/" + login,
	}
}

// entry returns a repository as it is in an answer. It has no "permissions",
// because GitHub's value of it for a token is unknown.
func (a *restAPI) entry(r *repository) map[string]any {
	visibility := "public"
	if r.Private {
		visibility = "private"
	}
	page := "https://" + a.f.name + "/" + r.path()
	return map[string]any{
		"id":             r.id,
		"name":           r.Name,
		"full_name":      r.path(),
		"owner":          a.account(r.Owner),
		"private":        r.Private,
		"visibility":     visibility,
		"html_url":       page,
		"clone_url":      page + ".git",
		"default_branch": "main",
	}
}

// repository answers a request for one repository. The caller holds s.mu.
func (a *restAPI) repository(header http.Header, r *http.Request, t *token, to target) answer {
	if !to.known {
		return a.notFound()
	}
	read := !to.Private
	if t != nil {
		read, _ = t.rights(to)
	}
	if !read {
		return a.notFound()
	}
	if t != nil {
		if no := a.f.s.vetoOf(t, to, false); no != nil {
			if no.sso != "" {
				header.Set("X-GitHub-SSO", "required; url="+no.sso)
			}
			return a.refuse(http.StatusForbidden, no.rest)
		}
	}
	found := a.f.s.repositories[keyOf(a.f.name, to.path())]
	if to.moved {
		// GitHub redirects to the ID, which does not change, and not to the
		// name.
		location := fmt.Sprintf("https://%s%s/repositories/%d", r.Host, a.base, found.id)
		header.Set("Location", location)
		body := a.problem("Moved Permanently")
		body["url"] = location
		return answer{status: http.StatusMovedPermanently, body: body}
	}
	return answer{status: http.StatusOK, body: a.entry(found)}
}

// userRepositories lists the repositories of the user; private ones only if the
// token has access. The caller holds s.mu.
func (a *restAPI) userRepositories(header http.Header, r *http.Request, t *token) answer {
	switch {
	case t == nil:
		return a.anonymous()
	case t.Kind == AppInstallation:
		return a.refuse(http.StatusForbidden, "Resource not accessible by integration")
	}
	visibility := r.URL.Query().Get("visibility")
	var withheld []string // organizations that require single sign-on
	list := a.entries(func(r *repository) bool {
		if visibility == "private" && !r.Private || visibility == "public" && r.Private {
			return false
		}
		to := target{Repository: r.Repository, known: true}
		if read, _ := t.rights(to); !read || !r.Private && !t.reaches(r.Owner) {
			return false
		}
		no := a.f.s.vetoOf(t, to, false)
		if no != nil && no.sso != "" {
			withheld = append(withheld, fmt.Sprint(numberOf(r.Owner)))
		}
		return no == nil
	})
	if slices.Sort(withheld); len(withheld) > 0 {
		header.Set("X-GitHub-SSO", "partial-results; organizations="+strings.Join(slices.Compact(withheld), ","))
	}
	return answer{status: http.StatusOK, body: a.page(header, r, list)}
}

// installationRepositories lists the repositories of an app installation. The
// caller holds s.mu.
func (a *restAPI) installationRepositories(header http.Header, r *http.Request, t *token) answer {
	switch {
	case t == nil:
		return a.anonymous()
	case t.Kind != AppInstallation:
		return a.refuse(http.StatusForbidden, "Resource not accessible by personal access token")
	}
	selection := "all"
	if t.Repositories != nil {
		selection = "selected"
	}
	list := a.entries(func(r *repository) bool { return t.selected(r.Repository) })
	return answer{status: http.StatusOK, body: map[string]any{
		"total_count":          len(list),
		"repository_selection": selection,
		"repositories":         a.page(header, r, list),
	}}
}

// entries returns the repositories of the host for which show returns true,
// oldest first. The caller holds s.mu.
func (a *restAPI) entries(show func(*repository) bool) []map[string]any {
	var found []*repository
	for _, r := range a.f.s.repositories {
		if r.Host == a.f.name && show(r) {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(x, y *repository) int { return x.id - y.id })
	list := []map[string]any{} // not nil, which JSON writes as null
	for _, r := range found {
		list = append(list, a.entry(r))
	}
	return list
}

// page returns the page of a list that the request asks for, and sets the Link
// header for the next page.
func (a *restAPI) page(header http.Header, r *http.Request, list []map[string]any) []map[string]any {
	query := r.URL.Query()
	number := func(name string, otherwise, most int) int {
		if n, err := strconv.Atoi(query.Get(name)); err == nil && n > 0 {
			return min(n, most)
		}
		return otherwise
	}
	size, page := number("per_page", 30, 100), number("page", 1, 1<<20)
	from := min((page-1)*size, len(list))
	to := min(from+size, len(list))
	if to < len(list) {
		query.Set("page", strconv.Itoa(page+1))
		next := url.URL{Scheme: "https", Host: r.Host, Path: r.URL.Path, RawQuery: query.Encode()}
		header.Set("Link", fmt.Sprintf("<%s>; rel=\"next\"", &next))
	}
	return list[from:to]
}

// revocable matches the tokens that the revocation API accepts. It ignores all
// others.
var revocable = regexp.MustCompile(`^(github_pat|gh[poru])_`)

// revoke answers a request to revoke tokens. On github.com the request must not
// have a token of its own; on an Enterprise Server it must have one.
func (a *restAPI) revoke(r *http.Request, t *token) answer {
	switch {
	case a.base != "" && t == nil:
		return a.anonymous()
	case a.base == "" && t != nil:
		return a.refuse(http.StatusForbidden, "This endpoint is for requests without authentication.")
	}
	var body struct {
		Credentials []string `json:"credentials"`
	}
	err := json.NewDecoder(r.Body).Decode(&body)
	if err != nil || len(body.Credentials) == 0 || len(body.Credentials) > maxRevocation {
		return a.refuse(http.StatusUnprocessableEntity, "Validation Failed")
	}
	return answer{status: http.StatusAccepted, body: struct{}{}, act: func() {
		for _, secret := range body.Credentials {
			t := a.f.s.tokens[secret]
			if t != nil && t.Host == a.f.name && revocable.MatchString(secret) {
				t.revoked = true
			}
		}
	}}
}
