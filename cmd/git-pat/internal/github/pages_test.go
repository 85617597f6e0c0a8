package github

import (
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

func target(t *testing.T, text string) credential.Target {
	t.Helper()
	s, err := credential.ParseTarget(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestForm(t *testing.T) {
	const fine, classic = "/settings/personal-access-tokens/new", "/settings/tokens/new"
	for _, test := range []struct {
		name   string
		target string
		form   Form
		page   string // https://HOST/PATH
		want   map[string]string
	}{
		{"an owner", "acme", Form{Name: "laptop"}, "https://github.com" + fine,
			map[string]string{"name": "laptop", "description": "For Git over https, github.com/acme", "target_name": "acme", "contents": "write"}},
		{"a repository, to read", "acme/widgets", Form{Name: "ci", ReadOnly: true, Days: 90}, "https://github.com" + fine,
			map[string]string{"name": "ci", "description": "For Git over https, github.com/acme/widgets", "target_name": "acme", "contents": "read", "expires_in": "90"}},
		{"workflows", "acme", Form{Name: "ci", Workflows: true, Days: 366}, "https://github.com" + fine,
			map[string]string{"name": "ci", "description": "For Git over https, github.com/acme", "target_name": "acme", "contents": "write", "workflows": "write", "expires_in": "366"}},
		{"a name at the limit", "acme", Form{Name: strings.Repeat("ü", 40)}, "https://github.com" + fine,
			map[string]string{"name": strings.Repeat("ü", 40), "description": "For Git over https, github.com/acme", "target_name": "acme", "contents": "write"}},
		{"a name over it", "acme", Form{Name: strings.Repeat("ü", 41)}, "https://github.com" + fine,
			map[string]string{"name": strings.Repeat("ü", 40), "description": "For Git over https, github.com/acme", "target_name": "acme", "contents": "write"}},
		{"a name with everything", "acme", Form{Name: "a&b=c #d\x1b+%"}, "https://github.com" + fine,
			map[string]string{"name": "a&b=c #d\x1b+%", "description": "For Git over https, github.com/acme", "target_name": "acme", "contents": "write"}},
		{"Enterprise Server", "ghes.example:8443/acme", Form{Name: "ci"}, "https://ghes.example:8443" + fine,
			map[string]string{"name": "ci", "description": "For Git over https, ghes.example:8443/acme", "target_name": "acme", "contents": "write"}},
		{"data residency", "octo.ghe.com/acme", Form{Name: "ci"}, "https://octo.ghe.com" + fine,
			map[string]string{"name": "ci", "description": "For Git over https, octo.ghe.com/acme", "target_name": "acme", "contents": "write"}},
		{"no owner", "github.com", Form{Name: "ci"}, "https://github.com" + fine,
			map[string]string{"name": "ci", "description": "For Git over https, github.com", "contents": "write"}},
		{"classic", "github.com", Form{Kind: credential.Classic, Name: "ci", Days: 30, ReadOnly: true}, "https://github.com" + classic,
			map[string]string{"description": "ci", "scopes": "repo"}},
		{"classic, workflows", "acme", Form{Kind: credential.Classic, Name: "ci", Workflows: true}, "https://github.com" + classic,
			map[string]string{"description": "ci", "scopes": "repo,workflow"}},
		{"gist", "gist.github.com", Form{Kind: credential.Classic, Name: "ci"}, "https://github.com" + classic,
			map[string]string{"description": "ci", "scopes": "gist"}},
		{"classic, Enterprise Server", "ghes.example", Form{Kind: credential.Classic, Name: "ci"}, "https://ghes.example" + classic,
			map[string]string{"description": "ci", "scopes": "repo"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.form.Target = target(t, test.target)
			if test.form.Kind == "" {
				test.form.Kind = credential.FineGrained
			}
			u, err := url.Parse(test.form.URL())
			if err != nil {
				t.Fatal(err)
			}
			if got := u.Scheme + "://" + u.Host + u.Path; got != test.page {
				t.Errorf("got the page %q, want %q", got, test.page)
			}
			got := u.Query()
			for key, want := range test.want {
				if values := got[key]; len(values) != 1 || values[0] != want {
					t.Errorf("%s is %q, want %q", key, values, want)
				}
				got.Del(key)
			}
			if len(got) > 0 {
				t.Errorf("and also %v", got)
			}
		})
	}
}

// The description has room for a target as long as one can be.
func TestFormDescription(t *testing.T) {
	s := credential.Target{Host: "github.com"}
	for range 60 {
		s.Paths = append(s.Paths, "acme/"+strings.Repeat("w", 40)+string(rune('a'+len(s.Paths)%26)))
	}
	u, err := url.Parse(Form{Target: s, Kind: credential.FineGrained}.URL())
	if err != nil {
		t.Fatal(err)
	}
	if n := len([]rune(u.Query().Get("description"))); n > 1024 {
		t.Errorf("the description has %d characters, and GitHub takes 1024", n)
	}
}

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
// named stays in its place: one segment of the path, or one value of the query.
func FuzzPages(f *testing.F) {
	f.Add("github.com", "acme", "widgets", "laptop", 90, true, false)
	f.Add("gist.github.com:443", "a&b=c#d?e", "../..", "\x1b]8;;\u202e", -1, false, true)
	f.Add("octo.ghe.com", "a/../b%2f%2e%2e", "w\n", strings.Repeat("\u00fc", 41), 367, false, false)
	f.Add("[2001:DB8::1]:8443", "@evil.example", "\\evil.example", "+ ;", 1, true, true)
	f.Fuzz(func(t *testing.T, hostText, owner, repository, name string, days int, readOnly, workflows bool) {
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

		target := credential.Target{Host: host, Paths: []string{owner + "/" + repository}}
		for _, kind := range []credential.Kind{credential.FineGrained, credential.Classic} {
			u := parse(Form{Target: target, Kind: kind, Name: name, Days: days, ReadOnly: readOnly, Workflows: workflows}.URL(), web)
			first, _, _ := strings.Cut(owner, "/")
			want := map[string]string{"target_name": first, "contents": "write", "workflows": "write", "scopes": "repo", "expires_in": strconv.Itoa(days)}
			switch {
			case host == "gist.github.com":
				want["scopes"] = "gist"
			case workflows:
				want["scopes"] = "repo,workflow"
			}
			if readOnly {
				want["contents"] = "read"
			}
			if u.Path != "/settings/personal-access-tokens/new" && u.Path != "/settings/tokens/new" {
				t.Errorf("the page is %q", u.Path)
			}
			query, err := url.ParseQuery(u.RawQuery)
			if err != nil {
				t.Error(err)
			}
			for key, values := range query {
				_, fixed := want[key]
				if !fixed && key != "name" && key != "description" || len(values) != 1 || fixed && values[0] != want[key] {
					t.Errorf("%s is %q, want %q", key, values, want[key])
				}
			}
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
