package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/advice"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/shell"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/protocol"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/disk"
	"github.com/git-credential-pat/git-credential-pat/store/keeper"
)

func printed(f func(ui)) string {
	var out bytes.Buffer
	f(ui{&out})
	return out.String()
}

var noon = time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)

// Each outcome without an answer has a message of at most four lines.
func TestNoAnswer(t *testing.T) {
	record := func(name string, change func(*credential.Candidate)) credential.Candidate {
		c := credential.Candidate{Key: name, Record: credential.Record{
			Target: credential.Target{Host: "github.com", Paths: []string{"acme"}}, Name: name, Kind: credential.FineGrained, Store: "keyring",
		}}
		change(&c)
		return c
	}
	plain := func(*credential.Candidate) {}
	login := func(name string) func(*credential.Candidate) {
		return func(c *credential.Candidate) { c.Username = name }
	}
	only := func(repositories ...string) func(*credential.Candidate) {
		return func(c *credential.Candidate) { c.Paths = repositories }
	}
	for _, test := range []struct {
		name     string
		host     string // github.com
		path     string
		username string
		has      []credential.Candidate
		want     string
	}{
		{name: "none", path: "acme/widgets.git", want: "git pat: no token for github.com/acme/widgets\n" +
			"hint: check the URL; to use a private repository or to push, add a token:\nhint:   git pat add acme\n"},
		{name: "one for another repository", path: "acme/widgets", has: []credential.Candidate{record("a", only("acme/gadgets"))},
			want: "git pat: no token for github.com/acme/widgets; the token \"a\" is for github.com/acme/gadgets\n" +
				"hint: add one or, if that token may use all of acme, change its target:\nhint:   git pat add acme/widgets\n" +
				"hint:   git pat edit acme/gadgets --select a --target acme\n"},
		{name: "two for other repositories", path: "acme/widgets", has: []credential.Candidate{record("a", only("acme/gadgets")), record("b", only("acme/a", "acme/b"))},
			want: "git pat: no token for github.com/acme/widgets; the tokens of \"acme\" are for other repositories\n" +
				"hint: to add one, or to list the others:\nhint:   git pat add acme/widgets\nhint:   git pat list acme\n"},
		{name: "a host without repositories", host: "www.github.com", path: "acme/widgets", want: "git pat: no token for www.github.com/acme/widgets\n" +
			"hint: use the URL:\nhint:   https://github.com/acme/widgets\n"},
		{name: "in a helper that may be locked", path: "acme/widgets",
			has: []credential.Candidate{record("a", func(c *credential.Candidate) { c.NoSecret, c.Store = true, "git:libsecret" })},
			want: "git pat: the store \"git:libsecret\" did not return the token \"a\" for github.com/acme\n" +
				"hint: unlock it if it is locked, or add the token again:\nhint:   git pat add acme --name a\n"},
		{name: "none, and no path", want: "git pat: no token for github.com\n" +
			"hint: to add one:\nhint:   git pat add github.com\n"},
		{name: "none for a gist", host: "gist.github.com", path: "0123abcd.git", want: "git pat: no token for gist.github.com/0123abcd.git\n" +
			"hint: check the URL; to use a private repository or to push, add a token:\nhint:   git pat add gist.github.com\n"},
		{name: "none on another host", host: "ghes.example:8443", path: "acme/widgets", want: "git pat: no token for ghes.example:8443/acme/widgets\n" +
			"hint: check the URL; to use a private repository or to push, add a token:\nhint:   git pat add ghes.example:8443/acme\n"},
		{name: "another login", path: "acme/widgets", username: "bob",
			has: []credential.Candidate{record("laptop", func(c *credential.Candidate) { c.Username = "alice" })},
			want: "git pat: no token for github.com/acme/widgets belongs to \"bob\"; one belongs to \"alice\"\n" +
				"hint: remove the user name from the URL, or add a token for it:\nhint:   git pat add acme --username bob\n"},
		{name: "another login that nobody has", path: "acme/widgets", username: "\u212aim",
			has: []credential.Candidate{record("laptop", func(c *credential.Candidate) { c.Username = "kim" })},
			want: "git pat: no token for github.com/acme/widgets belongs to \"\\u212aim\"; one belongs to \"kim\"\n" +
				"hint: remove the user name from the URL\n"},
		{name: "a token for a login", path: "acme/widgets", username: "ghp" + "_" + strings.Repeat("Z", 36),
			has: []credential.Candidate{record("laptop", func(c *credential.Candidate) { c.Username = "alice" })},
			want: "git pat: no token for github.com/acme/widgets belongs to ***; one belongs to \"alice\"\n" +
				"hint: remove the user name from the URL\n"},
		{name: "names that begin like a token", path: "acme/ghp_tools_and_more_things",
			has: []credential.Candidate{record("ghp_of_the_laptop", func(c *credential.Candidate) { c.Expires = noon.AddDate(0, 0, -3) })},
			want: "git pat: the token \"ghp_of_the_laptop\" for github.com/acme expired 3 days ago\n" +
				"hint: to replace it:\nhint:   git pat rotate acme --name ghp_of_the_laptop\n"},
		{name: "a store with what does not print", path: "acme/widgets",
			has: []credential.Candidate{record("ci", func(c *credential.Candidate) { c.NoSecret, c.Store = true, "env:A\x1b[2J\u202e\nB\xff" })},
			want: "git pat: the variable A\\x1b[2J\\u202e\\nB\\xff with the token \"ci\" for github.com/acme is not set\n" +
				"hint: set the variable A\\x1b[2J\\u202e\\nB\\xff\n"},
		{name: "a push with one for reading", path: "acme/widgets", username: "git-push",
			has: []credential.Candidate{record("r", func(c *credential.Candidate) { c.Access = credential.ReadAccess })},
			want: "git pat: no token can push to github.com/acme/widgets: the token \"r\" is for reading\n" +
				"hint: to add one that can push:\nhint:   git pat add acme --access write\n"},
		{name: "for reading and for writing", path: "acme/widgets",
			has: []credential.Candidate{
				record("r", func(c *credential.Candidate) { c.Access = credential.ReadAccess }),
				record("w", func(c *credential.Candidate) { c.Access = credential.WriteAccess }),
			},
			want: "git pat: 2 tokens match github.com/acme/widgets equally well: \"r\" and \"w\"\n" +
				"hint: to use one for fetching and one for pushing:\nhint:   git pat setup --least-privilege\n"},
		{name: "expired", path: "acme/widgets",
			has: []credential.Candidate{record("my laptop", func(c *credential.Candidate) { c.Expires = noon.AddDate(0, 0, -3) })},
			want: "git pat: the token \"my laptop\" for github.com/acme expired 3 days ago\n" +
				"hint: to replace it:\nhint:   git pat rotate acme --name " + shell.Own().Word("my laptop") + "\n"},
		{name: "expired, from the environment", path: "acme/widgets",
			has: []credential.Candidate{record("ci", func(c *credential.Candidate) { c.Expires, c.Store = noon.Add(-time.Hour), "env:CI_TOKEN" })},
			want: "git pat: the token \"ci\" for github.com/acme expired today\n" +
				"hint: set the variable CI_TOKEN to another token, and update its expiry date:\nhint:   git pat add acme --name ci --store env:CI_TOKEN\n"},
		{name: "set aside", path: "acme/widgets",
			has: []credential.Candidate{record("laptop", func(c *credential.Candidate) {
				c.Aside = &credential.Aside{Time: noon.AddDate(0, 0, -1), Reason: "rejected by github.com\x1b", Offered: noon}
			})},
			want: "git pat: the token \"laptop\" for github.com/acme is set aside: rejected by github.com\\x1b yesterday\n" +
				"hint: to replace it:\nhint:   git pat rotate acme --name laptop\n"},
		{name: "one without a login, and one's own", path: "acme/widgets", username: "alice",
			has: []credential.Candidate{
				record("a", func(c *credential.Candidate) { c.Expires = noon.AddDate(0, 0, -3) }),
				record("mine", func(c *credential.Candidate) { c.Username, c.Expires = "Alice", noon.AddDate(0, 0, -1) }),
			},
			want: "git pat: the token \"mine\" for github.com/acme expired yesterday\n" +
				"hint: to replace it:\nhint:   git pat rotate acme --name mine\n"},
		{name: "set aside, from the environment", path: "acme/widgets",
			has: []credential.Candidate{record("ci", func(c *credential.Candidate) {
				c.Store, c.Aside = "env:CI_TOKEN", &credential.Aside{Time: noon, Reason: "rejected by github.com", Fingerprint: "00"}
			})},
			want: "git pat: the token \"ci\" for github.com/acme is set aside: rejected by github.com today\n" +
				"hint: to replace it, set the variable CI_TOKEN to another token\n"},
		{name: "lost", path: "acme/widgets", has: []credential.Candidate{record("laptop", func(c *credential.Candidate) { c.NoSecret = true })},
			want: "git pat: the token \"laptop\" for github.com/acme is missing from the store \"keyring\"\n" +
				"hint: to add it again:\nhint:   git pat add acme --name laptop\n"},
		{name: "lost, from the environment", path: "acme/widgets",
			has:  []credential.Candidate{record("ci", func(c *credential.Candidate) { c.NoSecret, c.Store = true, "env:CI_TOKEN" })},
			want: "git pat: the variable CI_TOKEN with the token \"ci\" for github.com/acme is not set\nhint: set the variable CI_TOKEN\n"},
		{name: "unreadable", path: "acme/widgets", has: []credential.Candidate{record("laptop", func(c *credential.Candidate) {
			c.Damaged = &disk.FileError{Path: "/t/laptop.record", Reason: "is damaged", Advice: "move it away, then add the token again"}
		})},
			want: "git pat: cannot read the token \"laptop\" for github.com/acme: /t/laptop.record is damaged\n" +
				"hint: move it away, then add the token again\n"},
		{name: "two", path: "acme/widgets", has: []credential.Candidate{record("desktop", plain), record("laptop", plain)},
			want: "git pat: 2 tokens match github.com/acme/widgets equally well: \"desktop\" and \"laptop\"\n" +
				"hint: check them, and remove all but one:\nhint:   git pat verify acme\nhint:   git pat remove acme --name NAME\n"},
		{name: "two, for several repositories each", path: "acme/widgets", has: []credential.Candidate{
			record("desktop", func(c *credential.Candidate) { c.Paths = []string{"acme/gadgets", "acme/widgets"} }),
			record("laptop", func(c *credential.Candidate) { c.Paths = []string{"acme/widgets"} }),
		},
			want: "git pat: 2 tokens match github.com/acme/widgets equally well: \"desktop\" and \"laptop\"\n" +
				"hint: check them, and remove all but one:\nhint:   git pat verify acme\nhint:   git pat remove TARGET --name NAME\n"},
		{name: "two of one login", path: "acme/widgets",
			has: []credential.Candidate{record("a", login("carol")), record("b", login("Carol"))},
			want: "git pat: 2 tokens match github.com/acme/widgets equally well: \"a\" and \"b\"\n" +
				"hint: check them, and remove all but one:\nhint:   git pat verify acme\nhint:   git pat remove acme --name NAME\n"},
		{name: "one of which has no login", path: "acme/widgets", username: "carol",
			has: []credential.Candidate{record("a", plain), record("c", login("carol"))},
			want: "git pat: 2 tokens match github.com/acme/widgets equally well: \"a\" and \"c\"\n" +
				"hint: check them, and remove all but one:\nhint:   git pat verify acme\nhint:   git pat remove acme --name NAME\n"},
		{name: "three, with logins", path: "acme/widgets",
			has: []credential.Candidate{record("a", login("alice")), record("b", login("alice")), record("c", login("carol"))},
			want: "git pat: 3 tokens match github.com/acme/widgets equally well: \"a\", \"b\" and \"c\"\n" +
				"hint: put a login in the URL, or check them, and remove all but one:\nhint:   https://LOGIN@github.com/acme/widgets\n" +
				"hint:   git pat verify acme\n"},
		{name: "no path, two owners", has: []credential.Candidate{
			record("a", plain), record("b", func(c *credential.Candidate) { c.Paths = []string{"globex"} }),
		}, want: "git pat: there are several tokens for github.com, and the request does not name a repository\n" +
			"hint: to configure Git to name it:\nhint:   git pat setup\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.host == "" {
				test.host = "github.com"
			}
			request := credential.Request{Host: test.host, Path: test.path, Username: test.username}
			got := printed(func(u ui) { u.advise(advice.For(credential.Choose(request, test.has, noon))) })
			if got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
			if lines := strings.Count(got, "\n"); lines > 4 {
				t.Errorf("%d lines", lines)
			}
		})
	}
}

// An error shows no token and takes at most four lines.
func TestError(t *testing.T) {
	record := credential.Record{Target: credential.Target{Host: "github.com", Paths: []string{"acme"}}, Name: "laptop", Store: "keyring"}
	looksLikeOne := "ghp_" + strings.Repeat("Z", 36)
	for _, test := range []struct {
		err  error
		want string
	}{
		{errors.New("one\ntwo"), "one two"},
		{errors.New("it was " + looksLikeOne), "it was ghp_***"},
		{&store.Error{Store: "keyring", What: "is locked", Advice: "unlock it"}, "the store \"keyring\" is locked\nhint: unlock it"},
		{&recordError{record, &store.Error{Store: "keyring", What: "is locked"}}, `cannot read the token "laptop" for github.com/acme: the store "keyring" is locked`},
		{&recordError{record, keeper.ErrSecret}, `cannot read the token "laptop" for github.com/acme: the secret is empty, too long or contains control characters` + "\nhint: to add it again:\nhint:   git pat add acme --name laptop"},
		{&disk.FileError{Path: "/t", Reason: "is open to others", Advice: "chmod 700 /t"}, "/t is open to others\nhint: chmod 700 /t"},
		{&keeper.MarkError{Record: record, Err: errors.New("read-only file system")},
			`the token "laptop" for github.com/acme was rejected, but cannot be set aside: read-only file system` + "\nhint: to replace it:\nhint:   git pat rotate acme --name laptop"},
		{&keeper.MarkError{Record: record, Err: &disk.FileError{Path: "/t", Reason: "cannot be written: no space left on device", Advice: "make room on that disk and try again"}},
			`the token "laptop" for github.com/acme was rejected, but cannot be set aside: /t cannot be written: no space left on device` +
				"\nhint: make room on that disk and try again\nhint: to replace it:\nhint:   git pat rotate acme --name laptop"},
		{&protocol.SyntaxError{Line: 3, Reason: "no \"=\""}, `invalid request: line 3: no "="`},
		{errors.New("from /a\x1b]0;title\a/\u202e\r\u009b2J\u2028\xff"), `from /a\x1b]0;title\a/\u202e\r\u009b2J\u2028\xff`},
		{errors.New(strings.Repeat("x", 70_000)), strings.Repeat("x", 500) + "..."},
		{errors.New(strings.Repeat("x", 499) + "\u00e9"), strings.Repeat("x", 499) + `\xc3...`},
	} {
		if got := printed(func(u ui) { u.error(test.err) }); got != "git pat: "+test.want+"\n" {
			t.Errorf("got\n%s\nwant\n%s", got, test.want)
		}
	}
}

// What is said about a token that was typed at Git's prompt, in at most four lines.
func TestApproved(t *testing.T) {
	t.Setenv("SHELL", "/bin/sh") // also on Windows
	request := credential.Request{Host: "github.com", Path: "acme/widgets.git"}
	kept := credential.Record{
		Target: credential.Target{Host: "github.com", Paths: []string{"acme/widgets"}},
		Name:   "my laptop", Kind: credential.FineGrained, Store: "keyring",
	}
	elsewhere, gist, ci := kept, kept, kept
	elsewhere.Host, gist.Host = "ghes.example.com", credential.GistHost
	ci.Store = "env:CI_TOKEN"
	for _, test := range []struct {
		approval keeper.Approval
		want     string
	}{
		{keeper.Approval{}, ""},
		{keeper.Approval{Kept: &kept}, `git pat: stored this fine-grained token for github.com/acme/widgets in the store "keyring"` + "\n" +
			"hint: to use it for all repositories of acme:\nhint:   git pat edit acme/widgets --target acme\n"},
		{keeper.Approval{Kept: &kept, Several: true}, `git pat: stored this fine-grained token for github.com/acme/widgets in the store "keyring"` + "\n" +
			"hint: to use it for all repositories of acme:\nhint:   git pat edit acme/widgets --select " + shell.Own().Word("my laptop") + " --target acme\n"},
		{keeper.Approval{Kept: &elsewhere}, `git pat: stored this fine-grained token for ghes.example.com/acme/widgets in the store "keyring"` + "\n" +
			"hint: to use it for all repositories of acme:\nhint:   git pat edit ghes.example.com/acme/widgets --target ghes.example.com/acme\n"},
		{keeper.Approval{Kept: &gist}, `git pat: stored this fine-grained token for gist.github.com/acme/widgets in the store "keyring"` + "\n"},
		{keeper.Approval{Occupied: &kept}, `git pat: this token is not stored: there already is the token "my laptop" for github.com/acme/widgets` + "\n" +
			"hint: to replace it:\nhint:   git pat rotate acme/widgets --name " + shell.Own().Word("my laptop") + "\n"},
		{keeper.Approval{Occupied: &ci}, `git pat: this token is not stored: there already is the token "my laptop" for github.com/acme/widgets` + "\n"},
		{keeper.Approval{Occupied: &kept, Repeated: true}, ""},
		{keeper.Approval{NeedsPath: true}, "git pat: this token is not stored: Git did not name the repository on github.com\n" +
			"hint: to configure Git to name it:\nhint:   git pat setup\n"},
	} {
		var b strings.Builder
		ui{&b}.approved(request, test.approval)
		if b.String() != test.want {
			t.Errorf("got %q, want %q", &b, test.want)
		}
	}
}
