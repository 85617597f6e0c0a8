package fix

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/remotes"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/resolve"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

var now = time.Date(2026, time.March, 14, 12, 0, 0, 0, time.UTC)

// tokenFor is a token for some paths of github.com.
func tokenFor(name string, paths ...string) credential.Candidate {
	return credential.Candidate{Record: credential.Record{
		Target: credential.Target{Host: "github.com", Paths: paths}, Name: name, Kind: credential.FineGrained, Store: "file", Added: now,
	}}
}

// remote is a remote with a URL, which is refused if it is over SSH.
func remote(name, protocol, host string, commands ...string) *remotes.Entry {
	e := &remotes.Entry{Name: name, Protocol: protocol, Remote: credential.Remote{Protocol: protocol, Host: host, Path: "acme/widgets"}, HTTPS: "https://" + host + "/acme/widgets"}
	if len(commands) > 0 {
		e.Commands = [][]string{commands}
	}
	return e
}

func TestOutcomes(t *testing.T) {
	ssh, https := remote("origin", "ssh", "github.com", "remote"), remote("origin", "https", "github.com")
	push := remote("origin", "https", "github.com")
	push.HTTPS = "https://git-push@github.com:443/acme/widgets"
	elsewhere := remote("origin", "ssh", "forge.example", "remote")
	secret := remote("origin", "https", "forge.example", "remote")
	secret.Secret = new(remotes.Secret)
	for _, test := range []struct {
		name                   string
		entry, changed, stayed *remotes.Entry
		named                  bool
		want                   State
		withBefore             bool
	}{
		{name: "fixed", entry: https, changed: ssh, want: Fixed, withBefore: true},
		{name: "fixed for pushing", entry: push, changed: ssh, want: Fixed, withBefore: true},
		{name: "of another remote", entry: https, changed: remote("other", "ssh", "github.com"), want: Fine},
		{name: "never refused", entry: https, want: Fine},
		{name: "still refused", entry: ssh, changed: ssh, want: Refused, withBefore: true},
		{name: "refused", entry: ssh, want: Refused},
		{name: "a person was told", entry: ssh, stayed: ssh, want: Stays},
		{name: "another server", entry: elsewhere, want: Doubtful},
		{name: "another server that is named", entry: elsewhere, named: true, want: Refused},
		{name: "another server without a command", entry: remote("origin", "ssh", "forge.example"), want: Refused},
		{name: "a secret", entry: secret, want: Refused},
	} {
		var changed, stayed []*remotes.Entry
		if test.changed != nil {
			changed = append(changed, test.changed)
		}
		if test.stayed != nil {
			stayed = append(stayed, test.stayed)
		}
		got := Outcomes([]*remotes.Entry{test.entry}, changed, stayed, test.named, credential.IsGitHubHost)
		if len(got) != 1 || got[0].State != test.want || got[0].Entry != test.entry || (got[0].Before != nil) != test.withBefore {
			t.Errorf("%s: got %+v, want %d", test.name, got, test.want)
		}
	}
}

func TestAnswersAlone(t *testing.T) {
	request := credential.Request{Host: "github.com", Path: "acme/widgets"}
	withLogin := tokenFor("b", "acme")
	withLogin.Username = "bob"
	expired := tokenFor("b", "acme")
	expired.Expires = now.Add(-time.Hour)
	for _, test := range []struct {
		name   string
		path   string
		others []credential.Candidate
		want   bool
	}{
		{"the first", "acme", nil, true},
		{"beside one for another owner", "acme", []credential.Candidate{tokenFor("b", "globex")}, true},
		{"beside one for the host", "acme", []credential.Candidate{tokenFor("b")}, true},
		{"for a repository, beside one for its owner", "acme/widgets", []credential.Candidate{tokenFor("b", "acme")}, true},
		{"for an owner, beside one for the repository", "acme", []credential.Candidate{tokenFor("b", "acme/widgets")}, false},
		{"beside another", "acme", []credential.Candidate{tokenFor("b", "acme")}, false},
		{"beside another with a login", "acme", []credential.Candidate{withLogin}, false},
		{"beside another that expired", "acme", []credential.Candidate{expired}, false},
	} {
		if got := answersAlone(tokenFor("a", test.path).Record, test.others, request, now); got != test.want {
			t.Errorf("%s: got %v", test.name, got)
		}
	}
}

// newFixer returns a Fixer in a home of its own, where Git asks for our tokens.
func newFixer(t *testing.T, config string) *Fixer {
	t.Helper()
	home := t.TempDir()
	for name, value := range map[string]string{
		"HOME": home, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_COUNT": "0", "GIT_CONFIG_PARAMETERS": "", "GIT_CONFIG_GLOBAL": filepath.Join(home, "config"),
	} {
		t.Setenv(name, value)
	}
	t.Chdir(home)
	if err := os.WriteFile(filepath.Join(home, "config"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	kept := &tokens.Tokens{Tree: record.NewTree(filepath.Join(home, "data")), Now: now}
	return &Fixer{
		Resolver: &resolve.Resolver{Tokens: kept, Git: new(git.Cache)},
		List:     func(context.Context) ([]*remotes.Entry, error) { return nil, nil },
	}
}

func TestRecordFor(t *testing.T) {
	const asks = "[credential]\nhelper = pat\nuseHttpPath = true\n"
	const github, forge = "github.com", "forge.example"
	secret := credential.NewSecret("ghp_" + rand.Text())
	withSecret := func(host string, value credential.Secret, login string) *remotes.Entry {
		e := remote("origin", "https", host, "remote")
		e.Secret = &remotes.Secret{Value: value, Login: login, Kind: credential.KindOf(value, host)}
		return e
	}
	for _, test := range []struct {
		name   string
		config string
		entry  *remotes.Entry
		kept   []credential.Candidate // of them b has the same secret
		before *credential.Candidate
		want   string // the target; nothing for no record
		err    any
	}{
		{name: "for the owner", config: asks, entry: withSecret(github, secret, ""), want: "github.com/acme"},
		{name: "for the repository", config: asks, entry: withSecret(github, secret, ""), kept: []credential.Candidate{tokenFor("a", "acme")}, want: "github.com/acme/widgets"},
		{name: "the same token", config: asks, entry: withSecret(github, secret, ""), kept: []credential.Candidate{tokenFor("b", "acme")}},
		{name: "the same token in a URL before", config: asks, entry: withSecret(github, secret, ""), before: new(tokenFor("b", "acme"))},
		{name: "another one in a URL before", config: asks, entry: withSecret(github, secret, ""), before: new(tokenFor("a", "acme")), want: "github.com/acme/widgets"},
		{name: "no place", config: asks, entry: withSecret(github, secret, ""), kept: []credential.Candidate{tokenFor("a", "acme"), tokenFor("c", "acme/widgets")}, err: new(*RivalError)},
		{name: "Git does not ask", entry: withSecret(github, secret, ""), err: new(*NotAskedError)},
		{name: "a password", config: asks, entry: withSecret(forge, credential.NewSecret(rand.Text()), "alice"), want: "forge.example/acme/widgets"},
		{name: "a password without a user", config: asks, entry: withSecret(forge, credential.NewSecret(rand.Text()), ""), err: &ErrNoUser},
		{name: "nothing", config: asks, entry: withSecret(github, credential.Secret{}, "")},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newFixer(t, test.config)
			value := func(name string) credential.Secret {
				if name == "b" {
					return secret
				}
				return credential.NewSecret("ghp_" + rand.Text())
			}
			for _, c := range test.kept {
				if err := f.Resolver.Tokens.Keep(t.Context(), nil, c.Record, value(c.Name)); err != nil {
					t.Fatal(err)
				}
			}
			before := Records{}
			if test.before != nil {
				other := withSecret(github, value(test.before.Name), "")
				before[other] = &test.before.Record
			}
			r, err := f.RecordFor(t.Context(), test.entry, before)
			got := ""
			if r != nil {
				got = r.Target.String()
			}
			isWanted := test.err == nil && err == nil
			if wanted, ok := test.err.(*error); ok {
				isWanted = errors.Is(err, *wanted)
			} else if test.err != nil {
				isWanted = errors.As(err, test.err)
			}
			if got != test.want || !isWanted {
				t.Errorf("got %q, %v, want %q, %T", got, err, test.want, test.err)
			}
		})
	}
}

// A token is kept for what was shown, or not at all.
func TestKeep(t *testing.T) {
	f := newFixer(t, "[credential]\nhelper = pat\nuseHttpPath = true\n")
	e := remote("origin", "https", "github.com", "remote")
	e.Secret = &remotes.Secret{Value: credential.NewSecret("ghp_" + rand.Text()), Kind: credential.Classic}
	shown := tokenFor("a", "globex").Record
	var changed *ChangedError
	if _, err := f.Keep(t.Context(), e, &shown); !errors.As(err, &changed) || strings.Contains(err.Error(), "globex") {
		t.Fatalf("for another target: got %v", err)
	}
}
