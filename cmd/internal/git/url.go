package git

import (
	"fmt"
	"strconv"
	"strings"
)

// Characters as RFC 3986 and Git's urlmatch.c sort them.
const (
	alphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	unsafe       = " <>\"%{}|\\^`"
	reserved     = "/:?#[]@!$&'()*+,;="
)

// A location is a URL in the form in which Git compares URLs: scheme and host in
// small letters, no default port, escapes only where they are needed, and no dot
// segments.
type location struct {
	scheme, user, host, port string
	hasUser                  bool
	path                     string // begins with a slash; a query is a part of it
}

// locate reads a URL. It is none without a scheme, or where Git finds a fault in
// it. A pattern may have * in its host.
func locate(text string, pattern bool) (location, bool) {
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

// normalPath is a path without dot segments, and with escapes only where they are
// needed. Above the root there is nothing.
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

// escapes is a text with its escapes as Git writes them. It is an error if a %
// begins none.
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

// A closeness says how well a section fits a URL, for those settings of which the
// best one counts.
type closeness struct {
	host, path int // characters
	user       bool
}

func (c closeness) less(d closeness) bool {
	switch {
	case c.host != d.host:
		return c.host < d.host
	case c.path != d.path:
		return c.path < d.path
	}
	return !c.user && d.user
}

// fits reports whether a section is for a URL, and how closely.
func (l location) fits(section location) (closeness, bool) {
	prefix := strings.TrimSuffix(section.path, "/")
	switch {
	case l.scheme != section.scheme, l.port != section.port, !hostMatches(section.host, l.host):
		return closeness{}, false
	case section.hasUser && (!l.hasUser || l.user != section.user):
		return closeness{}, false
	case l.path != prefix && !strings.HasPrefix(l.path, prefix+"/"):
		return closeness{}, false
	}
	return closeness{host: len(section.host), path: len(prefix), user: section.hasUser}, true
}

// hostMatches compares names, of which each may end in a dot.
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
