package advice

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/disk"
)

func TestFor(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.March, 14, 12, 0, 0, 0, time.UTC)
	token := func(name, path string, change func(*credential.Candidate)) credential.Candidate {
		c := credential.Candidate{Record: credential.Record{
			Target: credential.Target{Host: "github.com", Paths: []string{path}},
			Name:   name,
			Kind:   credential.FineGrained,
			Store:  "file",
		}}
		if change != nil {
			change(&c)
		}
		return c
	}
	widgets := credential.Request{Host: "github.com", Path: "acme/widgets"}
	bob := widgets
	bob.Username = "bob"
	push := widgets
	push.Username = credential.PushLogin
	for _, test := range []struct {
		name    string
		request credential.Request
		tokens  []credential.Candidate
		want    Advice
	}{
		{"no token", widgets, nil, Advice{
			"no token for github.com/acme/widgets", "check the URL; to use a private repository or to push, add a token:", []string{"git pat add acme"},
		}},
		{"a gist", credential.Request{Host: "gist.github.com", Path: "0123abcd"}, nil, Advice{
			"no token for gist.github.com/0123abcd", "check the URL; to use a private repository or to push, add a token:", []string{"git pat add gist.github.com"},
		}},
		{"another login", bob, []credential.Candidate{
			token("a", "acme", func(c *credential.Candidate) { c.Username = "alice" }),
		}, Advice{
			`no token for github.com/acme/widgets belongs to "bob"; one belongs to "alice"`,
			"remove the user name from the URL, or add a token for it:", []string{"git pat add acme --username bob"},
		}},
		{"only for reading", push, []credential.Candidate{
			token("a", "acme", func(c *credential.Candidate) { c.Access = credential.ReadAccess }),
		}, Advice{
			`no token can push to github.com/acme/widgets: the token "a" is for reading`,
			"to add one that can push:", []string{"git pat add acme --access write"},
		}},
		{"expired", widgets, []credential.Candidate{
			token("a", "acme", func(c *credential.Candidate) { c.Expires = now.Add(-time.Hour) }),
		}, Advice{
			`the token "a" for github.com/acme expired today`,
			"to replace it:", []string{"git pat rotate acme --name a"},
		}},
		{"two", widgets, []credential.Candidate{token("a", "acme", nil), token("b", "acme", nil)}, Advice{
			`2 tokens match github.com/acme/widgets equally well: "a" and "b"`,
			"check them, and remove all but one:", []string{"git pat verify acme", "git pat remove acme --name NAME"},
		}},
	} {
		if got := For(credential.Choose(test.request, test.tokens, now)); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got\n%q, want\n%q", test.name, got, test.want)
		}
	}
}

func TestOf(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]string{
		errors.New("no"): "",
		fmt.Errorf("so: %w", &store.Error{Store: "keyring", What: "is locked", Advice: "unlock it"}): "unlock it",
		fmt.Errorf("so: %w", &disk.FileError{Path: "/x", Reason: "is open", Advice: "chmod 600 /x"}): "chmod 600 /x",
	} {
		if got := Of(err); got != want {
			t.Errorf("%v: got %q, want %q", err, got, want)
		}
	}
}
