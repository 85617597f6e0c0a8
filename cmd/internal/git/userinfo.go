package git

import (
	"regexp"
	"strings"
)

// CutUserinfo cuts a URL around the user name and password in it. Like curl, it
// takes the last @ before the path.
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

// WithoutUser returns a URL without the user name and password in it.
func WithoutUser(url string) string {
	before, _, after, _ := CutUserinfo(url)
	return before + after
}

// HideUser returns a text with *** in place of the user name and password of the URL
// in it.
func HideUser(text string) string {
	if before, _, after, ok := CutUserinfo(text); ok {
		return before + "***@" + after
	}
	return text
}

// Exactly returns the regular expression with which git config finds this value
// and no other.
func Exactly(value string) string { return "^" + regexp.QuoteMeta(value) + "$" }
