package gogit_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-git/go-git/v5"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/gogit"
	"github.com/git-credential-pat/git-credential-pat/store/keeper"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

const secret = "a secret of a test, no token"

// memoryStore stores secrets in memory, or always fails.
type memoryStore struct {
	secrets map[string]credential.Secret
	failed  error
}

var _ store.Store = (*memoryStore)(nil)

func (m *memoryStore) Get(_ context.Context, key string) (credential.Secret, error) {
	s, ok := m.secrets[key]
	switch {
	case m.failed != nil:
		return s, m.failed
	case !ok:
		return s, store.ErrNotFound
	}
	return s, nil
}

func (m *memoryStore) Set(_ context.Context, key string, s credential.Secret) error {
	m.secrets[key] = s
	return m.failed
}

func (m *memoryStore) Delete(_ context.Context, key string) error {
	delete(m.secrets, key)
	return m.failed
}

// newKeeper returns an empty keeper and its only store.
func newKeeper(t *testing.T) (*keeper.Keeper, *memoryStore) {
	m := &memoryStore{secrets: map[string]credential.Secret{}}
	return &keeper.Keeper{
		Tree: record.NewTree(t.TempDir()),
		Open: func(string) (store.Store, error) { return m, nil },
		Now:  time.Now,
	}, m
}

// add adds a token to a keeper.
func add(t *testing.T, k *keeper.Keeper, r credential.Record, secret string) {
	t.Helper()
	if r.Name == "" {
		r.Name = "laptop"
	}
	if r.Kind == "" {
		r.Kind = credential.FineGrained
	}
	r.Store = "memory"
	if err := k.Tree.Create(r); err != nil {
		t.Fatal(err)
	}
	s, err := k.Open(r.Store)
	if err == nil {
		err = s.Set(t.Context(), record.Key(r), credential.NewSecret(secret))
	}
	if err != nil {
		t.Fatal(err)
	}
}

func target(host string, paths ...string) credential.Target {
	return credential.Target{Host: host, Paths: paths}
}

// header returns the Authorization header that a login adds to a request.
func header(t *testing.T, login *gogit.Auth, url string) string {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	login.SetAuth(r)
	if len(r.Header) > 1 || len(r.Header.Values("Authorization")) > 1 {
		t.Errorf("%s: more than one header: %d", url, len(r.Header))
	}
	return r.Header.Get("Authorization")
}

func basic(user, password string) string {
	r := &http.Request{Header: http.Header{}}
	r.SetBasicAuth(user, password)
	return r.Header.Get("Authorization")
}

func TestLogin(t *testing.T) {
	for _, test := range []struct {
		name   string
		record credential.Record
		secret string
		url    string
		want   string
	}{
		{"a token without a login", credential.Record{}, "abc", "https://github.com/acme/widgets.git", basic("x-access-token", "abc")},
		{"its login", credential.Record{Username: "alice"}, "abc", "https://github.com/acme/widgets", basic("alice", "abc")},
		{"the login in the URL", credential.Record{}, "abc", "https://bob@github.com/acme/widgets", basic("bob", "abc")},
		{"the URL's spelling", credential.Record{Username: "alice"}, "abc", "https://ALICE@GitHub.com:443/Acme/Widgets", basic("ALICE", "abc")},
		{"a gist", credential.Record{Target: target("github.com"), Kind: credential.Classic}, "abc",
			"https://gist.github.com/0123abcd.git", basic("x-access-token", "abc")},
		{"a password", credential.Record{Target: target("git.example"), Kind: credential.Other, Username: "bob"}, "a b",
			"https://git.example/x y/z", basic("bob", "a b")},
		{"an empty user name", credential.Record{Target: target("git.example"), Kind: credential.Other, Form: "attributes"},
			"password=abc&username=", "https://git.example/x", basic("", "abc")},
		{"Bearer", credential.Record{Target: target("git.example"), Kind: credential.Other, Form: "attributes"},
			"authtype=Bearer&credential=abc.def", "https://git.example/x", "Bearer abc.def"},
		{"Bearer before a password", credential.Record{Target: target("git.example"), Kind: credential.Other, Username: "bob", Form: "attributes"},
			"authtype=Bearer&credential=abc&password=def", "https://git.example/x", "Bearer abc"},
	} {
		t.Run(test.name, func(t *testing.T) {
			k, _ := newKeeper(t)
			if test.record.Host == "" {
				test.record.Target = target("github.com", "acme")
			}
			add(t, k, test.record, test.secret)
			login, err := gogit.LoginFrom(t.Context(), k, test.url)
			if err != nil {
				t.Fatal(err)
			}
			if got := header(t, login, test.url); got != test.want {
				t.Errorf("got the header %q, want %q", got, test.want)
			}
		})
	}
}

// Login chooses the same token as git-credential-pat.
func TestLoginChooses(t *testing.T) {
	k, _ := newKeeper(t)
	add(t, k, credential.Record{Target: target("github.com"), Kind: credential.Classic}, "host")
	add(t, k, credential.Record{Target: target("github.com", "acme")}, "acme")
	add(t, k, credential.Record{Target: target("github.com", "acme/widgets")}, "widgets")
	add(t, k, credential.Record{Target: target("github.com", "globex"), Username: "alice", Name: "a"}, "alice")
	add(t, k, credential.Record{Target: target("github.com", "globex"), Username: "bob", Name: "b"}, "bob")
	for url, want := range map[string]string{
		"https://github.com/acme/widgets":      basic("x-access-token", "widgets"),
		"https://github.com/acme/gadgets":      basic("x-access-token", "acme"),
		"https://github.com/initech/tps":       basic("x-access-token", "host"),
		"https://bob@github.com/globex/tps":    basic("bob", "bob"),
		"https://github.com/":                  basic("x-access-token", "host"),
		"https://gist.github.com/0123abcd.git": basic("x-access-token", "host"),
	} {
		login, err := gogit.LoginFrom(t.Context(), k, url)
		if err != nil {
			t.Errorf("%s: %v", url, err)
		} else if got := header(t, login, url); got != want {
			t.Errorf("%s: got %q, want %q", url, got, want)
		}
	}
}

func TestLoginErrors(t *testing.T) {
	k, memory := newKeeper(t)
	add(t, k, credential.Record{Target: target("github.com", "acme")}, secret)
	add(t, k, credential.Record{Target: target("github.com", "globex"), Name: "a"}, secret)
	add(t, k, credential.Record{Target: target("github.com", "globex"), Name: "b"}, secret)
	add(t, k, credential.Record{Target: target("github.com", "initech"), Username: "alice"}, secret)
	add(t, k, credential.Record{Target: target("github.com", "hooli")}, "a line\nand another")
	add(t, k, credential.Record{Target: target("git.example"), Kind: credential.Other, Form: "attributes"}, "oauth_refresh_token=abc")
	locked := &store.Error{Store: "memory", What: "is locked", Advice: "unlock it"}

	noToken := func(outcome credential.Outcome) func(error) bool {
		return func(err error) bool {
			var none *gogit.NoTokenError
			return errors.As(err, &none) && none.Outcome == outcome
		}
	}
	is := func(target error) func(error) bool { return func(err error) bool { return errors.Is(err, target) } }
	any := func(error) bool { return true }
	for _, test := range []struct {
		url    string
		failed error // the error of the store
		is     func(error) bool
		want   string
	}{
		{"https://github.com/octo/cat.git", nil, noToken(credential.NoToken), "no token for github.com/octo/cat"},
		{"https://ghes.example/acme/widgets", nil, noToken(credential.NoToken), "no token for ghes.example/acme/widgets"},
		{"https://github.com:8443/acme/widgets", nil, noToken(credential.NoToken), "no token for github.com:8443/acme/widgets"},
		{"https://bob@github.com/initech/tps", nil, noToken(credential.NoToken), `no token for github.com/initech/tps belongs to "bob"; one belongs to "alice"`},
		{"https://github.com/globex/reactor", nil, noToken(credential.Ambiguous), `2 tokens match github.com/globex/reactor equally well: "a" and "b"`},
		{"https://github.com", nil, noToken(credential.Unspecified), "there are several tokens for github.com, and the request does not name a repository"},

		{"git@github.com:acme/widgets.git", nil, is(gogit.ErrNotHTTPS),
			"tokens work over https only, not over ssh: use https://github.com/acme/widgets.git"},
		{"ssh://git@ssh.github.com:443/acme/widgets", nil, is(gogit.ErrNotHTTPS),
			"tokens work over https only, not over ssh: use https://github.com/acme/widgets"},
		{"http://github.com/acme/widgets", nil, is(gogit.ErrNotHTTPS),
			"tokens work over https only, not over http: use https://github.com/acme/widgets"},
		{"git://github.com/acme/widgets", nil, is(gogit.ErrNotHTTPS),
			"tokens work over https only, not over git: use https://github.com/acme/widgets"},
		{"/srv/git/widgets.git", nil, is(credential.ErrNotRemote), "not an https or SSH URL of a repository"},
		{"https://github.com/acme/../octo", nil, is(credential.ErrPath),
			`"acme/../octo" is not the path of an owner or repository on GitHub`},
		{"https://alice:" + secret + "@github.com/acme/widgets", nil, any, "the URL contains a password, which is used instead of a token"},

		{"https://github.com/acme/widgets", locked, is(locked),
			`cannot read the token "laptop" for github.com/acme: the store "memory" is locked`},
		{"https://github.com/hooli/nucleus", nil, is(keeper.ErrSecret),
			`cannot read the token "laptop" for github.com/hooli: the secret is empty, too long or contains control characters`},
		{"https://git.example/x", nil, is(keeper.ErrSecret),
			`cannot read the token "laptop" for git.example: the secret is empty, too long or contains control characters`},
	} {
		memory.failed = test.failed
		login, err := gogit.LoginFrom(t.Context(), k, test.url)
		if err == nil || err.Error() != test.want || !test.is(err) {
			t.Errorf("%s: got the error %q of type %T, want %q", test.url, err, err, test.want)
			continue
		}
		if got := login.String(); got != "git-pat - no token" {
			t.Errorf("%s: got a login %q", test.url, got)
		}
		if got := header(t, login, "https://github.com/acme/widgets"); got != "" {
			t.Errorf("%s: the login of an error sent %q", test.url, got)
		}
	}
}

// Login uses the records in the folder of the person.
func TestLoginOwn(t *testing.T) {
	t.Setenv("GIT_PAT_DIR", "relative")
	login, err := gogit.Login(t.Context(), "https://github.com/acme/widgets")
	if want := `GIT_PAT_DIR is "relative", which is not an absolute path`; err == nil || err.Error() != want {
		t.Errorf("got the error %v, want %s", err, want)
	}
	if got := login.Report(t.Context(), nil); got != nil {
		t.Errorf("a report of nothing: got %v", got)
	}

	dir := t.TempDir()
	t.Setenv("GIT_PAT_DIR", dir)
	t.Setenv("GOGIT_TEST_TOKEN", secret)
	r := credential.Record{Target: target("github.com", "acme"), Name: "ci", Kind: credential.FineGrained, Store: "env:GOGIT_TEST_TOKEN"}
	if err := record.NewTree(dir).Create(r); err != nil {
		t.Fatal(err)
	}
	if login, err = gogit.Login(t.Context(), "https://github.com/acme/widgets"); err != nil {
		t.Fatal(err)
	}
	if got, want := header(t, login, "https://github.com/acme/widgets"), basic("x-access-token", secret); got != want {
		t.Errorf("got the header %q, want %q", got, want)
	}
}

func TestSetAuth(t *testing.T) {
	for _, test := range []struct {
		url  string // the URL of the login
		to   string
		sent bool
	}{
		{"https://github.com/acme/widgets", "https://github.com/acme/widgets.git/info/refs?service=git-upload-pack", true},
		{"https://github.com/acme/widgets", "https://github.com:443/acme/widgets/git-upload-pack", true},
		{"https://github.com/acme/widgets", "https://GITHUB.com/acme/widgets", true},
		{"https://github.com/acme/widgets", "https://alice@github.com/acme/widgets", true},
		{"https://github.com/acme/widgets", "https://github.com/renamed/widgets", true},

		{"https://github.com/acme/widgets", "http://github.com/acme/widgets", false},
		{"https://github.com/acme/widgets", "http://github.com:443/acme/widgets", false},
		{"https://github.com/acme/widgets", "https://github.com:8443/acme/widgets", false},
		{"https://github.com/acme/widgets", "https://evil.example/acme/widgets", false},
		{"https://github.com/acme/widgets", "https://github.com@evil.example/acme/widgets", false},
		{"https://github.com/acme/widgets", "https://github.com.evil.example/acme/widgets", false},
		{"https://github.com/acme/widgets", "https://api.github.com/acme/widgets", false},
		{"https://github.com/acme/widgets", "https://gist.github.com/acme/widgets", false},
		{"https://github.com/acme/widgets", "https://github.com./acme/widgets", false},
		{"https://github.com/acme/widgets", "https://g\u0131thub.com/acme/widgets", false},
		{"https://github.com/acme/widgets", "https:///acme/widgets", false},

		{"https://ghes.example:8443/acme/widgets", "https://ghes.example:8443/acme/widgets", true},
		{"https://ghes.example:8443/acme/widgets", "https://ghes.example/acme/widgets", false},
		{"https://ghes.example:8443/acme/widgets", "https://ghes.example:443/acme/widgets", false},
	} {
		k, _ := newKeeper(t)
		add(t, k, credential.Record{Target: target("github.com", "acme")}, secret)
		add(t, k, credential.Record{Target: target("ghes.example:8443", "acme")}, secret)
		login, err := gogit.LoginFrom(t.Context(), k, test.url)
		if err != nil {
			t.Fatal(err)
		}
		if sent := header(t, login, test.to) != ""; sent != test.sent {
			t.Errorf("%s: sent to %s: got %v, want %v", test.url, test.to, sent, test.sent)
		}
	}
}

// Package fmt prints a login without the secret.
func TestHidden(t *testing.T) {
	k, _ := newKeeper(t)
	add(t, k, credential.Record{Target: target("github.com", "acme")}, secret)
	login, err := gogit.LoginFrom(t.Context(), k, "https://github.com/acme/widgets")
	if err != nil {
		t.Fatal(err)
	}
	header(t, login, "https://github.com/acme/widgets")
	if got, want := login.Name(), "git-pat"; got != want {
		t.Errorf("got the name %q, want %q", got, want)
	}
	want := `git-pat - the token "laptop" for github.com/acme`
	for _, got := range []string{login.String(), fmt.Sprint(login), fmt.Sprintf("%+v", login)} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}

	start := []byte(secret[:8])
	options := git.CloneOptions{URL: "https://github.com/acme/widgets", Auth: login}
	var texts []string
	for c := 'A'; c <= 'z'; c++ {
		for _, flag := range []string{"", "+", "#", " ", "0"} {
			for _, value := range []any{login, &login, []any{login}, options, &options, struct{ a *gogit.Auth }{login}} {
				texts = append(texts, fmt.Sprintf("%"+flag+string(c), value))
			}
		}
	}
	data, err := json.Marshal([]any{login})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range append(texts, string(data)) {
		for _, form := range []string{
			string(start), hex.EncodeToString(start), fmt.Sprintf("% x", start), strings.Trim(fmt.Sprint(start), "[]"),
			strings.TrimPrefix(basic("x-access-token", secret), "Basic ")[20:],
		} {
			if bytes.Contains(bytes.ToLower([]byte(text)), bytes.ToLower([]byte(form))) {
				t.Fatalf("%q shows %q", text, form)
			}
		}
	}
}
