package importer

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// read shows what was read as host|path|login|secret, or as what is wrong.
func read(items []*Item) string {
	var all []string
	for _, e := range items {
		text := fmt.Sprintf("%d %s|%s|%s|%s", e.line, e.Host, e.Path, e.Login, e.Secret.Reveal())
		if !e.Kept() {
			text += skipped(e.Reason)
		}
		all = append(all, text)
	}
	return strings.Join(all, "\n")
}

func skipped(r Reason) string { return fmt.Sprintf(" skipped %d", r.Why) }

func TestParseCredentials(t *testing.T) {
	odd, percent := skipped(Reason{Why: NoLogin}), skipped(Reason{Why: BadEscape})
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
			"1 c||a|b\n2 |||" + skipped(Reason{Why: OtherScheme}) + "\n3 |||" + skipped(Reason{Why: OtherScheme})},

		// A part of these may be the secret, so nothing of them is read.
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

// Whole entries are cut out of a file. The rest stays byte for byte.
func TestCut(t *testing.T) {
	for _, test := range []struct {
		parse            func(string) []*Item
		data, host, want string
	}{
		{parseCredentials, "https://a:b@x\nhttps://a:b@y\r\n\n# z\nhttps://a:b@x", "x", "https://a:b@y\r\n\n# z\n"},
		{parseCredentials, "  https://a:b@x  \nhttps://a:b@y", "x", "https://a:b@y"},
		{ParseNetrc, "machine x login a password b\n\nmachine y  login a\n", "x", "\nmachine y  login a\n"},
		{ParseNetrc, "machine x\n  login a\n# stays\n  password b\n\nmachine y password c", "x", "# stays\n\nmachine y password c"},
		{ParseNetrc, "machine y password c machine x password b\nmachine z password d\n", "x", "machine y password c  \nmachine z password d\n"},
		{ParseNetrc, "machine\nx\npassword\n\"b c\"\n\tmachine y password c\n", "x", "\tmachine y password c\n"},
		{ParseNetrc, "machine x password b # stays\n", "x", "  # stays\n"},
	} {
		var spans []span
		for _, e := range test.parse(test.data) {
			if e.Host == test.host {
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
		for data, parse := range map[string]func(string) []*Item{credentials: parseCredentials, netrc: ParseNetrc} {
			items := parse(data)
			for i, e := range items {
				rest := parse(cut(data, e.spans))
				if len(rest) != len(items)-1 {
					continue // the text beside it is a part of another entry now
				}
				others := append(append([]*Item{}, items[:i]...), items[i+1:]...)
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

// An entry is removed only if it is kept and did not change.
func TestFilesRemove(t *testing.T) {
	path := filepath.Join(t.TempDir(), "credentials")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("https://a:b@kept\nhttps://a:b@left\nhttps://a:b@changed\n")
	f, err := GitCredentials([]string{path})
	if err != nil {
		t.Fatal(err)
	}
	items, err := f.Items(t.Context())
	if err != nil || len(items) != 3 {
		t.Fatalf("got %v, %v", items, err)
	}
	items[1].Skip(Reason{Why: OtherServer})
	write("https://a:c@changed\n\nhttps://a:b@left\nhttps://a:b@kept\n")
	done, err := f.Remove(t.Context(), items)
	if want := []Removal{{Place: path, Entries: 1}, {Place: path + ":3", Err: ErrChanged}}; err != nil || !slices.Equal(done, want) {
		t.Errorf("got %v, %v, want %v", done, err, want)
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != "https://a:c@changed\n\nhttps://a:b@left\n" {
		t.Errorf("got %q, %v", data, err)
	}
	t.Setenv("HOME", t.TempDir())
	t.Setenv("NETRC", path+".none")
	var missing *MissingError
	if _, err := Netrc(nil); !errors.As(err, &missing) || !slices.Equal(missing.Paths, []string{path + ".none"}) {
		t.Errorf("got %v, want a *MissingError", err)
	}
	if _, err := (&Files{[]string{path + ".none"}, ParseNetrc}).Items(t.Context()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want %v", err, fs.ErrNotExist)
	}
}
