package term

import (
	"bytes"
	"strings"
	"testing"
)

func TestTable(t *testing.T) {
	columns := []Column{{Name: "TARGET"}, {Name: "NAME", Rank: 1}, {Name: "ACCESS", Rank: 3, Omit: true}, {Name: "STORE", Rank: 2}, {Name: "STATE"}}
	rows := [][]string{
		{"github.com/acme", "laptop", "-", "git:cache --timeout=3600", "expires in 2 days"},
		{"github.com/acme/{gadgets,widgets}", "日本語のパソコン", "-", "keyring", "ok"},
		{"forge.example/e\u0301quipe", "x", "-", "file", "set aside"},
	}
	for _, test := range []struct {
		width int // 0: no terminal
		want  string
	}{
		{0, `
TARGET                              NAME               STORE                      STATE
github.com/acme                     laptop             git:cache --timeout=3600   expires in 2 days
github.com/acme/{gadgets,widgets}   日本語のパソコン   keyring                    ok
forge.example/équipe                x                  file                       set aside
`},
		{100, `
TARGET                              NAME               STORE                      STATE
github.com/acme                     laptop             git:cache --timeout=3600   expires in 2 days
github.com/acme/{gadgets,widgets}   日本語のパソコン   keyring                    ok
forge.example/équipe                x                  file                       set aside
`},
		{80, `
TARGET                              NAME               STATE
github.com/acme                     laptop             expires in 2 days
github.com/acme/{gadgets,widgets}   日本語のパソコン   ok
forge.example/équipe                x                  set aside
`},
		{60, `
TARGET                              STATE
github.com/acme                     expires in 2 days
github.com/acme/{gadgets,widgets}   ok
forge.example/équipe                set aside
`},
		{40, `
TARGET                 STATE
github.com/acme        expires in 2 days
github.com…,widgets}   ok
forge.example/équipe   set aside
`},
		// The last column stays whole, and no column gets too narrow to read.
		{20, `
TARGET     STATE
gith…cme   expires in 2 days
gith…ts}   ok
forg…ipe   set aside
`},
	} {
		var out bytes.Buffer
		u := &Terminal{Out: &out, Width: test.width}
		if err := u.Table(Table{columns, rows, func(string) string { return "" }}); err != nil {
			t.Fatal(err)
		}
		want := strings.ReplaceAll(strings.TrimPrefix(test.want, "\n"), "é", "e\u0301")
		if out.String() != want {
			t.Errorf("%d cells: got\n%s\nwant\n%s", test.width, &out, want)
		}
	}
}

func TestShorten(t *testing.T) {
	for _, test := range []struct {
		text  string
		limit int
		want  string
	}{
		{"github.com", 10, "github.com"},
		{"github.com", 9, "gith….com"},
		{"github.com", 8, "gith…com"},
		// Characters of two cells, and of none.
		{"日本語のパソコン", 16, "日本語のパソコン"},
		{"日本語のパソコン", 15, "日本語の…ソコン"},
		{"日本語のパソコン", 8, "日本…ン"},
		{"e\u0301e\u0301e\u0301e\u0301", 4, "e\u0301e\u0301e\u0301e\u0301"},
		{"", 0, ""},
	} {
		got := shorten(test.text, test.limit)
		if got != test.want || cells(got) > test.limit {
			t.Errorf("%q in %d cells: got %q, want %q", test.text, test.limit, got, test.want)
		}
	}
}
