// Package credential describes tokens and chooses the token for a request. It
// does no I/O and does not read the clock.
//
// A [Record] describes a token and does not contain the secret. Its [Target] is
// a host, an owner or group on that host, or some repositories of the owner. What
// is specific to each forge is in package forge. A [Request] is what Git wants to log in to. [Choose] decides which record answers the
// request, and gives a reason for every record. Programs show these reasons, so
// an explanation always matches the decision.
//
// # Guarantees
//
// A token is chosen only for the host in its target. Hosts are compared byte by
// byte, after ASCII letters are converted to lower case. There are no rules for
// subdomains, suffixes, trailing dots or other scripts. The only exceptions are
// [GistHost] and the older hosts of Azure DevOps, which are compared in the same
// way. Paths are compared by whole segments and are never decoded.
//
// Choose never guesses. If two tokens fit equally well, neither answers. If the
// best token cannot be used, a broader token does not replace it.
package credential

import "github.com/git-credential-pat/git-credential-pat/credential/forge"

// Hosts of GitHub.
const (
	GitHubHost = forge.GitHubHost

	// GistHost is where gists are. They are Git repositories of the same
	// accounts, so a token for all of GitHubHost may be used for them.
	GistHost = forge.GistHost
)

// EqualFold reports whether two logins are equal, ignoring the case of ASCII
// letters.
func EqualFold(a, b string) bool { return forge.Fold(a) == forge.Fold(b) }
