// Package credential knows what a token is, what it is for, and which one
// answers a request. It is pure: it reads no clock, opens no file, and asks
// nobody.
//
// A [Record] says what a token is for and holds no secret. Its [Scope] is a
// host, one owner there, or some of an owner's repositories. A [Request] is
// what Git wants to log in for. [Choose] decides which record answers, and
// says of every record why it does or does not, so that what a person is told
// about a decision is the decision that was made.
//
// # What it promises
//
// A token leaves for the very host that a person named, and for no other:
// hosts are compared byte by byte after ASCII letters are lowered, with no
// rule for sub-domains, suffixes, dots at the end or other scripts. There is
// one exception, [GistHost], and it is as exact. Paths are compared by whole
// segments and never decoded.
//
// It never guesses. Where two tokens fit equally there is no answer, and
// where the token that was meant cannot be used, no broader one steps in.
package credential

// Hosts that are GitHub's own.
const (
	GitHubHost = "github.com"

	// GistHost may be answered by a token for all of GitHubHost: gists are
	// Git repositories that the same account reaches under another name.
	GistHost = "gist.github.com"
)

// fold lowers ASCII letters and nothing else. The folding of package strings
// would take the Kelvin sign for a k and the long s for an s.
func fold(s string) string {
	for i := 0; i < len(s); i++ {
		if 'A' <= s[i] && s[i] <= 'Z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				if 'A' <= b[i] && b[i] <= 'Z' {
					b[i] += 'a' - 'A'
				}
			}
			return string(b)
		}
	}
	return s
}

// EqualFold reports whether two logins are the same but for the case of ASCII
// letters.
func EqualFold(a, b string) bool { return fold(a) == fold(b) }
