package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/advice"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/disk"
	"github.com/git-credential-pat/git-credential-pat/store/keeper"
)

func said(f func(sayer)) string {
	var out bytes.Buffer
	f(sayer{&out})
	return out.String()
}

var noon = time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)

// A hint goes with each outcome that is no answer. They are at most four lines.
func TestNoAnswer(t *testing.T) {
	record := func(name string, change func(*credential.Candidate)) credential.Candidate {
		c := credential.Candidate{Key: name, Record: credential.Record{
			Target: credential.Target{Host: "github.com", Paths: []string{"acme"}}, Name: name, Kind: credential.FineGrained, Store: "keyring",
		}}
		change(&c)
		return c
	}
	plain := func(*credential.Candidate) {}
	for _, test := range []struct {
		name     string
		host     string // github.com
		path     string
		username string
		has      []credential.Candidate
		want     string
	}{
		{name: "none", path: "acme/widgets.git", want: "git pat: no token for github.com/acme/widgets\n" +
			"hint: to add one:\nhint:   git pat add acme\n"},
		{name: "none, and no path", want: "git pat: no token for github.com\n" +
			"hint: to add one:\nhint:   git pat add github.com\n"},
		{name: "none for a gist", host: "gist.github.com", path: "0123abcd.git", want: "git pat: no token for gist.github.com/0123abcd.git\n" +
			"hint: to add one:\nhint:   git pat add gist.github.com\n"},
		{name: "none on another host", host: "ghes.example:8443", path: "acme/widgets", want: "git pat: no token for ghes.example:8443/acme/widgets\n" +
			"hint: to add one:\nhint:   git pat add ghes.example:8443/acme\n"},
		{name: "another login", path: "acme/widgets", username: "bob",
			has: []credential.Candidate{record("laptop", func(c *credential.Candidate) { c.Username = "alice" })},
			want: "git pat: no token of \"bob\" for github.com/acme/widgets, but one of \"alice\"\n" +
				"hint: leave the user name out of the URL, or add a token for it:\nhint:   git pat add acme --username bob\n"},
		{name: "another login that nobody has", path: "acme/widgets", username: "\u212aim",
			has: []credential.Candidate{record("laptop", func(c *credential.Candidate) { c.Username = "kim" })},
			want: "git pat: no token of \"\\u212aim\" for github.com/acme/widgets, but one of \"kim\"\n" +
				"hint: leave the user name out of the URL\n"},
		{name: "a token for a login", path: "acme/widgets", username: "ghp" + "_" + strings.Repeat("Z", 36),
			has: []credential.Candidate{record("laptop", func(c *credential.Candidate) { c.Username = "alice" })},
			want: "git pat: no token of *** for github.com/acme/widgets, but one of \"alice\"\n" +
				"hint: leave the user name out of the URL\n"},
		{name: "names that begin like a token", path: "acme/ghp_tools_and_more_things",
			has: []credential.Candidate{record("ghp_of_the_laptop", func(c *credential.Candidate) { c.Expires = noon.AddDate(0, 0, -3) })},
			want: "git pat: the token \"ghp_of_the_laptop\" for github.com/acme expired 3 days ago, on 2026-11-19\n" +
				"hint: to put a new one in its place:\nhint:   git pat rotate acme --name ghp_of_the_laptop\n"},
		{name: "a store with what does not print", path: "acme/widgets",
			has: []credential.Candidate{record("ci", func(c *credential.Candidate) { c.NoSecret, c.Store = true, "env:A\x1b[2J\u202e\nB\xff" })},
			want: "git pat: the token \"ci\" for github.com/acme is no longer in its store, \"env:A\\x1b[2J\\u202e\\nB\\xff\"\n" +
				"hint: set the variable A\\x1b[2J\\u202e\\nB\\xff\n"},
		{name: "a push with one for reading", path: "acme/widgets", username: "git-push",
			has: []credential.Candidate{record("r", func(c *credential.Candidate) { c.Access = credential.ReadAccess })},
			want: "git pat: no token for pushing to github.com/acme/widgets, but one for reading, \"r\"\n" +
				"hint: to add one that may push:\nhint:   git pat add acme --access write\n"},
		{name: "for reading and for writing", path: "acme/widgets",
			has: []credential.Candidate{
				record("r", func(c *credential.Candidate) { c.Access = credential.ReadAccess }),
				record("w", func(c *credential.Candidate) { c.Access = credential.WriteAccess }),
			},
			want: "git pat: 2 tokens fit github.com/acme/widgets equally: \"r\" and \"w\"\n" +
				"hint: to have Git say which requests are pushes:\nhint:   git pat setup --least-privilege\n"},
		{name: "expired", path: "acme/widgets",
			has: []credential.Candidate{record("my laptop", func(c *credential.Candidate) { c.Expires = noon.AddDate(0, 0, -3) })},
			want: "git pat: the token \"my laptop\" for github.com/acme expired 3 days ago, on 2026-11-19\n" +
				"hint: to put a new one in its place:\nhint:   git pat rotate acme --name 'my laptop'\n"},
		{name: "expired, from the environment", path: "acme/widgets",
			has: []credential.Candidate{record("ci", func(c *credential.Candidate) { c.Expires, c.Store = noon.Add(-time.Hour), "env:CI_TOKEN" })},
			want: "git pat: the token \"ci\" for github.com/acme expired today\n" +
				"hint: to note when the new one ends:\nhint:   git pat add acme --name ci --store env:CI_TOKEN\n"},
		{name: "set aside", path: "acme/widgets",
			has: []credential.Candidate{record("laptop", func(c *credential.Candidate) {
				c.Aside = &credential.Aside{Time: noon.AddDate(0, 0, -1), Reason: "rejected by github.com\x1b", Offered: noon}
			})},
			want: "git pat: the token \"laptop\" for github.com/acme was rejected by github.com\\x1b a day ago, on 2026-11-21 and is set aside\n" +
				"hint: to put a new one in its place:\nhint:   git pat rotate acme --name laptop\n"},
		{name: "set aside, from the environment", path: "acme/widgets",
			has: []credential.Candidate{record("ci", func(c *credential.Candidate) {
				c.Store, c.Aside = "env:CI_TOKEN", &credential.Aside{Time: noon, Reason: "rejected by github.com", Fingerprint: "00"}
			})},
			want: "git pat: the token \"ci\" for github.com/acme was rejected by github.com today and is set aside\n" +
				"hint: it answers again when the variable CI_TOKEN has another value\n"},
		{name: "lost", path: "acme/widgets", has: []credential.Candidate{record("laptop", func(c *credential.Candidate) { c.NoSecret = true })},
			want: "git pat: the token \"laptop\" for github.com/acme is no longer in its store, \"keyring\"\n" +
				"hint: to add it again:\nhint:   git pat add acme --name laptop\n"},
		{name: "lost, from the environment", path: "acme/widgets",
			has:  []credential.Candidate{record("ci", func(c *credential.Candidate) { c.NoSecret, c.Store = true, "env:CI_TOKEN" })},
			want: "git pat: the token \"ci\" for github.com/acme is no longer in its store, \"env:CI_TOKEN\"\nhint: set the variable CI_TOKEN\n"},
		{name: "unreadable", path: "acme/widgets", has: []credential.Candidate{record("laptop", func(c *credential.Candidate) {
			c.Damaged = &disk.FileError{Path: "/t/laptop.record", Reason: "is damaged", Advice: "move it away, then add the token again"}
		})},
			want: "git pat: the token \"laptop\" for github.com/acme cannot be read: /t/laptop.record is damaged\n" +
				"hint: move it away, then add the token again\n"},
		{name: "two", path: "acme/widgets", has: []credential.Candidate{record("desktop", plain), record("laptop", plain)},
			want: "git pat: 2 tokens fit github.com/acme/widgets equally: \"desktop\" and \"laptop\"\n" +
				"hint: see which one to keep, and remove the other:\nhint:   git pat verify acme\nhint:   git pat remove acme --name NAME\n"},
		{name: "two, for several repositories each", path: "acme/widgets", has: []credential.Candidate{
			record("desktop", func(c *credential.Candidate) { c.Paths = []string{"acme/gadgets", "acme/widgets"} }),
			record("laptop", func(c *credential.Candidate) { c.Paths = []string{"acme/widgets"} }),
		},
			want: "git pat: 2 tokens fit github.com/acme/widgets equally: \"desktop\" and \"laptop\"\n" +
				"hint: see which one to keep, and remove the other:\nhint:   git pat verify acme\nhint:   git pat remove TARGET --name NAME\n"},
		{name: "three, with logins", path: "acme/widgets",
			has: []credential.Candidate{record("a", plain), record("b", plain), record("c", func(c *credential.Candidate) { c.Username = "carol" })},
			want: "git pat: 3 tokens fit github.com/acme/widgets equally: \"a\", \"b\" and \"c\"\n" +
				"hint: name one's login in the URL, or see which one to keep, and remove the other:\nhint:   https://LOGIN@github.com/acme/widgets\n" +
				"hint:   git pat verify acme\n"},
		{name: "no path, two owners", has: []credential.Candidate{
			record("a", plain), record("b", func(c *credential.Candidate) { c.Paths = []string{"globex"} }),
		}, want: "git pat: several tokens are for github.com, and the request names no repository\n" +
			"hint: to have Git name it:\nhint:   git pat setup\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.host == "" {
				test.host = "github.com"
			}
			request := credential.Request{Host: test.host, Path: test.path, Username: test.username}
			got := said(func(s sayer) { s.advice(advice.For(credential.Choose(request, test.has, noon))) })
			if got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
			if lines := strings.Count(got, "\n"); lines > 4 {
				t.Errorf("%d lines", lines)
			}
		})
	}
}

// Whatever is the matter, no token is shown, and none is said to be removed.
func TestFault(t *testing.T) {
	record := credential.Record{Target: credential.Target{Host: "github.com", Paths: []string{"acme"}}, Name: "laptop", Store: "keyring"}
	looksLikeOne := "ghp_" + strings.Repeat("Z", 36)
	for _, test := range []struct {
		err  error
		want string
	}{
		{errors.New("one\ntwo"), "one two"},
		{errors.New("it was " + looksLikeOne), "it was ghp_***"},
		{&store.Error{Store: "keyring", What: "is locked", Advice: "unlock it"}, `the store "keyring" is locked; unlock it`},
		{&recordError{record, &store.Error{Store: "keyring", What: "is locked"}}, `cannot read the token "laptop" for github.com/acme: the store "keyring" is locked`},
		{&recordError{record, keeper.ErrSecret}, `cannot read the token "laptop" for github.com/acme: the secret is empty, too long or holds control characters; git pat add acme --name laptop`},
		{&disk.FileError{Path: "/t", Reason: "is accessible to other users", Advice: "chmod 700 /t"}, "/t is accessible to other users; chmod 700 /t"},
		{&keeper.MarkError{Record: record, Err: errors.New("read-only file system")},
			`the token "laptop" of github.com/acme was refused, and that cannot be noted: read-only file system` + "\nhint: to put a new one in its place:\nhint:   git pat rotate acme --name laptop"},
		{&keeper.MarkError{Record: record, Err: &disk.FileError{Path: "/t", Reason: "cannot be written: no space left on device", Advice: "free space on that disk and try again"}},
			`the token "laptop" of github.com/acme was refused, and that cannot be noted: /t cannot be written: no space left on device; free space on that disk and try again` +
				"\nhint: to put a new one in its place:\nhint:   git pat rotate acme --name laptop"},
		{credential.ErrPath, "refused a request for a path that GitHub does not allow"},
		{errors.New("from /a\x1b]0;title\a/\u202e\r\u009b2J\u2028\xff"), `from /a\x1b]0;title\a/\u202e\r\u009b2J\u2028\xff`},
		{errors.New(strings.Repeat("x", 70_000)), strings.Repeat("x", 500) + "..."},
		{errors.New(strings.Repeat("x", 499) + "\u00e9"), strings.Repeat("x", 499) + `\xc3...`},
	} {
		if got := said(func(s sayer) { s.fault(test.err) }); got != "git pat: "+test.want+"\n" {
			t.Errorf("got\n%s\nwant\n%s", got, test.want)
		}
	}
}
