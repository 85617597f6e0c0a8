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
	opaque bool // not a GitHub token
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
	if path == "" || len(k.paths) == 0 {
		return true // the path is unknown or irrelevant
	}
	if k.opaque {
		return slices.Contains(k.paths, path)
	}
	segments := strings.Split(lower(path), "/")
	for _, bad := range []string{"", ".", ".."} {
		if slices.Contains(segments, bad) {
			return false
		}
	}
	owner := segments[0]
	repository := owner
	if len(segments) > 1 {
		repository += "/" + strings.TrimSuffix(strings.TrimSuffix(segments[1], ".git"), ".wiki")
	}
	return slices.Contains(k.paths, owner) || slices.Contains(k.paths, repository)
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
	switch owner, _, _ := strings.Cut(lower(path), "/"); {
	case kind == credential.Other:
		k.opaque = true
		if path != "" {
			k.paths = []string{path}
		}
	default:
		// The token is stored for the repository only. The rule for owners is enough here.
		k.paths = []string{owner}
	}
	return k
}
