package main

// The rules that FuzzHelper checks, without the code that it tests.

import (
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// A kept is a token that the helper has, with its target.
type kept struct {
	host   string
	paths  []string
	opaque bool // a password
	secret string
}

// mayAnswer implements the two rules.
func (k kept) mayAnswer(request map[string][]string) bool {
	hosts, paths := request["host"], request["path"]
	if !slices.Equal(request["protocol"], []string{"https"}) || len(hosts) != 1 || len(paths) > 1 {
		return false
	}
	if host := foldedHost(hosts[0]); host != k.host {
		return host == "gist.github.com" && k.host == "github.com" && len(k.paths) == 0 && !k.opaque
	}
	path, _, _ := strings.Cut(strings.Join(paths, ""), "?")
	path = strings.Trim(path, "/")
	if path == "" {
		return true // the path is unknown
	}
	path, _, _ = strings.Cut(lower(path), "?")
	asked := strings.Split(strings.Trim(path, "/"), "/")
	for _, bad := range []string{"", ".", ".."} {
		if slices.Contains(asked, bad) {
			return false
		}
	}
	return len(k.paths) == 0 || slices.ContainsFunc(k.paths, func(path string) bool {
		own := strings.Split(path, "/")
		last := len(own) - 1
		return len(own) <= len(asked) && slices.Equal(own[:last], asked[:last]) &&
			(own[last] == asked[last] || own[last] == withoutEnding(asked[last]) && (last > 0 || k.opaque))
	})
}

func withoutEnding(name string) string {
	return strings.TrimSuffix(strings.TrimSuffix(name, ".git"), ".wiki")
}

func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, s)
}

func foldedHost(s string) string { return strings.TrimSuffix(lower(s), ":443") }

// keptFrom returns a secret of a request with its target.
func keptFrom(request map[string][]string, secret string) kept {
	path, _, _ := strings.Cut(strings.Join(request["path"], ""), "?")
	path = strings.Trim(path, "/")
	k := kept{host: foldedHost(strings.Join(request["host"], "")), secret: secret}
	kind := credential.Other
	if len(request["credential"]) == 0 {
		kind = credential.KindOf(credential.NewSecret(strings.Join(request["password"], "")), k.host)
	}
	k.opaque = kind == credential.Other
	path, _, _ = strings.Cut(lower(path), "?")
	segments := strings.Split(strings.Trim(path, "/"), "/")
	switch {
	case path == "" && k.opaque:
		return k
	case !k.opaque:
		// The token is stored for the repository only. The rule for owners is enough here.
		segments = segments[:1]
	case credential.IsGitHubHost(k.host):
		segments = segments[:min(2, len(segments))]
	}
	for i, s := range segments {
		if k.opaque && strings.HasSuffix(s, ".git") || s == "info" && i > 0 {
			segments = segments[:i+1]
			if s == "info" || s == ".git" {
				segments = segments[:i]
			}
			break
		}
	}
	if last := len(segments) - 1; last >= 0 && k.opaque && (last > 0 || !credential.IsGitHubHost(k.host)) {
		segments[last] = withoutEnding(segments[last])
	}
	k.paths = []string{strings.Join(segments, "/")}
	return k
}
