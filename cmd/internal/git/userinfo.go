package git

import (
	"regexp"
	"strings"
)

// CutUserinfo splits a URL around its user name and password. As in curl, they end
// at the last @ before the path. ok is false if the URL has none.
func CutUserinfo(url string) (before, info, after string, ok bool) {
	scheme, rest, ok := strings.Cut(url, "://")
	authority := rest
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		authority = rest[:i]
	}
	at := strings.LastIndexByte(authority, '@')
	if !ok || at < 0 {
		return "", "", url, false
	}
	return scheme + "://", rest[:at], rest[at+1:], true
}

// WithoutUser returns a URL without its user name and password.
func WithoutUser(url string) string {
	before, _, after, _ := CutUserinfo(url)
	return before + after
}

// Exactly returns the regular expression that matches only this value, for git
// config.
func Exactly(value string) string { return "^" + regexp.QuoteMeta(value) + "$" }
