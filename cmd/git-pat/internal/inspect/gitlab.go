package inspect

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/refusal"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

// gitLab is the API of GitLab ("Personal access tokens API" in its documentation).
// Since GitLab 15.5, the call about the token needs no scope. It also works with the
// tokens of projects and groups, but not with deploy tokens and job tokens.
func gitLab() api {
	return api{path: "/api/v4/", about: "personal_access_tokens/self", header: "Private-Token"}
}

// isGitLabToken reports whether GitLab can be asked about a token itself. An instance
// may give its tokens another prefix, so a token whose forge a person named counts.
func isGitLabToken(r credential.Record) bool {
	return r.On() == forge.GitLab && (r.Kind == forge.GitLabToken || r.Kind == credential.Other && r.Forge == forge.GitLab)
}

// self is what GitLab says about a token.
type self struct {
	ID       int64
	Name     string
	Active   *bool
	Revoked  bool
	Scopes   []string
	Created  string `json:"created_at"`
	Expires  string `json:"expires_at"` // a date, or nothing if the token does not expire
	LastUsed string `json:"last_used_at"`
	Token    string // only of a new token
}

// self asks GitLab about a token.
func (c *Client) self(ctx context.Context, base string, secret credential.Secret) (self, error) {
	var s self
	err := c.call(ctx, http.MethodGet, base+gitLab().about, gitLab(), secret, &s)
	switch {
	case err != nil:
		return self{}, err
	case s.ID == 0:
		return self{}, &refusal.Error{Status: http.StatusOK, Text: "an invalid reply"}
	case s.Revoked, s.Active != nil && !*s.Active:
		return self{}, &refusal.Error{Status: http.StatusUnauthorized, Text: "the token is not active"}
	}
	return s, nil
}

// expiry returns when a token expires. The time is zero and known if the token does
// not expire. Tokens expire at 00:00 UTC of their date ("Personal access tokens", section
// "Access token expiration").
func (s self) expiry() (expires time.Time, known bool) {
	if s.Expires == "" {
		return time.Time{}, true
	}
	expires, err := time.Parse(time.DateOnly, s.Expires)
	return expires, err == nil
}

// may reports whether a token has one of some scopes. A fine-grained token names its
// permissions elsewhere.
func (s self) may(scopes ...string) Answer {
	switch {
	case slices.ContainsFunc(s.Scopes, func(scope string) bool { return slices.Contains(scopes, scope) }):
		return Yes
	case len(s.Scopes) == 0 || slices.Contains(s.Scopes, "granular"):
		return NotKnown
	}
	return No
}

// inspectGitLab completes a report with what GitLab says.
func (c *Client) inspectGitLab(ctx context.Context, report *Report, r credential.Record, secret credential.Secret) {
	report.Rotates = NotKnown
	base, err := c.base(ctx, r, gitLab())
	var s self
	if err == nil {
		s, err = c.self(ctx, base, secret)
	}
	switch {
	case err == nil:
		report.Result, report.Name, report.Scopes, report.Rotates = ResultGood, s.Name, s.Scopes, s.may("api", "self_rotate")
		if expires, known := s.expiry(); known {
			report.Expires, report.ExpiryKnown = expires, true
		}
		report.LastUsed, _ = time.Parse(time.RFC3339, s.LastUsed)
	case IsRejected(err) && r.Kind != forge.GitLabToken: // it may be a password
	case isFinal(err):
		report.refuse(err, r)
		return
	case !isMissing(err):
		report.refuse(err, r)
	}
	c.inspectGit(ctx, report, r, secret)
	if report.Result == ResultGood && !report.fetches() && s.may("api", "read_repository", "write_repository") == No {
		report.Lacks = "read_repository"
	}
}
