package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/words"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

func TestInWords(t *testing.T) {
	setZone(t, "Europe/Berlin")
	noon := time.Date(2026, time.November, 22, 12, 0, 0, 0, time.Local)
	at := func(text string) time.Time {
		when, err := time.ParseInLocation(time.DateTime, text, time.Local)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	for _, test := range []struct {
		when, want string
		now        time.Time
	}{
		{"2026-11-22 12:00:00", "today", noon},
		{"2026-11-22 00:00:00", "today", noon},
		{"2026-11-22 23:59:59", "today", noon},
		// Days are counted by midnights, not by hours.
		{"2026-11-23 00:00:00", "tomorrow", noon},
		{"2026-11-23 23:59:59", "tomorrow", noon},
		{"2026-11-24 00:00:00", "in 2 days", noon},
		{"2026-12-04 11:00:00", "in 12 days", noon},
		{"2027-11-22 12:00:00", "in 365 days", noon},
		{"2026-11-21 23:59:59", "yesterday", noon},
		{"2026-11-21 00:00:00", "yesterday", noon},
		{"2026-11-20 23:59:59", "2 days ago", noon},
		{"2020-11-22 12:00:00", "2191 days ago", noon},
		// Around the days of 23 and of 25 hours.
		{"2026-03-30 00:30:00", "tomorrow", at("2026-03-29 00:30:00")},
		{"2026-10-26 00:30:00", "tomorrow", at("2026-10-25 00:30:00")},
		{"2026-10-25 23:30:00", "today", at("2026-10-25 00:30:00")},
	} {
		if got := words.When(at(test.when), test.now); got != test.want {
			t.Errorf("%s at %v: got %q, want %q", test.when, test.now, got, test.want)
		}
	}
	// A time in UTC is said in local days.
	if got := words.When(time.Date(2026, time.November, 22, 23, 30, 0, 0, time.UTC), noon); got != "tomorrow" {
		t.Errorf("half past midnight in Berlin: got %q", got)
	}
}

// someTokens puts records of all sorts where the commands look for them.
func someTokens(t *testing.T, now time.Time) *record.Tree {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("GIT_PAT_DIR", dir)
	tree := record.NewTree(dir)
	put := func(r credential.Record) string {
		t.Helper()
		if err := tree.Put(r); err != nil {
			t.Fatal(err)
		}
		return record.Key(r)
	}
	in := func(days int) time.Time { return now.AddDate(0, 0, days).UTC() }
	target := func(host string, paths ...string) credential.Target {
		return credential.Target{Host: host, Paths: paths}
	}
	used := put(credential.Record{Target: target("github.com", "acme"), Name: "laptop", Username: "alice", Kind: credential.FineGrained, Added: in(-30).Add(123456789 * time.Nanosecond), Expires: in(12), Store: "keyring"})
	if err := tree.NoteUse(used, in(-1)); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CI_TOKEN", "set")
	put(credential.Record{Target: target("github.com", "acme/gadgets", "acme/widgets"), Name: "ci", Kind: credential.FineGrained, Store: "env:CI_TOKEN"})
	put(credential.Record{Target: target("github.com"), Name: "old", Kind: credential.Classic, Expires: in(-3), Store: "file"})
	refused := put(credential.Record{Target: target("ghes.example:8443", "acme"), Name: "my laptop", Username: "alice", Kind: credential.FineGrained, Store: "git:cache --timeout=60"})
	if err := tree.SetAside(refused, credential.Aside{Time: in(-2), Reason: "rejected by ghes.example:8443"}); err != nil {
		t.Fatal(err)
	}
	put(credential.Record{Target: target("forge.example", "Team/Thing.git"), Name: "b\u00f6b", Username: "b\u00f6b", Kind: credential.Other, Store: "keyring"})
	damaged := put(credential.Record{Target: target("github.com", "globex/reactor"), Name: "gone", Kind: credential.Classic, Store: "file"})
	if err := os.WriteFile(filepath.Join(dir, "tokens", filepath.FromSlash(damaged)+".record"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	return tree
}

const wantTable = `TARGET                              NAME         KIND           LOGIN        EXPIRES      LAST USED   STORE                    STATE
forge.example/team/thing            "b\u00f6b"   other          "b\u00f6b"   -            -           keyring                  ok
ghes.example:8443/acme              my laptop    fine-grained   alice        -            -           git:cache --timeout=60   set aside
github.com                          old          classic        -            3 days ago   -           file                     expired
github.com/acme                     laptop       fine-grained   alice        in 12 days   yesterday   keyring                  ok
github.com/acme/{gadgets,widgets}   ci           fine-grained   -            -            -           env:CI_TOKEN             ok
github.com/globex/reactor           gone         -              -            -            -           -                        unreadable
`

func TestListTable(t *testing.T) {
	now := time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)
	setZone(t, "UTC")
	tree := someTokens(t, now)
	for _, colours := range []bool{false, true} {
		var out, errOut bytes.Buffer
		to := &term.Terminal{Out: &out, Err: &errOut, Colours: colours}
		err := (&listCommand{}).Run(to, &tokens.Tokens{Tree: tree, Now: now})
		if err == nil || !strings.HasSuffix(err.Error(), "gone.record is damaged") {
			t.Errorf("got error %v, want the damaged file", err)
		}
		want := wantTable
		if colours {
			for state, code := range map[string]string{"ok": "32", "set aside": "33", "expired": "33", "unreadable": "31"} {
				want = strings.ReplaceAll(want, " "+state+"\n", " \x1b["+code+"m"+state+"\x1b[m\n")
			}
		}
		if out.String() != want {
			t.Errorf("colours %v: got\n%s\nwant\n%s", colours, &out, want)
		}
		if errOut.Len() > 0 {
			t.Errorf("said %q", &errOut)
		}
	}
}

// In a narrow window the target and the state stay.
func TestListNarrow(t *testing.T) {
	now := time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)
	setZone(t, "UTC")
	tree := someTokens(t, now)
	for width, want := range map[int]string{
		100: `TARGET                              NAME         KIND           LOGIN        EXPIRES      STATE
forge.example/team/thing            "b\u00f6b"   other          "b\u00f6b"   -            ok
ghes.example:8443/acme              my laptop    fine-grained   alice        -            set aside
github.com                          old          classic        -            3 days ago   expired
github.com/acme                     laptop       fine-grained   alice        in 12 days   ok
github.com/acme/{gadgets,widgets}   ci           fine-grained   -            -            ok
github.com/globex/reactor           gone         -              -            -            unreadable
`,
		80: `TARGET                              NAME         EXPIRES      STATE
forge.example/team/thing            "b\u00f6b"   -            ok
ghes.example:8443/acme              my laptop    -            set aside
github.com                          old          3 days ago   expired
github.com/acme                     laptop       in 12 days   ok
github.com/acme/{gadgets,widgets}   ci           -            ok
github.com/globex/reactor           gone         -            unreadable
`,
		60: `TARGET                              NAME         STATE
forge.example/team/thing            "b\u00f6b"   ok
ghes.example:8443/acme              my laptop    set aside
github.com                          old          expired
github.com/acme                     laptop       ok
github.com/acme/{gadgets,widgets}   ci           ok
github.com/globex/reactor           gone         unreadable
`,
		40: `TARGET                        STATE
forge.example/team/thing      ok
ghes.example:8443/acme        set aside
github.com                    expired
github.com/acme               ok
github.com/ac…gets,widgets}   ok
github.com/globex/reactor     unreadable
`,
	} {
		var out bytes.Buffer
		(&listCommand{}).Run(&term.Terminal{Out: &out, Err: &bytes.Buffer{}, Width: width}, &tokens.Tokens{Tree: tree, Now: now}) // the error is another test's
		if out.String() != want {
			t.Errorf("%d columns: got\n%s\nwant\n%s", width, &out, want)
		}
	}
}

// A token that expires within a week is not just ok. Names that nobody chose are
// not shown, unless they tell two tokens of a target apart.
func TestListSoon(t *testing.T) {
	now := time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)
	setZone(t, "UTC")
	put := func(tree *record.Tree, owner, name, login string, expires time.Time) {
		t.Helper()
		target := credential.Target{Host: "github.com", Paths: []string{owner}}
		if err := tree.Put(credential.Record{Target: target, Name: name, Username: login, Kind: credential.Classic, Store: "file", Expires: expires}); err != nil {
			t.Fatal(err)
		}
	}
	list := func(tree *record.Tree) string {
		t.Helper()
		var out bytes.Buffer
		if err := (&listCommand{}).Run(&term.Terminal{Out: &out, Err: &out, Colours: true}, &tokens.Tokens{Tree: tree, Now: now}); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	tree := record.NewTree(t.TempDir())
	put(tree, "a", "classic", "", time.Time{})
	put(tree, "b", "alice", "Alice", now.Add(time.Hour))
	put(tree, "c", "classic", "alice", now.AddDate(0, 0, 1))
	put(tree, "d", "alice", "alice", now.AddDate(0, 0, 6))
	put(tree, "e", "alice", "alice", now.AddDate(0, 0, 7))
	want := strings.NewReplacer("<", "\x1b[", ">", "m").Replace(`TARGET         KIND      LOGIN   EXPIRES     LAST USED   STORE   STATE
github.com/a   classic   -       -           -           file    <32>ok<>
github.com/b   classic   Alice   today       -           file    <33>expires today<>
github.com/c   classic   alice   tomorrow    -           file    <33>expires tomorrow<>
github.com/d   classic   alice   in 6 days   -           file    <33>expires in 6 days<>
github.com/e   classic   alice   in 7 days   -           file    <32>ok<>
`)
	if got := list(tree); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	put(tree, "a", "alice", "alice", time.Time{})
	if got := list(tree); !strings.Contains(got, "\ngithub.com/a   classic   classic   -       -  ") || !strings.Contains(got, "\ngithub.com/a   alice     classic   alice   -  ") {
		t.Errorf("two tokens of a target have no names: got\n%s", got)
	}
}

const wantJSON = `[
  {
    "target": "forge.example/team/thing",
    "host": "forge.example",
    "paths": [
      "team/thing"
    ],
    "name": "böb",
    "username": "böb",
    "kind": "other",
    "store": "keyring",
    "state": "ok"
  },
  {
    "target": "ghes.example:8443/acme",
    "host": "ghes.example:8443",
    "paths": [
      "acme"
    ],
    "name": "my laptop",
    "username": "alice",
    "kind": "fine-grained",
    "forge": "github",
    "store": "git:cache --timeout=60",
    "state": "set aside",
    "set_aside": "2026-11-20T12:00:00Z"
  },
  {
    "target": "github.com",
    "host": "github.com",
    "paths": [],
    "name": "old",
    "kind": "classic",
    "forge": "github",
    "expires": "2026-11-19T12:00:00Z",
    "store": "file",
    "state": "expired"
  },
  {
    "target": "github.com/acme",
    "host": "github.com",
    "paths": [
      "acme"
    ],
    "name": "laptop",
    "username": "alice",
    "kind": "fine-grained",
    "forge": "github",
    "added": "2026-10-23T12:00:00Z",
    "expires": "2026-12-04T12:00:00Z",
    "last_used": "2026-11-21T12:00:00Z",
    "store": "keyring",
    "state": "ok"
  },
  {
    "target": "github.com/acme/{gadgets,widgets}",
    "host": "github.com",
    "paths": [
      "acme/gadgets",
      "acme/widgets"
    ],
    "name": "ci",
    "kind": "fine-grained",
    "forge": "github",
    "store": "env:CI_TOKEN",
    "state": "ok"
  },
  {
    "target": "github.com/globex/reactor",
    "host": "github.com",
    "paths": [
      "globex/reactor"
    ],
    "name": "gone",
    "kind": "",
    "forge": "github",
    "store": "",
    "state": "unreadable"
  }
]
`

// Programs rely on this, so that it changes by additions only.
func TestListJSON(t *testing.T) {
	now := time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)
	setZone(t, "Asia/Tokyo") // times are in UTC all the same
	tree := someTokens(t, now)
	var out bytes.Buffer
	to := &term.Terminal{Out: &out, Err: &out, Colours: true}
	if err := (&listCommand{JSON: true}).Run(to, &tokens.Tokens{Tree: tree, Now: now}); err == nil {
		t.Error("there was no error for the damaged file")
	}
	if out.String() != wantJSON {
		t.Errorf("got\n%s\nwant\n%s", &out, wantJSON)
	}
	var parsed []map[string]any
	if err := json.Unmarshal(out.Bytes(), &parsed); err != nil {
		t.Fatal(err)
	}
	for _, entry := range parsed {
		for _, key := range []string{"target", "host", "paths", "name", "kind", "store", "state"} {
			if _, ok := entry[key]; !ok {
				t.Errorf("%v has no %s", entry["target"], key)
			}
		}
	}
}

func TestListWithin(t *testing.T) {
	now := time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)
	setZone(t, "UTC")
	tree := someTokens(t, now)
	for target, want := range map[string]string{
		"github.com":                          "old laptop ci gone",
		"acme":                                "laptop ci",
		"ACME":                                "laptop ci",
		"acme/widgets":                        "ci",
		"https://github.com/acme/gadgets.git": "ci",
		"acme/widget":                         "",
		"acm":                                 "",
		"globex":                              "gone",
		"ghes.example:8443":                   "my laptop",
		"ghes.example":                        "",
		"forge.example/Team/Thing.git":        "b\u00f6b",
		"forge.example/Team":                  "b\u00f6b",
		"forge.example/team":                  "b\u00f6b",
		"gist.github.com":                     "",
		"git@github.com:acme/widgets.git":     "ci",
		"ssh://git@ssh.github.com:443/acme/widgets/": "ci",
	} {
		var out bytes.Buffer
		to := &term.Terminal{Out: &out, Err: &bytes.Buffer{}}
		(&listCommand{Target: target, JSON: true}).Run(to, &tokens.Tokens{Tree: tree, Now: now}) // the error is another test's
		var parsed []struct{ Name string }
		if err := json.Unmarshal(out.Bytes(), &parsed); err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, entry := range parsed {
			names = append(names, entry.Name)
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s: got %q, want %q", target, got, want)
		}
	}
}

// setZone sets the local time zone. Tests that call it are not parallel.
func setZone(t *testing.T, name string) {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	old := time.Local
	time.Local = zone
	t.Cleanup(func() { time.Local = old })
}
