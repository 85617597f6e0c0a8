package credential

import "strings"

// A Kind is the type of a token. GitHub documents the formats on the page
// "About authentication to GitHub", section "GitHub's token formats".
type Kind string

const (
	FineGrained     Kind = "fine-grained"     // github_pat_: for one resource owner
	Classic         Kind = "classic"          // ghp_, or 40 hex digits if created before April 2021
	OAuth           Kind = "oauth"            // gho_: for an OAuth app, such as gh
	AppUser         Kind = "app-user"         // ghu_: for a GitHub App that acts for a user
	AppInstallation Kind = "app-installation" // ghs_: for an App; also the GITHUB_TOKEN of a workflow
	Other           Kind = "other"            // a password, or a token of another forge
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

// KindOf returns the kind of a secret. It looks only at the prefix, because
// GitHub has changed the length and the rest of its tokens before. A secret of
// 40 hex digits without a prefix is a classic token on GitHub's own hosts only,
// because other forges still use this format.
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

// IsGitHubHost reports whether GitHub runs the host. It is false for a GitHub
// Enterprise Server, which may have any name.
func IsGitHubHost(host string) bool {
	return host == GitHubHost || host == GistHost || strings.HasSuffix(host, ".ghe.com")
}

// RepositoryHost returns the host of the repositories if GitHub uses the given host
// only for something else, such as www.github.com or api.github.com. Otherwise it
// returns "".
func RepositoryHost(host string) string {
	host = WithoutPort(host)
	if strings.HasSuffix(host, "."+GitHubHost) && host != GistHost || strings.HasSuffix(host, ".githubusercontent.com") {
		return GitHubHost
	}
	tenant, ok := strings.CutSuffix(host, ".ghe.com")
	if i := strings.LastIndexByte(tenant, '.'); ok && i >= 0 {
		return tenant[i+1:] + ".ghe.com"
	}
	return ""
}

// IsRefreshToken reports whether the secret is a refresh token of a GitHub App
// (ghr_). Git cannot log in with one.
func IsRefreshToken(secret Secret) bool { return strings.HasPrefix(secret.Reveal(), "ghr_") }

// IsGitHub reports whether GitHub issues tokens of this kind. A path in the
// target of such a token is an owner, or an owner and a repository.
func (k Kind) IsGitHub() bool { return k != Other }

// IsPersonal reports whether the kind is a personal access token.
func (k Kind) IsPersonal() bool { return k == FineGrained || k == Classic }

// Known reports whether the kind is one of the constants above.
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
