// Package github knows what only GitHub has: the checksums inside its tokens, the
// addresses of its API and of the pages where a person creates, sees and deletes
// tokens, and which tokens it revokes.
//
// It has only data and pure functions, and opens no connection. The helper that Git
// runs does not link this package, and nothing here decides which token answers
// Git: package credential does.
package github

import "github.com/git-credential-pat/git-credential-pat/credential"

// CanRevoke reports whether GitHub revokes a kind of token when it is asked to. It
// revokes personal tokens since April 2025 and tokens of apps since March 2026. It
// never revokes tokens of installations ("Revocation", GitHub's REST API).
func CanRevoke(kind credential.Kind) bool {
	switch kind {
	case credential.FineGrained, credential.Classic, credential.OAuth, credential.AppUser:
		return true
	}
	return false
}
