package credential

import (
	"strings"

	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

// A Kind is the type of a token; see package forge.
type Kind = forge.Kind

const (
	FineGrained     = forge.FineGrained
	Classic         = forge.Classic
	OAuth           = forge.OAuth
	AppUser         = forge.AppUser
	AppInstallation = forge.AppInstallation
	Other           = forge.Password
)

// KindOf returns the kind of a secret for a host.
func KindOf(secret Secret, host string) Kind { return forge.KindOf(secret.Reveal(), forge.Of(host)) }

// IsGitHubHost reports whether GitHub runs the host. It is false for a GitHub
// Enterprise Server, which may have any name.
func IsGitHubHost(host string) bool { return forge.Of(host) == forge.GitHub }

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
func IsRefreshToken(secret Secret) bool { return forge.IsRefreshToken(secret.Reveal()) }
