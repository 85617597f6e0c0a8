package githubtest

import (
	"fmt"
	"net/http"
	"time"
)

// A Policy is what an organisation demands of tokens, for Git and for the REST
// API. The zero value demands nothing. What is refused is private reading and
// all writing, by those who would have the right; the lifetime is the
// exception. App installations are subject to the allow list alone.
type Policy struct {
	// SSO wants each classic, OAuth and app-user token to be authorised,
	// which is said by Token.SSO.
	SSO bool

	ClassicForbidden bool
	OAuthRestricted  bool // no OAuth app has been approved

	// MaxLifetimeDays is how long classic and fine-grained tokens may live
	// from Token.Created on, 0 meaning for ever. Who reaches the
	// organisation with one that lives longer is not let in to public
	// repositories either.
	MaxLifetimeDays int

	IPAllowList bool // and no client of this server is on it
}

// SetPolicy makes a policy that of an owner, in place of the one before. An
// empty host is github.com.
func (s *Server) SetPolicy(host, owner string, p Policy) {
	if host == "" {
		host = "github.com"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.policies[keyOf(canonicalHost(host), owner)] = p
}

// A veto is a policy's answer to a token that would have been let in. Its
// status is always 403.
type veto struct {
	git, rest string
	sso       string // where the token can be authorised, if that is what it lacks
}

// vetoOf returns the first thing a repository's owner has against a token, or
// nil. The caller holds s.mu.
func (s *Server) vetoOf(t *token, to target, write bool) *veto {
	if to.gist {
		return nil
	}
	p := s.policies[keyOf(to.Host, to.Owner)]
	needsSSO := t.Kind == Classic || t.Kind == OAuth || t.Kind == AppUser
	if p.MaxLifetimeDays > 0 && t.reaches(to.Owner) && t.outlives(p.MaxLifetimeDays) {
		return lifetimeVeto(t, to, p.MaxLifetimeDays)
	}
	switch {
	case !to.Private && !write:
		return nil
	case p.IPAllowList:
		return sameVeto("Although you appear to have the correct authorization credentials, the `" + to.Owner +
			"` organization has an IP allow list enabled, and your IP address is not permitted to access this resource.")
	case p.ClassicForbidden && t.Kind == Classic:
		return sameVeto("`" + to.Owner + "` forbids access via a personal access token (classic). " +
			"Please use a GitHub App, OAuth App, or a personal access token with fine-grained permissions.")
	case p.OAuthRestricted && t.Kind == OAuth:
		return sameVeto("Although you appear to have the correct authorization credentials, the `" + to.Owner +
			"` organization has enabled OAuth App access restrictions, meaning that data access to third-parties is limited.")
	case p.SSO && needsSSO && !containsFold(t.SSO, to.Owner):
		return ssoVeto(t, to)
	}
	return nil
}

// sameVeto is one whose words are the same, or known only, for REST.
func sameVeto(text string) *veto { return &veto{git: text, rest: text} }

func lifetimeVeto(t *token, to target, days int) *veto {
	kind, page := "a fine-grained personal access tokens", "personal-access-tokens" // sic
	if t.Kind == Classic {
		kind, page = "a personal access token (classic)", "tokens"
	}
	return sameVeto(fmt.Sprintf("The '%s' organization forbids access via %s if the token's lifetime is greater than %d days. "+
		"Please adjust your token's lifetime at the following URL: https://%s/settings/%s/%d",
		to.Owner, kind, days, to.Host, page, numberOf(t.ID)))
}

func ssoVeto(t *token, to target) *veto {
	v := &veto{
		sso: "https://" + to.Host + "/orgs/" + to.Owner + "/sso?authorization_request=" + randomString(base62, 32),
		git: "The '" + to.Owner + "' organization has enabled or enforced SAML SSO. To access\n",
	}
	kind := "OAuth token"
	if t.Kind == Classic {
		kind = "Personal Access token"
		v.git += "this repository, visit " + v.sso + "\nand try your request again."
	} else {
		v.git += "this repository, you must re-authorize the OAuth Application 'GitHub CLI'."
	}
	v.rest = "Resource protected by organization SAML enforcement. " +
		"You must grant your " + kind + " access to this organization."
	return v
}

// outlives reports whether the token lives longer than so many days. Only those
// that people make have a lifetime in this sense.
func (t *token) outlives(days int) bool {
	if t.Kind != Classic && t.Kind != FineGrained {
		return false
	}
	return t.Expires.IsZero() || t.Expires.Sub(t.Created) > time.Duration(days)*24*time.Hour
}

func (v *veto) refusal() *refusal { return &refusal{http.StatusForbidden, v.git} }
