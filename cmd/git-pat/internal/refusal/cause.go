// Package refusal finds out why a server refused something, as far as its answer
// says.
//
// # What it promises
//
// A reason is read from a text only if the text is known to be GitHub's. For all
// other servers, only the status counts. A [Cause] contains nothing that a server
// wrote, except its error, and names and pages on the host itself. The sentences
// for people are in package view.
package refusal

import (
	"errors"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/github"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

// A Reason is why a server refused something.
type Reason string

const (
	BadToken          Reason = "bad token"           // wrong, expired, deleted or revoked
	NotSelected       Reason = "not selected"        // a fine-grained token without this repository
	NoPush            Reason = "no push"             // may fetch, but not push
	NoWorkflows       Reason = "no workflows"        // may not push files of workflows
	SingleSignOn      Reason = "single sign-on"      // not authorized for an organization
	ClassicForbidden  Reason = "classic forbidden"   // by an organization or enterprise
	LifetimeTooLong   Reason = "lifetime too long"   // by policy
	AddressNotAllowed Reason = "address not allowed" // by an IP allow list
	AppRestricted     Reason = "app restricted"      // an organization wants OAuth apps approved
	NotVisible        Reason = "not visible"         // it does not exist, or the token has no access
	RateLimited       Reason = "rate limited"
	NoPermission      Reason = "no permission"
	SecretInPush      Reason = "secret in push" // push protection
	NoCredential      Reason = "no credential"  // none was sent
	Unknown           Reason = "unknown"

	// NoAnswer means that the server could not be asked. It says nothing about the
	// token.
	NoAnswer Reason = ""
)

// About is what was refused, as far as known.
type About struct {
	Host       string
	Repository string // owner/name, or an owner, or empty
	Kind       credential.Kind
	SSO        string // the page for single sign-on that the server named
}

// Owner returns the owner of the repository, or an empty string.
func (a About) Owner() string {
	owner, _, _ := strings.Cut(a.Repository, "/")
	return owner
}

// A Cause says why a server refused something, and what else its answer says. Of what
// the server wrote, it contains only Err, and names and pages on the host itself.
type Cause struct {
	About
	Reason Reason

	// Organization is the organization or enterprise that refused, else the
	// owner, or an empty string.
	Organization string

	// TokenPage is the page of this token, if the server named it.
	TokenPage string

	// RetryAfter is when the server accepts calls again, if known.
	RetryAfter time.Time

	// Err is an *Error, or why there was no answer. It is nil for a text that Git
	// printed.
	Err error
}

// sign is a stable part of a text, which is GitHub's if no comment says otherwise.
// GitHub does not document its texts; many people saw these. They are matched in
// lower case. The first match counts, so the specific signs come before the general.
type sign struct {
	text   string
	status int // 0: any
	reason Reason
}

var signs = []sign{
	{"forbids access via a fine-grained personal access token", 0, LifetimeTooLong},
	{"token's lifetime is greater than", 0, LifetimeTooLong},
	{"forbids access via a personal access token (classic)", 0, ClassicForbidden},
	{"saml enforcement", 0, SingleSignOn},
	{"enabled or enforced saml sso", 0, SingleSignOn},
	{"ip allow list enabled", 0, AddressNotAllowed},
	{"oauth app access restrictions", 0, AppRestricted},
	{"refusing to allow a personal access token to create or update workflow", 0, NoWorkflows},
	{"refusing to allow an oauth app to create or update workflow", 0, NoWorkflows},
	{"refusing to allow a github app to create or update workflow", 0, NoWorkflows},
	{"push cannot contain secrets", 0, SecretInPush},
	{"github push protection", 0, SecretInPush},
	{"write access to repository not granted", 0, NotSelected},
	{"permission to write to gist denied", 0, NoPush},
	{"permission to ", 0, NoPush}, // Permission to OWNER/REPO.git denied to USER.
	{"you must have push access to verify locks", 0, NoPush},
	{"resource not accessible by", 0, NoPermission},
	{"remote: forbidden", http.StatusForbidden, NoPermission}, // of Gitea 1.26, for a token without the scope
	{"invalid username or token", 0, BadToken},
	{"invalid username or password", 0, BadToken},
	{"support for password authentication was removed", 0, BadToken},
	{"bad credentials", 0, BadToken},
	{"authentication failed for", 0, BadToken},
	{"api rate limit exceeded", 0, RateLimited},
	{"secondary rate limit", 0, RateLimited},
	{"rate limited by", 0, RateLimited},
	{"returned error: 429", 0, RateLimited},
	{"repository not found", 0, NotVisible},
	{"not found", http.StatusNotFound, NotVisible},
	{"could not read username for", 0, NoCredential},
}

// denied matches the only message with variable text in the middle.
var denied = regexp.MustCompile(`(?i)permission to \S+ denied to`)

// Read finds the reason in what a server or Git said. The status is that of HTTP, or
// 0 if it is not known.
func Read(status int, text string) Reason {
	lower := strings.ToLower(text)
	for _, s := range signs {
		if !strings.Contains(lower, s.text) || s.status != 0 && s.status != status {
			continue
		}
		if s.text == "permission to " && !denied.MatchString(text) {
			continue
		}
		return s.reason
	}
	switch status {
	case http.StatusUnauthorized:
		return BadToken
	case http.StatusNotFound:
		return NotVisible
	case http.StatusTooManyRequests:
		return RateLimited
	}
	return Unknown
}

// named finds an organization that a text names between quotes.
var named = regexp.MustCompile("(?:The '|the `|^`)([A-Za-z0-9-]+)['`]|the ([A-Za-z0-9-]+) organization has enabled OAuth")

// tokenPage finds a page of GitHub where a token can be changed.
var tokenPage = regexp.MustCompile(`https://[A-Za-z0-9.-]+/(?:settings/personal-access-tokens|settings/tokens|orgs)/[A-Za-z0-9/-]+`)

// Explain finds the cause in what a server or Git said.
func Explain(status int, text string, about About) Cause {
	c := Cause{About: about, Reason: Read(status, text), Organization: about.Owner()}
	if m := named.FindStringSubmatch(text); m != nil {
		c.Organization = m[1] + m[2]
	}
	if p := tokenPage.FindString(text); strings.HasPrefix(p, github.Page(about.Host, "/settings/")) {
		c.TokenPage = p
	}
	return c
}

// Of finds the cause in an error. The text of the server counts only if the forge is
// GitHub. For other forges, only the status counts.
func Of(err error, about About, f forge.Forge) Cause {
	var refused *Error
	if !errors.As(err, &refused) {
		return Cause{About: about, Reason: NoAnswer, Err: err}
	}
	text := ""
	if f == forge.GitHub {
		text, about.SSO = refused.Text, refused.SSO
	}
	c := Explain(refused.Status, text, about)
	if !refused.RetryAfter.IsZero() {
		c.Reason, c.RetryAfter = RateLimited, refused.RetryAfter
	}
	c.Err = err
	return c
}
