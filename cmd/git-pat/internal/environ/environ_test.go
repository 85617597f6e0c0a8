package environ

import (
	"slices"
	"strings"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

func TestNamesOtherHost(t *testing.T) {
	for _, test := range []struct {
		entry string
		hosts string // of these tokens it stays; all others are of another host
	}{
		{"GH_HOST=github.com", "github.com"},
		{"GH_HOST=GitHub.com", "github.com"},
		{"GH_HOST=acme.ghe.com", "acme.ghe.com"},
		{"GH_HOST=ghes.example:8443", "ghes.example:8443"},
		{"GH_HOST=ghes.example", "ghes.example"},
		{"GH_HOST=github.com.evil.example", ""},
		{"GH_HOST=g\u0131thub.com", ""},
		{"GHE_HOST=ghes.example", "ghes.example"},
		{"GITHUB_HOST=ghes.example", "ghes.example"},
		{"GITHUB_API_URL=https://api.github.com", "github.com"},
		{"GITHUB_API_URL=https://api.github.com.evil.example", ""},
		{"GITHUB_API_URL=https://github.com@evil.example/", ""},
		{"GITHUB_API_URL=http://api.github.com", ""},
		{"GITHUB_API_URL=https://api.acme.ghe.com/", "acme.ghe.com"},
		{"GITHUB_API_URL=https://ghes.example:8443/api/v3", "ghes.example:8443"},
		{"GITHUB_API_URL=https://%zz/", ""},
		{"GITHUB_GRAPHQL_URL=https://api.github.com/graphql", "github.com"},
		{"GITHUB_GRAPHQL_URL=https://ghes.example/api/graphql", "ghes.example"},
		{"GITHUB_SERVER_URL=https://github.com", "github.com"},
		{"GITHUB_SERVER_URL=https://ghes.example", "ghes.example"},
		{"GITHUB_BASE_URL=https://evil.example/", ""},
		{"GH_URL=https://evil.example/", ""},
		{"GH_REPO=github.com/acme/widgets", "github.com"},
		{"GH_REPO=ghes.example:8443/acme/widgets", "ghes.example:8443"},
		{"GH_REPO=https://ghes.example/acme/widgets", "ghes.example"},
		{"GH_REPO=git@ghes.example:acme/widgets.git", "ghes.example"},
		{"GH_REPO=ssh://git@github.com/acme/widgets.git", "github.com"},
		{"GH_REPO=http://github.com/acme/widgets", ""},
		{"GH_REPO=evil.example/acme/widgets", ""},
		// These name no host, or are not GitHub's.
		{"GH_REPO=acme/widgets", "all"},
		{"GITHUB_REPOSITORY=acme/widgets", "all"},
		{"GH_HOST=", "all"},
		{"GITHUB_ACTIONS=true", "all"},
		{"GH_PATH=/usr/bin/gh", "all"},
		{"HOMEPAGE_URL=https://evil.example/", "all"},
		{"PATH=/bin", "all"},
	} {
		for _, host := range []string{"github.com", "acme.ghe.com", "ghes.example", "ghes.example:8443", "evil.ghe.com"} {
			want := test.hosts != "all" && test.hosts != host
			if got := namesOtherHost(test.entry, host); got != want {
				t.Errorf("%s for %s: got %v, want %v", test.entry, host, got, want)
			}
		}
	}
}

func TestFor(t *testing.T) {
	environ := strings.Fields("PATH=/bin GH_TOKEN=old GITHUB_TOKEN=old GH_ENTERPRISE_TOKEN=old GITHUB_ENTERPRISE_TOKEN=old CI_TOKEN=it " +
		"GH_HOST=ghes.example GH_REPO=acme/widgets GITHUB_API_URL=https://ghes.example/api/v3 GITHUB_SERVER_URL=https://github.com")
	for _, test := range []struct {
		name        string
		host, store string
		kind        credential.Kind
		named       []string
		kept, set   string
	}{
		{"github.com", "github.com", "keyring", credential.FineGrained, nil,
			"PATH CI_TOKEN GH_REPO GITHUB_SERVER_URL", "GH_TOKEN GITHUB_TOKEN"},
		{"for gists", "gist.github.com", "keyring", credential.Classic, nil,
			"PATH CI_TOKEN GH_REPO GITHUB_SERVER_URL", "GH_TOKEN GITHUB_TOKEN"},
		{"data residency", "acme.ghe.com", "keyring", credential.FineGrained, nil,
			"PATH CI_TOKEN GH_REPO GH_HOST=acme.ghe.com", "GH_TOKEN GITHUB_TOKEN"},
		{"a server", "ghes.example", "keyring", credential.FineGrained, nil,
			"PATH CI_TOKEN GH_REPO GITHUB_API_URL GH_HOST=ghes.example", "GH_ENTERPRISE_TOKEN"},
		{"another server", "ghes.example:8443", "keyring", credential.FineGrained, nil,
			"PATH CI_TOKEN GH_REPO GH_HOST=ghes.example:8443", "GH_ENTERPRISE_TOKEN"},
		{"of the environment", "github.com", "env:CI_TOKEN", credential.FineGrained, nil,
			"PATH GH_REPO GITHUB_SERVER_URL", "GH_TOKEN GITHUB_TOKEN"},
		{"in other variables", "github.com", "keyring", credential.FineGrained, []string{"ONE", "GITHUB_TOKEN"},
			"PATH GH_TOKEN GH_ENTERPRISE_TOKEN GITHUB_ENTERPRISE_TOKEN CI_TOKEN GH_REPO GITHUB_SERVER_URL", "ONE GITHUB_TOKEN"},
		{"a password", "forge.example", "keyring", credential.Other, []string{"ONE"},
			"PATH GH_TOKEN GITHUB_TOKEN GH_ENTERPRISE_TOKEN GITHUB_ENTERPRISE_TOKEN CI_TOKEN GH_HOST GH_REPO GITHUB_API_URL GITHUB_SERVER_URL", "ONE"},
	} {
		r := credential.Record{Target: credential.Target{Host: test.host}, Store: test.store, Kind: test.kind}
		before := slices.Clone(environ)
		kept, set := For(environ, r, test.named)
		var names []string
		for _, entry := range kept {
			if name, _, _ := strings.Cut(entry, "="); slices.Contains(environ, entry) && entry != "GH_HOST="+test.host {
				entry = name
			}
			names = append(names, entry)
		}
		if got := strings.Join(names, " "); got != test.kept || strings.Join(set, " ") != test.set {
			t.Errorf("%s: got %q and %q, want %q and %q", test.name, got, set, test.kept, test.set)
		}
		if !slices.Equal(environ, before) {
			t.Fatalf("%s: changed what it was given", test.name)
		}
	}
}
