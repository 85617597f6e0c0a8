package importer

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestParseHosts(t *testing.T) {
	for _, test := range []struct{ name, data, want string }{
		{"nothing", "", ""},
		{"one account", "github.com:\n    oauth_token: t\n    user: alice\n    git_protocol: https\n", "github.com 2 alice t"},
		{"one account in the keyring", "github.com:\n    user: alice\n", "github.com 1 alice "},
		{"several", "github.com:\n    users:\n        bob:\n            oauth_token: b\n        alice:\n            oauth_token: a\n" +
			"    user: alice\n    oauth_token: a\nghes.example:\n    users:\n        carol:\n    user: carol\n",
			"github.com 8 alice a, github.com 4 bob b, ghes.example 11 carol "},
		{"several in the keyring", "github.com:\n    git_protocol: ssh\n    users:\n        bob:\n        alice:\n    user: alice\n", "github.com 5 alice , github.com 4 bob "},
		{"two tokens of one account", "github.com:\n    users:\n        alice:\n            oauth_token: old\n    user: alice\n    oauth_token: new\n",
			"github.com 6 alice new, github.com 4 alice old"},
		{"no mapping", "- github.com\n", ""},
		{"of another form", "github.com: t\nghes.example:\n    oauth_token: [t]\n", "github.com 1  , ghes.example 3  "},
	} {
		hosts, err := parseHosts(test.data)
		var got []string
		for _, h := range hosts {
			for _, token := range h.tokens {
				got = append(got, fmt.Sprintf("%s %d %s %s", h.name, token.line, token.login, token.secret.Reveal()))
			}
		}
		if err != nil || strings.Join(got, ", ") != test.want {
			t.Errorf("%s: got %q, %v, want %q", test.name, strings.Join(got, ", "), err, test.want)
		}
	}
	for _, data := range []string{"a: b: hunter2", "\thunter2", "a: \"hunter2", "a: [hunter2", "? *hunter2", "a: !<hunter2 b"} {
		if _, err := parseHosts(data); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: got error %v, want one that does not quote it", data, err)
		}
	}
}

func TestGHItems(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("GH_CONFIG_DIR", dir)
	path := filepath.Join(dir, "hosts.yml")
	var missing *MissingError
	if _, err := (&GH{}).Items(t.Context()); !errors.As(err, &missing) || !slices.Equal(missing.Paths, []string{path}) {
		t.Errorf("got %v, want a *MissingError", err)
	}
	for data, want := range map[string]string{
		"github.com:\n    oauth_token: t\n    user: alice\n": path + ":2 github.com alice",
		"\thunter2": "",
	} {
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		items, err := (&GH{}).Items(t.Context())
		var damaged *HostsError
		if want == "" {
			if !errors.As(err, &damaged) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%q: got %v, want a *HostsError", data, err)
			}
			continue
		}
		if err != nil || len(items) != 1 || fmt.Sprintf("%s %s %s", items[0].Place, items[0].Host, items[0].Login) != want {
			t.Errorf("%q: got %v, %v, want %s", data, items, err, want)
		}
	}
}
