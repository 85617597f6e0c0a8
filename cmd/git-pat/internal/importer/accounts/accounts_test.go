package accounts

import (
	"fmt"
	"strings"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/importer"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

// parsed shows the accounts of a file as PLACE HOST/PATH TOKEN, and the first place
// in the keyring where there is no token.
func parsed(t *testing.T, parse func(string) ([]*importer.Item, error), of forge.Forge, data string) string {
	t.Helper()
	items, err := parse(data)
	if err != nil {
		return "error"
	}
	var all []string
	for _, e := range items {
		text := e.Place + " " + e.Host
		if e.Path != "" {
			text += "/" + e.Path
		}
		switch {
		case !e.Kept():
			text += skipped(e.Reason)
		case e.Secret.Empty() && len(e.Account.Keyring) > 0:
			text += " in " + e.Account.Keyring[0].Service + " " + e.Account.Keyring[0].User
		default:
			text += " " + e.Secret.Reveal()
		}
		if e.Forge != of {
			t.Errorf("%q: got the forge %q, want %q", data, e.Forge, of)
		}
		all = append(all, strings.TrimSpace(text))
	}
	return strings.Join(all, ", ")
}

func skipped(r importer.Reason) string { return fmt.Sprintf(" skipped %d", r.Why) }

func TestParseGH(t *testing.T) {
	for _, test := range []struct{ name, data, want string }{
		{"nothing", "", ""},
		{"one account", "github.com:\n    oauth_token: t\n    user: alice\n    git_protocol: https\n", "alice@github.com github.com t"},
		{"one account in the keyring", "github.com:\n    user: alice\n", "alice@github.com github.com in gh:github.com alice"},
		{"several", "github.com:\n    users:\n        bob:\n            oauth_token: b\n        alice:\n            oauth_token: a\n" +
			"    user: alice\n    oauth_token: a\nghes.example:\n    users:\n        carol:\n    user: carol\n",
			"carol@ghes.example ghes.example in gh:ghes.example carol, alice@github.com github.com a, bob@github.com github.com b"},
		{"several in the keyring", "github.com:\n    git_protocol: ssh\n    users:\n        bob:\n        zoe:\n    user: zoe\n",
			"zoe@github.com github.com in gh:github.com zoe, bob@github.com github.com in gh:github.com bob"},
		{"two tokens of one account", "github.com:\n    users:\n        alice:\n            oauth_token: old\n    user: alice\n    oauth_token: new\n",
			"alice@github.com github.com new, alice@github.com github.com old"},
		{"no login", "github.com:\n    oauth_token: t\n", "github.com github.com t"},
		{"a login and a token of digits", "github.com:\n    users:\n        123:\n            oauth_token: 456\n    user: 123\n", "123@github.com github.com 456"},
	} {
		if got := parsed(t, parseGH, forge.GitHub, test.data); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func TestParseGLab(t *testing.T) {
	host := func(name, settings string) string {
		return "    " + name + ":\n        " + strings.ReplaceAll(settings, "\n", "\n        ") + "\n"
	}
	for _, test := range []struct{ name, data, want string }{
		{"nothing", "", ""},
		{"no login yet", "git_protocol: ssh\nhosts:\n" + host("gitlab.com", "api_protocol: https\napi_host: gitlab.com\ntoken:\nuser:"), ""},
		{"a token", "host: gitlab.com\nhosts:\n" + host("gitlab.com", "token: t\nuser: alice\ngit_protocol: ssh\ncustom_headers: []"), "alice@gitlab.com gitlab.com t"},
		{"with a tag", "hosts:\n" + host("gitlab.com", "token: !!null t"), "gitlab.com gitlab.com t"},
		{"of digits", "hosts:\n" + host("gitlab.com", "token: 12\nuser: 34"), "34@gitlab.com gitlab.com 12"},
		{"in the keyring", "hosts:\n" + host("gitlab.com", "token: null\nuse_keyring: true"), "gitlab.com gitlab.com in glab:gitlab.com:token"},
		{"in the keyring of an older version", "hosts:\n" + host("gitlab.com", "user: alice"), "alice@gitlab.com gitlab.com in glab:gitlab.com:token"},
		{"OAuth", "hosts:\n" + host("gitlab.com", "token: t\nis_oauth2: \"true\"\nuser: alice"), "alice@gitlab.com gitlab.com" + skipped(importer.Reason{Why: importer.Renewed})},
		{"http", "hosts:\n" + host("git.example.com", "token: t\napi_protocol: http"), "git.example.com git.example.com" + skipped(importer.Reason{Why: importer.OtherScheme})},
		{"several", "hosts:\n" + host("gitlab.com", "token: t") + host("git.example.com:8443", "token: u\nsubfolder: a/gitlab\nuser: bob"),
			"bob@git.example.com:8443 git.example.com:8443/a/gitlab u, gitlab.com gitlab.com t"},
		{"a list as a token", "hosts:\n" + host("gitlab.com", "token: [t]"), "error"},
		{"a text as hosts", "hosts: t\n", "error"},
		{"a tab", "hosts:\n\tt", "error"},
	} {
		if got := parsed(t, parseGLab, forge.GitLab, test.data); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func TestParseTea(t *testing.T) {
	login := func(settings string) string { return "    - " + strings.ReplaceAll(settings, "\n", "\n      ") + "\n" }
	for _, test := range []struct{ name, data, want string }{
		{"nothing", "", ""},
		{"a token", "logins:\n" + login("name: work\nurl: https://git.example.com\ntoken: t\nuser: alice\ninsecure: false\ncreated: 1") + "preferences:\n    editor: false\n",
			"alice@git.example.com git.example.com t"},
		{"below a path", "logins:\n" + login("name: work\nurl: https://git.example.com:3000/git/\ntoken: t"), "git.example.com:3000 git.example.com:3000/git t"},
		{"several", "logins:\n" + login("name: a\nurl: https://codeberg.org\ntoken: t\nuser: alice") + login("name: b\nurl: https://codeberg.org\ntoken: u\nuser: bob"),
			"alice@codeberg.org codeberg.org t, bob@codeberg.org codeberg.org u"},
		{"OAuth", "logins:\n" + login("name: a\nurl: https://codeberg.org\nauth_method: oauth"), "codeberg.org codeberg.org" + skipped(importer.Reason{Why: importer.Renewed})},
		{"OAuth of an older version", "logins:\n" + login("name: a\nurl: https://codeberg.org\ntoken: t\nrefresh_token: r"), "codeberg.org codeberg.org" + skipped(importer.Reason{Why: importer.Renewed})},
		{"an SSH key", "logins:\n" + login("name: a\nurl: https://codeberg.org\nssh_key: k"), "codeberg.org codeberg.org"},
		{"http", "logins:\n" + login("name: a\nurl: http://localhost:3000\ntoken: t"), "localhost:3000 localhost:3000" + skipped(importer.Reason{Why: importer.OtherScheme})},
		{"no URL", "logins:\n" + login("name: a\ntoken: t"), "a" + " " + skipped(importer.Reason{Why: importer.BadHost})},
		{"a text as logins", "logins: t\n", "error"},
	} {
		if got := parsed(t, parseTea, forge.Gitea, test.data); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

// Where a token is in the keyring, and how the program logs out of its account.
func TestAccount(t *testing.T) {
	for _, test := range []struct {
		parse      func(string) ([]*importer.Item, error)
		data, want string
	}{
		{parseGH, "github.com:\n    user: a\n    users:\n        a:\n        b:\n",
			"[{gh:github.com a} {gh:github.com }] [auth logout --hostname github.com --user a]\n[{gh:github.com b}] [auth logout --hostname github.com --user b]\n"},
		{parseGH, "github.com:\n    oauth_token: t\n", "[{gh:github.com }] [auth logout --hostname github.com]\n"},
		{parseGLab, "hosts:\n    gitlab.com:\n        user: a\n", "[{glab:gitlab.com:token } {glab:gitlab.com }] [auth logout --hostname gitlab.com]\n"},
		{parseTea, "logins:\n    - name: My work\n      url: https://codeberg.org\n", "[] [logins delete My work]\n"},
	} {
		items, err := test.parse(test.data)
		got := ""
		for _, e := range items {
			got += fmt.Sprintln(e.Account.Keyring, e.Account.LogOut)
		}
		if err != nil || got != test.want {
			t.Errorf("%q: got %q, %v, want %q", test.data, got, err, test.want)
		}
	}
}
