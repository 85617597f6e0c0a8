package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// read shows what was read as host|path|login|secret, or as what is wrong.
func read(items []*item) string {
	var all []string
	for _, e := range items {
		text := fmt.Sprintf("%d %s|%s|%s|%s", e.line, e.host, e.path, e.login, e.secret.Reveal())
		if !e.kept() {
			text += " " + e.why
		}
		all = append(all, text)
	}
	return strings.Join(all, "\n")
}

func TestParseCredentials(t *testing.T) {
	const odd, percent = " it is no URL with a user name and a password", " it has a % that begins no code"
	for _, test := range []struct{ name, data, want string }{
		{"nothing", "", ""},
		{"a line", "https://alice:word@github.com\n", "1 github.com||alice|word"},
		{"without an end", "https://alice:word@github.com", "1 github.com||alice|word"},
		{"with a path", "https://alice:word@github.com/acme/widgets.git/\n", "1 github.com|acme/widgets.git|alice|word"},
		{"codes", "https://al%69ce%40example.com:w%3a%2F%40@host%2eexample%3a8443/a%20b\n", "1 host.example:8443|a b|alice@example.com|w:/@"},
		{"a plus is a plus", "https://a+b:c+d@h/e+f\n", "1 h|e+f|a+b|c+d"},
		{"a colon in a password", "https://alice:a:b@github.com\n", "1 github.com||alice|a:b"},
		{"nothing for a name", "https://:word@github.com\n", "1 github.com|||word"},
		{"ends of Windows", "https://alice:word@github.com\r\nhttps://bob:word@github.com\r\n", "1 github.com||alice|word\n2 github.com||bob|word"},
		{"empty lines and comments", "\n  \n# https://alice:word@github.com\n https://bob:word@github.com \n", "4 github.com||bob|word"},
		{"other schemes", "HTTPS://a:b@c\nhttp://a:b@c\nsmtp://a:b@c\n",
			"1 c||a|b\n2 ||| it is for \"http\", and tokens work over https only\n3 ||| it is for \"smtp\", and tokens work over https only"},

		// Of these a part may be the secret, so that nothing is read of them.
		{"no password", "https://alice@github.com\n", "1 |||" + odd},
		{"no name", "https://github.com\n", "1 |||" + odd},
		{"no URL", "word\nalice:word@github.com\n", "1 |||" + odd + "\n2 |||" + odd},
		{"a slash in a password", "https://alice:a/b@github.com\n", "1 |||" + odd},
		{"a mark in a password", "https://alice:a@b@github.com\n", "1 |||" + odd},
		{"a mark and a slash in a password", "https://alice:a@b/c@github.com\n", "1 |||" + odd},
		{"no code", "https://alice:100%@github.com\n", "1 |||" + percent},
	} {
		if got := read(parseCredentials(test.data)); got != test.want {
			t.Errorf("%s: got\n%s\nwant\n%s", test.name, got, test.want)
		}
	}
}

func TestParseNetrc(t *testing.T) {
	const cutShort, unknown = " a word is missing in it, or the end of a quote", " it has a word that netrc does not know"
	for _, test := range []struct{ name, data, want string }{
		{"nothing", " \n", ""},
		{"a line", "machine github.com login alice password word\n", "1 github.com||alice|word"},
		{"lines", "machine github.com\n\tlogin alice\n\tpassword word\nmachine h password x", "1 github.com||alice|word\n4 h|||x"},
		{"any order", "machine h password word account a login alice", "1 h||alice|word"},
		{"two in a line", "machine a password x machine b password y", "1 a|||x\n1 b|||y"},
		{"a value on the next line", "machine\nh password\nword\n", "1 h|||word"},
		{"comments", "# machine a password b\nmachine h # login alice\n# and\npassword #word", "2 h|||#word"},
		{"quotes", `machine h login "al ice" password "a \"b\" \\ # c"`, `1 h||al ice|a "b" \ # c`},
		{"codes in quotes", `machine h password "a\tb\nc"`, "1 h|||a\tb\nc"},
		{"an empty value", `machine h login "" password x`, "1 h|||x"},
		{"a quote within", `machine h password a"b"`, `1 h|||a"b"`},
		{"ends of Windows", "machine h\r\npassword x\r\n", "1 h|||x"},
		{"default", "machine h password x\ndefault login anonymous password me", "1 h|||x\n2 ||| it is for any host, and a token is for one"},
		{"a macro", "machine h password x\nmacdef init\npassword y\nmachine z\n\nmachine b password c",
			"1 ||| it has a macro (macdef), which is no log-in of Git's\n6 b|||c"},
		{"a macro without an end", "machine h password x\nmacdef init\nmachine z",
			"1 ||| it has a macro (macdef), which is no log-in of Git's"},

		// Of these a part may be the secret.
		{"a space in a password", "machine h login alice password my secret\nmachine b password c", "1 |||" + unknown + "\n2 b|||c"},
		{"and a keyword after it", "machine h password my secret login alice", "1 |||" + unknown},
		{"a quote without an end", "machine h password \"my\nlogin alice\nmachine b password c", "1 |||" + cutShort + "\n3 b|||c"},
		{"no value", "machine h password", "1 |||" + cutShort},
		{"no machine", "login alice password word\nmachine b password c", "1 ||| it names no machine\n2 b|||c"},
	} {
		if got := read(parseNetrc(test.data)); got != test.want {
			t.Errorf("%s: got\n%s\nwant\n%s", test.name, got, test.want)
		}
	}
}

// What is cut out of a file is an entry, whole; all else stays to the byte.
func TestCut(t *testing.T) {
	for _, test := range []struct {
		parse            func(string) []*item
		data, host, want string
	}{
		{parseCredentials, "https://a:b@x\nhttps://a:b@y\r\n\n# z\nhttps://a:b@x", "x", "https://a:b@y\r\n\n# z\n"},
		{parseCredentials, "  https://a:b@x  \nhttps://a:b@y", "x", "https://a:b@y"},
		{parseNetrc, "machine x login a password b\n\nmachine y  login a\n", "x", "\nmachine y  login a\n"},
		{parseNetrc, "machine x\n  login a\n# stays\n  password b\n\nmachine y password c", "x", "# stays\n\nmachine y password c"},
		{parseNetrc, "machine y password c machine x password b\nmachine z password d\n", "x", "machine y password c  \nmachine z password d\n"},
		{parseNetrc, "machine\nx\npassword\n\"b c\"\n\tmachine y password c\n", "x", "\tmachine y password c\n"},
		{parseNetrc, "machine x password b # stays\n", "x", "  # stays\n"},
	} {
		var spans [][2]int
		for _, e := range test.parse(test.data) {
			if e.host == test.host {
				spans = append(spans, e.spans...)
			}
		}
		if got := cut(test.data, spans); got != test.want {
			t.Errorf("%q: got %q, want %q", test.data, got, test.want)
		}
		if got := cut(test.data, nil); got != test.data {
			t.Errorf("%q: got %q where nothing is cut", test.data, got)
		}
	}
}

func FuzzCut(f *testing.F) {
	f.Add("https://a:b@c\n#\nhttps://a:b@c/d", "machine a login b\npassword \"c\nmacdef d\n\ndefault # e")
	f.Fuzz(func(t *testing.T, credentials, netrc string) {
		for data, parse := range map[string]func(string) []*item{credentials: parseCredentials, netrc: parseNetrc} {
			items := parse(data)
			for i, e := range items {
				rest := parse(cut(data, e.spans))
				if len(rest) != len(items)-1 {
					continue // what stood beside it has become a part of another one
				}
				others := append(append([]*item{}, items[:i]...), items[i+1:]...)
				for j := range rest {
					rest[j].line = others[j].line
				}
				if got, want := read(rest), read(others); got != want {
					t.Errorf("%q without the entry %d: got %q, want %q", data, i, got, want)
				}
			}
		}
	})
}

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

func TestRewrite(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "file"), filepath.Join(dir, "link")
	if err := errors.Join(os.WriteFile(path, []byte("old"), 0o640), os.Chmod(path, 0o640), os.Symlink("file", link)); err != nil {
		t.Fatal(err)
	}
	appended := func(data string) string { return data + "new" }
	if err := rewrite(link, appended); err != nil {
		t.Fatal(err)
	}
	is := func(want string) {
		t.Helper()
		data, err := os.ReadFile(path)
		if err != nil || string(data) != want {
			t.Errorf("got %q, %v, want %q", data, err, want)
		}
		info, err := os.Lstat(path)
		if err != nil || !info.Mode().IsRegular() || info.Mode().Perm() != 0o640 {
			t.Errorf("got the mode %v, %v", info.Mode(), err)
		}
		if info, err = os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
			t.Errorf("got %v, %v for the link", info, err)
		}
	}
	is("oldnew")

	// A lock of another program's is waited for, and stays.
	lock := path + ".lock"
	if err := os.WriteFile(lock, []byte("another's"), 0o600); err != nil {
		t.Fatal(err)
	}
	var f *fault
	if err := rewrite(link, appended); !errors.As(err, &f) || len(f.commands) != 1 || f.commands[0] != "rm "+shellWord(lock) {
		t.Errorf("got error %v, want a *fault with the way out", err)
	}
	is("oldnew")
	if data, err := os.ReadFile(lock); err != nil || string(data) != "another's" {
		t.Errorf("got %q, %v for the lock", data, err)
	}
	if err := os.Remove(lock); err != nil {
		t.Fatal(err)
	}
	if err := rewrite(link, appended); err != nil {
		t.Fatal(err)
	}
	is("oldnewnew")
	if _, err := os.Lstat(lock); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the lock stays: %v", err)
	}
}
