package githubtest

import (
	"fmt"
	"net/http"
	"time"
)

// A Policy is what an organization requires of tokens, for Git and the REST
// API. The zero value requires nothing. A policy applies to tokens that have
// access. It rejects reading private repositories and writing to all;
// MaxLifetimeDays also rejects reading public ones. For app installations only
// IPAllowList applies.
type Policy struct {
	// SSO requires that classic, OAuth and app-user tokens are authorized, see
	// Token.SSO.
	SSO bool

	ClassicForbidden bool
	OAuthRestricted  bool // OAuth apps need approval, and none has it

	// MaxLifetimeDays is the maximum lifetime of classic and fine-grained
	// tokens, from Token.Created to Token.Expires; 0 means no limit. A token
	// that reaches the organization and lives longer is rejected for public
	// repositories too.
	MaxLifetimeDays int

	IPAllowList bool // the organization has an allow list, and no client is on it
}

// SetPolicy sets the policy of an owner. It replaces the previous policy. An
// empty host means github.com.
func (s *Server) SetPolicy(host, owner string, p Policy) {
	if host == "" {
		host = "github.com"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.policies[keyOf(canonicalHost(host), owner)] = p
}

// A veto is the answer of a policy to a token that has access otherwise. The
// status is always 403.
type veto struct {
	git, rest string
	sso       string // the URL to authorize the token, if that is missing
}

// vetoOf returns the first veto of the repository's owner against a token, or
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

// sameVeto returns a veto with the same text for Git and REST. For some, only
// the REST text is known.
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

// outlives reports whether the token lives longer than a number of days. It is
// false for tokens that are not personal access tokens.
func (t *token) outlives(days int) bool {
	if t.Kind != Classic && t.Kind != FineGrained {
		return false
	}
	return t.Expires.IsZero() || t.Expires.Sub(t.Created) > time.Duration(days)*24*time.Hour
}

func (v *veto) refusal() *refusal { return &refusal{http.StatusForbidden, v.git} }
