// Package github knows what is true of GitHub and not of Git: what its tokens
// look like inside, where a person makes and sees them, and what GitHub can be
// asked about them.
//
// It serves git-pat. The helper that Git runs does not link it, and nothing
// here decides which token answers: that is package credential.
package github
