package credential

import "strings"

// A Kind is what sort of token a secret is, as its form shows. The forms are
// those of GitHub's page "About authentication to GitHub", section "GitHub's
// token formats".
type Kind string

const (
	FineGrained     Kind = "fine-grained"     // github_pat_: of one resource owner
	Classic         Kind = "classic"          // ghp_, and 40 hex digits of before April 2021
	OAuth           Kind = "oauth"            // gho_: an OAuth app, such as gh
	AppUser         Kind = "app-user"         // ghu_: a GitHub App acting for a user
	AppInstallation Kind = "app-installation" // ghs_: also the GITHUB_TOKEN of a workflow
	Other           Kind = "other"            // a password, or a token of another forge: opaque
)

var prefixes = []struct {
	prefix string
	kind   Kind
}{
	{"github_pat_", FineGrained},
	{"ghp_", Classic},
	{"gho_", OAuth},
	{"ghu_", AppUser},
	{"ghs_", AppInstallation},
}

// KindOf tells a secret's kind by its prefix alone: lengths and bodies have
// changed before and will again. The 40 hex digits that had no prefix count as
// classic on GitHub's own hosts only, since other forges still use that form.
func KindOf(secret Secret, host string) Kind {
	s := secret.Reveal()
	for _, p := range prefixes {
		if strings.HasPrefix(s, p.prefix) {
			return p.kind
		}
	}
	if len(s) == 40 && IsGitHubHost(host) && strings.Trim(s, "0123456789abcdef") == "" {
		return Classic
	}
	return Other
}

// IsGitHubHost reports whether a host is one of GitHub's own, as opposed to a
// GitHub Enterprise Server, whose name may be any.
func IsGitHubHost(host string) bool {
	return host == GitHubHost || host == GistHost || strings.HasSuffix(host, ".ghe.com")
}

// IsRefreshToken reports whether the secret is the refresh token of a GitHub
// App (ghr_), with which Git cannot log in.
func IsRefreshToken(secret Secret) bool { return strings.HasPrefix(secret.Reveal(), "ghr_") }

// IsGitHub reports whether the kind is one of GitHub's, for which a path means
// owner and repository.
func (k Kind) IsGitHub() bool { return k != Other }

// IsPersonal reports whether a person made the token for themselves.
func (k Kind) IsPersonal() bool { return k == FineGrained || k == Classic }

// Known reports whether the kind is one of the constants here.
func (k Kind) Known() bool {
	if k == Other {
		return true
	}
	for _, p := range prefixes {
		if k == p.kind {
			return true
		}
	}
	return false
}

func (k Kind) String() string { return string(k) }
