package doctor

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/remotes"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/resolve"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/disk"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

var now = time.Date(2026, time.March, 14, 12, 0, 0, 0, time.UTC)

// token is a token for acme, with some changes.
func token(name string, changes ...func(*credential.Candidate)) credential.Candidate {
	c := credential.Candidate{Record: credential.Record{
		Target: credential.Target{Host: "github.com", Paths: []string{"acme"}}, Name: name,
		Kind: credential.FineGrained, Store: "file", Added: now.AddDate(0, -1, 0),
	}}
	for _, change := range changes {
		change(&c)
	}
	return c
}

func expires(d time.Duration) func(*credential.Candidate) {
	return func(c *credential.Candidate) { c.Expires = now.Add(d) }
}
func login(name string) func(*credential.Candidate) {
	return func(c *credential.Candidate) { c.Username = name }
}
func access(a credential.Access) func(*credential.Candidate) {
	return func(c *credential.Candidate) { c.Access = a }
}
func aside(c *credential.Candidate) {
	a := credential.Refused("github.com", now.Add(-time.Minute))
	c.Aside = &a
}

// short are findings without their facts.
func short(findings []Finding) string {
	var all []string
	for _, f := range findings {
		line := f.Check + " " + string(f.State) + " " + f.Subject
		if f.Mending != nil {
			line += " =>"
		}
		all = append(all, strings.TrimSpace(line))
	}
	return strings.Join(all, "; ")
}

func TestRecord(t *testing.T) {
	closed := &disk.FileError{Path: "x", Mode: 0o600}
	for _, test := range []struct {
		name  string
		token credential.Candidate
		want  string
	}{
		{"good", token("a"), ""},
		{"expires later", token("a", expires(8*24*time.Hour)), ""},
		{"expires soon", token("a", expires(6*24*time.Hour)), "token-ends warning github.com/acme a"},
		{"expired", token("a", expires(-time.Hour)), "token-expired error github.com/acme a"},
		{"set aside", token("a", aside), "token-aside warning github.com/acme a"},
		{"set aside and expired", token("a", aside, expires(-time.Hour)), "token-aside warning github.com/acme a; token-expired error github.com/acme a"},
		{"unused", token("a", func(c *credential.Candidate) { c.Added = now.AddDate(-1, 0, 0) }), "token-unused warning github.com/acme a"},
		{"damaged", token("a", func(c *credential.Candidate) { c.Damaged = errors.New("x") }), "token-damaged error github.com/acme a"},
		{"open to others", token("a", func(c *credential.Candidate) { c.Damaged = closed }), "token-damaged error github.com/acme a =>"},
	} {
		var r report
		r.checkRecord(test.token, now)
		if got := short(r.findings); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func TestSecret(t *testing.T) {
	in := func(name string) func(*credential.Candidate) {
		return func(c *credential.Candidate) { c.Store = name }
	}
	for _, test := range []struct {
		name  string
		token credential.Candidate
		err   error
		want  string
	}{
		{"there", token("a"), nil, ""},
		{"missing", token("a"), store.ErrNotFound, "token-secret error github.com/acme a =>"},
		{"missing in another helper", token("a", in("git:safe")), store.ErrNotFound, "token-secret error github.com/acme a"},
		{"no variable", token("a", in("env:TOKEN")), store.ErrNotFound, "token-secret warning github.com/acme a"},
		{"unreadable", token("a"), &store.Error{Store: "file"}, "token-secret error github.com/acme a"},
		{"open to others", token("a"), &store.Error{Store: "file", File: &disk.FileError{Mode: 0o600}}, "token-secret error github.com/acme a =>"},
	} {
		var r report
		r.checkSecret(test.token, test.err)
		if got := short(r.findings); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func TestRivals(t *testing.T) {
	const rival = "token-rival error github.com/acme"
	read, write := access(credential.ReadAccess), access(credential.WriteAccess)
	whole := func(c *credential.Candidate) { c.Paths, c.Kind = nil, credential.Classic }
	for _, test := range []struct {
		name     string
		tokens   []credential.Candidate
		saysPush bool
		want     string
	}{
		{"one", []credential.Candidate{token("a")}, false, ""},
		{"two", []credential.Candidate{token("a"), token("b")}, false, rival},
		{"one of two has a login", []credential.Candidate{token("a", login("x")), token("b")}, false, rival},
		{"the same login", []credential.Candidate{token("a", login("x")), token("b", login("X"))}, false, rival},
		{"two logins", []credential.Candidate{token("a", login("x")), token("b", login("y"))}, false, "token-rival warning github.com/acme"},
		{"one expired", []credential.Candidate{token("a"), token("b", expires(-time.Hour))}, false, ""},
		{"two for a host", []credential.Candidate{token("a", whole), token("b", whole)}, false, "token-rival error github.com"},
		{"reading and writing", []credential.Candidate{token("a", read), token("b", write)}, false, "least-privilege warning github.com/acme"},
		{"reading and writing, told apart", []credential.Candidate{token("a", read), token("b", write)}, true, ""},
		{"two for reading, told apart", []credential.Candidate{token("a", read), token("b", write), token("c", read)}, true, rival},
	} {
		var r report
		r.checkRivals(test.tokens, now, func(string) bool { return test.saysPush })
		if got := short(r.findings); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

// A remote for which there is a token, but none that can be used, is an error.
func TestRepository(t *testing.T) {
	entry := func(name, url string) *remotes.Entry {
		remote, err := credential.ParseRemote(url)
		if err != nil {
			t.Fatal(err)
		}
		return &remotes.Entry{Name: name, Remote: remote, Protocol: remote.Protocol, HTTPS: url}
	}
	all := []credential.Candidate{
		token("rejected", aside),
		token("g", func(c *credential.Candidate) { c.Paths = []string{"globex"} }),
	}
	decide := func(url string) (resolve.Result, error) {
		remote, err := credential.ParseRemote(url)
		return resolve.Result{Decision: credential.Choose(credential.Request{Host: remote.Host, Path: remote.Path}, all, now)}, err
	}
	for _, test := range []struct {
		name    string
		entries []*remotes.Entry
		want    string
	}{
		{"no remotes", nil, ""},
		{"a token answers", []*remotes.Entry{entry("origin", "https://github.com/globex/a")}, "remote ok"},
		{"no token", []*remotes.Entry{entry("origin", "https://github.com/torvalds/linux")}, "remote ok"},
		{"set aside", []*remotes.Entry{entry("origin", "https://github.com/acme/a"), entry("fork", "https://github.com/acme/b")}, "remote ok; remote error origin"},
		{"over SSH", []*remotes.Entry{entry("origin", "ssh://git@github.com/acme/a"), entry("up", "https://github.com/globex/a")}, "remote error origin"},
		{"another host", []*remotes.Entry{entry("origin", "ssh://git@forge.example/acme/a")}, ""},
	} {
		var r report
		r.checkRemotes(test.entries, []string{"github.com"})
		r.checkTokensOf(test.entries, []string{"github.com"}, decide)
		if got := short(r.findings); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func TestHosts(t *testing.T) {
	whole := token("a", func(c *credential.Candidate) { c.Paths = nil })
	azure := token("b", func(c *credential.Candidate) { c.Host = "dev.azure.com" }) // of acme
	got := hosts([]string{"z.example", "github.com", "a.example", "not a host"}, []credential.Candidate{whole, azure})
	if got, want := strings.Join(got, " "), "github.com a.example acme.visualstudio.com dev.azure.com gist.github.com z.example"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := hosts(nil, nil); !slices.Equal(got, []string{"github.com"}) {
		t.Errorf("without tokens: got %q", got)
	}
	if got := hosts([]string{"gitlab.com"}, nil); !slices.Equal(got, []string{"gitlab.com"}) {
		t.Errorf("only for another host: got %q", got)
	}
}

// newDoctor returns a doctor with a folder of records of its own.
func newDoctor(t *testing.T) *Doctor {
	tree := record.NewTree(filepath.Join(t.TempDir(), "git-pat"))
	return &Doctor{Resolver: &resolve.Resolver{Tokens: &tokens.Tokens{Tree: tree, Now: now}, Git: new(git.Cache)}}
}

// keep writes a record and, unless it is empty, its secret.
func (d *Doctor) keep(t *testing.T, c credential.Candidate, secret string) {
	t.Helper()
	kept := d.Resolver.Tokens
	err := kept.Tree.Put(c.Record)
	if s, failed := kept.Open(c.Store); secret != "" {
		err = errors.Join(err, failed, s.Set(t.Context(), record.Key(c.Record), credential.NewSecret(secret)))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// tokensFindings are the findings about stores and tokens.
func (d *Doctor) tokensFindings(t *testing.T) []Finding {
	t.Helper()
	var found contents
	var err error
	tree := d.Resolver.Tokens.Tree
	found.files, found.filesErr = store.FindSecretFiles(tree.Dir())
	if found.tokens, found.unfinished, found.leftovers, err = tree.Survey(); err != nil {
		t.Fatal(err)
	}
	r := report{group: Stores}
	d.checkOrphans(&r, found)
	r.group = Tokens
	d.checkTokens(t.Context(), &r, found)
	return r.findings
}

func TestTokens(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	d := newDoctor(t)
	if got := short(d.tokensFindings(t)); got != "tokens ok" {
		t.Errorf("nothing: got %q", got)
	}
	d.keep(t, token("a"), "x")
	if got := short(d.tokensFindings(t)); got != "tokens ok" {
		t.Errorf("one token: got %q", got)
	}
	lost := token("b", func(c *credential.Candidate) { c.Paths = []string{"globex"} })
	d.keep(t, lost, "")
	if got := short(d.tokensFindings(t)); got != "token-secret error github.com/globex b =>; tokens ok" {
		t.Errorf("a lost secret: got %q", got)
	}
	if err := d.Resolver.Tokens.Tree.Remove(record.Key(token("a").Record)); err != nil {
		t.Fatal(err)
	}
	findings := d.tokensFindings(t)
	if got := short(findings); got != "orphan error github.com/acme/@/a =>; token-secret error github.com/globex b =>" {
		t.Errorf("an orphan: got %q", got)
	}
	for _, f := range findings {
		if err := d.Mend(t.Context(), f.Mending); err != nil {
			t.Error(err)
		}
	}
	if got := short(d.tokensFindings(t)); got != "tokens ok" {
		t.Errorf("mended: got %q", got)
	}
}

// Tokens in the usual folder are named if there are none here.
func TestElsewhere(t *testing.T) {
	home := t.TempDir()
	usual := filepath.Join(home, ".local", "share", "git-pat")
	for _, test := range []struct {
		dir, home, want string
		put             bool
	}{
		{"/snap/git-pat", home, "tokens ok", false},
		{"/snap/git-pat", home, "tokens warning", true},
		{usual, home, "tokens ok", true},
		{"/snap/git-pat", "", "tokens ok", true},
	} {
		if test.put {
			if err := record.NewTree(usual).Put(token("a").Record); err != nil {
				t.Fatal(err)
			}
		}
		var r report
		r.checkElsewhere(test.dir, test.home)
		if got := short(r.findings); got != test.want {
			t.Errorf("%+v: got %q", test, got)
		}
	}
}

// A file is changed only if it is still what was found.
func TestMendFile(t *testing.T) {
	for _, test := range []struct {
		name string
		do   func(path string) error
		done bool
	}{
		{"nothing", func(string) error { return nil }, true},
		{"it is gone", os.Remove, false},
		{"its mode was changed", func(path string) error { return os.Chmod(path, 0o400) }, false},
		{"it was written", func(path string) error { return os.Chtimes(path, time.Time{}, time.Now().Add(time.Hour)) }, false},
		{"another is in its place", func(path string) error {
			return errors.Join(os.WriteFile(path+"2", nil, 0o644), os.Rename(path+"2", path))
		}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			d, path := newDoctor(t), filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(path, nil, 0o644); err != nil {
				t.Fatal(err)
			}
			toClose, toRemove := onFile(CloseFile, path, 0o600), onFile(RemoveFile, path, 0)
			if err := test.do(path); err != nil {
				t.Fatal(err)
			}
			var changed *ChangedError
			err := d.Mend(t.Context(), toClose)
			info, missing := os.Stat(path)
			if test.done && (err != nil || runtime.GOOS != "windows" && info.Mode() != 0o600) {
				t.Errorf("got %v, %v", err, info.Mode())
			}
			if !test.done && (!errors.As(err, &changed) || missing == nil && info.Mode() == 0o600) {
				t.Errorf("got %v, want a ChangedError", err)
			}
			if test.done && runtime.GOOS == "windows" {
				return // there the first change does not show in what the second compares
			}
			if err := d.Mend(t.Context(), toRemove); !errors.As(err, &changed) {
				t.Errorf("removed: got %v, want a ChangedError", err)
			}
		})
	}
}

// A record whose secret is lost is removed only if the secret is still lost.
func TestMendRecord(t *testing.T) {
	for _, test := range []struct {
		name string
		do   func(d *Doctor, c credential.Candidate)
		want string // the secret then; empty for no record
	}{
		{"still lost", func(*Doctor, credential.Candidate) {}, ""},
		{"added again", func(d *Doctor, c credential.Candidate) { c.Added = now; d.keep(t, c, "new") }, "new"},
		{"its secret is back", func(d *Doctor, c credential.Candidate) { d.keep(t, c, "old") }, "old"},
	} {
		t.Run(test.name, func(t *testing.T) {
			d, c := newDoctor(t), token("a")
			d.keep(t, c, "")
			kept := d.Resolver.Tokens
			shown, err := kept.Tree.Find(record.Key(c.Record))
			if err != nil {
				t.Fatal(err)
			}
			test.do(d, c)
			err = d.Mend(t.Context(), &Mending{Kind: RemoveRecord, Token: shown})
			var changed *tokens.ChangedError
			if (err == nil) != (test.want == "") || err != nil && !errors.As(err, &changed) {
				t.Errorf("got %v", err)
			}
			now, err := kept.Tree.Find(shown.Key)
			if errors.Is(err, fs.ErrNotExist) != (test.want == "") {
				t.Fatalf("got %v", err)
			}
			if test.want == "" {
				return
			}
			if secret, err := kept.Secret(t.Context(), now); err != nil || secret.Reveal() != test.want {
				t.Errorf("got another secret, %v", err)
			}
		})
	}
}
