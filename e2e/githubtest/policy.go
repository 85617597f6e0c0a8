package githubtest

import (
	"crypto/rand"
	"fmt"
	"strings"
	"time"
)

// A Policy is what an organization of github.com requires of tokens. The zero
// value requires nothing. A policy applies to tokens that have access. It
// rejects reading private repositories and writing to all. For app
// installations only IPAllowList applies.
type Policy struct {
	// SSO requires that classic, OAuth and app-user tokens are authorized, see
	// Token.SSO.
	SSO bool

	ClassicForbidden bool
	OAuthRestricted  bool // OAuth apps need approval, and none has it
	MaxLifetimeDays  int  // of classic and fine-grained tokens; 0 means no limit
	IPAllowList      bool // the organization has an allow list, and no client is on it
}

// SetPolicy replaces the policy of an owner.
func (s *Server) SetPolicy(owner string, p Policy) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.policies[strings.ToLower(owner)] = p
}

// veto returns the text with which the policy of the repository's owner rejects
// a token that has access otherwise, or "". The caller holds s.mu.
func (s *Server) veto(t *token, r Repository, write bool) string {
	if r.Host != "github.com" || !r.Private && !write {
		return ""
	}
	p := s.policies[strings.ToLower(r.Owner)]
	limited := p.MaxLifetimeDays > 0 &&
		(t.Expires.IsZero() || time.Until(t.Expires) > time.Duration(p.MaxLifetimeDays)*24*time.Hour)
	sso := p.SSO && !containsFold(t.SSO, r.Owner)
	switch {
	case p.IPAllowList:
		return "Although you appear to have the correct authorization credentials, the `" + r.Owner +
			"` organization has an IP allow list enabled, and your IP address is not permitted to access this resource."
	case p.ClassicForbidden && t.Kind == Classic:
		return "`" + r.Owner + "` forbids access via a personal access token (classic). " +
			"Please use a GitHub App, OAuth App, or a personal access token with fine-grained permissions."
	case p.OAuthRestricted && t.Kind == OAuth:
		return "Although you appear to have the correct authorization credentials, the `" + r.Owner +
			"` organization has enabled OAuth App access restrictions, meaning that data access to third-parties is limited."
	case limited && t.Kind == Classic:
		return lifetimeVeto(r.Owner, "a personal access token (classic)", p.MaxLifetimeDays, "tokens")
	case limited && t.Kind == FineGrained:
		return lifetimeVeto(r.Owner, "a fine-grained personal access tokens", p.MaxLifetimeDays, "personal-access-tokens") // sic
	case sso && t.Kind == Classic:
		return "The '" + r.Owner + "' organization has enabled or enforced SAML SSO. To access\n" +
			"this repository, visit https://github.com/orgs/" + r.Owner + "/sso?authorization_request=" + rand.Text() +
			"\nand try your request again."
	case sso && (t.Kind == OAuth || t.Kind == AppUser):
		return "The '" + r.Owner + "' organization has enabled or enforced SAML SSO. To access\n" +
			"this repository, you must re-authorize the OAuth Application 'GitHub CLI'."
	}
	return ""
}

func lifetimeVeto(owner, kind string, days int, page string) string {
	return fmt.Sprintf("The '%s' organization forbids access via %s if the token's lifetime is greater than %d days. "+
		"Please adjust your token's lifetime at the following URL: https://github.com/settings/%s/1234567", owner, kind, days, page)
}
