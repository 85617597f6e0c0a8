package remotes

import (
	"crypto/rand"
	"strings"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

func TestFindSecret(t *testing.T) {
	classic, fine := "ghp_"+rand.Text()+rand.Text()[:10], "github_pat_"+rand.Text()
	hex := "0123456789abcdef0123456789abcdef01234567"
	for _, test := range []struct {
		name, url, clean string // no other URL: nothing is found
		secret, login    string
		kind             credential.Kind
	}{
		{name: "none", url: "https://github.com/a/b"},
		{name: "a login", url: "https://alice@github.com/a/b"},
		{name: "an empty user", url: "https://@github.com/a/b"},
		{name: "SSH", url: "git@github.com:a/b"},
		{name: "SSH with a user", url: "ssh://git@github.com/a/b"},
		{"a password", "https://alice:hunter2@lab.example/a/b", "https://lab.example/a/b", "hunter2", "alice", credential.Other},
		{"an escaped one", "https://alice%40example.com:a%2fb%25@lab.example/a", "https://lab.example/a", "a/b%", "alice@example.com", credential.Other},
		{"one that is not escaped", "https://alice:a%zz@lab.example/a", "https://lab.example/a", "a%zz", "alice", credential.Other},
		{"one with an @", "https://alice:a@b@lab.example/a", "https://lab.example/a", "a@b", "alice", credential.Other},
		{"a token as the password", "https://alice:" + classic + "@github.com/a/b", "https://github.com/a/b", classic, "alice", credential.Classic},
		{"for any login", "https://x-access-token:" + fine + "@github.com/a/b", "https://github.com/a/b", fine, "", credential.FineGrained},
		{"a token as the user", "https://" + fine + "@github.com/a/b", "https://github.com/a/b", fine, "", credential.FineGrained},
		{"of before 2021", "https://" + hex + "@github.com/a/b", "https://github.com/a/b", hex, "", credential.Classic},
		{name: "which elsewhere is a login", url: "https://" + hex + "@lab.example/a/b"},
		{"unless it says what it is", "https://" + hex + ":x-oauth-basic@lab.example/a/b", "https://lab.example/a/b", hex, "", credential.Other},
		{"a token and x-oauth-basic", "https://" + classic + ":x-oauth-basic@github.com/a/b", "https://github.com/a/b", classic, "", credential.Classic},
		{"a token and nothing", "https://" + classic + ":@github.com/a/b", "https://github.com/a/b", classic, "", credential.Classic},
		{"an empty password", "https://alice:@github.com/a/b", "https://alice@github.com/a/b", "", "alice", credential.Other},
		{"an empty password of nobody", "https://:@github.com/a/b", "https://github.com/a/b", "", "", credential.Other},
		{"http", "http://alice:" + classic + "@github.com/a/b", "http://github.com/a/b", classic, "alice", credential.Classic},
		{"the user of SSH is no login", "ssh://git:hunter2@lab.example/a", "ssh://lab.example/a", "hunter2", "", credential.Other},
	} {
		t.Run(test.name, func(t *testing.T) {
			remote, err := git.ParseRemote(test.url)
			if err != nil {
				t.Fatal(err)
			}
			clean, found := findSecret(test.url, remote)
			if test.clean == "" {
				if found != nil || clean != test.url {
					t.Errorf("got %q and %v, want nothing", clean, found)
				}
				return
			}
			if found == nil {
				t.Fatal("found nothing")
			}
			if clean != test.clean || !found.Value.Equal(credential.NewSecret(test.secret)) || found.Login != test.login || found.Kind != test.kind {
				t.Errorf("got %q, login %q, %s, want %q, login %q, %s", clean, found.Login, found.Kind, test.clean, test.login, test.kind)
			}
		})
	}
}

func TestOtherProtocol(t *testing.T) {
	for url, want := range map[string]string{
		"/srv/git/a": "local", "../a": "local", `C:\a`: "local", "./a://b": "local", "a/b::c": "local",
		"file:///srv/a": "file", "S3://bucket/a": "s3", "ext::sh -c %S": "ext", "codecommit::us-east-1://a": "codecommit",
	} {
		if got := otherProtocol(url); got != want {
			t.Errorf("%s: got %q, want %q", url, got, want)
		}
	}
}

// The pattern for an old URL holds no secret, and fits no other URL.
func TestExactlyURL(t *testing.T) {
	for url, want := range map[string]string{
		"git@github.com:acme/widgets.git":     `^git@github\.com:acme/widgets\.git$`,
		"ssh://git@github.com/acme":           `^ssh://git@github\.com/acme$`,
		"https://alice@github.com/acme":       `^https://[^/]*@github\.com/acme$`, // a name may be a token
		"https://git-push@github.com/acme":    `^https://git-push@github\.com/acme$`,
		"https://alice:a.b@github.com/acme":   `^https://[^/]*@github\.com/acme$`,
		"https://alice:secret@github.com:/a":  `^https://[^/]*@github\.com:/a$`, // not even of a URL that nobody can read
		"/srv/git/a+b":                        `^/srv/git/a\+b$`,
		"https://github.com/acme/widgets.git": `^https://github\.com/acme/widgets\.git$`,
	} {
		if got := exactlyURL(url); got != want {
			t.Errorf("%s: got %q, want %q", url, got, want)
		}
	}
}

func TestShownName(t *testing.T) {
	classic := "ghp" + "_" + strings.Repeat("x", 36)
	for name, want := range map[string]string{
		"origin":                                "origin",
		"https://github.com/acme/widgets":       "https://github.com/acme/widgets",
		"https://alice@github.com/acme/widgets": "https://***@github.com/acme/widgets",
		"https://alice:secret@github.com/acme":  "https://***@github.com/acme",
		"git@github.com:acme/widgets":           "git@github.com:acme/widgets",
		classic:                                 "***",
	} {
		if got := ShownName(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}
