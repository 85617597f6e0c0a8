package github

import (
	"net/url"
	"strings"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

func TestAPIBase(t *testing.T) {
	for host, want := range map[string]string{
		"github.com":         "https://api.github.com/",
		"gist.github.com":    "https://api.github.com/",
		"octo.ghe.com":       "https://api.octo.ghe.com/",
		"ghes.example":       "https://ghes.example/api/v3/",
		"ghes.example:8443":  "https://ghes.example:8443/api/v3/",
		"github.com.evil":    "https://github.com.evil/api/v3/",
		"notgithub.com":      "https://notgithub.com/api/v3/",
		"evil-ghe.com":       "https://evil-ghe.com/api/v3/",
		"github.com.ghe.net": "https://github.com.ghe.net/api/v3/",
	} {
		if got := APIBase(host); got != want {
			t.Errorf("%s: got %q, want %q", host, got, want)
		}
	}
}

func TestPages(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{TokensPage("github.com", credential.FineGrained), "https://github.com/settings/personal-access-tokens"},
		{TokensPage("github.com", credential.Classic), "https://github.com/settings/tokens"},
		{TokensPage("gist.github.com", credential.Classic), "https://github.com/settings/tokens"},
		{TokensPage("github.com", credential.OAuth), "https://github.com/settings/applications"},
		{TokensPage("github.com", credential.AppUser), "https://github.com/settings/applications"},
		{TokensPage("github.com", credential.AppInstallation), ""},
		{TokensPage("github.com", credential.Other), ""},
		{TokensPage("ghes.example:8443", credential.FineGrained), "https://ghes.example:8443/settings/personal-access-tokens"},
		{TokensPage("octo.ghe.com", credential.Classic), "https://octo.ghe.com/settings/tokens"},
		{RequestsPage("github.com", "acme"), "https://github.com/organizations/acme/settings/personal-access-token-requests"},
		{RequestsPage("ghes.example", "a/b?"), "https://ghes.example/organizations/a%2Fb%3F/settings/personal-access-token-requests"},
		{SSOPage("github.com", "acme"), "https://github.com/orgs/acme/sso"},
		{SSOPage("octo.ghe.com", "acme"), "https://octo.ghe.com/orgs/acme/sso"},
	} {
		if test.got != test.want {
			t.Errorf("got %q, want %q", test.got, test.want)
		}
	}
}

// Every page is https on the very host, and what a person, Git or a server
// named stays in its place: one segment of the path.
func FuzzPages(f *testing.F) {
	f.Add("github.com", "acme")
	f.Add("gist.github.com:443", "a&b=c#d?e")
	f.Add("octo.ghe.com", "a/../b%2f%2e%2e")
	f.Add("[2001:DB8::1]:8443", "@evil.example")
	f.Fuzz(func(t *testing.T, hostText, owner string) {
		host, err := credential.ParseHost(hostText)
		if err != nil || owner == "" || owner == "." || owner == ".." {
			return // no record has such a target
		}
		web := host
		if host == "gist.github.com" {
			web = "github.com"
		}
		parse := func(address, host string) *url.URL {
			t.Helper()
			u, err := url.Parse(address)
			if err != nil {
				t.Fatal(err)
			}
			if u.Scheme != "https" || u.Host != host || u.User != nil || u.Fragment != "" || strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r > '~' }) {
				t.Fatalf("%q is no page of %s", address, host)
			}
			return u
		}

		for _, test := range []struct{ address, before, after string }{
			{RequestsPage(host, owner), "/organizations/", "/settings/personal-access-token-requests"},
			{SSOPage(host, owner), "/orgs/", "/sso"},
		} {
			u := parse(test.address, web)
			segment := strings.TrimSuffix(strings.TrimPrefix(u.EscapedPath(), test.before), test.after)
			if got, err := url.PathUnescape(segment); got != owner || err != nil || strings.Contains(segment, "/") || u.RawQuery != "" {
				t.Errorf("%q is a page of the organization %q, want %q", test.address, got, owner)
			}
		}
		for _, kind := range []credential.Kind{credential.FineGrained, credential.Classic, credential.OAuth} {
			parse(TokensPage(host, kind), web)
		}
		api := host
		if web == "github.com" || strings.HasSuffix(web, ".ghe.com") {
			api = "api." + web
		}
		parse(APIBase(host), api)
	})
}

func TestCanRevoke(t *testing.T) {
	for kind, want := range map[credential.Kind]bool{
		credential.FineGrained: true, credential.Classic: true, credential.OAuth: true, credential.AppUser: true,
		credential.AppInstallation: false, credential.Other: false, "": false,
	} {
		if got := CanRevoke(kind); got != want {
			t.Errorf("%q: got %v, want %v", kind, got, want)
		}
	}
}
