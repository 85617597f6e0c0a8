package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git/gittest"
)

func TestHere(t *testing.T) {
	tests := []struct {
		name, local, want string // nothing is an error
	}{
		{"none", "", ""},
		{"only one", "[remote \"up\"]\nurl = https://github.com/a/b\n", "https://github.com/a/b"},
		{"origin", "[remote \"a\"]\nurl = https://github.com/a/b\n[remote \"origin\"]\nurl = https://github.com/o/b\n", "https://github.com/o/b"},
		{"what the branch follows", "[remote \"a\"]\nurl = https://github.com/a/b\n[remote \"origin\"]\nurl = https://github.com/o/b\n[branch \"main\"]\nremote = a\n", "https://github.com/a/b"},
		{"a URL that the branch follows", "[remote \"a\"]\nurl = https://github.com/a/b\n[branch \"main\"]\nremote = https://github.com/c/d\n", "https://github.com/c/d"},
		{"a branch of here", "[remote \"a\"]\nurl = https://github.com/a/b\n[branch \"main\"]\nremote = .\n", "https://github.com/a/b"},
		{"several", "[remote \"a\"]\nurl = https://github.com/a/b\n[remote \"b\"]\nurl = https://github.com/o/b\n", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := ownGit(t, "")
			gittest.Write(t, filepath.Join(".git", "config"), "[core]\nrepositoryformatversion = 0\n"+test.local)
			got, err := a.here("git pat explain", false)
			if got != test.want || (err != nil) != (test.want == "") {
				t.Errorf("got %q and %v, want %q", got, err, test.want)
			}
		})
	}
}

// What is typed means exactly that, whatever the configuration says.
func TestMeant(t *testing.T) {
	a := ownGit(t, "[url \"https://evil.example/\"]\ninsteadOf = https://github.com/\npushInsteadOf = https://github.com/\n"+
		"[url \"https://git-push@github.com/\"]\npushInsteadOf = https://github.com/\n")
	gittest.Write(t, filepath.Join(".git", "config"), "[core]\nrepositoryformatversion = 0\n[remote \"acme\"]\nurl = https://evil.example/acme/b\n"+
		"[remote \"acme/widgets\"]\nurl = https://evil.example/c/d\n[remote \"github.com\"]\nurl = https://evil.example/e/f\n[remote \"my fork\"]\nurl = https://fork.example/g/h\n")
	var said strings.Builder
	a.ui = &ui{errOut: &said}
	for _, test := range []struct {
		name string
		push bool
		want string
		said string // a part of what is said
	}{
		{"acme", false, "https://github.com/acme", `"acme" means the owner github.com/acme here`},
		{"acme", true, "https://git-push@github.com/acme", `"acme" means`},
		{"acme/widgets", false, "https://github.com/acme/widgets", "\"acme/widgets\" means the repository github.com/acme/widgets here\nhint: for the remote of that name:\nhint:   git pat explain https://evil.example/c/d\n"},
		{"github.com", false, "https://github.com/", `"github.com" means the host github.com here`},
		{"https://github.com/c/d", false, "https://github.com/c/d", ""},
		{"https://github.com/c/d", true, "https://git-push@github.com/c/d", ""},
		{"https://bob@github.com/c/d", true, "https://bob@github.com/c/d", ""},
		{"https://example.com/c/d", true, "https://example.com/c/d", ""},
		{"git@github.com:c/d", true, "git@github.com:c/d", ""},
		{"my fork", false, "https://fork.example/g/h", ""}, // which cannot be a target
	} {
		said.Reset()
		got, err := a.meant(test.name, "git pat explain", test.push)
		if got != test.want || err != nil {
			t.Errorf("%s, push %v: got %q and %v, want %q", test.name, test.push, got, err, test.want)
		}
		if !strings.Contains(said.String(), test.said) || (said.Len() > 0) != (test.said != "") {
			t.Errorf("%s: said %q, want %q", test.name, said.String(), test.said)
		}
	}
	if got, err := a.meant("no such remote", "git pat explain", false); err == nil {
		t.Errorf("got %q", got)
	}
}
