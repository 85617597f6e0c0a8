package git

import (
	"fmt"
	"strconv"
	"strings"
)

// Character classes of RFC 3986 and Git's urlmatch.c.
const (
	alphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	unsafe       = " <>\"%{}|\\^`"
	reserved     = "/:?#[]@!$&'()*+,;="
)

// A location is a URL, normalized as in Git's urlmatch.c: scheme and host in lower
// case, no default port, no unnecessary percent escapes, and no dot segments.
type location struct {
	scheme, user, host, port string
	hasUser                  bool
	path                     string // with a slash at the start; includes the query
}

// parseURL parses a URL. It reports false for a text without a scheme and for a URL
// that Git rejects. A pattern may have a * in the host.
func parseURL(text string, pattern bool) (location, bool) {
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok || !only(scheme, alphanumeric+"+.-") || strings.IndexAny(scheme, alphanumeric[:52]) != 0 {
		return location{}, false
	}
	l := location{scheme: strings.ToLower(scheme)}
	authority, path := rest, ""
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		authority, path = rest[:i], rest[i:]
	}
	if info, after, found := strings.Cut(authority, "@"); found { // the first @, unlike curl
		if info, ok = escapes(info); !ok {
			return l, false
		}
		l.user, _, _ = strings.Cut(info, ":")
		l.hasUser, authority = true, after
	}
	host, port, hasPort := authority, "", false
	if i := strings.LastIndexByte(authority, ':'); i > strings.LastIndexByte(authority, ']') {
		host, port, hasPort = authority[:i], authority[i+1:], authority[i+1:] != ""
	}
	allowed := alphanumeric + ".-_[:]"
	if pattern {
		allowed += "*"
	}
	if !only(host, allowed) || host == "" && (l.scheme != "file" || hasPort) {
		return l, false
	}
	l.host = strings.ToLower(host)
	if hasPort {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			return l, false
		}
		if l.port = strconv.FormatUint(n, 10); l.port == map[string]string{"http": "80", "https": "443"}[l.scheme] {
			l.port = ""
		}
	}
	l.path, ok = normalPath(path)
	return l, ok
}

func only(s, allowed string) bool { return strings.Trim(s, allowed) == "" }

// normalPath normalizes a path and its query. It reports false if the path leads
// above the root or has an invalid escape.
func normalPath(path string) (string, bool) {
	query := ""
	if i := strings.IndexAny(path, "?#"); i >= 0 {
		path, query = path[:i], path[i:]
	}
	query, ok := escapes(query)
	if !ok {
		return "", false
	}
	var segments []string
	for segment := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		segment, ok = escapes(segment)
		switch {
		case !ok || segment == ".." && len(segments) == 0:
			return "", false
		case segment == "..":
			segments = segments[:len(segments)-1]
		case segment != ".":
			segments = append(segments, segment)
		}
	}
	return "/" + strings.Join(segments, "/") + query, true
}

// escapes normalizes the percent escapes of a text. It reports false if one is
// invalid.
func escapes(s string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c, escaped := s[i], false
		if c == '%' {
			n, err := strconv.ParseUint(s[i+1:min(i+3, len(s))], 16, 8)
			if err != nil || i+3 > len(s) {
				return "", false
			}
			c, escaped = byte(n), true
			i += 2
		}
		if c <= ' ' || c >= 0x7f || strings.IndexByte(unsafe, c) >= 0 || escaped && strings.IndexByte(reserved, c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String(), true
}

// A specificity says how closely a subsection matches a URL.
type specificity struct {
	host, path int // characters
	user       bool
}

func (c specificity) less(d specificity) bool {
	switch {
	case c.host != d.host:
		return c.host < d.host
	case c.path != d.path:
		return c.path < d.path
	}
	return !c.user && d.user
}

// fits reports whether a subsection matches the URL, and how closely.
func (l location) fits(section location) (specificity, bool) {
	prefix := strings.TrimSuffix(section.path, "/")
	switch {
	case l.scheme != section.scheme, l.port != section.port, !hostMatches(section.host, l.host):
		return specificity{}, false
	case section.hasUser && (!l.hasUser || l.user != section.user):
		return specificity{}, false
	case l.path != prefix && !strings.HasPrefix(l.path, prefix+"/"):
		return specificity{}, false
	}
	return specificity{host: len(section.host), path: len(prefix), user: section.hasUser}, true
}

// hostMatches compares a host with a pattern. Both may have a dot at the end.
func hostMatches(pattern, host string) bool {
	labels, names := strings.Split(strings.TrimSuffix(pattern, "."), "."), strings.Split(strings.TrimSuffix(host, "."), ".")
	if len(labels) != len(names) {
		return false
	}
	for i := range labels {
		if labels[i] != "*" && labels[i] != names[i] {
			return false
		}
	}
	return true
}
